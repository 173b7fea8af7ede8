from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from indexer.catalogue.filters import ChunkFilter
from indexer.catalogue.reader import CatalogueReader
from indexer.lexical import Words
from indexer.segments import Snapshot, VectorIndex
from model.embedder import shorten

LIMIT = 100  # of each kind; rescoring so many of a 256-dimension prefix gives recall .998
EXACT_LIMIT = 50_000  # so many filtered chunks are compared one by one: always right, and below 80 ms
OVERFETCH_LIMIT = 2000

Cosines = dict[int, float]


def by_words(reader: CatalogueReader, words: Words, narrow: ChunkFilter | None) -> list[int]:
    """Chunks that hold every word, best first, then those that hold some."""
    found = reader.chunks_with_words(words.every, LIMIT, narrow) if words else []
    if len(found) < LIMIT and len(words.terms) > 1 and words.some:
        known = set(found)
        found += [chunk for chunk in reader.chunks_with_words(words.some, LIMIT, narrow) if chunk not in known]
    return found


def by_meaning(
    reader: CatalogueReader, index: VectorIndex, query: NDArray[np.float32], narrow: ChunkFilter | None
) -> Cosines:
    """Chunks near a query [full dimension], with their cosines; deleted ones may be among them."""
    snapshot = index.snapshot()
    prefix = shorten(query[np.newaxis], index.prefix)[0]
    if narrow is None:
        chunks, scores = snapshot.nearest(prefix, LIMIT)
    else:
        chunks, scores = _filtered(reader, snapshot, prefix, narrow)
    if index.prefix == index.space.dimension:
        return dict(zip(chunks.tolist(), scores.tolist(), strict=True))
    return rescored(reader, index, query, chunks.tolist())


def rescored(reader: CatalogueReader, index: VectorIndex, query: NDArray[np.float32], chunks: Sequence[int]) -> Cosines:
    """Cosines at full dimension of the chunks that have a vector."""
    stored, vectors = reader.vectors(index.space, chunks)
    return dict(zip(stored, (shorten(vectors, None) @ query).tolist(), strict=True))


def _filtered(
    reader: CatalogueReader, snapshot: Snapshot, query: NDArray[np.float32], narrow: ChunkFilter
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Few allowed chunks are all compared; of many, more are fetched than wanted, since most pass the filter."""
    allowed = reader.allowed_chunks(narrow, EXACT_LIMIT + 1)
    if len(allowed) <= EXACT_LIMIT:
        return snapshot.cosines(query, allowed, LIMIT)
    for limit in (OVERFETCH_LIMIT // 2, OVERFETCH_LIMIT):
        chunks, scores = snapshot.nearest(query, limit)
        passing = np.isin(chunks, list(reader.passages(chunks.tolist(), narrow)))
        if passing.sum() >= LIMIT:
            return chunks[passing][:LIMIT], scores[passing][:LIMIT]
    return snapshot.cosines(query, reader.allowed_chunks(narrow, 2**62), LIMIT)
