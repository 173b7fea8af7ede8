from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from indexer.document import Kind
from indexer.presentation import Found
from model import load_reranker
from model.embedder import Reranker
from model.errors import ModelError
from model.registry import KNOWN, ModelKind, locate

log = logging.getLogger(__name__)

JUDGED = 50  # passages of one search
FIRST_STEP = 5  # passages; twice as many in each further step, so that a slow device can stop early
SECONDS = 4.0  # no step begins later than this after the model is ready
LOWERS_CODE = "0.6B"  # the smallest reranker puts code in a worse order than the embedding does (75.4 to 73.4)


class SecondStage:
    """Has a reranker judge the passages that a search found best, where one is installed."""

    def __init__(self, models: Path, name: str = "", device: str = "") -> None:
        """A reranker by name, or, without a name, the smallest one in the folder of models or the cache."""
        self._models = models
        self._wanted = name
        self._device = device
        self._lock = threading.Lock()
        self._loaded: tuple[str, Reranker] | None = None

    def judge(self, found: Sequence[Found], query: str) -> tuple[list[Found], str]:
        """The same candidates with the judgement of the best ones, and what to tell the user. Blocks for seconds.

        What is found by its name alone, and code for a model that is no good at it, keeps its place by its strength.
        """
        best = sorted(found, key=lambda one: one.strength.score, reverse=True)
        try:
            name, reranker = self._open()
            judged = self._scores(best[:JUDGED], query, name, reranker)
        except ModelError as error:
            log.warning("the order is that of the search: %s", error)
            return best, str(error)
        short = len(judged) < min(len(best), JUDGED)
        notice = f"Only the best {len(judged)} passages could be judged in time." if short else ""
        return [*judged, *best[len(judged) :]], notice

    def _open(self) -> tuple[str, Reranker]:
        """Raises ModelError: none is installed, or the one wanted can't be read."""
        with self._lock:
            if self._loaded is None:
                name = self._wanted or self._installed()
                self._loaded = (name, load_reranker(name, self._models, self._device))
            return self._loaded

    def _installed(self) -> str:
        rerankers = [each.name for each in KNOWN if each.kind is ModelKind.RERANKER]
        name = next((each for each in rerankers if locate(each, self._models)), None)
        if name is None:
            raise ModelError(
                f"There is no reranker, so the order is that of the search: cognate models install {rerankers[0]}"
            )
        return name

    def _scores(self, best: Sequence[Found], query: str, name: str, reranker: Reranker) -> list[Found]:
        """As many of the candidates as there is time for, in the order given."""
        judged: list[Found] = []
        step, end = FIRST_STEP, float("inf")
        while len(judged) < len(best) and time.monotonic() < end:
            judged += _judged(best[len(judged) : len(judged) + step], query, name, reranker)
            end = min(end, time.monotonic() + SECONDS)  # the first step loads the model
            step *= 2
        return judged


def _judged(found: Sequence[Found], query: str, name: str, reranker: Reranker) -> list[Found]:
    spares_code = LOWERS_CODE in name
    texts = {
        place: f"{one.passage.context}\n{one.passage.text}" if one.passage.context else one.passage.text
        for place, one in enumerate(found)
        if one.passage and not (spares_code and one.passage.kind is Kind.CODE)
    }
    scores = dict(zip(texts, reranker.score(query, list(texts.values())).tolist(), strict=True))
    return [
        replace(one, strength=replace(one.strength, judged=scores.get(place, one.strength.score)))
        for place, one in enumerate(found)
    ]
