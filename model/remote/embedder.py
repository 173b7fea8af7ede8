from __future__ import annotations

import base64
import logging
import re
import threading
from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from model import sentence_transformer
from model.embedder import SEARCH_TASK, EmbedderSpec, shorten
from model.errors import ModelError
from model.qwen3 import embedder as qwen3
from model.qwen3.tokens import without_surrogates
from model.remote.api import EMBEDDINGS, embeddings_request, vectors_in
from model.remote.connection import DOCUMENTS, QUERY, Connection, Patience
from model.remote.errors import RefusedError, ServerError, SlowError
from model.remote.keys import find_key
from model.remote.server import Server

log = logging.getLogger(__name__)

LANDMARK = "The lighthouse keeper counts the ships, 灯塔看守人数着船只."
SAME_COSINE = 0.99  # of the landmark then and now; number formats and batches make up for less
CHARACTERS_PER_TOKEN = 8  # no tokenizer gets further than that on average, so that what is cut would be cut anyway
SHORTEST = 64  # characters of a text that are tried before it is given up
_SPECIAL = re.compile(r"<\|(?=(?:endoftext|im_start|im_end|object_ref|box|quad|vision|fim|repo|file)\w*\|>)")


class RemoteEmbedder:
    """A model behind /v1/embeddings of a server that was connected."""

    def __init__(self, server: Server, document_task: str = "") -> None:
        """Nothing is contacted, nor is a key looked for, before the first text comes.

        `document_task` is an instruction for passages, which only Qwen3 takes.
        """
        self._server = server
        self._document_task = document_task if server.is_qwen3 else ""
        self._lock = threading.Lock()
        self._is_closed = False
        self._known_after = -1  # interruptions after which it still gave the vectors that it gave when connected
        self._batch = server.most_texts

    @cached_property
    def spec(self) -> EmbedderSpec:
        """As it was when the server was connected."""
        meaning = qwen3 if self._server.is_qwen3 else sentence_transformer
        return EmbedderSpec(
            name=self._server.full_name,
            revision=self._server.revision + (f"|{self._document_task}" if self._document_task else ""),
            dimensions=self._server.dimensions,
            max_tokens=self._server.max_tokens,
            noise_cosine=meaning.NOISE_COSINE,
            match_cosine=meaning.MATCH_COSINE,
            takes_task=self._server.is_qwen3,
        )

    def embed_documents(self, texts: Sequence[str], dimension: int | None = None) -> NDArray[np.float32]:
        """Embed n passages: float32 [n, dimension], rows of length 1; (0, dimension) for no texts.

        A passage that the server alone can't embed, while it is well otherwise, gets a row of zeros.

        Raises:
            OutageError: the server is not there, and may be later.
            ServerError: it refuses, or is another one than was connected.
        """
        return self._embed([self._instructed(text, self._document_task) for text in texts], dimension, DOCUMENTS)

    def embed_queries(
        self, texts: Sequence[str], task: str = SEARCH_TASK, dimension: int | None = None
    ) -> NDArray[np.float32]:
        """Embed n queries, beside passages under way; fails at once for a while after an outage."""
        return self._embed([self.query_text(text, task) for text in texts], dimension, QUERY)

    def query_text(self, text: str, task: str = SEARCH_TASK) -> str:
        """The query, under its instruction where the model is a Qwen3."""
        return self._instructed(text, task if self._server.is_qwen3 else "")

    def close(self) -> None:
        """Give up requests under way, from any thread; whoever waits for them gets a ServerError."""
        with self._lock:
            self._is_closed = True
            connection = self.__dict__.get("_connection")
        if connection:
            connection.close()

    @cached_property
    def _connection(self) -> Connection:
        key = find_key(self._server.name, self._server.url) if self._server.has_key else ""
        return Connection(self._server.url, key)

    def _open(self) -> Connection:
        with self._lock:
            if self._is_closed:
                raise ServerError(f"{self._server.url}: the connection is closed.")
            return self._connection

    def _instructed(self, text: str, task: str) -> str:
        plain = self._plain(text)
        return qwen3.instructed(plain, task) if task else plain or " "  # of nothing, servers give nothing

    def _plain(self, text: str) -> str:
        """A text whose special tokens are plain characters, and no longer than the server could read."""
        cut = without_surrogates(text[: CHARACTERS_PER_TOKEN * self._server.max_tokens])
        return _SPECIAL.sub("< |", cut)

    def _embed(self, texts: Sequence[str], dimension: int | None, patience: Patience) -> NDArray[np.float32]:
        native = self._server.dimensions
        if dimension is not None and not 1 <= dimension <= native:
            raise ModelError(f"{self.spec.name} gives vectors of 1 to {native} dimensions, not {dimension}.")
        if not texts:
            return np.zeros((0, dimension or native), np.float32)
        connection = self._open()
        try:
            rows = self._rows(texts, patience)
            if patience is DOCUMENTS or self._known_after != connection.interruptions:  # what is kept has to be right
                self._recognise(patience)
        except SlowError:
            if patience is DOCUMENTS:
                self._batch = max(1, self._batch // 2)
            raise
        return shorten(rows, dimension)

    def _recognise(self, patience: Patience) -> None:
        """Vectors of two models are never compared: see that the server has not changed its own."""
        connection = self._open()
        interruptions = connection.interruptions
        answer = connection.post(EMBEDDINGS, self._body([LANDMARK]), patience)
        now = shorten(self._vectors(answer, 1), None)[0]
        then = np.frombuffer(base64.b64decode(self._server.landmark), np.float16).astype(np.float32)
        if float(now @ then) < SAME_COSINE:
            raise ServerError(
                f"{self._server.url}: the server gives other vectors now than when it was connected, so its model was "
                f"exchanged. Connect it again: cognate models connect {self._server.url} --name {self._server.name}"
            )
        self._known_after = interruptions

    def _rows(self, texts: Sequence[str], patience: Patience) -> NDArray[np.float32]:
        """Vectors of at least one text, [n, native], of whatever length."""
        batches = [texts[start : start + self._batch] for start in range(0, len(texts), self._batch)]
        answers = self._open().post_all(EMBEDDINGS, [self._body(batch) for batch in batches], patience)
        return np.concatenate(
            [self._rows_in(answer, batch, patience) for answer, batch in zip(answers, batches, strict=True)]
        )

    def _rows_in(self, answer: object, batch: Sequence[str], patience: Patience) -> NDArray[np.float32]:
        try:
            if isinstance(answer, RefusedError):
                raise answer
            return self._vectors(answer, len(batch))
        except RefusedError as error:
            if patience is QUERY:
                raise
            return self._halved(batch, error, patience)

    def _halved(self, batch: Sequence[str], error: RefusedError, patience: Patience) -> NDArray[np.float32]:
        """The vectors of texts that were refused together: fewer at a time, then shorter, then none."""
        middle = len(batch) // 2
        if middle:
            halves = (batch[:middle], batch[middle:])
            return np.concatenate([self._rows(half, patience) for half in halves])
        text = batch[0]
        if error.is_too_much and len(text) > SHORTEST:
            return self._rows([text[: len(text) // 2]], patience)
        self._recognise(patience)  # an ill server refuses this, too, and indexing has to wait for it
        log.warning("a passage of %d characters gets no vector: %s", len(text), error)
        return np.zeros((1, self._server.dimensions), np.float32)

    def _body(self, texts: Sequence[str]) -> dict[str, object]:
        return embeddings_request(self._server, texts, self._server.dimensions if self._server.shortens else 0)

    def _vectors(self, answer: object, count: int) -> NDArray[np.float32]:
        """Vectors of an answer, [count, native]; a larger one is cut, as its model was trained for."""
        vectors = vectors_in(answer, count, self._server.url)
        if vectors.shape[1] < self._server.dimensions:
            raise ServerError(
                f"{self._server.url}: the server gives {vectors.shape[1]} dimensions now, and gave "
                f"{self._server.dimensions} when it was connected. Connect it again, or start it as it was."
            )
        return vectors[:, : self._server.dimensions]
