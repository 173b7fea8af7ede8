import codecs
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

BLOCK = 1 << 18
SNIFFED = 1 << 16  # bytes that decide about the encoding
BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some of a file's text, in whole lines."""

    text: str
    first_line: int  # from 1
    is_all: bool


def read_stretch(path: Path, line: int | None, max_bytes: int) -> Stretch:
    """A file's text; of a large file the part around a line. Raises OSError, also for what is no regular file."""
    with open(path, "rb", opener=_open_regular) as file:
        size = os.fstat(file.fileno()).st_size
        head = file.read(SNIFFED)
        file.seek(0)
        if size <= max_bytes:
            return Stretch(_decode(file.read(max_bytes), head), 1, True)
        start, first_line = _skip_to(file, line or 1)
        file.seek(start)
        data = file.read(max_bytes)
    return Stretch(_decode(data[: data.rfind(b"\n") + 1] or data, head), first_line, False)


def _open_regular(path: str, flags: int) -> int:
    """Open without ever waiting for the other end of a pipe or a device."""
    descriptor = os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(f"{path} is not a regular file")
    return descriptor


def _skip_to(file: BinaryIO, line: int) -> tuple[int, int]:
    """A start of a line some blocks or less before a line: its offset, and its number."""
    starts = [(0, 1)]
    at, number = 0, 1
    while number < line and (block := file.read(BLOCK)):
        number += block.count(b"\n")
        starts.append((at + block.rfind(b"\n") + 1, number))
        at += len(block)
    before = [start for start in starts if start[1] < line]
    return before[-1] if before else starts[0]


def _decode(data: bytes, head: bytes) -> str:
    for bom, name in BOMS:
        if head.startswith(bom):
            return _lines(data.decode(name, "replace"))
    try:
        return _lines(data.decode("utf-8"))
    except UnicodeDecodeError:
        return _lines(data.decode(_guess(head), "replace"))


def _guess(head: bytes) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(head).best()
    return best.encoding if best else "utf-8"


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
