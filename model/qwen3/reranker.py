from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from model.ahead import ahead
from model.checkpoint import Checkpoint
from model.embedder import SEARCH_TASK
from model.packing import longest_first
from model.qwen3.tokens import TextTokenizer
from model.running import Running
from model.runtime import Batch, Pending, Runtime, Tokens

if TYPE_CHECKING:
    import torch

    from model.qwen3.decoder import Decoder

BEFORE = (
    "<|im_start|>system\nJudge whether the Document meets the requirements based on the Query and the Instruct "
    'provided. Note that the answer can only be "yes" or "no".<|im_end|>\n<|im_start|>user\n'
)
AFTER = "<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n"
MAX_TOKENS = 8_192  # as in the official sample; the models take 40,960


class Qwen3Reranker:
    """Qwen3-Reranker of any size: whether the next token is "yes" rather than "no"."""

    def __init__(self, checkpoint: Checkpoint, running: Running) -> None:
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
        self._running = running
        self._runtime = Runtime(checkpoint.name, checkpoint.number("hidden_size"), self._load, running)

    def score(self, query: str, passages: Sequence[str], task: str = SEARCH_TASK) -> NDArray[np.float32]:
        """Probability, float32 [n], that each passage answers the query; the end of a long passage is not read.

        Raises:
            ModelError: the model can't be loaded, or one passage alone does not fit on the device.
        """
        contents = [f"<Instruct>: {task}\n<Query>: {query}\n<Document>: {passage}" for passage in passages]

        def tokenized(part: Sequence[int]) -> list[tuple[int, Tokens]]:
            found = self._tokenizer.encode([contents[place] for place in part])
            return [(place, self._asked(ids)) for place, ids in zip(part, found, strict=True)]

        states = self._runtime.rows(len(passages), ahead(tokenized, longest_first(contents)), _begun, urgent=True)
        differences = states @ self._yes_minus_no
        return np.asarray(0.5 + 0.5 * np.tanh(differences / 2), dtype=np.float32)  # the sigmoid, without overflow

    def _asked(self, ids: Sequence[int]) -> Tokens:
        """The judge's whole prompt; its end is what the answer follows and never cut."""
        return np.array([*self._before, *ids[: self._room], *self._after], np.int64)

    def _load(self, device: torch.device) -> Decoder:
        from model.qwen3.decoder import Decoder

        return Decoder(self._checkpoint, device, self._running.precision, self._running.precedence)

    @cached_property
    def _yes_minus_no(self) -> NDArray[np.float32]:
        """Difference of two rows of the head, [hidden]: all other logits are not needed, nor is the head loaded."""
        head = "model.embed_tokens.weight" if self._checkpoint.config.get("tie_word_embeddings") else "lm_head.weight"
        yes, no = (self._checkpoint.row(head, self._tokenizer.token(word)) for word in ("yes", "no"))
        return yes - no


def _begun(decoder: Decoder, batch: Batch, urgent: bool) -> Pending:
    return decoder.begin(batch, urgent)
