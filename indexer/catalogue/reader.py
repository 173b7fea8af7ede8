from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from indexer.catalogue.damage import problems
from indexer.catalogue.database import CACHE_KIB, connect, translated
from indexer.catalogue.filters import (
    ChunkFilter,
    Condition,
    file_condition,
    holder_condition,
    whole_file_condition,
    whole_member_condition,
)
from indexer.catalogue.records import Space, below, decoded, encoded
from indexer.catalogue.texts import pieces_in
from indexer.catalogue.word_index import WordIndex
from indexer.document import INSIDE, Kind
from indexer.query import Filters
from indexer.results import FileRow, FileState, FolderRow, FolderState, MemberRow
from model.precision import Precision

_PASSAGE = (
    "SELECT c.id, c.content, c.start, b.texts, c.place, c.part, c.page, c.line, c.language, "
    "coalesce(m.title, t.title), coalesce(m.id, 0), coalesce(m.path, ''), coalesce(m.kind, t.kind) "
    "FROM chunks c JOIN blocks b ON b.id = c.block JOIN contents t ON t.id = c.content "
    "LEFT JOIN members m ON m.id = c.member"
)
_MEMBER = "SELECT m.id, m.content, m.path, m.title, m.kind FROM members m"

_PLACE = (
    "SELECT f.id, f.path, f.content, f.kind, f.size, f.mtime_ns / 1e9, "
    f"(SELECT o.state = '{FolderState.ABSENT}' FROM folders o WHERE o.id = f.folder) "
    "OR EXISTS (SELECT 1 FROM mounts m WHERE m.is_away AND f.path >= m.low AND f.path < m.high) FROM files f"
)
_SHOWN_STATE = "CASE WHEN f.priority IS NULL THEN f.state ELSE 'queued' END"
AWAY_NOTE = (
    "the drive or the share that was mounted here is not there now; what was indexed of it is kept. Plug it in, or "
    "leave this place out in the settings"
)
CUT = "It is longer than the model reads in one piece: only its beginning counts when whole files are compared."
_IS_CUT = (
    "EXISTS (SELECT 1 FROM wholes w JOIN spaces s ON s.id = w.space "
    "WHERE w.content = f.content AND w.is_cut AND s.active)"
)
_FILE_ROW = (
    f"SELECT f.path, {_SHOWN_STATE}, CASE WHEN f.reason = '' AND {_IS_CUT} THEN '{CUT}' ELSE f.reason END, f.size, "
    "f.mtime_ns / 1e9, coalesce(t.chunks, 0) "
    "FROM files f LEFT JOIN contents t ON t.id = f.content"
)


class _PassageRow(NamedTuple):
    chunk: int
    content: int
    start: int
    block: bytes | str
    place: int
    part: str
    page: int | None
    line: int | None
    language: str
    title: str
    member: int  # 0: it stands in the file itself
    member_path: str
    kind_name: str


class Passage(_PassageRow):
    """A chunk as a search finds it: a row as it comes, as a query reads more than a hundred."""

    @property
    def kind(self) -> Kind:
        """Of its file, or of the member that it stands in."""
        return Kind(self.kind_name)

    @property
    def text(self) -> str:
        """Unpacked when it is asked for: of most candidates it never is."""
        return self._pieces[1]

    @property
    def context(self) -> str:
        """Heading path, qualified name or table header that the text stands under."""
        return self._pieces[0]

    @cached_property
    def _pieces(self) -> tuple[str, str]:
        return pieces_in(self.block, self.place)


@dataclass(frozen=True, slots=True)
class Inside:
    """A member of a file that a search finds."""

    id: int
    content: int
    path: str
    title: str
    kind: Kind


class Place(NamedTuple):
    """A file that a search finds."""

    id: int
    path: Path
    content: int | None
    kind: Kind
    size_bytes: int
    modified: float
    is_absent: bool  # on a drive that is unplugged, or with its watched folder


class CatalogueReader:
    """A reading connection; one thread at a time."""

    def __init__(self, path: Path, *, cache_kib: int = CACHE_KIB) -> None:
        self.path = path
        with translated(path):
            self._connection = connect(path, read_only=True, cache_kib=cache_kib)
        self.words = WordIndex(self._all)
        self._allowed: tuple[object, NDArray[np.int64]] = None, np.empty(0, np.int64)  # by the latest filter

    def close(self) -> None:
        """No call may follow."""
        self._connection.close()

    def _all(self, sql: str, values: Iterable[object] = ()) -> list[tuple[Any, ...]]:
        with translated(self.path):
            return self._connection.execute(sql, tuple(values)).fetchall()

    # Candidates

    def allowed_chunks(self, narrow: ChunkFilter) -> NDArray[np.int64]:
        """Numbers of all the chunks that a filter lets through, ascending; remembered for the next key typed."""
        known = self._moment_of(narrow)
        if self._allowed[0] != known:
            where, values = narrow.every
            listed = self._all(f"SELECT group_concat(c.id) FROM chunks c WHERE {where}", values)[0][0]  # twice as fast
            self._allowed = known, np.sort(np.fromstring(listed or "", np.int64, sep=","))
        return self._allowed[1]

    def remembered_chunks(self, narrow: ChunkFilter) -> NDArray[np.int64] | None:
        """The same where it is remembered."""
        return self._allowed[1] if self._allowed[0] == self._moment_of(narrow) else None

    def _moment_of(self, narrow: ChunkFilter) -> tuple[object, ...]:
        """A filter, and what is another number after each change of the writer."""
        return self._all("PRAGMA data_version")[0][0], *narrow.every

    def passing(self, chunks: Sequence[int], narrow: ChunkFilter) -> list[int]:
        """Those of the chunks that live and pass a filter, in their order."""
        if (known := self.remembered_chunks(narrow)) is not None and len(known):
            asked = np.array(chunks, np.int64)
            places = np.minimum(np.searchsorted(known, asked), len(known) - 1)
            return [int(chunk) for chunk in asked[known[places] == asked]]
        where, values = narrow.each
        found: set[int] = set()
        for part in _parts(chunks):
            sql = f"SELECT c.id FROM chunks c WHERE c.id IN ({_marks(part)}) AND {where}"
            found.update(int(row[0]) for row in self._all(sql, (*part, *values)))
        return [chunk for chunk in chunks if chunk in found]

    def vectors(self, space: Space, chunks: Sequence[int]) -> tuple[list[int], NDArray[np.float32]]:
        """Chunks among these that have a vector in the space, and the vectors, float32 [n, dimension]."""
        rows: list[tuple[Any, ...]] = []
        for part in _parts(chunks):
            sql = f"SELECT chunk, vector FROM vectors WHERE space = ? AND chunk IN ({_marks(part)})"
            rows += self._all(sql, (space.id, *part))
        stored = np.frombuffer(b"".join(row[1] for row in rows), dtype=np.float16)
        return [int(row[0]) for row in rows], stored.reshape(len(rows), space.dimension).astype(np.float32)

    # Confirmed rows

    def passages(self, chunks: Sequence[int], narrow: ChunkFilter | None = None) -> dict[int, Passage]:
        """Those of the chunks that live and pass the filter, by number."""
        where, values = narrow.each if narrow else ("1", [])
        found: dict[int, Passage] = {}
        for part in _parts(chunks):
            for row in self._all(f"{_PASSAGE} WHERE c.id IN ({_marks(part)}) AND {where}", (*part, *values)):
                found[row[0]] = Passage._make(row)
        return found

    def first_passages(self, contents: Sequence[int]) -> dict[int, Passage]:
        """The first passage of each content that has one, by content."""
        first = f"SELECT min(id) FROM chunks WHERE content IN ({_marks(contents)}) AND member IS NULL GROUP BY content"
        return {row[1]: Passage._make(row) for row in self._all(f"{_PASSAGE} WHERE c.id IN ({first})", contents)}

    def first_member_passages(self, members: Sequence[int]) -> dict[int, Passage]:
        """The first passage of each member that has one, by member."""
        first = f"SELECT min(id) FROM chunks WHERE member IN ({_marks(members)}) GROUP BY member"
        found = map(Passage._make, self._all(f"{_PASSAGE} WHERE c.id IN ({first})", members))
        return {passage.member: passage for passage in found}

    def members(self, only: Filters, never: Filters, numbers: Sequence[int]) -> list[Inside]:
        """Members with these numbers that the filters let through."""
        where, values = whole_member_condition(only, never)
        sql = (
            f"{_MEMBER} WHERE m.id IN ({_marks(numbers)}) "
            f"AND EXISTS (SELECT 1 FROM files f INDEXED BY files_by_content WHERE f.content = m.content AND {where})"
        )
        return [_inside(row) for row in self._all(sql, (*numbers, *values))]

    def member_rows(self, content: int) -> tuple[MemberRow, ...]:
        """What is known of the members of a content."""
        sql = "SELECT path, state, reason, chunks FROM members WHERE content = ? ORDER BY id"
        rows = self._all(sql, (content,))
        return tuple(MemberRow(path, FileState(state), reason, chunks) for path, state, reason, chunks in rows)

    def member_path(self, content: int, path: str) -> str | None:
        """A member's path as the catalogue has it, for one in which a slash also leads into archives."""
        sql = "SELECT path FROM members WHERE content = ? AND replace(path, ?, '/') = ?"
        rows = self._all(sql, (content, INSIDE, path))
        return str(rows[0][0]) if rows else None

    def member_at(self, content: int, path: str) -> int | None:
        """The number of a member."""
        rows = self._all("SELECT id FROM members WHERE content = ? AND path = ?", (content, path))
        return int(rows[0][0]) if rows else None

    def places(
        self, only: Filters, never: Filters, *, contents: Sequence[int] = (), files: Sequence[int] = ()
    ) -> list[Place]:
        """Files with these contents or numbers that the filters let through, by path, those of absent folders last."""
        found = self._places("content", contents, file_condition(only, never))
        return _in_order(found + self._places("id", files, whole_file_condition(only, never)))

    def holders(self, only: Filters, never: Filters, contents: Sequence[int]) -> list[Place]:
        """Files with these contents that the filters let through for what is inside them, in the same order."""
        return _in_order(self._places("content", contents, holder_condition(only, never)))

    def _places(self, column: str, numbers: Sequence[int], condition: Condition) -> list[tuple[Any, ...]]:
        where, values = condition
        sql = f"{_PLACE} WHERE f.{column} IN ({_marks(numbers)}) AND {where}"
        return self._all(sql, (*numbers, *values)) if numbers else []

    def names(self, contents: Sequence[int]) -> dict[int, list[str]]:
        """Names of the files with these contents."""
        found: dict[int, list[str]] = {content: [] for content in contents}
        sql = f"SELECT content, name FROM files WHERE content IN ({_marks(contents)})"
        for content, name in self._all(sql, contents):
            found[content].append(name)
        return found

    def recent(self, only: Filters, never: Filters, limit: int) -> list[Place]:
        """Files that the filters let through, last changed first."""
        where, values = whole_file_condition(only, never)
        newest = f"SELECT f.id FROM files f WHERE {where} ORDER BY f.mtime_ns DESC LIMIT ?"  # sorted without the rest
        rows = self._all(f"{_PLACE} WHERE f.id IN ({newest}) ORDER BY f.mtime_ns DESC", (*values, limit))
        return [_place(row) for row in rows]

    def content_at(self, path: Path) -> int | None:
        """Content of an indexed file."""
        rows = self._all("SELECT content FROM files WHERE path = ?", (encoded(path),))
        return rows[0][0] if rows else None

    def chunks_of(self, content: int, member: int | None = None) -> list[int]:
        """Chunks of a content with its members, or of one of them, in order."""
        sql = "SELECT id FROM chunks WHERE content = ?1 AND (?2 IS NULL OR member = ?2) ORDER BY id"
        return [int(row[0]) for row in self._all(sql, (content, member))]

    def text_of(self, content: int, member: int | None = None) -> str:
        """Text of a content or of a member: chunks at their offsets, line breaks where white space was left out."""
        pieces: list[str] = []
        end = 0
        sql = (
            "SELECT c.start, text_in(b.texts, c.place) FROM chunks c JOIN blocks b ON b.id = c.block "
            "WHERE c.content = ? AND c.member IS ? ORDER BY c.start"
        )
        for start, text in self._all(sql, (content, member)):
            pieces += ["\n" * (int(start) - end), str(text)]
            end = int(start) + len(str(text))
        return "".join(pieces)

    def wholes(self, space: Space, contents: Sequence[int]) -> dict[int, NDArray[np.float32]]:
        """Vectors [dimension] of the whole of those contents that have one, by content."""
        found: dict[int, NDArray[np.float32]] = {}
        for part in _parts(contents):
            sql = f"SELECT content, vector FROM wholes WHERE space = ? AND content IN ({_marks(part)})"
            for content, vector in self._all(sql, (space.id, *part)):
                found[int(content)] = np.frombuffer(vector, np.float16).astype(np.float32)
        return found

    # Pages and numbers

    def space_counts(self) -> list[tuple[Space, int]]:
        """Every space and how many chunks it holds."""
        sql = "SELECT id, model, revision, dimension, active, precision, document_task, held FROM spaces ORDER BY id"
        return [
            (Space(number, model, revision, dimension, bool(active), Precision(precision), document_task), held)
            for number, model, revision, dimension, active, precision, document_task, held in self._all(sql)
        ]

    def last_chunk(self) -> int:
        """Number of the newest chunk: how many there are, give or take the deleted ones, at no cost."""
        return int(self._all("SELECT coalesce(max(id), 0) FROM chunks")[0][0])

    def count_chunks(self) -> int:
        """Chunks of all contents."""
        return int(self._all("SELECT count(*) FROM chunks")[0][0])

    def count_files(self, folder: Path | None = None) -> dict[FileState, int]:
        """Files by state, of one watched folder or of all; from indexes alone, as it is asked twice a second."""
        where, values = "1", list[object]()
        if folder is not None:
            where, values = "folder = (SELECT id FROM folders WHERE path = ?)", [encoded(folder)]
        sql = f"SELECT state, count(*) FROM files WHERE {where}"
        counts = Counter[FileState]()
        for state, count in self._all(f"{sql} GROUP BY folder, state", values):  # in the order of the index
            counts[FileState(state)] += count
        for state, count in self._all(f"{sql} AND priority IS NOT NULL GROUP BY state", values):
            counts[FileState(state)] -= count
            counts[FileState.QUEUED] += count
        return {state: count for state, count in counts.items() if count > 0}

    def count_waiting(self, state: FileState) -> int:
        """Files that wait to be read again, by how they are now; from an index alone."""
        sql = "SELECT count(*) FROM files WHERE priority IS NOT NULL AND state = ?"
        return int(self._all(sql, (state,))[0][0])

    def folder_notes(self) -> list[tuple[Path, str]]:
        """Watched folders, and places in them where a drive was mounted, of which there is something to tell."""
        rows = self._all(
            "SELECT path, note FROM folders WHERE note != '' UNION ALL "
            "SELECT path, ? FROM mounts WHERE is_away AND path NOT IN (SELECT path FROM folders) ORDER BY path",
            (AWAY_NOTE,),
        )
        return [(decoded(path), note) for path, note in rows]

    def folders(self) -> tuple[FolderRow, ...]:
        """Watched folders with the number of their files by state."""
        rows = self._all("SELECT path, state, note FROM folders ORDER BY path")
        paths = [(decoded(path), FolderState(state), str(note)) for path, state, note in rows]
        return tuple(FolderRow(path, state, note, self.count_files(path)) for path, state, note in paths)

    def files(
        self, folder: Path | None, state: FileState | None, name: str, limit: int, offset: int
    ) -> tuple[FileRow, ...]:
        """A page of files ordered by path."""
        low, high = below(folder) if folder else (b"", b"\xff")
        rows = self._all(
            f"{_FILE_ROW} WHERE f.path >= ? AND f.path < ? AND (? IS NULL OR {_SHOWN_STATE} = ?) "
            "AND instr(lower(f.name), lower(?)) ORDER BY f.path LIMIT ? OFFSET ?",
            (low, high, state, state, name, limit, offset),
        )
        return tuple(_file_row(row) for row in rows)

    def file(self, path: Path) -> FileRow | None:
        """The row of one path."""
        rows = self._all(f"{_FILE_ROW} WHERE f.path = ?", (encoded(path),))
        return _file_row(rows[0]) if rows else None

    def is_away(self, path: Path) -> bool:
        """Whether what a path lies on was mounted in a watched folder, or as one, and is not now."""
        sql = "SELECT EXISTS (SELECT 1 FROM mounts WHERE is_away AND low <= ?1 AND ?1 < high)"
        return bool(self._all(sql, (encoded(path),))[0][0])

    def queue_place(self, path: Path) -> int | None:
        """Place of a file in the queue, from 1."""
        rows = self._all(
            "SELECT (SELECT count(*) FROM files WHERE priority < f.priority) + 1 FROM files f "
            "WHERE path = ? AND priority IS NOT NULL",
            (encoded(path),),
        )
        return int(rows[0][0]) if rows else None

    def problems(self) -> list[str]:
        """What is wrong with the catalogue, a line each; empty when it is sound."""
        return problems(self.path, self._connection)


def _file_row(row: tuple[Any, ...]) -> FileRow:
    path, state, reason, size, modified, chunks = row
    return FileRow(decoded(path), FileState(state), reason, size, modified, chunks)


def _inside(row: tuple[Any, ...]) -> Inside:
    number, content, path, title, kind = row
    return Inside(number, content, path, title, Kind(kind))


def _place(row: tuple[Any, ...]) -> Place:
    number, path, content, kind, size, modified, is_absent = row
    return Place(number, decoded(path), content, Kind(kind), size, modified, bool(is_absent))


def _in_order(rows: Iterable[tuple[Any, ...]]) -> list[Place]:
    """Each once, by path, those of absent folders last."""
    unique = {row[0]: row for row in rows}.values()
    return [_place(row) for row in sorted(unique, key=itemgetter(6, 1))]  # a Path takes ten times as long to compare


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))


def _parts(values: Sequence[int], size: int = 500) -> Iterable[Sequence[int]]:
    return (values[start : start + size] for start in range(0, len(values), size))
