"""Keeps out of the GUI thread what Qt would lay out for seconds: a file can be made, or just happen, to be like that.

Measured: a line of 1,000,000 characters 20 s; 16 tables in one another 0.5 s, and twice that with each one more; 10,000
nested elements 2 s; a table of 10,000 columns 2 s.
"""

from bisect import bisect_left
from html.parser import HTMLParser

from app.spans import Span

MAX_LINE = 2000  # characters
MAX_DEPTH = 100  # of elements
MAX_TABLES = 4  # in one another
MAX_CELLS = 200  # in a row
HIDDEN_BLOCKS = ("script", "style", "svg", "noscript", "template")
UNCLOSED = frozenset(  # elements that have no end tag, or need none
    "area base br col colgroup dd dt embed hr img input li link meta option p param source tbody td tfoot th thead tr "
    "track wbr".split()
)


def break_lines(text: str, span: Span | None) -> tuple[str, Span | None]:
    """Break lines that are too long to be laid out, and move a span along; the same text if there are none."""
    cuts: list[int] = []
    start = 0
    while start < len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        cuts += range(start + MAX_LINE, end, MAX_LINE)
        start = end + 1
    if not cuts:
        return text, span
    edges = [0, *cuts, len(text)]
    broken = "\n".join(text[edges[i] : edges[i + 1]] for i in range(len(edges) - 1))
    if span is None:
        return broken, None
    return broken, (span[0] + bisect_left(cuts, span[0] + 1), span[1] + bisect_left(cuts, span[1]))


def without_hidden_blocks(html: str) -> str:
    """Leave out scripts, styles and drawings, which are never shown and often most of a page."""
    for name in HIDDEN_BLOCKS:
        html = _without(html, f"<{name}", f"</{name}")
    return html


def is_tame_html(html: str) -> bool:
    """Whether a page can be laid out in the time of some frames."""
    meter = _Meter()
    try:
        meter.feed(html)
    except (AssertionError, ValueError, RecursionError):
        return False
    return not meter.is_wild


def is_tame_markdown(text: str) -> bool:
    """The same for Markdown, whose tables are rows of single lines."""
    return all(len(line) <= 10 * MAX_LINE and line.count("|") <= MAX_CELLS for line in text.splitlines())


def _without(html: str, opening: str, closing: str) -> str:
    """Cut out from each opening to its closing; without a closing, to the end."""
    lower = html.lower()
    if len(lower) != len(html):  # a letter whose small form is longer: offsets would be off
        return html
    kept: list[str] = []
    at = 0
    while (start := lower.find(opening, at)) >= 0:
        kept.append(html[at:start])
        end = lower.find(closing, start)
        end = lower.find(">", end) if end >= 0 else -1
        if end < 0:
            return "".join(kept)
        at = end + 1
    return "".join((*kept, html[at:]))


class _Meter(HTMLParser):
    """Measures how deep elements and tables are nested, and how wide rows are."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.is_wild = False
        self._depth = self._tables = self._cells = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._depth += tag not in UNCLOSED
        self._tables += tag == "table"
        self._cells = 0 if tag == "tr" else self._cells + (tag in ("td", "th"))
        spans = [value for name, value in attrs if name in ("colspan", "rowspan") and value]
        is_spread = any(not value.isdecimal() or len(value) > 3 for value in spans)
        if self._depth > MAX_DEPTH or self._tables > MAX_TABLES or self._cells > MAX_CELLS or is_spread:
            self.is_wild = True

    def handle_endtag(self, tag: str) -> None:
        if tag not in UNCLOSED:
            self._depth = max(0, self._depth - 1)
            self._tables = max(0, self._tables - (tag == "table"))
