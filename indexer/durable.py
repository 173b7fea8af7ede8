"""Names of files and folders that are there after a power failure."""

import contextlib
import os
from pathlib import Path


def publish(temporary: Path, path: Path) -> None:
    """Give a file that is whole, and flushed to the disk, its name. Raises OSError."""
    os.replace(temporary, path)
    sync_names(path.parent)


def make_folder(folder: Path, mode: int = 0o777) -> None:
    """Make a folder and those above it that are missing. Raises OSError."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(mode, exist_ok=True)
    sync_names(folder.parent)


def sync_names(folder: Path) -> None:
    """Flush the names in a folder to the disk."""
    if os.name == "nt":
        return  # Windows has no fsync for folders
    with contextlib.suppress(OSError):  # some network file systems have none either; SQLite goes on then, too
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
