import re
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

import numpy as np
from numpy.typing import NDArray

from model.builtin.encoder import BuiltinEmbedder
from model.embedder import shorten

Spans = Sequence[tuple[int, int]]  # in characters
Coverages = Callable[[str, Spans], list[float]]  # share of a query's words that stands in each span of a text

MAX_SENTENCES = 64  # of one passage; more only in tables and lists
REMEMBERED = 1000  # passages; some 3 MB
LITERAL_WEIGHT = 0.4  # a sentence with all the words of a query beats one that is this much closer by cosine

_BORDER = re.compile(
    r"[.!?…。！？｡।؟۔\n]"  # one set first: the rest is looked at only where one of these stands
    r"(?:(?<=[.!?…])[\"'”’»)\]]*\s+|(?<=[。！？｡।؟۔])[”’»）」』\]]*\s*"  # end of a sentence
    r"|(?<=\n)(?:\s*\n|(?=\s*(?:[-*•–#>|]|\d+[.)])\s)))"  # paragraph, list, table
)
_MIN_CHARACTERS = 12  # a shorter piece (an abbreviation, a number) belongs to what follows
_MAX_CHARACTERS = 400  # text without full stops is taken line by line


def sentences(text: str) -> list[tuple[int, int]]:
    """Sentences of a passage, or its lines where it has none, in characters, without the white space around them."""
    pieces: list[tuple[int, int]] = []
    start = 0
    for end in [*map(re.Match.end, _BORDER.finditer(text)), len(text)]:
        piece = text[start:end].lstrip()
        first, piece = end - len(piece), piece.rstrip()
        if len(piece) < _MIN_CHARACTERS and end < len(text):
            continue
        if piece:
            whole = (first, first + len(piece))
            pieces += [whole] if end - start <= _MAX_CHARACTERS else _lines(text, start, end)
        start = end
    return pieces[:MAX_SENTENCES]


def _lines(text: str, start: int, end: int) -> list[tuple[int, int]]:
    lines: list[tuple[int, int]] = []
    for line in text[start:end].splitlines(keepends=True):
        if line.strip():
            lines.append((start + len(line) - len(line.lstrip()), start + len(line.rstrip())))
        start += len(line)
    return lines


@dataclass(frozen=True, slots=True)
class Sentences:
    """Sentences of one passage, in characters, and the pieces of the model that each has."""

    spans: list[tuple[int, int]]
    pieces: NDArray[np.int32]  # one sentence after the other
    sizes: NDArray[np.int64]  # how many each has


class SentenceReader:
    """Splits passages into sentences and compares these with a query by the built-in model.

    What was split is remembered: with each key typed the same passages come back.
    """

    def __init__(self, embedder: BuiltinEmbedder) -> None:
        self._embedder = embedder
        self._known: OrderedDict[str, Sentences] = OrderedDict()
        self._query: tuple[str, NDArray[np.float32]] = "", np.zeros(embedder.spec.dimensions, np.float32)

    def best_cosines(self, passages: Sequence[str], query: str) -> list[float]:
        """For each passage the highest cosine of a sentence of it with a query; -1 for an empty passage."""
        read = self._read(passages)
        return [cosine for _, cosine in self._best(read, query, np.zeros(sum(len(one.spans) for one in read)))]

    def best_sentences(self, passages: Sequence[str], query: str, coverages: Coverages) -> list[tuple[int, int]]:
        """For each passage its sentence closest to a query by meaning and words; (0, 0) for an empty passage."""
        read = self._read(passages)
        covered = [share for text, one in zip(passages, read, strict=True) for share in coverages(text, one.spans)]
        literal = LITERAL_WEIGHT * np.array(covered, np.float64)
        best = self._best(read, query, literal)
        return [one.spans[place] if one.spans else (0, 0) for one, (place, _) in zip(read, best, strict=True)]

    def _best(self, read: Sequence[Sentences], query: str, extra: NDArray[np.float64]) -> list[tuple[int, float]]:
        """Place of the best sentence of each passage, and its cosine plus what `extra` [sentences] adds to it."""
        scores = extra
        if query and len(extra):
            pieces, sizes = (np.concatenate([getattr(one, name) for one in read]) for name in ("pieces", "sizes"))
            scores = extra + shorten(self._embedder.sums(pieces, sizes), None) @ self._vector(query)
        ends = accumulate((len(one.spans) for one in read), initial=0)
        own = [scores[start:end] for start, end in pairwise(ends)]
        return [(int(one.argmax()), float(one.max())) if len(one) else (0, -1.0) for one in own]

    def _vector(self, query: str) -> NDArray[np.float32]:
        if self._query[0] != query:
            self._query = query, self._embedder.embed_queries([query])[0]
        return self._query[1]

    def _read(self, passages: Sequence[str]) -> list[Sentences]:
        new = [passage for passage in dict.fromkeys(passages) if passage not in self._known]
        if new:
            spans = [sentences(passage) for passage in new]
            texts = [text[start:end] for text, own in zip(new, spans, strict=True) for start, end in own]
            pieces, sizes = self._embedder.encode(texts)
            for passage, own in zip(new, spans, strict=True):
                own_sizes = sizes[: len(own)].copy()  # a view would keep those of all passages in memory
                count = int(own_sizes.sum())
                self._known[passage] = Sentences(own, pieces[:count].copy(), own_sizes)
                pieces, sizes = pieces[count:], sizes[len(own) :]
        found = [self._known[passage] for passage in passages]
        for passage in passages:
            self._known.move_to_end(passage)
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return found
