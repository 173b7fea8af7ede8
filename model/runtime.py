from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from model.device import choose_device, is_device_lost, is_out_of_memory, release_memory
from model.errors import ModelError, NoRoomError
from model.packing import Budget
from model.resident import Resident
from model.running import Running
from model.turns import Turns

if TYPE_CHECKING:
    import torch

log = logging.getLogger(__name__)

Tokens = NDArray[np.int64]
Batch = Sequence[Tokens]
Numbered = tuple[int, Tokens]  # the place of a text among those of one call

FOR_NOW = "It runs on the processor, slowly, until there is room again."
FOR_GOOD = "It runs on the processor, slowly, until Cognate is restarted."
REGROW_AFTER = 64  # batches that fit, one after the other, before a budget that was halved is doubled
BATCHES_AHEAD = 2  # under way on a device that works by itself: the next one starts when this one ends
WAIT_SECONDS = 0.4  # for one batch, on devices where a query has to wait for it
LEAST_TOKENS = 256
AWAY_SECONDS = 600.0  # until a device that was too full is looked at again


class Pending(Protocol):
    """A batch that a device works on."""

    def result(self) -> NDArray[np.float32]:
        """Wait for its rows. Raises RuntimeError as torch does."""
        ...


@dataclass(frozen=True, slots=True)
class Done:
    """A batch that was waited for when it was begun."""

    rows: NDArray[np.float32]

    def result(self) -> NDArray[np.float32]:
        """Its rows."""
        return self.rows


class Machine(Protocol):
    """A model on its device."""

    device: torch.device
    budget: Budget
    full_tokens: int  # the budget when nothing else takes memory
    overlaps: bool  # works by itself

    @property
    def yields(self) -> bool:
        """Whether a batch gives way between its steps, so that what is urgent is worked on beside it."""
        ...


M = TypeVar("M", bound=Machine)
Begin = Callable[[M, Batch, bool], Pending]


class Runtime(Generic[M]):
    """Runs texts through a model in batches that fit. Several threads may call; what is urgent goes first.

    Out of memory, it halves the batches; when one text alone does not fit, or the device fails, it goes on on the
    processor, and comes back when there is room.
    """

    def __init__(self, name: str, width: int, load: Callable[[torch.device], M], running: Running) -> None:
        """Nothing is loaded yet; rows have `width` numbers."""
        self._name = name
        self._width = width
        self._make = load
        self._running = running
        self._turns = Turns()
        self._urgent_turns = Turns()
        self._resident: Resident[M] = Resident(self._load, running.idle_seconds, self._released)
        self._device: torch.device | None = None  # of the latest load
        self._returning = threading.Lock()
        self._away_until = 0.0  # monotonic time; on the processor until then
        self._fits = 0
        self._pace = float("inf")  # tokens a second

    @property
    def is_loaded(self) -> bool:
        """Whether the model takes memory now."""
        return self._resident.is_loaded

    def rows(
        self,
        count: int,
        parts: Iterable[Sequence[Numbered]],
        begin: Begin[M],
        urgent: bool = False,
        stays: bool = False,
    ) -> NDArray[np.float32]:
        """What `begin` gives for each of `count` texts, float32 [count, width]; long texts had better come first.

        Raises:
            NoRoomError: one text alone does not fit, not even on the processor; if it `stays`, not on this device.
            ModelError: the model can't be loaded.
        """
        call = _Call(np.empty((count, self._width), np.float32), parts)
        precedence = self._running.precedence
        self._come_back()
        while True:
            with self._resident.use() as machine:
                device = machine.device
                try:
                    with precedence.urgent() if urgent else nullcontext():
                        self._advance(machine, call, begin, urgent)
                    if call.is_taken:
                        return call.found
                except RuntimeError as error:
                    if not (is_out_of_memory(error) or is_device_lost(error, device)):
                        raise
                    failure = error.with_traceback(None)  # whose frames hold the tensors that there is no room for
                else:
                    self._count_fit(machine)
                    continue
            self._recover(failure, device, call.put_back(), stays)

    def _advance(self, machine: M, call: _Call, begin: Begin[M], urgent: bool) -> None:
        """Begin the next batch of a call and take in what is ready, or, behind the last one, everything."""
        batch = call.take(self._budget(machine))
        if batch:
            call.under_way.append((batch, self._begun(machine, [tokens for _, tokens in batch], begin, urgent)))
        call.collect(BATCHES_AHEAD - 1 if machine.overlaps and not call.is_taken else 0)

    def _begun(self, machine: M, batch: Batch, begin: Begin[M], urgent: bool) -> Pending:
        if not urgent:
            self._running.precedence.give_way()
        turns = self._urgent_turns if urgent and machine.yields else self._turns
        with turns.turn(urgent):
            started = time.monotonic()
            pending = begin(machine, batch, urgent)
            if not machine.overlaps:
                spent = max(time.monotonic() - started, 1e-6)
                self._pace = sum(map(len, batch)) / spent
        return pending

    def _budget(self, machine: M) -> Budget:
        """What fits, and where a query would have to wait for it, what does not take long."""
        if machine.overlaps:
            return machine.budget
        soon = max(LEAST_TOKENS, int(min(self._pace * WAIT_SECONDS, machine.full_tokens)))
        return replace(machine.budget, tokens=min(machine.budget.tokens, soon))

    def _load(self) -> M:
        wanted = "cpu" if time.monotonic() < self._away_until else self._running.device
        self._device = choose_device(wanted)
        self._fits, self._pace = 0, float("inf")
        try:
            return self._make(self._device)
        except NoRoomError as error:
            if self._device.type == "cpu":
                raise
            reason = str(error)
        except RuntimeError as error:
            if not is_device_lost(error, self._device):
                raise
            reason = f"{self._name} does not run on {self._device} ({_first_line(error)})."
        self._go_away(reason, AWAY_SECONDS)
        self._device = choose_device("cpu")
        return self._make(self._device)

    def _recover(self, failure: RuntimeError, device: torch.device, lengths: Sequence[int], stays: bool) -> None:
        """Make the next attempt a smaller one, or one elsewhere. Raises NoRoomError."""
        self._fits = 0
        tokens = sum(lengths)
        if is_out_of_memory(failure):
            with suppress(RuntimeError):
                release_memory(device)
            if len(lengths) > 1:
                with self._resident.use() as machine:
                    machine.budget = replace(machine.budget, tokens=tokens // 2)
                log.warning("%s is out of memory: batches of %d tokens from now on", device, tokens // 2)
                return
            reason = f"{self._name}: a text of {tokens} tokens does not fit into the memory of {device}."
            if stays or device.type == "cpu":
                raise NoRoomError(f"{reason} Close programs that use it, or choose a smaller model.")
            self._go_away(reason, AWAY_SECONDS)
        else:
            reason = f"{self._name}: {device} has failed ({_first_line(failure)})."
            self._go_away(reason, float("inf"))  # a context that has failed stays so until the process ends
        self._resident.drop()

    def _go_away(self, reason: str, seconds: float) -> None:
        self._away_until = time.monotonic() + seconds
        notice = f"{reason} {FOR_GOOD if seconds == float('inf') else FOR_NOW}"
        log.warning("%s", notice)
        self._running.notify(notice)

    def _come_back(self) -> None:
        """After a while on the processor, try the device again; while it is still full, everything stays as it is."""
        with self._returning:
            if not self._away_until or time.monotonic() < self._away_until:
                return
            self._away_until = time.monotonic() + AWAY_SECONDS
            with suppress(ModelError, RuntimeError):
                device = choose_device(self._running.device)
                self._resident.replace(self._make(device))
                self._device, self._away_until = device, 0.0
                self._running.notify("")

    def _released(self) -> None:
        if self._device is not None:
            with suppress(RuntimeError):
                release_memory(self._device)
            log.info("%s has left the memory of %s", self._name, self._device)

    def _count_fit(self, machine: M) -> None:
        """Memory that another program had taken comes back some time."""
        self._fits += 1
        if self._fits >= REGROW_AFTER and machine.budget.tokens < machine.full_tokens:
            self._fits = 0
            machine.budget = replace(machine.budget, tokens=min(machine.full_tokens, 2 * machine.budget.tokens))


class _Call:
    """The texts of one call on their way."""

    def __init__(self, found: NDArray[np.float32], parts: Iterable[Sequence[Numbered]]) -> None:
        self.found = found  # rows of the texts, filled in as they come
        self.under_way: deque[tuple[list[Numbered], Pending]] = deque()
        self._feed: Iterator[Sequence[Numbered]] | None = iter(parts)  # None when it has ended
        self._waiting: deque[Numbered] = deque()
        self._batch: list[Numbered] = []  # the latest that something was done with

    @property
    def is_taken(self) -> bool:
        """Whether all texts are under way or done."""
        return self._feed is None and not self._waiting

    def take(self, budget: Budget) -> list[Numbered]:
        """The next batch; empty when all texts were taken."""
        while self._feed is not None and sum(len(tokens) for _, tokens in self._waiting) < budget.tokens:
            if part := next(self._feed, None):
                self._waiting.extend(part)
            else:
                self._feed = None
        chosen = set(budget.chosen([len(tokens) for _, tokens in self._waiting])) if self._waiting else set()
        self._batch = [numbered for place, numbered in enumerate(self._waiting) if place in chosen]
        self._waiting = deque(numbered for place, numbered in enumerate(self._waiting) if place not in chosen)
        return self._batch

    def collect(self, most: int) -> None:
        """Take in the rows of what is under way until no more than so many batches are."""
        while len(self.under_way) > most:
            self._batch, pending = self.under_way[0]
            self.found[[place for place, _ in self._batch]] = pending.result()
            self.under_way.popleft()

    def put_back(self) -> list[int]:
        """Let everything wait again that is not done; the lengths of the batch that has failed."""
        for batch in [batch for batch, _ in self.under_way if batch is not self._batch] + [self._batch]:
            self._waiting.extendleft(reversed(batch))
        self.under_way.clear()
        return [len(tokens) for _, tokens in self._batch]


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
