import codecs
import os
import re
import sys
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TextIO

NARROWEST, USUAL, WIDEST = 40, 100, 120  # columns: shorter lines break names, longer ones are hard to read
BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"  # can make a name look like another one
UNSAFE = re.compile(f"[\x00-\x1f\x7f-\x9f{BIDI}]")
RESET = "\x1b[0m"


@dataclass(frozen=True, slots=True)
class Screen:
    """Where text for people goes."""

    stream: TextIO
    width: int = USUAL  # columns
    colour: bool = False
    live: bool = False  # a terminal, where a line can be written over

    def bold(self, text: str) -> str:
        """Emphasised."""
        return self._styled("1", text)

    def dim(self, text: str) -> str:
        """Stepping back."""
        return self._styled("2", text)

    def red(self, text: str) -> str:
        """For what is wrong."""
        return self._styled("31", text)

    def green(self, text: str) -> str:
        """For what is well."""
        return self._styled("32", text)

    def _styled(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}{RESET}" if self.colour and text else text

    def write(self, *lines: str) -> None:
        """Write lines."""
        self.stream.writelines(f"{line}\n" for line in lines)
        self.stream.flush()

    def overwrite(self, line: str) -> None:
        """Replace the last line, on a terminal; empty: clear it."""
        self.stream.write(f"\r\x1b[K{line}")
        self.stream.flush()


def screen_of(stream: TextIO, environment: Mapping[str, str]) -> Screen:
    """What is known about a stream; colours only on a terminal without NO_COLOR."""
    live = stream.isatty() and environment.get("TERM") != "dumb"
    width = _width_of(stream) if live else USUAL
    colour = live and not environment.get("NO_COLOR")
    return Screen(stream, min(WIDEST, max(NARROWEST, width)), colour, live)


def _width_of(stream: TextIO) -> int:
    try:
        return os.get_terminal_size(stream.fileno()).columns or USUAL
    except OSError:
        return USUAL


def write_any_text(stream: TextIO) -> None:
    """Let a stream take every text: bytes of a path come out as they were, the rest escaped where it has no letter."""
    codecs.register_error("cognate", _bytes_or_escape)
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is None:
        return
    if sys.platform == "win32":
        reconfigure(encoding="utf-8", errors="backslashreplace")
    else:
        reconfigure(errors="cognate")


def _bytes_or_escape(error: UnicodeError) -> tuple[str | bytes, int]:
    try:
        return codecs.lookup_error("surrogateescape")(error)
    except UnicodeError:
        return codecs.lookup_error("backslashreplace")(error)


def plain(text: str) -> str:
    """The text without control characters: names and passages come from outside, and a terminal obeys them."""
    return UNSAFE.sub("\ufffd", text)


def columns(text: str) -> int:
    """Width of a text on a terminal."""
    return sum(map(_columns, text))


def _columns(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def shorten(text: str, width: int) -> str:
    """The text in at most that many columns, cut at its end."""
    if columns(text) <= width:
        return text
    return f"{text[: _fitting(text, width - 1)].rstrip()}…"


def shorten_path(path: str, width: int) -> str:
    """A path in at most that many columns, cut in its middle: its beginning and its name tell most."""
    if columns(path) <= width:
        return path
    tail = path[::-1][: _fitting(path[::-1], (width - 1) * 2 // 3)][::-1]
    head = path[: _fitting(path, width - 1 - columns(tail))]
    return f"{head}…{tail}"


def _fitting(text: str, width: int) -> int:
    """How many characters fit."""
    used = 0
    for index, character in enumerate(text):
        used += _columns(character)
        if used > width:
            return index
    return len(text)


def wrap(text: str, width: int) -> Iterator[tuple[int, int]]:
    """Break a text into lines of at most that many columns: at a space where there is one, anywhere in CJK."""
    start = 0
    while start < len(text):
        end = start + max(1, _fitting(text[start:], width))
        if end < len(text) and (space := text.rfind(" ", start + 1, end + 1)) > start:
            yield start, space
            start = space + 1
        else:
            yield start, end
            start = end
