from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from model.checkpoint import Checkpoint
from model.device import (
    choose_device,
    choose_dtype,
    is_out_of_memory,
    leave_a_core_free,
    release_memory,
    token_budget,
)
from model.errors import ModelError
from model.loading import load_weights
from model.packing import Budget, longest_first
from model.qwen3 import attention
from model.qwen3.turns import Turns

if TYPE_CHECKING:
    import torch

log = logging.getLogger(__name__)

Sequences = Sequence[Sequence[int]]

PROBE_LENGTHS = (7, 1, 12, 3)  # tokens of the sequences of the self-test
SAME_COSINE = {"float32": 0.99999, "bfloat16": 0.999, "float16": 0.999}
REGROW_AFTER = 64  # batches that fit, one after the other, before a budget that was halved is doubled


class Runtime:
    """A Qwen3 decoder on its device, loaded at the first call. Several threads may call; what is urgent goes first."""

    def __init__(self, checkpoint: Checkpoint, device: str = "") -> None:
        """Nothing is loaded yet; `device` as `choose_device` takes it."""
        self._checkpoint = checkpoint
        self._wanted_device = device
        self._turns = Turns()
        self._loading = threading.Lock()
        self._decoder: Decoder | None = None
        self._fits = 0

    def last_states(self, sequences: Sequences, urgent: bool = False) -> NDArray[np.float32]:
        """Final hidden state of the last token of each of n sequences, none of them empty: float32 [n, hidden].

        Raises:
            ModelError: the model can't be loaded, or one sequence alone does not fit on the device.
        """
        states = np.empty((len(sequences), self._checkpoint.number("hidden_size")), np.float32)
        waiting = longest_first(sequences)
        while waiting:
            decoder = self._loaded()
            count = decoder.budget.fitting([len(sequences[place]) for place in waiting])
            batch = [sequences[place] for place in waiting[:count]]
            with self._turns.turn(urgent):
                found = self._attempt(decoder, batch)
            if found is not None:
                states[waiting[:count]] = found
                waiting = waiting[count:]
        return states

    def _loaded(self) -> Decoder:
        with self._loading:
            if self._decoder is None:
                self._decoder = Decoder(self._checkpoint, self._wanted_device)
            return self._decoder

    def _attempt(self, decoder: Decoder, batch: Sequences) -> NDArray[np.float32] | None:
        """States of a batch; None when it did not fit, and the next one has to be smaller."""
        try:
            states = decoder.states(batch)
        except RuntimeError as error:
            if not is_out_of_memory(error):
                raise
        else:
            self._count_fit(decoder)
            return states
        release_memory(decoder.device)  # here, where the failed call holds no tensors any more
        self._fits = 0
        tokens = sum(len(sequence) for sequence in batch)
        if len(batch) == 1:
            raise ModelError(
                f"{self._checkpoint.name}: a text of {tokens} tokens does not fit into the memory of {decoder.device}. "
                "Close programs that use it, or choose a smaller model."
            )
        decoder.budget = replace(decoder.budget, tokens=tokens // 2)
        log.warning("%s is out of memory: batches of %d tokens from now on", decoder.device, tokens // 2)
        return None

    def _count_fit(self, decoder: Decoder) -> None:
        """Memory that another program had taken comes back some time."""
        self._fits += 1
        if self._fits >= REGROW_AFTER and decoder.budget.tokens < decoder.full_tokens:
            self._fits = 0
            decoder.budget = replace(decoder.budget, tokens=min(decoder.full_tokens, 2 * decoder.budget.tokens))


class Decoder:
    """The loaded weights and the way in which they take a batch."""

    def __init__(self, checkpoint: Checkpoint, wanted_device: str) -> None:
        """Load the weights and choose the fastest way that keeps sequences apart.

        Raises:
            ModelError: they can't be loaded, or do not fit.
        """
        attention.register()
        leave_a_core_free()
        self.device = choose_device(wanted_device)
        self._dtype = choose_dtype(self.device)
        self._vocabulary = checkpoint.number("vocab_size")
        self._name = checkpoint.name
        self._model = load_weights(checkpoint, self.device, self._dtype, attention.PADDED)
        self.full_tokens = token_budget(self.device, _bytes_per_token(checkpoint, self._dtype.itemsize))
        self.budget = Budget(self.full_tokens, is_padded=True)
        self._choose_attention()
        log.info("%s runs on %s in %s by %s", self._name, self.device, self._dtype, self.attention)

    @property
    def attention(self) -> str:
        """Name of the attention in use."""
        return str(self._model.config._attn_implementation)

    def states(self, batch: Sequences) -> NDArray[np.float32]:
        """Final hidden states of the last tokens, float32 [n, hidden]. Raises RuntimeError as torch does."""
        import torch

        with torch.inference_mode():
            states = self._padded(batch) if self.budget.is_padded else self._packed(batch)
            found = np.asarray(states.float().cpu().numpy(), dtype=np.float32)
        if not np.isfinite(found).all():
            raise ModelError(
                f"{self._name} gives no numbers in {self._dtype} on {self.device}: install it again, or set "
                "COGNATE_DEVICE=cpu."
            )
        return found

    def _packed(self, batch: Sequences) -> torch.Tensor:
        """One row without padding, in which positions begin anew with each sequence."""
        import torch

        lengths = [len(sequence) for sequence in batch]
        borders = [0, *accumulate(lengths)]
        ids = [token for sequence in batch for token in sequence]
        positions = [position for length in lengths for position in range(length)]
        ends = torch.tensor(borders, dtype=torch.int32, device=self.device)
        output = self._model(
            input_ids=self._row(ids),
            position_ids=self._row(positions),
            use_cache=False,
            lengths=lengths,
            cu_seq_lens_q=ends,
            cu_seq_lens_k=ends,
            max_length_q=max(lengths),
            max_length_k=max(lengths),
        )
        return torch.as_tensor(output.last_hidden_state[0, ends[1:].long() - 1])

    def _padded(self, batch: Sequences) -> torch.Tensor:
        """Rows padded on the right, without a mask: causal attention never looks at the padding."""
        import torch

        lengths = torch.tensor([len(sequence) for sequence in batch], device=self.device)
        rows = [torch.tensor(sequence) for sequence in batch]
        ids = torch.nn.utils.rnn.pad_sequence(rows, batch_first=True).to(self.device)
        output = self._model(input_ids=ids, use_cache=False)
        return torch.as_tensor(output.last_hidden_state[torch.arange(len(batch), device=self.device), lengths - 1])

    def _row(self, numbers: Sequence[int]) -> torch.Tensor:
        import torch

        return torch.tensor([numbers], device=self.device)

    def _choose_attention(self) -> None:
        """The self-test: sequences packed into one row must give what each of them gives alone."""
        generator = np.random.default_rng(0)
        probes = [generator.integers(0, self._vocabulary, length).tolist() for length in PROBE_LENGTHS]
        alone = np.concatenate([self.states([probe]) for probe in probes])
        for name in attention.candidates(self.device):
            if self._keeps_apart(name, probes, alone):
                return
            log.warning("%s does not keep packed texts apart here, or does not run", name)
        self._model.set_attn_implementation(attention.PADDED)
        self.budget = Budget(self.full_tokens, is_padded=True)

    def _keeps_apart(self, name: str, probes: Sequences, alone: NDArray[np.float32]) -> bool:
        try:
            self._model.set_attn_implementation(name)
            self.budget = Budget(self.full_tokens, is_padded=False)
            packed = self.states(probes)
        except (ImportError, AttributeError, RuntimeError, TypeError, ValueError, ModelError) as error:
            log.info("%s does not run here: %s", name, error)
            return False
        lengths = np.linalg.norm(packed, axis=1) * np.linalg.norm(alone, axis=1)
        cosines = (packed * alone).sum(axis=1) / lengths
        return bool((cosines >= SAME_COSINE[str(self._dtype).removeprefix("torch.")]).all())


def _bytes_per_token(checkpoint: Checkpoint, itemsize: int) -> int:
    """Activations that live at one time: the stream in float32 for the norms, queries, keys, values, and the MLP."""
    heads = checkpoint.number("num_attention_heads") + 2 * checkpoint.number("num_key_value_heads")
    attended = 2 * heads * checkpoint.number("head_dim")
    hidden, inner = checkpoint.number("hidden_size"), checkpoint.number("intermediate_size")
    return itemsize * (4 * hidden + attended + 3 * inner) + 8 * hidden
