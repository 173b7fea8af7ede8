import os
import random
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from indexer import mounts, watch
from indexer.mounts import file_systems
from indexer.results import FolderState
from indexer.rules import Exclusion, Rules
from indexer.scan import FolderAbsent, Found, look, scan
from indexer.settings import Settings
from indexer.watch import Watcher
from indexer.watching import watched_root
from indexer.watching.recursive_tree import RecursiveTree
from indexer.watching.tree import Tree

TREES: list[type[Tree]] = [RecursiveTree]
if sys.platform == "linux":
    from indexer.watching.inotify import InotifyTree

    TREES.insert(0, InotifyTree)
PATIENCE = 20.0
# Watchdog's watch for Linux, which stands for those of macOS and Windows here, warns when a folder is found twice.
pytestmark = pytest.mark.filterwarnings("ignore:Callback with id:RuntimeWarning")


class Watching:
    """A watcher of one folder, and what it has told since it was asked last."""

    def __init__(self, root: Path, tree: type[Tree], poll_seconds: float = 60, rules: Rules | None = None) -> None:
        self.root = root
        self._news = threading.Condition()
        self._paths: set[str] = set()
        self._troubles: list[str] = []
        self.watcher = Watcher(
            self._on_change, self._on_trouble, 50, poll_seconds=poll_seconds, check_seconds=0.05, tree=tree
        )
        self.rules = rules or Rules(root, Settings())
        self.watcher.add(root, self.rules)

    def told(self, *names: str) -> set[str]:
        """What was told, as paths below the root, once some of them were."""
        self.wait(lambda: set(names) <= self._paths)
        paths, self._paths = self._paths, set()
        return paths

    def told_or_scanned(self, name: str) -> set[str]:
        """What was told, once a path was, or the root, which is scanned with all below it then."""
        self.wait(lambda: bool({name, "."} & self._paths))
        return self.told()

    def told_of_all(self) -> set[str]:
        """What is told of everything that was done until now."""
        (self.root / "mark").touch()
        self.wait(lambda: "mark" in self._paths)
        (self.root / "mark").unlink()
        return self.told("mark") - {"mark"}

    def trouble(self) -> str:
        self.wait(lambda: bool(self._troubles))
        return self._troubles.pop(0)

    def wait(self, condition: Callable[[], bool]) -> None:
        with self._news:
            assert self._news.wait_for(condition, PATIENCE), (self._paths, self._troubles)

    def _on_change(self, path: Path) -> None:
        with self._news:
            self._paths.add(os.path.relpath(path, self.root))
            self._news.notify_all()

    def _on_trouble(self, root: Path, reason: str) -> None:
        assert root == self.root
        with self._news:
            self._troubles.append(reason)
            self._news.notify_all()


@pytest.fixture(params=TREES, ids=lambda tree: tree.__name__)
def tree(request: pytest.FixtureRequest) -> type[Tree]:
    return request.param


@pytest.fixture
def watching(tmp_path: Path, tree: type[Tree]) -> Iterator[Watching]:
    root = tmp_path / "root"
    root.mkdir()
    watching = Watching(root, tree)
    yield watching
    watching.watcher.close()


def test_files_that_are_made_written_and_deleted_are_told(watching: Watching) -> None:
    (watching.root / "a.txt").write_text("one")
    assert watching.told_of_all() == {"a.txt"}
    (watching.root / "a.txt").write_text("two")
    assert watching.told_of_all() == {"a.txt"}
    (watching.root / "a.txt").unlink()
    assert watching.told_of_all() == {"a.txt"}


def test_reading_a_file_is_no_change(watching: Watching) -> None:
    (watching.root / "a.txt").write_text("one")
    watching.told("a.txt")
    assert watching.told_of_all() <= {"a.txt"}
    (watching.root / "a.txt").read_text()
    os.listdir(watching.root)
    assert watching.told_of_all() == set()


def test_both_names_of_a_renamed_file_are_told(watching: Watching) -> None:
    (watching.root / "a.txt").write_text("one")
    watching.told_of_all()
    (watching.root / "a.txt").rename(watching.root / "b.txt")
    assert watching.told_of_all() == {"a.txt", "b.txt"}


def test_a_file_that_an_editor_replaces_is_told(watching: Watching) -> None:
    (watching.root / "a.txt").write_text("one")
    watching.told_of_all()
    (watching.root / "a.txt~").write_text("two")
    (watching.root / "a.txt~").replace(watching.root / "a.txt")
    assert "a.txt" in watching.told_of_all()


def test_a_file_moved_in_or_out_is_told(watching: Watching, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one")
    (tmp_path / "a.txt").rename(watching.root / "a.txt")
    assert watching.told("a.txt")
    (watching.root / "a.txt").rename(tmp_path / "a.txt")
    assert watching.told("a.txt")


def test_a_new_folder_is_told_and_watched(watching: Watching) -> None:
    (watching.root / "a" / "b" / "c").mkdir(parents=True)
    assert "a" in watching.told("a")
    watching.told_of_all()
    (watching.root / "a" / "b" / "c" / "1.txt").write_text("one")
    assert watching.told("a/b/c/1.txt")


def test_a_folder_moved_in_is_told_and_watched(watching: Watching, tmp_path: Path) -> None:
    (tmp_path / "outside" / "deep").mkdir(parents=True)
    (tmp_path / "outside").rename(watching.root / "inside")
    assert watching.told("inside")
    (watching.root / "inside" / "deep" / "1.txt").write_text("one")
    assert watching.told("inside/deep/1.txt")


@pytest.mark.parametrize("tree", TREES[:1], indirect=True)  # the one of the system; watchdog's for Linux goes on
def test_a_folder_moved_out_is_told_and_watched_no_more(watching: Watching, tmp_path: Path) -> None:
    (watching.root / "a" / "deep").mkdir(parents=True)
    watching.told("a")
    (watching.root / "a").rename(tmp_path / "gone")
    assert watching.told("a")
    watching.told_of_all()
    (tmp_path / "gone" / "deep" / "1.txt").write_text("one")
    assert watching.told_of_all() == set()


def test_a_renamed_folder_is_watched_under_its_new_name(watching: Watching) -> None:
    (watching.root / "a" / "deep").mkdir(parents=True)
    watching.told("a")
    (watching.root / "a").rename(watching.root / "b")
    watching.told("a", "b")
    (watching.root / "a").mkdir()
    watching.told("a")
    (watching.root / "b" / "deep" / "1.txt").write_text("one")
    assert watching.told("b/deep/1.txt")


def test_a_deleted_folder_is_told(watching: Watching) -> None:
    (watching.root / "a" / "deep").mkdir(parents=True)
    watching.told("a")
    shutil.rmtree(watching.root / "a")
    assert watching.told("a")


def test_what_happens_in_an_excluded_folder_is_not_told(watching: Watching) -> None:
    (watching.root / "node_modules" / "deep").mkdir(parents=True)
    watching.told("node_modules")
    watching.told_of_all()
    (watching.root / "node_modules" / "deep" / "a.js").write_text("one")
    assert watching.told_of_all() == set()


def test_a_changed_ignore_file_has_its_folder_scanned_and_watched_anew(watching: Watching) -> None:
    (watching.root / "a" / "out").mkdir(parents=True)
    watching.told("a")
    (watching.root / "a" / ".gitignore").write_text("out/\n")
    assert watching.told("a")
    assert watching.rules.verdict(watching.root / "a" / "out", is_folder=True)
    watching.told_of_all()
    (watching.root / "a" / "out" / "1.txt").write_text("one")
    assert watching.told_of_all() == set()
    (watching.root / "a" / ".gitignore").unlink()
    assert watching.told("a")
    (watching.root / "a" / "out" / "1.txt").write_text("two")
    assert watching.told("a/out/1.txt")


def test_names_that_are_not_unicode_are_told(watching: Watching) -> None:
    (watching.root / os.fsdecode(b"caf\xe9")).mkdir()
    watching.told(os.fsdecode(b"caf\xe9"))
    (watching.root / os.fsdecode(b"caf\xe9") / os.fsdecode(b"\xff.txt")).write_text("one")
    assert watching.told(os.fsdecode(b"caf\xe9/\xff.txt"))


def test_links_are_told_and_not_entered(watching: Watching, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (watching.root / "link").symlink_to(tmp_path / "outside", target_is_directory=True)
    assert watching.told("link")
    watching.told_of_all()
    (tmp_path / "outside" / "a.txt").write_text("one")
    assert watching.told_of_all() == set()


def test_a_root_that_vanishes_and_returns_is_told_and_watched_again(watching: Watching, tmp_path: Path) -> None:
    assert watching.watcher.state(watching.root) is FolderState.WATCHED
    watching.root.rename(tmp_path / "unplugged")
    assert "not there" in watching.trouble()
    assert watching.watcher.state(watching.root) is FolderState.ABSENT
    (tmp_path / "unplugged" / "meanwhile.txt").write_text("one")
    (tmp_path / "unplugged").rename(watching.root)
    assert watching.trouble() == ""
    assert watching.watcher.state(watching.root) is FolderState.WATCHED
    watching.told(".")
    (watching.root / "a.txt").write_text("one")
    assert watching.told_or_scanned("a.txt")


def test_a_root_that_is_deleted_is_absent(watching: Watching) -> None:
    shutil.rmtree(watching.root)
    assert "not there" in watching.trouble()
    assert watching.watcher.state(watching.root) is FolderState.ABSENT


def test_a_root_that_is_replaced_is_scanned_and_watched_anew(watching: Watching, tmp_path: Path) -> None:
    watching.root.rename(tmp_path / "old")
    (tmp_path / "new").mkdir()
    (tmp_path / "new").rename(watching.root)
    watching.told(".")
    (watching.root / "a.txt").write_text("one")
    assert watching.told_or_scanned("a.txt")


def test_a_root_that_is_not_there_yet_is_watched_once_it_is(tmp_path: Path, tree: type[Tree]) -> None:
    watching = Watching(tmp_path / "later", tree)
    assert watching.watcher.state(watching.root) is FolderState.ABSENT
    assert "not there" in watching.trouble()
    watching.root.mkdir()
    watching.told(".")
    assert watching.watcher.state(watching.root) is FolderState.WATCHED
    watching.watcher.close()


def test_a_removed_folder_is_told_of_no_more(watching: Watching, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    watching.watcher.add(other, Rules(other, Settings()))
    (other / "a.txt").write_text("one")
    watching.watcher.remove(other)
    (other / "b.txt").write_text("one")
    assert watching.told_of_all() <= {"../other/a.txt"}
    with pytest.raises(KeyError):
        watching.watcher.state(other)


AT_THE_LIMIT = """
import sys
import threading
from pathlib import Path
from indexer.rules import Rules
from indexer.scan import FolderAbsent, Found, look, scan
from indexer.settings import Settings
from indexer.watch import Watcher

root, at_start = Path(sys.argv[1]), sys.argv[2] == "at start"
limit = Path("/proc/sys/user/max_inotify_watches")  # of this namespace: the one in /proc/sys/fs is the whole machine's
if limit.read_text() == sys.argv[3]:
    sys.exit("no namespace of its own")
limit.write_text("5" if at_start else "50")
changed, troubled = threading.Event(), threading.Event()
reasons = []
def on_change(path):
    if path == root:
        changed.set()
def on_trouble(root, reason):
    reasons.append(reason)
    troubled.set()
watcher = Watcher(on_change, on_trouble, 10, poll_seconds=0.1, check_seconds=0.05)
state = watcher.add(root, Rules(root, Settings()))
assert state == ("polled" if at_start else "watched"), state
if not at_start:
    for number in range(60):
        (root / "new" / str(number)).mkdir(parents=True)
assert troubled.wait(20)
assert "sudo sysctl fs.inotify.max_user_watches=" in reasons[0], reasons
for _ in range(2):
    changed.clear()
    assert changed.wait(20)
assert watcher.state(root) == "polled"
watcher.close()
"""


@pytest.mark.parametrize("moment", ["at start", "later"])
def test_at_the_limit_of_watches_the_folder_is_polled_and_the_remedy_named(tmp_path: Path, moment: str) -> None:
    namespace = ["unshare", "--user", "--map-root-user"]
    limit = Path("/proc/sys/user/max_inotify_watches")
    if not limit.exists() or subprocess.run([*namespace, "true"], capture_output=True, check=False).returncode:
        pytest.skip("needs a namespace with limits of its own")
    for number in range(10):
        (tmp_path / str(number)).mkdir()
    command = [*namespace, sys.executable, "-c", AT_THE_LIMIT, str(tmp_path), moment, limit.read_text()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr


class HeldUp(Rules):
    """Whoever asks about a new folder waits until it may go on."""

    def __init__(self, root: Path) -> None:
        super().__init__(root, Settings())
        self.may_go_on = threading.Event()
        self.may_go_on.set()
        self.waits = threading.Event()

    def folder_verdict(self, folder: str) -> Exclusion | None:
        if not self.may_go_on.is_set():
            self.waits.set()
            self.may_go_on.wait(PATIENCE)
        return super().folder_verdict(folder)


@pytest.mark.skipif(sys.platform != "linux", reason="the queue of Linux runs over")
def test_a_folder_that_changes_faster_than_can_be_followed_is_polled_until_it_is_calmer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watched_root, "CALM_SECONDS", 1.0)
    watching = Watching(tmp_path, TREES[0], poll_seconds=0.1, rules=(rules := HeldUp(tmp_path)))
    most = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    one, other = tmp_path / "one", tmp_path / "other"
    one.touch()
    try:
        for name in ("first", "second"):
            rules.waits.clear()
            rules.may_go_on.clear()
            (tmp_path / name).mkdir()
            assert rules.waits.wait(PATIENCE)
            for _ in range(most // 2):
                one.rename(other)
                other.rename(one)
            (tmp_path / f"lost-{name}.txt").touch()
            rules.may_go_on.set()
            assert "." in watching.told(".")
        assert f"sudo sysctl fs.inotify.max_queued_events={2 * most}" in watching.trouble()
        assert "." in watching.told(".")  # for nothing
        assert watching.trouble() == ""
        assert watching.watcher.state(tmp_path) is FolderState.WATCHED
        (tmp_path / "a.txt").write_text("one")
        assert watching.told("a.txt")
    finally:
        rules.may_go_on.set()
        watching.watcher.close()


class Mirror:
    """Keeps a list of files by looking at what is reported, as the engine does."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.rules = Rules(root, Settings())
        self.files: dict[Path, Found] = {}
        self.updated = threading.Condition()
        self.watcher = Watcher(self.update, lambda root, reason: None, 20, check_seconds=0.05)
        self.watcher.add(root, self.rules)

    def update(self, path: Path) -> None:
        with self.updated:
            for known in [known for known in self.files if known == path or path in known.parents]:
                del self.files[known]
            found = look(path, self.rules)
            if found and (found.exclusion or not found.is_folder):
                self.files |= by_path([found])
            elif found:
                with suppress(FolderAbsent):  # it will be reported as gone
                    self.files |= by_path(scan(path, self.rules, lambda: False))
            self.updated.notify_all()

    def truth(self) -> dict[Path, Found]:
        return by_path(scan(self.root, Rules(self.root, Settings()), lambda: False))


def by_path(files: Iterable[Found]) -> dict[Path, Found]:
    """Without the times of folders, which change with what is in them, watched or not."""
    return {file.path: replace(file, mtime_ns=0) if file.is_folder else file for file in files}


def act(choose: random.Random, root: Path, outside: Path) -> None:
    """Do one thing that people and programs do to files."""
    names = ["a", "b", "c", "node_modules", ".hidden", "Cargo.toml", "target", ".gitignore", "x.log"]
    path, other = (
        root.joinpath(*choose.choices(names[:7], k=choose.randint(0, 2)), choose.choice(names)) for _ in "12"
    )
    away = outside / choose.choice(names)
    with suppress(OSError):  # most of it can't be done most of the time
        match choose.randrange(9):
            case 0 | 1:
                path.mkdir(parents=True)
            case 2 | 3:
                path.write_text(choose.choice(["*.log\n", "b/\n", "!c\n", ""]))
            case 4:
                path.rename(other)
            case 5:
                path.rename(away)
            case 6:
                away.rename(path)
            case 7:
                path.unlink()
            case 8:
                shutil.rmtree(path)


@pytest.mark.skipif(sys.platform != "linux", reason="what the system's watch tells elsewhere is not ours to test")
@pytest.mark.parametrize("seed", range(4))
def test_a_list_that_follows_the_reports_becomes_equal_to_the_disk(tmp_path: Path, seed: int) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    root.mkdir()
    outside.mkdir()
    mirror = Mirror(root)
    choose = random.Random(seed)
    for _ in range(1000):
        act(choose, root, outside)
    with mirror.updated:
        mirror.updated.wait_for(lambda: mirror.files == mirror.truth(), PATIENCE)
        assert mirror.files == mirror.truth()
    mirror.watcher.close()


def test_all_threads_end_at_once_when_it_is_closed(tmp_path: Path, tree: type[Tree]) -> None:
    before = set(threading.enumerate())
    watching = Watching(tmp_path, tree)
    for number in range(300):
        (tmp_path / str(number)).touch()
    start = time.monotonic()
    watching.watcher.close()
    assert time.monotonic() - start < PATIENCE / 4
    assert set(threading.enumerate()) == before


class Mounts:
    """The list of what is mounted, as the system would give it; tests/e2e/share.py mounts a real share."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.kinds = dict(file_systems())
        for module in (watch, mounts, watched_root):
            monkeypatch.setattr(module, "file_systems", lambda: dict(self.kinds))


@pytest.mark.parametrize("kind", ["nfs4", "cifs", "fuse.sshfs", "fuse.not-known"])
def test_a_network_share_is_polled_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    Mounts(monkeypatch).kinds[str(tmp_path)] = kind
    root = tmp_path / "papers"
    root.mkdir()
    watching = Watching(root, TREES[0], poll_seconds=0.1)
    try:
        reason = watching.trouble()
        assert f"network share or the like: {root}" in reason and "every 0.1 s" in reason
        assert watching.watcher.state(root) is FolderState.POLLED
        for _ in range(2):
            assert "." in watching.told(".")  # though nothing was told by the system
    finally:
        watching.watcher.close()


def test_a_share_that_is_mounted_in_a_watched_folder_is_polled_until_it_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounted = Mounts(monkeypatch)
    (tmp_path / "share").mkdir()
    watching = Watching(tmp_path, TREES[0], poll_seconds=0.1)
    try:
        assert watching.watcher.state(tmp_path) is FolderState.WATCHED
        mounted.kinds[str(tmp_path / "share")] = "nfs"
        assert f"network share or the like: {tmp_path / 'share'}" in watching.trouble()
        assert watching.watcher.state(tmp_path) is FolderState.WATCHED
        for _ in range(2):
            assert watching.told("share") >= {"share"}
        del mounted.kinds[str(tmp_path / "share")]
        assert watching.trouble() == ""
    finally:
        watching.watcher.close()
