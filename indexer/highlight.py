import re
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

MAX_SENTENCES = 64  # of one passage; more only in tables and lists
LITERAL_WEIGHT = 0.4  # a sentence with all the words of a query beats one that is this much closer by cosine

_BORDER = re.compile(
    r"(?<=[.!?…])[\"'”’»)\]]*\s+|(?<=[。！？｡।؟۔])[”’»）」』\]]*\s*"  # end of a sentence
    r"|\n\s*\n|\n(?=\s*(?:[-*•–#>|]|\d+[.)])\s)"  # paragraph, list, table
)
_MIN_CHARACTERS = 12  # a shorter piece (an abbreviation, a number) belongs to what follows
_MAX_CHARACTERS = 400  # text without full stops is taken line by line


def sentences(text: str) -> list[tuple[int, int]]:
    """Sentences of a passage, or its lines where it has none, in characters, without the white space around them."""
    borders = [match.end() for match in _BORDER.finditer(text)]
    pieces: list[tuple[int, int]] = []
    start = 0
    for end in [*borders, len(text)]:
        if len(text[start:end].strip()) < _MIN_CHARACTERS and end < len(text):
            continue
        pieces += [(start, end)] if end - start <= _MAX_CHARACTERS else _lines(text, start, end)
        start = end
    return [_stripped(text, *piece) for piece in pieces if text[slice(*piece)].strip()][:MAX_SENTENCES]


def _lines(text: str, start: int, end: int) -> list[tuple[int, int]]:
    lines: list[tuple[int, int]] = []
    for line in text[start:end].splitlines(keepends=True):
        lines.append((start, start + len(line)))
        start += len(line)
    return lines


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), end - len(piece) + len(piece.rstrip())


def best_sentences(
    passages: Sequence[str],
    query: NDArray[np.float32] | None,
    embed: Callable[[Sequence[str]], NDArray[np.float32]],
    coverage: Callable[[str], float],
) -> list[tuple[int, int]]:
    """For each passage its sentence closest to a query [d] by meaning and words; (0, 0) for an empty passage."""
    spans, texts = _split(passages)
    scores = np.array([LITERAL_WEIGHT * coverage(text) for text in texts], dtype=np.float32)
    if query is not None and texts:
        scores += embed(texts) @ query
    return [
        listed[int(np.argmax(part))] if listed else (0, 0)
        for listed, part in zip(spans, _by_passage(scores, spans), strict=True)
    ]


def best_cosines(
    passages: Sequence[str], query: NDArray[np.float32], embed: Callable[[Sequence[str]], NDArray[np.float32]]
) -> list[float]:
    """For each passage the highest cosine of a sentence of it with a query [d]; -1 for an empty passage."""
    spans, texts = _split(passages)
    scores = embed(texts) @ query if texts else np.empty(0, np.float32)
    return [float(part.max(initial=-1.0)) for part in _by_passage(scores, spans)]


Spans = list[list[tuple[int, int]]]


def _split(passages: Sequence[str]) -> tuple[Spans, list[str]]:
    spans = [sentences(passage) for passage in passages]
    return spans, [passage[start:end] for passage, one in zip(passages, spans, strict=True) for start, end in one]


def _by_passage(scores: NDArray[np.float32], spans: Spans) -> list[NDArray[np.float32]]:
    return np.split(scores, np.cumsum([len(listed) for listed in spans])[:-1]) if spans else []
