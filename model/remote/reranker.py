from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from model.embedder import SEARCH_TASK
from model.qwen3.reranker import AFTER, BEFORE
from model.qwen3.tokens import without_surrogates
from model.remote.api import rerank_request, scores_in
from model.remote.connection import QUERY, Connection
from model.remote.errors import RefusedError
from model.remote.keys import find_key
from model.remote.profiles import PROFILES
from model.remote.server import Server


class RemoteReranker:
    """A model behind /rerank of a server that was connected."""

    def __init__(self, server: Server) -> None:
        """Nothing is contacted, nor is a key looked for, before the first passage comes."""
        self.name = server.full_name
        self._server = server
        self._lock = threading.Lock()

    def score(self, query: str, passages: Sequence[str], task: str = SEARCH_TASK) -> NDArray[np.float32]:
        """Probability, float32 [n], that each passage answers the query.

        Raises:
            ServerError: the server is not there, or can't score them.
        """
        if not passages:
            return np.zeros(0, np.float32)
        with self._lock:
            connection = self._connection
        batches = [
            passages[start : start + self._server.most_texts]
            for start in range(0, len(passages), self._server.most_texts)
        ]
        bodies = [reranking_body(self._server, query, batch, task) for batch in batches]
        answers = connection.post_all(PROFILES[self._server.kind].rerank_path, bodies, QUERY)
        for answer in answers:
            if isinstance(answer, RefusedError):
                raise answer
        scores = np.concatenate(
            [scores_in(answer, len(batch), self._server.url) for answer, batch in zip(answers, batches, strict=True)]
        )
        return probabilities(scores) if self._server.gives_logits else scores

    def close(self) -> None:
        """Give up requests under way."""
        with self._lock:
            connection = self.__dict__.get("_connection")
        if connection:
            connection.close()

    @cached_property
    def _connection(self) -> Connection:
        key = find_key(self._server.name, self._server.url) if self._server.has_key else ""
        return Connection(self._server.url, key)


def reranking_body(server: Server, query: str, passages: Sequence[str], task: str) -> dict[str, object]:
    """A request for scores; a server that does not know the template of Qwen3 gets its two halves with the texts."""
    query, passages = without_surrogates(query), [without_surrogates(passage) for passage in passages]
    if server.wraps:
        query = f"{BEFORE}<Instruct>: {task}\n<Query>: {query}\n"
        passages = [f"<Document>: {passage}{AFTER}" for passage in passages]
    return rerank_request(server, query, passages, task)


def probabilities(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """The sigmoid, without overflow."""
    return np.asarray(0.5 + 0.5 * np.tanh(logits / 2), dtype=np.float32)
