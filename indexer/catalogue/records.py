import os
from dataclasses import dataclass
from pathlib import Path

from indexer.document import Kind
from indexer.results import FileState
from model.precision import Precision


@dataclass(frozen=True, slots=True)
class Stamp:
    """What tells cheaply that a file has changed or moved."""

    size_bytes: int
    mtime_ns: int
    device: int
    inode: int

    @classmethod
    def of(cls, stat: os.stat_result) -> "Stamp":
        """From lstat or stat; inode numbers beyond SQLite's 63 bits are folded."""
        return cls(stat.st_size, stat.st_mtime_ns, stat.st_dev & 0x7FFFFFFFFFFFFFFF, stat.st_ino & 0x7FFFFFFFFFFFFFFF)


@dataclass(frozen=True, slots=True)
class FileRecord:
    """A row of the files table."""

    id: int
    folder: int
    location: str
    stamp: Stamp
    kind: Kind
    state: FileState
    reason: str
    content: int | None
    queued: bool  # its state is that of the last reading

    @property
    def path(self) -> Path:
        """Made when it is asked for, which takes its time."""
        return Path(self.location)


@dataclass(frozen=True, slots=True)
class Space:
    """A vector space: vectors of two spaces are never compared."""

    id: int
    model: str
    revision: str
    dimension: int
    active: bool
    precision: Precision = Precision.FULL  # of the model's weights
    document_task: str = ""  # instruction for passages


@dataclass(frozen=True, slots=True)
class SegmentRecord:
    """A published segment: the vectors numbered low to high of one space."""

    name: str
    space: int
    low: int
    high: int
    count: int
    size_bytes: int
    dimension: int
    checksum: bytes


def encoded(path: Path) -> bytes:
    """A path as the catalogue keeps it; names that are not UTF-8 survive."""
    return os.fsencode(path)


def decoded(path: bytes) -> Path:
    """The path that `encoded` was given."""
    return Path(os.fsdecode(path))


def below(folder: Path) -> tuple[bytes, bytes]:
    """Range of encoded paths, low inclusive and high exclusive, that lie below a folder."""
    prefix = encoded(folder).rstrip(b"/" if os.sep == "/" else b"\\")
    separator = os.sep.encode()
    return prefix + separator, prefix + bytes([separator[0] + 1])


def printable(path: Path) -> str:
    """A path as text that SQLite and JSON accept; bytes that are not UTF-8 become U+FFFD."""
    return os.fsencode(path).decode("utf-8", "replace")
