"""7z archives, whose members are compressed as one: unpacked in one go, as far as they may be."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import py7zr
from py7zr.io import MemIO

from indexer.errors import DocumentError
from indexer.extract.limits import Limits

Unpacked = tuple[str, Path, str]  # name, the file that it was unpacked to, why it was not


class _Target(py7zr.Py7zIO):
    """A file that one member is written to."""

    def __init__(self, path: Path) -> None:
        self._file = open(path, "wb")  # noqa: SIM115  closed by py7zr

    def write(self, s: bytes | bytearray) -> int:
        return self._file.write(s)

    def read(self, size: int | None = None) -> bytes:
        raise NotImplementedError

    def seek(self, offset: int, whence: int = 0) -> int:
        return 0

    def flush(self) -> None:
        self._file.flush()

    def size(self) -> int:
        return self._file.tell()

    def close(self) -> None:
        self._file.close()


class _Targets(py7zr.WriterFactory):
    """Opens the file for each member, and closes the one that a damaged archive leaves open."""

    def __init__(self) -> None:
        self._last: _Target | None = None

    def create(self, filename: str) -> py7zr.Py7zIO:
        """The file of this name."""
        self._last = _Target(Path(filename))
        return self._last

    def close(self) -> None:
        """Close the last one."""
        if self._last:
            self._last.close()


@contextmanager
def unpacked(path: Path, file: BinaryIO, limits: Limits) -> Iterator[list[Unpacked]]:
    """The members of an archive in numbered files of a temporary folder: no name in it is ever used as one.

    Raises:
        DocumentError: it is protected, or damaged.
    """
    with tempfile.TemporaryDirectory() as folder:
        try:
            with py7zr.SevenZipFile(file) as archive:
                if archive.password_protected:
                    raise DocumentError(path, "is protected with a password")
                members = _unpack(archive, Path(folder), limits)
        except py7zr.PasswordRequired as error:
            raise DocumentError(path, "is protected with a password") from error
        except py7zr.exceptions.ArchiveError as error:
            raise DocumentError(path, "is damaged: it is not a complete 7z archive") from error
        yield members


def _unpack(archive: py7zr.SevenZipFile, folder: Path, limits: Limits) -> list[Unpacked]:
    members: list[Unpacked] = []
    targets = _Targets()
    room = limits.archive_bytes
    files: list[Any] = [each for each in archive.files if not (each.is_directory or each.is_symlink)]
    for number, each in enumerate(files[: limits.members + 1]):
        target = folder / str(number)
        size = int(each.uncompressed or 0)
        if size > min(room, limits.member_bytes):
            members.append((each.filename, target, limits.member_reason))
            continue
        room -= size
        target.touch()
        members.append((each.filename, target, ""))
        archive.worker.register_filelike(each.id, MemIO(str(target), targets))
    chosen = {int(target.name) for _, target, error in members if not error}
    for number, each in enumerate(files):
        if number not in chosen:
            archive.worker.register_filelike(each.id, None)
    archive.worker.max_extract_size = limits.members_bytes
    try:
        archive.worker.extract(archive.fp, None, parallel=False)
    finally:
        targets.close()
    return members
