import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from indexer.catalogue.migrations import FORMAT, migrate
from indexer.catalogue.records import decoded
from indexer.catalogue.texts import teach
from indexer.errors import DamagedError, StoreError

CACHE_KIB = 16384  # a connection; a memory map instead would count the whole catalogue once for each of them
DAMAGE = ("SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_IOERR_SHORT_READ")  # the last: a file ends before it should
PAGE_BYTES = 16384  # 2,345 bytes for a float16 vector of 1024 dimensions; pages of 4096 waste half


def connect(path: Path, *, read_only: bool = False, cache_kib: int = CACHE_KIB) -> sqlite3.Connection:
    """A connection in autocommit mode for one thread at a time; WAL, so that readers never wait for the writer.

    Raises:
        StoreError: the catalogue is damaged, unreadable, or from a newer version.
    """
    with translated(path):
        uri = f"{path.absolute().as_uri()}?mode={'ro' if read_only else 'rwc'}"
        connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False, timeout=30)
        try:
            teach(connection)
            connection.execute("PRAGMA temp_store = MEMORY")
            connection.execute(f"PRAGMA cache_size = -{cache_kib}")
            if not read_only:
                _prepare(connection, path)
            connection.execute("PRAGMA foreign_keys = ON")
        except BaseException:
            connection.close()
            raise
        return connection


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > FORMAT:
        raise StoreError(
            f"{path}: this profile was written by a newer version of Cognate "
            f"(format {version}, this one reads {FORMAT}). Update Cognate, or start with another --profile."
        )
    connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")
    connection.execute("PRAGMA auto_vacuum = INCREMENTAL")  # of a new catalogue; an old one keeps what it has
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    migrate(connection)
    os.chmod(path, 0o600)


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into a StoreError that names the file and the remedy."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        is_damaged = getattr(error, "sqlite_errorname", "").startswith(DAMAGE)
        raise (DamagedError if is_damaged else StoreError)(f"{path}: {remedy(error)}") from error


def salvaged_folders(path: Path) -> list[Path]:
    """Watched folders that a damaged catalogue still tells; none when it tells nothing."""
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        try:
            return [decoded(row[0]) for row in connection.execute("SELECT path FROM folders")]
        finally:
            connection.close()
    except sqlite3.DatabaseError:
        return []


def remedy(error: sqlite3.DatabaseError) -> str:
    """What happened and what can be done, for the user."""
    name = getattr(error, "sqlite_errorname", "")
    if name.startswith("SQLITE_FULL"):
        return "the disk is full. Free some space; indexing goes on by itself."
    if name.startswith(DAMAGE):
        return "the catalogue is damaged. `cognate doctor --mend` sets it aside and indexes your files anew."
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
        return "the catalogue can't be opened for writing. Check the permissions of its folder."
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return "another process is writing to the catalogue."
    if name.startswith("SQLITE_IOERR"):
        return "the disk could not be read or written. Check it, and the space left on it."
    return f"the catalogue can't be used ({error})."


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All or nothing; the error that ends it goes on to the caller."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.rollback()
        raise
    connection.commit()
