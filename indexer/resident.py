"""Vectors that stay in memory: from the catalogue, those that a query compares take up to a quarter of its time."""

from functools import cache

import numpy as np
import psutil
from numpy.typing import NDArray

from indexer.catalogue.records import SegmentRecord, Space
from indexer.catalogue.spaces import Spaces
from model.builtin.native import half_cosines

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
        """Read some more from the catalogue; False: there are no more, and `compare` may be called."""
        batch = next(spaces.vectors(space, self._next, self.record.high, BATCH), None)
        if batch is None:
            self._chunks, self._vectors = self._chunks[: self._count], self._vectors[: self._count]
            self._lengths = self._lengths[: self._count]
            self._order = np.argsort(self._chunks, kind="stable")
            self._chunks = self._chunks[self._order]
            return False
        numbers, chunks, vectors = batch
        rows = slice(self._count, self._count + len(chunks))
        self._chunks[rows], self._vectors[rows] = chunks, vectors[:, : self._vectors.shape[1]]
        self._lengths[rows] = np.linalg.norm(vectors[:, : self._vectors.shape[1]], axis=1)
        self._count, self._next = rows.stop, int(numbers[-1]) + 1
        return True

    def compare(self, query: NDArray[np.float32], chunks: NDArray[np.int64], cosines: NDArray[np.float32]) -> None:
        """Write the cosines with a unit query [dimension] of those among the chunks (sorted) that are here."""
        half_cosines(self._chunks, self._order, self._vectors, self._lengths, query, chunks, cosines)


@cache
def most_bytes() -> int:
    """How much memory they may take in all."""
    return min(MOST_BYTES, psutil.virtual_memory().total // MEMORY_SHARE)


def size_bytes(record: SegmentRecord, dimension: int) -> int:
    """Memory that the vectors of a segment take."""
    return record.count * (2 * dimension + 20)
