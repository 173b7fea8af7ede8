from collections.abc import Sequence

from indexer.lexical import Occurrences
from model.builtin.encoder import BuiltinEmbedder
from model.builtin.native import sentences

LITERAL_WEIGHT = 0.4  # a sentence with all the words of a query beats one that is this much closer by cosine


class SentenceReader:
    """Splits passages into sentences and compares these with a query by the built-in model.

    The cosines with the latest query are remembered: what is found is looked at once more when it is shown.
    """

    def __init__(self, embedder: BuiltinEmbedder) -> None:
        self._embedder = embedder
        self._query = ""
        self._vector = embedder.embed_queries([""])[0]
        self._cosines: dict[str, list[float]] = {}  # of the sentences of passages with the query

    def best_cosines(self, passages: Sequence[str], query: str) -> list[float]:
        """For each passage the highest cosine of a sentence of it with a query; -1 for an empty passage."""
        return [max(cosines, default=-1.0) for cosines in self._compared(passages, query)]

    def best_sentences(
        self, passages: Sequence[str], query: str, words: Sequence[Occurrences]
    ) -> list[tuple[int, int]]:
        """For each passage its sentence closest to a query by meaning and words; (0, 0) for an empty passage."""
        best: list[tuple[int, int]] = []
        for text, cosines, own in zip(passages, self._compared(passages, query), words, strict=True):
            spans = sentences(text)
            pairs = zip(cosines, own.shares(spans), strict=True)
            scores = [cosine + LITERAL_WEIGHT * share for cosine, share in pairs]
            best.append(spans[scores.index(max(scores))] if spans else (0, 0))
        return best

    def _compared(self, passages: Sequence[str], query: str) -> list[list[float]]:
        """Cosines of the sentences of each passage with a query."""
        if query != self._query:
            self._query, self._vector, self._cosines = query, self._embedder.embed_queries([query])[0], {}
        new = [passage for passage in dict.fromkeys(passages) if passage not in self._cosines]
        if new:
            self._cosines |= zip(new, self._embedder.sentence_cosines(new, self._vector), strict=True)
        return [self._cosines[passage] for passage in passages]
