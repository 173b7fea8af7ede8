"""What the catalogue holds of each watched folder and kind of file."""

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from indexer.catalogue.database import connect, translated
from indexer.catalogue.records import decoded
from indexer.document import Kind

_FILES = """
SELECT d.path, f.kind, count(*), sum(f.size)
FROM files f JOIN folders d ON d.id = f.folder WHERE f.state != 'excluded' GROUP BY 1, 2
"""
_OWNED = """
WITH owned AS (
    SELECT f.content, d.path, f.kind FROM files f JOIN folders d ON d.id = f.folder
    WHERE f.id IN (SELECT min(id) FROM files WHERE content IS NOT NULL GROUP BY content)
)
"""
_CHUNKS = f"""{_OWNED}
SELECT o.path, o.kind, count(*), sum(length(CAST(text_in(b.texts, c.place) AS BLOB)))
FROM chunks c JOIN blocks b ON b.id = c.block JOIN owned o ON o.content = c.content GROUP BY 1, 2
"""
_VECTORS = f"""{_OWNED}
SELECT o.path, o.kind, count(*), sum(length(v.vector))
FROM vectors v JOIN chunks c ON c.id = v.chunk JOIN owned o ON o.content = c.content GROUP BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class Amount:
    """What there is of one kind in one folder; a content in several places counts where it was found first."""

    folder: Path
    kind: Kind
    files: int
    file_bytes: int
    chunks: int
    text_bytes: int
    vectors: int
    vector_bytes: int


def amounts(catalogue: Path) -> tuple[Amount, ...]:
    """By folder and kind; reads the whole catalogue, on a connection of its own."""
    with translated(catalogue), closing(connect(catalogue, read_only=True)) as connection:
        found: dict[tuple[bytes, str], list[int]] = {}
        for place, sql in enumerate((_FILES, _CHUNKS, _VECTORS)):
            for folder, kind, count, size_bytes in connection.execute(sql):
                found.setdefault((folder, kind), [0] * 6)[2 * place : 2 * place + 2] = [count, size_bytes]
    return tuple(Amount(decoded(folder), Kind(kind), *found[folder, kind]) for folder, kind in sorted(found))
