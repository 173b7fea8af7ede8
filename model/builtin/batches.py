"""Draws training batches from a store: which kind, which language, which pairs."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from model.builtin.corpus import Kind
from model.builtin.store import Store

SOURCE_WEIGHTS = {
    "azd-for-beginners": 0.3,
    "edgeai-for-beginners": 0.3,
    "php-doc": 0.3,
    "wesnoth": 0.5,
    "shattered-pixel-dungeon": 0.5,
    "osm-tagging": 0.5,
    "godot-editor": 0.5,
    "tensorflow-docs": 0.5,
    "python-docs": 0.6,
    "omw": 0.7,
    "tico-19": 2.0,
    "tatoeba": 2.0,
    "tanaka": 4.0,
    "jaquad": 0.7,
}  # by beginning of the name; everything else 1


@dataclass(frozen=True, slots=True)
class Mix:
    """How batches are put together; chosen by judgement, not one by one on the development sets."""

    kinds: dict[Kind, float] = field(
        default_factory=lambda: {Kind.SENTENCE: 0.5, Kind.TERM: 0.2, Kind.PASSAGE: 0.24, Kind.CODE: 0.06}
    )
    sizes: dict[Kind, int] = field(
        default_factory=lambda: {Kind.SENTENCE: 2048, Kind.TERM: 2048, Kind.PASSAGE: 1024, Kind.CODE: 1024}
    )
    language_power: float = 0.4  # a language is drawn in proportion to its pairs to this power
    one_language: float = 0.5  # share of batches whose second texts are all in one language
    pivoted: float = 0.4  # share of sentences whose English side is replaced by a third language, where there is one
    padded: float = 0.25  # share of sentence batches in which the right answer is hidden between other sentences
    max_padding: int = 4


@dataclass(frozen=True, slots=True)
class Bags:
    """n texts as bags of pieces: text i has the pieces from starts[i] to starts[i + 1]."""

    pieces: NDArray[np.int64]
    weights: NDArray[np.float32]
    starts: NDArray[np.int64]  # [n + 1]


@dataclass(frozen=True, slots=True)
class Batch:
    """n pairs. Texts with equal numbers are no negatives of each other."""

    kind: Kind
    left: Bags
    right: Bags
    left_numbers: NDArray[np.int32]
    right_numbers: NDArray[np.int32]


class Bucket:
    """Pairs of one kind and language, drawn by the weight of their source."""

    def __init__(self, pairs: NDArray[np.int64], weights: NDArray[np.float64]) -> None:
        self.pairs = pairs
        self.reach = np.cumsum(weights)

    @property
    def weight(self) -> float:
        """Number of pairs, each counted by the weight of its source."""
        return float(self.reach[-1])

    def draw(self, count: int, random: np.random.Generator) -> NDArray[np.int64]:
        """Draw pairs, without repetition as far as the bucket allows."""
        places = np.searchsorted(self.reach, random.random(2 * count) * self.weight, side="right")
        distinct = np.unique(np.minimum(places, len(self.pairs) - 1))
        return np.asarray(self.pairs[random.permutation(distinct)[:count]])


class Sampler:
    """An endless source of batches; equal seeds give equal batches."""

    def __init__(self, store: Store, mix: Mix, seed: int) -> None:
        self._store = store
        self._mix = mix
        self.random = np.random.default_rng(seed)
        self._offsets = np.asarray(store.offsets)
        self._first, self._second = np.asarray(store.first), np.asarray(store.second)
        self._buckets = {kind: self._split(kind) for kind in Kind if np.any(store.kind == kind)}
        shares = np.array([mix.kinds[kind] for kind in self._buckets])
        self._shares = shares / shares.sum()
        self._group_by_english()

    def _split(self, kind: Kind) -> list[Bucket]:
        store = self._store
        weights = np.array([source_weight(name) for name in store.sources])
        english = store.langs.index("en") if "en" in store.langs else -1
        language = np.where(store.lang_second == english, store.lang_first, store.lang_second)
        if kind is Kind.PASSAGE:
            language = np.asarray(store.lang_second)
        rows = np.flatnonzero(store.kind == kind)
        return [
            Bucket(own, weights[store.source[own]])
            for number in np.unique(language[rows])
            if len(own := rows[language[rows] == number])
        ]

    def _group_by_english(self) -> None:
        """Sentences that translate the same English text stand side by side in `_siblings`."""
        rows = np.flatnonzero(self._store.kind == Kind.SENTENCE)
        order = rows[np.argsort(self._first[rows], kind="stable")]
        _, starts, sizes = np.unique(self._first[order], return_index=True, return_counts=True)
        self._siblings = order
        self._group_start = np.zeros(len(self._first), dtype=np.int64)
        self._group_size = np.ones(len(self._first), dtype=np.int64)
        self._group_start[order] = np.repeat(starts, sizes)
        self._group_size[order] = np.repeat(sizes, sizes)

    def draw(self) -> Batch:
        """Draw the next batch."""
        kinds = list(self._buckets)
        kind = kinds[self.random.choice(len(kinds), p=self._shares)]
        pairs = self._pairs(self._buckets[kind], self._mix.sizes[kind])
        left, right = self._first[pairs], self._second[pairs]
        if kind is Kind.SENTENCE:
            left = self._pivot(pairs, left, right)
            if self.random.random() < self._mix.padded:
                return Batch(kind, self._bags(left), self._padded_bags(right), left, right)
        return Batch(kind, self._bags(left), self._bags(right), left, right)

    def _pairs(self, buckets: list[Bucket], count: int) -> NDArray[np.int64]:
        weights = np.array([bucket.weight for bucket in buckets]) ** self._mix.language_power
        weights /= weights.sum()
        if self.random.random() < self._mix.one_language:
            return buckets[self.random.choice(len(buckets), p=weights)].draw(count, self.random)
        counts = self.random.multinomial(count, weights)
        return np.concatenate([b.draw(n, self.random) for b, n in zip(buckets, counts, strict=True)])

    def _pivot(self, pairs: NDArray[np.int64], left: NDArray[np.int32], right: NDArray[np.int32]) -> NDArray[np.int32]:
        """Replace some English texts by another translation of them."""
        place = self._group_start[pairs] + self.random.integers(0, self._group_size[pairs])
        other = self._second[self._siblings[place]]
        replaced = (self.random.random(len(pairs)) < self._mix.pivoted) & (other != right)
        return np.where(replaced, other, left)

    def _padded_bags(self, texts: NDArray[np.int32]) -> Bags:
        """Each text with one to `max_padding` others of the batch."""
        extra = self.random.integers(1, self._mix.max_padding + 1)
        columns = [texts] + [np.roll(texts, int(shift)) for shift in self.random.integers(1, len(texts), extra)]
        bags = self._bags(np.stack(columns, axis=1).reshape(-1))
        return Bags(bags.pieces, bags.weights, bags.starts[:: extra + 1])

    def _bags(self, texts: NDArray[np.int32]) -> Bags:
        begins, ends = self._offsets[texts], self._offsets[texts + 1]
        lengths = ends - begins
        starts = np.concatenate([[0], np.cumsum(lengths)])
        places = np.arange(starts[-1]) + np.repeat(begins - starts[:-1], lengths)
        weights = COUNT_WEIGHTS[self._store.counts[places]]
        return Bags(self._store.tokens[places].astype(np.int64), weights, starts)


COUNT_WEIGHTS = (1 + np.log(np.maximum(np.arange(256), 1))).astype(np.float32)  # as the encoder weighs repetition


def source_weight(name: str) -> float:
    """How much more or less often than others a pair of this source is drawn."""
    return next((weight for start, weight in SOURCE_WEIGHTS.items() if name.startswith(start)), 1.0)
