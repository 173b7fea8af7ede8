"""Indexes one tree with Cognate and with Recoll, in turns: `taskset -c 0 python -m tests.benchmarks.recoll`.

The tree holds the samples, manual pages and package documentation of this computer, and the text of the manual pages
in several languages as HTML, plain text, Markdown, Word and PDF. Recoll needs what it reads these with:
`apt-get install recollcmd poppler-utils poppler-data groff-base xsltproc python3-lxml`.
"""

import argparse
import html
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pymupdf

from indexer.extract import Limits
from indexer.extract.manual import read_manual
from tests.benchmarks.index import size_of
from tests.indexer.files import write_docx

SAMPLES = Path(__file__).parents[2] / "resources" / "samples"
MANUALS = Path("/usr/share/man")
PACKAGES = Path("/usr/share/doc")
LANGUAGES = ("man1", "man7", "de", "fr", "es", "ru", "zh_CN", "ja", "ko", "pl")
FONTS = {"zh_CN": "china-s", "ja": "japan", "ko": "korea"}  # of PDFs; elsewhere Latin letters alone
UNPRINTABLE = {"ru", "pl"}  # in the standard fonts of a PDF
CHARACTERS = 6000  # of a made document
PAGE_CHARACTERS = 1000  # of a made PDF
FILES_PER_FOLDER = 200


@dataclass(frozen=True, slots=True)
class Run:
    """What one indexing took."""

    seconds: float
    processor_seconds: float
    size_bytes: int


def grow(root: Path, documents: int, copied: Sequence[Path]) -> None:
    """A tree of so many documents, the same each time; up to a quarter is from each of the folders."""
    chance = random.Random(1)
    shutil.copytree(SAMPLES, root / "samples")
    for folder in copied:
        listed = _files(folder)
        for number, path in enumerate(chance.sample(listed, min(len(listed), documents // 4))):
            shutil.copy(path, _numbered(root / folder.name, number, path.name))
    left = documents - len(_files(root))
    texts = _texts(chance, _files(MANUALS))
    for number in range(left):
        language, text = next(texts)
        writers = WRITERS[: -1 if language in UNPRINTABLE else None]
        suffix, write = chance.choice(writers)
        write(_numbered(root / "made", number, f"{language}.{suffix}"), language, text)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def _numbered(folder: Path, number: int, name: str) -> Path:
    folder = folder / str(number // FILES_PER_FOLDER)
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{number % FILES_PER_FOLDER} {name}"


def _texts(chance: random.Random, manuals: Sequence[Path]) -> Iterator[tuple[str, str]]:
    """Stretches of manual pages, each with its language."""
    listed = {one: [path for path in manuals if path.relative_to(MANUALS).parts[0] == one] for one in LANGUAGES}
    while True:
        for language in (one for one in LANGUAGES if listed[one]):
            text = read_manual(chance.choice(listed[language]), Limits()).text
            start = chance.randrange(max(1, len(text) - CHARACTERS))
            if piece := text[start : start + CHARACTERS].strip():
                yield language, piece


def _write_html(path: Path, language: str, text: str) -> None:
    paragraphs = "".join(f"<p>{html.escape(one)}</p>\n" for one in text.split("\n\n"))
    head = f'<meta charset="utf-8"><title>{html.escape(text[:40])}</title>'
    path.write_text(f'<!doctype html><html lang="{language[:2]}"><head>{head}</head><body>{paragraphs}</body></html>')


def _write_plain(path: Path, language: str, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def _write_word(path: Path, language: str, text: str) -> None:
    write_docx(path, *((html.escape(one), "") for one in text.split("\n\n")))


def _write_pdf(path: Path, language: str, text: str) -> None:
    with pymupdf.open() as document:
        for start in range(0, len(text), PAGE_CHARACTERS):
            page = document.new_page()
            piece, area = text[start : start + PAGE_CHARACTERS], page.rect + (40, 40, -40, -40)
            page.insert_textbox(area, piece, fontsize=9, fontname=FONTS.get(language, "helv"))
        document.save(path)


WRITERS: tuple[tuple[str, Callable[[Path, str, str], None]], ...] = (
    ("html", _write_html),
    ("txt", _write_plain),
    ("md", _write_plain),
    ("docx", _write_word),
    ("pdf", _write_pdf),
)


def with_cognate(root: Path, scratch: Path) -> Run:
    """Into a new profile, with all that a user would wait for."""
    cognate = [sys.executable, "-m", "app.main"]
    profile = ["--profile", str(scratch / "profile")]
    subprocess.run([*cognate, "folder", "add", *profile, str(root)], check=True, stdout=subprocess.DEVNULL)
    return _timed([*cognate, "index", *profile, "--wait"], scratch / "profile")


def with_recoll(root: Path, scratch: Path) -> Run:
    """As Recoll comes but for its low priority, into a new index."""
    settings = scratch / "recoll"
    settings.mkdir()
    (settings / "recoll.conf").write_text(f"topdirs = {root}\nloglevel = 2\nidxniceprio = 0\n")
    return _timed(["recollindex", "-c", str(settings), "-z"], settings)


def _timed(command: Sequence[str], made: Path) -> Run:
    before, started = os.times(), time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    seconds, after = time.perf_counter() - started, os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return Run(seconds, used, size_of(made))


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--without-manuals", action="store_true", help="Recoll starts three programs for each of them")
    parser.add_argument("--root", type=Path, help="index this folder; it is made if it is not there")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        root = options.root or Path(temporary) / "tree"
        if not root.exists():
            grow(root, options.documents, (PACKAGES,) if options.without_manuals else (MANUALS, PACKAGES))
        print(f"{len(_files(root)):,} files, {size_of(root) / 1e6:.0f} MB")
        runs: dict[str, list[Run]] = {}
        for number in range(options.rounds):
            for index in (with_cognate, with_recoll):
                scratch = Path(temporary) / f"{index.__name__} {number}"
                scratch.mkdir()
                run = index(root, scratch)
                runs.setdefault(index.__name__, []).append(run)
                print(f"{index.__name__}: {run.seconds:.0f} s, {run.processor_seconds:.0f} s of processor", flush=True)
        print("| | seconds | seconds of processor | size, MB |\n|---|---|---|---|")
        for name, listed in runs.items():
            seconds, used, size = (
                statistics.median(getattr(run, field) for run in listed)
                for field in ("seconds", "processor_seconds", "size_bytes")
            )
            print(f"| {name} | {seconds:.0f} | {used:.0f} | {size / 1e6:.0f} |")


if __name__ == "__main__":
    main()
