"""Paths that lead on into a file, as if an archive or a message were a folder."""

from pathlib import Path

from indexer.catalogue.reader import CatalogueReader
from indexer.document import INSIDE


def split_path(path: Path, reader: CatalogueReader) -> tuple[Path, str]:
    """An indexed file and a member of it, for a path that goes on into the file; other paths as they are."""
    if reader.file(path):
        return path, ""
    inner = Path(str(path).replace(INSIDE, "/"))
    for place in inner.parents:
        content = reader.content_at(place)
        if content is not None and (member := reader.member_path(content, inner.relative_to(place).as_posix())):
            return place, member
    return path, ""
