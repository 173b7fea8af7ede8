from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from indexer.results import (
    Explanation,
    FileRow,
    FileState,
    FolderRow,
    SearchRequest,
    SearchResponse,
    SimilarRequest,
    Status,
)
from indexer.settings import Settings


class Engine:
    """The one door to indexing and search. Its methods may be called from any thread; those that say so block."""

    @classmethod
    def open(cls, profile: Path, settings: Settings | None = None) -> Engine:
        """Open or create a profile folder; threads start with `start`.

        Raises:
            StoreError: another process holds it, a newer version wrote it, or it can't be written.
        """
        ...

    def start(self) -> None:
        """Begin to watch, scan and index in background threads. Without it the engine only searches."""

    def close(self) -> None:
        """Stop the threads and worker processes; blocks until they have ended."""

    def search(self, request: SearchRequest) -> SearchResponse:
        """Blocks for some milliseconds. Raises QueryError for a query that can't be understood."""

    def similar(self, request: SimilarRequest) -> SearchResponse:
        """Blocks; reads the file first when it is not indexed. Raises DocumentError when that fails."""

    def status(self) -> Status:
        """Never blocks."""

    def folders(self) -> tuple[FolderRow, ...]:
        """Blocks for a query of the catalogue."""

    def add_folder(self, folder: Path) -> None:
        """Watch a folder and all below it. Raises StoreError: it is no folder, or lies in one that is watched."""

    def remove_folder(self, folder: Path) -> None:
        """Forget a folder and everything indexed below it. Raises StoreError: it is not watched."""

    def index(self) -> None:
        """Scan every folder now, in the background."""

    def wait(self, timeout: float | None = None) -> bool:
        """Block until nothing is queued; False when the time ran out."""

    def pause(self, reason: str = "paused by you") -> None:
        """Stop indexing after the batch in hand; search goes on."""

    def resume(self) -> None:
        """Go on indexing."""

    def retry(self, paths: Sequence[Path]) -> None:
        """Queue files again, whatever their state."""

    def files(
        self, folder: Path | None = None, state: FileState | None = None, name: str = "", limit: int = 1000, offset: int = 0
    ) -> tuple[FileRow, ...]:
        """Rows ordered by path. Blocks for a query of the catalogue."""

    def why(self, path: Path, query: str = "") -> Explanation:
        """Blocks like a search."""

    def text(self, path: Path) -> str:
        """Extracted text of an indexed file, for the preview; empty when there is none. Blocks."""

    def subscribe(self, listener: Callable[[Status], None]) -> Callable[[], None]:
        """Have `listener` called from an engine thread when the activity changes or folders change; returns the undo."""
