"""CSV and its like: records under their header."""

import csv
import itertools
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from indexer.chunk import Section, Split
from indexer.document import Kind
from indexer.extract.draft import Draft
from indexer.extract.limits import Limits
from indexer.extract.plain import read_text

HEADER_CHARACTERS = 200
_DELIMITERS = ",;\t|"
_MAX_RECORD_LINES = 100  # more than that is a stray quotation mark


def read_table(path: Path, limits: Limits) -> Draft:
    """A file of records, one or several lines each."""
    text, note = read_text(path, replace(limits, text_characters=limits.table_characters))
    lines = text.splitlines(keepends=True)
    try:
        starts, header = _records(lines)
    except (csv.Error, ValueError):
        starts, header = list(range(len(lines))), ()
    offsets = [0, *itertools.accumulate(map(len, lines))]
    borders = tuple(offsets[line] for line in starts)
    headings = (header_line(header),) if header else ()
    section = Section(0, len(text), headings, split=Split.ROWS, borders=borders)
    return Draft(Kind.TABLE, text, (section,), "", note, numbered=True)


def header_line(cells: tuple[str, ...]) -> str:
    """Column names as the context of the rows below them, "" where the first row holds data."""
    names = [" ".join(cell.split()) for cell in cells]
    filled = [name for name in names if name]
    if not filled or any(_is_number(name) for name in filled) or len(set(filled)) < len(filled):
        return ""
    line = ", ".join(filled)
    return line if len(line) <= HEADER_CHARACTERS else line[:HEADER_CHARACTERS].rsplit(",", 1)[0]


def _records(lines: list[str]) -> tuple[list[int], tuple[str, ...]]:
    """The lines (from 0) at which records start, and the first record."""
    delimiter = max(_DELIMITERS, key=lambda sign: sum(line.count(sign) for line in lines[:20]))
    reader = csv.reader(iter(lines), delimiter=delimiter)
    starts: list[int] = []
    header: tuple[str, ...] = ()
    line = 0
    for record in reader:
        if reader.line_num - line > _MAX_RECORD_LINES:
            raise ValueError("a record never ends")
        starts.append(line)
        header = header or tuple(record)
        line = reader.line_num
    return starts, header


def _is_number(text: str) -> bool:
    return text.replace(".", "").replace(",", "").lstrip("+-").isdigit()


def rows_text(rows: Iterator[list[str]]) -> Iterator[str]:
    """Each row that isn't empty as one line, its cells between bars."""
    for row in rows:
        cells = [" ".join(cell.split()) for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        if any(cells):
            yield " | ".join(cells)
