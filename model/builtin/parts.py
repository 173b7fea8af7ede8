"""What the vectors of related pieces share during training."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.builtin.vocabulary import WORD_START


@dataclass(frozen=True, slots=True)
class Parts:
    """Each piece's vector is the sum of the rows named here: its own and those of its character n-grams.

    So inflected forms and spellings learn from each other. The sums alone are shipped.
    Source: Bojanowski, Grave, Joulin and Mikolov 2017 (fastText), for pieces instead of words.
    """

    rows: NDArray[np.int64]
    starts: NDArray[np.int64]  # [pieces + 1]
    total: int  # rows there are

    def of(self, pieces: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Rows of some pieces, one after the other, and where each piece's begin."""
        begins, ends = self.starts[pieces], self.starts[pieces + 1]
        starts = np.concatenate([[0], np.cumsum(ends - begins)])
        return self.rows[np.arange(starts[-1]) + np.repeat(begins - starts[:-1], ends - begins)], starts


def ngram_parts(pieces: Sequence[str], buckets: int) -> Parts:
    """Parts of each piece: its own row, and the rows of its n-grams, hashed into `buckets`."""
    rows: list[int] = []
    starts = [0]
    for number, piece in enumerate(pieces):
        rows.append(number)
        rows += [len(pieces) + bucket(ngram, buckets) for ngram in sorted(ngrams(piece))]
        starts.append(len(rows))
    return Parts(np.array(rows), np.array(starts), len(pieces) + buckets)


def ngrams(piece: str) -> set[str]:
    """What related word forms share: beginnings of three to seven letters, and all runs of four."""
    word = piece.removeprefix(WORD_START)
    if len(word) < 4 or not word[0].isalpha():
        return set()
    beginnings = {word[:size] + "*" for size in range(3, 8) if size < len(word)}
    return beginnings | {word[start : start + 4] for start in range(len(word) - 3)}


def bucket(ngram: str, buckets: int) -> int:
    """Number of an n-gram, the same in every run."""
    return int.from_bytes(hashlib.blake2b(ngram.encode(), digest_size=4).digest(), "little") % buckets
