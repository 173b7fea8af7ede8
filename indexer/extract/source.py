"""Reading a file's bytes, under a cap."""

import gzip
import os
import stat
import zlib
from pathlib import Path
from typing import BinaryIO

from indexer.errors import DocumentError

HEAD_BYTES = 8192


def read(path: Path, max_bytes: int) -> tuple[bytes, bool]:
    """The first bytes of a file, decompressed where its name ends in .gz, and whether there are more."""
    with open_regular(path) as file:
        data = file.read(max_bytes + 1) if path.suffix.lower() != ".gz" else _unpacked(path, file, max_bytes + 1)
    return data[:max_bytes], len(data) > max_bytes


def read_whole(path: Path, max_bytes: int) -> bytes:
    """All of a file.

    Raises:
        DocumentError: it is larger than that.
    """
    data, has_more = read(path, max_bytes)
    if has_more:
        raise DocumentError(path, f"is larger than the {max_bytes >> 20} MB that are read of such a file")
    return data


def open_regular(path: Path) -> BinaryIO:
    """Open a regular file; a pipe or device, which could block for ever, is refused."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except OSError as error:
        raise DocumentError(path, f"can't be opened: {error.strerror or error}") from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise DocumentError(path, "is not a regular file")
    return os.fdopen(descriptor, "rb")


def _unpacked(path: Path, file: BinaryIO, max_bytes: int) -> bytes:
    try:
        with gzip.GzipFile(fileobj=file) as unpacked:
            return unpacked.read(max_bytes)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DocumentError(path, "is damaged: it is not a complete gzip archive") from error
