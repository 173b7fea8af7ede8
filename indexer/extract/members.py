"""The documents inside a file: what archives hold and messages carry, and what is inside of that."""

import os
import tempfile
import time
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from indexer.document import INSIDE, Kind
from indexer.errors import DocumentError
from indexer.extract.containers import BROKEN, BROKEN_ATTACHMENTS, Entry, entries, is_container
from indexer.extract.kinds import NOT_READ, Format, is_recognisable, kind_of, named_format
from indexer.extract.limits import MIB, Limits
from indexer.extract.source import open_regular
from indexer.rules import Exclusion, by_name

_STEP = 1 << 20
_FREE_BYTES = 64 * MIB  # may be expanded from whatever little
_NAME_BYTES = 120
_PATH_CHARACTERS = 900
_NOT_IN_NAMES = '<>:"/\\|?*'  # Windows refuses them


@dataclass(frozen=True, slots=True)
class Unpacked:
    """A member, in a temporary file as long as the next one isn't asked for."""

    path: str  # in its file, as `Member.path`
    file: Path | None = None  # None: it was not unpacked
    error: str = ""  # that kept it from being unpacked
    reason: str = ""  # why nobody tried
    kind: Kind = Kind.OTHER  # by its name


class _BombError(Exception):
    """Enough: the rest is left aside; the message says why."""


@dataclass
class _Budget:
    """What is left for all members of a file together."""

    limits: Limits
    room: int  # bytes
    members: int = 0
    until: float = field(init=False)
    paths: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.until = time.process_time() + self.limits.members_seconds

    def count(self) -> None:
        """Raises _BombError."""
        self.members += 1
        if self.members > self.limits.members:
            raise _BombError(f"only the first {self.limits.members:,} members are looked at")
        if time.process_time() > self.until:
            raise _BombError(f"only the first {self.members - 1:,} members are looked at: the rest takes too long")

    def unique(self, path: str) -> str:
        """The path, or with a number where there was one like it."""
        path = path[-_PATH_CHARACTERS:]
        found, number = path, 1
        while found in self.paths:
            number += 1
            found = f"{path} ({number})"
        self.paths.add(found)
        return found

    def copy(self, source: IO[bytes], target: Path) -> str:
        """Write out a member; why it is left aside, if it is. Raises _BombError."""
        size = 0
        with target.open("wb") as file:
            while block := source.read(_STEP):
                size += len(block)
                self.room -= len(block)
                if self.room < 0:
                    raise _BombError("expands to too much, so that only its first members are read")
                if size > self.limits.member_bytes:
                    return self.limits.member_reason
                file.write(block)
        return ""


class Members:
    """Goes through the members of a file, each unpacked as it is reached. What ends it early is said in `note`.

    Args:
        wants_images: unpack pictures in which text can be recognised, too.
        only: unpack this one alone, of whatever type it is; it alone is given.
    """

    def __init__(self, path: Path, limits: Limits, wants_images: bool = False, only: str = "") -> None:
        self.note = ""
        self.has_images = False  # in which text could be recognised
        self._path = path
        self._wants_images = wants_images
        self._only = only
        with open_regular(path) as file:
            size_bytes = os.fstat(file.fileno()).st_size
        self._budget = _Budget(limits, min(limits.members_bytes, _FREE_BYTES + limits.expansion * size_bytes))

    def __iter__(self) -> Iterator[Unpacked]:
        """Raises DocumentError: it is no archive, or protected, or broken from the beginning."""
        form = named_format(self._path)
        if form is None or not is_container(self._path, form):
            return
        try:
            with tempfile.TemporaryDirectory() as folder:
                yield from self._walk(self._path, form, "", Path(folder), 1)
        except _BombError as error:
            self.note = str(error)

    def _walk(self, path: Path, form: Format, inside: str, folder: Path, depth: int) -> Iterator[Unpacked]:
        """Members of one container, which stands at `inside` in the whole."""
        before = self._budget.members
        try:
            for entry in entries(path, form, self._budget.limits):
                name = _tidy(entry.name) or "file"
                exclusion = _exclusion(name)
                if exclusion is None or exclusion.findable_by_name:
                    reason = exclusion.reason if exclusion else ""
                    yield from self._take(entry, inside + name, reason, folder, depth)
        except MemoryError:
            raise
        except BROKEN as error:
            read = self._budget.members - before
            if not read or inside:
                is_archive = form is Format.ARCHIVE
                reason = "is damaged: it is not a complete archive" if is_archive else BROKEN_ATTACHMENTS
                raise DocumentError(path, reason) from error
            self.note = f"is damaged: only its first {read:,} members could be read"

    def _take(self, entry: Entry, inside: str, reason: str, folder: Path, depth: int) -> Iterator[Unpacked]:
        self._budget.count()
        place = self._budget.unique(inside)
        name = Path(safe_name(inside))
        form = named_format(name)
        leads_on = form is not None and not reason and is_container(name, form)
        if self._only and not (place == self._only or (leads_on and self._only.startswith(place + INSIDE))):
            return
        if not self._only and (reason or not self._is_read(name, form)):
            yield Unpacked(place, reason=reason or NOT_READ, kind=kind_of(name) or Kind.OTHER)
            return
        file = folder / str(depth) / name
        file.parent.mkdir(exist_ok=True)
        error = entry.error or self._copied(entry, file)
        if self._only in {"", place}:
            yield Unpacked(place, None if error else file, error)
        if leads_on and form and not error and place != self._only and depth < self._budget.limits.depth:
            yield from self._inner(file, form, place, folder, depth)
        file.unlink(missing_ok=True)

    def _is_read(self, name: Path, form: Format | None) -> bool:
        if form is Format.IMAGE:
            self.has_images |= is_recognisable(name)
            return self._wants_images and is_recognisable(name)
        return form is not None

    def _copied(self, entry: Entry, file: Path) -> str:
        try:
            with entry.open() as source:
                return self._budget.copy(source, file)
        except NotImplementedError:
            return "is compressed in a way that is not known here"
        except BROKEN:
            return "is damaged"

    def _inner(self, file: Path, form: Format, place: str, folder: Path, depth: int) -> Iterator[Unpacked]:
        try:
            yield from self._walk(file, form, place + INSIDE, folder, depth + 1)
        except DocumentError as error:
            yield Unpacked(self._budget.unique(place + INSIDE + "…"), error=error.reason)


def safe_name(path: str) -> str:
    """The last part of a member's path as the name of a file on any system; never a path."""
    name = path.rpartition(INSIDE)[2].replace("\\", "/").rpartition("/")[2]
    kept = (" " if c in _NOT_IN_NAMES or unicodedata.category(c)[0] == "C" else c for c in name)
    name = "".join(kept).strip(" .") or "file"
    stem, suffix = os.path.splitext(name)
    room = _NAME_BYTES - len(suffix.encode())
    if room < 1:
        return name.encode()[:_NAME_BYTES].decode("utf-8", "ignore")
    return stem.encode()[:room].decode("utf-8", "ignore") + suffix


def _tidy(name: str) -> str:
    """A member's path as it is shown, without what could lead out of a folder."""
    shown = "".join(" " if unicodedata.category(c)[0] == "C" else c for c in name)
    return "/".join(part for part in shown.replace("\\", "/").split("/") if part not in {"", ".", ".."})


def _exclusion(path: str) -> Exclusion | None:
    """What leaves a member out, or to be found by its name, as it would be in a folder."""
    *folders, name = path.rpartition(INSIDE)[2].split("/")
    found = (by_name(folder, is_folder=True) for folder in folders)
    return next(filter(None, found), None) or by_name(name, is_folder=False)
