"""What a cosine and a share of matched words are worth, on one scale from 0 to 1."""

import math
from dataclasses import dataclass, replace
from typing import NamedTuple

from model.embedder import EmbedderSpec

CLOSE_ENOUGH = 0.25  # strength of meaning half-way between a model's noise and its matches; below it is noise
NOISE_PER_DECADE = 0.06  # measured: the closest of 46 unrelated chunks has .18 in the median, of 2,229 chunks .26
MEASURED_DECADES = 3.35  # logarithm of the number of chunks that noise and match levels are given for
DECADES = (1.5, 4.5)  # beyond which nothing was measured
SENTENCE_SHARE = 0.6
SENTENCE_GAIN = 0.04
LIKENESS = 0.2  # how much further than a match two documents must be on the way to being the same
SOME_WORDS = 0.1  # strength of all the words but one, in a long query; fewer are worth less, by the square
CLEAR = 0.5  # strength of meaning from which on a text is a clear answer and no vague neighbour
ALL_WORDS = CLEAR  # strength of the only full match
IDENTIFIED = 0.9  # the same where the query has an identifier: one spelled almost like it is close, and another thing
HALF_OF_THE_WORDS = 0.5
SUPPORT = 0.1  # what the weaker of meaning and words adds to the stronger
NAME_SHARE = 0.3  # what the meaning of a file's name is worth beside that of its text


class Strength(NamedTuple):  # one for each candidate: it takes a third of the time of a dataclass
    """How well one candidate answers, each from 0 to 1."""

    meaning: float
    words: float
    name: float = 0.0  # by the words of the query
    named: float = 0.0  # by the meaning of the name
    coverage: float = 0.0  # share of the query's words in the text, by weight
    holds_subject: bool = False  # the word that tells most, in answer to a question whose other words are nowhere
    judged: float | None = None  # probability by the reranker, which has read query and passage together

    @property
    def order(self) -> tuple[bool, float]:
        """What was judged stands before the rest, of which the first stage thought less."""
        return self.judged is not None, self.score

    @property
    def score(self) -> float:
        """Meaning or literal match, whichever says more, and a little of the other.

        Not their sum: a text in the language of the query has some of its words by chance, and its cosine shows them
        already; a better answer in another language has none.
        """
        if self.judged is not None:
            return self.judged
        meaning = either(self.meaning, NAME_SHARE * self.named)
        literal = max(self.words, self.name)
        return either(max(meaning, literal), SUPPORT * min(meaning, literal))

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
        return self.name > 0 or self.coverage >= HALF_OF_THE_WORDS or self.holds_subject


@dataclass(frozen=True, slots=True)
class Scale:
    """What the cosines of one model mean; those of another have nothing in common with them."""

    middle: float  # cosine half-way between noise and match
    width: float  # from noise to match

    @classmethod
    def of(cls, spec: EmbedderSpec) -> "Scale":
        """As the model's levels were measured."""
        return cls((spec.noise_cosine + spec.match_cosine) / 2, spec.match_cosine - spec.noise_cosine)

    def among(self, chunks: int) -> "Scale":
        """The more chunks there are, the closer comes the closest that has nothing to do with a query."""
        decades = min(max(math.log10(max(chunks, 1)), DECADES[0]), DECADES[1]) - MEASURED_DECADES
        return replace(self, middle=self.middle + NOISE_PER_DECADE * decades)

    def meaning(self, cosine: float) -> float:
        """Strength of a query's cosine: linear, so that no difference is lost, and 1 for the same text."""
        if cosine >= self.middle:
            return CLOSE_ENOUGH + (1 - CLOSE_ENOUGH) * min(1.0, (cosine - self.middle) / (1 - self.middle))
        nothing = self.middle - 3 * self.width
        return max(0.0, CLOSE_ENOUGH * (cosine - nothing) / (self.middle - nothing))

    def is_close(self, cosine: float) -> bool:
        """Whether a query's meaning alone would be enough."""
        return cosine >= self.middle

    def likeness(self, cosine: float) -> float:
        """Strength of a cosine of two documents: they are closer to each other than a short query is to its answer.

        On the development files, the same page in another language has .73 in the median and the closest other page
        of the same handbook .52.
        """
        return replace(self, middle=self.middle + LIKENESS * (1 - self.middle)).meaning(cosine)


def with_sentence(cosine: float, sentence: float) -> float:
    """Cosine of a passage, sharpened by that of its best sentence: one sentence often holds the answer.

    On the development files this takes recall@1 from .370 to .444. The gain makes up for the best of many being high.
    """
    return (1 - SENTENCE_SHARE) * cosine + SENTENCE_SHARE * sentence - SENTENCE_GAIN


def either(one: float, other: float) -> float:
    """Independent evidence joined (noisy or)."""
    return 1 - (1 - one) * (1 - other)


def words_strength(coverage: float, full_matches: int, has_identifier: bool = False) -> float:
    """Literal evidence: the only text that has all the words proves most, one of many that have them little."""
    if coverage >= 1 - 1e-9:
        most = IDENTIFIED if has_identifier else ALL_WORDS
        return SOME_WORDS + (most - SOME_WORDS) / math.sqrt(max(1, full_matches))
    return SOME_WORDS * coverage**2
