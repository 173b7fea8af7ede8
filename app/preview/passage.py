import re

from app.spans import Span

BEFORE_LINES = 3  # a line number may be a little off when the file changed since
LINK_TARGET = re.compile(r"\]\([^)]*\)")  # of Markdown: it is not shown
MAX_WORDS = 400  # of a pattern: a passage is shorter


def find_passage(text: str, wanted: str, near: int = 0) -> Span | None:
    """Where `wanted` stands in a text, white space aside; the first place after `near` before any other."""
    return _find(text, wanted.split(), r"\s+", "", near)


def find_words(text: str, wanted: str) -> Span | None:
    """Where the words of `wanted` stand in a text, whatever stands between them: marks of Markdown, for example."""
    return _find(text, re.findall(r"\w+", LINK_TARGET.sub(" ", wanted)), r"\W+", "[.!?…。！？]*", 0)


def _find(text: str, words: list[str], between: str, after: str, near: int) -> Span | None:
    if not words:
        return None
    pattern = re.compile(between.join(re.escape(word) for word in words[:MAX_WORDS]) + after)
    found = pattern.search(text, near) or pattern.search(text)
    return found.span() if found else None


def start_of_line(text: str, line: int) -> int:
    """Offset of the first character of a line, counted from 1; the end of the text when it has fewer."""
    at = 0
    for _ in range(line - 1):
        after = text.find("\n", at)
        if after < 0:
            return len(text)
        at = after + 1
    return at


def find_near_line(text: str, wanted: str, line: int | None) -> Span | None:
    """Where `wanted` stands, from some lines before `line` on if it is there, else anywhere."""
    near = start_of_line(text, max(1, line - BEFORE_LINES)) if line else 0
    return find_passage(text, wanted, near)
