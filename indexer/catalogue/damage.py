"""What can be wrong with a catalogue: also rows whose bytes have changed on the disk, which SQLite can't tell."""

import hashlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from indexer.catalogue.database import remedy, translated
from indexer.errors import StoreError

ROWS = 4096  # read at a time
INCOMPLETE = "chunks != (SELECT count(*) FROM chunks WHERE content = contents.id)"
UNIT_TOLERANCE = 0.05  # of the length of a vector: float16 rounds it by 0.001

_INCONSISTENCIES = (
    ("chunks without words", "SELECT count(*) FROM chunks WHERE id NOT IN (SELECT id FROM words_docsize)"),
    ("words without a chunk", "SELECT count(*) FROM words_docsize WHERE id NOT IN (SELECT id FROM chunks)"),
    (
        "chunks without a vector",
        "SELECT count(*) FROM chunks WHERE id NOT IN "
        "(SELECT chunk FROM vectors WHERE space = (SELECT id FROM spaces WHERE active))",
    ),
    ("vectors without a chunk", "SELECT count(*) FROM vectors WHERE chunk NOT IN (SELECT id FROM chunks)"),
    (
        "contents without a file",
        "SELECT count(*) FROM contents WHERE id NOT IN (SELECT content FROM files WHERE content IS NOT NULL)",
    ),
    ("contents without all their chunks", f"SELECT count(*) FROM contents WHERE {INCOMPLETE}"),
    (
        "files that are not found by their name",
        "SELECT count(*) FROM files WHERE state != 'excluded' AND id NOT IN (SELECT id FROM names_docsize)",
    ),
    (
        "indexed files without a content",
        "SELECT count(*) FROM files WHERE state = 'indexed' AND content IS NULL AND priority IS NULL",
    ),
)


def text_hash(text: str) -> bytes:
    """Eight bytes; equal texts share a vector. Two others of a million do with a chance of 1 to 37 million."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()[:8]


def problems(path: Path, connection: sqlite3.Connection) -> list[str]:
    """A line for each; empty when the catalogue at `path` is sound. Raises StoreError: it can't be read."""
    with translated(path):
        found = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(20)") if row[0] != "ok"]
        orphans = connection.execute("PRAGMA foreign_key_check").fetchall()
        found += [f"{table} row {row} refers to nothing" for table, row, *_ in orphans]
        for what, sql in _INCONSISTENCIES:
            (count,) = connection.execute(sql).fetchone()
            found += [f"{count:,} {what}"] if count else []
        contents, vectors = damaged_contents(connection), damaged_vectors(connection)
    found += [f"the index of {table} is damaged" for table in ("words", "names") if not _is_sound(path, table)]
    found += [f"{len(contents):,} contents whose text has changed on the disk"] if contents else []
    return found + ([f"{len(vectors):,} vectors that have changed on the disk"] if vectors else [])


def _is_sound(path: Path, table: str) -> bool:
    """Whether FTS5 can read its own index; asked as an INSERT, which writes nothing."""
    with translated(path):
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=30)
    try:
        connection.execute(f"INSERT INTO {table} ({table}) VALUES ('integrity-check')")
    except sqlite3.DatabaseError as error:
        name = getattr(error, "sqlite_errorname", "")
        if name.startswith(("SQLITE_CORRUPT", "SQLITE_READONLY")):
            return not name.startswith("SQLITE_CORRUPT")  # on a disk that can't be written it can't be asked
        raise StoreError(f"{path}: {remedy(error)}") from error
    finally:
        connection.close()
    return True


def damaged_contents(connection: sqlite3.Connection) -> set[int]:
    """Contents with a chunk that has another text than when it was written."""
    rows = connection.execute(
        "SELECT c.content, context_in(b.texts, c.place), text_in(b.texts, c.place), c.text_hash "
        "FROM chunks c LEFT JOIN blocks b ON b.id = c.block"
    )
    return {
        content
        for content, context, text, digest in _rows(rows)
        if text_hash(f"{context}\n{text}" if context else text) != digest
    }


def damaged_vectors(connection: sqlite3.Connection) -> list[int]:
    """Numbers of vectors that are neither of length 1 nor empty, as that of a text without a known word."""
    found: list[int] = []
    for number, vector in _rows(connection.execute("SELECT id, vector FROM vectors")):
        length = float(np.linalg.norm(np.frombuffer(vector, np.float16).astype(np.float32)))
        if length and not abs(length - 1) < UNIT_TOLERANCE:
            found.append(number)
    return found


def incomplete_contents(connection: sqlite3.Connection) -> set[int]:
    """Contents that lack some of their chunks."""
    rows = connection.execute(f"SELECT id FROM contents WHERE {INCOMPLETE}")
    return {content for (content,) in rows}


def drop_orphans(connection: sqlite3.Connection) -> None:
    """Delete rows that refer to what is not there; a file without its content is kept, to be read again."""
    connection.execute("UPDATE files SET content = NULL WHERE content NOT IN (SELECT id FROM contents)")
    while orphans := connection.execute("PRAGMA foreign_key_check").fetchall():  # what referred to them is next
        for table, row, *_ in orphans:
            connection.execute(f"DELETE FROM {table} WHERE rowid = ?", (row,))


def _rows(cursor: sqlite3.Cursor) -> Iterator[tuple[Any, ...]]:
    while rows := cursor.fetchmany(ROWS):
        yield from rows
