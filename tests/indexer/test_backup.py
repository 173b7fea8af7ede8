"""Backups, taken while indexing goes on, and put back."""

from __future__ import annotations

import json
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from indexer.catalogue.texts import text_in
from indexer.engine import Engine
from indexer.errors import StoreError
from indexer.results import FileState, Mode, SearchRequest
from indexer.settings import Settings
from indexer.upkeep.backup import Backup, check_backup
from indexer.upkeep.restore import finish, restore
from tests.indexer.library import Library, eventually
from tests.killed import killed_everywhere

SETTINGS = Settings(debounce_ms=50, flush_chunks=20)
OLD, NEW = "The old index knows zebras.", "The new index knows giraffes."


LEFTOVERS = {"restoring", "replaced", ".replaced"}


def tell(step: str, share: float) -> None:
    assert step
    assert 0 <= share <= 1


def never() -> bool:
    return False


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Path]]:
    """The home of a library with everything that a profile can hold, closed, and a backup of it."""
    home = tmp_path_factory.mktemp("filled")
    library = Library(home, SETTINGS)
    fill(library)
    backup = library.engine.back_up(home / "backups", tell)
    assert backup.indexed_files == library.engine.status().files[FileState.INDEXED] == 41
    library.engine.close()
    yield home, backup.folder


@pytest.fixture
def profile(filled: tuple[Path, Path], tmp_path: Path) -> Path:
    return Path(shutil.copytree(filled[0] / "profile", tmp_path / "profile"))


@pytest.fixture
def backup(filled: tuple[Path, Path], tmp_path: Path) -> Backup:
    folder = shutil.copytree(filled[1], tmp_path / "backup")
    return check_backup(folder, tell, never)


def found(profile: Path, query: str) -> list[str]:
    engine = Engine.open(profile)
    try:
        assert engine.check() == ()
        return [hit.path.name for hit in engine.search(SearchRequest(query, mode=Mode.WORDS)).hits]
    finally:
        engine.close()


def fill(library: Library) -> None:
    for number in range(40):
        library.write(f"{number}.txt", f"Report {number} on the weather of day {number}.")
    library.write("zebra.txt", OLD)
    (library.profile / "settings.toml").write_text("[indexing]\ndebounce_ms = 50\n")
    (library.profile / "models" / "some--model").mkdir(parents=True)
    (library.profile / "models" / "some--model" / "weights").write_bytes(bytes(range(256)) * 100)
    library.index()
    assert eventually(lambda: bool(library.engine._active.index.records), 120)


def test_a_backup_taken_while_indexing_goes_on_is_one_moment_of_the_index(
    filled: tuple[Path, Path], tmp_path: Path
) -> None:
    shutil.copytree(filled[0], tmp_path / "home")
    library = Library(tmp_path / "home", SETTINGS)
    is_over = threading.Event()

    def edit() -> None:
        version = 0
        while not is_over.is_set():
            version += 1
            library.write(f"{version % 40}.txt", f"Version {version} of report {version % 40}.")
            library.engine.index()

    editor = threading.Thread(target=edit)
    editor.start()
    try:
        backups = [library.engine.back_up(tmp_path / "backups" / str(number), tell) for number in range(3)]
    finally:
        is_over.set()
        editor.join()
        library.engine.close()
    for backup in backups:
        names = {path.name for path in backup.folder.iterdir()}
        assert check_backup(backup.folder, tell, never) == backup
        assert [path.name for path in backup.folder.parent.iterdir()] == [backup.folder.name]
        assert names >= {"catalogue.db", "segments", "settings.toml", "models"}
        assert not names & {"lock", "log", "catalogue.db-wal"}
        copy = shutil.copytree(backup.folder, tmp_path / "copies" / backup.folder.parent.name)
        assert found(copy, "zebras") == ["zebra.txt"]


def test_a_backup_brings_everything_back(profile: Path, backup: Backup) -> None:
    engine = Engine.open(profile, SETTINGS)
    engine.remove_folder(engine.folders()[0].path)
    engine.close()
    (profile / "settings.toml").unlink()
    assert restore(backup.folder, profile, tell, never) == backup
    assert (profile / "settings.toml").read_text() == "[indexing]\ndebounce_ms = 50\n"
    assert (profile / "models/some--model/weights").stat().st_size == 25600
    assert not LEFTOVERS & {path.name for path in profile.iterdir()}
    assert found(profile, "zebras") == ["zebra.txt"]
    engine = Engine.open(profile, SETTINGS)
    assert engine._active.index.records, "the segments come with it"
    engine.close()


def test_a_backup_is_restored_to_a_computer_without_a_profile(backup: Backup, tmp_path: Path) -> None:
    restore(backup.folder, tmp_path / "elsewhere", tell, never)
    assert found(tmp_path / "elsewhere", "zebras") == ["zebra.txt"]


def test_a_backup_can_be_checked_on_a_disk_that_cant_be_written(backup: Backup) -> None:
    for path in (backup.folder, *backup.folder.rglob("*")):
        path.chmod(0o500 if path.is_dir() else 0o400)
    before = sorted(backup.folder.rglob("*"))
    assert check_backup(backup.folder, tell, never) == backup
    assert sorted(backup.folder.rglob("*")) == before
    for path in (backup.folder, *backup.folder.rglob("*")):
        path.chmod(0o700)


@pytest.mark.parametrize("harm", ["flip", "cut", "lose", "row", "manifest", "other"])
def test_a_backup_that_is_not_whole_is_refused_and_the_profile_stays(profile: Path, backup: Backup, harm: str) -> None:
    catalogue, manifest = backup.folder / "catalogue.db", backup.folder / "backup.json"
    match harm:
        case "flip":
            content = bytearray(catalogue.read_bytes())
            content[len(content) // 2] ^= 1
            catalogue.write_bytes(content)
        case "cut":
            catalogue.write_bytes(catalogue.read_bytes()[:-1])
        case "lose":
            next((backup.folder / "segments").iterdir()).unlink()
        case "row":
            with closing(sqlite3.connect(catalogue)) as connection, connection:
                connection.execute("DELETE FROM vectors")
        case "manifest":
            kept = json.loads(manifest.read_text())
            kept["files"]["../../escaped"] = kept["files"].pop("settings.toml")
            manifest.write_text(json.dumps(kept))
        case "other":
            manifest.unlink()
    with pytest.raises(StoreError):
        restore(backup.folder, profile, tell, never)
    assert not LEFTOVERS & {path.name for path in profile.iterdir()}
    assert found(profile, "zebras") == ["zebra.txt"]


def test_a_backup_that_is_broken_off_leaves_nothing(profile: Path, tmp_path: Path) -> None:
    engine = Engine.open(profile, SETTINGS)
    engine.interrupt()
    with pytest.raises(StoreError, match="broken off"):
        engine.back_up(tmp_path / "backups", tell)
    engine.close()
    assert list((tmp_path / "backups").iterdir()) == []


def test_a_restored_index_that_cant_be_opened_gives_way_to_the_old_one(profile: Path, backup: Backup) -> None:
    new = shutil.copytree(backup.folder, profile / "restoring")
    (new / "catalogue.db").write_bytes(b"no catalogue" * 1000)  # the disk lost it after it was read back
    (new / "decided.json").write_text('["catalogue.db", "models", "segments", "settings.toml"]')
    with pytest.raises(StoreError, match="all is as it was before"):
        finish(profile)
    assert found(profile, "zebras") == ["zebra.txt"]


def test_a_restore_killed_anywhere_leaves_the_old_or_the_new_whole(tmp_path: Path) -> None:
    profiles = {}
    for name, text in (("old", OLD), ("new", NEW)):
        (tmp_path / name).mkdir()
        library = Library(tmp_path / name)
        library.write("a.txt", text)
        library.index()
        profiles[name] = library.engine.back_up(tmp_path / "backups" / name, tell).folder
        library.engine.close()
    profile = tmp_path / "home"

    def prepare() -> None:
        shutil.rmtree(profile, ignore_errors=True)
        shutil.copytree(profiles["old"], profile)
        (profile / "window.json").write_text("{}")

    def restored() -> None:
        restore(profiles["new"], profile, tell, never)

    outcomes = []
    for _ in killed_everywhere(prepare, restored):
        finish(profile)
        outcomes.append((whole(profile), (profile / "window.json").exists()))
        assert not LEFTOVERS & {path.name for path in profile.iterdir()}
    assert set(outcomes) == {("old", True), ("new", False)}
    assert sorted(outcomes, reverse=True) == outcomes, "once the new one was there the old one came back"
    assert whole(profile) == "new"


def whole(profile: Path) -> str:
    """Which of the two catalogues a profile has, all of it."""
    with closing(sqlite3.connect(profile / "catalogue.db")) as connection:
        [(texts,)] = connection.execute("SELECT texts FROM blocks")
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    return {OLD: "old", NEW: "new"}[text_in(texts, 0)]
