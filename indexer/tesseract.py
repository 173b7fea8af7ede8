"""The system's Tesseract, which recognises the text in pictures: where it is, and which languages it knows."""

import locale
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_SECONDS = 10
_NO_LANGUAGES = {"osd", "equ"}  # how a page lies, and formulas
_MOST = 3  # languages at a time that nobody chose: each makes it slower
_CODES = {  # ISO 639-1 to Tesseract's names
    "af": "afr", "ar": "ara", "az": "aze", "be": "bel", "bg": "bul", "bn": "ben", "ca": "cat", "cs": "ces",
    "cy": "cym", "da": "dan", "de": "deu", "el": "ell", "en": "eng", "es": "spa", "et": "est", "eu": "eus",
    "fa": "fas", "fi": "fin", "fr": "fra", "ga": "gle", "gl": "glg", "gu": "guj", "he": "heb", "hi": "hin",
    "hr": "hrv", "hu": "hun", "hy": "hye", "id": "ind", "is": "isl", "it": "ita", "ja": "jpn", "ka": "kat",
    "kk": "kaz", "ko": "kor", "lt": "lit", "lv": "lav", "mk": "mkd", "ml": "mal", "mr": "mar", "ms": "msa",
    "nb": "nor", "nl": "nld", "nn": "nor", "no": "nor", "pl": "pol", "pt": "por", "ro": "ron", "ru": "rus",
    "sk": "slk", "sl": "slv", "sq": "sqi", "sr": "srp", "sv": "swe", "ta": "tam", "te": "tel", "th": "tha",
    "tr": "tur", "uk": "ukr", "ur": "urd", "vi": "vie",
}  # fmt: skip
_CHINESE = {"zh_tw": "chi_tra", "zh_hk": "chi_tra", "zh_mo": "chi_tra", "zh_hant": "chi_tra"}
_WINDOWS_PLACE = Path("Tesseract-OCR", "tesseract.exe")


@dataclass(frozen=True, slots=True)
class Tesseract:
    """What is installed."""

    version: str
    languages: tuple[str, ...]  # as Tesseract calls them: deu, chi_sim


def program() -> str:
    """Path of the program; empty when it is not installed."""
    if found := shutil.which("tesseract"):
        return found
    if sys.platform == "win32":  # its installer leaves PATH alone
        place = Path(os.environ.get("PROGRAMFILES", r"C:\Program Files"), _WINDOWS_PLACE)
        return str(place) if place.is_file() else ""
    return ""


def installed() -> Tesseract | None:
    """What is installed, None for nothing that works. Blocks for some 50 ms."""
    if not (path := program()):
        return None
    version = _first_word(_said(path, "--version"))
    languages = sorted(set(_said(path, "--list-langs")[1:]) - _NO_LANGUAGES)
    return Tesseract(version, tuple(languages)) if version else None


def languages(wanted: Sequence[str]) -> tuple[str, str]:
    """The languages to recognise, as Tesseract takes them, and one sentence when there are none or not all of them."""
    found = installed()
    if found is None:
        return "", f"Text in pictures is not recognised: Tesseract is not installed. Install it with: {advice()}"
    if not (known := chosen(wanted, found.languages)):
        return "", (
            f"Text in pictures is not recognised: Tesseract has no data for {', '.join(wanted) or 'any language'}. "
            f"Install them like: {advice()}"
        )
    lacking = ", ".join(language for language in wanted if language not in known)
    warning = f"Tesseract has no data for {lacking}. Install them like: {advice()}" if lacking else ""
    return "+".join(known), warning


def chosen(wanted: Sequence[str], known: Sequence[str], spoken: str | None = None) -> tuple[str, ...]:
    """The languages to recognise: those wanted that are known; if none are wanted, that of the system, and English."""
    if wanted:
        return tuple(language for language in wanted if language in known)
    likely = [code for code in dict.fromkeys([code_of(spoken or _spoken()), "eng"]) if code in known]
    return tuple(likely or known)[:_MOST]


def code_of(name: str) -> str:
    """What Tesseract calls the language of a locale like de_AT; empty when it has no name for it."""
    whole, short = name.lower().partition(".")[0].replace("-", "_"), name.lower()[:2]
    if short == "zh":
        return next((code for start, code in _CHINESE.items() if whole.startswith(start)), "chi_sim")
    return _CODES.get(short, "")


def _spoken() -> str:
    """The locale of the user's session."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return value
    return locale.getlocale()[0] or ""


def advice() -> str:
    """How to install it here."""
    if sys.platform == "darwin":
        return "brew install tesseract tesseract-lang"
    if sys.platform == "win32":
        return "winget install UB-Mannheim.TesseractOCR"
    for tool, command in (
        ("apt-get", "sudo apt install tesseract-ocr tesseract-ocr-eng"),
        ("dnf", "sudo dnf install tesseract tesseract-langpack-eng"),
        ("pacman", "sudo pacman -S tesseract tesseract-data-eng"),
        ("zypper", "sudo zypper install tesseract-ocr tesseract-ocr-traineddata-english"),
    ):
        if shutil.which(tool):
            return command
    return "install the package tesseract-ocr and those of your languages"


def _said(*command: str) -> list[str]:
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=True)
    except (OSError, subprocess.SubprocessError):
        return []
    return answer.stdout.split("\n")[:-1] or answer.stderr.split("\n")  # older ones tell their version as an error


def _first_word(lines: Sequence[str]) -> str:
    words = lines[0].split() if lines else []
    return words[1].lstrip("v") if len(words) > 1 else ""
