"""Files that hold files: archives, and messages with attachments. Each gives what it holds in its own order, once."""

import bz2
import gzip
import io
import lzma
import struct
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO

from indexer.errors import DocumentError
from indexer.extract.encoding import decode
from indexer.extract.kinds import Format
from indexer.extract.limits import Limits
from indexer.extract.sniff import content_name
from indexer.extract.source import HEAD_BYTES, open_regular

BROKEN_ATTACHMENTS = "its attachments can't be read"
PASSWORD = "is protected with a password"
_ENCRYPTED = 0x1
_UTF8_NAME = 0x800
_TAR_MAGIC = slice(257, 262)
_ZSTD = b"\x28\xb5\x2f\xfd"
BROKEN = (  # what the readers of archives raise on a broken one
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    RuntimeError,
    ValueError,
    IndexError,
    KeyError,
    TypeError,
    AttributeError,
    struct.error,
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A file in a container."""

    name: str
    open: Callable[[], IO[bytes]]  # to be read before the next entry is taken
    error: str = ""  # why it can't be opened


def is_container(path: Path, form: Format) -> bool:
    """Whether files of this form may hold others."""
    return form in {Format.ARCHIVE, Format.MESSAGE, Format.MAILBOX} or (
        form is Format.OLD_OFFICE and path.suffix.lower() == ".msg"
    )


def entries(path: Path, form: Format, limits: Limits) -> Iterator[Entry]:
    """What a file holds; nothing for one that holds no files.

    Raises:
        DocumentError: it is not what its name says, or is protected.
        One of BROKEN: it is damaged from here on.
    """
    match form:
        case Format.ARCHIVE:
            yield from _archive(path, limits)
        case Format.MESSAGE | Format.MAILBOX:
            from indexer.extract.mail import attachments

            yield from (Entry(name, _in_memory(data)) for name, data in attachments(path, form, limits))
        case Format.OLD_OFFICE if path.suffix.lower() == ".msg":
            from indexer.extract.outlook import attachments as outlook_attachments

            yield from (Entry(name, _in_memory(data)) for name, data in outlook_attachments(path, limits))


def _in_memory(data: bytes) -> Callable[[], IO[bytes]]:
    return lambda: io.BytesIO(data)


def _archive(path: Path, limits: Limits) -> Iterator[Entry]:
    with open_regular(path) as file:
        head = file.read(HEAD_BYTES)
        file.seek(0)
        if unpacked := _decompressed(file, head):
            with unpacked:
                yield from _unpacked(path, io.BufferedReader(_Capped(unpacked, limits.members_bytes)))
            return
        match content_name(head):
            case "zip archive":
                yield from _zip(file)
            case "7z archive":
                yield from _seven_zip(path, file, limits)
            case _ if head[_TAR_MAGIC] == b"ustar" or path.suffix.lower() == ".tar":
                yield from _tar(file)
            case name:
                raise DocumentError(path, f"is not an archive, but a {name}" if name else "is not an archive")


def _decompressed(file: BinaryIO, head: bytes) -> io.BufferedIOBase | None:
    match content_name(head):
        case "gzip archive":
            return gzip.GzipFile(fileobj=file)
        case "bzip2 archive":
            return bz2.BZ2File(file)
        case "xz archive":
            return lzma.LZMAFile(file)
    if head.startswith(_ZSTD):
        if sys.version_info >= (3, 14):
            from compression import zstd
        else:
            from backports import zstd
        return zstd.ZstdFile(file)
    return None


def _unpacked(path: Path, file: io.BufferedReader) -> Iterator[Entry]:
    """A compressed tar archive, or any other one file that was compressed."""
    if file.peek(512)[_TAR_MAGIC] == b"ustar" or ".tar" in path.suffixes:
        yield from _tar(file)
    else:
        yield Entry(path.stem, lambda: file)


class _Capped(io.RawIOBase):
    """A stream that may not be longer than that, whatever is skipped in it."""

    def __init__(self, source: io.BufferedIOBase, max_bytes: int) -> None:
        self._source = source
        self._room = max_bytes

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        data = self._source.read(len(buffer))
        self._room -= len(data)
        if self._room < 0:
            raise OSError("expands to too much")
        buffer[: len(data)] = data
        return len(data)


def _tar(file: IO[bytes]) -> Iterator[Entry]:
    with tarfile.open(fileobj=file, mode="r|") as archive:
        for each in archive:
            if each.isreg():
                yield Entry(each.name, lambda each=each: archive.extractfile(each) or io.BytesIO())  # type: ignore[misc]


def _zip(file: BinaryIO) -> Iterator[Entry]:
    with zipfile.ZipFile(file) as archive:
        infos = [info for info in archive.infolist() if not info.is_dir()]
        for info, name in zip(infos, _zip_names(infos), strict=True):
            error = PASSWORD if info.flag_bits & _ENCRYPTED else ""
            yield Entry(name, lambda info=info: archive.open(info), error)  # type: ignore[misc]


def _zip_names(infos: list[zipfile.ZipInfo]) -> list[str]:
    """Names as they were meant: without a mark they are in the code page of whoever packed them, not in 437."""
    raw = [info.filename.encode("cp437", "replace") for info in infos if not info.flag_bits & _UTF8_NAME]
    names = iter((decode(b"\n".join(raw)) or "").split("\n"))
    guessed = [info.filename if info.flag_bits & _UTF8_NAME else next(names, info.filename) for info in infos]
    return guessed if next(names, None) is None else [info.filename for info in infos]


def _seven_zip(path: Path, file: BinaryIO, limits: Limits) -> Iterator[Entry]:
    from indexer.extract.seven_zip import unpacked

    with unpacked(path, file, limits) as members:
        for name, packed, error in members:
            yield Entry(name, lambda packed=packed: open(packed, "rb"), error)  # type: ignore[misc]
