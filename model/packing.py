from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


def longest_first(sequences: Sequence[Sequence[T]]) -> list[int]:
    """Order in which batches are taken: alike lengths together, and what needs most memory fails first."""
    return sorted(range(len(sequences)), key=lambda place: len(sequences[place]), reverse=True)


@dataclass(frozen=True, slots=True)
class Budget:
    """How many tokens go to the device at once."""

    tokens: int
    is_padded: bool  # every sequence takes as much room as the longest one of its batch

    def fitting(self, lengths: Sequence[int]) -> int:
        """How many of the first sequences, longest first, make the next batch; one at least."""
        total = 0
        for count, length in enumerate(lengths):
            total = (count + 1) * lengths[0] if self.is_padded else total + length
            if total > self.tokens:
                return max(1, count)
        return len(lengths)
