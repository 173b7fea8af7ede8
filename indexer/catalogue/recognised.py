import sqlite3
import threading
from contextlib import suppress
from pathlib import Path

from indexer.catalogue.database import translated
from indexer.errors import DamagedError, StoreError

FILE_NAME = "recognised.db"


class RecognisedTexts:
    """The texts of pictures by what the pictures show, so that each is recognised once; any thread may ask.

    A file of its own beside the catalogue, which it outlives. All that a loss costs is to recognise texts again: a
    damaged one begins anew, and where it can't be used nothing is kept.
    """

    def __init__(self, profile: Path) -> None:
        self._path = profile / FILE_NAME
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None

    def recall(self, key: str) -> str | None:
        """The text for a key; None for one that is not known."""
        with self._lock, suppress(StoreError), translated(self._path):
            row = self._opened().execute("SELECT text FROM texts WHERE key = ?", (key,)).fetchone()
            return str(row[0]) if row else None
        return None

    def remember(self, key: str, text: str) -> None:
        """Keep a text."""
        with self._lock, suppress(StoreError), translated(self._path):
            self._opened().execute("INSERT OR REPLACE INTO texts VALUES (?, ?)", (key, text))

    def clear(self) -> None:
        """Forget all of them; the file is gone afterwards."""
        with self._lock:
            self._close()
            self._path.unlink(missing_ok=True)

    def close(self) -> None:
        """Give the file back; a later call opens it again."""
        with self._lock:
            self._close()

    def _close(self) -> None:
        if self._connection:
            self._connection.close()
            self._connection = None

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            try:
                with translated(self._path):
                    self._connection = _connect(self._path)
            except DamagedError:
                self._path.unlink()
                self._connection = _connect(self._path)
        return self._connection


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("CREATE TABLE IF NOT EXISTS texts (key TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID")
        path.chmod(0o600)
    except BaseException:
        connection.close()
        raise
    return connection
