"""Vectors that stay in memory: from the catalogue, those that a query compares take up to a quarter of its time."""

from functools import cache

import numpy as np
import psutil
from numpy.typing import NDArray

from indexer.catalogue.records import SegmentRecord, Space
from indexer.catalogue.spaces import Spaces
from indexer.codes import Scored

BATCH = 1024  # vectors read in one go: some milliseconds
MOST_BYTES = 512 << 20  # a million vectors of 256 dimensions
MEMORY_SHARE = 16  # of the computer's memory they take at most one in so many


class ResidentVectors:
    """The vectors of a segment by their first `dimension` components; read by one thread, then immutable."""

    def __init__(self, record: SegmentRecord, dimension: int) -> None:
        self.record = record
        self._chunks = np.empty(record.count, np.int64)
        self._vectors = np.empty((record.count, dimension), np.float16)
        self._lengths = np.empty(record.count, np.float32)
        self._order = np.empty(0, np.int64)
        self._count = 0
        self._next = record.low

    def read(self, spaces: Spaces, space: Space) -> bool:
        """Read some more from the catalogue; False: there are no more, and `cosines` may be called."""
        batch = next(spaces.vectors(space, self._next, self.record.high, BATCH), None)
        if batch is None:
            self._chunks, self._vectors = self._chunks[: self._count], self._vectors[: self._count]
            self._order = np.argsort(self._chunks, kind="stable")
            self._chunks = self._chunks[self._order]
            return False
        numbers, chunks, vectors = batch
        rows = slice(self._count, self._count + len(chunks))
        self._chunks[rows], self._vectors[rows] = chunks, vectors[:, : self._vectors.shape[1]]
        self._lengths[rows] = np.linalg.norm(vectors[:, : self._vectors.shape[1]], axis=1)
        self._count, self._next = rows.stop, int(numbers[-1]) + 1
        return True

    def cosines(self, query: NDArray[np.float32], chunks: NDArray[np.int64]) -> Scored:
        """Cosines with a unit query [dimension] of those among the chunks (sorted, without repeats) that are here."""
        if not self._count:
            return chunks[:0], query[:0]
        places = np.searchsorted(self._chunks[:-1], chunks)
        here = self._chunks[places] == chunks
        rows = self._order[places[here]]
        vectors = self._vectors.take(rows, axis=0)  # in half the time of indexing
        return chunks[here], vectors.astype(np.float32) @ query / self._lengths[rows]


@cache
def most_bytes() -> int:
    """How much memory they may take in all."""
    return min(MOST_BYTES, psutil.virtual_memory().total // MEMORY_SHARE)


def size_bytes(record: SegmentRecord, dimension: int) -> int:
    """Memory that the vectors of a segment take."""
    return record.count * (2 * dimension + 20)
