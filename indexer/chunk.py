"""Cuts a document's text into chunks along its own structure."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from itertools import groupby
from typing import NamedTuple

from indexer.document import Chunk
from indexer.language import detect_all

CHUNKER_VERSION: int = 2  # raised whenever the same file would give other chunks

# All sizes are weights: a letter counts 1, an ideograph, kana or hangul syllable 2.25, as it carries that much more.
TARGET = 1300  # of 1,000, a tenth of the vectors more; no more files are found: docs/benchmarks.md
PIECE = 1500  # a paragraph above this is taken apart at its sentences
LIMIT = 2000
SMALL = 300  # sections below this are put together with a small neighbour
SMALL_CODE = 100  # one-line definitions only, so that a function is found under its own name
CLOSING = 20  # code below this ends what is before it: brackets, `end`
MARKS = 10  # what a heading may have around it: its number, marks of Markdown
HEADING_CHARACTERS = 120
_DENSE = re.compile(
    "[\u1100-\u11ff\u3041-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff66-\uff9d\U00020000-\U0003ffff]+"
)
_DENSE_EXTRA = 1.25
_PARAGRAPH = re.compile(r"\n(?:[^\S\n]*\n)+")
_LINE = re.compile(r"\n")
_SENTENCE = re.compile(r"(?<=[.!?…:;])[\"'»”’)\]]*\s+|(?<=[。！？；])[」』”）]*\s*|(?<=[।॥؟۔])\s*")
_CLAUSE = re.compile(r"(?<=[,，、،])\s*")
_WORD = re.compile(r"\s+")


class Split(Enum):
    """Where a section may be cut."""

    PROSE = "prose"  # paragraphs, then sentences
    CODE = "code"  # paragraphs, then lines; it has no language
    ROWS = "rows"  # records of a table


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of text under one heading path; sections are in order and together hold all text that isn't white."""

    start: int
    end: int
    headings: tuple[str, ...] = ()  # outermost first
    part: str = ""
    page: int | None = None
    split: Split = Split.PROSE
    joint: str = " > "  # between headings; a dot between the parts of a qualified name
    borders: tuple[int, ...] = ()  # offsets where a cut is best (starts of records); none: found by `split`


class _Span(NamedTuple):
    start: int
    end: int
    weight: float


def chunk(text: str, sections: Iterable[Section], title: str = "", numbered: bool = False) -> Iterator[Chunk]:
    """Chunks in order. `numbered`: they get line numbers, as the text has the same lines as its file."""
    line, counted = 1, 0
    for _, group in groupby(_merge_small(text, sections), key=lambda section: (section.part, section.split)):
        spans = [(section, start, end) for section in group for start, end in _cut(text, section)]
        for (section, start, end), language in zip(spans, _languages(text, spans), strict=True):
            if numbered:
                line += text.count("\n", counted, start)
                counted = start
            number = line if numbered else None
            context = _context(title, section)
            yield Chunk(start, end, text[start:end], context, section.part, section.page, number, language)


def _languages(text: str, spans: Sequence[tuple[Section, int, int]]) -> list[str]:
    if spans and spans[0][0].split is Split.CODE:
        return [""] * len(spans)
    return detect_all([text[start:end] for _, start, end in spans])


def weight(text: str) -> float:
    """How much a text carries, in letters of an alphabetic script."""
    if text.isascii():
        return len(text)
    return len(text) + _DENSE_EXTRA * sum(map(len, _DENSE.findall(text)))


def main_language(chunks: Sequence[Chunk]) -> str:
    """The language of most of the text, "" where most of it has none."""
    sizes: dict[str, int] = {}
    for each in chunks:
        sizes[each.language] = sizes.get(each.language, 0) + len(each.text)
    return max(sizes, key=lambda language: (sizes[language], language), default="")


def _context(title: str, section: Section) -> str:
    path: list[str] = []
    for heading in (title, *section.headings):
        words = " ".join(heading.split())[:HEADING_CHARACTERS].rstrip()
        if words and (not path or path[-1] != words):
            path.append(words)
    return section.joint.join(path)


def _merge_small(text: str, sections: Iterable[Section]) -> Iterator[Section]:
    held: Section | None = None
    size = 0.0
    for section in sections:
        if not text[section.start : section.end].strip():
            continue
        added = weight(text[section.start : section.end])
        if held and (headings := _shared_headings(held, size, section, added)) is not None:
            held = replace(held, end=section.end, headings=headings, borders=held.borders + section.borders)
            size += added
            continue
        if held:
            yield held
        held, size = section, added
    if held:
        yield held


def _shared_headings(held: Section, size: float, after: Section, added: float) -> tuple[str, ...] | None:
    """The heading path under which two neighbours make one section; None: they stay apart."""
    if (held.part, held.page, held.split) != (after.part, after.page, after.split):
        return None
    if held.headings == after.headings:
        return held.headings
    if held.split is Split.CODE and added < CLOSING:
        return held.headings
    if held.split is Split.ROWS or size + added > PIECE:
        return None
    if (
        held.headings
        and after.headings[: len(held.headings)] == held.headings
        and size <= len(held.headings[-1]) + MARKS
    ):
        return after.headings  # a heading without text of its own
    small = SMALL_CODE if held.split is Split.CODE else SMALL
    return _common(held.headings, after.headings) if max(size, added) < small or added < small / 3 else None


def _common(left: tuple[str, ...], right: tuple[str, ...]) -> tuple[str, ...]:
    length = 0
    for one, other in zip(left, right, strict=False):
        if one != other:
            break
        length += 1
    return left[:length]


def _cut(text: str, section: Section) -> Iterator[tuple[int, int]]:
    for start, end in _pack(_pieces(text, section)):
        stretch = text[start:end]
        first = start + len(stretch) - len(stretch.lstrip())
        last = start + len(stretch.rstrip())
        if first < last:
            if section.split is Split.CODE:  # the first line keeps its indentation
                first = max(start, text.rfind("\n", start, first) + 1)
            yield first, last


def _pack(pieces: Sequence[_Span]) -> Iterator[tuple[int, int]]:
    """Neighbouring pieces put together to stretches of about equal weight."""
    total = sum(piece.weight for piece in pieces)
    ideal = total / max(1, round(total / TARGET))
    first, before, goal, passed = 0, 0.0, ideal, 0.0
    for index, piece in enumerate(pieces):
        held = passed - before
        if held and (passed + piece.weight / 2 > goal or held + piece.weight > LIMIT):
            yield pieces[first].start, pieces[index - 1].end
            first, before = index, passed
            goal = max(goal + ideal, passed + ideal / 2)
        passed += piece.weight
    if pieces:
        yield pieces[first].start, pieces[-1].end


def _pieces(text: str, section: Section) -> list[_Span]:
    if section.borders:
        inner = [border for border in section.borders if section.start < border < section.end]
        spans = list(zip([section.start, *inner], [*inner, section.end], strict=True))
    else:
        pattern = _LINE if section.split is Split.ROWS else _PARAGRAPH
        spans = _divide(text, section.start, section.end, pattern)
    pieces: list[_Span] = []
    for start, end in spans:
        _take_apart(text, start, end, (_LINE, _SENTENCE, _CLAUSE, _WORD), pieces)
    return pieces


def _take_apart(text: str, start: int, end: int, patterns: tuple[re.Pattern[str], ...], pieces: list[_Span]) -> None:
    """Add the stretch itself if it is small enough, else its parts by the first pattern that takes it apart."""
    size = weight(text[start:end])
    if size <= PIECE:
        pieces.append(_Span(start, end, size))
    elif patterns:
        for first, last in _divide(text, start, end, patterns[0]):
            _take_apart(text, first, last, patterns[1:], pieces)
    else:
        step = int(TARGET / (1 + _DENSE_EXTRA))
        for first in range(start, end, step):
            last = min(first + step, end)
            pieces.append(_Span(first, last, weight(text[first:last])))


def _divide(text: str, start: int, end: int, pattern: re.Pattern[str]) -> list[tuple[int, int]]:
    borders = [match.end() for match in pattern.finditer(text, start, end) if start < match.end() < end]
    return list(zip([start, *borders], [*borders, end], strict=True))
