"""An engine whose answers a test lays down, for states that a real one can't be brought to at will."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from indexer.results import Activity, Explanation, FileRow, FileState, FolderRow, FolderState, Status
from model.errors import CognateError

IDLE = Status(
    activity=Activity.IDLE,
    detail="",
    files={},
    searchable=0,
    chunks=0,
    done=0,
    files_per_second=0.0,
    eta_seconds=None,
    spaces=(),
    catalogue_bytes=0,
    segment_bytes=0,
    last_indexed=None,
    last_indexed_at=None,
    warnings=(),
)


class StillEngine:
    """Answers as the engine does, from lists in memory; notes in which threads it was called."""

    def __init__(self, folders: Sequence[FolderRow] = (), rows: Sequence[FileRow] = ()) -> None:
        self.folder_rows = list(folders)
        self.rows = sorted(rows, key=lambda row: row.path)
        self.explanation: Explanation | None = None
        self.problem = ""
        self.retried: list[Path] = []
        self.erased: list[Path] = []
        self.asked: Path | None = None
        self.threads: set[int] = set()
        self.calls = 0
        self._status = IDLE
        self._listener: Callable[[Status], None] = lambda status: None

    def start(self) -> None:
        pass

    def close(self) -> None:
        pass

    def subscribe(self, listener: Callable[[Status], None]) -> Callable[[], None]:
        self._listener = listener
        return lambda: None

    def status(self) -> Status:
        return self._status

    def become(self, status: Status) -> None:
        self._status = status
        self._listener(status)

    def pause(self, reason: str = "paused by you") -> None:
        self.become(replace(self._status, activity=Activity.PAUSED, detail=reason))

    def resume(self) -> None:
        self.become(replace(self._status, activity=Activity.IDLE, detail=""))

    def index(self) -> None:
        self._enter()

    def folders(self) -> tuple[FolderRow, ...]:
        self._enter()
        return tuple(self.folder_rows)

    def add_folder(self, folder: Path) -> None:
        self._enter()
        self.folder_rows.append(FolderRow(folder, FolderState.WATCHED, "", {}))

    def interrupt(self) -> None:
        pass

    def remove_folder(self, folder: Path, erase: bool = False) -> None:
        self._enter()
        self.erased += [folder] * erase
        self.folder_rows = [row for row in self.folder_rows if row.path != folder]

    def retry(self, paths: Sequence[Path]) -> None:
        self._enter()
        self.retried.extend(paths)

    def files(
        self,
        folder: Path | None = None,
        state: FileState | None = None,
        name: str = "",
        limit: int = 1000,
        offset: int = 0,
    ) -> tuple[FileRow, ...]:
        self._enter()
        found = [
            row
            for row in self.rows
            if (folder is None or row.path.is_relative_to(folder))
            and (state is None or row.state is state)
            and name.lower() in row.path.name.lower()
        ]
        return tuple(found[offset : offset + limit])

    def why(self, path: Path, query: str = "") -> Explanation:
        self._enter()
        assert self.explanation is not None
        self.asked = path
        return replace(self.explanation, path=path)

    def _enter(self) -> None:
        self.calls += 1
        self.threads.add(threading.get_ident())
        if self.problem:
            raise CognateError(self.problem)
