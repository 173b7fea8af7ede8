"""A backup put in the place of what a profile holds.

It is copied into the profile and read back first, while the profile stays as it is. Then the things of the profile and
those of the copy change places, one rename each, in an order that a list on the disk tells: what a kill cuts short is
gone on with at the next start. What was there before is kept until the restored index has been opened and found whole.
"""

import json
from contextlib import closing
from pathlib import Path

from indexer.catalogue.reader import CatalogueReader
from indexer.catalogue.writer import CatalogueWriter
from indexer.durable import make_folder, sync_names
from indexer.errors import StoreError
from indexer.upkeep.backup import CATALOGUE, MANIFEST, OF_THE_PROCESS, Backup, check_backup
from indexer.upkeep.copies import (
    Stop,
    Tell,
    copy,
    examine,
    make_sure_of_room,
    remove,
    sync_tree,
    write,
    written,
)

NEW, OLD, GONE = "restoring", "replaced", ".replaced"  # folders of the profile; the last is being deleted
DECISION = "decided.json"  # in the former: what has to give way; with it there is no way back but forward


def restore(folder: Path, profile: Path, tell: Tell, stop: Stop) -> Backup:
    """Put a backup in the place of what a profile holds; nobody may use the profile meanwhile.

    Raises StoreError: the backup is not whole or does not fit, and the profile is as it was.
    """
    finish(profile)
    backup = check_backup(folder, tell, stop)
    with written(profile):
        make_folder(profile, mode=0o700)
        make_sure_of_room(profile, backup.size_bytes)
        remove(profile / NEW)
        _stage(backup, profile / NEW, tell, stop)
        _decide(profile, profile / NEW)
    finish(profile)
    return backup


def finish(profile: Path) -> None:
    """Go on with a restore that was decided on and cut short; nothing happens where there is none.

    Raises StoreError: what was restored can't be opened, and what was there before is back.
    """
    with written(profile):
        if (profile / NEW / DECISION).exists():
            _change_places(profile)
        remove(profile / NEW)
        if (profile / OLD).exists():
            try:
                _prove(profile)
            except StoreError as error:
                _go_back(profile)
                raise StoreError(f"{profile}: the backup can't be used, so all is as it was before. {error}") from error
            _drop_old(profile)
        remove(profile / GONE)


def _stage(backup: Backup, new: Path, tell: Tell, stop: Stop) -> None:
    done = 0
    for name, checked in backup.files.items():
        tell("copying the backup", done / max(1, backup.size_bytes))
        copy(backup.folder / name, new / name, stop)
        if examine(new / name, stop) != checked:
            raise StoreError(f"{new / name}: what was written is not what was read. Check the disk.")
        done += checked.size_bytes
    sync_tree(new)


def _decide(profile: Path, arriving: Path) -> None:
    """Note in a folder that all in it takes the place of what the profile holds now."""
    stays = (NEW, OLD, *OF_THE_PROCESS)
    names = sorted(path.name for path in profile.iterdir() if path.name not in stays and path.name[0] != ".")
    write(arriving / DECISION, json.dumps(names))


def _change_places(profile: Path) -> None:
    """Whatever was done of it already: a name in OLD has given way, one that is not in NEW any more has arrived."""
    new, old = profile / NEW, profile / OLD
    gives_way = json.loads((new / DECISION).read_text(encoding="utf-8"))
    old.mkdir(mode=0o700, exist_ok=True)
    for name in gives_way:
        if not (old / name).exists() and (profile / name).exists():
            (profile / name).rename(old / name)
    sync_names(old)
    sync_names(profile)
    for path in list(new.iterdir()):
        if path.name not in (DECISION, MANIFEST):
            path.rename(profile / path.name)
    sync_names(profile)


def _prove(profile: Path) -> None:
    """Raises StoreError: the index can't be opened for writing, or is not whole."""
    catalogue = profile / CATALOGUE
    if not catalogue.exists():
        raise StoreError(f"{catalogue}: this file is missing.")
    CatalogueWriter(catalogue).close()
    with closing(CatalogueReader(catalogue)) as reader:
        problems = reader.problems()
    if problems:
        raise StoreError(f"{catalogue}: {problems[0]}")


def _go_back(profile: Path) -> None:
    """What was restored goes, what it replaced comes back."""
    _decide(profile, profile / OLD)
    (profile / OLD).rename(profile / NEW)
    _change_places(profile)
    remove(profile / NEW)
    _drop_old(profile)


def _drop_old(profile: Path) -> None:
    """Renamed first: half of it must never be taken for what can be gone back to."""
    remove(profile / GONE)
    (profile / OLD).rename(profile / GONE)
    sync_names(profile)
    remove(profile / GONE)
