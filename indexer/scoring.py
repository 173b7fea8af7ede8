"""What a cosine and a share of matched words are worth, on one scale from 0 to 1."""

import math
from dataclasses import dataclass

from model.embedder import EmbedderSpec

MEANING_SHARE = 0.85  # the best that meaning alone can reach: a literal match of everything asked for ranks above it
WORDS_SHARE = 0.92
NAME_SHARE = 0.95
CLOSE_ENOUGH = 0.5  # strength of meaning below which a candidate is noise
COMMON_WORDS = 0.6  # strength of a full match of words that stand everywhere
WORDS_ENOUGH = 0.2  # at the least half of the words, by weight
_STEEPNESS = 2 * math.log(9)  # 0.1 at the model's noise level, 0.9 at its match level


@dataclass(frozen=True, slots=True)
class Strength:
    """How well one candidate answers, each from 0 to 1."""

    meaning: float
    words: float
    name: float = 0.0
    judged: float | None = None  # probability by the reranker, which has read query and passage together

    @property
    def order(self) -> tuple[bool, float]:
        """What was judged stands before the rest, of which the first stage thought less."""
        return self.judged is not None, self.score

    @property
    def score(self) -> float:
        """Independent evidence joined (noisy or): any of the three is enough, and they support each other."""
        if self.judged is not None:
            return self.judged
        return 1 - (1 - MEANING_SHARE * self.meaning) * (1 - WORDS_SHARE * self.words) * (1 - NAME_SHARE * self.name)

    @property
    def close_enough(self) -> bool:
        """Whether a reader would see why it was found."""
        return self.by_meaning or self.by_words

    @property
    def by_meaning(self) -> bool:
        """Whether the meaning alone would be enough."""
        return self.meaning >= CLOSE_ENOUGH

    @property
    def by_words(self) -> bool:
        """Whether the words, of the text or of the name, would be enough."""
        return max(self.words, self.name) >= WORDS_ENOUGH


def meaning_strength(cosine: float, spec: EmbedderSpec) -> float:
    """A cosine on the model's own scale; the sizes of cosines of different models have nothing in common."""
    middle = (spec.noise_cosine + spec.match_cosine) / 2
    spread = max(spec.match_cosine - spec.noise_cosine, 1e-6)
    return 1 / (1 + math.exp(-_STEEPNESS * (cosine - middle) / spread))


def words_strength(coverage: float, specificity: float, rank: int) -> float:
    """Matched share of a query's words: squared, since two of four words seldom mean half of what was asked for.

    Words that stand everywhere prove little even when all of them match; a rare one proves everything.
    """
    return coverage**2 * (COMMON_WORDS + (1 - COMMON_WORDS) * specificity) * (0.95 + 0.05 / (1 + rank))
