"""Files copied so that they can be trusted: flushed to the disk, and read back."""

import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from indexer.durable import publish, sync_names
from indexer.errors import StoreError

BLOCK_BYTES = 1 << 20

Stop = Callable[[], bool]
Tell = Callable[[str, float], None]  # what is being done, and how much of it is done, 0 to 1


@dataclass(frozen=True, slots=True)
class Checked:
    """Size and BLAKE2b of a file."""

    size_bytes: int
    digest: str


def files_below(folder: Path) -> Iterator[Path]:
    """Paths of regular files relative to a folder, sorted; links count as what they lead to."""
    for at, _, names in os.walk(folder, followlinks=True):
        yield from sorted(Path(at, name).relative_to(folder) for name in names if Path(at, name).is_file())


def copy(source: Path, target: Path, stop: Stop) -> Checked:
    """Copy a file and flush the copy to the disk; what was read.

    Raises StoreError: `stop` said so. Raises OSError.
    """
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest, size_bytes = hashlib.blake2b(digest_size=16), 0
    with source.open("rb") as old, open(target, "wb", opener=_private) as new:
        for block in _blocks(old, stop):
            digest.update(block)
            size_bytes += new.write(block)
        new.flush()
        os.fsync(new.fileno())
    return Checked(size_bytes, digest.hexdigest())


def examine(path: Path, stop: Stop) -> Checked:
    """Read a file back from the disk, past the system's cache where that can be. Raises StoreError, OSError."""
    digest, size_bytes = hashlib.blake2b(digest_size=16), 0
    with path.open("rb") as file:
        if hasattr(os, "posix_fadvise"):
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        for block in _blocks(file, stop):
            digest.update(block)
            size_bytes += len(block)
    return Checked(size_bytes, digest.hexdigest())


def _blocks(file: BinaryIO, stop: Stop) -> Iterator[bytes]:
    while block := file.read(BLOCK_BYTES):
        if stop():
            raise StoreError(f"{file.name}: reading it was broken off.")
        yield block


def sync_tree(folder: Path) -> None:
    """Flush the names in a folder and in all below it to the disk."""
    for at, _, _ in os.walk(folder):
        sync_names(Path(at))


def write(path: Path, text: str) -> None:
    """Replace a small file as a whole; it is on the disk when this returns. Raises OSError."""
    beside = path.with_name(f".{path.name}.new")
    with open(beside, "w", encoding="utf-8", errors="surrogateescape", opener=_private) as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    publish(beside, path)


def remove(path: Path) -> None:
    """Delete a file or a folder with all in it; nothing happens when it is not there. Raises OSError."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def make_sure_of_room(folder: Path, needed_bytes: int) -> None:
    """Raises StoreError: so much does not fit on the disk of a folder."""
    free = shutil.disk_usage(folder).free
    if needed_bytes > free:
        missing = (needed_bytes - free) / 1e6
        raise StoreError(f"{folder}: {missing:.0f} MB more are needed on this disk. Free some, or choose another disk.")


def size_of(paths: Iterable[Path]) -> int:
    """Bytes of files."""
    return sum(path.stat().st_size for path in paths)


@contextmanager
def written(folder: Path) -> Iterator[None]:
    """Turn what the system says into a StoreError that names the file."""
    try:
        yield
    except OSError as error:
        place = error.filename or folder
        raise StoreError(f"{place}: can't be copied or written ({error.strerror or error}).") from error


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
