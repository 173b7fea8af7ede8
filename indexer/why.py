from pathlib import Path

from indexer.catalogue.reader import CatalogueReader
from indexer.results import Explanation, FileState, Mode, SearchRequest
from indexer.search import Searcher

DEPTH = 200  # a hit beyond this rank is as good as not found


def explain(path: Path, query: str, reader: CatalogueReader, searcher: Searcher) -> Explanation:
    """Why a file is, or is not, found: its row or that of an excluded folder above it, and its ranks for a query."""
    rows = [row for place in (path, *path.parents) if (row := reader.file(place))]
    if not rows or (rows[0].path != path and rows[0].state is not FileState.EXCLUDED):
        watched = [row.path for row in reader.folders() if row.path == path or row.path in path.parents]
        reason = "It is not there, or not noticed yet." if watched else "It is in no watched folder."
        return Explanation(path, None, reason, 0, None, None, None, None)
    row = rows[0]
    reason = row.reason if row.path == path else f"Its folder {row.path} is left out: {row.reason}"
    ranks = {mode: _rank(path, query, mode, searcher) if query else None for mode in Mode}
    place = reader.queue_place(path)
    return Explanation(
        path, row.state, reason, row.chunks, place, ranks[Mode.BOTH], ranks[Mode.WORDS], ranks[Mode.MEANING]
    )


def _rank(path: Path, query: str, mode: Mode, searcher: Searcher) -> int | None:
    hits = searcher.search(SearchRequest(query, limit=DEPTH, mode=mode), lambda: False).hits
    return next((hit.rank for hit in hits if path in hit.places), None)
