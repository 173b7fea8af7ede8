"""A profile moved to another folder, be it on another disk.

A profile that has moved leaves a note behind that says where it is. The new place first gets such a note, too, which
leads back, and becomes the profile when it loses it: at each instant one of the two is whole, and found.
"""

from pathlib import Path

from app.profile import NOTE, ProfileError, located, prepare_profile, target_of
from indexer.catalogue.writer import CatalogueWriter
from indexer.durable import sync_names
from indexer.errors import StoreError
from indexer.upkeep.copies import (
    Stop,
    Tell,
    copy,
    examine,
    files_below,
    make_sure_of_room,
    remove,
    size_of,
    sync_tree,
    write,
    written,
)

FROM = ".moved-from"  # in the new place: the old one, until nothing is left there
STAYS = ("lock",)  # and what is hidden
OURS = {NOTE, FROM, f".{NOTE}.new", f".{FROM}.new", *STAYS}


def move(profile: Path, target: Path, tell: Tell, stop: Stop) -> None:
    """Move a profile that nobody uses to a folder that is new, empty, or where it was before.

    Raises CognateError: it can't be moved, and is where it was.
    """
    _make_sure_it_may(profile, target)
    with written(target):
        _fold(profile)
        prepare_profile(target)
        write(target / NOTE, str(profile))
        _empty(target)
        files = [path for path in files_below(profile) if not _stays(path)]
        total = size_of(profile / path for path in files)
        make_sure_of_room(target, total)
        _copy_all(profile, target, files, total, tell, stop)
        write(target / FROM, str(profile))
        remove(target / NOTE)
        sync_names(target)
        write(profile / NOTE, str(target))
    clear_away(target)


def clear_away(profile: Path) -> None:
    """Delete what a move has left in the old place; nothing happens where there was none. Raises StoreError."""
    with written(profile):
        old = _origin(profile)
        if old is not None:
            if target_of(old) == profile:  # else its disk is not there
                _empty(old)
            remove(profile / FROM)


def _origin(profile: Path) -> Path | None:
    try:
        return Path((profile / FROM).read_text(encoding="utf-8", errors="surrogateescape"))
    except FileNotFoundError:
        return None


def _make_sure_it_may(profile: Path, target: Path) -> None:
    if target == profile or profile in target.parents or target in profile.parents:
        raise ProfileError(f"{target}: choose a folder that neither holds the profile nor lies in it")
    if not _is_free(target, profile):
        raise ProfileError(f"{target}: this folder is not empty, choose a new one")


def _is_free(target: Path, profile: Path) -> bool:
    """Whether nothing is there, or what an earlier move of this profile has left."""
    if not target.exists():
        return True
    if not target.is_dir():
        return False
    if target_of(target) is not None:
        return located(target) == profile
    return _origin(target) == profile or {path.name for path in target.iterdir()} <= OURS


def _fold(profile: Path) -> None:
    """Have the catalogue be one file. Raises StoreError: it is damaged."""
    if (profile / "catalogue.db").exists():
        CatalogueWriter(profile / "catalogue.db").close()


def _copy_all(profile: Path, target: Path, files: list[Path], total: int, tell: Tell, stop: Stop) -> None:
    done = 0
    for path in files:
        tell("copying the profile", done / max(1, total))
        checked = copy(profile / path, target / path, stop)
        if examine(target / path, stop) != checked:
            raise StoreError(f"{target / path}: what was written is not what was read. Check the disk.")
        done += checked.size_bytes
    sync_tree(target)


def _stays(path: Path) -> bool:
    return path.parts[0] in STAYS or path.parts[0].startswith(".")


def _empty(folder: Path) -> None:
    """Delete all of a profile's folder but what stays."""
    for path in folder.iterdir():
        if not _stays(Path(path.name)):
            remove(path)
