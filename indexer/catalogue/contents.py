import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.catalogue.damage import damaged_contents, damaged_vectors, drop_orphans, incomplete_contents, text_hash
from indexer.catalogue.records import Space
from indexer.catalogue.texts import blocks, packed_block
from indexer.document import INSIDE, Chunk, Document, Kind, Member
from indexer.results import FileState
from indexer.words import indexed_words

WORTH_MERGING = 1000  # deleted chunks: the words of fewer take a megabyte at most
MERGED_PAGES = 200  # of the index of words, in one change: less than a tenth of a second

_LACKING = "NOT EXISTS (SELECT 1 FROM vectors v WHERE v.chunk = c.id AND v.space = ?)"


@dataclass(frozen=True, slots=True)
class KnownContent:
    """A content that the catalogue holds already."""

    id: int
    chunks: int
    kind: Kind
    note: str


class Contents:
    """What is in the files: chunks, their words and their vectors. The same bytes are one content."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def known(self, digest: bytes, chunker: int, languages: str = "") -> KnownContent | None:
        """The content with this hash, if this chunker made it, and its pictures were read in these languages if any."""
        row = self._connection.execute(
            "SELECT id, chunks, kind, note FROM contents WHERE hash = ?1 AND chunker = ?2 "
            "AND (scan IS NULL OR ?3 = '' OR scan = ?3)",
            (digest, chunker, languages),
        ).fetchone()
        return KnownContent(row[0], row[1], Kind(row[2]), row[3]) if row else None

    def vectors_of(self, space: Space, hashes: Sequence[bytes]) -> dict[bytes, bytes]:
        """float16 vectors that texts with these hashes have already, by hash."""
        found: dict[bytes, bytes] = {}
        for start in range(0, len(hashes), 500):
            part = hashes[start : start + 500]
            found.update(
                self._connection.execute(
                    "SELECT c.text_hash, v.vector FROM chunks c JOIN vectors v ON v.chunk = c.id AND v.space = ? "
                    f"WHERE c.text_hash IN ({', '.join('?' * len(part))})",
                    (space.id, *part),
                )
            )
        return found

    def put(self, digest: bytes, document: Document, chunker: int) -> tuple[int, list[int]]:
        """A content with its chunks and their words, in place of one with the same hash; its number and theirs."""
        old = self._connection.execute("SELECT id FROM contents WHERE hash = ?", (digest,)).fetchone()
        files = self._connection.execute("SELECT id FROM files WHERE content = ?", old).fetchall() if old else []
        if old:
            self._drop(old[0])
        columns = (document.kind, document.title, document.language, document.note, chunker, document.scan)
        content = self._connection.execute(
            "INSERT INTO contents (hash, kind, title, language, note, chunker, scan, chunks) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (digest, *columns, sum(1 for _ in document.every_chunk)),
        ).lastrowid
        assert content is not None
        chunks = self._put_chunks(content, None, document.chunks)
        for member in document.members:
            number = self._put_member(content, member)
            chunks += self._put_chunks(content, number, member.document.chunks)
        self._connection.executemany(
            "UPDATE files SET content = ? WHERE id = ?", [(content, file[0]) for file in files]
        )
        return content, chunks

    def put_vectors(self, space: Space, chunks: Sequence[int], vectors: Sequence[bytes]) -> list[int]:
        """Store float16 vectors of chunks; their numbers, ascending."""
        numbers: list[int] = []
        for chunk, vector in zip(chunks, vectors, strict=True):
            number = self._connection.execute(
                "INSERT INTO vectors (space, chunk, vector) VALUES (?, ?, ?)", (space.id, chunk, vector)
            ).lastrowid
            assert number is not None
            numbers.append(number)
        return numbers

    def without_vector(self, space: Space) -> list[int]:
        """Chunks that a space lacks, those of the files that changed last first; a second for each million."""
        rows = self._connection.execute(
            f"SELECT c.id FROM chunks c WHERE {_LACKING} "
            "ORDER BY (SELECT max(f.mtime_ns) FROM files f WHERE f.content = c.content) DESC, c.id",
            (space.id,),
        )
        return [number for (number,) in rows]

    def to_embed(self, space: Space, chunks: Sequence[int]) -> list[tuple[int, str, bytes]]:
        """Number, embedding text and text hash of those that are still there, and still lacking in a space."""
        rows = self._connection.execute(
            "SELECT c.id, context_in(b.texts, c.place), text_in(b.texts, c.place), c.text_hash "
            "FROM chunks c JOIN blocks b ON b.id = c.block "
            f"WHERE {_LACKING} AND c.id IN ({', '.join('?' * len(chunks))})",
            (space.id, *chunks),
        )
        return [(number, f"{context}\n{text}" if context else text, digest) for number, context, text, digest in rows]

    def mend(self) -> None:
        """Make the words anew from the chunks; drop what is damaged, and what belongs to nothing."""
        drop_orphans(self._connection)
        for content in damaged_contents(self._connection) | incomplete_contents(self._connection):
            self._delete(content)
        damaged = [(number,) for number in damaged_vectors(self._connection)]
        self._connection.executemany("DELETE FROM vectors WHERE id = ?", damaged)
        for (content,) in self._connection.execute(
            "SELECT id FROM contents WHERE id NOT IN (SELECT content FROM files WHERE content IS NOT NULL)"
        ).fetchall():
            self._delete(content)
        self._connection.execute("DELETE FROM vectors WHERE chunk NOT IN (SELECT id FROM chunks)")
        self._connection.execute("UPDATE spaces SET held = (SELECT count(*) FROM vectors WHERE space = spaces.id)")
        self._connection.execute("INSERT INTO words (words) VALUES ('delete-all')")
        self._connection.execute("UPDATE word_deletions SET chunks = 0")
        self._connection.execute(
            "INSERT INTO words (rowid, text, context) "
            "SELECT c.id, indexed_words(text_in(b.texts, c.place)), indexed_words(context_in(b.texts, c.place)) "
            "FROM chunks c JOIN blocks b ON b.id = c.block"
        )

    def has_scattered_words(self) -> bool:
        """Whether the index of words holds so much of deleted chunks that it is to be merged."""
        (deleted,) = self._connection.execute("SELECT chunks FROM word_deletions").fetchone()
        if deleted < WORTH_MERGING:
            return False
        (kept,) = self._connection.execute("SELECT coalesce(sum(chunks), 0) FROM contents").fetchone()
        return bool(2 * deleted > kept)

    def merge_words(self) -> None:
        """Merge a part of the index of words; after the last part it holds nothing of deleted chunks."""
        before = self._connection.total_changes
        self._connection.execute("INSERT INTO words (words, rank) VALUES ('merge', ?)", (-MERGED_PAGES,))
        if self._connection.total_changes - before < 2:  # as FTS5 says that it has nothing to merge
            self._connection.execute("UPDATE word_deletions SET chunks = 0")

    def drop_unshared(self, content: int) -> None:
        """Delete a content unless a file has it."""
        if not self._connection.execute("SELECT 1 FROM files WHERE content = ? LIMIT 1", (content,)).fetchone():
            self._drop(content)

    def name_members(self) -> None:
        """Make their names anew, after all names were deleted."""
        members = self._connection.execute("SELECT id, name FROM members").fetchall()
        self._connection.executemany(
            "INSERT INTO names (rowid, name) VALUES (?, ?)",
            [(-number, indexed_words(name)) for number, name in members],
        )

    def _put_member(self, content: int, member: Member) -> int:
        document = member.document
        name = member.path.rpartition(INSIDE)[2].rpartition("/")[2]
        suffix = name.rpartition(".")[2].lower() if "." in name else ""
        state = FileState.FAILED if member.error else FileState.INDEXED if document.chunks else FileState.NO_TEXT
        reason = member.error or document.note
        number = self._connection.execute(
            "INSERT INTO members (content, path, name, suffix, kind, title, state, reason, chunks) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (content, member.path, name, suffix, document.kind, document.title, state, reason, len(document.chunks)),
        ).lastrowid
        assert number is not None
        self._connection.execute("INSERT INTO names (rowid, name) VALUES (?, ?)", (-number, indexed_words(name)))
        return number

    def _put_chunks(self, content: int, member: int | None, chunks: Iterable[Chunk]) -> list[int]:
        numbers: list[int] = []
        for block in blocks(chunks):
            texts = self._connection.execute(
                "INSERT INTO blocks (content, texts) VALUES (?, ?)", (content, packed_block(block))
            ).lastrowid
            assert texts is not None
            numbers += [self._put_chunk(content, member, texts, place, chunk) for place, chunk in enumerate(block)]
        return numbers

    def _put_chunk(self, content: int, member: int | None, block: int, place: int, chunk: Chunk) -> int:
        position = (chunk.start, chunk.part, chunk.page, chunk.line)
        number = self._connection.execute(
            "INSERT INTO chunks (content, member, block, place, start, part, page, line, language, text_hash) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (content, member, block, place, *position, chunk.language, text_hash(chunk.embedding_text)),
        ).lastrowid
        assert number is not None
        self._connection.execute(
            "INSERT INTO words (rowid, text, context) VALUES (?, ?, ?)",
            (number, indexed_words(chunk.text), indexed_words(chunk.context)),
        )
        return number

    def _drop(self, content: int) -> None:
        self._drop_words(content)
        self._delete(content)

    def _delete(self, content: int) -> None:
        """All but its words and names, which have to be there to be deleted."""
        self._connection.execute("UPDATE files SET content = NULL WHERE content = ?", (content,))
        self._connection.execute(
            "DELETE FROM vectors WHERE chunk IN (SELECT id FROM chunks WHERE content = ?)", (content,)
        )
        self._connection.execute("DELETE FROM contents WHERE id = ?", (content,))

    def _drop_words(self, content: int) -> None:
        chunks = self._connection.execute(
            "SELECT c.id, text_in(b.texts, c.place), context_in(b.texts, c.place) "
            "FROM chunks c JOIN blocks b ON b.id = c.block WHERE c.content = ?",
            (content,),
        ).fetchall()
        self._connection.executemany(
            "INSERT INTO words (words, rowid, text, context) VALUES ('delete', ?, ?, ?)",
            [(number, indexed_words(text), indexed_words(context)) for number, text, context in chunks],
        )
        self._connection.execute("UPDATE word_deletions SET chunks = chunks + ?", (len(chunks),))
        members = self._connection.execute("SELECT id, name FROM members WHERE content = ?", (content,)).fetchall()
        self._connection.executemany(
            "INSERT INTO names (names, rowid, name) VALUES ('delete', ?, ?)",
            [(-number, indexed_words(name)) for number, name in members],
        )


def packed(vectors: NDArray[np.float32]) -> list[bytes]:
    """Vectors [n, d] as the catalogue keeps them, float16."""
    return [row.tobytes() for row in vectors.astype(np.float16)]


def unpacked(rows: Sequence[bytes], space: Space) -> NDArray[np.float32]:
    """Vectors [n, d] from what `packed` made."""
    return np.frombuffer(b"".join(rows), np.float16).reshape(len(rows), space.dimension).astype(np.float32)
