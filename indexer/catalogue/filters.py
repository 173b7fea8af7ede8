"""Filters of a query as SQL over the tables files (f) and chunks (c)."""

from collections.abc import Iterable
from dataclasses import dataclass
from os import sep
from pathlib import Path

from indexer.catalogue.records import below
from indexer.query import Filters, Range

Condition = tuple[str, list[object]]


@dataclass(frozen=True, slots=True)
class ChunkFilter:
    """What the operators of a query let through."""

    files: Condition
    chunks: Condition

    @property
    def each(self) -> Condition:
        """For chunks that are known already: one look-up each. SQLite left to itself may read every file instead."""
        file = f"SELECT 1 FROM files f INDEXED BY files_by_content WHERE f.content = c.content AND {self.files[0]}"
        return f"EXISTS ({file}) AND {self.chunks[0]}", [*self.files[1], *self.chunks[1]]

    @property
    def every(self) -> Condition:
        """For finding all the chunks that there are."""
        sql = f"c.content IN (SELECT f.content FROM files f WHERE {self.files[0]})"
        return f"{sql} AND {self.chunks[0]}", [*self.files[1], *self.chunks[1]]


def chunk_filter(only: Filters, never: Filters) -> ChunkFilter | None:
    """None when everything is let through."""
    return ChunkFilter(file_condition(only, never), _chunk_condition(only, never)) if only or never else None


def file_condition(only: Filters, never: Filters) -> Condition:
    """What holds for the files that may be found; the language is a matter of chunks."""
    parts: list[Condition] = [("f.state IN ('indexed', 'no text', 'failed')", [])]
    parts += _file_parts(only)
    parts += [(f"NOT ({sql})", values) for sql, values in _file_parts(never)]
    return _joined(parts, " AND ")


def _chunk_condition(only: Filters, never: Filters) -> Condition:
    parts: list[Condition] = [("1", [])] if not (only.languages or never.languages) else []
    if only.languages:
        parts.append(_membership("c.language", only.languages))
    if never.languages:
        sql, values = _membership("c.language", never.languages)
        parts.append((f"NOT {sql}", values))
    return _joined(parts, " AND ")


def _file_parts(filters: Filters) -> Iterable[Condition]:
    if filters.suffixes:
        yield _membership("f.suffix", filters.suffixes)
    if filters.kinds:
        yield _membership("f.kind", filters.kinds)
    for values, condition in ((filters.folders, _folder), (filters.names, _name)):
        if values:
            yield _joined([condition(value) for value in values], " OR ")
    if filters.dates:
        yield _any_range("f.mtime_ns / 1e9", filters.dates)
    if filters.sizes:
        yield _any_range("f.size", filters.sizes)


def _membership(column: str, values: Iterable[str]) -> Condition:
    listed: list[object] = [str(value) for value in values]
    return f"{column} IN ({', '.join('?' * len(listed))})", listed


def _folder(folder: str) -> Condition:
    if Path(folder).is_absolute():
        low, high = below(Path(folder))
        return "(f.path >= ? AND f.path < ?)", [low, high]
    return "instr(lower(CAST(f.path AS TEXT)), lower(?)) > 0", [f"{sep}{folder.strip(sep)}{sep}"]


def _name(pattern: str) -> Condition:
    glob = pattern if any(character in pattern for character in "*?") else f"*{pattern}*"
    return "lower(f.name) GLOB lower(?)", [glob.replace("[", "[[]")]


def _any_range(column: str, ranges: Iterable[Range]) -> Condition:
    return _joined([_range(column, one) for one in ranges], " OR ")


def _range(column: str, one: Range) -> Condition:
    parts: list[Condition] = []
    if one.low is not None:
        parts.append((f"{column} >= ?", [one.low]))
    if one.high is not None:
        parts.append((f"{column} < ?", [one.high]))
    return _joined(parts or [("1", [])], " AND ")


def _joined(parts: list[Condition], operator: str) -> Condition:
    return f"({operator.join(sql for sql, _ in parts)})", [value for _, values in parts for value in values]
