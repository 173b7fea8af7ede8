"""Vectors as short codes that are searched by scanning them all: exact enough to find what is then compared in full."""

import os
import sys
from collections.abc import Iterable
from itertools import accumulate
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.errors import StoreError

SUFFIX = ".opq"
PAIR = 2  # dimensions that share one code: product quantisation by sixteen centroids for each pair
CENTROIDS = 16
STEP = 2 * PAIR  # dimensions in one byte; their number is a multiple of it
LOWEST = np.finfo(np.float32).min

Scored = tuple[NDArray[np.int64], NDArray[np.float32]]  # chunks [n] and their scores [n], or vectors [n, dimension]


class Codes:
    """Codes of n vectors and the numbers of their chunks; immutable.

    A vector of 256 dimensions takes 64 bytes, and a million of them are scanned in some 5 ms of one processor.
    """

    def __init__(
        self,
        rotation: NDArray[np.int8],
        centroids: NDArray[np.float32],
        chunks: NDArray[np.int64],
        codes: NDArray[np.uint8],
    ) -> None:
        """Rotation [dimension, dimension] before coding, centroids [pairs, 16, 2], chunks [n], codes [n, pairs / 2]."""
        self._rotation = _unrounded(rotation)
        self._centroids = centroids
        self.chunks = chunks
        self._codes = codes
        self._order = np.argsort(chunks, kind="stable")
        self._sorted = chunks[self._order]
        self._scan = _fast_scan(centroids, codes)

    def nearest(self, query: NDArray[np.float32], limit: int) -> Scored:
        """The nearest chunks to a query [dimension] as far as codes tell, best first."""
        if limit >= len(self.chunks):
            chunks, scores = self.scores(query, self._sorted)
            order = np.argsort(-scores, kind="stable")
            return chunks[order], scores[order]
        # faiss reads what it is given to write scores to: where that begins with the highest float, it finds nothing
        # (HeapHandler::threshold_idis in 1.15)
        given = np.full((1, limit), LOWEST, np.float32)
        scores, places = self._scan.search((query @ self._rotation)[np.newaxis], limit, D=given)
        found = places[0] >= 0  # those with the lowest score that codes can give may be left out
        return self.chunks[places[0][found]], scores[0][found]

    def scores(self, query: NDArray[np.float32], chunks: NDArray[np.int64]) -> Scored:
        """Scores of those among the chunks (sorted, without repeats) that are here."""
        places = np.searchsorted(self._sorted, chunks)
        places[places == len(self._sorted)] = 0
        here = self._sorted[places] == chunks
        codes = np.ascontiguousarray(self._codes[self._order[places[here]]].T)
        each = np.einsum("pcd,pd->pc", self._centroids, (query @ self._rotation).reshape(-1, PAIR))
        tables = (each[1::2, :, np.newaxis] + each[0::2, np.newaxis, :]).reshape(len(codes), -1)  # for each byte
        scores = np.zeros(codes.shape[1], np.float32)
        for table, column in zip(tables, codes, strict=True):
            scores += table[column]
        return chunks[here], scores


def read(path: Path, dimension: int, count: int) -> Codes:
    """Load what `write` wrote. Raises StoreError: it is not as long as it must be."""
    data = np.fromfile(path, np.uint8)
    if len(data) != size_bytes(dimension, count):
        raise StoreError(f"{path}: a segment has not the size that it must have")
    first, second, third = accumulate(_sizes(dimension, count)[:-1])
    return Codes(
        data[:first].view(np.int8).reshape(dimension, dimension),
        data[first:second].view(np.float32).reshape(-1, CENTROIDS, PAIR),
        data[third:].view(np.int64),
        data[second:third].reshape(count, -1),
    )


def size_bytes(dimension: int, count: int) -> int:
    """Size of the file of so many vectors."""
    return sum(_sizes(dimension, count))


def _sizes(dimension: int, count: int) -> list[int]:
    """Bytes of the rotation, the centroids, the codes and the chunks, which follow each other in this order."""
    return [dimension * dimension, dimension * CENTROIDS * 4, count * (dimension // STEP), count * 8]


def write(path: Path, sample: NDArray[np.float32], batches: Iterable[Scored]) -> int:
    """Write codes of vectors, fitted to a sample of them, safely to disk; how many there are.

    The vectors come with their chunks, [m] and [m, dimension]. Raises OSError.
    """
    faiss = _faiss()
    faiss.omp_set_num_threads(1)
    quantizer = faiss.ProductQuantizer(sample.shape[1], sample.shape[1] // PAIR, 4)
    quantizer.cp.min_points_per_centroid = 1
    rotation = _rotation(sample)
    turn = _unrounded(rotation)
    quantizer.train(np.resize(sample @ turn, (max(CENTROIDS, len(sample)), sample.shape[1])))
    numbers = [np.empty(0, np.int64)]
    with path.open("wb") as file:
        file.write(rotation.tobytes())
        file.write(faiss.vector_to_array(quantizer.centroids).tobytes())
        for chunks, vectors in batches:
            numbers.append(chunks)
            file.write(quantizer.compute_codes(vectors @ turn).tobytes())
        file.write(np.concatenate(numbers).tobytes())
        file.flush()
        os.fsync(file.fileno())
    count = sum(map(len, numbers))
    if path.stat().st_size != size_bytes(sample.shape[1], count):
        raise OSError(f"{path.stat().st_size} bytes instead of {size_bytes(sample.shape[1], count)}")
    return count


def _rotation(sample: NDArray[np.float32]) -> NDArray[np.int8]:
    """Rotation [dimension, dimension] after which every pair of dimensions holds as much of vectors like these.

    The longest principal axis makes a pair with the shortest, and so on: codes are a fifth closer for it, and half as
    many have to be compared in full. Source: Ge et al., Optimized Product Quantization (2013), section 3.2.
    """
    axes = np.linalg.eigh(sample.T @ sample)[1]  # the shortest first
    half = sample.shape[1] // PAIR
    rotation = np.empty_like(axes)
    rotation[:, 0::PAIR], rotation[:, 1::PAIR] = axes[:, :half], axes[:, : half - 1 : -1]
    largest = np.abs(rotation).max()  # rounding makes scores .0013 wrong, which codes make .0135 wrong
    return np.asarray(np.rint(rotation * (127 / largest)), np.int8)


def _unrounded(rotation: NDArray[np.int8]) -> NDArray[np.float32]:
    """Its columns have length 1."""
    columns = rotation.astype(np.float32)
    return np.asarray(columns / np.linalg.norm(columns, axis=0), np.float32)


def _fast_scan(centroids: NDArray[np.float32], codes: NDArray[np.uint8]) -> Any:  # noqa: ANN401  # faiss has no types
    faiss = _faiss()
    pairs = len(centroids)
    plain = faiss.IndexPQ(pairs * PAIR, pairs, 4, faiss.METRIC_INNER_PRODUCT)
    faiss.copy_array_to_vector(np.ascontiguousarray(centroids).ravel(), plain.pq.centroids)
    faiss.copy_array_to_vector(np.ascontiguousarray(codes).ravel(), plain.codes)
    plain.is_trained, plain.ntotal = True, len(codes)
    return faiss.IndexPQFastScan(plain)


def _faiss() -> ModuleType:
    """Imported when the first segment is read or written: it takes a fifth of a second.

    On macOS torch brings a second OpenMP runtime: https://github.com/faiss-wheels/faiss-wheels/issues/73
    """
    if sys.platform == "darwin":
        os.environ.setdefault("KMP_DUPLICATE_LIB_OK", "TRUE")
    import faiss

    return faiss
