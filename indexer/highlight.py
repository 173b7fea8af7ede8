import re
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MAX_SENTENCES = 64  # of one passage; more only in tables and lists
REMEMBERED = 1000  # passages; some 10 MB
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
    for end in [*(match.end() for match in _BORDER.finditer(text)), len(text)]:
        piece = text[start:end].strip()
        if len(piece) < _MIN_CHARACTERS and end < len(text):
            continue
        if piece:
            first = text.index(piece[0], start)
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
    """Sentences of one passage, in characters, and their embeddings, float32 [n, d]."""

    spans: list[tuple[int, int]]
    vectors: NDArray[np.float32]


class SentenceReader:
    """Splits passages, embeds their sentences and remembers them: with each key typed the same ones come back."""

    def __init__(self, embed: Callable[[Sequence[str]], NDArray[np.float32]]) -> None:
        self._embed = embed
        self._known: OrderedDict[str, Sentences] = OrderedDict()

    def read(self, passages: Sequence[str]) -> list[Sentences]:
        """Sentences of each passage; all that are new are embedded in one call."""
        new = [passage for passage in dict.fromkeys(passages) if passage not in self._known]
        spans = [sentences(passage) for passage in new]
        texts = [passage[start:end] for passage, listed in zip(new, spans, strict=True) for start, end in listed]
        if new:
            parts = np.split(self._embed(texts), np.cumsum([len(listed) for listed in spans])[:-1])
            self._known.update(zip(new, map(Sentences, spans, parts), strict=True))
        found = [self._known[passage] for passage in passages]
        for passage in passages:
            self._known.move_to_end(passage)
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return found


def best_sentences(
    passages: Sequence[str],
    query: NDArray[np.float32] | None,
    reader: SentenceReader,
    coverage: Callable[[str], float],
) -> list[tuple[int, int]]:
    """For each passage its sentence closest to a query [d] by meaning and words; (0, 0) for an empty passage."""
    best: list[tuple[int, int]] = []
    for passage, read in zip(passages, reader.read(passages), strict=True):
        literal = [LITERAL_WEIGHT * coverage(passage[start:end]) for start, end in read.spans]
        scores = np.array(literal, np.float32) + (read.vectors @ query if query is not None else 0)
        best.append(read.spans[int(np.argmax(scores))] if read.spans else (0, 0))
    return best


def best_cosines(passages: Sequence[str], query: NDArray[np.float32], reader: SentenceReader) -> list[float]:
    """For each passage the highest cosine of a sentence of it with a query [d]; -1 for an empty passage."""
    return [float((read.vectors @ query).max(initial=-1.0)) for read in reader.read(passages)]
