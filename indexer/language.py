"""Which language a text is in. Loads its model (0.1 s) on first use, so only extraction workers call it."""

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import resources

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from py3langid.langid import LanguageIdentifier

ARRAYS = ("ptc", "pc", "classes", "nextmove", "nextmove_row", "out_feat")  # the model of py3langid

_SAMPLE_CHARACTERS = 200  # some 50 us a text, which is most of what it takes to chunk one
_ALL_TESTED = 16
_STRIDE = 4
_MIN_LETTERS = 12  # for scripts that many languages share
_MIN_CONFIDENCE = 0.6  # of py3langid's normalised probabilities, which are honest about short texts
_SCRIPTS = {  # a script that one language (nearly) has for itself
    "ja": "\u3041-\u3096\u30a1-\u30fa\uff66-\uff9d",
    "ko": "\uac00-\ud7a3\u1100-\u11ff",
    "th": "\u0e01-\u0e5b",
    "el": "\u0370-\u03ff\u1f00-\u1fff",
    "he": "\u05d0-\u05f4",
    "hy": "\u0531-\u058a",
    "ka": "\u10a0-\u10ff",
    "ta": "\u0b80-\u0bff",
    "te": "\u0c00-\u0c7f",
    "kn": "\u0c80-\u0cff",
    "ml": "\u0d00-\u0d7f",
    "gu": "\u0a80-\u0aff",
    "pa": "\u0a00-\u0a7f",
    "or": "\u0b00-\u0b7f",
    "si": "\u0d80-\u0dff",
    "lo": "\u0e80-\u0eff",
    "km": "\u1780-\u17ff",
    "my": "\u1000-\u109f",
    "bo": "\u0f00-\u0fff",
    "zh": "\u3400-\u9fff\uf900-\ufaff",
}
_SCRIPT_RUNS = {language: re.compile(f"[{ranges}]+") for language, ranges in _SCRIPTS.items()}
_ANY_SCRIPT = re.compile("[" + "".join(_SCRIPTS.values()) + "]")
_SHARED_SCRIPTS = {"el", "he", "zh"}  # single Greek letters in formulas, quoted Hebrew, names in Chinese characters
_ADDRESS = re.compile(r"\S*(?:://|@)\S*")
_NOT_WORDS = {ord(sign): " " for sign in '0123456789_/\\<>{}()[]=+*#|~`^$%&;:.,"-–—•…“”«»\t\n'}


def load() -> None:
    """Load the model now instead of on first use."""
    _identifier()


def detect(text: str) -> str:
    """ISO 639-1 code of the language that most of the text's beginning is in, or "" if that can't be told."""
    sample = text[: 2 * _SAMPLE_CHARACTERS]
    if language := _by_script(sample):
        return language
    if "://" in sample or "@" in sample:
        sample = _ADDRESS.sub(" ", sample)
    words = " ".join(sample.translate(_NOT_WORDS).split())[:_SAMPLE_CHARACTERS]
    if len(words) - words.count(" ") < _MIN_LETTERS:
        return ""
    language, confidence = _identifier().classify(words)
    return language if confidence >= _MIN_CONFIDENCE and len(language) == 2 else ""


def detect_all(texts: Sequence[str]) -> list[str]:
    """The language of each of a document's texts, in order.

    In a long document some are tested, and those between two of the same language taken for it as well.
    """
    stride = _STRIDE if len(texts) > _ALL_TESTED else 1
    tested = {index: detect(texts[index]) for index in {*range(0, len(texts), stride), len(texts) - 1} if index >= 0}
    languages: list[str] = []
    for index, text in enumerate(texts):
        before = tested.get(index - index % stride, "")
        after = tested.get(min(index - index % stride + stride, len(texts) - 1), "")
        languages.append(tested[index] if index in tested else before if before and before == after else detect(text))
    return languages


def _by_script(sample: str) -> str:
    if sample.isascii() or not _ANY_SCRIPT.search(sample):
        return ""
    letters = sum(map(str.isalpha, sample)) or 1
    counts = {name: sum(map(len, runs.findall(sample))) for name, runs in _SCRIPT_RUNS.items()}
    if counts["ja"] >= 0.1 * (counts["ja"] + counts["zh"]):  # Japanese is written in Chinese characters too
        counts["ja"] += counts.pop("zh")
    language, count = max(counts.items(), key=lambda item: item[1])
    if count < 0.5 * letters and not (count >= 0.2 * letters and language not in _SHARED_SCRIPTS):
        return ""
    return language


@cache
def _identifier() -> "LanguageIdentifier":
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    try:
        ptc, pc, classes, moves, rows, features = map(_mapped, ARRAYS)
    except (OSError, ValueError, EOFError):  # not set up by make, or not to the end
        return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    table = (moves.data, features.tolist())  # single elements are read ten times as fast as those of numpy
    return LanguageIdentifier(ptc, pc, classes.tolist(), *table, norm_probs=True, tk_row=rows.data)


def unpacked(name: str) -> Path:
    """Where an array of the model is after the set-up."""
    return Path(resources.__file__).parent / "languages" / f"{name}.npy"


def _mapped(name: str) -> "NDArray[np.generic]":
    """In place: readers have of its 68 MB only what they use, and that together."""
    import numpy as np

    return np.asarray(np.load(unpacked(name), mmap_mode="r"))
