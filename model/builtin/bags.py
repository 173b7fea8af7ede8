"""Texts as the pieces that stand in them, in whatever order."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Bags:
    """The distinct pieces of n texts, one text after the other, and what each counts there."""

    sizes: NDArray[np.int64]  # [n]
    pieces: NDArray[np.int64]  # [m], m being the sum of the sizes
    weights: NDArray[np.float64]  # [m]

    @property
    def owners(self) -> NDArray[np.int64]:
        """Which text each piece stands in, [m]."""
        return np.repeat(np.arange(len(self.sizes)), self.sizes)

    @classmethod
    def joined(cls, some: Sequence["Bags"]) -> "Bags":
        """Of the texts of some, one after the other."""
        if len(some) == 1:
            return some[0]
        columns = (("sizes", np.int64), ("pieces", np.int64), ("weights", np.float64))
        return cls(
            *(np.concatenate([np.empty(0, kind), *(getattr(one, name) for one in some)]) for name, kind in columns)
        )

    def parts(self, counts: Sequence[int]) -> list["Bags"]:
        """Of the first so many texts, the next so many, and so on; copies, none of which keeps the others in memory."""
        ends = np.concatenate([[0], np.cumsum(self.sizes)])
        parts, first = list[Bags](), 0
        for count in counts:
            last = first + count
            inside = slice(ends[first], ends[last])
            parts.append(Bags(self.sizes[first:last].copy(), self.pieces[inside].copy(), self.weights[inside].copy()))
            first = last
        return parts

    def take(self, texts: NDArray[np.integer]) -> "Bags":
        """Of the texts with these places, in their order."""
        sizes = self.sizes[texts]
        shifts = (np.cumsum(self.sizes) - self.sizes)[texts] - (np.cumsum(sizes) - sizes)
        places = np.arange(sizes.sum()) + np.repeat(shifts, sizes)
        return Bags(sizes, self.pieces[places], self.weights[places])
