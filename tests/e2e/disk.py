import os
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.e2e.sqlite_calls import OK, Call, observed

SECTOR_BYTES = 512  # written whole or not at all
BLOCK_BYTES = 65536  # of what was written to a file other than SQLite's


@dataclass(eq=False)
class _File:
    synced: bytes = b""
    pending: list[Call] = field(default_factory=list)  # may be lost, each for itself


@dataclass(eq=False)
class _Folder:
    synced: dict[str, "_File | _Folder"] = field(default_factory=dict)
    pending: list[dict[str, "_File | _Folder | None"]] = field(default_factory=list)  # each kept or lost as a whole

    def now(self) -> dict[str, "_File | _Folder"]:
        return _with(self.synced, self.pending)


Keep = Callable[[Call | None], int]  # how many bytes of a write that was not synced are kept; above 0: of an entry


class Disk:
    """A disk that keeps what was synced, and of the rest whatever a power loss leaves."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._root = _Folder()

    def apply(self, call: Call) -> None:
        if call.kind == "sync folder":
            synced = self._folder(call.path)
            synced.synced, synced.pending = synced.now(), []
            return
        folder, name = self._folder(call.path.parent), call.path.name
        if call.kind == "create":
            folder.pending.append({name: _File()})
        elif call.kind == "make folder":
            folder.pending.append({name: _Folder()})
        elif call.kind == "delete":
            folder.pending.append({name: None})
        elif call.kind == "rename":
            assert call.to is not None
            assert call.to.parent == call.path.parent
            folder.pending.append({name: None, call.to.name: folder.now()[name]})
        else:
            file = folder.now()[name]
            assert isinstance(file, _File)
            if call.kind == "sync":
                file.synced, file.pending = _content(file, _all), []
            else:
                file.pending.append(call)

    def least(self) -> dict[Path, bytes | None]:
        """Only what was synced: files with their content, folders with None."""
        return dict(_image(self._home, self._root, lambda _: 0))

    def most(self) -> dict[Path, bytes | None]:
        """Everything, as after a crash of the process alone."""
        return dict(_image(self._home, self._root, _all))

    def some(self, chance: random.Random) -> dict[Path, bytes | None]:
        """Any of what was not synced, with the last write to survive torn."""

        def keep(call: Call | None) -> int:
            whole = len(call.data) if call and call.kind == "write" else 1
            torn = chance.randrange(0, whole + 1, SECTOR_BYTES) if call and call.kind == "write" else 0
            return chance.choice((0, torn, whole))

        return dict(_image(self._home, self._root, keep))

    def _folder(self, path: Path) -> _Folder:
        folder = self._root
        for name in path.relative_to(self._home).parts:
            inner = folder.now()[name]
            assert isinstance(inner, _Folder)
            folder = inner
        return folder


def _all(call: Call | None) -> int:
    return len(call.data) if call and call.kind == "write" else 1


def _with(
    entries: dict[str, _File | _Folder], changes: list[dict[str, _File | _Folder | None]]
) -> dict[str, _File | _Folder]:
    merged: dict[str, _File | _Folder | None] = dict(entries)
    for change in changes:
        merged |= change
    return {name: entry for name, entry in merged.items() if entry is not None}


def _image(path: Path, folder: _Folder, keep: Keep) -> Iterator[tuple[Path, bytes | None]]:
    for name, entry in _with(folder.synced, [change for change in folder.pending if keep(None)]).items():
        if isinstance(entry, _Folder):
            yield path / name, None
            yield from _image(path / name, entry, keep)
        else:
            yield path / name, _content(entry, keep)


def _content(file: _File, keep: Keep) -> bytes:
    content = bytearray(file.synced)
    for call in file.pending:
        kept = keep(call)
        if call.kind == "truncate" and kept:
            del content[call.offset :]
            content.extend(bytes(call.offset - len(content)))
        elif call.kind == "write" and kept:
            content.extend(bytes(max(0, call.offset - len(content))))
            content[call.offset : call.offset + kept] = call.data[:kept]
    return bytes(content)


@contextmanager
def recorded(profile: Path, record: Callable[[Call], None]) -> Iterator[None]:
    """Tell the file operations on a folder and below it, of SQLite and of Python, while this lasts; Linux only."""

    def observe(call: Call) -> int:
        if profile in (call.path, *call.path.parents):
            record(call)
        return OK

    python = _PythonCalls(profile, record)
    with observed(observe), python.replaced():
        yield


class _PythonCalls:
    """What Python and hnswlib write is told when it is synced or renamed; nobody reads it before."""

    def __init__(self, profile: Path, record: Callable[[Call], None]) -> None:
        self._profile = profile
        self._record = record
        self._known: set[Path] = set()

    @contextmanager
    def replaced(self) -> Iterator[None]:
        """The functions of `os`."""
        ours: dict[str, Callable[..., Any]] = {
            "fsync": self._fsync,
            "replace": self._rename,
            "rename": self._rename,
            "unlink": self._unlink,
            "remove": self._unlink,
            "mkdir": self._mkdir,
        }
        self._os = {name: getattr(os, name) for name in ours}
        for name, function in ours.items():
            setattr(os, name, function)
        try:
            yield
        finally:
            for name, function in self._os.items():
                setattr(os, name, function)

    def _fsync(self, descriptor: int) -> None:
        path = Path(os.readlink(f"/proc/self/fd/{descriptor}"))
        if self._is_ours(path) and path.is_file():
            self._tell_content(path)
        self._os["fsync"](descriptor)
        if self._is_ours(path) or path == self._profile.parent:
            self._record(Call("sync folder" if path.is_dir() else "sync", path))

    def _rename(self, path: str | Path, to: str | Path) -> None:
        if self._is_ours(Path(path)):
            if Path(path) not in self._known:
                self._tell_content(Path(path))
            self._record(Call("rename", Path(path), to=Path(to)))
            self._known.add(Path(to))
        self._os["replace"](path, to)

    def _unlink(self, path: str | Path) -> None:
        self._os["unlink"](path)
        if Path(path) in self._known:
            self._record(Call("delete", Path(path)))
            self._known.discard(Path(path))

    def _mkdir(self, path: str | Path, mode: int = 0o777) -> None:
        self._os["mkdir"](path, mode)
        if self._is_ours(Path(path)):
            self._record(Call("make folder", Path(path)))

    def _tell_content(self, path: Path) -> None:
        if path not in self._known:
            self._record(Call("create", path))
            self._known.add(path)
        content = path.read_bytes()
        self._record(Call("truncate", path, 0))
        for start in range(0, len(content), BLOCK_BYTES):
            self._record(Call("write", path, start, content[start : start + BLOCK_BYTES]))

    def _is_ours(self, path: Path) -> bool:
        return self._profile in (path, *path.parents)
