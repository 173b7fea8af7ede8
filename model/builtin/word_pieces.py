"""The pieces of words, looked up for all the words of many texts at once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SPACE = ord(" ")
BASE = 0x9E3779B97F4A7C15  # odd, so that it has an inverse modulo 2^64

Encode = Callable[[Sequence[str]], Sequence[Sequence[int]]]


@dataclass(frozen=True, slots=True)
class _Known:
    """Words that were met; immutable, so that threads need no lock."""

    hashes: NDArray[np.uint64]  # [n], ascending
    firsts: NDArray[np.int64]  # [n], where the pieces of each word begin among all
    sizes: NDArray[np.int64]  # [n]
    pieces: NDArray[np.int32]

    def places(self, hashes: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Where words are or would be, and which of them (by their place among the given) are not here."""
        places = np.searchsorted(self.hashes, hashes)
        return places, np.flatnonzero(np.append(self.hashes, np.uint64(0))[places] != hashes)

    def extended(self, hashes: NDArray[np.uint64], encoded: Sequence[Sequence[int]]) -> "_Known":
        """With more words; `hashes` ascending."""
        sizes = np.array([len(pieces) for pieces in encoded], np.int64)
        firsts = len(self.pieces) + np.cumsum(sizes) - sizes
        places = np.searchsorted(self.hashes, hashes)
        return _Known(
            np.insert(self.hashes, places, hashes),
            np.insert(self.firsts, places, firsts),
            np.insert(self.sizes, places, sizes),
            np.append(self.pieces, np.array([piece for pieces in encoded for piece in pieces], np.int32)),
        )


NOTHING = _Known(np.empty(0, np.uint64), np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.int32))


class WordPieces:
    """Remembers the pieces of words that were met, by a hash of the word.

    A dictionary would look up one word after the other and wait for memory each time. The hash of characters c is the
    sum of (c_i + 1) BASE^i modulo 2^64: that of each word of a text is a difference of two sums over the text.
    """

    def __init__(self, encode: Encode, kept: int) -> None:
        """Ask `encode` for the pieces of new words; beyond so many words forget all."""
        self._encode, self._kept = encode, kept
        self._known = NOTHING
        self._powers = np.ones((2, 1), np.uint64)  # of BASE and of its inverse

    def __len__(self) -> int:
        return len(self._known.hashes)

    def of(self, text: str) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Pieces of the words of a text, which spaces separate, one word after the other, and how many each has."""
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
        edges = np.flatnonzero(np.diff(codes != SPACE, prepend=False, append=False))
        starts, ends = edges[::2], edges[1::2]
        hashes, examples, words = np.unique(self._hashed(codes, starts, ends), return_index=True, return_inverse=True)
        known = self._known
        places, new = known.places(hashes)
        if len(new):
            spelled = [text[starts[one] : ends[one]] for one in examples[new].tolist()]
            known = known.extended(hashes[new], self._encode(spelled))
            places, _ = known.places(hashes)
            self._known = known if len(known.hashes) <= self._kept else NOTHING
        sizes = known.sizes[places][words]
        shifts = known.firsts[places][words] - (np.cumsum(sizes) - sizes)
        return known.pieces[np.arange(sizes.sum()) + np.repeat(shifts, sizes)], sizes

    def _hashed(
        self, codes: NDArray[np.uint32], starts: NDArray[np.int64], ends: NDArray[np.int64]
    ) -> NDArray[np.uint64]:
        powers = self._powers
        if powers.shape[1] < len(codes):
            factors = np.empty((2, 2 * len(codes)), np.uint64)
            factors[:] = [[BASE], [pow(BASE, -1, 1 << 64)]]
            factors[:, 0] = 1
            powers = self._powers = np.cumprod(factors, axis=1)
        sums = np.zeros(len(codes) + 1, np.uint64)
        np.cumsum((codes + np.uint32(1)) * powers[0, : len(codes)], out=sums[1:])
        return np.asarray((sums[ends] - sums[starts]) * powers[1, starts])
