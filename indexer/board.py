import time
from collections import deque
from pathlib import Path

from indexer.catalogue.reader import CatalogueReader
from indexer.catalogue.records import Space
from indexer.results import Activity, FileState, SpaceStatus, Status

RATE_SECONDS = 10  # speed is the mean over this time


class StatusBoard:
    """The latest status, made by one thread and read by any."""

    def __init__(self, reader: CatalogueReader, segments: Path, warnings: tuple[str, ...] = ()) -> None:
        """`reader` is used by no other thread; `warnings` are shown from the start to the end."""
        self._reader = reader
        self._segments = segments
        self._warnings = warnings
        self.filled: frozenset[int] = frozenset()  # numbers of the spaces that get the vectors of new passages
        self.notices: tuple[str, ...] = ()  # shown from the next refresh on; any thread may replace them
        self._progress: deque[tuple[float, int]] = deque()
        self._held: dict[int, deque[tuple[float, int]]] = {}  # of each space
        self.latest = self.refresh(Activity.STARTING)

    def refresh(
        self,
        activity: Activity,
        detail: str = "",
        done: int = 0,
        last: tuple[Path, float] | None = None,
        warnings: tuple[str, ...] = (),
    ) -> Status:
        """Read the numbers anew; some 30 milliseconds at 200,000 files."""
        files = self._reader.count_files()
        chunks = self._reader.count_chunks()
        spaces = self._reader.space_counts()
        rate = _rate(self._progress, done)
        queued = files.get(FileState.QUEUED, 0)
        self.latest = Status(
            activity=activity,
            detail=detail,
            files=files,
            searchable=files.get(FileState.INDEXED, 0) + self._reader.count_waiting(FileState.INDEXED),
            chunks=chunks,
            done=done,
            files_per_second=rate,
            eta_seconds=queued / rate if queued and rate else None,
            spaces=tuple(self._space(one, held, chunks) for one, held in spaces),
            catalogue_bytes=_size(self._reader.path)
            + _size(self._reader.path.with_name(f"{self._reader.path.name}-wal")),
            segment_bytes=sum(_size(path) for path in self._segments.iterdir()) if self._segments.is_dir() else 0,
            last_indexed=last[0] if last else None,
            last_indexed_at=last[1] if last else None,
            warnings=self._warnings
            + warnings
            + self.notices
            + tuple(f"{path}: {note}" for path, note in self._reader.folder_notes()),
        )
        return self.latest

    def _space(self, space: Space, held: int, total: int) -> SpaceStatus:
        rate = _rate(self._held.setdefault(space.id, deque()), held)
        left = max(0, total - held)
        size_bytes = 2 * held * space.dimension  # as float16
        eta_seconds = left / rate if left and rate else None
        return SpaceStatus(
            space.model,
            space.dimension,
            held,
            total,
            space.active,
            size_bytes,
            eta_seconds,
            space.precision,
            space.document_task,
            space.id,
            is_kept=not space.active and space.id not in self.filled,
        )


def _rate(progress: deque[tuple[float, int]], done: int) -> float:
    """How many a second, of late."""
    now = time.monotonic()
    progress.append((now, done))
    while len(progress) > 2 and now - progress[0][0] > RATE_SECONDS:
        progress.popleft()
    (start, before), (end, after) = progress[0], progress[-1]
    return (after - before) / (end - start) if end > start and after > before else 0.0


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
