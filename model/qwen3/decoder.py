from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from model.checkpoint import Checkpoint
from model.device import MAX_TOKENS, choose_dtype, leave_a_core_free, token_budget
from model.errors import ModelError
from model.gate import Gate
from model.loading import check_room, load_weights, moved, read_weights
from model.packing import Budget
from model.precedence import Precedence
from model.precision import Precision
from model.qwen3 import attention
from model.qwen3.layers import Steps, can_rebuild, rebuild, use_products, use_steps, use_unpackers
from model.runtime import Batch, Done, Pending, Tokens

log = logging.getLogger(__name__)

PROBE_LENGTHS = (7, 1, 12, 3)  # tokens of the sequences of the self-test
SAME_COSINE = {torch.float32: 0.99999, torch.bfloat16: 0.995, torch.float16: 0.995}  # mixed texts are below 0.9
RECORDED_TOKENS = (64, 128, 256)  # a question under its instruction has some 40
TRIAL_TOKENS = 8_192
QUESTION_TOKENS = 40
TRIALS = 3
STEPS_PER_LAYER = 2  # as the layers pass the gate
STEP_SECONDS = 0.002  # that one step should take at most: a query waits for the one in hand
AHEAD_SECONDS = 0.003  # of steps of the trial that the device is given in advance, so that it never waits
LEAST_STEP_TOKENS = 4_096  # fewer would leave a large card idle


class Decoder:
    """The loaded weights and the way in which they take a batch."""

    def __init__(
        self, checkpoint: Checkpoint, device: torch.device, precision: Precision, precedence: Precedence
    ) -> None:
        """Load the weights and choose the fastest way that keeps texts apart.

        Raises:
            NoRoomError: they do not fit.
            ModelError: they can't be loaded, or not in this precision.
        """
        attention.register()
        leave_a_core_free()
        self.device = device
        self.overlaps = device.type == "cuda"
        self._dtype = choose_dtype(device)
        self._vocabulary = checkpoint.number("vocab_size")
        self._name = checkpoint.name
        bytes_per_token = _bytes_per_token(checkpoint, self._dtype.itemsize)
        self._lanes = (_stream(device, 0), _stream(device, -1)) if self.overlaps else None
        self._recorded: list[Recorded] = []
        self.is_fused = False
        self.asks_packed = False  # the weights stay packed for a question
        self.budget = Budget(token_budget(device, bytes_per_token), is_padded=True)
        self._gate: Callable[[], None] | None = None  # not while it is loaded, which something urgent may wait for
        self._lay_out(checkpoint, precision)
        most = MAX_TOKENS
        if self.overlaps:
            step_seconds = self._speed_up(precision)
            self._gate = Gate(precedence, _event, ahead=max(1, round(AHEAD_SECONDS / step_seconds)))
            most = max(LEAST_STEP_TOKENS, int(TRIAL_TOKENS * STEP_SECONDS / step_seconds))
        elif device.type == "cpu" and self._is_rebuilt:
            self._gate = precedence.give_way
        self.full_tokens = min(most, token_budget(device, bytes_per_token))  # of what the weights have left free
        self.budget = Budget(self.full_tokens, self.budget.is_padded)
        log.info("%s runs on %s in %s, %s, by %s", self._name, device, self._dtype, precision, self.attention)

    @property
    def yields(self) -> bool:
        """Whether a batch gives way between its steps."""
        return self._gate is not None

    @property
    def attention(self) -> str:
        """Name of the attention in use."""
        return str(self._model.config._attn_implementation)

    @property
    def recorded(self) -> int:
        """How many lengths of single questions are recorded."""
        return len(self._recorded)

    def begin(self, batch: Batch, urgent: bool = False) -> Pending:
        """Start on the final states of the last tokens, float32 [n, hidden]. Raises RuntimeError as torch does."""
        with torch.inference_mode(), self._lane(urgent):
            recorded = next((one for one in self._recorded if one.tokens >= len(batch[0])), None)
            if urgent and len(batch) == 1 and recorded is not None:
                states = recorded.states(batch[0])
            else:
                gate = None if urgent else self._gate
                states = self._padded(batch, gate) if self.budget.is_padded else self._packed(batch, gate)
            return self._fetched(states)

    def states(self, batch: Batch) -> NDArray[np.float32]:
        """The same, awaited."""
        return self.begin(batch).result()

    def _lane(self, urgent: bool) -> AbstractContextManager[Any]:
        """What is urgent overtakes what the device has begun: its blocks go first."""
        return torch.cuda.stream(self._lanes[urgent]) if self._lanes else nullcontext()

    def _fetched(self, states: torch.Tensor) -> Pending:
        if not self.overlaps:
            return Done(self.checked(np.asarray(states.float().cpu().numpy())))
        host = torch.empty(states.shape, dtype=torch.float32, pin_memory=True)
        host.copy_(states.float(), non_blocking=True)
        event = _event()
        event.record()
        return Fetched(self, host, event)

    def checked(self, states: NDArray[np.float32]) -> NDArray[np.float32]:
        """The states. Raises ModelError: they are no numbers."""
        if not np.isfinite(states).all():
            raise ModelError(
                f"{self._name} gives no numbers in {self._dtype} on {self.device}: install it again, or set "
                "COGNATE_DEVICE=cpu."
            )
        return states

    def _packed(self, batch: Batch, gate: Callable[[], None] | None) -> torch.Tensor:
        """One row without padding, in which positions begin anew with each text."""
        lengths = [len(tokens) for tokens in batch]
        ends = np.cumsum(lengths)
        positions = np.arange(ends[-1]) - np.repeat(ends - lengths, lengths)
        borders = self._there(np.concatenate(([0], ends)).astype(np.int32))
        rows = borders[1:].long() - 1
        output = self._model(
            input_ids=self._there(np.concatenate(batch))[None],
            position_ids=self._there(positions)[None],
            use_cache=False,
            rows=rows,
            gate=gate,
            lengths=lengths,
            cu_seq_lens_q=borders,
            cu_seq_lens_k=borders,
            max_length_q=max(lengths),
            max_length_k=max(lengths),
        )
        return self._chosen(output, rows)

    def _padded(self, batch: Batch, gate: Callable[[], None] | None) -> torch.Tensor:
        """Rows padded on the right, without a mask: causal attention never looks at the padding."""
        longest = max(len(tokens) for tokens in batch)
        ids = np.zeros((len(batch), longest), np.int64)
        for row, tokens in zip(ids, batch, strict=True):
            row[: len(tokens)] = tokens
        ends = np.array([len(tokens) - 1 for tokens in batch]) + longest * np.arange(len(batch))
        rows = self._there(ends)
        return self._chosen(self._model(input_ids=self._there(ids), use_cache=False, rows=rows, gate=gate), rows)

    def _chosen(self, output: Any, rows: torch.Tensor) -> torch.Tensor:  # noqa: ANN401 - of transformers
        """States of these rows; the model's own layers give those of all."""
        states: torch.Tensor = output.last_hidden_state.flatten(0, 1)
        return states if self._is_rebuilt else states[rows]

    def _there(self, numbers: NDArray[Any]) -> torch.Tensor:
        tensor = torch.from_numpy(numbers)
        return tensor.pin_memory().to(self.device, non_blocking=True) if self.overlaps else tensor.to(self.device)

    # Loading

    def _lay_out(self, checkpoint: Checkpoint, precision: Precision) -> None:
        """Load, rebuild and test: texts packed into one row must give what each gives alone, in the original layers."""
        self._is_rebuilt = False
        if precision is Precision.FULL:
            self._model = load_weights(checkpoint, self.device, self._dtype, attention.PADDED)
            self._settle()
            alone = self._alone()
            if can_rebuild(self._model.config):
                self._rebuild(checkpoint, precision)
        else:
            self._load_reduced(checkpoint, precision)
            alone = self._alone()
        self._settle()
        if not self._choose_attention(alone):
            log.warning("the rebuilt layers of %s give other numbers here: its own are used", self._name)
            self._is_rebuilt = False
            self._model = load_weights(checkpoint, self.device, self._dtype, attention.PADDED)
            self._settle()
            self._choose_attention(alone)

    def _load_reduced(self, checkpoint: Checkpoint, precision: Precision) -> None:
        """Load weights that take more room than the device may have, and reduce them on the way."""
        check_room(checkpoint, self.device, self._dtype, precision.bits)
        self._model = read_weights(checkpoint, self._dtype, attention.PADDED)
        if not can_rebuild(self._model.config):
            raise checkpoint.unfit(f"its layers can't be kept in {precision}")
        try:
            self._rebuild(checkpoint, precision)
            moved(lambda: self._model.to(self.device), checkpoint, self.device)
            self._settle()
            self._alone()
        except (RuntimeError, ValueError, NotImplementedError) as error:
            raise checkpoint.unfit(f"{self.device} does not compute in {precision} ({error})") from error

    def _rebuild(self, checkpoint: Checkpoint, precision: Precision) -> None:
        moved(lambda: rebuild(self._model, precision, self.device), checkpoint, self.device)
        self._is_rebuilt = True

    def _settle(self) -> None:
        """Wait for what loading has begun: the lanes do not."""
        if self.overlaps:
            torch.cuda.synchronize(self.device)

    def _alone(self) -> NDArray[np.float32]:
        """States of the texts of the self-test, each by itself."""
        return np.concatenate([self.states([probe]) for probe in self._probes()])

    def _probes(self) -> list[Tokens]:
        generator = np.random.default_rng(0)
        return [generator.integers(0, self._vocabulary, length) for length in PROBE_LENGTHS]

    def _choose_attention(self, alone: NDArray[np.float32]) -> bool:
        """Use the fastest attention that passes the self-test; whether there is one."""
        for name in attention.candidates(self.device):
            if self._passes(name, False, alone):
                return True
            log.warning("%s does not keep packed texts apart here, or does not run", name)
        return self._passes(attention.PADDED, True, alone)

    def _passes(self, name: str, is_padded: bool, alone: NDArray[np.float32]) -> bool:
        try:
            self._model.set_attn_implementation(name)
            self.budget = Budget(self.budget.tokens, is_padded)
            together = self.states(self._probes())
        except (ImportError, AttributeError, RuntimeError, TypeError, ValueError, ModelError) as error:
            log.info("%s does not run here: %s", name, error)
            return False
        return self._is_same(together, alone)

    def _is_same(self, states: NDArray[np.float32], others: NDArray[np.float32]) -> bool:
        lengths = np.linalg.norm(states, axis=1) * np.linalg.norm(others, axis=1)
        return bool(((states * others).sum(axis=1) >= SAME_COSINE[self._dtype] * lengths).all())

    # Where the processor would not keep up with the device

    def _speed_up(self, precision: Precision) -> float:
        """Fuse what lies between the products, unpack weights in one pass and record short questions.

        Each where it works and is faster. Returns the seconds that a step of the trial takes.
        """
        states = self.states(self._probes())
        seconds = self._trial()
        is_packed = precision in (Precision.EIGHT, Precision.FOUR)
        if self._is_rebuilt:
            fused = self._quicker(lambda: use_steps(self._model, Steps.fused()), self._trial, states, seconds)
            self.is_fused = fused is not None
            if fused is None:
                use_steps(self._model, Steps())
            seconds = fused or seconds
        if is_packed:
            unpacked = self._quicker(self._unpack_at_once, self._trial, states, seconds)
            if unpacked is None:
                use_unpackers(self._model, {})
            seconds = unpacked or seconds
        self._record(states)
        if is_packed:
            recorded = self._recorded
            asked = self._quicker(lambda: self._ask_packed(states), self._question, states, self._question())
            self.asks_packed = asked is not None
            if asked is None:
                use_products(self._model, {})
                self._recorded = recorded
        return seconds / (STEPS_PER_LAYER * len(self._model.layers))

    def _quicker(
        self, use: Callable[[], None], trial: Callable[[], float], states: NDArray[np.float32], seconds: float
    ) -> float | None:
        """Seconds of a trial with another way; None where it fails, gives other numbers or is no faster."""
        try:
            use()
            is_same = self._is_same(self.states(self._probes()), states)
            found = trial()
        except Exception as error:  # compilers fail in many ways, and nothing depends on this one
            log.info("a faster way does not run here: %s", error)
            return None
        return found if is_same and found < seconds else None

    def _trial(self) -> float:
        """Seconds that a batch takes at best."""
        length = TRIAL_TOKENS // 32
        batch = [np.arange(length) % self._vocabulary] * 32
        return _quickest(lambda: self.states(batch))

    def _question(self) -> float:
        """Seconds that a question takes at best."""
        question = [np.arange(QUESTION_TOKENS) % self._vocabulary]
        return _quickest(lambda: self.begin(question, urgent=True).result())

    def _unpack_at_once(self) -> None:
        from model.qwen3.products import UNPACKERS

        use_unpackers(self._model, UNPACKERS)

    def _ask_packed(self, states: NDArray[np.float32]) -> None:
        """Leave the weights packed for questions."""
        from model.qwen3.products import PRODUCTS

        use_products(self._model, PRODUCTS)
        self._record(states)

    def _record(self, states: NDArray[np.float32]) -> None:
        """Record the run of one short text, so that hundreds of commands to the device become one."""
        chosen, budget = self.attention, self.budget
        try:
            self._model.set_attn_implementation(attention.PADDED)
            with torch.inference_mode(), self._lane(True):
                self._recorded = [Recorded(self._model, tokens, self.device) for tokens in RECORDED_TOKENS]
            again = np.concatenate([self.begin([probe], urgent=True).result() for probe in self._probes()])
            if not self._is_same(again, states):
                raise RuntimeError("recorded runs give other numbers")
        except (RuntimeError, ValueError, TypeError) as error:
            log.info("single questions are not recorded here: %s", error)
            self._recorded = []
        self._model.set_attn_implementation(chosen)
        self.budget = budget


class Recorded:
    """One text of up to so many tokens as a CUDA graph, for one thread at a time."""

    def __init__(self, model: Any, tokens: int, device: torch.device) -> None:  # noqa: ANN401 - a Qwen3Model
        """Record on the current stream. Raises RuntimeError: something in the model can't be recorded."""
        self.tokens = tokens
        self._ids = torch.zeros((1, tokens), dtype=torch.int64, device=device)
        self._row = torch.zeros(1, dtype=torch.int64, device=device)

        def run() -> torch.Tensor:
            output = model(input_ids=self._ids, use_cache=False, rows=self._row)
            states: torch.Tensor = output.last_hidden_state.flatten(0, 1)
            return states if len(states) == 1 else states[self._row]

        for _ in range(2):  # what is chosen or compiled at the first calls must not be recorded
            run()
        stream = torch.cuda.current_stream(device)
        stream.synchronize()
        self._graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self._graph, stream=stream, capture_error_mode="thread_local"):
            self._states = run()

    def states(self, tokens: Tokens) -> torch.Tensor:
        """Final state of the last token, [1, hidden], valid until the next call."""
        self._ids[0, : len(tokens)].copy_(torch.from_numpy(tokens).pin_memory(), non_blocking=True)
        self._row.fill_(len(tokens) - 1)
        self._graph.replay()
        return self._states


@dataclass(frozen=True, slots=True)
class Fetched:
    """States on their way back."""

    decoder: Decoder
    host: torch.Tensor
    event: torch.cuda.Event

    def result(self) -> NDArray[np.float32]:
        """Wait for them, float32 [n, hidden]. Raises ModelError: they are no numbers."""
        self.event.synchronize()
        return self.decoder.checked(np.asarray(self.host.numpy(), dtype=np.float32))


def _quickest(work: Callable[[], object]) -> float:
    """Seconds that it takes at best, after a first time."""
    work()
    seconds = []
    for _ in range(TRIALS):
        began = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - began)
    return min(seconds)


def _stream(device: torch.device, priority: int) -> torch.cuda.Stream:
    return torch.cuda.Stream(device, priority=priority)  # type: ignore[no-untyped-call]


def _event() -> torch.cuda.Event:
    return torch.cuda.Event(blocking=True)  # type: ignore[no-untyped-call]


def _bytes_per_token(checkpoint: Checkpoint, itemsize: int) -> int:
    """Activations that live at one time: the stream in float32 for the norms, queries, keys, values, and the MLP."""
    heads = checkpoint.number("num_attention_heads") + 2 * checkpoint.number("num_key_value_heads")
    attended = 2 * heads * checkpoint.number("head_dim")
    hidden, inner = checkpoint.number("hidden_size"), checkpoint.number("intermediate_size")
    return itemsize * (4 * hidden + attended + 3 * inner) + 8 * hidden
