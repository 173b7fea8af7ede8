from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from indexer.candidates import by_words
from indexer.catalogue.filters import ChunkFilter
from indexer.catalogue.reader import CatalogueReader
from indexer.errors import StoreError
from indexer.lexical import Words, words_of
from indexer.query import Query
from indexer.results import Mode


@dataclass(frozen=True, slots=True)
class FoundByWords:
    """What holds words of a query."""

    words: Words
    chunks: list[int]  # best first
    names: list[int]  # of files whose name holds every word, and of members, below zero


class WordSearch:
    """Looks for the words of queries in a thread and on a reading connection of its own, while others do the rest."""

    def __init__(self, catalogue: Path) -> None:
        self._reader = CatalogueReader(catalogue)
        self._thread = ThreadPoolExecutor(1, "words")
        self._frequencies: dict[str, int] = {}
        self._counted_at = 0  # number of the newest chunk then

    def close(self) -> None:
        """Waits for the search in hand."""
        self._thread.shutdown()
        self._reader.close()

    def begin(self, query: Query, mode: Mode, narrow: ChunkFilter | None) -> Future[FoundByWords]:
        """For a search by meaning: what holds its phrases, and the words. Raises StoreError: it is closed."""
        try:
            return self._thread.submit(self._found, query, mode, narrow)
        except RuntimeError as error:
            raise StoreError("The index has been closed. Start Cognate again to search it.") from error

    def _found(self, query: Query, mode: Mode, narrow: ChunkFilter | None) -> FoundByWords:
        words = words_of(query, self._counts, self._reader.words.frequency_from)
        if not words or (mode is Mode.MEANING and not words.phrases):
            return FoundByWords(words, [], [])
        return FoundByWords(words, *by_words(self._reader, words, narrow, mode))

    def _counts(self, terms: Sequence[str]) -> tuple[int, Mapping[str, int]]:
        """How many chunks there are, and how many hold each term: what has been counted need not be exact, and is
        counted anew when there is a tenth more.
        """
        last, counts = self._reader.words.frequencies([term for term in terms if term not in self._frequencies])
        if last > 1.1 * self._counted_at:
            self._frequencies, self._counted_at = {}, last
            last, counts = self._reader.words.frequencies(terms)
        self._frequencies |= counts
        return last, self._frequencies
