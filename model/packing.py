from collections.abc import Sequence
from dataclasses import dataclass

TOKENISED = 128  # texts at once, while the device works on those before


def longest_first(texts: Sequence[str]) -> list[list[int]]:
    """Places of texts in the parts in which they are tokenised: what needs most memory comes, and fails, first."""
    order = sorted(range(len(texts)), key=lambda place: len(texts[place]), reverse=True)
    return [order[start : start + TOKENISED] for start in range(0, len(order), TOKENISED)]


@dataclass(frozen=True, slots=True)
class Budget:
    """How many tokens go to the device at once."""

    tokens: int
    is_padded: bool  # every sequence takes as much room as the longest one of its batch

    def fitting(self, lengths: Sequence[int]) -> int:
        """How many of the first sequences make the next batch; one at least."""
        total = longest = 0
        for count, length in enumerate(lengths):
            longest = max(longest, length)
            total = (count + 1) * longest if self.is_padded else total + length
            if total > self.tokens:
                return max(1, count)
        return len(lengths)
