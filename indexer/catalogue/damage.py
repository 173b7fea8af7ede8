"""Rows whose bytes have changed on the disk, which SQLite can't tell."""

import hashlib
import sqlite3
from collections.abc import Iterator
from typing import Any

import numpy as np

ROWS = 4096  # read at a time
INCOMPLETE = "chunks != (SELECT count(*) FROM chunks WHERE content = contents.id)"
UNIT_TOLERANCE = 0.05  # of the length of a vector: float16 rounds it by 0.001


def text_hash(text: str) -> bytes:
    """Eight bytes; equal texts share a vector. Two others of a million do with a chance of 1 to 37 million."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()[:8]


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
