import codecs
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from indexer.extract.encoding import decode

BLOCK = 1 << 18
SNIFFED = 1 << 16  # bytes that decide about the encoding
_BINARY = re.compile(rb"[\x00-\x06\x0e-\x1a\x7f]")  # no text has these, in whatever encoding of bytes
MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some of a file's text, in whole lines."""

    text: str
    first_line: int  # from 1
    is_all: bool


def read_stretch(path: Path, line: int | None, max_bytes: int, is_markup: bool = False) -> Stretch:
    """A file's text; of a large file the part around a line. Raises OSError, also for what is no regular file.

    Its encoding is found as it was for the index; `is_markup`: the beginning may declare it.
    """
    with open(path, "rb", opener=_open_regular) as file:
        size = os.fstat(file.fileno()).st_size
        head = file.read(SNIFFED)
        file.seek(0)
        if size <= max_bytes:
            return Stretch(_text(file.read(max_bytes), head, is_markup), 1, True)
        start, first_line = _begin(file, line or 1, max_bytes // 4)
        file.seek(start)
        data = file.read(max_bytes)
    return Stretch(_text(data[: data.rfind(b"\n") + 1] or data, head, is_markup), first_line, False)


def looks_like_text(path: Path) -> bool:
    """Whether a file begins as a text does; an empty file does not."""
    with open(path, "rb", opener=_open_regular) as file:
        head = file.read(SNIFFED)
    is_wide = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return bool(head) and (is_wide or not _BINARY.search(head))


def _open_regular(path: str, flags: int) -> int:
    """Open without ever waiting for the other end of a pipe or a device."""
    descriptor = os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(f"{path} is not a regular file")
    return descriptor


def _begin(file: BinaryIO, line: int, before: int) -> tuple[int, int]:
    """A start of a line at most `before` bytes before the start of `line`: its offset, and its number."""
    file.seek(0)
    target, number = _find_line(file, line)
    first = max(0, target - before)
    file.seek(first)
    lead = file.read(target - first)
    begin = lead.find(b"\n") + 1 if first else 0
    return first + begin, number - lead.count(b"\n", begin)


def _find_line(file: BinaryIO, line: int) -> tuple[int, int]:
    """Offset and number of a line; of the last one when there are fewer."""
    start, number, at = 0, 1, 0
    while number < line and (block := file.read(BLOCK)):
        ends = block.count(b"\n")
        if number + ends < line:
            start, number = (at + block.rfind(b"\n") + 1, number + ends) if ends else (start, number)
        else:
            start = at + _start_in(block, line - number + 1)
            number = line
        at += len(block)
    return start, number


def _start_in(block: bytes, line: int) -> int:
    """Offset of the start of a line, from 1, that begins in a block."""
    at = 0
    for _ in range(line - 1):
        at = block.index(b"\n", at) + 1
    return at


def _text(data: bytes, head: bytes, is_markup: bool) -> str:
    mark = next((mark for mark in MARKS if head.startswith(mark) and not data.startswith(mark)), b"")
    text = decode(mark + data, is_markup)
    if text is None:  # it holds control characters
        text = data.decode("utf-8", "replace")
    return text.replace("\r\n", "\n").replace("\r", "\n")
