from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from model.checkpoint import Checkpoint
from model.embedder import SEARCH_TASK
from model.qwen3.runtime import Runtime
from model.qwen3.tokens import TextTokenizer

BEFORE = (
    "<|im_start|>system\nJudge whether the Document meets the requirements based on the Query and the Instruct "
    'provided. Note that the answer can only be "yes" or "no".<|im_end|>\n<|im_start|>user\n'
)
AFTER = "<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n"
MAX_TOKENS = 8_192  # as in the official sample; the models take 40,960


class Qwen3Reranker:
    """Qwen3-Reranker of any size: whether the next token is "yes" rather than "no"."""

    def __init__(self, checkpoint: Checkpoint, device: str = "") -> None:
        """Read the description of a model; its weights are loaded when the first passage comes.

        Raises:
            ModelError: a file of the folder is missing or damaged.
        """
        self.name = checkpoint.name
        self._checkpoint = checkpoint
        self._tokenizer = TextTokenizer(checkpoint.folder)
        self._before = self._tokenizer.encode_template(BEFORE)
        self._after = self._tokenizer.encode_template(AFTER)
        if self._tokenizer.size > checkpoint.number("vocab_size"):
            raise checkpoint.damaged("its tokenizer belongs to another model")
        limit = min(MAX_TOKENS, checkpoint.number("max_position_embeddings"))
        self._room = limit - len(self._before) - len(self._after)
        checkpoint.check()
        self._runtime = Runtime(checkpoint, device)

    def score(self, query: str, passages: Sequence[str], task: str = SEARCH_TASK) -> NDArray[np.float32]:
        """Probability, float32 [n], that each passage answers the query; the end of a long passage is not read.

        Raises:
            ModelError: the model can't be loaded, or one passage alone does not fit on the device.
        """
        contents = [f"<Instruct>: {task}\n<Query>: {query}\n<Document>: {passage}" for passage in passages]
        sequences = [
            [*self._before, *ids[: self._room], *self._after]  # the suffix is what the answer follows: never cut
            for ids in self._tokenizer.encode(contents)
        ]
        differences = self._runtime.last_states(sequences, urgent=True) @ self._yes_minus_no
        return np.asarray(0.5 + 0.5 * np.tanh(differences / 2), dtype=np.float32)  # the sigmoid, without overflow

    @cached_property
    def _yes_minus_no(self) -> NDArray[np.float32]:
        """Difference of two rows of the head, [hidden]: all other logits are not needed, nor is the head loaded."""
        head = "model.embed_tokens.weight" if self._checkpoint.config.get("tie_word_embeddings") else "lm_head.weight"
        yes, no = (self._checkpoint.row(head, self._tokenizer.token(word)) for word in ("yes", "no"))
        return yes - no
