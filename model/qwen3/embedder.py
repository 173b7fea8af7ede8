from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from model.ahead import ahead
from model.checkpoint import Checkpoint
from model.device import choose_device
from model.embedder import SEARCH_TASK, EmbedderSpec, Whole, shorten
from model.errors import ModelError, NoRoomError
from model.packing import longest_first
from model.precision import Precision
from model.qwen3.tokens import TextTokenizer
from model.running import Running
from model.runtime import Batch, Pending, Runtime, Tokens

if TYPE_CHECKING:
    import torch

    from model.qwen3.decoder import Decoder

MIN_DIMENSION = 32  # the models were trained for any size from here to the native one
CONTEXT = 32_768  # tokens that every size is published for
# Official relevant pairs score 0.60 to 0.76 and irrelevant ones 0.07 to 0.14 (0.6B and 8B); within one subject
# unrelated passages lie above 0.14, so that a cosine is taken for half a match at 0.425 and not at 0.37.
NOISE_COSINE = 0.25
MATCH_COSINE = 0.6
LEAST_WHOLE = 256  # tokens; what can't take them can take no passage either
FORMAT = "last token, terminator, Instruct-Query, 1"  # raised whenever the same text would give another vector


def instructed(query: str, task: str) -> str:
    """What is embedded of a query: one space after "Instruct:", none after "Query:"."""
    return f"Instruct: {task}\nQuery:{query}"


class Qwen3Embedder:
    """Qwen3-Embedding of any size: the final state of the terminator behind the text, of length 1."""

    def __init__(self, checkpoint: Checkpoint, running: Running, document_task: str = "") -> None:
        """Read the description of a model; its weights are loaded when the first text comes.

        Without a `document_task` passages are embedded as they are, as the model was trained for search.

        Raises:
            ModelError: a file of the folder is missing or damaged.
        """
        self._checkpoint = checkpoint
        self._running = running
        self._document_task = document_task
        self._tokenizer = TextTokenizer(checkpoint.folder)
        if self._tokenizer.size > checkpoint.number("vocab_size"):
            raise checkpoint.damaged("its tokenizer belongs to another model")
        checkpoint.check()
        self._runtime = Runtime(checkpoint.name, checkpoint.number("hidden_size"), self._load, running)

    @cached_property
    def spec(self) -> EmbedderSpec:
        """The same for the lifetime of the embedder. Raises ModelError."""
        return EmbedderSpec(
            name=self._checkpoint.name,
            revision=self._checkpoint.revision(FORMAT, *self._differences),
            dimensions=self._checkpoint.number("hidden_size"),
            max_tokens=min(CONTEXT, self._checkpoint.number("max_position_embeddings")),
            noise_cosine=NOISE_COSINE,
            match_cosine=MATCH_COSINE,
            takes_task=True,
        )

    def embed_documents(self, texts: Sequence[str], dimension: int | None = None) -> NDArray[np.float32]:
        """Embed n passages: float32 [n, dimension], rows of length 1; (0, dimension) for no texts.

        Raises:
            ModelError: one passage alone does not fit on the device, or there is no such dimension.
        """
        return self._embed([self._document_text(text) for text in texts], dimension, urgent=False)

    def embed_queries(
        self, texts: Sequence[str], task: str = SEARCH_TASK, dimension: int | None = None
    ) -> NDArray[np.float32]:
        """Embed n queries under an English instruction, ahead of passages that other threads have given."""
        return self._embed([instructed(text, task) for text in texts], dimension, urgent=True)

    def query_text(self, text: str, task: str = SEARCH_TASK) -> str:
        """The query under its instruction; the terminator follows it as a token."""
        return instructed(text, task)

    def embed_whole(self, text: str, dimension: int | None = None) -> Whole:
        """Embed a text of up to `max_tokens` tokens in one piece, or of as many as the memory takes."""
        tokens = self._tokens(self._document_text(text))
        limit = self.spec.max_tokens
        while True:
            cut = [self._ended(tokens, limit)]
            try:
                states = self._runtime.rows(1, [list(enumerate(cut))], _begun, stays=True)
            except NoRoomError:
                limit = min(limit, len(tokens) + 1) // 2
                if limit < LEAST_WHOLE:
                    raise
            else:
                return Whole(shorten(states, self._checked(dimension))[0], len(cut[0]) <= len(tokens))

    @property
    def is_on_processor(self) -> bool:
        """Whether there is no faster device for it. Imports torch."""
        return choose_device(self._running.device).type == "cpu"

    @property
    def reads_wholes(self) -> bool:
        """Whether whole texts are worth their time here. Imports torch."""
        return not self.is_on_processor

    @property
    def _differences(self) -> list[str]:
        """What sets these vectors apart from those of the same weights as they are used by default."""
        reduced = [] if self._running.precision is Precision.FULL else [str(self._running.precision)]
        return reduced + ([f"documents: {self._document_task}"] if self._document_task else [])

    def _document_text(self, text: str) -> str:
        return instructed(text, self._document_task) if self._document_task else text

    def _embed(self, texts: Sequence[str], dimension: int | None, urgent: bool) -> NDArray[np.float32]:
        dimension = self._checked(dimension)
        parts = longest_first(texts)

        def tokenized(part: Sequence[int]) -> list[tuple[int, Tokens]]:
            found = self._tokenizer.encode([texts[place] for place in part])
            return [(place, self._ended(ids, self.spec.max_tokens)) for place, ids in zip(part, found, strict=True)]

        return shorten(self._runtime.rows(len(texts), ahead(tokenized, parts), _begun, urgent), dimension)

    def _tokens(self, text: str) -> list[int]:
        return self._tokenizer.encode([text])[0]

    def _ended(self, ids: Sequence[int], limit: int) -> Tokens:
        """At most `limit` tokens, the last of them the terminator."""
        return np.array([*ids[: limit - 1], self._tokenizer.terminator], np.int64)

    def _checked(self, dimension: int | None) -> int:
        native = self.spec.dimensions
        dimension = native if dimension is None else dimension
        if not MIN_DIMENSION <= dimension <= native:
            raise ModelError(
                f"{self.spec.name} gives vectors of {MIN_DIMENSION} to {native} dimensions, not {dimension}."
            )
        return dimension

    def _load(self, device: torch.device) -> Decoder:
        from model.qwen3.decoder import Decoder

        return Decoder(self._checkpoint, device, self._running.precision, self._running.precedence)


def _begun(decoder: Decoder, batch: Batch, urgent: bool) -> Pending:
    return decoder.begin(batch, urgent)
