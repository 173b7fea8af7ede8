import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from indexer import reconcile, shares
from indexer.catalogue.reader import CatalogueReader
from indexer.catalogue.writer import CatalogueWriter
from indexer.query import Filters
from indexer.reconcile import Reconciler
from indexer.results import FileState, FolderState
from indexer.settings import Settings
from indexer.shares import each, is_gone, mounted_in, touch

PATIENCE = 0.3


@pytest.fixture
def share(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that the list of mounts calls a share."""
    place = tmp_path / "share"
    place.mkdir()
    monkeypatch.setattr(shares, "file_systems", lambda: {"/": "ext4", str(place): "nfs4"})
    monkeypatch.setattr(shares, "_shares", shares._Shares())
    monkeypatch.setattr(shares, "PATIENCE_SECONDS", PATIENCE)
    return place


def test_a_share_that_does_not_answer_is_waited_for_once(share: Path) -> None:
    answers = threading.Event()
    began = time.monotonic()
    with pytest.raises(TimeoutError, match="its share does not answer"):
        touch(share / "a.txt", answers.wait)
    assert time.monotonic() - began >= PATIENCE
    called: list[int] = []
    for path in (share, share / "b" / "c.txt"):
        with pytest.raises(TimeoutError):
            touch(path, lambda: called.append(1))
    assert not called and time.monotonic() - began < 2 * PATIENCE + 1
    answers.set()
    while not called:
        try:
            touch(share, lambda: called.append(1))
        except TimeoutError:
            time.sleep(0.01)


def test_what_lies_on_no_share_is_touched_at_once_by_the_same_thread(share: Path) -> None:
    beside = share.with_name("share 2")
    assert touch(beside, threading.get_ident) == touch(share.parent, threading.get_ident) == threading.get_ident()
    assert touch(share, threading.get_ident) != threading.get_ident()
    assert mounted_in(str(share.parent)) == {str(share)} and not mounted_in(str(share))


@pytest.mark.parametrize("name", ["share", "beside"])
def test_errors_are_those_of_what_was_called(share: Path, name: str) -> None:
    with pytest.raises(FileNotFoundError) as raised:
        touch(share.parent / name / "no.txt", lambda: os.stat(share / "no.txt"))
    assert is_gone(raised.value) and not is_gone(OSError(5, "Input/output error")) and not is_gone(TimeoutError())


def test_what_the_system_remembers_of_a_share_is_not_taken_for_its_answer(
    share: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(place: str) -> None:
        raise OSError(112, "Host is down")

    monkeypatch.setattr(shares.shutil, "disk_usage", fail)
    with pytest.raises(OSError, match="Host is down"):
        touch(share, lambda: os.stat(share))


@pytest.mark.parametrize("name", ["share", "beside"])
def test_all_items_come_in_their_order_until_the_share_does_not_answer(share: Path, name: str) -> None:
    assert list(each(share.parent / name, iter(range(10_000)))) == list(range(10_000))


def test_a_share_may_go_between_two_items(share: Path) -> None:
    answers = threading.Event()

    def items() -> Iterator[int]:
        yield 1
        time.sleep(shares._GATHER_SECONDS)
        yield 2
        answers.wait()

    received = each(share, items())
    assert [next(received), next(received)] == [1, 2]
    with pytest.raises(TimeoutError):
        next(received)
    answers.set()


class Disk:
    """Fails for some paths, as a worn disk does."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *failing: Path) -> None:
        self.failing = {str(path) for path in failing}
        for name in ("lstat", "stat"):
            monkeypatch.setattr(os, name, self._failing(getattr(os, name)))

    def _failing(self, call: Callable[..., os.stat_result]) -> Callable[..., os.stat_result]:
        def status(path: str | Path, **options: object) -> os.stat_result:
            if str(path) in self.failing:
                raise OSError(5, "Input/output error")
            return call(path, **options)

        return status


@pytest.mark.parametrize("is_whole_folder", [False, True])
def test_a_file_that_its_disk_fails_on_keeps_what_was_indexed_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_whole_folder: bool
) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    path = folder / "a.txt"
    path.write_text("a")
    catalogue = CatalogueWriter(tmp_path / "catalogue.db")
    with catalogue.change():
        catalogue.files.add_folder(folder)
    reconciler = Reconciler(catalogue, Settings(), lambda: False)
    reconciler.scan(folder)
    [record] = catalogue.files.queued(10)
    disk = Disk(monkeypatch, path, *([folder] if is_whole_folder else []))
    reconciler.changed([path])
    assert catalogue.files.queued(10) == ([] if is_whole_folder else [record])
    reconciler.lost(record, OSError(5, "Input/output error"))
    [kept] = catalogue.files.below(folder)
    if is_whole_folder:
        assert [state for _, _, state in catalogue.files.folders()] == [FolderState.ABSENT]
        assert kept == record
    else:
        assert (kept.state, kept.reason) == (FileState.FAILED, "can't be read: Input/output error")
    disk.failing.clear()
    reconciler.scan(folder)
    assert [state for _, _, state in catalogue.files.folders()] == [FolderState.WATCHED]
    assert [one.location for one in catalogue.files.queued(10)] == [str(path)]
    catalogue.close()


@pytest.fixture
def holder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator["Holder"]:
    with Holder(tmp_path, monkeypatch) as made:
        yield made


class Holder:
    """A watched folder with a file, and in it a drive with another one."""

    def __init__(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.drive = home / "files", home / "files" / "drive"
        self.drive.mkdir(parents=True)
        for path in (self.folder / "here.txt", self.drive / "there.txt"):
            path.write_text(path.name)
        self.mounted = {"/": "ext4", str(self.drive): "vfat"}
        monkeypatch.setattr(reconcile, "file_systems", lambda: dict(self.mounted))
        self.catalogue = CatalogueWriter(home / "catalogue.db")
        with self.catalogue.change():
            self.catalogue.files.add_folder(self.folder)
        self.settings = Settings()
        self.scan()

    def __enter__(self) -> "Holder":
        return self

    def __exit__(self, *_: object) -> None:
        self.catalogue.close()

    def reconciler(self) -> Reconciler:
        return Reconciler(self.catalogue, self.settings, lambda: False)

    def scan(self) -> None:
        self.reconciler().scan(self.folder)

    def unplug(self) -> None:
        """An empty folder is left."""
        del self.mounted[str(self.drive)]
        (self.drive / "there.txt").unlink()

    def names(self) -> list[str]:
        return [Path(record.location).name for record in self.catalogue.files.below(self.folder)]

    def queued(self) -> list[str]:
        return sorted(Path(record.location).name for record in self.catalogue.files.queued(10))


def test_a_drive_in_a_watched_folder_is_kept_while_it_is_unplugged(holder: Holder) -> None:
    [there] = [record for record in holder.catalogue.files.below(holder.drive)]
    holder.unplug()
    holder.scan()
    assert holder.names() == ["there.txt", "here.txt"] and holder.queued() == ["here.txt"]
    with closing(CatalogueReader(holder.catalogue.path)) as reader:
        places = reader.places(Filters(), Filters(), files=[record.id for record in holder.catalogue.files.queued(9)])
        assert [place.is_absent for place in places] == [False]
        [place] = reader.places(Filters(), Filters(), files=[there.id])
        assert [path for path, _ in reader.folder_notes()] == [holder.drive]
        assert place.is_absent and reader.is_away(there.path) and not reader.is_away(holder.folder / "here.txt")
    holder.drive.rmdir()  # as udisks does
    holder.reconciler().changed([holder.drive])
    holder.reconciler().lost(there, FileNotFoundError())
    assert holder.names() == ["there.txt", "here.txt"]
    holder.mounted[str(holder.drive)] = "vfat"
    holder.drive.mkdir()
    (holder.drive / "there.txt").write_text("there.txt")
    holder.reconciler().changed([holder.drive])
    assert holder.queued() == ["here.txt", "there.txt"]


def test_what_is_deleted_from_a_drive_is_forgotten_while_it_is_plugged_in(holder: Holder) -> None:
    (holder.drive / "there.txt").unlink()
    holder.reconciler().changed([holder.drive / "there.txt"])
    assert holder.names() == ["here.txt"]


def test_an_unplugged_drive_is_forgotten_once_a_rule_leaves_it_out(holder: Holder) -> None:
    holder.unplug()
    holder.scan()
    holder.settings = Settings(exclude=("drive",))
    holder.scan()
    assert "there.txt" not in holder.names()


def test_where_other_files_are_put_no_drive_is_waited_for(holder: Holder) -> None:
    holder.unplug()
    holder.scan()
    (holder.drive / "new.txt").write_text("new.txt")
    holder.scan()
    assert holder.names() == ["new.txt", "here.txt"]
