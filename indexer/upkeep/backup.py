"""A backup is a folder that could be a profile: the catalogue of one moment, its segments, and all else in the profile.

It is written beside its place and takes it when it has been read back and found whole, so one that is there is whole.
"""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

from indexer.catalogue.copying import copy_catalogue, detach
from indexer.catalogue.reader import CatalogueReader
from indexer.catalogue.writer import CatalogueWriter
from indexer.durable import sync_names
from indexer.errors import StoreError
from indexer.results import FileState
from indexer.segments import checksum
from indexer.upkeep.copies import (
    Checked,
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

MANIFEST = "backup.json"
CATALOGUE = "catalogue.db"
SEGMENTS = "segments"
OF_THE_PROCESS = ("lock", "log", "opened", MANIFEST)  # what a profile has only while, or because, it is used


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was written and read back."""

    folder: Path
    made: str  # local time, ISO 8601
    size_bytes: int
    indexed_files: int
    chunks: int
    files: Mapping[str, Checked]  # by path below the folder


def write_backup(profile: Path, where: Path, tell: Tell, stop: Stop) -> Backup:
    """Back up a profile, which may be in use, to a new dated folder in `where`.

    Raises StoreError: it can't be written, what was written is not what was read, or `stop` said so; nothing is left.
    """
    name = f"cognate-backup-{time.strftime('%Y%m%d-%H%M%S')}"
    beside, folder = where / f".{name}.partial", where / name
    with written(where):
        where.mkdir(parents=True, exist_ok=True)
        others = list(_others(profile))
        make_sure_of_room(where, size_of(profile / name for name in [*others, CATALOGUE, *_segments(profile)]))
        beside.mkdir(mode=0o700)
        try:
            _fill(profile, beside, others, tell, stop)
            backup = check_backup(beside, tell, stop)
            beside.rename(folder)
        except BaseException:
            remove(beside)
            raise
        sync_names(where)
    return Backup(folder, backup.made, backup.size_bytes, backup.indexed_files, backup.chunks, backup.files)


def read_backup(folder: Path) -> Backup:
    """What a backup says it holds. Raises StoreError: it is none."""
    try:
        kept = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        files = {name: Checked(**checked) for name, checked in kept.pop("files").items()}
        if any(Path(name).is_absolute() or ".." in Path(name).parts for name in files):
            raise ValueError("a path leads out of it")
        return Backup(folder, files=files, **kept)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise StoreError(f"{folder}: this is not a backup of Cognate. Choose a folder that it has written.") from error


def check_backup(folder: Path, tell: Tell, stop: Stop) -> Backup:
    """Read a backup as a whole and compare it with what it says it holds. Raises StoreError: it is not whole."""
    backup = read_backup(folder)
    done = 0
    for name, checked in backup.files.items():
        tell("checking the copy", done / max(1, backup.size_bytes))
        if not (folder / name).is_file() or examine(folder / name, stop) != checked:
            raise StoreError(f"{folder / name}: this file of the backup is damaged or missing. Take another backup.")
        done += checked.size_bytes
    with closing(CatalogueReader(folder / CATALOGUE)) as reader:
        problems = reader.problems()
    if problems:
        raise StoreError(f"{folder / CATALOGUE}: the catalogue of the backup is not whole ({problems[0]}).")
    return backup


def _fill(profile: Path, folder: Path, others: list[str], tell: Tell, stop: Stop) -> None:
    tell("copying the catalogue", 0.0)
    copy_catalogue(profile / CATALOGUE, folder / CATALOGUE, stop)
    _copy_segments(profile / SEGMENTS, folder, tell, stop)
    detach(folder / CATALOGUE)
    files = {path.as_posix(): examine(folder / path, stop) for path in files_below(folder)}
    for place, name in enumerate(others):
        tell("copying the other files", place / len(others))
        files[name] = copy(profile / name, folder / name, stop)
    with closing(CatalogueReader(folder / CATALOGUE)) as reader:
        indexed, chunks = reader.count_files().get(FileState.INDEXED, 0), reader.count_chunks()
    manifest = {
        "made": time.strftime("%Y-%m-%dT%H:%M:%S"),
        "size_bytes": sum(checked.size_bytes for checked in files.values()),
        "indexed_files": indexed,
        "chunks": chunks,
        "files": {name: asdict(checked) for name, checked in files.items()},
    }
    write(folder / MANIFEST, json.dumps(manifest, indent=1))
    sync_tree(folder)


def _copy_segments(segments: Path, folder: Path, tell: Tell, stop: Stop) -> None:
    """Those of the catalogue's copy; one that was merged away meanwhile is made anew after a restore."""
    (folder / SEGMENTS).mkdir(mode=0o700)
    with closing(CatalogueWriter(folder / CATALOGUE)) as catalogue:
        records = catalogue.spaces.segments()
        lost = []
        for place, record in enumerate(records):
            tell("copying the segments", place / len(records))
            target = folder / SEGMENTS / record.name
            try:
                copy(segments / record.name, target, stop)
            except FileNotFoundError:
                lost.append(record.name)
                continue
            if checksum(target) != record.checksum:
                lost.append(record.name)
                target.unlink()
        with catalogue.change():
            catalogue.spaces.forget(lost)


def _segments(profile: Path) -> Iterator[str]:
    folder = profile / SEGMENTS
    return (f"{SEGMENTS}/{path.name}" for path in folder.iterdir()) if folder.is_dir() else iter(())


def _others(profile: Path) -> Iterator[str]:
    """Files of a profile besides the index, but not those of a crash or of what goes on."""
    for path in files_below(profile):
        top = path.parts[0]
        is_index = top == SEGMENTS or top.startswith(CATALOGUE)
        if not is_index and top not in OF_THE_PROCESS and not any(part.startswith(".") for part in path.parts):
            yield path.as_posix()
