import os
import stat
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from indexer.errors import StoreError
from indexer.rules import Exclusion, RuleKind, Rules, shown
from indexer.shares import each, mounted_in, touch

ENTRIES_BETWEEN_STOPS = 1000
_JUNCTION = 0xA0000003  # a folder of Windows that stands for another one


class FolderAbsent(StoreError):
    """A folder is not there, which says nothing about the files that were: a drive may be unplugged."""

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(f"{shown(str(folder))}: {reason}; what was indexed there is kept until the folder is removed")
        self.folder = folder


@dataclass(frozen=True, slots=True)
class Found:
    """One file as it lies on the disk, or a folder that is left out."""

    location: str
    size_bytes: int
    mtime_ns: int
    inode: int
    device: int
    exclusion: Exclusion | None  # None: its text is to be read
    is_folder: bool

    @property
    def path(self) -> Path:
        """Made when it is asked for: of a hundred thousand files that have not changed it takes as long as the rest."""
        return Path(self.location)


def scan(root: Path, rules: Rules, stop: Callable[[], bool]) -> Iterator[Found]:
    """List every file of a watched folder, or of a folder in one, in no order.

    An excluded folder is one entry, and so is one that can't be read (`RuleKind.UNREADABLE`: what was indexed below it
    is better kept). Links are entries of their own and never followed: what they lead to is indexed where it lies, and
    no loop or way out of the folder is taken; the root itself may be a link. Other file systems below the root are
    entered, those of the system itself are not. What vanishes meanwhile is left out. Ignore files are read afresh.

    Args:
        root: the folder of the rules, or one below it; when it is excluded it is the only entry
        rules: of the watched folder
        stop: asked often, from the thread that iterates; when it says so the iteration ends, incomplete

    Raises:
        FolderAbsent: the root is not there, at once, or is not there any more, in place of the last entry.
    """
    identity = _identity(root)
    rules.forget(root)
    return _scan(root, rules, stop, identity)


def look(path: Path, rules: Rules) -> Found | None:
    """What is at one path of a watched folder, by the rules of `scan`; None: nothing. A folder may be let in here.

    Raises FolderAbsent: the watched folder itself is not there, so nothing is known about the path.
    """
    try:
        return touch(path, partial(_look, path, rules))
    except (FileNotFoundError, NotADirectoryError, ValueError):
        _identity(rules.root)
        return None
    except OSError as error:
        return Found(str(path), 0, 0, 0, 0, _unreadable(error), is_folder=False)


def _look(path: Path, rules: Rules) -> Found:
    status = os.lstat(path)
    if path == rules.root or stat.S_ISDIR(status.st_mode) and not _is_link(status):
        exclusion = rules.folder_verdict(str(path))
    else:
        folder = str(path.parent)
        exclusion = rules.folder_verdict(folder) or _verdict(folder, path.name, status, rules)
    return _found(str(path), status, exclusion or _behind_link(path, rules.root))


def _scan(root: Path, rules: Rules, stop: Callable[[], bool], identity: tuple[int, int]) -> Iterator[Found]:
    folders = [str(root)]
    while folders and not stop():
        folder = folders.pop()
        try:
            yield from each(folder, _scan_folder(folder, folders, rules, stop))
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            yield Found(folder, 0, 0, 0, 0, _unreadable(error), is_folder=True)
    if _identity(root) != identity:
        raise FolderAbsent(root, "the folder was replaced while it was read")


def _scan_folder(folder: str, folders: list[str], rules: Rules, stop: Callable[[], bool]) -> Iterator[Found]:
    """Entries of one folder, or itself where it is left out; its subfolders are added to `folders`. Raises OSError."""
    if exclusion := rules.folder_verdict(folder):
        yield _found(folder, os.lstat(folder), exclusion)
        return
    shares = mounted_in(folder)
    with os.scandir(folder) as entries:
        for number, entry in enumerate(entries, 1):
            if number % ENTRIES_BETWEEN_STOPS == 0 and stop():
                return
            if entry.path in shares:
                folders.append(entry.path)
            elif found := _entry(entry, folder, folders, rules):
                yield found


def _entry(entry: os.DirEntry[str], folder: str, folders: list[str], rules: Rules) -> Found | None:
    try:
        status = _status(entry)
        if not stat.S_ISDIR(status.st_mode) or _is_link(status):
            return _found(entry.path, status, _verdict(folder, entry.name, status, rules))
    except FileNotFoundError:
        return None
    except OSError as error:
        return Found(entry.path, 0, 0, 0, 0, _unreadable(error), is_folder=False)
    folders.append(entry.path)
    return None


def _found(path: str, status: os.stat_result, exclusion: Exclusion | None) -> Found:
    is_folder = stat.S_ISDIR(status.st_mode) and not _is_link(status)
    size_bytes = 0 if is_folder else status.st_size
    return Found(path, size_bytes, status.st_mtime_ns, status.st_ino, status.st_dev, exclusion, is_folder)


def _verdict(folder: str, name: str, status: os.stat_result, rules: Rules) -> Exclusion | None:
    """Of a file in a folder that is let in: by its name, by what it is, by its size."""
    if stat.S_ISREG(status.st_mode):
        return rules.file_verdict(folder, name, status.st_size)
    return rules.file_verdict(folder, name) or _not_regular(os.path.join(folder, name), status)


def _not_regular(path: str, status: os.stat_result) -> Exclusion:
    if not _is_link(status):
        return Exclusion("a device, a pipe or a socket, not a file", RuleKind.SPECIAL)
    try:
        target = f" to {shown(os.readlink(path))}"
    except OSError:
        target = ""
    reason = f"a link{target}; links are not followed, what they lead to is indexed where it lies"
    return Exclusion(reason, RuleKind.LINK, findable_by_name=True)


def _behind_link(path: Path, root: Path) -> Exclusion | None:
    """Why a path is left out that leads through a link below the root."""
    for folder in path.parents:
        if folder == root:
            break
        try:
            status = os.lstat(folder)
        except OSError:
            break
        if _is_link(status):
            return _not_regular(str(folder), status)
    return None


def _is_link(status: os.stat_result) -> bool:
    return stat.S_ISLNK(status.st_mode) or getattr(status, "st_reparse_tag", 0) == _JUNCTION


def _status(entry: os.DirEntry[str]) -> os.stat_result:
    if sys.platform == "win32":
        return os.lstat(entry.path)  # the listing has neither inode nor device
    return entry.stat(follow_symlinks=False)


def _identity(root: Path) -> tuple[int, int]:
    """Device and inode. Raises FolderAbsent."""
    try:
        status = touch(root, partial(os.stat, root))
    except OSError as error:
        raise FolderAbsent(root, (error.strerror or str(error)).lower()) from error
    if not stat.S_ISDIR(status.st_mode):
        raise FolderAbsent(root, "this is not a folder")
    return status.st_dev, status.st_ino


def _unreadable(error: OSError) -> Exclusion:
    return Exclusion(f"can't be read: {(error.strerror or str(error)).lower()}", RuleKind.UNREADABLE)
