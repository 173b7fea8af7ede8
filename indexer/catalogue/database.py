import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from indexer.catalogue.records import decoded
from indexer.errors import DamagedError, StoreError

FORMAT = 1  # PRAGMA user_version; a profile with a higher number was written by a newer version
APPLICATION_ID = 0x436F676E  # "Cogn"
CACHE_KIB = 16384  # a connection; a memory map instead would count the whole catalogue once for each of them
PAGE_BYTES = 16384  # 2,345 bytes for a float16 vector of 1024 dimensions; pages of 4096 waste half

SCHEMA = """
CREATE TABLE folders (
    id INTEGER PRIMARY KEY,
    path BLOB NOT NULL UNIQUE,
    state TEXT NOT NULL,
    note TEXT NOT NULL
);
CREATE TABLE contents (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    hash BLOB NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    language TEXT NOT NULL,
    note TEXT NOT NULL,
    chunker INTEGER NOT NULL,
    chunks INTEGER NOT NULL
);
CREATE TABLE files (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    folder INTEGER NOT NULL REFERENCES folders ON DELETE CASCADE,
    path BLOB NOT NULL UNIQUE,
    name TEXT NOT NULL,
    suffix TEXT NOT NULL,
    kind TEXT NOT NULL,
    size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    device INTEGER NOT NULL,
    inode INTEGER NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    content INTEGER REFERENCES contents,
    priority INTEGER
);
CREATE INDEX files_by_content ON files (content);
CREATE INDEX files_by_inode ON files (inode);
CREATE INDEX files_by_folder_and_state ON files (folder, state);
CREATE INDEX queue ON files (priority) WHERE priority IS NOT NULL;
CREATE TABLE chunks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    content INTEGER NOT NULL REFERENCES contents ON DELETE CASCADE,
    start INTEGER NOT NULL,
    end INTEGER NOT NULL,
    text TEXT NOT NULL,
    context TEXT NOT NULL,
    part TEXT NOT NULL,
    page INTEGER,
    line INTEGER,
    language TEXT NOT NULL,
    text_hash BLOB NOT NULL
);
CREATE INDEX chunks_by_content ON chunks (content);
CREATE INDEX chunks_by_text ON chunks (text_hash);
CREATE VIRTUAL TABLE words USING fts5 (context, text, content='', tokenize="unicode61 remove_diacritics 2");
CREATE VIRTUAL TABLE word_counts USING fts5vocab (words, row);
CREATE VIRTUAL TABLE names USING fts5 (name, content='', tokenize="unicode61 remove_diacritics 2");
CREATE TABLE spaces (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    model TEXT NOT NULL,
    revision TEXT NOT NULL,
    dimension INTEGER NOT NULL,
    chunker INTEGER NOT NULL,
    active INTEGER NOT NULL,
    UNIQUE (model, revision, dimension, chunker)
);
CREATE TABLE vectors (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    space INTEGER NOT NULL REFERENCES spaces ON DELETE CASCADE,
    chunk INTEGER NOT NULL,
    vector BLOB NOT NULL
);
CREATE UNIQUE INDEX vectors_by_chunk ON vectors (chunk, space);
CREATE TABLE segments (
    name TEXT PRIMARY KEY,
    space INTEGER NOT NULL REFERENCES spaces ON DELETE CASCADE,
    low INTEGER NOT NULL,
    high INTEGER NOT NULL,
    count INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    dimension INTEGER NOT NULL,
    checksum BLOB NOT NULL
);
"""

MIGRATIONS: tuple[tuple[int, str], ...] = ((1, SCHEMA),)


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """A connection in autocommit mode for one thread at a time; WAL, so that readers never wait for the writer.

    Raises:
        StoreError: the catalogue is damaged, unreadable, or from a newer version.
    """
    with translated(path):
        uri = f"{path.absolute().as_uri()}?mode={'ro' if read_only else 'rwc'}"
        connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False, timeout=30)
        try:
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA temp_store = MEMORY")
            connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
            if not read_only:
                _prepare(connection, path)
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
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    for step, statements in MIGRATIONS:
        if step > version:
            marks = f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {step};"
            connection.executescript(f"BEGIN IMMEDIATE; {statements} {marks} COMMIT;")
    os.chmod(path, 0o600)


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into a StoreError that names the file and the remedy."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        is_damaged = getattr(error, "sqlite_errorname", "").startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB"))
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
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
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
