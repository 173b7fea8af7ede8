import os
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from indexer.catalogue.contents import Contents
from indexer.catalogue.records import FileRecord, Stamp, below, decoded, encoded, printable
from indexer.document import Kind
from indexer.results import FileState, FolderState
from indexer.words import indexed_words

_COLUMNS = "id, folder, path, size, mtime_ns, device, inode, kind, state, reason, content, priority"


class Files:
    """Watched folders, the files in them, and the queue. Changes happen inside a transaction of the writer."""

    def __init__(self, connection: sqlite3.Connection, contents: Contents) -> None:
        self._connection = connection
        self._contents = contents

    def folders(self) -> list[tuple[int, Path, FolderState]]:
        """Number, path and state of each watched folder."""
        rows = self._connection.execute("SELECT id, path, state FROM folders ORDER BY path")
        return [(number, decoded(path), FolderState(state)) for number, path, state in rows]

    def add_folder(self, folder: Path) -> None:
        """Nothing happens when it is there already."""
        self._connection.execute(
            "INSERT OR IGNORE INTO folders (path, state, note) VALUES (?, ?, '')",
            (encoded(folder), FolderState.WATCHED),
        )

    def set_folder_state(self, folder: Path, state: FolderState, note: str) -> None:
        """What the folders page shows about it."""
        self._connection.execute(
            "UPDATE folders SET state = ?, note = ? WHERE path = ?", (state, note, encoded(folder))
        )

    def mounts(self, folder: int) -> dict[Path, bool]:
        """Where disks and shares were mounted in a watched folder, and whether they are away now."""
        rows = self._connection.execute("SELECT path, is_away FROM mounts WHERE folder = ?", (folder,))
        return {decoded(path): bool(is_away) for path, is_away in rows}

    def set_mounts(self, folder: int, places: Mapping[Path, bool]) -> None:
        """Replace what `mounts` tells."""
        self._connection.execute("DELETE FROM mounts WHERE folder = ?", (folder,))
        self._connection.executemany(
            "INSERT INTO mounts (folder, path, low, high, is_away) VALUES (?, ?, ?, ?, ?)",
            [(folder, encoded(place), *below(place), is_away) for place, is_away in places.items()],
        )

    def away(self, folder: int) -> tuple[str, ...]:
        """What the locations of files begin with that lie on what is away now."""
        return tuple(f"{place}{os.sep}" for place, is_away in self.mounts(folder).items() if is_away)

    def remove_folder(self, folder: Path) -> None:
        """The folder with its files, and the contents that no other file shares with them."""
        rows = self._connection.execute(
            f"SELECT {_COLUMNS} FROM files WHERE folder = (SELECT id FROM folders WHERE path = ?)", (encoded(folder),)
        )
        self.remove([_record(row) for row in rows.fetchall()])
        self._connection.execute("DELETE FROM folders WHERE path = ?", (encoded(folder),))

    def at(self, path: Path) -> FileRecord | None:
        """The row of a path."""
        row = self._connection.execute(f"SELECT {_COLUMNS} FROM files WHERE path = ?", (encoded(path),)).fetchone()
        return _record(row) if row else None

    def below(self, folder: Path, limit: int = -1) -> list[FileRecord]:
        """Rows of everything below a folder, or of the first so many, ordered by path."""
        rows = self._connection.execute(
            f"SELECT {_COLUMNS} FROM files WHERE path >= ? AND path < ? ORDER BY path LIMIT ?", (*below(folder), limit)
        )
        return [_record(row) for row in rows]

    def with_stamp(self, stamp: Stamp) -> list[FileRecord]:
        """Rows with this very stamp: where a file may have come from that was moved."""
        rows = self._connection.execute(
            f"SELECT {_COLUMNS} FROM files WHERE inode = ? AND device = ? AND size = ? AND mtime_ns = ?",
            (stamp.inode, stamp.device, stamp.size_bytes, stamp.mtime_ns),
        )
        return [_record(row) for row in rows]

    def queued(self, limit: int) -> list[FileRecord]:
        """Files to be read, most urgent first; those of a folder or disk that is away wait until it comes back."""
        rows = self._connection.execute(
            f"SELECT {_COLUMNS} FROM files WHERE priority IS NOT NULL "
            "AND folder NOT IN (SELECT id FROM folders WHERE state = ?) AND NOT EXISTS (SELECT 1 FROM mounts m WHERE "
            "m.is_away AND files.path >= m.low AND files.path < m.high) ORDER BY priority LIMIT ?",
            (FolderState.ABSENT, limit),
        )
        return [_record(row) for row in rows]

    def put(self, folder: int, path: Path, stamp: Stamp, kind: Kind) -> FileRecord:
        """Insert a row, or give an old one its new stamp. A new row waits for `enqueue` or `finish`."""
        row = self._connection.execute(
            "INSERT INTO files (folder, path, name, suffix, kind, size, mtime_ns, device, inode, state, reason) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '') ON CONFLICT (path) DO UPDATE SET folder = excluded.folder, "
            "kind = excluded.kind, size = excluded.size, mtime_ns = excluded.mtime_ns, device = excluded.device, "
            f"inode = excluded.inode RETURNING {_COLUMNS}",
            (folder, encoded(path), *_name_columns(path), kind, stamp.size_bytes, stamp.mtime_ns, stamp.device)
            + (stamp.inode, FileState.EXCLUDED),
        ).fetchone()
        return _record(row)

    def enqueue(self, record: FileRecord, priority: int) -> None:
        """Have a file read, lowest priority first; until then its old content is found."""
        self._name(record, findable=True)
        state = FileState.NO_TEXT if record.state is FileState.EXCLUDED else record.state
        self._connection.execute("UPDATE files SET priority = ?, state = ? WHERE id = ?", (priority, state, record.id))

    def enqueue_outdated(self, chunker: int) -> None:
        """Have files read again whose chunks another version of the chunker made; until then those are found."""
        self._connection.execute(
            "UPDATE files SET priority = 0 WHERE content IN (SELECT id FROM contents WHERE chunker != ?)", (chunker,)
        )

    def enqueue_scans(self, languages: str, suffixes: Sequence[str], unread: str, priority: int) -> None:
        """Have pictures read, and files with pictures of text that was not recognised in these languages.

        `unread` is the reason that pictures have while nobody reads them.
        """
        self._connection.execute(
            "UPDATE files SET priority = ? WHERE priority IS NULL AND content IN "
            "(SELECT id FROM contents WHERE scan != ?)",
            (priority, languages),
        )
        self._connection.execute(
            f"UPDATE files SET priority = ? WHERE priority IS NULL AND content IS NULL AND reason = ? "
            f"AND suffix IN ({', '.join('?' * len(suffixes))})",
            (priority, unread, *suffixes),
        )

    def finish(self, record: FileRecord, state: FileState, reason: str, content: int | None) -> None:
        """The state that a file has from now on; a content that no file has any more goes."""
        self._name(record, findable=state is not FileState.EXCLUDED)
        self._connection.execute(
            "UPDATE files SET state = ?, reason = ?, content = ?, priority = NULL WHERE id = ?",
            (state, reason, content, record.id),
        )
        if record.content is not None and record.content != content:
            self._contents.drop_unshared(record.content)

    def move(self, record: FileRecord, folder: int, path: Path) -> None:
        """The same file under another path: no reading, no embedding."""
        findable = record.state is not FileState.EXCLUDED
        self._name(record, findable=False)
        self._connection.execute(
            "UPDATE files SET folder = ?, path = ?, name = ?, suffix = ? WHERE id = ?",
            (folder, encoded(path), *_name_columns(path), record.id),
        )
        if findable:
            self._insert_name(record.id, path)

    def remove(self, records: Iterable[FileRecord]) -> None:
        """Files that are gone, their names, and contents that no other file shares."""
        for record in records:
            self._name(record, findable=False)
            self._connection.execute("DELETE FROM files WHERE id = ?", (record.id,))
            if record.content is not None:
                self._contents.drop_unshared(record.content)

    def mend(self) -> None:
        """Make the names anew, and queue files that are said to be indexed but have no content."""
        self._connection.execute("INSERT INTO names (names) VALUES ('delete-all')")
        rows = self._connection.execute("SELECT id, path FROM files WHERE state != ?", (FileState.EXCLUDED,)).fetchall()
        for number, path in rows:
            self._insert_name(number, decoded(path))
        self._contents.name_members()
        self._connection.execute(
            "UPDATE files SET priority = 0 WHERE state = ? AND content IS NULL", (FileState.INDEXED,)
        )

    def _name(self, record: FileRecord, *, findable: bool) -> None:
        """Excluded files are not found by their name; all others are."""
        was_findable = record.state is not FileState.EXCLUDED
        if findable and not was_findable:
            self._insert_name(record.id, record.path)
        elif was_findable and not findable:
            self._connection.execute(
                "INSERT INTO names (names, rowid, name) VALUES ('delete', ?, ?)", (record.id, _name_words(record.path))
            )

    def _insert_name(self, number: int, path: Path) -> None:
        self._connection.execute("INSERT INTO names (rowid, name) VALUES (?, ?)", (number, _name_words(path)))


def _name_columns(path: Path) -> tuple[str, str]:
    return printable(path).rsplit("/", 1)[-1], printable(path).rpartition(".")[2].lower() if path.suffix else ""


def _name_words(path: Path) -> str:
    return indexed_words(_name_columns(path)[0])


def _record(row: tuple[int, int, bytes, int, int, int, int, str, str, str, int | None, int | None]) -> FileRecord:
    number, folder, path, size, mtime_ns, device, inode, kind, state, reason, content, priority = row
    stamp = Stamp(size, mtime_ns, device, inode)
    queued = priority is not None
    return FileRecord(number, folder, os.fsdecode(path), stamp, Kind(kind), FileState(state), reason, content, queued)
