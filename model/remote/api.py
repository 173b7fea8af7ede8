"""Requests and answers of /v1/embeddings and /rerank, in the forms that the servers have for them."""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.remote.errors import RefusedError, ServerError
from model.remote.profiles import PROFILES
from model.remote.server import Server

EMBEDDINGS = "/v1/embeddings"


def embeddings_request(server: Server, texts: Sequence[Any], dimensions: int = 0) -> dict[str, Any]:
    """The body of a request for vectors; each of `texts` a text, or a list of token ids."""
    body: dict[str, Any] = {"model": server.model, "input": list(texts)}
    if PROFILES[server.kind].takes_base64:
        body["encoding_format"] = "base64"
    if dimensions:
        body["dimensions"] = dimensions
    return body


def vectors_in(answer: Any, count: int, url: str) -> NDArray[np.float32]:  # noqa: ANN401 - JSON
    """The vectors of an answer, float32 [count, d], in the order of the request, of whatever length.

    Raises:
        RefusedError: there is no number in one of them.
        ServerError: it is no answer with so many vectors of one size.
    """
    try:
        items = sorted(answer["data"], key=lambda item: item["index"])
        rows = [_vector(item["embedding"]) for item in items]
    except (TypeError, KeyError, ValueError, binascii.Error):
        raise ServerError(f"{url}: the answer holds no vectors. Was the server started for embeddings?") from None
    if any(row.ndim != 1 for row in rows):
        raise ServerError(
            f"{url}: the server gives a vector for each token. Start it with a pooling, which for Qwen3 is that of the "
            "last token."
        )
    if len(rows) != count or len({len(row) for row in rows}) > 1:
        raise ServerError(f"{url}: the server gave {len(rows)} vectors for {count} texts, or vectors of several sizes.")
    vectors = np.stack(rows) if rows else np.zeros((0, 0), np.float32)
    if not np.isfinite(vectors).all():
        raise RefusedError(f"{url}: the server's vectors hold what is no number. A larger number format may help.")
    return vectors


def tokens_in(answer: Any) -> int:  # noqa: ANN401
    """How many tokens the server says it has read; 0 when it does not say."""
    usage = answer.get("usage") if isinstance(answer, dict) else None
    count = usage.get("prompt_tokens") if isinstance(usage, dict) else None
    return count if isinstance(count, int) else 0


def rerank_request(server: Server, query: str, passages: Sequence[str], task: str) -> dict[str, Any]:
    """The body of a request for scores."""
    profile = PROFILES[server.kind]
    body: dict[str, Any] = {"model": server.model, "query": query, profile.texts_field: list(passages)}
    if profile.texts_field == "texts":
        return body | {"raw_scores": False, "truncate": True}
    return body | {"instruct": task, "return_documents": False, "top_n": len(passages)}


def scores_in(answer: Any, count: int, url: str) -> NDArray[np.float32]:  # noqa: ANN401
    """The scores of an answer, float32 [count], in the order of the request.

    Raises:
        ServerError: it is no answer with so many scores.
    """
    scores = np.full(count, np.nan, np.float32)
    try:
        for item in answer["results"] if isinstance(answer, dict) else answer:
            scores[item["index"]] = float(item.get("relevance_score", item.get("score")))
    except (TypeError, KeyError, ValueError, IndexError, AttributeError):
        raise ServerError(f"{url}: the answer holds no scores. Was the server started for reranking?") from None
    if not np.isfinite(scores).all():
        raise ServerError(f"{url}: the server did not score every passage.")
    return scores


def _vector(value: Any) -> NDArray[np.float32]:  # noqa: ANN401
    """One vector, [d], or [tokens, d] of a server that does not pool."""
    if isinstance(value, str):
        return np.frombuffer(base64.b64decode(value, validate=True), dtype="<f4").astype(np.float32)
    if isinstance(value, list) and not (value and isinstance(value[0], list)):
        value = [math.nan if number is None else number for number in value]
    return np.asarray(value, dtype=np.float32)
