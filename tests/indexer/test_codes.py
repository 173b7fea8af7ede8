from pathlib import Path

import faiss
import numpy as np
import pytest
from numpy.typing import NDArray

from indexer import codes
from indexer.codes import Codes

DIMENSION = 64
FAISS_HEAP = 20  # up to so many results are collected in another way than more of them


def unit_vectors(count: int) -> NDArray[np.float32]:
    vectors = np.random.default_rng(7).normal(size=(count, DIMENSION)).astype(np.float32)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def written(folder: Path, vectors: NDArray[np.float32]) -> Codes:
    chunks = np.arange(1, len(vectors) + 1)
    codes.write(folder / "a.codes", vectors, [(chunks, vectors)])
    return codes.read(folder / "a.codes", DIMENSION, len(vectors))


@pytest.mark.parametrize("count", [1, 2, 3, FAISS_HEAP, FAISS_HEAP + 1, 33])
def test_each_vector_of_a_small_segment_is_found_once(tmp_path: Path, count: int) -> None:
    vectors = unit_vectors(count)
    segment = written(tmp_path, vectors)
    for query in (*vectors, *-vectors):
        found, scores = segment.nearest(query, count)
        assert sorted(found) == list(range(1, count + 1))
        assert list(scores) == sorted(scores, reverse=True)


def test_copies_of_one_vector_are_all_found(tmp_path: Path) -> None:
    vectors = np.repeat(unit_vectors(1), 5, axis=0)
    assert sorted(written(tmp_path, vectors).nearest(vectors[0], 10)[0]) == [1, 2, 3, 4, 5]


def test_codes_of_vectors_that_lie_along_few_axes_tell_more_for_being_rotated(tmp_path: Path) -> None:
    lengths = np.geomspace(1, 0.01, DIMENSION).astype(np.float32)
    vectors = unit_vectors(2000) * lengths
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    queries, scores = vectors[:50], vectors[:50] @ vectors.T
    segment = written(tmp_path, vectors)
    chunks = np.arange(1, len(vectors) + 1)
    error = np.std([segment.scores(query, chunks)[1] - exact for query, exact in zip(queries, scores, strict=True)])
    plain = faiss.ProductQuantizer(DIMENSION, DIMENSION // 2, 4)
    plain.train(vectors)
    assert error < 0.8 * np.std(queries @ plain.decode(plain.compute_codes(vectors)).T - scores)


@pytest.mark.parametrize("limit", [1, 10, FAISS_HEAP, FAISS_HEAP + 1, 100])
def test_what_was_in_memory_before_does_not_keep_anything_from_being_found(tmp_path: Path, limit: int) -> None:
    vectors = unit_vectors(200)
    segment = written(tmp_path, vectors)
    for number, query in enumerate(vectors, 1):
        highest = np.full((1, limit), np.finfo(np.float32).max, np.float32)
        del highest  # numpy hands the same memory out again
        assert segment.nearest(query, limit)[0][0] == number
