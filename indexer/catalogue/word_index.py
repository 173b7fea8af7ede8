"""The FTS5 tables of the catalogue: which chunks hold words, and which files and members have them in their names."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from indexer.catalogue.filters import ChunkFilter

CHUNKS_A_PAGE = 800  # of the index of words, in the mean
COUNTED = 6000  # matches of a term; more are estimated: a count costs 0.3 ms for each 1,000
COUNTED_AT_ONCE = 500  # terms
FILTERED = 5000  # matches of frequent words that are looked at one by one

# By the table that leads FTS5 to its pages: for each in which a term begins a beginning of the first, behind "0", and
# twice its number, or one more. https://github.com/sqlite/sqlite/blob/master/ext/fts5/fts5_index.c
_PAGES_BETWEEN = """
WITH RECURSIVE segments (id) AS (
    SELECT min(segid) FROM words_idx
    UNION ALL SELECT (SELECT min(segid) FROM words_idx WHERE segid > id) FROM segments WHERE id IS NOT NULL
)
SELECT coalesce(sum(max(0, coalesce(
    (SELECT pgno FROM words_idx WHERE segid = id AND term >= ?2 ORDER BY term LIMIT 1),
    (SELECT pgno FROM words_idx WHERE segid = id ORDER BY term DESC LIMIT 1)
) / 2 - (SELECT pgno FROM words_idx WHERE segid = id AND term <= ?1 ORDER BY term DESC LIMIT 1) / 2 - 1)), 0)
FROM segments WHERE id IS NOT NULL
"""

# In one row for all terms: at each step of a statement a thread may have to wait for others.
_COUNT = """, (
    SELECT count(*) || ' ' || coalesce(min(rowid), 0)
    FROM (SELECT rowid FROM words WHERE words MATCH ? ORDER BY rowid DESC LIMIT ?)
)"""

Asked = tuple[str, list[object]]  # a statement that gives numbers, and its values


def best_chunks(expression: str, limit: int, narrow: ChunkFilter | None = None) -> Asked:
    """Chunks that an FTS5 expression matches, best BM25 first."""
    if narrow is None:
        sql = "SELECT rowid AS number FROM words WHERE words MATCH ? ORDER BY bm25(words, 1.0, 0.5) LIMIT ?"
        return sql, [expression, limit]
    where, values = narrow.each
    sql = (
        "SELECT w.rowid AS number FROM words w JOIN chunks c ON c.id = w.rowid "
        f"WHERE w.words MATCH ? AND {where} ORDER BY bm25(words, 1.0, 0.5) LIMIT ?"
    )
    return sql, [expression, *values, limit]


def covering_chunks(weights: Mapping[str, float], limit: int, narrow: ChunkFilter | None = None) -> Asked:
    """Chunks that any of some FTS5 expressions matches, by the sum of their weights, then newest first.

    BM25 takes about twice as long, as it looks up how long each chunk is.
    """
    each = " UNION ALL ".join(["SELECT rowid AS chunk, ? AS weight FROM words WHERE words MATCH ?"] * len(weights))
    sql = f"SELECT chunk AS number, sum(weight) AS covered FROM ({each}) GROUP BY chunk"
    values: list[object] = [value for expression, weight in weights.items() for value in (weight, expression)]
    if narrow is not None:
        where, more = narrow.each
        sql = f"SELECT number, covered FROM ({sql}) JOIN chunks c ON c.id = number WHERE {where}"
        values += more
    return f"{sql} ORDER BY covered DESC, number DESC LIMIT ?", [*values, limit]


def newest_chunks(expression: str, limit: int, narrow: ChunkFilter | None = None) -> Asked:
    """Chunks that an FTS5 expression matches, newest first; of those that a filter narrows only the newest many."""
    sql = "SELECT rowid AS number FROM words WHERE words MATCH ? ORDER BY rowid DESC LIMIT ?"
    if narrow is None:
        return sql, [expression, limit]
    where, values = narrow.each
    sql = f"SELECT number FROM ({sql}) w CROSS JOIN chunks c ON c.id = w.number WHERE {where} LIMIT ?"
    return sql, [expression, FILTERED, *values, limit]


def any_names(expression: str) -> Asked:
    """Files whose name an FTS5 expression matches, and members, below zero: any of them, where there are very many."""
    return "SELECT rowid AS number FROM names WHERE names MATCH ? LIMIT ?", [expression, FILTERED]


def best_names(expression: str, limit: int) -> Asked:
    """The same, shortest and best first."""
    return "SELECT rowid AS number FROM names WHERE names MATCH ? ORDER BY rank LIMIT ?", [expression, limit]


class WordIndex:
    """Read by whoever has the connection."""

    def __init__(self, rows: Callable[[str, Iterable[object]], list[tuple[Any, ...]]]) -> None:
        self._rows = rows

    def numbers(self, asked: Asked) -> list[int]:
        """What one statement finds."""
        return self.found(asked, 0)[0]

    def found(
        self, every: Asked, few: int, some: Asked | None = None, names: Asked | None = None
    ) -> tuple[list[int], list[int], list[int]]:
        """What statements find: chunks, where these are few others, and names.

        In one row for all: at each step of a statement a thread may have to wait for others.
        """
        columns, values = ["(SELECT group_concat(number) FROM found)"], [*every[1]]
        for condition, asked in ((f"(SELECT count(*) FROM found) < {few}", some), ("1", names)):
            sql, own = asked or ("SELECT NULL AS number", [])
            columns.append(f"CASE WHEN {condition} THEN (SELECT group_concat(number) FROM ({sql})) END")
            values += own
        row = self._rows(f"WITH found AS MATERIALIZED ({every[0]}) SELECT {', '.join(columns)}", values)[0]
        chunks, others, named = ([int(one) for one in told.split(",")] if told else [] for told in row)
        return chunks, others, named

    def frequencies(self, terms: Sequence[str]) -> tuple[int, dict[str, int]]:
        """The newest chunk, and in how many chunks terms of the index stand: of a frequent one an estimate, by how
        close its newest are.
        """
        last, found = 0, dict[str, int]()
        for start in range(0, len(terms) or 1, COUNTED_AT_ONCE):
            part = terms[start : start + COUNTED_AT_ONCE]
            sql = f"SELECT (SELECT coalesce(max(id), 0) FROM chunks){_COUNT * len(part)}"
            values = [value for term in part for value in ('"' + term.replace('"', '""') + '"', COUNTED)]
            last, *told = self._rows(sql, values)[0]
            for term, (count, first) in zip(part, (map(int, one.split()) for one in told), strict=True):
                found[term] = count if count < COUNTED else count * last // (last - first + 1)
        return last, found

    def frequency_from(self, beginning: str) -> int:
        """In how many chunks words with this beginning stand, roughly.

        How many pages of the index they take tells it: FTS5 would read them all to count them.
        """
        start = b"0" + beginning.encode()
        return CHUNKS_A_PAGE * int(self._rows(_PAGES_BETWEEN, (start, start + b"\xff"))[0][0])
