import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from operator import itemgetter

from app.spans import Span
from app.wording import shown

MAX_CHARACTERS = 420  # more than two lines of the widest window
ROOM = 140  # about two lines of a narrow one: a sentence that leaves room gets what stands before it as well
LEAD = 50
SNAP = 16  # how far to move on to begin at a word
HIDDEN = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")  # could turn a row around


GAP = re.compile(f"[\\s\\x00-\\x1f\\x7f-\\x9f{''.join(sorted(HIDDEN))}]+")
Stretch = tuple[int, int, bool]  # first character in the passage, its place in the line, whether it is kept


@dataclass(frozen=True, slots=True)
class Snippet:
    """One run of text without line breaks, and what to mark in it."""

    text: str
    mark: Span  # (0, 0) when there is none
    words: tuple[Span, ...]


def plain(text: str) -> str:
    """A name or title as one line: a file can be called anything, line breaks and direction marks included."""
    return "".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in shown(text) if c not in HIDDEN)


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
    text, stretches = _one_line(passage, first, first + limit)
    lead = "… " if first else ""
    shift = len(lead)

    def moved(span: Span) -> Span:
        start, end = (min(max(_place(at, stretches), 0), len(text)) for at in span)
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


def _one_line(passage: str, first: int, last: int) -> tuple[str, list[Stretch]]:
    """Collapse white space, and drop what can't be seen; tells where each stretch of the passage came to stand."""
    parts: list[str] = []
    stretches: list[Stretch] = []
    at, length = first, 0
    for run in GAP.finditer(passage, first, last):
        kept = passage[at : run.start()]
        gap = "" if not length and not kept or all(character in HIDDEN for character in run[0]) else " "
        parts += (kept, gap)
        stretches += ((at, length, True), (run.start(), length + len(kept), False))
        at, length = run.end(), length + len(kept) + len(gap)
    stretches.append((at, length, True))
    parts.append(passage[at:last])
    return "".join(parts), stretches


def _place(at: int, stretches: list[Stretch]) -> int:
    """Where a character of the passage stands in the line."""
    start, place, is_kept = stretches[max(0, bisect_right(stretches, at, key=itemgetter(0)) - 1)]
    return place + at - start if is_kept else place
