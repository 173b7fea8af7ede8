from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from indexer.catalogue.contents import Contents
from indexer.catalogue.database import connect, transaction, translated
from indexer.catalogue.files import Files
from indexer.catalogue.spaces import Spaces
from indexer.catalogue.wholes import Wholes

KEPT_PAGES = 32  # that are free, for what comes next: half a megabyte, or
KEPT_SHARE = 0.002  # of all
RETURNED_PAGES = 200  # at once: some milliseconds


class CatalogueWriter:
    """The one writing connection; belongs to the indexing thread."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection = connect(path)
        self.contents = Contents(self._connection)
        self.files = Files(self._connection, self.contents)
        self.spaces = Spaces(self._connection)
        self.wholes = Wholes(self._connection)

    def close(self) -> None:
        """Also folds the write-ahead log into the catalogue."""
        self._connection.close()

    @contextmanager
    def change(self) -> Iterator[None]:
        """One transaction, durable when it ends; raises StoreError, and then nothing of it has happened.

        A change within another one is a part of it.
        """
        if self._connection.in_transaction:
            yield
            return
        with translated(self.path), transaction(self._connection):
            yield

    @contextmanager
    def read(self) -> Iterator[None]:
        """Reading outside of a change; raises StoreError."""
        with translated(self.path):
            yield

    def shrink(self) -> bool:
        """Give a part of the free pages back to the disk; False when there are few, or the catalogue can't shrink."""
        with self.read():
            free = self._free_pages()
            if free <= max(KEPT_PAGES, KEPT_SHARE * self._connection.execute("PRAGMA page_count").fetchone()[0]):
                return False
            self._connection.execute(f"PRAGMA incremental_vacuum({RETURNED_PAGES})").fetchall()
            return self._free_pages() < free

    def _free_pages(self) -> int:
        return int(self._connection.execute("PRAGMA freelist_count").fetchone()[0])
