"""Filters of a query as SQL over the tables files (f) and chunks (c)."""

from collections.abc import Iterable
from dataclasses import dataclass
from os import sep
from pathlib import Path

from indexer.catalogue.records import below
from indexer.query import Filters, Range

Condition = tuple[str, list[object]]
_STATE: Condition = ("f.state IN ('indexed', 'no text', 'failed')", [])


@dataclass(frozen=True, slots=True)
class ChunkFilter:
    """What the operators of a query let through."""

    files: Condition
    chunks: Condition
    inside: Condition | None  # for chunks of members (m), where that is another one than for those of files

    @property
    def each(self) -> Condition:
        """For chunks that are known already: one look-up each. SQLite left to itself may read every file instead."""
        file = "SELECT 1 FROM files f INDEXED BY files_by_content"
        own = f"EXISTS ({file} WHERE f.content = c.content AND {self.files[0]})"
        if self.inside is None:
            return f"{own} AND {self.chunks[0]}", [*self.files[1], *self.chunks[1]]
        inner = f"EXISTS ({file} JOIN members m ON m.id = c.member WHERE f.content = c.content AND {self.inside[0]})"
        sql = f"CASE WHEN c.member IS NULL THEN {own} ELSE {inner} END AND {self.chunks[0]}"
        return sql, [*self.files[1], *self.inside[1], *self.chunks[1]]

    @property
    def every(self) -> Condition:
        """For finding all the chunks that there are."""
        own = f"c.content IN (SELECT f.content FROM files f WHERE {self.files[0]})"
        if self.inside is None:
            return f"{own} AND {self.chunks[0]}", [*self.files[1], *self.chunks[1]]
        inner = f"SELECT m.id FROM members m JOIN files f ON f.content = m.content WHERE {self.inside[0]}"
        sql = f"((c.member IS NULL AND {own}) OR c.member IN ({inner})) AND {self.chunks[0]}"
        return sql, [*self.files[1], *self.inside[1], *self.chunks[1]]


LIVING = ChunkFilter(_STATE, ("1", []), None)  # all that is there


def chunk_filter(only: Filters, never: Filters) -> ChunkFilter | None:
    """None when everything is let through."""
    if not (only or never):
        return None
    has_types = any(True for filters in (only, never) for _ in _type_parts(filters))
    inside = member_condition(only, never) if has_types else None
    return ChunkFilter(file_condition(only, never), _chunk_condition(only, never), inside)


def file_condition(only: Filters, never: Filters) -> Condition:
    """What holds for the files that may be found; the language is a matter of chunks."""
    parts = [*_place_parts(only), *_type_parts(only)]
    return _joined([_STATE, *parts, *_negated([*_place_parts(never), *_type_parts(never)])], " AND ")


def whole_file_condition(only: Filters, never: Filters) -> Condition:
    """The same for files that are found without a passage: their language is that of most of their text."""
    parts = [file_condition(only, never), *_language_parts(only)]
    return _joined([*parts, *_negated(_language_parts(never))], " AND ")


def holder_condition(only: Filters, never: Filters) -> Condition:
    """What holds for the files whose members may be found, of which only the members need be of a type."""
    return _joined([_STATE, *_place_parts(only), *_negated([*_place_parts(never), *_type_parts(never)])], " AND ")


def member_condition(only: Filters, never: Filters) -> Condition:
    """What holds for members (m) and their files: either of them may have the name or type that is asked for."""
    parts = [*_place_parts(only), *_type_parts(only, inside=True)]
    unwanted = [*_place_parts(never), *_type_parts(never, inside=True)]
    return _joined([_STATE, *parts, *_negated(unwanted)], " AND ")


def whole_member_condition(only: Filters, never: Filters) -> Condition:
    """The same for members that are found without a passage: one in such a language is enough."""
    parts = [member_condition(only, never)]
    if only.languages or never.languages:
        sql, values = _chunk_condition(only, never)
        parts.append((f"EXISTS (SELECT 1 FROM chunks c WHERE c.member = m.id AND {sql})", values))
    return _joined(parts, " AND ")


def _chunk_condition(only: Filters, never: Filters) -> Condition:
    parts: list[Condition] = [("1", [])] if not (only.languages or never.languages) else []
    if only.languages:
        parts.append(_membership("c.language", only.languages))
    if never.languages:
        sql, values = _membership("c.language", never.languages)
        parts.append((f"NOT {sql}", values))
    return _joined(parts, " AND ")


def _place_parts(filters: Filters) -> Iterable[Condition]:
    if filters.folders:
        yield _joined([_folder(value) for value in filters.folders], " OR ")
    if filters.dates:
        yield _any_range("f.mtime_ns / 1e9", filters.dates)
    if filters.sizes:
        yield _any_range("f.size", filters.sizes)


def _language_parts(filters: Filters) -> Iterable[Condition]:
    if filters.languages:
        sql, values = _membership("t.language", filters.languages)
        yield f"coalesce(f.content IN (SELECT t.id FROM contents t WHERE {sql}), 0)", values


def _type_parts(filters: Filters, inside: bool = False) -> Iterable[Condition]:
    tables = ("f", "m") if inside else ("f",)
    if filters.suffixes:
        yield _joined([_membership(f"{table}.suffix", filters.suffixes) for table in tables], " OR ")
    if filters.kinds:
        yield _joined([_membership(f"{table}.kind", filters.kinds) for table in tables], " OR ")
    if filters.names:
        yield _joined([_name(table, value) for table in tables for value in filters.names], " OR ")


def _negated(parts: Iterable[Condition]) -> Iterable[Condition]:
    return ((f"NOT ({sql})", values) for sql, values in parts)


def _membership(column: str, values: Iterable[str]) -> Condition:
    listed: list[object] = [str(value) for value in values]
    return f"{column} IN ({', '.join('?' * len(listed))})", listed


def _folder(folder: str) -> Condition:
    if Path(folder).is_absolute():
        low, high = below(Path(folder))
        return "(f.path >= ? AND f.path < ?)", [low, high]
    return "instr(lower(CAST(f.path AS TEXT)), lower(?)) > 0", [f"{sep}{folder.strip(sep)}{sep}"]


def _name(table: str, pattern: str) -> Condition:
    glob = pattern if any(character in pattern for character in "*?") else f"*{pattern}*"
    return f"lower({table}.name) GLOB lower(?)", [glob.replace("[", "[[]")]


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
