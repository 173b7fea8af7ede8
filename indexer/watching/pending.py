import logging
import os
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from pathlib import Path

log = logging.getLogger(__name__)

MAX_WAIT_SECONDS = 5.0  # a file that is written to without end is reported this often
GATHER_SECONDS = 0.05  # what comes due together is reported together: a new folder without what was made in it


class Pending:
    """Changed paths, each once, until they have been quiet for a while. Times are seconds of any clock."""

    def __init__(self, quiet_seconds: float, max_wait_seconds: float = MAX_WAIT_SECONDS) -> None:
        self._quiet = quiet_seconds
        self._max_wait = max_wait_seconds
        self._first: dict[str, float] = {}  # oldest first
        self._last: OrderedDict[str, float] = OrderedDict()  # quiet for longest first
        self._trees: set[str] = set()

    def add(self, path: str, is_tree: bool, now: float) -> None:
        """Note a change; of a tree: whatever lies below may have changed with it."""
        self._first.setdefault(path, now)
        self._last[path] = now
        self._last.move_to_end(path)
        if is_tree:
            self._trees.add(path)

    def next_due(self) -> float | None:
        """When `take` will have something to give; None: nothing is pending."""
        if not self._last:
            return None
        return min(next(iter(self._last.values())) + self._quiet, next(iter(self._first.values())) + self._max_wait)

    def take(self, now: float) -> list[str]:
        """Remove and return what is due, without what lies below a tree that is due itself."""
        due: list[str] = []
        while self._last and (path := next(iter(self._last))) and self._last[path] + self._quiet <= now:
            due.append(self._remove(path))
        while self._first and (path := next(iter(self._first))) and self._first[path] + self._max_wait <= now:
            due.append(self._remove(path))
        trees = self._trees.intersection(due)
        self._trees -= trees
        return [path for path in due if not _is_below(path, trees)]

    def drop(self, root: str) -> None:
        """Forget a path and all below it."""
        for path in [path for path in self._first if path == root or _is_below(path, {root})]:
            self._trees.discard(self._remove(path))

    def _remove(self, path: str) -> str:
        del self._first[path], self._last[path]
        return path


class Reporter:
    """Calls back from one thread of its own: with each changed path once it is quiet, with troubles at once."""

    def __init__(
        self, on_change: Callable[[Path], None], on_trouble: Callable[[Path, str], None], quiet_seconds: float
    ) -> None:
        self._on_change = on_change
        self._on_trouble = on_trouble
        self._pending = Pending(quiet_seconds)
        self._troubles: deque[tuple[Path, str]] = deque()
        self._wake = threading.Condition()
        self._is_closed = False
        self._thread = threading.Thread(target=self._run, name="watch-report", daemon=True)
        self._thread.start()

    def changed(self, path: str, is_tree: bool = False) -> None:
        """Report a path later. Any thread."""
        with self._wake:
            is_first = self._pending.next_due() is None
            self._pending.add(path, is_tree, time.monotonic())
            if is_first:  # later ones are never due before it
                self._wake.notify()

    def trouble(self, root: Path, reason: str) -> None:
        """Report the state of a root now. Any thread."""
        with self._wake:
            self._troubles.append((root, reason))
            self._wake.notify()

    def drop(self, root: str) -> None:
        """Report nothing of a root any more, but what is on its way."""
        with self._wake:
            self._pending.drop(root)
            self._troubles = deque(trouble for trouble in self._troubles if str(trouble[0]) != root)

    def close(self) -> None:
        """Drop what is pending; no call is made any more, and the one that is being made has returned."""
        with self._wake:
            self._is_closed = True
            self._wake.notify()
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _run(self) -> None:
        while batch := self._next():
            troubles, paths = batch
            for root, reason in troubles:
                self._call(self._on_trouble, root, reason)
            for path in paths:
                self._call(self._on_change, Path(path))

    def _next(self) -> tuple[list[tuple[Path, str]], list[str]] | None:
        """Block until there is something to report; None: closed."""
        with self._wake:
            while not self._is_closed:
                now = time.monotonic()
                troubles, paths = list(self._troubles), self._pending.take(now)
                self._troubles.clear()
                if troubles or paths:
                    return troubles, paths
                due = self._pending.next_due()
                self._wake.wait(None if due is None else max(0.0, due - now) + GATHER_SECONDS)
        return None

    def _call(self, report: Callable[..., None], *arguments: object) -> None:
        if self._is_closed:
            return
        try:
            report(*arguments)
        except Exception:  # a report that fails must not end all later ones
            log.exception("a change could not be reported")


def _is_below(path: str, trees: set[str]) -> bool:
    while trees and (parent := os.path.dirname(path)) != path:
        if parent in trees:
            return True
        path = parent
    return False
