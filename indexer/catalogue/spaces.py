import sqlite3
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from indexer.catalogue.records import SegmentRecord, Space
from model.precision import Precision

_SPACE = "id, model, revision, dimension, active, precision, document_task"
_SEGMENT = "name, space, low, high, count, bytes, dimension, checksum"


class Spaces:
    """Vector spaces and the segments that were made from them."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def all(self) -> list[Space]:
        """Every space, oldest first."""
        return [_space(row) for row in self._connection.execute(f"SELECT {_SPACE} FROM spaces ORDER BY id")]

    def ensure(
        self,
        model: str,
        revision: str,
        dimension: int,
        chunker: int,
        precision: Precision = Precision.FULL,
        document_task: str = "",
    ) -> Space:
        """The space with these properties; the first one of a profile answers queries at once."""
        active = self._connection.execute("SELECT NOT EXISTS (SELECT 1 FROM spaces WHERE active)").fetchone()[0]
        self._connection.execute(
            "INSERT OR IGNORE INTO spaces (model, revision, dimension, chunker, active, precision, document_task) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            (model, revision, dimension, chunker, active, precision, document_task),
        )
        row = self._connection.execute(
            f"SELECT {_SPACE} FROM spaces WHERE model = ? AND revision = ? AND dimension = ? AND chunker = ?",
            (model, revision, dimension, chunker),
        ).fetchone()
        return _space(row)

    def activate(self, space: Space) -> None:
        """Let a space answer queries from now on, and only it."""
        self._connection.execute("UPDATE spaces SET active = (id = ?)", (space.id,))

    def remove(self, number: int) -> list[str]:
        """Delete a space with its vectors and the rows of its segments; the names of these."""
        names = [record.name for record in self.segments() if record.space == number]
        self._connection.execute("DELETE FROM vectors WHERE space = ?", (number,))
        self._connection.execute("DELETE FROM spaces WHERE id = ?", (number,))
        return names

    def segments(self, space: Space | None = None) -> list[SegmentRecord]:
        """Segments of one space, or of all, by the numbers of their vectors."""
        rows = self._connection.execute(
            f"SELECT {_SEGMENT} FROM segments WHERE ? IS NULL OR space = ? ORDER BY low",
            (space and space.id, space and space.id),
        )
        return [SegmentRecord(*row) for row in rows]

    def publish(self, segment: SegmentRecord, replaced: list[str]) -> None:
        """Add the row of a segment whose file is safely on disk, in place of others."""
        self.forget(replaced)
        self._connection.execute(
            f"INSERT INTO segments ({_SEGMENT}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (segment.name, segment.space, segment.low, segment.high, segment.count)
            + (segment.size_bytes, segment.dimension, segment.checksum),
        )

    def forget(self, names: list[str]) -> None:
        """Delete rows of segments; their vectors are searched exactly until they are built anew."""
        self._connection.executemany("DELETE FROM segments WHERE name = ?", [(name,) for name in names])

    def forget_others(self, spaces: Iterable[Space]) -> list[str]:
        """Delete rows of the segments of all spaces but these; their names."""
        used = {space.id for space in spaces}
        names = [record.name for record in self.segments() if record.space not in used]
        self.forget(names)
        return names

    def count_between(self, space: Space, low: int, high: int) -> int:
        """How many of the vectors numbered low to high are there."""
        sql = "SELECT count(*) FROM vectors WHERE space = ? AND id BETWEEN ? AND ?"
        return int(self._connection.execute(sql, (space.id, low, high)).fetchone()[0])

    def count(self, space: Space) -> int:
        """How many chunks have a vector in this space."""
        row = self._connection.execute("SELECT count(*) FROM vectors WHERE space = ?", (space.id,)).fetchone()
        return int(row[0])

    def vectors(
        self, space: Space, low: int, high: int, batch: int = 4096
    ) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]]:
        """Numbers [n], chunks [n] and vectors [n, dimension] of a space, by number from low to high, in batches."""
        while True:
            rows = self._connection.execute(
                "SELECT id, chunk, vector FROM vectors WHERE space = ? AND id BETWEEN ? AND ? ORDER BY id LIMIT ?",
                (space.id, low, high, batch),
            ).fetchall()
            if not rows:
                return
            yield (
                np.array([row[0] for row in rows], dtype=np.int64),
                np.array([row[1] for row in rows], dtype=np.int64),
                np.frombuffer(b"".join(row[2] for row in rows), dtype=np.float16)
                .reshape(len(rows), space.dimension)
                .astype(np.float32),
            )
            low = rows[-1][0] + 1


def _space(row: tuple[int, str, str, int, int, str, str]) -> Space:
    number, model, revision, dimension, active, precision, document_task = row
    return Space(number, model, revision, dimension, bool(active), Precision(precision), document_task)
