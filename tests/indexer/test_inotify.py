import errno
import os
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import mkdtemp

import pytest

from indexer.rules import Rules
from indexer.settings import Settings

if sys.platform != "linux":
    pytest.skip("inotify is Linux's", allow_module_level=True)

from indexer.watching.inotify import InotifyTree

PATIENCE = 20.0


class Listener:
    """Keeps what it is told; the tree can be held up while it tells."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.errors: list[OSError] = []
        self.may_go_on = threading.Event()
        self.may_go_on.set()
        self._news = threading.Condition()

    def changed(self, path: str, is_tree: bool = False) -> None:
        with self._news:
            self.paths.append(path)
            self._news.notify_all()
        self.may_go_on.wait(PATIENCE)

    def failed(self, error: OSError) -> None:
        with self._news:
            self.errors.append(error)
            self._news.notify_all()

    def is_leaving(self) -> bool:
        return False

    def wait_for(self, path: Path) -> None:
        self.wait_until(lambda: str(path) in self.paths)

    def wait_until(self, condition: Callable[[], bool]) -> None:
        with self._news:
            assert self._news.wait_for(condition, PATIENCE), self.paths[-10:]


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
def tree(tmp_path: Path, listener: Listener) -> Iterator[InotifyTree]:
    for name in ("a/b/c", "d", "node_modules/e/f", ".hidden/g", "share/h"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "link").symlink_to("a")
    tree = InotifyTree(tmp_path, Rules(tmp_path, Settings()), listener, frozenset({str(tmp_path / "share")}))
    yield tree
    listener.may_go_on.set()
    tree.close()


def watched(tree: InotifyTree, root: Path) -> set[str]:
    return {os.path.relpath(path, root) for path in tree.table.folders()}


def test_only_folders_that_are_let_in_take_a_watch(tree: InotifyTree, tmp_path: Path) -> None:
    assert watched(tree, tmp_path) == {".", "a", "a/b", "a/b/c", "d"}


def test_watches_follow_their_folders(tree: InotifyTree, tmp_path: Path, listener: Listener) -> None:
    (tmp_path / "a").rename(tmp_path / "d" / "A")
    listener.wait_for(tmp_path / "d" / "A")
    assert watched(tree, tmp_path) == {".", "d", "d/A", "d/A/b", "d/A/b/c"}
    os.removedirs(tmp_path / "d" / "A" / "b" / "c")
    listener.wait_for(tmp_path / "d")
    (tmp_path / "mark").touch()
    listener.wait_for(tmp_path / "mark")
    assert watched(tree, tmp_path) == {"."}


def test_a_moved_folder_is_told_where_it_is_before_where_it_was(
    tree: InotifyTree, tmp_path: Path, listener: Listener
) -> None:
    (tmp_path / "a").rename(tmp_path / "d" / "A")
    listener.wait_for(tmp_path / "a")
    assert listener.paths == [str(tmp_path / "d" / "A"), str(tmp_path / "a")]


def test_a_folder_that_moves_where_nobody_watches_is_told_to_be_gone(
    tree: InotifyTree, tmp_path: Path, listener: Listener
) -> None:
    (tmp_path / "a").rename(tmp_path / "share" / "a")
    listener.wait_for(tmp_path / "a")
    (tmp_path / "d").rename(tmp_path / "node_modules" / "d")
    (tmp_path / "mark").touch()
    listener.wait_for(tmp_path / "d")
    listener.wait_for(tmp_path / "mark")
    assert watched(tree, tmp_path) == {"."}


def test_a_folder_that_is_excluded_later_gives_its_watches_back(
    tree: InotifyTree, tmp_path: Path, listener: Listener
) -> None:
    aside = tmp_path / "share" / "h" / "ignore"  # not watched: the file has its content when it is first seen
    aside.write_text("b/\n")
    aside.rename(tmp_path / ".gitignore")
    listener.wait_for(tmp_path)
    assert watched(tree, tmp_path) == {".", "a", "d"}


def test_another_time_of_a_folder_is_no_news(tree: InotifyTree, tmp_path: Path, listener: Listener) -> None:
    os.utime(tmp_path / "a")
    (tmp_path / "mark").touch()
    listener.wait_for(tmp_path / "mark")
    assert str(tmp_path / "a") not in listener.paths


def test_a_folder_that_is_closed_and_opened_to_us_is_told_each_time(listener: Listener) -> None:
    root = Path(mkdtemp())
    root.chmod(0o777)
    is_root = os.geteuid() == 0
    if is_root:  # who may read everything
        os.seteuid(65534)
    try:
        (root / "a").mkdir()
        tree = InotifyTree(root, Rules(root, Settings()), listener, frozenset())
        for mode, folders in ((0, {"."}), (0o700, {".", "a"}), (0, {"."})):
            listener.paths.clear()
            (root / "a").chmod(mode)
            listener.wait_for(root / "a")
            assert watched(tree, root) == folders
        tree.close()
    finally:
        if is_root:
            os.seteuid(0)
        shutil.rmtree(root)


def run_over(folder: Path) -> None:
    """Do more in a folder than the kernel keeps for someone who does not listen."""
    one, other = folder / "one", folder / "other"
    one.touch()
    for _ in range(int(Path("/proc/sys/fs/inotify/max_queued_events").read_text()) // 2):
        one.rename(other)
        other.rename(one)


def test_events_that_the_kernel_threw_away_are_made_up_for(
    tree: InotifyTree, tmp_path: Path, listener: Listener
) -> None:
    listener.may_go_on.clear()
    (tmp_path / "first").touch()
    listener.wait_for(tmp_path / "first")  # and there it stays, while the queue runs over
    run_over(tmp_path / "d")
    (tmp_path / "lost" / "deep").mkdir(parents=True)
    listener.may_go_on.set()
    listener.wait_for(tmp_path)
    (tmp_path / "lost" / "deep" / "1.txt").touch()
    listener.wait_for(tmp_path / "lost" / "deep" / "1.txt")
    assert watched(tree, tmp_path) == {".", "a", "a/b", "a/b/c", "d", "lost", "lost/deep"}
    assert listener.errors == []


def test_a_tree_that_loses_events_over_and_over_gives_up(tree: InotifyTree, tmp_path: Path, listener: Listener) -> None:
    for _ in range(2):
        listener.may_go_on.clear()
        (tmp_path / "first").touch()
        listener.wait_for(tmp_path / "first")
        run_over(tmp_path / "d")
        listener.may_go_on.set()
        listener.wait_for(tmp_path)
        listener.paths.remove(str(tmp_path / "first"))
    listener.wait_until(lambda: bool(listener.errors))
    assert [error.errno for error in listener.errors] == [errno.ENOBUFS]
