"""The pieces of words, looked up for all the words of many texts at once."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SPACE = ord(" ")
PART = 1 << 16  # characters that are looked up together, in some 3 MB
BASE = 0x9E3779B97F4A7C15  # odd, so that it has an inverse modulo 2^64

Encode = Callable[[Sequence[str]], Sequence[Sequence[int]]]


@dataclass(frozen=True, slots=True)
class _Known:
    """Words that were met; immutable, so that threads need no lock."""

    hashes: NDArray[np.uint64]  # [n + 1], ascending; the last one is that of no word
    numbers: NDArray[np.int64]  # [n + 1], how many words were met before each
    starts: NDArray[np.int64]  # [n + 1], where the pieces of each number begin, and where those of the last end
    pieces: NDArray[np.int32]

    def extended(self, hashes: NDArray[np.uint64], encoded: Sequence[Sequence[int]]) -> "_Known":
        """With more words; `hashes` ascending."""
        places, count = np.searchsorted(self.hashes, hashes), len(self.hashes) - 1
        return _Known(
            np.insert(self.hashes, places, hashes),
            np.insert(self.numbers, places, np.arange(count, count + len(hashes))),
            np.append(self.starts, self.starts[-1] + np.cumsum([len(pieces) for pieces in encoded])),
            np.append(self.pieces, np.array([piece for pieces in encoded for piece in pieces], np.int32)),
        )


NOTHING = _Known(np.array([2**64 - 1], np.uint64), np.zeros(1, np.int64), np.zeros(1, np.int64), np.empty(0, np.int32))


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
        return len(self._known.hashes) - 1

    def of(self, text: str) -> NDArray[np.int32]:
        """Pieces of the words of a text, which spaces separate, one word after the other."""
        return np.concatenate([np.empty(0, np.int32), *map(self._of, _parts(text))])

    def _of(self, text: str) -> NDArray[np.int32]:
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
        edges = np.flatnonzero(np.diff(codes != SPACE, prepend=False, append=False))
        starts, ends = edges[::2], edges[1::2]
        hashes, known = self._hashed(codes, starts, ends), self._known
        places = np.searchsorted(known.hashes, hashes)
        unknown = np.flatnonzero(known.hashes[places] != hashes)
        if len(unknown):
            new, examples = np.unique(hashes[unknown], return_index=True)
            spelled = [text[starts[one] : ends[one]] for one in unknown[examples].tolist()]
            known = known.extended(new, self._encode(spelled))
            places += np.searchsorted(new, hashes)  # behind those that came before
            self._known = known if len(known.hashes) <= self._kept + 1 else NOTHING
        words = known.numbers[places]
        firsts, sizes = known.starts[words], known.starts[words + 1] - known.starts[words]
        shifts = firsts - (np.cumsum(sizes) - sizes)
        return np.asarray(known.pieces.take(np.arange(sizes.sum()) + np.repeat(shifts, sizes)), np.int32)

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


def _parts(text: str) -> Iterator[str]:
    """A text cut at spaces."""
    start = 0
    while start < len(text):
        end = text.find(" ", start + PART)
        end = len(text) if end < 0 else end
        yield text[start:end]
        start = end
