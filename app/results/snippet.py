import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from app.spans import Span

MAX_CHARACTERS = 420  # more than two lines of the widest window
ROOM = 140  # about two lines of a narrow one: a sentence that leaves room gets what stands before it as well
LEAD = 50
SNAP = 16  # how far to move on to begin at a word
HIDDEN = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")  # could turn a row around


GAP = re.compile(f"[\\s\\x00-\\x1f\\x7f-\\x9f{''.join(sorted(HIDDEN))}]+")
Shifts = tuple[list[int], list[int]]  # from which characters of the passage on, and by how much they moved


@dataclass(frozen=True, slots=True)
class Snippet:
    """One run of text without line breaks, and what to mark in it."""

    text: str
    mark: Span  # (0, 0) when there is none
    words: tuple[Span, ...]


def plain(text: str) -> str:
    """A name or title as one line: a file can be called anything, line breaks and direction marks included."""
    return "".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in text if c not in HIDDEN)


def is_right_to_left(text: str) -> bool:
    """Whether a text's first letter that has a direction is read from right to left."""
    kinds = (unicodedata.bidirectional(character) for character in text)
    return next((kind for kind in kinds if kind in ("L", "R", "AL")), "L") != "L"


def snippet(passage: str, highlight: Span, words: Iterable[Span], limit: int = MAX_CHARACTERS) -> Snippet:
    """The stretch of a passage to show: its best sentence, with some of what stands before it if there is room.

    At most `limit` characters of the passage are looked at.
    """
    focus = highlight if highlight[1] > highlight[0] else next(iter(words), (0, 0))
    first = _beginning(passage, focus)
    text, shifts = _one_line(passage, first, first + limit)
    lead = "… " if first else ""
    shift = len(lead)

    def moved(span: Span) -> Span:
        start, end = (min(max(_moved(at, shifts), 0), len(text)) for at in span)
        return (start + shift, end + shift) if end > start else (0, 0)

    marked = tuple(word for span in words if (word := moved(span)) != (0, 0))
    return Snippet(lead + text, moved(highlight), marked)


def _beginning(passage: str, focus: Span) -> int:
    lead = max(0, min(LEAD, ROOM - (focus[1] - focus[0])))
    first = focus[0] - lead
    if first <= SNAP and focus[1] <= ROOM:
        return 0
    first = max(first, 0)
    space = passage.find(" ", first, min(first + SNAP, focus[0]))
    return space + 1 if space >= 0 and first > 0 else first


def _moved(at: int, shifts: Shifts) -> int:
    ends, moved = shifts
    return at + moved[max(0, bisect_right(ends, at) - 1)]


def _one_line(passage: str, first: int, last: int) -> tuple[str, Shifts]:
    """Collapse white space, and drop what can't be seen; tells how far characters moved."""
    parts: list[str] = []
    ends, moved = [first], [-first]
    at = length = 0
    for run in GAP.finditer(passage, first, last):
        keep = "" if (not length and run.start() == first) or all(c in HIDDEN for c in run[0]) else " "
        parts += (passage[at or first : run.start()], keep)
        at = run.end()
        length += len(parts[-2]) + len(keep)
        ends.append(at)
        moved.append(length - at)
    parts.append(passage[at or first : last])
    return "".join(parts), (ends, moved)
