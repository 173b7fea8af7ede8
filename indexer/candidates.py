import math

import numpy as np
from numpy.typing import NDArray

from indexer.catalogue.filters import ChunkFilter
from indexer.catalogue.reader import CatalogueReader
from indexer.catalogue.word_index import (
    FILTERED,
    Asked,
    any_names,
    best_chunks,
    best_names,
    covering_chunks,
    newest_chunks,
)
from indexer.lexical import Expression, Words
from indexer.results import Mode
from indexer.segments import Snapshot, VectorIndex
from model.embedder import shorten

LIMIT = 100  # of each kind
NAMES = 50
FEW = 15  # with some of the words, beside what is near in meaning: more found nothing else of 3,000 sought passages
FEW_AMONG = 1500  # so many they are chosen, at most
COVERING = 400  # words of a pasted text: SQLite takes 500 in one statement
SCANNED = 150  # at least; nearest by their codes, to be compared in full
MARGIN = 1.3  # times as many as it takes if those that are further away pass as often
FIRST = 2.2  # times as many are asked at first: enough where half of them pass
OVERFETCH = 14  # times the root of how many vectors there are: to ask so many takes as long as to find all that pass

Cosines = dict[int, float]


def by_words(
    reader: CatalogueReader, words: Words, narrow: ChunkFilter | None, mode: Mode
) -> tuple[list[int], list[int]]:
    """Chunks that hold every word, best first, then those that hold some; of frequent words the newest. And names of
    files and members, below zero, that hold every word, shortest and best first, but for a search by meaning.

    Beside what is near in meaning, those with some words are few.
    """
    beside_meaning = mode is Mode.BOTH and not words.phrases
    enough = FEW if beside_meaning else LIMIT
    every, some = _matching(words.together, narrow), None
    if len(words.terms) > 1:
        some = _covering(words, narrow) if beside_meaning else _matching(words.some(), narrow)
    named = None if mode is Mode.MEANING else any_names(words.every)
    if every is None:
        return [], []
    found, others, names = reader.words.found(every, enough, some, named)
    known = set(found)
    found += [chunk for chunk in others if chunk not in known][: max(0, enough - len(found))]
    if NAMES < len(names) < FILTERED:
        names = reader.words.numbers(best_names(words.every, NAMES))
    return found, names[:NAMES]


def _covering(words: Words, narrow: ChunkFilter | None) -> Asked | None:
    """Chunks with some of the words, those first that hold most of what the words tell."""
    terms = sorted(words.rarest(FEW_AMONG), key=lambda term: not term.count)[:COVERING]
    if len(terms) == 1:
        return newest_chunks(terms[0].expression, LIMIT, narrow)
    return covering_chunks({term.expression: term.weight for term in terms}, LIMIT, narrow) if terms else None


def _matching(expression: Expression, narrow: ChunkFilter | None) -> Asked | None:
    if not expression.text:
        return None
    return (best_chunks if expression.is_ranked else newest_chunks)(expression.text, LIMIT, narrow)


def by_meaning(
    reader: CatalogueReader, index: VectorIndex, query: NDArray[np.float32], narrow: ChunkFilter | None
) -> Cosines:
    """Chunks near a unit query [dimension of the index], with their cosines, nearest first.

    Without a filter, deleted ones may be among them; `LIVING` lets only the others through.
    """
    snapshot = index.snapshot()
    prefix = query if index.prefix == len(query) else shorten(query[np.newaxis], index.prefix)[0]
    scanned = scanned_of(snapshot.count)
    if narrow is None:
        chunks = snapshot.nearest(prefix, scanned)[0]
    else:
        chunks = _filtered(reader, snapshot, prefix, narrow, scanned)
    return rescored(reader, index, query, chunks, LIMIT)


def scanned_of(count: int) -> int:
    """How many of so many vectors are compared in full, so that .99 of the ten nearest are among them.

    Measured: 130 of 100,000 and 250 of a million; with twice as many, answers have their other hits as well.
    """
    return max(SCANNED, int(250 * math.log10(max(count, 1)) - 1000))


def rescored(
    reader: CatalogueReader,
    index: VectorIndex,
    query: NDArray[np.float32],
    chunks: NDArray[np.int64],
    limit: int | None = None,
) -> Cosines:
    """Cosines with a unit query [dimension of the index] of the chunks that have a vector, or of the nearest of them,
    nearest first.
    """
    if not len(chunks):
        return {}
    asked = np.sort(chunks)
    found, cosines = index.snapshot().cosines(query, asked)
    if len(found) < len(asked):
        stored, vectors = reader.vectors(index.space, np.setdiff1d(asked, found, assume_unique=True).tolist())
        found = np.concatenate([found, np.array(stored, np.int64)])
        cosines = np.concatenate([cosines, shorten(vectors, index.dimension) @ query])
    nearest = np.argsort(-cosines, kind="stable")[:limit]
    return dict(zip(found[nearest].tolist(), cosines[nearest].tolist(), strict=True))


def _filtered(
    reader: CatalogueReader, snapshot: Snapshot, query: NDArray[np.float32], narrow: ChunkFilter, scanned: int
) -> NDArray[np.int64]:
    """Of the nearest those that pass; where few do, all that pass are looked at instead."""
    known = reader.remembered_chunks(narrow)
    times = FIRST if known is None else MARGIN * snapshot.count / max(1, len(known))
    limit, asked, passing = int(times * scanned), set[int](), set[int]()
    while limit <= OVERFETCH * math.sqrt(snapshot.count):
        chunks = snapshot.nearest(query, limit)[0].tolist()
        passing.update(reader.passing([chunk for chunk in chunks if chunk not in asked], narrow))
        asked.update(chunks)
        if len(passing) >= scanned or len(chunks) < limit:
            return np.array([chunk for chunk in chunks if chunk in passing], np.int64)[:scanned]
        limit = int(MARGIN * limit * scanned / max(1, len(passing)))
    return snapshot.nearest_of(query, reader.allowed_chunks(narrow), scanned)[0]
