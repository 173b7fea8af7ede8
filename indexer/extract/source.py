"""Reading a file's bytes, under a cap."""

import contextlib
import gzip
import io
import mmap
import os
import stat
import zlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from indexer.errors import DocumentError
from indexer.sandbox import address_space
from indexer.shares import touch

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

HEAD_BYTES = 8192
_BUFFER_BYTES = 1 << 16
_handed: dict[Path, int] = {}


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


@contextlib.contextmanager
def mapped(path: Path) -> Iterator[memoryview]:
    """All of a file, of which only what is looked at takes memory."""
    with open_regular(path) as file:
        size = os.fstat(file.fileno()).st_size
        if not size:
            raise DocumentError(path, "is empty")
        with address_space(size), mmap.mmap(file.fileno(), size, access=mmap.ACCESS_COPY) as data:
            with memoryview(data) as view:
                yield view


@contextlib.contextmanager
def handed(path: Path, descriptor: int) -> Iterator[None]:
    """Read `path` through a descriptor that another process opened, as this one is not allowed to."""
    _handed[path] = descriptor
    try:
        yield
    finally:
        del _handed[path]


def open_regular(path: Path) -> BinaryIO:
    """Open a regular file; a pipe or device, which could block for ever, is refused."""
    if path in _handed:
        return io.BufferedReader(_Handed(_handed[path]), _BUFFER_BYTES)
    return os.fdopen(open_descriptor(path), "rb")


def open_descriptor(path: Path) -> int:
    """As `open_regular`, for the caller to hand on or to close."""
    try:
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        descriptor = touch(path, partial(os.open, path, flags))
    except OSError as error:
        raise DocumentError(path, f"can't be opened: {error.strerror or error}") from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise DocumentError(path, "is not a regular file")
    return descriptor


class _Handed(io.RawIOBase):
    """One of several readers of a descriptor, each with a position of its own."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._position = 0

    def fileno(self) -> int:
        return self._descriptor

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        starts = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: os.fstat(self._descriptor).st_size}
        position = starts[whence] + offset
        if position < 0:
            raise ValueError(f"negative position {position}")
        self._position = position
        return position

    def readinto(self, buffer: "WriteableBuffer") -> int:
        count = os.preadv(self._descriptor, [buffer], self._position)
        self._position += count
        return count


def _unpacked(path: Path, file: BinaryIO, max_bytes: int) -> bytes:
    try:
        with gzip.GzipFile(fileobj=file) as unpacked:
            return unpacked.read(max_bytes)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DocumentError(path, "is damaged: it is not a complete gzip archive") from error
