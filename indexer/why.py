import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from indexer.catalogue.reader import CatalogueReader
from indexer.inside import split_path
from indexer.results import (
    Activity,
    Explanation,
    FileRow,
    FileState,
    FolderRow,
    FolderState,
    Hit,
    MemberRow,
    Mode,
    SearchRequest,
    Status,
)
from indexer.rules import Rules
from indexer.scan import FolderAbsent, look
from indexer.search import Searcher
from indexer.settings import Settings
from indexer.shares import is_gone, touch

DEPTH = 200  # a hit beyond this rank is as good as not found

NOT_WATCHED = "It is in no watched folder."
NOT_THERE = "There is no such file."
NOT_NOTICED = "It has not been noticed yet. Look for changes, or run: cognate index"
AWAY = "It lies on a drive or a share that is not there now; what was indexed of it is kept."
CHANGED = "It has changed since it was read: what is found is its text of before."


def explain(
    path: Path,
    query: str,
    folders: Sequence[FolderRow],
    status: Status,
    settings: Settings,
    reader: CatalogueReader,
    searcher: Searcher,
) -> Explanation:
    """Why a file is, or is not, found: its row or that of an excluded folder above it, and its ranks for a query."""
    path, member = split_path(path, reader)
    folder = next((one for one in folders if one.path == path or one.path in path.parents), None)
    row, reason = _standing(path, folder, settings, reader)
    if row is None:
        return Explanation(path, None, reason, 0, None, None, None, None, folder=folder)
    hits = {mode: _hits(query, mode, searcher) if query else () for mode in Mode}
    ranks = {mode: _rank(path, member, found) for mode, found in hits.items()}
    members = _members(path, reader)
    within = next((one for one in members if one.path == member), row)
    place = reader.queue_place(path)
    speed = status.files_per_second
    return Explanation(
        path,
        within.state,
        within.reason if member else reason,
        within.chunks,
        place,
        ranks[Mode.BOTH],
        ranks[Mode.WORDS],
        ranks[Mode.MEANING],
        eta_seconds=place / speed if place and speed else None,
        waits_for=status.detail if place and status.activity in (Activity.PAUSED, Activity.STOPPED) else "",
        folder=folder,
        depth=len(hits[Mode.BOTH]),
        member=member,
        members=() if member else members,
    )


def _members(path: Path, reader: CatalogueReader) -> tuple[MemberRow, ...]:
    content = reader.content_at(path)
    return () if content is None else reader.member_rows(content)


def _standing(
    path: Path, folder: FolderRow | None, settings: Settings, reader: CatalogueReader
) -> tuple[FileRow | None, str]:
    """The row that tells where a file stands, if any, and why."""
    if row := reader.file(path):
        if reader.is_away(path):
            return row, AWAY
        is_outdated = row.state is FileState.INDEXED and folder is not None and _differs(path, row, folder)
        return row, row.reason or (CHANGED if is_outdated else "")
    above = next((row for place in path.parents if (row := reader.file(place))), None)
    if above and above.state is FileState.EXCLUDED:
        return above, f"Its folder {above.path} is left out: {above.reason}"
    if folder is None:
        return None, NOT_WATCHED
    try:
        found = look(path, Rules(folder.path, settings))
    except FolderAbsent:
        return None, NOT_THERE
    exclusion = found.exclusion if found else None
    if exclusion is None:
        return None, NOT_NOTICED if found else NOT_THERE
    state = FileState.NO_TEXT if exclusion.findable_by_name else FileState.EXCLUDED
    return FileRow(path, state, exclusion.reason, 0, 0.0, 0), exclusion.reason


def _differs(path: Path, row: FileRow, folder: FolderRow) -> bool:
    """Whether a file on a disk that is there is not as it was read."""
    if folder.state is FolderState.ABSENT:
        return False
    try:
        status = touch(path, partial(os.lstat, path))
    except OSError as error:
        return is_gone(error)
    return status.st_size != row.size_bytes or abs(status.st_mtime_ns / 1e9 - row.modified) > 1e-3


def _hits(query: str, mode: Mode, searcher: Searcher) -> tuple[Hit, ...]:
    return searcher.search(SearchRequest(query, limit=DEPTH, mode=mode), lambda: False).hits


def _rank(path: Path, member: str, hits: Sequence[Hit]) -> int | None:
    return next((hit.rank for hit in hits if path in hit.places and (not member or hit.member == member)), None)
