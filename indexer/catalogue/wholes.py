import sqlite3
from dataclasses import dataclass

from indexer.catalogue.records import Space


@dataclass(frozen=True, slots=True)
class WholeText:
    """A content that has no vector of the whole of it yet."""

    content: int
    text: str


class Wholes:
    """One vector of the whole text of a content; one of several documents has none, as it is about no one thing."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def missing(self, space: Space) -> WholeText | None:
        """The newest content that a space lacks the vector of, if all its passages have theirs."""
        row = self._connection.execute(
            "SELECT t.id FROM contents t WHERE t.chunks > 0 "
            "AND NOT EXISTS (SELECT 1 FROM wholes w WHERE w.content = t.id AND w.space = ?) "
            "AND NOT EXISTS (SELECT 1 FROM chunks c WHERE c.content = t.id AND (c.part != '' OR c.member IS NOT NULL)) "
            "ORDER BY t.id DESC LIMIT 1",
            (space.id,),
        ).fetchone()
        if row is None:
            return None
        texts = self._connection.execute(
            "SELECT text_in(b.texts, c.place) FROM chunks c JOIN blocks b ON b.id = c.block "
            "WHERE c.content = ? ORDER BY c.start",
            row,
        )
        return WholeText(row[0], "\n\n".join(text for (text,) in texts))

    def put(self, space: Space, content: int, vector: bytes, is_cut: bool) -> None:
        """Store the float16 vector of a content."""
        self._connection.execute(
            "INSERT OR REPLACE INTO wholes (space, content, vector, is_cut) VALUES (?, ?, ?, ?)",
            (space.id, content, vector, is_cut),
        )
