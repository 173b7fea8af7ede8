import time
from collections import deque
from pathlib import Path

from indexer.catalogue.reader import CatalogueReader
from indexer.results import Activity, FileState, SpaceStatus, Status

RATE_SECONDS = 10  # speed is the mean over this time


class StatusBoard:
    """The latest status, made by one thread and read by any."""

    def __init__(self, catalogue: Path, segments: Path, warnings: tuple[str, ...] = ()) -> None:
        """`warnings` are shown from the start to the end."""
        self._reader = CatalogueReader(catalogue)
        self._segments = segments
        self._warnings = warnings
        self._progress: deque[tuple[float, int]] = deque()
        self.latest = self.refresh(Activity.STARTING)

    def close(self) -> None:
        """No refresh may follow."""
        self._reader.close()

    def refresh(
        self,
        activity: Activity,
        detail: str = "",
        done: int = 0,
        last: tuple[Path, float] | None = None,
        warnings: tuple[str, ...] = (),
    ) -> Status:
        """Read the numbers anew; some milliseconds at 10,000 files."""
        files = self._reader.count_files()
        chunks = self._reader.count_chunks()
        spaces = self._reader.space_counts()
        rate = self._rate(done)
        queued = files.get(FileState.QUEUED, 0)
        self.latest = Status(
            activity=activity,
            detail=detail,
            files=files,
            chunks=chunks,
            done=done,
            files_per_second=rate,
            eta_seconds=queued / rate if queued and rate else None,
            spaces=tuple(SpaceStatus(one.model, one.dimension, held, chunks, one.active) for one, held in spaces),
            catalogue_bytes=_size(self._reader.path)
            + _size(self._reader.path.with_name(f"{self._reader.path.name}-wal")),
            segment_bytes=sum(_size(path) for path in self._segments.iterdir()) if self._segments.is_dir() else 0,
            last_indexed=last[0] if last else None,
            last_indexed_at=last[1] if last else None,
            warnings=self._warnings
            + warnings
            + tuple(f"{row.path}: {row.note}" for row in self._reader.folders() if row.note),
        )
        return self.latest

    def _rate(self, done: int) -> float:
        now = time.monotonic()
        self._progress.append((now, done))
        while len(self._progress) > 2 and now - self._progress[0][0] > RATE_SECONDS:
            self._progress.popleft()
        (start, before), (end, after) = self._progress[0], self._progress[-1]
        return (after - before) / (end - start) if end > start and after > before else 0.0


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
