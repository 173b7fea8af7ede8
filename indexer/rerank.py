from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass
from pathlib import Path

from indexer.document import Kind
from indexer.presentation import Found
from model import load_reranker
from model.embedder import Closable, Reranker
from model.errors import ModelError
from model.registry import KNOWN, ModelKind, locate
from model.running import Running

log = logging.getLogger(__name__)

JUDGED = 50  # passages of one search
STEP_SECONDS = 0.25  # what a step is to take: so soon a judgement that nobody waits for any more ends
SECONDS = 4.0  # no step begins later than this after the model is ready
LOWERS_CODE = "0.6B"  # the smallest reranker puts code in a worse order than the embedding does (75.4 to 73.4)


@dataclass(frozen=True, slots=True)
class Judged:
    """What came of a judgement."""

    found: Sequence[Found]
    passages: int  # that were judged
    notice: str = ""  # what to tell the user


class SecondStage:
    """Has a reranker judge the passages that a search found best, where one is installed."""

    def __init__(self, models: Path, name: str = "", running: Running | None = None) -> None:
        """A reranker by name, or, without a name, the smallest one in the folder of models or the cache."""
        self._models = models
        self._wanted = name
        self._running = running
        self._lock = threading.Lock()
        self._loaded: tuple[str, Reranker] | None = None

    def judge(self, found: Sequence[Found], query: str, task: str, is_cancelled: Callable[[], bool]) -> Judged:
        """The same candidates with the judgement of the best ones. Blocks for seconds.

        What is found by its name alone, and code for a model that is no good at it, keeps its place by its strength.

        Raises:
            CancelledError: `is_cancelled`, which is asked before every step.
        """
        best = sorted(found, key=lambda one: one.strength.score, reverse=True)
        try:
            name, reranker = self._open()
            texts = {place: _text(one) for place, one in enumerate(best[:JUDGED]) if _can_judge(name, one)}
            scores = self._scores(list(texts.values()), query, task, reranker, is_cancelled)
        except ModelError as error:
            log.warning("the order is that of the search: %s", error)
            return Judged(best, 0, str(error))
        if not scores:
            spares = any(one.passage for one in best[:JUDGED])
            return Judged(best, 0, f"{name} puts code in a worse order, so the order is that of the search." * spares)
        is_whole = len(scores) == len(texts)
        end = JUDGED if is_whole else list(texts)[len(scores)]
        by_place = dict(zip(texts, scores, strict=False))
        judged = [
            one._replace(strength=one.strength._replace(judged=by_place.get(place, one.strength.score)))
            for place, one in enumerate(best[:end])
        ]
        notice = "" if is_whole else f"Only the best {len(scores)} passages could be judged in time."
        return Judged([*judged, *best[end:]], len(scores), notice)

    def close(self) -> None:
        """Let go of a reranker on a server."""
        with self._lock:
            if self._loaded and isinstance(self._loaded[1], Closable):
                self._loaded[1].close()

    def _open(self) -> tuple[str, Reranker]:
        """Raises ModelError: none is installed, or the one wanted can't be read."""
        with self._lock:
            if self._loaded is None:
                name = self._wanted or self._installed()
                self._loaded = (name, load_reranker(name, self._models, running=self._running))
            return self._loaded

    def _installed(self) -> str:
        rerankers = [each.name for each in KNOWN if each.kind is ModelKind.RERANKER]
        name = next((each for each in rerankers if locate(each, self._models)), None)
        if name is None:
            raise ModelError(
                "There is no reranker, so the order is that of the search. Install one in the settings, or with: "
                f"cognate models install {rerankers[0]}"
            )
        return name

    def _scores(
        self, texts: Sequence[str], query: str, task: str, reranker: Reranker, is_cancelled: Callable[[], bool]
    ) -> list[float]:
        """Of as many texts as there is time for, from the first on."""
        scores: list[float] = []
        count, end = 1, float("inf")
        while len(scores) < len(texts) and time.monotonic() < end:
            if is_cancelled():
                raise CancelledError
            started = time.monotonic()
            scores += reranker.score(query, texts[len(scores) : len(scores) + count], task).tolist()
            now = time.monotonic()
            end = min(end, now + SECONDS)  # the first step loads the model
            count = max(1, int(count * STEP_SECONDS / max(now - started, 1e-3)))
        if is_cancelled():
            raise CancelledError
        return scores


def _can_judge(reranker: str, found: Found) -> bool:
    return found.passage is not None and not (LOWERS_CODE in reranker and found.passage.kind is Kind.CODE)


def _text(found: Found) -> str:
    assert found.passage is not None
    return f"{found.passage.context}\n{found.passage.text}" if found.passage.context else found.passage.text
