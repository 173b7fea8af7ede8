import os
from pathlib import Path

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer

from indexer.rules import DECIDING_NAMES, Rules
from indexer.watching.tree import TreeListener

# Nothing that reading a file causes: the indexer must not hear itself.
FILE_EVENTS = (FileCreatedEvent, FileModifiedEvent, FileClosedEvent, FileMovedEvent, FileDeletedEvent)
FOLDER_EVENTS = (DirCreatedEvent, DirMovedEvent, DirDeletedEvent)


class RecursiveTree(FileSystemEventHandler):
    """Watches a folder and all below it by one watch of the system, as macOS and Windows have it."""

    def __init__(self, root: Path, rules: Rules, listener: TreeListener, leave_out: frozenset[str]) -> None:
        self._root, self._real_root = str(root), os.path.realpath(root)
        self._rules, self._listener, self._leave_out = rules, listener, leave_out
        self._observer = Observer()
        self._observer.schedule(self, str(root), recursive=True, event_filter=[*FILE_EVENTS, *FOLDER_EVENTS])
        self._observer.start()

    def walk(self, folder: str) -> None:
        """Nothing to do: the one watch holds everything."""

    def close(self) -> None:
        """End the watch."""
        self._observer.stop()
        self._observer.join()

    def dispatch(self, event: FileSystemEvent) -> None:
        """Tell of both ends of an event; called by watchdog."""
        for path in (event.src_path, event.dest_path):
            if path:
                self._changed(self._below_root(os.fsdecode(path)), isinstance(event, FOLDER_EVENTS))

    def _changed(self, path: str, is_folder: bool) -> None:
        if path != self._root and self._is_left_out(os.path.dirname(path)):
            return
        if is_folder:
            self._rules.forget(Path(path))
        self._listener.changed(path, is_folder)
        if os.path.basename(path) in DECIDING_NAMES:
            for decided in self._rules.forget(Path(path)):
                self._listener.changed(str(decided), is_tree=True)

    def _is_left_out(self, folder: str) -> bool:
        below_root = folder == self._root or folder.startswith(self._root + os.sep)
        return folder in self._leave_out or not below_root or self._rules.folder_verdict(folder) is not None

    def _below_root(self, path: str) -> str:
        """What the path is below the root as it is called here: on macOS events have real paths."""
        if not path.startswith(self._root) and path.startswith(self._real_root):
            return self._root + path[len(self._real_root) :]
        return path
