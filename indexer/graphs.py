"""Vectors in an HNSW graph, for models whose queries lie among their documents."""

import os
from collections.abc import Iterable
from pathlib import Path

import hnswlib
import numpy as np
from numpy.typing import NDArray

from indexer.codes import Scored

SUFFIX = ".hnsw"
M = 16  # 32 buys at most one point of recall for 11 % more memory
EF_CONSTRUCTION = 200


class Graph:
    """An HNSW graph in memory; immutable."""

    def __init__(self, index: hnswlib.Index) -> None:
        self._index = index
        self.chunks: NDArray[np.int64] = np.sort(np.array(index.get_ids_list(), dtype=np.int64))

    def nearest(self, query: NDArray[np.float32], limit: int) -> Scored:
        """Approximately the nearest chunks to a query [dimension], best first."""
        limit = min(limit, len(self.chunks))
        while limit:
            self._index.set_ef(limit)
            try:
                labels, distances = self._index.knn_query(query[np.newaxis], k=limit, num_threads=1)
                return labels[0].astype(np.int64), 1 - distances[0]
            except RuntimeError:  # fewer than limit can be reached
                limit //= 2
        return np.empty(0, np.int64), np.empty(0, np.float32)

    def scores(self, query: NDArray[np.float32], chunks: NDArray[np.int64]) -> Scored:
        """Scores of those among the chunks (sorted, without repeats) that are here."""
        here = np.intersect1d(chunks, self.chunks, assume_unique=True)
        if not len(here):
            return here, np.empty(0, np.float32)
        vectors = np.asarray(self._index.get_items(here, return_type="numpy"), dtype=np.float32)
        return here, vectors @ query


def read(path: Path, dimension: int) -> Graph:
    """Load what `write` wrote. Raises RuntimeError: it is none, or was damaged."""
    index = hnswlib.Index(space="ip", dim=dimension)
    index.load_index(str(path))
    return Graph(index)


def write(path: Path, dimension: int, batches: Iterable[Scored]) -> int:
    """Write a graph of vectors safely to disk; how many there are.

    The vectors come with their chunks, [m] and [m, dimension]. hnswlib holds the interpreter lock while it saves and
    reports no failed write, so the size is checked. Raises OSError.
    """
    index = hnswlib.Index(space="ip", dim=dimension)
    index.init_index(max_elements=1, M=M, ef_construction=EF_CONSTRUCTION, random_seed=1)
    count = 0
    for chunks, vectors in batches:
        count += len(chunks)
        index.resize_index(max(1, count))
        index.add_items(vectors, chunks, num_threads=1)
    index.save_index(str(path))
    if path.stat().st_size != index.index_file_size():
        raise OSError(f"{path.stat().st_size} bytes instead of {index.index_file_size()}")
    with path.open("rb+") as file:
        os.fsync(file.fileno())
    return count
