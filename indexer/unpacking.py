"""Copies of what is inside archives and messages, for other programs to open."""

import contextlib
import hashlib
import os
import shutil
import stat
import threading
from pathlib import Path

from indexer.errors import DocumentError, StoreError
from indexer.extract import Limits
from indexer.extract.members import safe_name
from indexer.workers import ExtractionPool

FOLDER = "opened"
MAX_BYTES = 1 << 30  # the oldest copies go when there are more


class Unpacker:
    """Makes read-only copies in a folder of the profile, which is emptied at the start and at the end."""

    def __init__(self, profile: Path) -> None:
        self._folder = profile / FOLDER
        self._pool = ExtractionPool(1, Limits())  # of its own: nobody waits behind what is being indexed
        self._lock = threading.Lock()
        _remove(self._folder)

    def copy(self, path: Path, member: str) -> Path:
        """The copy of a member of a file, made anew when the file has changed. Blocks.

        Raises:
            DocumentError: it can't be had, with the reason.
            StoreError: it can't be written.
        """
        try:
            found = path.stat()
        except OSError as error:
            raise DocumentError(path, f"can't be opened: {error.strerror or error}") from error
        version = f"{found.st_mtime_ns} {found.st_size} {member}"
        key = hashlib.blake2b(os.fsencode(path) + version.encode("utf-8", "replace"), digest_size=8).hexdigest()
        target = self._folder / key / safe_name(member)
        with self._lock:
            if not target.exists():
                self._unpack(path, member, target)
        return target

    def clear(self) -> None:
        """Remove the copies."""
        with self._lock:
            _remove(self._folder)

    def close(self) -> None:
        """Remove the copies and end the process that makes them."""
        self._pool.close()
        self.clear()

    def _unpack(self, path: Path, member: str, target: Path) -> None:
        partial = target.with_name(".partial")
        try:
            self._make_room()
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._folder.chmod(0o700)
            self._pool.unpack(path, member, partial).result()
            partial.chmod(stat.S_IRUSR)
            partial.rename(target)
        except OSError as error:
            reason = error.strerror or error
            raise StoreError(f"{target}: can't be written ({reason}). Check its permissions.") from error
        finally:
            with contextlib.suppress(OSError):
                partial.unlink(missing_ok=True)

    def _make_room(self) -> None:
        copies = sorted(self._folder.glob("*/*"), key=lambda copy: copy.stat().st_mtime, reverse=True)
        taken = 0
        for copy in copies:
            taken += copy.stat().st_size
            if taken > MAX_BYTES:
                _remove(copy.parent)


def _remove(folder: Path) -> None:
    for copy in folder.glob("**/*"):
        if copy.is_file() and not copy.is_symlink():
            copy.chmod(stat.S_IRUSR | stat.S_IWUSR)  # Windows removes no read-only file
    shutil.rmtree(folder, ignore_errors=True)
