"""Whether a reranker behind a server judges, and what to do where it does not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from model.embedder import SEARCH_TASK
from model.remote.api import scores_in
from model.remote.connection import QUESTION, Connection
from model.remote.errors import AccessError, OutageError, ServerError
from model.remote.findings import Finding, Level
from model.remote.profiles import PROFILES
from model.remote.reranker import probabilities, reranking_body
from model.remote.server import Server
from model.remote.starting import start_remedy

JUDGED = (  # a query, what answers it, what does not
    ("What is the capital of China?", "The capital of China is Beijing.", "Horses and cows are both animals."),
    ("How do plants eat?", "Plants make sugar out of light, water and air.", "The invoice is due on Monday."),
)


class ScoreExamination:
    """Examines the scores of one model."""

    def __init__(self, connection: Connection, server: Server) -> None:
        self.server = server
        self._connection = connection

    def findings(self) -> list[Finding]:
        """Whether it tells an answer from what is none, with the template left to it or put by Cognate."""
        if not PROFILES[self.server.kind].rerank_path:
            title = PROFILES[self.server.kind].title
            text = f"{title} has no reranking."
            return [Finding("reranking", Level.FAULT, text, "Serve a reranker with vLLM, SGLang or llama.cpp.")]
        problem: ServerError | None = None
        for server in self._forms():
            try:
                scores = self._scores(server)
            except (OutageError, AccessError):
                raise
            except ServerError as error:
                problem = error
                continue
            if _tells_apart(scores):
                is_logit = bool((scores < 0).any() or (scores > 1).any())
                self.server = replace(server, gives_logits=is_logit)
                said = "It tells answers from what is none, as they are."
                if server.is_qwen3:
                    said = "It tells answers from what is none, with the server's own template."
                if server.wraps:
                    said = "It tells answers from what is none, with the template that Cognate puts."
                return [Finding("reranking", Level.SOUND, said)]
        text = (
            str(problem)
            if problem
            else "It does not tell an answer from what is none: its template or head is missing."
        )
        return [Finding("reranking", Level.FAULT, text, start_remedy(self.server))]

    def _forms(self) -> list[Server]:
        return [self.server, replace(self.server, wraps=True)] if self.server.is_qwen3 else [self.server]

    def _scores(self, server: Server) -> NDArray[np.float32]:
        """Of each query, the scores of what answers it and of what does not, [queries, 2]."""
        path = PROFILES[server.kind].rerank_path
        rows = []
        for query, *passages in JUDGED:
            answer = self._connection.post(path, reranking_body(server, query, passages, SEARCH_TASK), QUESTION)
            rows.append(scores_in(answer, len(passages), server.url))
        return np.stack(rows)


def _tells_apart(scores: NDArray[np.float32]) -> bool:
    """Whether every answer is likelier than not, and everything else is not."""
    likely = probabilities(scores) if (scores < 0).any() or (scores > 1).any() else scores
    return bool((likely[:, 0] > 0.5).all() and (likely[:, 1] < 0.5).all())
