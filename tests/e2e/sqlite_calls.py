"""SQLite's file operations, seen and refused by Python: a VFS that lies over the default one."""

import _sqlite3
import ctypes
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ctypes import CFUNCTYPE, POINTER, Structure, c_char_p, c_int, c_int64, c_void_p, cast, memmove, pointer, sizeof
from dataclasses import dataclass
from pathlib import Path
from typing import Any

OK = 0
FULL = 13
WRITE_FAILED = 10 | 3 << 8
SYNC_FAILED = 10 | 4 << 8
_CREATE = 0x4
_SYNCS_FOLDER = 0x800 | 0x4000 | 0x80000  # journals and the write-ahead log: with the first sync of one that is new

_Open = CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p, c_int, c_void_p)
_Delete = CFUNCTYPE(c_int, c_void_p, c_char_p, c_int)
_Close = CFUNCTYPE(c_int, c_void_p)
_Write = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64)
_Truncate = CFUNCTYPE(c_int, c_void_p, c_int64)
_Sync = CFUNCTYPE(c_int, c_void_p, c_int)


class _Vfs(Structure):
    _fields_ = [
        ("iVersion", c_int),
        ("szOsFile", c_int),
        ("mxPathname", c_int),
        ("pNext", c_void_p),
        ("zName", c_char_p),
        ("pAppData", c_void_p),
        ("xOpen", _Open),
        ("xDelete", _Delete),
        ("others", c_void_p * 13),
    ]


class _Methods(Structure):
    _fields_ = [
        ("iVersion", c_int),
        ("xClose", _Close),
        ("xRead", c_void_p),
        ("xWrite", _Write),
        ("xTruncate", _Truncate),
        ("xSync", _Sync),
        ("others", c_void_p * 13),
    ]


class _File(Structure):
    _fields_ = [("pMethods", POINTER(_Methods))]


@dataclass(frozen=True, slots=True)
class Call:
    """One file operation; `kind` is create, write, truncate, sync, delete, rename, make folder or sync folder."""

    kind: str
    path: Path
    offset: int = 0  # of a write; the new size of a truncation
    data: bytes = b""
    to: Path | None = None  # of a renaming


Observer = Callable[[Call], int]  # OK lets the call through, any other code is its answer


def is_supported() -> bool:
    """Whether SQLite's C interface can be reached from here: not where it is linked into Python invisibly."""
    try:
        return bool(ctypes.CDLL(_sqlite3.__file__).sqlite3_vfs_find)
    except (AttributeError, OSError):
        return False


@contextmanager
def observed(observer: Observer) -> Iterator[None]:
    """While this lasts, connections that are opened tell their file operations; they must be closed before it ends."""
    library = ctypes.CDLL(_sqlite3.__file__)
    library.sqlite3_vfs_find.restype = POINTER(_Vfs)
    base = library.sqlite3_vfs_find(None)
    shim = _Shim(base, observer)
    library.sqlite3_vfs_register(pointer(shim.vfs), 1)
    try:
        yield
    finally:
        library.sqlite3_vfs_unregister(pointer(shim.vfs))
        library.sqlite3_vfs_register(base, 1)


class _Shim:
    def __init__(self, base: Any, observer: Observer) -> None:  # noqa: ANN401 - a pointer of ctypes
        self._base = base
        self._observer = observer
        self._files: dict[int, Path] = {}
        self._new: set[int] = set()  # files whose folder has to be synced
        self._methods: dict[int, tuple[_Methods, _Methods]] = {}  # ours and the original, by the original's address
        self.vfs = _Vfs()
        memmove(pointer(self.vfs), base, sizeof(_Vfs))
        self.vfs.zName = b"observed"
        self.vfs.xOpen = _Open(self._open)
        self.vfs.xDelete = _Delete(self._delete)

    def _open(self, _: int, name: int | None, file: int, flags: int, out: int | None) -> int:
        path = Path(os.fsdecode(cast(name, c_char_p).value or b"")) if name else None
        is_new = path is not None and bool(flags & _CREATE) and not path.exists()
        if path and is_new and (code := self._observer(Call("create", path))):
            return code
        code = int(self._base.contents.xOpen(cast(self._base, c_void_p), name, file, flags, out))
        if code == OK and path:
            self._files[file] = path
            if is_new and flags & _SYNCS_FOLDER:
                self._new.add(file)
            self._wrap(cast(file, POINTER(_File)).contents)
        return code

    def _wrap(self, file: _File) -> None:
        address = ctypes.addressof(file.pMethods.contents)
        if address not in self._methods:
            original, ours = _Methods(), _Methods()
            memmove(pointer(original), file.pMethods, sizeof(_Methods))
            memmove(pointer(ours), file.pMethods, sizeof(_Methods))
            ours.xClose = _Close(lambda one: self._close(original, one))
            ours.xWrite = _Write(lambda one, data, size, offset: self._write(original, one, data, size, offset))
            ours.xTruncate = _Truncate(lambda one, size: self._truncate(original, one, size))
            ours.xSync = _Sync(lambda one, flags: self._sync(original, one, flags))
            self._methods[address] = (ours, original)
        file.pMethods = pointer(self._methods[address][0])

    def _close(self, original: _Methods, file: int) -> int:
        self._files.pop(file, None)
        self._new.discard(file)
        return int(original.xClose(file))

    def _write(self, original: _Methods, file: int, data: int, size: int, offset: int) -> int:
        code = self._observer(Call("write", self._files[file], offset, ctypes.string_at(data, size)))
        return code or int(original.xWrite(file, data, size, offset))

    def _truncate(self, original: _Methods, file: int, size: int) -> int:
        code = self._observer(Call("truncate", self._files[file], size))
        return code or int(original.xTruncate(file, size))

    def _sync(self, original: _Methods, file: int, flags: int) -> int:
        code = self._observer(Call("sync", self._files[file])) or int(original.xSync(file, flags))
        if code == OK and file in self._new:
            self._new.discard(file)
            self._observer(Call("sync folder", self._files[file].parent))
        return code

    def _delete(self, _: int, name: bytes, syncs_folder: int) -> int:
        path = Path(os.fsdecode(name))
        if path.exists() and (code := self._observer(Call("delete", path))):
            return code
        code = int(self._base.contents.xDelete(cast(self._base, c_void_p), name, syncs_folder))
        if code == OK and syncs_folder:
            self._observer(Call("sync folder", path.parent))
        return code
