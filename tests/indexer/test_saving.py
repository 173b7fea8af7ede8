"""Editors save in many ways, and drives come and go: each save is one update, and nothing is read twice."""

from __future__ import annotations

import multiprocessing
import os
import shutil
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

import pytest

from indexer.document import Document
from indexer.results import Activity, FileState, FolderState, Mode, Status
from indexer.settings import Settings
from tests.indexer.library import Library, eventually

BEFORE, AFTER = "Zebras graze quietly.", "Giraffes look down."
PATIENCE_SECONDS = 120


def in_place(path: Path) -> None:
    path.write_text(AFTER)


def twice(path: Path) -> None:
    path.write_text(AFTER[:9])
    path.write_text(AFTER)


def by_rename(path: Path) -> None:
    beside = path.with_name(f".goutputstream-{os.getpid()}")
    beside.write_text(AFTER)
    beside.replace(path)


def as_vim_does(path: Path) -> None:
    probe, backup = path.with_name("4913"), path.with_name(f"{path.name}~")
    probe.touch()
    probe.unlink()
    path.rename(backup)
    path.write_text(AFTER)
    backup.unlink()


def as_an_office_does(path: Path) -> None:
    lock, beside = path.with_name(f".~lock.{path.name}#"), path.with_name("lu1234.tmp")
    lock.write_text("me")
    beside.write_text(AFTER)
    path.unlink()
    beside.rename(path)
    lock.unlink()


@pytest.mark.parametrize("save", [in_place, twice, by_rename, as_vim_does, as_an_office_does])
def test_a_save_is_one_update(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, save: Callable[[Path], None]) -> None:
    library = Library(tmp_path, Settings(debounce_ms=1000))
    try:
        path = library.write("letter.txt", BEFORE)
        library.index()
        read: list[Path] = []
        submit = library.engine._indexing.pool.submit

        def recorded(each: Path, *more: object) -> Future[Document]:
            read.append(each)
            return submit(each, *more)

        monkeypatch.setattr(library.engine._indexing.pool, "submit", recorded)
        save(path)
        assert eventually(lambda: library.search("giraffes", Mode.WORDS) == ["letter.txt"], PATIENCE_SECONDS)
        library.index()
        assert read == [path]
        assert library.search("zebras", Mode.WORDS) == []
        assert [row.path for row in library.engine.files(state=FileState.INDEXED)] == [path]
    finally:
        library.engine.close()


@pytest.mark.parametrize("change", [in_place, by_rename, Path.unlink])
def test_a_file_that_changes_while_it_is_read_leaves_its_copy_the_text_that_both_had(
    library: Library, monkeypatch: pytest.MonkeyPatch, change: Callable[[Path], None]
) -> None:
    library.engine.pause()
    paths = {library.write("one.txt", BEFORE), library.write("other.txt", BEFORE)}
    library.index()
    read: list[Path] = []
    submit = library.engine._indexing.pool.submit

    def changed_first(path: Path) -> Future[Document]:
        if not read:
            change(path)
        read.append(path)
        return submit(path)

    monkeypatch.setattr(library.engine._indexing.pool, "submit", changed_first)
    library.engine.resume()
    library.index()
    [copy] = paths - {read[0]}
    assert library.search("zebras", Mode.WORDS) == [copy.name]
    assert library.search("giraffes", Mode.WORDS) == ([read[0].name] if read[0].exists() else [])
    assert {row.state for row in library.engine.files()} == {FileState.INDEXED}


def test_a_file_that_is_not_what_it_is_called_keeps_no_other_from_being_read(library: Library) -> None:
    library.engine.pause()
    for name in ("letter.pdf", "letter.txt"):
        library.write(name, BEFORE)
        library.index()
    library.engine.resume()
    library.index()
    assert "letter.txt" in {row.path.name for row in library.engine.files(state=FileState.INDEXED)}


def test_a_reader_is_started_while_a_saved_file_comes_to_rest(tmp_path: Path) -> None:
    library = Library(tmp_path, Settings(debounce_ms=600_000))
    try:
        assert multiprocessing.active_children() == []
        library.write("letter.txt", BEFORE)
        assert eventually(lambda: len(multiprocessing.active_children()) == 1, PATIENCE_SECONDS)
        assert library.engine.files() == ()
    finally:
        library.engine.close()


def test_no_reader_is_started_for_what_is_not_read(library: Library) -> None:
    for name in ("photo.png", "program.exe", ".hidden.txt", "~$letter.docx", "node_modules/package/index.js"):
        library.write(name, BEFORE)
    (library.folder / "link.txt").symlink_to("photo.png")
    (library.folder / "folder").mkdir()
    library.write("last.png", BEFORE)
    assert eventually(lambda: library.folder / "last.png" in {row.path for row in library.engine.files()})
    assert library.engine.wait(PATIENCE_SECONDS)
    assert multiprocessing.active_children() == []


def test_no_reader_is_started_while_indexing_pauses(library: Library) -> None:
    library.engine.pause()
    assert library.engine.wait(PATIENCE_SECONDS)
    library.write("letter.txt", BEFORE)
    assert eventually(lambda: library.engine.status().files.get(FileState.QUEUED) == 1)
    assert multiprocessing.active_children() == []


def test_a_saved_file_is_stored_before_anything_is_counted(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    library.write("letter.txt", BEFORE)
    library.index()
    indexing, told = library.engine._indexing, list[Activity]()
    refresh = indexing._refresh

    def recorded(activity: Activity, detail: str) -> None:
        told.append(activity)
        refresh(activity, detail)

    monkeypatch.setattr(indexing, "_refresh", recorded)
    monkeypatch.setattr("indexer.indexing.STATUS_SECONDS", 600.0)
    indexing._refresh_at = 0.0
    library.write("letter.txt", AFTER)
    assert eventually(lambda: library.search("giraffes", Mode.WORDS) == ["letter.txt"], PATIENCE_SECONDS)
    assert library.engine.wait(PATIENCE_SECONDS)
    assert set(told) == {Activity.IDLE}


def test_a_save_is_told_of_though_there_are_as_many_files_as_before(library: Library) -> None:
    library.write("letter.txt", BEFORE)
    library.index()
    told: list[Status] = []
    library.engine.subscribe(told.append)
    library.write("letter.txt", AFTER)
    assert eventually(lambda: library.search("giraffes", Mode.WORDS) == ["letter.txt"], PATIENCE_SECONDS)
    assert library.engine.wait(PATIENCE_SECONDS)
    assert told


def test_of_equal_files_the_one_that_is_there_is_shown(library: Library) -> None:
    drive = library.folder.with_name("a drive")  # before the other folder by name
    drive.mkdir()
    library.write("letter.txt", BEFORE)
    shutil.copy(library.folder / "letter.txt", drive / "letter.txt")
    library.engine.add_folder(drive)
    library.index()
    assert [hit.path for hit in library.hits("zebras", Mode.WORDS)] == [drive / "letter.txt"]
    drive.rename(library.folder.with_name("away"))
    assert eventually(lambda: library.engine.folders()[0].state is FolderState.ABSENT, PATIENCE_SECONDS)
    (hit,) = library.hits("zebras", Mode.WORDS)
    assert hit.places == (library.folder / "letter.txt", drive / "letter.txt")


@pytest.mark.parametrize("is_copied", [False, True])
def test_a_drive_that_comes_back_is_not_read_again(
    library: Library, monkeypatch: pytest.MonkeyPatch, is_copied: bool
) -> None:
    """With its files under other inodes, as a FAT drive has them each time it is plugged in, or under the same."""
    for number in range(5):
        library.write(f"{number}/letter.txt", f"{BEFORE} Letter {number}.")
    library.index()
    away = library.folder.with_name("away")
    library.folder.rename(away)
    assert eventually(lambda: library.engine.folders()[0].state is FolderState.ABSENT, PATIENCE_SECONDS)
    assert library.engine.folders()[0].note
    library.engine.index()
    assert library.engine.wait(PATIENCE_SECONDS)
    assert len(library.search("zebras", Mode.WORDS)) == 5

    def refuse(*_: object) -> None:
        raise AssertionError("nothing may be read or embedded")

    monkeypatch.setattr(library.engine._indexing.pool, "submit", refuse)
    monkeypatch.setattr(library.engine._active.embedder, "embed_documents", refuse)
    if is_copied:
        away = Path(shutil.copytree(away, library.folder.with_name("copy")))
    away.rename(library.folder)
    assert eventually(lambda: library.engine.folders()[0].state is FolderState.WATCHED, PATIENCE_SECONDS)
    library.index()
    monkeypatch.undo()  # queries are embedded, too
    assert len(library.search("zebras", Mode.WORDS)) == 5
    assert library.engine.status().files == {FileState.INDEXED: 5}
