"""A worker whose reader is taken over by its document: it runs the Python in it, and says what came of it."""

import errno
import os
from multiprocessing.connection import Connection
from pathlib import Path

from indexer.document import Document, Kind
from indexer.extract import converse
from indexer.extract import serve as serving
from indexer.extract.limits import Limits
from indexer.extract.recognise import Recogniser
from indexer.extract.source import read_whole
from indexer.sandbox import seccomp
from indexer.sandbox.landlock import _CREATE_RULESET


def serve(connection: Connection, limits: Limits, parent: int, folder: Path) -> None:
    converse.extract = _obey
    serving.serve(connection, limits, parent, folder)


def serve_on_an_old_kernel(connection: Connection, limits: Limits, parent: int, folder: Path) -> None:
    hide_protection()
    serve(connection, limits, parent, folder)


def hide_protection() -> None:
    """Have the kernel answer as one would that has neither Landlock nor seccomp."""
    machine = seccomp.MACHINES[os.uname().machine]
    seccomp.install(machine, dict.fromkeys((_CREATE_RULESET, machine.seccomp), errno.ENOSYS))


def _obey(path: Path, limits: Limits, recogniser: Recogniser | None) -> Document:
    names: dict[str, object] = {"path": path}
    try:
        exec(read_whole(path, 100_000).decode(), names)
    except OSError as error:
        return Document(Kind.TEXT, (), note=f"{type(error).__name__}: {error.strerror}")
    return Document(Kind.TEXT, (), note=str(names.get("found", "")))
