import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import islice

from model.builtin.encoder import BuiltinEmbedder

Spans = Sequence[tuple[int, int]]  # in characters
Coverages = Callable[[str, Spans], list[float]]  # share of a query's words that stands in each span of a text

MAX_SENTENCES = 64  # of one passage; more only in tables and lists
REMEMBERED = 1000  # passages; some 2 MB
LITERAL_WEIGHT = 0.4  # a sentence with all the words of a query beats one that is this much closer by cosine

_BORDER = re.compile(
    r"[.!?…。！？｡।؟۔\n]"  # one set first: the rest is looked at only where one of these stands
    r"(?:(?<=[.!?…])[\"'”’»)\]]*\s+|(?<=[。！？｡।؟۔])[”’»）」』\]]*\s*"  # end of a sentence
    r"|(?<=\n)(?:\s*\n|(?=\s*(?:[-*•–#>|]|\d+[.)])\s)))"  # paragraph, list, table
)
_MIN_CHARACTERS = 12  # a shorter piece (an abbreviation, a number) belongs to what follows
_MAX_CHARACTERS = 400  # text without full stops is taken line by line


def sentences(text: str) -> Spans:
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


class SentenceReader:
    """Splits passages into sentences and compares these with a query by the built-in model.

    Where they were split is remembered: with each key typed the same passages come back. So are the cosines with the
    latest query: what is found is looked at once more when it is shown.
    """

    def __init__(self, embedder: BuiltinEmbedder) -> None:
        self._embedder = embedder
        self._split = lru_cache(REMEMBERED)(sentences)
        self._query = ""
        self._cosines: dict[str, list[float]] = {}  # of the sentences of passages with the query

    def best_cosines(self, passages: Sequence[str], query: str) -> list[float]:
        """For each passage the highest cosine of a sentence of it with a query; -1 for an empty passage."""
        return [max(cosines, default=-1.0) for cosines in self._compared(passages, query)]

    def best_sentences(self, passages: Sequence[str], query: str, coverages: Coverages) -> list[tuple[int, int]]:
        """For each passage its sentence closest to a query by meaning and words; (0, 0) for an empty passage."""
        best: list[tuple[int, int]] = []
        for text, cosines in zip(passages, self._compared(passages, query), strict=True):
            spans = self._split(text)
            pairs = zip(cosines, coverages(text, spans), strict=True)
            scores = [cosine + LITERAL_WEIGHT * share for cosine, share in pairs]
            best.append(spans[scores.index(max(scores))] if spans else (0, 0))
        return best

    def _compared(self, passages: Sequence[str], query: str) -> list[list[float]]:
        """Cosines of the sentences of each passage with a query."""
        if query != self._query:
            self._query, self._cosines = query, {}
        new = [passage for passage in dict.fromkeys(passages) if passage not in self._cosines]
        if new:
            split = [self._split(passage) for passage in new]
            texts = [text[start:end] for text, spans in zip(new, split, strict=True) for start, end in spans]
            cosines = iter(self._embedder.cosines(texts, self._embedder.embed_queries([query])[0]).tolist())
            self._cosines |= {text: list(islice(cosines, len(spans))) for text, spans in zip(new, split, strict=True)}
        return [self._cosines[passage] for passage in passages]
