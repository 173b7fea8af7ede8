"""The text in pictures, recognised by Tesseract, a page at a time; what was recognised once is not recognised again."""

import csv
import ctypes
import hashlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

from indexer.document import Kind
from indexer.errors import DocumentError
from indexer.extract.draft import Draft, DraftBuilder
from indexer.extract.limits import Limits
from indexer.extract.pdf import NO_MEMORY, mupdf_errors
from indexer.extract.source import mapped, read_whole
from indexer.tesseract import program

DPI = 300  # what Tesseract is trained for
_MAX_PIXELS = 25_000_000  # A3 at 300 dots an inch; more only takes longer
_MIN_SIDE = 40  # of a picture: an icon
_WAIT_SECONDS = 20  # of the clock
_PAGE_WAITS = 30  # on a busy machine, at the lowest priority; its processor time is limited as a reader's is
_MIN_CONFIDENCE = 30  # percent, of a word
_MIN_MEAN = 55  # of a page: photographs give words, too
_IDEOGRAPH = "[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u3001-\u3011\uff01-\uff1f]"
_BETWEEN_IDEOGRAPHS = re.compile(f"(?<={_IDEOGRAPH}) (?={_IDEOGRAPH})")
_PR_SET_PDEATHSIG = 1


class Recogniser:
    """Recognises pages of one file.

    Args:
        recall: the text that a picture with this key gave before, if there is one.
        remember: takes the text for a key.
    """

    def __init__(
        self,
        languages: str,
        max_pages: int,
        recall: Callable[[str], str | None],
        remember: Callable[[str, str], None],
    ) -> None:
        self.languages = languages
        self.failed = 0
        self._room = max_pages
        self._recall = recall
        self._remember = remember

    def text(self, picture: bytes) -> str:
        """The text in a picture of a format that Tesseract reads, paragraphs between empty lines."""
        self._room -= 1
        if self._room < 0:
            self.failed += 1
            return ""
        key = hashlib.blake2b(picture, digest_size=16, key=self.languages.encode()[:64]).hexdigest()
        known = self._recall(key)
        if known is not None:
            return known
        table = _tesseract(picture, self.languages, lambda: self._recall(key))  # asked again, it knows we are alive
        if table is None:
            self.failed += 1
            return ""
        text = _text(table)
        self._remember(key, text)
        return text

    def page_text(self, page: Any, scale: float = DPI / 72) -> str:  # noqa: ANN401  MuPDF has no types
        """The text in a picture of a page, at `scale` pixels a point."""
        import pymupdf

        pixels = page.rect.width * page.rect.height * scale**2
        scale *= min(1.0, (_MAX_PIXELS / max(pixels, 1)) ** 0.5)
        picture = page.get_pixmap(matrix=pymupdf.Matrix(scale, scale), colorspace=pymupdf.csGRAY, alpha=False)
        return self.text(picture.tobytes("pnm"))

    @property
    def note(self) -> str:
        """What to say of pages whose text could not be recognised."""
        return f"the text of {self.failed:,} pages could not be recognised" if self.failed else ""


def read_picture(path: Path, limits: Limits, recogniser: Recogniser) -> Draft:
    """A picture, or the pages of a TIFF."""
    builder = DraftBuilder(limits.text_characters)
    if path.suffix.lower() == ".webp":  # MuPDF doesn't read it
        builder.add(recogniser.text(read_whole(path, limits.member_bytes)))
    else:
        _read_pages(path, builder, recogniser)
    return replace(builder.draft(Kind.IMAGE, note=recogniser.note), scan=recogniser.languages)


def _read_pages(path: Path, builder: DraftBuilder, recogniser: Recogniser) -> None:
    import pymupdf

    pymupdf.TOOLS.mupdf_display_errors(False)
    pymupdf.TOOLS.mupdf_display_warnings(False)
    try:
        with mapped(path) as data, pymupdf.open(stream=data, filetype=path.suffix[1:].lower()) as pages:
            for number, page in enumerate(pages, start=1):
                if builder.is_full:
                    break
                builder.place(page=number if len(pages) > 1 else None)
                if scale := _scale(page):
                    for paragraph in recogniser.page_text(page, scale).split("\n\n"):
                        builder.add(paragraph)
    except mupdf_errors() as error:
        if NO_MEMORY.search(str(error)):
            raise MemoryError(str(error)) from error
        raise DocumentError(path, "is damaged: the picture can't be read") from error


def _scale(page: Any) -> float:  # noqa: ANN401  MuPDF has no types
    """Pixels of the picture for each point of its page; 0 for one that is too small to hold text."""
    info = page.get_image_info()
    sides = (info[0]["width"], info[0]["height"]) if info else (0, 0)
    return max(sides) / max(page.rect.width, page.rect.height, 1) if min(sides) >= _MIN_SIDE else 0


def _tesseract(picture: bytes, languages: str, on_wait: Callable[[], object]) -> str | None:
    """What Tesseract says of a picture, as its table; None when it fails. Calls `on_wait` now and then."""
    try:
        process = subprocess.Popen(
            [program(), "stdin", "stdout", "-l", languages, "--dpi", str(DPI), "tsv"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"OMP_THREAD_LIMIT": "1"},  # its threads cost more than they give
            preexec_fn=_die_with_parent if sys.platform == "linux" else None,
        )
    except OSError:
        return None
    with process:
        for _ in range(_PAGE_WAITS):
            try:
                said, _ = process.communicate(picture, timeout=_WAIT_SECONDS)
            except subprocess.TimeoutExpired:
                on_wait()
            else:
                return said.decode("utf-8", "replace") if process.returncode == 0 else None
        process.kill()
    return None


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _text(table: str) -> str:
    """The words that Tesseract is sure enough of, in lines and paragraphs."""
    rows = [row for row in csv.reader(table.split("\n")[1:], delimiter="\t", quoting=csv.QUOTE_NONE) if len(row) == 12]
    words = [(row, float(row[10])) for row in rows if row[11].strip()]
    sure = [(row, confidence) for row, confidence in words if confidence >= _MIN_CONFIDENCE]
    letters = sum(len(row[11]) for row, _ in sure)
    if not letters or sum(confidence * len(row[11]) for row, confidence in sure) / letters < _MIN_MEAN:
        return ""
    return "\n\n".join(_paragraphs([row for row, _ in sure]))


def _paragraphs(rows: Sequence[list[str]]) -> Iterator[str]:
    for _, paragraph in groupby(rows, key=lambda row: row[1:4]):  # page, block, paragraph
        lines = (" ".join(row[11].strip() for row in line) for _, line in groupby(paragraph, key=lambda row: row[4]))
        yield "\n".join(_BETWEEN_IDEOGRAPHS.sub("", line) for line in lines)
