from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from model.checkpoint import Checkpoint
from model.embedder import SEARCH_TASK, EmbedderSpec, shorten
from model.errors import ModelError
from model.qwen3.runtime import Runtime
from model.qwen3.tokens import TextTokenizer

MIN_DIMENSION = 32  # the models were trained for any size from here to the native one
CONTEXT = 32_768  # tokens that every size is published for
# Official relevant pairs score 0.60 to 0.76 and irrelevant ones 0.07 to 0.14 (0.6B and 8B); within one subject
# unrelated passages lie above 0.14, so that a cosine is taken for half a match at 0.425 and not at 0.37.
NOISE_COSINE = 0.25
MATCH_COSINE = 0.6
FORMAT = "last token, terminator, Instruct-Query, 1"  # raised whenever the same text would give another vector


def instructed(query: str, task: str) -> str:
    """What is embedded of a query: one space after "Instruct:", none after "Query:"."""
    return f"Instruct: {task}\nQuery:{query}"


class Qwen3Embedder:
    """Qwen3-Embedding of any size: the final state of the terminator behind the text, of length 1."""

    def __init__(self, checkpoint: Checkpoint, device: str = "") -> None:
        """Read the description of a model; its weights are loaded when the first text comes.

        Raises:
            ModelError: a file of the folder is missing or damaged.
        """
        self._checkpoint = checkpoint
        self._tokenizer = TextTokenizer(checkpoint.folder)
        if self._tokenizer.size > checkpoint.number("vocab_size"):
            raise checkpoint.damaged("its tokenizer belongs to another model")
        checkpoint.check()
        self._runtime = Runtime(checkpoint, device)

    @cached_property
    def spec(self) -> EmbedderSpec:
        """The same for the lifetime of the embedder. Raises ModelError."""
        return EmbedderSpec(
            name=self._checkpoint.name,
            revision=self._checkpoint.revision(FORMAT),
            dimensions=self._checkpoint.number("hidden_size"),
            max_tokens=min(CONTEXT, self._checkpoint.number("max_position_embeddings")),
            noise_cosine=NOISE_COSINE,
            match_cosine=MATCH_COSINE,
        )

    def embed_documents(self, texts: Sequence[str], dimension: int | None = None) -> NDArray[np.float32]:
        """Embed n passages as they are: float32 [n, dimension], rows of length 1; (0, dimension) for no texts.

        Raises:
            ModelError: one passage alone does not fit on the device, or there is no such dimension.
        """
        return self._embed(texts, dimension, urgent=False)

    def embed_queries(
        self, texts: Sequence[str], task: str = SEARCH_TASK, dimension: int | None = None
    ) -> NDArray[np.float32]:
        """Embed n queries under an English instruction, ahead of passages that other threads have given."""
        return self._embed([instructed(text, task) for text in texts], dimension, urgent=True)

    def _embed(self, texts: Sequence[str], dimension: int | None, urgent: bool) -> NDArray[np.float32]:
        native = self.spec.dimensions
        dimension = native if dimension is None else dimension
        if not MIN_DIMENSION <= dimension <= native:
            raise ModelError(
                f"{self.spec.name} gives vectors of {MIN_DIMENSION} to {native} dimensions, not {dimension}."
            )
        room = self.spec.max_tokens - 1
        sequences = [[*ids[:room], self._tokenizer.terminator] for ids in self._tokenizer.encode(texts)]
        return shorten(self._runtime.last_states(sequences, urgent), dimension)
