from collections.abc import Sequence
from dataclasses import dataclass

FIRST_TOKENISED = 16  # texts, so that the device soon has something to do
MOST_TOKENISED = 256  # texts at once, while the device works on those before


def longest_first(texts: Sequence[str]) -> list[list[int]]:
    """Places of texts in the parts in which they are tokenised: what needs most memory comes, and fails, first."""
    order = sorted(range(len(texts)), key=lambda place: len(texts[place]), reverse=True)
    parts, start, size = [], 0, FIRST_TOKENISED
    while start < len(order):
        parts.append(order[start : start + size])
        start, size = start + size, min(2 * size, MOST_TOKENISED)
    return parts


@dataclass(frozen=True, slots=True)
class Budget:
    """How many tokens go to the device at once."""

    tokens: int
    is_padded: bool  # every sequence takes as much room as the longest one of its batch

    def chosen(self, lengths: Sequence[int]) -> list[int]:
        """Places of the sequences of the next batch: the first ones, and of a packed one what fits behind them."""
        chosen, longest, total = [0], lengths[0], lengths[0]
        for place, length in enumerate(lengths[1:], 1):
            longest = max(longest, length)
            taken = longest * (len(chosen) + 1) if self.is_padded else total + length
            if taken <= self.tokens:
                chosen.append(place)
                total += length
            elif self.is_padded:
                break
        return chosen
