import json
import multiprocessing
import os
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from app.preview.page_worker import MAX_PIXELS, serve
from indexer import sandbox
from indexer.errors import DocumentError
from indexer.extract.handing import hand_over
from indexer.extract.source import open_descriptor

PATIENCE_SECONDS = 15.0  # for one answer
OVERTAKEN_SECONDS = 0.7  # for an answer that nobody waits for any more
TICK_SECONDS = 0.05
MAX_ANSWER_BYTES = 4_000_000

UNREADABLE = "its pages can't be rendered"

Request = Mapping[str, object]


class PageError(Exception):
    """A document can't be shown page by page, or a picture not at all; the message says why."""


@dataclass(frozen=True, slots=True)
class Pixels:
    """A rendered page, 3 bytes a pixel, or a picture, 4: rows of `stride` bytes."""

    width: int
    height: int
    stride: int
    data: bytes


class ConfinedProcess:
    """A process that reads untrusted files for the preview, started when first needed and again after it has died.

    For one thread at a time.
    """

    def __init__(self, serve: Callable[[Connection, Path], None], name: str) -> None:
        self._serve, self._name = serve, name
        self._process: BaseProcess | None = None
        self._folder: Path | None = None
        self._connection: Connection | None = None

    def start(self) -> None:
        """Start the process unless it runs."""
        if self._is_alive():
            return
        self.close()
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._folder = sandbox.new_folder()
        arguments = (theirs, self._folder)
        self._process = context.Process(target=self._serve, args=arguments, name=self._name, daemon=True)
        self._process.start()
        theirs.close()

    def exchange(self, request: Request, is_wanted: Callable[[], bool], path: Path | None = None) -> Mapping[str, Any]:
        """Send a request, and the open file at `path` after it, and wait for the answer.

        Raises PageError; a process that hangs or talks rubbish is ended.
        """
        connection = self._connection
        if connection is None:  # it died over the document that it was to open again
            raise PageError(UNREADABLE)
        try:
            connection.send_bytes(json.dumps(request).encode())
            if path is not None:
                self._hand_over(path, connection)
            self._wait(connection, is_wanted)
            answer = json.loads(connection.recv_bytes(MAX_ANSWER_BYTES))
        except (EOFError, OSError, ValueError) as error:
            self.close()
            raise PageError(UNREADABLE) from error
        if not isinstance(answer, dict) or "error" in answer:
            raise PageError(str(answer.get("error")) if isinstance(answer, dict) else UNREADABLE)
        return answer

    def pixels_of(self, answer: Mapping[str, Any], pixel_bytes: int) -> Pixels:
        """The pixels that follow an answer. Raises PageError."""
        assert self._connection is not None
        try:
            width, height, stride = (int(answer[name]) for name in ("width", "height", "stride"))
            data = self._connection.recv_bytes(4 * MAX_PIXELS)
        except (EOFError, OSError, KeyError, TypeError, ValueError) as error:
            self.close()
            raise PageError(UNREADABLE) from error
        if not (0 < width and 0 < height and stride >= pixel_bytes * width and len(data) == stride * height):
            self.close()
            raise PageError(UNREADABLE)
        return Pixels(width, height, stride, data)

    def close(self) -> None:
        """End the process."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._process = None
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def _hand_over(self, path: Path, connection: Connection) -> None:
        assert self._process is not None and self._process.pid is not None
        try:
            descriptor = open_descriptor(path)
        except DocumentError as error:
            self.close()
            raise PageError(error.reason) from error
        try:
            hand_over(connection, descriptor, self._process.pid)
        finally:
            os.close(descriptor)

    def _is_alive(self) -> bool:
        return self._process is not None and self._process.is_alive()

    def _wait(self, connection: Connection, is_wanted: Callable[[], bool]) -> None:
        begun = time.monotonic()
        while not connection.poll(TICK_SECONDS):
            waited = time.monotonic() - begun
            if waited > PATIENCE_SECONDS or waited > OVERTAKEN_SECONDS and not is_wanted():
                self.close()
                raise PageError("rendering it takes too long")


class PageProcess(ConfinedProcess):
    """Renders the pages of one document."""

    def __init__(self) -> None:
        super().__init__(serve, "cognate-pages")
        self._opened: Request | None = None  # asked for again after a new start

    def ask(self, request: Request, is_wanted: Callable[[], bool]) -> Mapping[str, Any]:
        """Send a request and wait for the answer. Raises PageError."""
        was_alive = self._is_alive()
        self.start()
        if request["do"] == "open":
            self._opened = request
        elif not was_alive and self._opened is not None:
            self._exchange(self._opened, is_wanted)
        return self._exchange(request, is_wanted)

    def render(self, page: int, scale: float, is_wanted: Callable[[], bool]) -> Pixels:
        """Render a page, counted from 0, at `scale` pixels a point. Raises PageError."""
        return self.pixels_of(self.ask({"do": "render", "page": page, "scale": scale}, is_wanted), 3)

    def _exchange(self, request: Request, is_wanted: Callable[[], bool]) -> Mapping[str, Any]:
        path = Path(str(request["path"])) if request["do"] == "open" else None
        return self.exchange(request, is_wanted, path)
