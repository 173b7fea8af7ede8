import logging
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from indexer.mounts import file_systems, is_network
from indexer.results import FolderState
from indexer.rules import Rules
from indexer.watching.pending import Reporter
from indexer.watching.tree import GIVE_UP_SECONDS, Tree
from indexer.watching.watched_root import WatchedRoot

if sys.platform == "linux":
    from indexer.watching.inotify import InotifyTree as SystemTree
else:
    from indexer.watching.recursive_tree import RecursiveTree as SystemTree

log = logging.getLogger(__name__)

POLL_SECONDS = 60.0  # a scan of 100,000 files takes some 1.5 s
CHECK_SECONDS = 2.0  # how soon a drive that was plugged in again is noticed


class Watcher:
    """Tells which paths may have changed in any number of folders.

    A path is reported `debounce_ms` after its last change, but at the latest 5 s after its first. It is a file, or a
    folder that is to be scanned again with all below it (made, moved, deleted, or its ignore file changed), or the
    watched folder itself when it is polled, came back, or events were lost. Nothing is said about what the path is now.
    Excluded files are reported, too; folders that the rules leave out are not watched.
    """

    def __init__(
        self,
        on_change: Callable[[Path], None],
        on_trouble: Callable[[Path, str], None],
        debounce_ms: int,
        *,
        expect: Callable[[Path, Rules], None] = lambda path, rules: None,
        poll_seconds: float = POLL_SECONDS,
        check_seconds: float = CHECK_SECONDS,
        tree: type[Tree] = SystemTree,
    ) -> None:
        """Start the threads.

        Args:
            on_change: gets a path that may have changed
            on_trouble: gets a watched folder and one line about what is wrong and the remedy, empty when all is well
                again; `state` has changed by then. Both are called from one thread that belongs to the watcher.
            debounce_ms: how long a path has to be quiet
            expect: gets each path as soon as something happens to it, with the rules of its folder; it must return
                at once, and is called from the threads of the trees
            poll_seconds: how often a folder is reported that the system can't watch
            check_seconds: how often it is looked whether the folders are there
            tree: how a folder is watched
        """
        self._reporter = Reporter(on_change, on_trouble, debounce_ms / 1000)
        self._expect = expect
        self._poll_seconds, self._check_seconds, self._tree = poll_seconds, check_seconds, tree
        self._roots: dict[Path, WatchedRoot] = {}
        self._mounted = file_systems()
        self._wake = threading.Event()
        self._is_closing = False
        self._upkeep = threading.Thread(target=self._run, name="watch-upkeep", daemon=True)
        self._upkeep.start()

    def add(self, root: Path, rules: Rules) -> FolderState:
        """Watch a folder; blocks while its folders are walked through, some 10,000 in a second.

        A scan that starts afterwards misses nothing: what it comes too early for is reported. A folder that is not
        there is watched and reported as soon as it is.

        Args:
            root: absolute; not in, nor around, one that was added
            rules: for this folder; they are told what changes in their files. Remove the folder first to change them.
        """
        if root in self._roots:
            return self._roots[root].state
        watched = WatchedRoot(root, rules, self._reporter, self._tree, self._poll_seconds, self._wake.set, self._expect)
        self._roots[root] = watched
        return watched.start(time.monotonic())

    def remove(self, root: Path) -> None:
        """Forget a folder, and what is about to be reported of it."""
        if watched := self._roots.pop(root, None):
            watched.leave()
            self._reporter.drop(str(root))

    def state(self, root: Path) -> FolderState:
        """How changes in a folder are noticed now. Raises KeyError: it was not added."""
        return self._roots[root].state

    def standing(self, root: Path) -> tuple[FolderState, str]:
        """How changes in a folder are noticed, and what is wrong with that; of one that was not added nothing is."""
        watched = self._roots.get(root)
        return (watched.state, watched.reason) if watched else (FolderState.WATCHED, "")

    def close(self) -> None:
        """End all threads; no call is made any more. Not while holding a lock that the callbacks take."""
        self._is_closing = True
        self._wake.set()
        self._reporter.close()
        for root in list(self._roots):
            self.remove(root)
        self._upkeep.join(GIVE_UP_SECONDS)

    def _run(self) -> None:
        while not self._is_closing:
            self._wake.wait(self._check_seconds)
            self._wake.clear()
            try:
                self._check_roots()
                self._check_mounts()
            except Exception:  # an unplugged drive must not stay unseen because of a mistake of ours
                log.exception("the watched folders could not be checked")

    def _check_roots(self) -> None:
        for root in list(self._roots.values()):
            root.check(time.monotonic())

    def _check_mounts(self) -> None:
        before, self._mounted = self._mounted, file_systems()
        for place in before.keys() ^ self._mounted.keys():
            for root in list(self._roots.values()):
                root.remounted(Path(place), is_network(self._mounted.get(place, "")))
