"""A rendering process that its document has taken over: it tries what it should not be able to do."""

import os
import socket
import tempfile
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

from app.preview import page_worker
from app.preview.page_worker import Answer, Request
from indexer.extract.handing import taken_over
from indexer.extract.source import read_whole


def serve(connection: Connection, folder: Path) -> None:
    page_worker.Pages._open = _attack  # type: ignore[method-assign]
    page_worker.serve(connection, folder)


def _attack(pages: page_worker.Pages, request: Request) -> tuple[Answer, bytes]:
    path, private = Path(request["path"]), Path(request["private"])
    with taken_over(path, pages._connection):
        size = len(read_whole(path, 1 << 30))
    done = {
        "read": _outcome(private.read_bytes),
        "write": _outcome(lambda: private.write_bytes(b"")),
        "connect": _outcome(lambda: socket.create_connection(("127.0.0.1", 9))),
        "run": _outcome(lambda: os.execv("/bin/true", ["true"])),
    }
    return {"document": size, "done": done, "folder": tempfile.gettempdir()}, b""


def _outcome(work: Callable[[], object]) -> str:
    try:
        return str(work())
    except OSError as error:
        return type(error).__name__
