from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from app.moving import clear_away, move
from app.profile import ProfileError, located
from indexer.catalogue.texts import text_in
from indexer.engine import Engine
from indexer.errors import StoreError
from tests.killed import killed_everywhere


def tell(step: str, share: float) -> None:
    assert step
    assert 0 <= share <= 1


def never() -> bool:
    return False


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A profile with a text in it."""
    home = tmp_path_factory.mktemp("made")
    (home / "files").mkdir()
    (home / "files" / "a.txt").write_text("Zebras graze quietly.")
    engine = Engine.open(home / "profile")
    engine.start()
    engine.add_folder(home / "files")
    assert engine.wait(60)
    engine.close()
    (home / "profile" / "settings.toml").write_text("[app]\n")
    (home / "profile" / "models" / "one").mkdir(parents=True)
    (home / "profile" / "models" / "one" / "weights").write_bytes(b"1" * 5000)
    return home / "profile"


@pytest.fixture
def profile(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "profile"))


def is_whole(profile: Path) -> bool:
    with closing(sqlite3.connect(profile / "catalogue.db")) as connection:
        [(texts,)] = connection.execute("SELECT texts FROM blocks")
        is_sound = connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    weights = profile / "models/one/weights"
    return is_sound and text_in(texts, 0) == "Zebras graze quietly." and weights.read_bytes() == b"1" * 5000


def holdings(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if path.name[0] != "."} - {"lock"}


def test_a_moved_profile_is_found_from_its_old_place_and_nothing_of_it_is_left_there(
    profile: Path, tmp_path: Path
) -> None:
    disk = tmp_path / "disk" / "cognate"
    move(profile, disk, tell, never)
    assert located(profile) == disk
    assert is_whole(disk)
    assert holdings(profile) == set()
    assert not (disk / ".moved-from").exists()


def test_a_profile_moves_on_and_back(profile: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    move(profile, first, tell, never)
    move(first, second, tell, never)
    assert located(profile) == located(first) == second
    move(second, profile, tell, never)
    assert located(profile) == located(first) == located(second) == profile
    assert is_whole(profile)
    assert holdings(first) == holdings(second) == set()


def test_without_its_disk_a_moved_profile_is_missed_and_not_begun_anew(profile: Path, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    move(profile, disk, tell, never)
    away = disk.rename(tmp_path / "unplugged")
    with pytest.raises(ProfileError, match="plug in its disk"):
        located(profile)
    disk.mkdir()  # an empty mount point
    with pytest.raises(ProfileError, match="plug in its disk"):
        located(profile)
    disk.rmdir()
    away.rename(disk)
    assert is_whole(located(profile))


def test_a_profile_moves_into_no_folder_that_holds_something_else(profile: Path, tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.mkdir()
    (taken / "thesis.txt").write_text("Years of work.")
    for target in (taken, taken / "thesis.txt", profile, profile / "below", tmp_path):
        with pytest.raises(ProfileError):
            move(profile, target, tell, never)
    assert (taken / "thesis.txt").read_text() == "Years of work."
    assert is_whole(located(profile))


def test_another_profile_is_never_overwritten(profile: Path, made: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(made, tmp_path / "other"))
    disk = tmp_path / "disk"
    move(other, disk, tell, never)
    with pytest.raises(ProfileError, match="not empty"):
        move(profile, disk, tell, never)
    with pytest.raises(ProfileError, match="not empty"):
        move(profile, other, tell, never)
    (disk / ".moved-from").write_text(str(other))  # killed before the old place was cleared
    with pytest.raises(ProfileError, match="not empty"):
        move(profile, disk, tell, never)
    assert is_whole(disk)


def test_a_move_that_is_broken_off_leaves_the_profile_where_it_was(profile: Path, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="broken off"):
        move(profile, tmp_path / "disk", tell, lambda: True)
    assert is_whole(located(profile))
    move(profile, tmp_path / "disk", tell, never)
    assert is_whole(located(profile))


@pytest.mark.parametrize("way", ["there", "back"])
def test_a_move_killed_anywhere_leaves_the_old_or_the_new_place_whole(made: Path, tmp_path: Path, way: str) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    source, target = (here, there) if way == "there" else (there, here)

    def prepare() -> None:
        for folder in (here, there):
            shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(made, here)
        if way == "back":
            move(here, there, tell, never)

    places = []
    for _ in killed_everywhere(prepare, lambda: move(source, target, tell, never)):
        place = located(here)
        places.append(place)
        assert is_whole(place)
        clear_away(place)
        assert is_whole(located(here))
        if place == source:
            move(source, target, tell, never)
        assert is_whole(located(here))
        assert located(here) == target
        assert holdings(source) == set() or located(source) != target
    assert set(places) == {source, target}
    assert places == sorted(places, key=lambda place: place == target), "never back and forth"
