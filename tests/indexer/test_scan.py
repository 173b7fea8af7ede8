import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp

import pytest

from indexer.rules import RuleKind, Rules
from indexer.scan import FolderAbsent, Found, look, scan
from indexer.settings import Settings


def never() -> bool:
    return False


def found(root: Path, below: Path | None = None, settings: Settings | None = None) -> dict[Path, Found]:
    files = list(scan(below or root, Rules(root, settings or Settings()), never))
    assert len({file.path for file in files}) == len(files)
    return {file.path: file for file in files}


def kinds(root: Path) -> dict[str, RuleKind | None]:
    return {path.name: file.exclusion and file.exclusion.kind for path, file in found(root).items()}


def write(path: Path, text: str = "text") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.fixture
def nobody() -> Iterator[Path]:
    """A folder outside of the reach of other tests, seen by a user who is not root."""
    folder = Path(mkdtemp())
    folder.chmod(0o777)
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(65534)
    yield folder
    if is_root:
        os.seteuid(0)
    shutil.rmtree(folder)


def test_files_are_found_with_their_size_time_and_identity(tmp_path: Path) -> None:
    path = write(tmp_path / "a" / "b" / "c.txt", "four")
    status = path.stat()
    assert list(found(tmp_path).values()) == [
        Found(str(path), 4, status.st_mtime_ns, status.st_ino, status.st_dev, exclusion=None, is_folder=False)
    ]


def test_an_empty_folder_has_no_entries(tmp_path: Path) -> None:
    assert found(tmp_path) == {}


def test_a_root_that_is_not_there_is_no_empty_root(tmp_path: Path) -> None:
    with pytest.raises(FolderAbsent, match="no such file"):
        scan(tmp_path / "drive", Rules(tmp_path / "drive", Settings()), never)
    with pytest.raises(FolderAbsent, match="not a folder"):
        scan(write(tmp_path / "file"), Rules(tmp_path / "file", Settings()), never)


def test_a_root_that_vanishes_meanwhile_does_not_look_empty(tmp_path: Path) -> None:
    root = tmp_path / "drive"
    for number in range(3):
        write(root / str(number) / "a.txt")
    files = scan(root, Rules(root, Settings()), never)
    next(files)
    shutil.rmtree(root)
    with pytest.raises(FolderAbsent):
        list(files)


def test_a_root_that_is_replaced_meanwhile_does_not_look_empty(tmp_path: Path) -> None:
    root = tmp_path / "drive"
    write(root / "a.txt")
    files = scan(root, Rules(root, Settings()), never)
    next(files)
    root.rename(tmp_path / "elsewhere")
    root.mkdir()
    with pytest.raises(FolderAbsent, match="replaced"):
        list(files)


def test_an_excluded_folder_is_one_entry(tmp_path: Path) -> None:
    write(tmp_path / "node_modules" / "deep" / "a.js")
    write(tmp_path / "a.txt")
    files = found(tmp_path)
    assert files.keys() == {tmp_path / "node_modules", tmp_path / "a.txt"}
    assert files[tmp_path / "node_modules"].is_folder


def test_a_folder_below_the_root_can_be_scanned_alone(tmp_path: Path) -> None:
    write(tmp_path / ".gitignore", "*.log\n")
    write(tmp_path / "a" / "1.log")
    write(tmp_path / "a" / "1.txt")
    write(tmp_path / "2.txt")
    files = found(tmp_path, below=tmp_path / "a")
    assert {path.name: file.exclusion is None for path, file in files.items()} == {"1.log": False, "1.txt": True}


def test_an_excluded_folder_that_is_scanned_alone_is_one_entry(tmp_path: Path) -> None:
    write(tmp_path / "node_modules" / "deep" / "a.js")
    files = found(tmp_path, below=tmp_path / "node_modules" / "deep")
    assert [(path.name, file.is_folder) for path, file in files.items()] == [("deep", True)]


def test_a_scan_reads_changed_ignore_files(tmp_path: Path) -> None:
    write(tmp_path / "a.txt")
    rules = Rules(tmp_path, Settings())
    assert [file.exclusion for file in scan(tmp_path, rules, never)] == [None]
    write(tmp_path / ".gitignore", "*.txt\n")
    assert all(file.exclusion for file in scan(tmp_path, rules, never))


def test_links_are_entries_and_lead_nowhere(tmp_path: Path) -> None:
    root = tmp_path / "root"
    write(root / "a" / "real.txt")
    write(tmp_path / "outside" / "secret.txt")
    (root / "a" / "loop").symlink_to(root, target_is_directory=True)
    (root / "out").symlink_to(tmp_path / "outside", target_is_directory=True)
    (root / "file").symlink_to(tmp_path / "outside" / "secret.txt")
    (root / "dangling").symlink_to(tmp_path / "gone")
    (root / "self").symlink_to(root / "self")
    links = dict.fromkeys(("loop", "out", "file", "dangling", "self"), RuleKind.LINK)
    assert kinds(root) == {"real.txt": None, **links}
    exclusion = found(root)[root / "file"].exclusion
    assert exclusion and exclusion.findable_by_name and str(tmp_path / "outside" / "secret.txt") in exclusion.reason


def test_a_root_that_is_a_link_is_scanned(tmp_path: Path) -> None:
    write(tmp_path / "real" / "a.txt")
    (tmp_path / "link").symlink_to("real")
    assert found(tmp_path / "link").keys() == {tmp_path / "link" / "a.txt"}


@pytest.mark.timeout(20)
def test_what_is_no_file_is_never_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "pipe")
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
        assert kinds(tmp_path) == {"pipe": RuleKind.SPECIAL, "socket": RuleKind.SPECIAL}


def test_names_that_are_not_unicode_survive(tmp_path: Path) -> None:
    raw = os.path.join(os.fsencode(tmp_path), b"caf\xe9.txt")
    with open(raw, "wb") as file:
        file.write(b"text")
    assert [os.fsencode(path) for path in found(tmp_path)] == [raw]


def test_odd_names_are_found(tmp_path: Path) -> None:
    names = ["new\nline", " ", "-rf", "*", "[a]", "日本語.txt", "é.txt", "e\u0301.txt", "a" * 250]
    for name in names:
        write(tmp_path / name)
    assert kinds(tmp_path) == dict.fromkeys(names)


def test_a_folder_that_vanishes_meanwhile_is_no_error(tmp_path: Path) -> None:
    for name in "abc":
        write(tmp_path / name / "1.txt")
    files = scan(tmp_path, Rules(tmp_path, Settings()), never)
    seen = [next(files).path.parent.name]
    for name in set("abc") - set(seen):
        shutil.rmtree(tmp_path / name)
    assert list(files) == []


def test_a_folder_that_can_not_be_read_says_so(nobody: Path) -> None:
    write(nobody / "closed" / "a.txt")
    write(nobody / "open.txt")
    (nobody / "closed").chmod(0)
    try:
        files = found(nobody)
    finally:
        (nobody / "closed").chmod(0o755)
    closed = files[nobody / "closed"]
    assert closed.is_folder and closed.exclusion
    assert (closed.exclusion.kind, closed.exclusion.reason) == (RuleKind.UNREADABLE, "can't be read: permission denied")
    assert files[nobody / "open.txt"].exclusion is None


def test_a_scan_stops_when_told(tmp_path: Path) -> None:
    for number in range(3000):
        (tmp_path / f"{number}.txt").touch()
    seen: list[Found] = []
    for file in scan(tmp_path, Rules(tmp_path, Settings()), lambda: len(seen) >= 10):
        seen.append(file)
    assert 10 <= len(seen) < 3000


def test_large_files_are_found_by_name(tmp_path: Path) -> None:
    write(tmp_path / "a.txt", "12345")
    exclusion = found(tmp_path, settings=Settings(max_file_bytes=4))[tmp_path / "a.txt"].exclusion
    assert exclusion and exclusion.findable_by_name


def test_a_very_deep_tree_is_no_error(tmp_path: Path) -> None:
    here = os.open(tmp_path, os.O_RDONLY)
    for _ in range(50):  # 50 * 101 characters are more than a path may have
        os.mkdir("d" * 100, dir_fd=here)
        below = os.open("d" * 100, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
    files = list(found(tmp_path).values())
    shutil.rmtree(tmp_path / ("d" * 100))
    assert [file.exclusion and file.exclusion.kind for file in files] == [RuleKind.UNREADABLE]


def test_looking_at_one_path_says_what_a_scan_says(tmp_path: Path) -> None:
    write(tmp_path / ".gitignore", "*.log\n")
    for name in ("a.txt", "a.log", "sub/.hidden", "node_modules/a.js", "sub/b~"):
        write(tmp_path / name)
    (tmp_path / "link").symlink_to("a.txt")
    os.mkfifo(tmp_path / "pipe")
    rules = Rules(tmp_path, Settings())
    for path, file in found(tmp_path).items():
        assert look(path, rules) == file
    folder = look(tmp_path / "sub", rules)
    assert folder and folder.is_folder and folder.exclusion is None
    assert look(tmp_path / "gone", rules) is None
    assert look(tmp_path / "a.txt" / "below", rules) is None


def test_a_path_through_a_link_is_left_out(tmp_path: Path) -> None:
    write(tmp_path / "real" / "a.txt")
    (tmp_path / "link").symlink_to("real")
    file = look(tmp_path / "link" / "a.txt", Rules(tmp_path, Settings()))
    assert file and file.exclusion and file.exclusion.kind is RuleKind.LINK


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs /proc")
def test_files_of_the_system_itself_are_one_entry() -> None:
    assert list(found(Path("/proc"))) == [Path("/proc")]
    assert list(found(Path("/"), below=Path("/proc/self"))) == [Path("/proc/self")]
