"""The process that opens documents and renders their pages; no Qt here, and nothing that it says is trusted.

One request, a JSON object, one answer: a JSON object, and after that of "render" the pixels, 3 bytes each, row by row.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from app.preview.page_text import PageText
from indexer import sandbox
from indexer.extract.handing import taken_over
from indexer.extract.source import mapped

MEMORY_BYTES = 1_500_000_000
WRITTEN_BYTES = 64_000_000  # of a temporary file
SIZES_SECONDS = 0.2  # for measuring pages; the rest are taken to be like the last one measured
MAX_PIXELS = 24_000_000

Request = dict[str, Any]  # JSON
Answer = dict[str, Any]  # JSON


def serve(connection: Connection, folder: Path) -> None:
    """Answer requests until the other end is closed. `folder` is an empty one for temporary files."""
    confine(folder)
    import pymupdf

    pymupdf.TOOLS.mupdf_display_errors(False)
    pymupdf.TOOLS.mupdf_display_warnings(False)
    answer_all(connection, Pages(pymupdf, connection).actions)


def confine(folder: Path) -> None:
    """Keep this process to reading what it is handed, and behind the window."""
    _be_modest()
    sandbox.confine(folder, MEMORY_BYTES, WRITTEN_BYTES)


def answer_all(connection: Connection, actions: Mapping[str, Callable[[Request], tuple[Answer, bytes]]]) -> None:
    """Do what each request names and send what that gives; {"error": one sentence} where it can't be done."""
    while True:
        try:
            request = json.loads(connection.recv_bytes())
        except (EOFError, OSError):
            return
        try:
            answer, pixels = actions[request["do"]](request)
        except Exception as error:  # whatever a damaged file makes a library raise, the next one may be whole
            answer, pixels = {"error": f"{type(error).__name__}: {error}"[:300]}, b""
        connection.send_bytes(json.dumps(answer).encode())
        if pixels:
            connection.send_bytes(pixels)


class Pages:
    """The document that is open, if any. The open file comes over the connection, after the request."""

    def __init__(self, pymupdf: Any, connection: Connection) -> None:  # noqa: ANN401  the library has no types
        self._pymupdf = pymupdf
        self._connection = connection
        self._file = ExitStack()
        self._document: Any = None
        self._text: PageText | None = None
        self.actions: dict[str, Callable[[Request], tuple[Answer, bytes]]] = {
            "open": self._open,
            "render": self._render,
            "find": self._find,
            "select": self._select,
        }

    def _open(self, request: Request) -> tuple[Answer, bytes]:
        if self._document:
            self._document.close()
        self._document = self._text = None
        self._file.close()
        path = Path(request["path"])
        with taken_over(path, self._connection):
            data = self._file.enter_context(mapped(path))
        document = self._pymupdf.open(stream=data, filetype=path.suffix[1:])
        if document.needs_pass:
            return {"error": "it is protected by a password"}, b""
        self._document = document
        return {"sizes": _sizes(document)}, b""

    def _render(self, request: Request) -> tuple[Answer, bytes]:
        page = self._document[request["page"]]
        area = max(1.0, page.rect.width * page.rect.height)
        scale = min(request["scale"], (MAX_PIXELS / area) ** 0.5)
        pixels = page.get_pixmap(matrix=self._pymupdf.Matrix(scale, scale), alpha=False, colorspace=self._pymupdf.csRGB)
        return {"width": pixels.width, "height": pixels.height, "stride": pixels.stride}, pixels.samples

    def _find(self, request: Request) -> tuple[Answer, bytes]:
        """The first of some texts that stands on a page or on the one before or after."""
        first = request["page"]
        for text in request["texts"]:
            for number in (first, first + 1, first - 1):
                if 0 <= number < self._document.page_count and (rects := self._page_text(number).find(text)):
                    return {"page": number, "rects": rects}, b""
        return {"page": first, "rects": []}, b""

    def _select(self, request: Request) -> tuple[Answer, bytes]:
        text, rects = self._page_text(request["page"]).between(request["start"], request["end"])
        return {"page": request["page"], "text": text, "rects": rects}, b""

    def _page_text(self, number: int) -> PageText:
        if self._text is None or self._text.number != number:
            flags = self._pymupdf.TEXTFLAGS_RAWDICT & ~self._pymupdf.TEXT_PRESERVE_IMAGES
            self._text = PageText.of(number, self._document[number].get_text("rawdict", flags=flags))
        return self._text


def _sizes(document: Any) -> list[tuple[float, float]]:  # noqa: ANN401  the library has no types
    sizes: list[tuple[float, float]] = []
    end = time.monotonic() + SIZES_SECONDS
    for number in range(document.page_count):
        if sizes and time.monotonic() > end:
            return sizes + [sizes[-1]] * (document.page_count - number)
        box = document[number].rect
        sizes.append((box.width, box.height))
    return sizes


def _be_modest() -> None:
    """Yield to everything else."""
    if sys.platform == "win32":
        import psutil

        psutil.Process().nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
    else:
        os.nice(5)  # someone waits for the page: behind the window, before the indexing
