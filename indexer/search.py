import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from indexer.candidates import by_meaning, by_words, rescored
from indexer.catalogue.filters import ChunkFilter, chunk_filter
from indexer.catalogue.reader import CatalogueReader, Passage
from indexer.highlight import best_cosines
from indexer.instructions import Instructions, subject_of
from indexer.lexical import Words, words_of
from indexer.presentation import NO_RANKS, Found, Presenter, grouped
from indexer.query import Filters, Query, parse
from indexer.rerank import Judged, SecondStage
from indexer.results import EmbeddedQuery, Mode, SearchRequest, SearchResponse, Subject
from indexer.scoring import Scale, Strength, with_sentence, words_strength
from indexer.segments import VectorIndex
from indexer.words import literal_pattern
from model.embedder import Embedder
from model.errors import ModelError

log = logging.getLogger(__name__)

T = TypeVar("T")

NOTHING_INDEXED = "Nothing is indexed yet. Add a folder first."
NOTHING_CLOSE = "Nothing is close enough to this query."
NO_FILTER = Filters()
SHARPENED = 40  # passages whose sentences are looked at: some 15 ms
NAMES = 50
SAMPLED_CHUNKS = 16  # of a file whose like is looked for


@dataclass(frozen=True, slots=True)
class ActiveSpace:
    """What answers by meaning: an index, and the model that its vectors are from."""

    index: VectorIndex
    embedder: Embedder


class Searcher:
    """Answers queries on a reading connection of its own; calls from several threads take turns."""

    def __init__(
        self, catalogue: Path, space: Callable[[], ActiveSpace], highlighter: Embedder, second_stage: SecondStage
    ) -> None:
        self._reader = CatalogueReader(catalogue)
        self._presenter = Presenter(self._reader, highlighter)
        self._highlighter = highlighter
        self._space = space
        self._second_stage = second_stage
        self.instructions = Instructions()  # replaced as a whole, by any thread
        self._lock = threading.Lock()
        self._frequencies: dict[str, int] = {}
        self._counted_at = 0  # number of the newest chunk then

    def close(self) -> None:
        """Waits for the search in hand."""
        self._second_stage.close()
        with self._lock:
            self._reader.close()

    def search(self, request: SearchRequest, is_cancelled: Callable[[], bool]) -> SearchResponse:
        """Raises QueryError for a query that can't be understood, CancelledError while a reranker is at work."""
        started = time.perf_counter()
        query = parse(request.query)
        subject = subject_of(query.only)
        task = self.instructions.task(subject)
        embedded, notice = None, ""
        with self._lock:
            words = words_of(query, self._frequency, self._reader.last_chunk())
            if query.text:
                found, notice = self._found_somehow(query, words, request.mode, task)
                if request.mode is not Mode.WORDS and not notice:
                    embedded = self._embedded(query.text, subject, task)
            else:
                places = self._reader.recent(query.only, query.never, request.limit)
                found = [Found(Strength(0, 0), place=place) for place in places]
        judged, before = Judged(found, 0), NO_RANKS
        if request.rerank and query.text and found:  # here, where it holds no other search up
            judged = self._second_stage.judge(found, query.text, task, is_cancelled)
            notice = notice or judged.notice
            if judged.passages:
                before = {one.key: rank for rank, one in enumerate(grouped(found), start=1)}
        with self._lock:
            only, never = query.only, query.never
            hits = self._presenter.hits(judged.found, request.limit, only, never, query.text, words, before)
            if not hits and not notice and request.query.strip():
                notice = self._nothing()
        return SearchResponse(hits, time.perf_counter() - started, notice, embedded, judged.passages)

    def _embedded(self, text: str, subject: Subject, task: str) -> EmbeddedQuery:
        space = self._space()
        spec, dimension = space.embedder.spec, space.index.space.dimension
        shown = task if spec.takes_task else ""
        return EmbeddedQuery(spec.name, dimension, subject, shown, space.embedder.query_text(text, task))

    def _nothing(self) -> str:
        return NOTHING_CLOSE if self._reader.last_chunk() else NOTHING_INDEXED

    def similar(self, vectors: NDArray[np.float32], text: str, without: int | None, limit: int) -> SearchResponse:
        """Contents about the same thing as the chunks with these vectors [n, dimension], but for one content."""
        started = time.perf_counter()
        with self._lock:
            found = self._alike(vectors, without)
            hits = self._presenter.hits(found, limit, NO_FILTER, NO_FILTER, text[:2000], Words((), ()))
        return SearchResponse(hits, time.perf_counter() - started, "" if hits else "No other file is about this.")

    def vectors_of(self, path: Path) -> tuple[int, NDArray[np.float32], str] | None:
        """Content, vectors and beginning of the text of an indexed file; None when it has no vectors."""
        space = self._space()
        with self._lock:
            content = self._reader.content_at(path)
            if content is None:
                return None
            chunks = self._reader.chunks_of(content)
            _, vectors = self._reader.vectors(space.index.space, sample(chunks))
            text = self._reader.text_of(content)[:2000]
        return (content, vectors, text) if len(vectors) else None

    def _frequency(self, term: str) -> int:
        """Counting a frequent term costs milliseconds, and the count need not be exact."""
        last = self._reader.last_chunk()
        if last > 1.1 * self._counted_at:
            self._frequencies, self._counted_at = {}, last
        if term not in self._frequencies:
            self._frequencies[term] = self._reader.frequency(term)
        return self._frequencies[term]

    def _found_somehow(self, query: Query, words: Words, mode: Mode, task: str) -> tuple[list[Found], str]:
        """What is found, and why it was looked for by words alone where the model fails."""
        try:
            return self._found(query, words, mode, task), ""
        except ModelError as error:
            log.warning("a search by words alone: %s", error)
            return self._found(query, words, Mode.WORDS, task), f"Found by words alone: {error}"

    def _found(self, query: Query, words: Words, mode: Mode, task: str) -> list[Found]:
        """Candidates of both kinds with all their strengths, without what is not close enough."""
        narrow = chunk_filter(query.only, query.never)
        literal = by_words(self._reader, words, narrow) if mode is not Mode.MEANING else []
        cosines = self._cosines(query.text, task, literal, narrow) if mode is not Mode.WORDS else {}
        candidates = literal if words.phrases else list(dict.fromkeys([*literal, *cosines]))
        passages = self._reader.passages(candidates, narrow)
        cosines = self._sharpened(query.text, passages, cosines)
        scale = Scale.of(self._space().embedder.spec).among(self._reader.last_chunk())
        shares = {chunk: _share(words, passages[chunk]) for chunk in literal if chunk in passages}
        full_matches = len({passages[chunk].content for chunk, share in shares.items() if share >= 1})
        found = self._named(query, words) if mode is not Mode.MEANING else []
        for chunk in candidates:  # in their order: of two that are equally strong the first stays first
            if chunk in passages and not _holds_any(passages[chunk], query.without):
                share = shares.get(chunk, 0.0)
                meaning = scale.meaning(cosines[chunk]) if chunk in cosines else 0.0
                literally = words_strength(share, full_matches)
                found.append(Found(Strength(meaning, literally, coverage=share), passages[chunk]))
        return [one for one in found if one.strength.close_enough]

    def _cosines(self, text: str, task: str, literal: Sequence[int], narrow: ChunkFilter | None) -> dict[int, float]:
        space = self._space()
        vector = space.embedder.embed_queries([text], task, space.index.space.dimension)[0]
        cosines = by_meaning(self._reader, space.index, vector, narrow)
        return cosines | rescored(self._reader, space.index, vector, [one for one in literal if one not in cosines])

    def _sharpened(self, text: str, passages: Mapping[int, Passage], cosines: Mapping[int, float]) -> dict[int, float]:
        """Cosines with those of the closest passages sharpened by their best sentence.

        Only for the built-in model: another one would take too long, and reads a passage better as a whole.
        """
        embedder = self._space().embedder
        closest = sorted((chunk for chunk in cosines if chunk in passages), key=lambda chunk: -cosines[chunk])[
            :SHARPENED
        ]
        if embedder is not self._highlighter or not closest:
            return dict(cosines)
        texts = [passages[chunk].text for chunk in closest]
        best = best_cosines(texts, embedder.embed_queries([text])[0], self._presenter.sentences)
        return dict(cosines) | {
            chunk: with_sentence(cosines[chunk], sentence) for chunk, sentence in zip(closest, best, strict=True)
        }

    def _named(self, query: Query, words: Words) -> list[Found]:
        """Files in whose name every word of the query stands; the more of the name that is, the better."""
        numbers = self._reader.files_with_name(words.every, NAMES) if words else []
        typed = sum(len(term.literal) for term in words.terms)
        return [
            Found(Strength(0, 0, name=0.8 + 0.15 * min(1.0, typed / len(place.path.stem or " "))), place=place)
            for place in self._reader.places(query.only, query.never, files=numbers)
        ]

    def _alike(self, vectors: NDArray[np.float32], without: int | None) -> list[Found]:
        """Contents by the closest of their chunks to each of the given ones, taken on average and at best."""
        space = self._space()
        best: dict[int, tuple[float, Passage]] = {}
        sums: dict[int, float] = {}
        for vector in vectors:
            for content, (cosine, passage) in self._closest(space, vector).items():
                sums[content] = sums.get(content, 0.0) + cosine / len(vectors)
                best[content] = max(best.get(content, (-1.0, passage)), (cosine, passage), key=lambda one: one[0])
        scale = Scale.of(space.embedder.spec)
        found = [
            Found(Strength(scale.likeness((sums[content] + cosine) / 2), 0), passage)
            for content, (cosine, passage) in best.items()
            if content != without
        ]
        return [one for one in found if one.strength.close_enough]

    def _closest(self, space: ActiveSpace, vector: NDArray[np.float32]) -> dict[int, tuple[float, Passage]]:
        """The chunk of each content that is closest to a vector, with its cosine."""
        cosines = by_meaning(self._reader, space.index, vector, None)
        closest: dict[int, tuple[float, Passage]] = {}
        for passage in self._reader.passages(list(cosines)).values():
            cosine = cosines[passage.chunk]
            if passage.content not in closest or cosine > closest[passage.content][0]:
                closest[passage.content] = (cosine, passage)
        return closest


def _share(words: Words, passage: Passage) -> float:
    """Of the query's words that stand in a passage or in what it stands under."""
    return words.coverage(f"{passage.context}\n{passage.text}")


def _holds_any(passage: Passage, literals: Sequence[str]) -> bool:
    return any(literal_pattern(one).search(passage.text) for one in literals)


def sample(chunks: Sequence[T]) -> list[T]:
    """Chunks spread evenly over a document that has many."""
    step = max(1.0, len(chunks) / SAMPLED_CHUNKS)
    return [chunks[int(place * step)] for place in range(min(len(chunks), SAMPLED_CHUNKS))]
