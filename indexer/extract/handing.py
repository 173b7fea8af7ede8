"""Documents on their way to processes that may open no file: the path is sent, and the open file after it."""

import contextlib
import os
import sys
from collections.abc import Iterator
from multiprocessing import reduction
from multiprocessing.connection import Connection
from pathlib import Path

from indexer.extract.source import handed


def hand_over(connection: Connection, descriptor: int, process_id: int) -> None:
    """Send an open file after its path. Windows has nothing to confine a process with: there, the path will do."""
    if sys.platform != "win32":
        reduction.send_handle(connection, descriptor, process_id)


@contextlib.contextmanager
def taken_over(path: Path, connection: Connection) -> Iterator[None]:
    """Take the open file that follows its path; while this lasts, `indexer.extract.source` reads that file."""
    if sys.platform == "win32":
        yield
        return
    descriptor = reduction.recv_handle(connection)
    try:
        with handed(path, descriptor):
            yield
    finally:
        os.close(descriptor)
