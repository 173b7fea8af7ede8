import logging
import math
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from operator import itemgetter
from pathlib import Path, PurePath
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from indexer.candidates import Cosines, by_meaning, rescored
from indexer.catalogue.filters import LIVING, ChunkFilter, chunk_filter
from indexer.catalogue.reader import CatalogueReader, Passage
from indexer.document import INSIDE
from indexer.instructions import Instructions, subject_of
from indexer.lexical import Words
from indexer.presentation import NO_RANKS, Found, Presenter, grouped
from indexer.query import Filters, Query, parse
from indexer.rerank import Judged, SecondStage
from indexer.results import EmbeddedQuery, Mode, SearchRequest, SearchResponse, Subject
from indexer.scoring import CLEAR, Scale, Strength, with_sentence, words_strength
from indexer.segments import VectorIndex
from indexer.word_search import FoundByWords, WordSearch
from indexer.words import Caseless, Literal
from model.builtin.encoder import BuiltinEmbedder
from model.embedder import Embedder, shorten
from model.errors import ModelError
from model.precedence import Precedence

log = logging.getLogger(__name__)

T = TypeVar("T")
Source = tuple[int, int]  # a content and a member of it; 0: the content with all its members

NOTHING_INDEXED = "Nothing is indexed yet. Add a folder first."
NOTHING_CLOSE = "Nothing is close enough to this query."
NO_FILTER = Filters()
CACHE_KIB = 65536  # a query reads some 300 rows that lie anywhere; with this, of 100,000 chunks most are there
SHARPENED = 40  # passages at least whose sentences are looked at: some 3 ms
SAME_TEXT = 0.95  # cosine of two passages that differ in names and numbers at most
SAMPLED_CHUNKS = 16  # of a file whose like is looked for


@dataclass(frozen=True, slots=True)
class ActiveSpace:
    """What answers by meaning: an index, and the model that its vectors are from."""

    index: VectorIndex
    embedder: Embedder


@dataclass(frozen=True, slots=True)
class Compared:
    """What the like of is looked for."""

    vectors: NDArray[np.float32]  # of its passages, or of some of them, [n, dimension]
    text: str  # its beginning
    source: Source | None = None  # which is not to be found; None: it is not indexed
    whole: NDArray[np.float32] | None = None  # vector of all of it, [dimension]; None: compare by passages


class Searcher:
    """Answers queries on a reading connection of its own; calls from several threads take turns."""

    def __init__(
        self,
        catalogue: Path,
        space: Callable[[], ActiveSpace],
        highlighter: BuiltinEmbedder,
        second_stage: SecondStage,
        precedence: Precedence,
    ) -> None:
        self._reader = CatalogueReader(catalogue, cache_kib=CACHE_KIB)
        self._word_search = WordSearch(catalogue)
        self._presenter = Presenter(self._reader, highlighter)
        self._highlighter = highlighter
        self._space = space
        self._second_stage = second_stage
        self._precedence = precedence
        self.on_failure: Callable[[ModelError], None] = lambda error: None  # told when the model that answers fails
        self.instructions = Instructions()  # replaced as a whole, by any thread
        self._lock = threading.Lock()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Wait for the search in hand, and have what is embedded wait for this one."""
        with self._precedence.urgent(), self._lock:
            yield

    def close(self) -> None:
        """Waits for the search in hand."""
        self._second_stage.close()
        with self._lock:
            self._word_search.close()
            self._reader.close()

    def search(self, request: SearchRequest, is_cancelled: Callable[[], bool]) -> SearchResponse:
        """Raises QueryError for a query that can't be understood, CancelledError while a reranker is at work."""
        started = time.perf_counter()
        query = parse(request.query)
        subject = subject_of(query.only)
        task = self.instructions.task(subject)
        embedded, notice = None, ""
        with self._turn():
            begun = self._word_search.begin(query, request.mode, chunk_filter(query.only, query.never))
            if query.text:
                found, notice = self._found_somehow(query, begun, request.mode, task)
                if request.mode is not Mode.WORDS and not notice:
                    embedded = self._embedded(query.text, subject, task)
            else:
                places = self._reader.recent(query.only, query.never, request.limit)
                found = [Found(Strength(0, 0), place=place) for place in places]
            words = begun.result().words
        judged, before = Judged(found, 0), NO_RANKS
        if request.rerank and query.text and found:  # here, where it holds no other search up
            judged = self._second_stage.judge(found, query.text, task, is_cancelled)
            notice = notice or judged.notice
            if judged.passages:
                before = {one.key: rank for rank, one in enumerate(grouped(found), start=1)}
        with self._turn():
            only, never = query.only, query.never
            hits = self._presenter.hits(judged.found, request.limit, only, never, query.text, words, before)
            if not hits and not notice and request.query.strip():
                notice = self._nothing()
        return SearchResponse(hits, time.perf_counter() - started, notice, embedded, judged.passages)

    def _embedded(self, text: str, subject: Subject, task: str) -> EmbeddedQuery:
        space = self._space()
        spec, dimension = space.embedder.spec, space.index.dimension
        shown = task if spec.takes_task else ""
        return EmbeddedQuery(spec.name, dimension, subject, shown, space.embedder.query_text(text, task))

    def _nothing(self) -> str:
        return NOTHING_CLOSE if self._reader.last_chunk() else NOTHING_INDEXED

    def similar(self, like: Compared, limit: int) -> SearchResponse:
        """Documents about the same thing as another one."""
        started = time.perf_counter()
        with self._turn():
            found = self._alike(like)
            hits = self._presenter.hits(found, limit, NO_FILTER, NO_FILTER, like.text[:2000], Words((), ()))
        return SearchResponse(hits, time.perf_counter() - started, "" if hits else "No other file is about this.")

    def vectors_of(self, path: Path, member: str = "") -> Compared | None:
        """What is known of an indexed file or member; None when it has no vectors."""
        space = self._space()
        with self._turn():
            content = self._reader.content_at(path)
            number = self._reader.member_at(content, member) if content is not None and member else None
            if content is None or (member and number is None):
                return None
            chunks = self._reader.chunks_of(content, number)
            _, vectors = self._reader.vectors(space.index.space, sample(chunks))
            text = self._reader.text_of(content, number)[:2000]
            whole = None if number else self._reader.wholes(space.index.space, [content]).get(content)
        return Compared(vectors, text, (content, number or 0), whole) if len(vectors) else None

    def _found_somehow(
        self, query: Query, begun: Future[FoundByWords], mode: Mode, task: str
    ) -> tuple[list[Found], str]:
        """What is found, and why it was looked for by words alone where the model fails."""
        try:
            return self._found(query, begun, mode, task), ""
        except ModelError as error:
            log.warning("a search by words alone: %s", error)
            self.on_failure(error)
            again = self._word_search.begin(query, Mode.WORDS, chunk_filter(query.only, query.never))
            return self._found(query, again, Mode.WORDS, task), f"Found by words alone: {error}"

    def _found(self, query: Query, begun: Future[FoundByWords], mode: Mode, task: str) -> list[Found]:
        """Candidates of both kinds with all their strengths, without what is not close enough."""
        narrow = chunk_filter(query.only, query.never)
        space = self._space()
        count = space.index.snapshot().count
        scale, looked_at = Scale.of(space.embedder.spec).among(count), sharpened_of(count)
        vector = None
        if mode is not Mode.WORDS:
            vector = space.embedder.embed_queries([query.text], task, space.index.dimension)[0]
        if vector is None or (query.phrases and begun.result().words.phrases):  # what has not the words is out
            passages = self._reader.passages(begun.result().chunks, narrow)
            cosines = self._cosines(space, vector, list(passages))
        else:
            cosines, passages = self._near(space, vector, narrow, partial(_worth_reading, scale=scale, first=looked_at))
        candidates = list(cosines)
        closest = candidates[:looked_at]
        nearest = [passages[chunk] for chunk in closest]
        sharpened, named = self._looked_at_closely(query.text, nearest, cosines, space, mode)
        by_words = begun.result()  # by now words have been looked for
        words, literal = by_words.words, by_words.chunks
        farther = [chunk for chunk in literal if chunk not in passages]
        passages |= self._reader.passages(farther, narrow)
        cosines |= self._cosines(space, vector, farther) | sharpened
        shares = {chunk: _share(words, passages[chunk]) for chunk in literal if chunk in passages}
        full_matches = len({passages[chunk].content for chunk, share in shares.items() if share >= 1})
        has_identifier = words.has_identifier
        without = [Literal(one) for one in query.without]
        found = self._named(query, by_words)
        for chunk in dict.fromkeys([*literal, *candidates]):  # of two that are equally strong the first stays first
            passage = passages.get(chunk)
            if passage and not (without and _holds_any(passage, without)):
                share = shares.get(chunk, 0.0)
                meaning = scale.meaning(cosines[chunk]) if chunk in cosines else 0.0
                literally = 0.0 if mode is Mode.MEANING else words_strength(share, full_matches, has_identifier)
                # no name makes a clear answer of a vague neighbour of the only text that has the words
                counts = full_matches != 1 or share >= 1 or meaning >= CLEAR
                name = named.get(_source(passage), 0.0) if counts else 0.0
                found.append(Found(Strength(meaning, literally, named=name, coverage=share), passage))
        close = [one for one in found if one.strength.close_enough]
        if close or mode is Mode.MEANING:
            return close
        read = {*literal, *closest}
        return self._on_the_subject([one for one in found if one.passage and one.passage.chunk in read], words)

    def _near(
        self,
        space: ActiveSpace,
        query: NDArray[np.float32],
        narrow: ChunkFilter | None,
        worth_reading: Callable[[Cosines], list[int]] = list,
    ) -> tuple[Cosines, dict[int, Passage]]:
        """Of chunks near a query those worth reading, nearest first, and their passages."""
        count = space.index.snapshot().count
        enough = min(sharpened_of(count), count)
        for those in (narrow, LIVING):
            cosines, passages = by_meaning(self._reader, space.index, query, those), dict[int, Passage]()
            while unread := [chunk for chunk in worth_reading(cosines) if chunk not in passages]:
                passages |= self._reader.passages(unread, narrow)
                if deleted := set(unread) - passages.keys():
                    cosines = {chunk: cosine for chunk, cosine in cosines.items() if chunk not in deleted}
            if narrow or len(cosines) >= enough:
                break  # to let only living ones through at once would take longer, and few are deleted
        return {chunk: cosines[chunk] for chunk in worth_reading(cosines)}, passages

    def _cosines(self, space: ActiveSpace, query: NDArray[np.float32] | None, chunks: Sequence[int]) -> Cosines:
        asked = np.array(chunks, np.int64)
        return Cosines() if query is None else rescored(self._reader, space.index, query, asked)

    def _on_the_subject(self, found: Sequence[Found], words: Words) -> list[Found]:
        """What holds the word of a query that tells most: "who looks after the boiler" has four that tell little."""
        subject = max(words.terms, key=lambda term: self._highlighter.surprisal(term.literal), default=None)
        return [
            one._replace(strength=one.strength._replace(holds_subject=True))
            for one in found
            if subject and one.passage and subject.pattern.stands_in(Caseless(_read(one.passage)))
        ]

    def _looked_at_closely(
        self, about: str, closest: Sequence[Passage], cosines: Mapping[int, float], space: ActiveSpace, mode: Mode
    ) -> tuple[dict[int, float], dict[Source, float]]:
        """Cosines of the closest passages, sharpened by that of their best sentence, and what their names mean.

        Passages only for the built-in model: another one would take too long, and reads a passage better as a whole.
        Names, in whatever language they are, by how close they come to the query, from 0 to 1.
        """
        read = closest if space.embedder is self._highlighter else []
        listed = self._stems(closest) if closest and mode is Mode.BOTH else []
        texts = [*(passage.text for passage in read), *(stem for _, stem in listed)]
        best = self._presenter.sentences.best_cosines(texts, about)
        sharpened = {
            passage.chunk: with_sentence(cosines[passage.chunk], sentence)
            for passage, sentence in zip(read, best, strict=False)
        }
        scale, named = Scale.of(self._highlighter.spec), dict[Source, float]()
        for (source, _), cosine in zip(listed, best[len(read) :], strict=True):
            named[source] = max(named.get(source, 0.0), scale.meaning(cosine))
        return sharpened, named

    def _stems(self, closest: Sequence[Passage]) -> list[tuple[Source, str]]:
        """The names of what holds these passages, without their endings."""
        names = self._reader.names(list({passage.content for passage in closest}))
        stems = {
            source: [_stem(passage.member_path)] if passage.member else [_stem(name) for name in names[source[0]]]
            for passage in closest
            if (source := _source(passage))
        }
        return [(source, stem) for source, own in stems.items() for stem in own if stem]

    def _named(self, query: Query, by_words: FoundByWords) -> list[Found]:
        """Files and members in whose name every word of the query stands; the more of the name that is, the better."""
        if not by_words.names:
            return []
        typed = sum(len(term.literal) for term in by_words.words.terms)
        only, never = query.only, query.never
        places = self._reader.places(only, never, files=[number for number in by_words.names if number > 0])
        inner = self._reader.members(only, never, [-number for number in by_words.names if number < 0])
        return [Found(_name_strength(typed, place.path), place=place) for place in places] + [
            Found(_name_strength(typed, PurePath(inside.path.rpartition(INSIDE)[2])), inside=inside) for inside in inner
        ]

    def _alike(self, like: Compared) -> list[Found]:
        """Contents and members by the closest of their chunks to each of the given, taken on average and at best.

        A passage that recurs from file to file, such as a licence, a template or a quoted mail, counts little.
        Where both have a vector of the whole of them, these decide, and the closest chunk is only shown.
        """
        space = self._space()
        vectors = like.vectors if like.whole is None else np.vstack([like.vectors, like.whole])
        nearest = [self._closest(space, vector) for vector in shorten(vectors, space.index.dimension)]
        best: dict[Source, tuple[float, Passage]] = {}
        sums: dict[Source, float] = {}
        weights = _weights(nearest)
        for weight, closest in zip(weights, nearest, strict=True):
            for source, (cosine, passage) in closest.items():
                sums[source] = sums.get(source, 0.0) + weight * cosine
                best[source] = max(best.get(source, (-1.0, passage)), (weight * cosine, passage), key=itemgetter(0))
        cosines = {source: (sums[source] / sum(weights) + cosine) / 2 for source, (cosine, _) in best.items()}
        if like.whole is not None:
            wholes = self._reader.wholes(space.index.space, [content for content, member in best if not member])
            near = shorten(like.whole[np.newaxis], space.index.dimension)[0]
            for content, whole in wholes.items():
                cosines[content, 0] = float(shorten(whole[np.newaxis], space.index.dimension)[0] @ near)
        scale = Scale.of(space.embedder.spec)
        found = [
            Found(Strength(scale.likeness(cosines[source]), 0), passage)
            for source, (_, passage) in best.items()
            if like.source not in {source, (source[0], 0)}
        ]
        return [one for one in found if one.strength.close_enough]

    def _closest(self, space: ActiveSpace, vector: NDArray[np.float32]) -> dict[Source, tuple[float, Passage]]:
        """The chunk of each content or member that is closest to a vector, with its cosine."""
        cosines, passages = self._near(space, vector, None)
        closest: dict[Source, tuple[float, Passage]] = {}
        for passage in passages.values():
            cosine = cosines[passage.chunk]
            source = _source(passage)
            if source not in closest or cosine > closest[source][0]:
                closest[source] = (cosine, passage)
        return closest


def sharpened_of(count: int) -> int:
    """Of so many chunks, how many have their sentences looked at: the more there are, the more are about as near.

    Among 266,000 chunks, recall@10 is .505 with 20 of them, .551 with 40, .575 with 60 and .607 with 100.
    """
    return max(SHARPENED, int(SHARPENED + 20 * (math.log10(max(count, 1)) - 5)))


def _worth_reading(cosines: Cosines, scale: Scale, first: int) -> list[int]:
    """Of chunks near a query, best first: those whose sentences are looked at, and what is close enough as it is."""
    ordered = enumerate(cosines.items())
    return [chunk for place, (chunk, cosine) in ordered if place < first or scale.is_close(cosine)]


def _weights(nearest: Sequence[Mapping[Source, tuple[float, Passage]]]) -> list[float]:
    """What each passage says about its document, 1 for the rarest: the less, the more documents have it as well."""
    shares = [1 / max(1, sum(cosine >= SAME_TEXT for cosine, _ in closest.values())) for closest in nearest]
    return [share / max(shares) for share in shares]


def _name_strength(typed: int, path: PurePath) -> Strength:
    return Strength(0, 0, name=0.8 + 0.15 * min(1.0, typed / len(path.stem or " ")))


def _stem(path: str) -> str:
    return os.path.splitext(os.path.basename(path))[0]


def _source(passage: Passage) -> Source:
    return passage.content, passage.member


def _share(words: Words, passage: Passage) -> float:
    """Of the query's words that stand in a passage or in what it stands under."""
    return words.coverage(_read(passage))


def _read(passage: Passage) -> str:
    return f"{passage.context}\n{passage.text}"


def _holds_any(passage: Passage, literals: Sequence[Literal]) -> bool:
    text = Caseless(passage.text)
    return any(one.stands_in(text) for one in literals)


def sample(chunks: Sequence[T]) -> list[T]:
    """Chunks spread evenly over a document that has many."""
    step = max(1.0, len(chunks) / SAMPLED_CHUNKS)
    return [chunks[int(place * step)] for place in range(min(len(chunks), SAMPLED_CHUNKS))]
