import errno
import math
import os
import stat
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

from indexer.mounts import file_system_of, file_systems, is_network
from indexer.results import FolderState
from indexer.rules import Rules
from indexer.shares import is_gone, touch
from indexer.watching.pending import Reporter
from indexer.watching.tree import GIVE_UP_SECONDS, Tree

_LIMITS = Path("/proc/sys/fs/inotify")
_LIMIT_NAMES = {
    errno.ENOSPC: "max_user_watches",
    errno.EMFILE: "max_user_instances",
    errno.ENOBUFS: "max_queued_events",
}
_ABSENT = "the folder is not there; what was indexed in it is kept. Plug its drive in, or remove the folder"
CALM_SECONDS = 600.0  # a folder that changes faster than can be followed is polled for so long


class WatchedRoot:
    """One watched folder, and the listener of its tree."""

    def __init__(
        self,
        path: Path,
        rules: Rules,
        reporter: Reporter,
        tree: type[Tree],
        poll_seconds: float,
        attend: Callable[[], None],
        expect: Callable[[Path, Rules], None],
    ) -> None:
        """Nothing is watched before the first `check`; `attend` is called when another one is due at once."""
        self.path = path
        self.state = FolderState.ABSENT
        self.reason = ""  # one line about what is wrong with it
        self._rules, self._reporter, self._tree_type = rules, reporter, tree
        self._poll_seconds, self._attend, self._expect = poll_seconds, attend, expect
        self._lock = threading.Lock()  # of all below
        self._tree: Tree | None = None
        self._is_new = True
        self._is_left = False
        self._identity: tuple[int, int] | None = None
        self._absence = ""  # why there is none
        self._error: Exception | None = None
        self._limit: tuple[str, int] | None = None  # the one that was reached, and how high it was
        self._polled: tuple[str, ...] = ()
        self._again_at = math.inf  # when to watch again, though the limit is what it was
        self._next_poll = 0.0

    def changed(self, path: str, is_tree: bool = False) -> None:
        """See `TreeListener`."""
        self._reporter.changed(path, is_tree)
        if not is_tree:
            self._expect(Path(path), self._rules)
        if path == str(self.path):
            self._attend()  # it may be gone

    def failed(self, error: Exception) -> None:
        """See `TreeListener`."""
        self._error = error
        self._attend()

    def is_leaving(self) -> bool:
        """See `TreeListener`."""
        return self._is_left

    def leave(self) -> None:
        """Watch no longer."""
        self._is_left = True
        if self._lock.acquire(timeout=GIVE_UP_SECONDS):
            self._close_tree()
            self._lock.release()

    def start(self, now: float) -> FolderState:
        """Watch for the first time; blocks for the walk through the folders."""
        with self._lock:
            self._check(now)
            return self.state

    def check(self, now: float) -> None:
        """Bring the watching in line with what is there; not while another thread does so."""
        if self._lock.acquire(blocking=False):
            try:
                if not self._is_new:
                    self._check(now)
            finally:
                self._lock.release()

    def remounted(self, place: Path, is_share: bool) -> None:
        """A file system came or went at a folder."""
        if self.path not in place.parents or not self._lock.acquire(timeout=GIVE_UP_SECONDS):
            return
        try:
            if is_share or str(place) in self._polled:
                self._watch()
            elif self._tree:
                self._rules.forget(place)
                self._tree.walk(str(place))
        except OSError as error:
            self._error = error
        finally:
            self._lock.release()
        self._reporter.changed(str(place), is_tree=True)

    def _check(self, now: float) -> None:
        identity, absence = _identity(self.path)
        if self._is_left:
            return
        if self._error and not _is_worth_another_try(self._error):
            error, self._error = self._error, None
            self._close_tree()
            self._poll_instead(error)
            self._again_at, self._next_poll = now + CALM_SECONDS, now + self._poll_seconds
            self._reporter.changed(str(self.path), is_tree=True)
        elif self._is_new or self._error or identity != self._identity or self._is_limit_changed():
            self._identity, self._absence = identity, absence
            self._next_poll = now + self._poll_seconds
            self._watch()
            if identity and not self._is_new:
                self._reporter.changed(str(self.path), is_tree=True)
            self._is_new = False
        elif self._polled and now >= self._next_poll:
            self._next_poll = now + self._poll_seconds
            self._poll(now)

    def _poll(self, now: float) -> None:
        if not self._tree and (not self._limit or now >= self._again_at):
            self._watch()
        for path in self._polled:
            self._reporter.changed(path, is_tree=True)

    def _watch(self) -> None:
        """Start over."""
        self._close_tree()
        self._error, self._limit, self._polled, self._again_at = None, None, (), math.inf
        if not self._identity:
            self._say(FolderState.ABSENT, self._absence)
            return
        self._rules.forget(self.path)
        is_share = is_network(file_system_of(self.path))
        shares = _shares_below(self.path)
        try:
            self._tree = self._tree_type(self.path, self._rules, self, shares)
        except OSError as error:
            self._poll_instead(error)
            return
        self._polled = (str(self.path),) if is_share else tuple(sorted(shares))
        self._say(FolderState.POLLED if is_share else FolderState.WATCHED, self._about_shares())

    def _poll_instead(self, error: Exception) -> None:
        self._polled = (str(self.path),)
        self._limit = _limit(error)
        reason = f"the system does not watch it ({_cause(error)})"
        if self._limit:
            reason = _about_limit(*self._limit)
        self._say(FolderState.POLLED, f"{reason}. Until then changes are noticed every {self._poll_seconds:g} s")

    def _about_shares(self) -> str:
        if not self._polled:
            return ""
        places = ", ".join(self._polled)
        return f"network share or the like: {places}. Changes made elsewhere are noticed every {self._poll_seconds:g} s"

    def _is_limit_changed(self) -> bool:
        return self._limit is not None and _height(self._limit[0]) != self._limit[1]

    def _close_tree(self) -> None:
        if self._tree:
            self._tree.close()
            self._tree = None

    def _say(self, state: FolderState, reason: str) -> None:
        self.state = state
        if reason != self.reason:
            self.reason = reason
            self._reporter.trouble(self.path, reason)


def _identity(folder: Path) -> tuple[tuple[int, int] | None, str]:
    """Device and inode; None: there is no such folder, and why."""
    try:
        status = touch(folder, partial(os.stat, folder))
    except (OSError, ValueError) as error:
        if not isinstance(error, OSError) or is_gone(error):
            return None, _ABSENT
        reason = _cause(error)
        return None, f"it can't be read now ({reason}); what was indexed in it is kept until it can be read again"
    return ((status.st_dev, status.st_ino), "") if stat.S_ISDIR(status.st_mode) else (None, _ABSENT)


def _shares_below(root: Path) -> frozenset[str]:
    return frozenset(
        place for place, kind in file_systems().items() if is_network(kind) and root in Path(place).parents
    )


def _cause(error: Exception) -> str:
    return (
        error.strerror.lower() if isinstance(error, OSError) and error.strerror else f"{type(error).__name__}: {error}"
    )


def _limit(error: Exception) -> tuple[str, int] | None:
    name = _LIMIT_NAMES.get(error.errno or 0) if isinstance(error, OSError) else None
    return (name, _height(name)) if name and _LIMITS.exists() else None


def _is_worth_another_try(error: Exception) -> bool:
    """Not after a mistake of ours, nor where more happens than can be followed."""
    return isinstance(error, OSError) and error.errno != errno.ENOBUFS


def _about_limit(name: str, height: int) -> str:
    remedy = f"sudo sysctl fs.inotify.{name}={max(height * 2, 1024)}"
    if name == _LIMIT_NAMES[errno.ENOBUFS]:
        return (
            f"more happens in it at once than the system keeps ({height}, {name}). "
            f"Wait until it is calmer, or let it keep more until the next start with: {remedy}"
        )
    return f"the system's limit of {height} ({name}) is reached. Raise it until the next start with: {remedy}"


def _height(name: str) -> int:
    return int((_LIMITS / name).read_text())
