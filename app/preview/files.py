import codecs
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

BLOCK = 1 << 18
SNIFFED = 1 << 16  # bytes that decide about the encoding
_BINARY = re.compile(rb"[\x00-\x06\x0e-\x1a\x7f]")  # no text has these, in whatever encoding of bytes
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
        start, first_line = _begin(file, line or 1, max_bytes // 4)
        file.seek(start)
        data = file.read(max_bytes)
    return Stretch(_decode(data[: data.rfind(b"\n") + 1] or data, head), first_line, False)


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
