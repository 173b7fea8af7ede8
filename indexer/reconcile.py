import logging
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path
from stat import S_ISDIR

from indexer.catalogue.records import FileRecord, Stamp
from indexer.catalogue.writer import CatalogueWriter
from indexer.document import Kind
from indexer.extract import NOT_READ, is_of_pixels, is_recognisable, kind_of
from indexer.mounts import file_systems, is_pseudo
from indexer.results import FileState, FolderState
from indexer.rules import RuleKind, Rules
from indexer.scan import FolderAbsent, Found, look, scan
from indexer.settings import Settings
from indexer.shares import is_gone, touch

log = logging.getLogger(__name__)

ABSENT_NOTE = "The folder is not there. Its index is kept until it comes back or is removed."
FAILING_NOTE = "The folder can't be read now ({reason}). Its index is kept until it can be read again or is removed."
FILES_A_CHANGE = 500  # rows written in one transaction
NOT_URGENT = 0
PICTURES = 50  # after all that is text already: to recognise it takes seconds
URGENT = -100  # changed while we watched
_AGE_DAYS = (1, 7, 30, 365)
_SIZES = (100_000, 1_000_000, 10_000_000)


class Reconciler:
    """Brings the rows of files level with the disk and queues what has to be read."""

    def __init__(
        self,
        catalogue: CatalogueWriter,
        settings: Settings,
        should_stop: Callable[[], bool],
        reads_pictures: bool = False,
    ) -> None:
        self._catalogue = catalogue
        self._files = catalogue.files
        self._settings = settings
        self._should_stop = should_stop
        self._reads_pictures = reads_pictures
        self._rules: dict[Path, tuple[int, Rules]] = {}
        self.standing: Callable[[Path], tuple[FolderState, str]] = lambda folder: (FolderState.WATCHED, "")

    def rules_of(self, folder: Path) -> Rules:
        """The rules of a watched folder."""
        return self._watched()[folder][1]

    def may_be_read(self, path: Path, rules: Rules) -> bool:
        """Whether there is a file now whose text is wanted, by the rules of its folder; any thread may ask."""
        try:
            found = look(path, rules)
        except FolderAbsent:
            return False
        return bool(found and not found.is_folder and not found.exclusion and self._is_read(path))

    def scan(self, folder: Path) -> None:
        """Compare everything in a watched folder with the disk."""
        number, rules = self._watched()[folder]
        rules.forget(folder)
        try:
            if self._is_empty_mount_point(folder):
                raise FolderAbsent(folder, "the folder is empty, and on another device than before")
            self._note_mounts(number)
            self._compare(number, scan(folder, rules, self._should_stop), self._files.below(folder), NOT_URGENT)
        except FolderAbsent:
            self._set_state(folder, FolderState.ABSENT, self._absence(folder) or ABSENT_NOTE)
        else:
            if (folder, FolderState.ABSENT) in [(path, state) for _, path, state in self._files.folders()]:
                state, note = self.standing(folder)  # which may have been absent until now
                self._set_state(folder, *((FolderState.WATCHED, "") if state is FolderState.ABSENT else (state, note)))

    def changed(self, paths: Iterable[Path]) -> None:
        """Look at paths that may have changed: what is there first, so that a move is seen before a loss."""
        paths = list(paths)
        for number in {self._watched()[root][0] for root in map(self._root_of, paths) if root}:
            self._note_mounts(number)
        folders, files, gone = list[Path](), list[Path](), list[Path]()
        for path in paths:
            try:
                (folders if self._is_folder(path) else files).append(path)
            except OSError as error:
                if is_gone(error):
                    gone.append(path)
                elif root := self._root_of(path):
                    self._note_absence(root)
        for folder in folders:
            self._look_at(folder)
        self._in_batches(self._look_at, files)
        self._in_batches(self._forget, gone)

    def lost(self, record: FileRecord, error: OSError) -> None:
        """A file that was to be read can't be: it is forgotten if it is gone for good and its watched folder is not.

        Otherwise it keeps its content, and is read once a scan finds it.
        """
        root = next((path for number, path, _ in self._files.folders() if number == record.folder), None)
        if root is not None and self._note_absence(root):
            return
        with self._catalogue.change():
            if is_gone(error) and self._is_gone(record.path):
                self._note_mounts(record.folder)
                self._remove(record.folder, [record])
            else:
                stamp = replace(record.stamp, inode=0)  # which the next scan finds to have changed
                unread = self._files.put(record.folder, record.path, stamp, record.kind)
                reason = f"can't be read: {error.strerror or error}"
                self._files.finish(unread, FileState.FAILED, reason, record.content)

    def _in_batches(self, look: Callable[[Path], None], paths: Sequence[Path]) -> None:
        """Each transaction waits for the disk: tens of thousands of files that change at once share some."""
        for start in range(0, len(paths), FILES_A_CHANGE):
            if self._should_stop():
                return
            with self._catalogue.change():
                for path in paths[start : start + FILES_A_CHANGE]:
                    look(path)

    def _watched(self) -> dict[Path, tuple[int, Rules]]:
        folders = {path: number for number, path, _ in self._files.folders()}
        for path in self._rules.keys() - folders.keys():
            del self._rules[path]
        for path, number in folders.items():
            if path not in self._rules or self._rules[path][0] != number:
                self._rules[path] = (number, Rules(path, self._settings))
        return self._rules

    def _root_of(self, path: Path) -> Path | None:
        return next((root for root in self._watched() if root == path or root in path.parents), None)

    def _look_at(self, path: Path) -> None:
        root = self._root_of(path)
        if root is None:
            return
        if path == root:
            self.scan(root)
            return
        number, rules = self._watched()[root]
        for folder in rules.forget(path):
            if folder != path:
                self._look_at(folder)
        old = self._files.at(path)
        try:
            if self._is_folder(path):
                found = scan(path, rules, self._should_stop)
            else:
                found = iter([one] if (one := look(path, rules)) else [])
            self._compare(number, found, [*([old] if old else []), *self._files.below(path)], URGENT)
        except (OSError, FolderAbsent) as error:
            if is_gone(error if isinstance(error, OSError) else error.__cause__):
                self._forget(path)
            else:
                self._note_absence(root)

    def _forget(self, path: Path) -> None:
        root = self._root_of(path)
        if root is None:
            return
        if path == root:
            self._set_state(root, FolderState.ABSENT, ABSENT_NOTE)
            return
        if self._note_absence(root):
            return
        for folder in self._watched()[root][1].forget(path):
            if folder.exists():
                self._look_at(folder)
        at = self._files.at(path)
        gone = [*([at] if at else []), *self._files.below(path)]
        if gone:
            with self._catalogue.change():
                self._remove(self._watched()[root][0], gone)

    def _compare(self, number: int, found: Iterator[Found], known: Iterable[FileRecord], urgency: int) -> None:
        """Make rows of what was found and remove those of what was not."""
        rows = {record.location: record for record in known}
        while batch := list(islice(found, FILES_A_CHANGE)):
            news = [(one, rows.pop(one.location, None)) for one in _without_unread(rows, batch)]
            news = [(one, record) for one, record in news if record is None or _differs(one, record)]
            if news:
                with self._catalogue.change():
                    for one, record in news:
                        self._put(number, one, record, urgency)
        if rows and not self._should_stop():
            self._note_mounts(number)  # again: the scan may have taken long
            with self._catalogue.change():
                self._remove(number, [record for record in rows.values() if not self._is_moved(record)])

    def _remove(self, number: int, records: Sequence[FileRecord]) -> None:
        """Forget files that are gone from a watched folder, but for those on a disk that is not there now.

        These are forgotten once a rule leaves them out.
        """
        away = self._files.away(number)
        self._files.remove(
            [one for one in records if not (one.location.startswith(away) and self._is_let_in(one.path))]
        )

    def _is_let_in(self, path: Path) -> bool:
        root = self._root_of(path)
        return root is not None and self.rules_of(root).verdict(path, is_folder=False) is None

    def _note_mounts(self, number: int) -> None:
        """Remember what is mounted in a watched folder, or as it, and which disks and shares are not there now.

        Where an unplugged one was, an empty folder is left, or none.
        """
        known = self._files.mounts(number)
        root = next((path for path, (folder, _) in self._watched().items() if folder == number), None)
        mounted = [Path(place) for place, kind in file_systems().items() if not is_pseudo(kind)]
        now = {place: False for place in mounted if root and (place == root or root in place.parents)}
        now |= {place: True for place in known.keys() - now.keys() if _is_bare(place)}
        if now != known:
            with self._catalogue.change():
                self._files.set_mounts(number, now)

    def _is_moved(self, record: FileRecord) -> bool:
        """Whether this row has got another path since it was read."""
        current = self._files.at(record.path)
        return current is None or current.id != record.id

    def _put(self, number: int, found: Found, record: FileRecord | None, urgency: int) -> None:
        stamp = stamp_of(found)
        if record is None and found.exclusion is None and self._move(number, found.path, stamp):
            return
        kind = kind_of(found.path)
        record = self._files.put(number, found.path, stamp, Kind.OTHER if found.is_folder else kind or Kind.OTHER)
        if found.exclusion:
            state = FileState.NO_TEXT if found.exclusion.findable_by_name else FileState.EXCLUDED
            self._files.finish(record, state, found.exclusion.reason, None)
        elif not self._is_read(found.path):
            self._files.finish(record, FileState.NO_TEXT, NOT_READ, None)
        else:
            last = PICTURES if is_of_pixels(found.path) else 0
            self._files.enqueue(record, urgency + last + priority(stamp, time.time()))

    def _is_read(self, path: Path) -> bool:
        if is_of_pixels(path):
            return self._reads_pictures and is_recognisable(path)
        return kind_of(path) is not None

    def _move(self, number: int, path: Path, stamp: Stamp) -> bool:
        """A file that was there under another path keeps its content: no reading, no embedding."""
        for record in self._files.with_stamp(stamp):
            if not os.path.lexists(record.path) and record.state is not FileState.EXCLUDED:
                self._files.move(record, number, path)
                return kind_of(path) == record.kind
        return False

    @staticmethod
    def _is_gone(path: Path) -> bool:
        try:
            touch(path, partial(os.lstat, path))
        except OSError as error:
            return is_gone(error)
        return False

    def _note_absence(self, folder: Path) -> bool:
        """Whether a watched folder is not there, which its state tells then."""
        if note := self._absence(folder):
            self._set_state(folder, FolderState.ABSENT, note)
        return bool(note)

    def _absence(self, folder: Path) -> str:
        """Why a watched folder is not there; empty if it is."""
        try:
            is_absent = not self._is_folder(folder, follow=True) or self._is_empty_mount_point(folder)
        except OSError as error:
            if not is_gone(error):
                return FAILING_NOTE.format(reason=(error.strerror or str(error)).lower())
            is_absent = True
        return ABSENT_NOTE if is_absent else ""

    def _is_empty_mount_point(self, folder: Path) -> bool:
        """Where an unplugged drive was, an empty folder on another device is left."""
        try:
            device = touch(folder, partial(_device_if_empty, folder))
        except OSError:
            return False
        return device is not None and any(
            record.stamp.device != device for record in self._files.below(folder, limit=1)
        )

    @staticmethod
    def _is_folder(path: Path, *, follow: bool = False) -> bool:
        return S_ISDIR(touch(path, partial(os.stat, path, follow_symlinks=follow)).st_mode)

    def _set_state(self, folder: Path, state: FolderState, note: str) -> None:
        with self._catalogue.change():
            self._files.set_folder_state(folder, state, note)


def _without_unread(rows: dict[str, FileRecord], batch: Iterable[Found]) -> Iterator[Found]:
    """Of what can't be read just now nothing is known: what was indexed of it, or in it, stays."""
    for one in batch:
        if one.exclusion is None or one.exclusion.kind is not RuleKind.UNREADABLE:
            yield one
        elif one.is_folder:
            inside = one.location.rstrip(os.sep) + os.sep
            for location in [location for location in rows if location.startswith(inside)]:
                del rows[location]
            yield one
        elif rows.pop(one.location, None) is None:
            yield one


def _is_bare(folder: Path) -> bool:
    try:
        return not touch(folder, partial(os.listdir, folder))
    except OSError:
        return True


def _device_if_empty(folder: Path) -> int | None:
    with os.scandir(folder) as entries:
        return folder.stat().st_dev if next(entries, None) is None else None


def stamp_of(found: Found) -> Stamp:
    """The stamp of what a scan found."""
    mask = 2**63 - 1
    return Stamp(found.size_bytes, found.mtime_ns, found.device & mask, found.inode & mask)


def _differs(found: Found, record: FileRecord) -> bool:
    if found.exclusion is None:
        was_let_in = record.state is not FileState.EXCLUDED
        return not was_let_in or stamp_of(found) != record.stamp
    return found.exclusion.reason != record.reason or record.queued


def priority(stamp: Stamp, now: float) -> int:
    """Place in the queue: recent and small files first."""
    days = (now - stamp.mtime_ns / 1e9) / 86400
    return sum(days > limit for limit in _AGE_DAYS) + 2 * sum(stamp.size_bytes > limit for limit in _SIZES)
