"""Whole catalogues: copied while they are written to, and rewritten so that nothing deleted is left in them."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from indexer.catalogue.database import connect, translated
from indexer.errors import StoreError

STEPS_BETWEEN_STOPS = 100_000  # of SQLite's virtual machine: some milliseconds
_OF_THE_TARGET = ("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_READONLY")


def copy_catalogue(source: Path, target: Path, stop: Callable[[], bool]) -> None:
    """Write the catalogue as it is at this moment to a file that does not exist; writers go on meanwhile.

    What was deleted is not in the copy. Raises StoreError: the copy could not be written, or `stop` said so.
    """
    with translated(source), closing(connect(source, read_only=True)) as connection:
        connection.set_progress_handler(stop, STEPS_BETWEEN_STOPS)
        try:
            connection.execute("VACUUM INTO ?", (str(target),))
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname == "SQLITE_INTERRUPT":
                raise StoreError(f"{target.parent}: the copy was broken off.") from error
            if error.sqlite_errorname.startswith(_OF_THE_TARGET):
                raise StoreError(f"{target.parent}: the copy can't be written. Check the space left there.") from error
            raise


def detach(path: Path) -> None:
    """Leave write-ahead mode, so that the file is whole by itself and can be read from a read-only disk; flush it."""
    with translated(path), closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def scrub(path: Path) -> None:
    """Rewrite the catalogue and empty its log, so that no byte of either holds what was deleted.

    secure_delete alone leaves it in two places: in the full-text tables, which keep deleted words until they are
    merged, and in the gaps of pages that SQLite rebalanced. Needs room for a second copy; blocks for a minute or so at
    a million chunks.
    """
    with translated(path), closing(connect(path)) as connection:
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("PRAGMA temp_store = FILE")  # it may be larger than the memory
        for table in ("words", "names"):
            connection.execute(f"INSERT INTO {table} ({table}) VALUES ('optimize')")
        connection.execute("VACUUM")
        (is_busy, *_) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if is_busy:
        raise StoreError(f"{path}: another process reads the catalogue, so its log can't be emptied yet.")
