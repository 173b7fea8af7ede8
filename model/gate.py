from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Protocol

from model.precedence import Precedence


class Mark(Protocol):
    """A place in the work of a device, such as a torch.cuda.Event."""

    def record(self) -> None:
        """Mark what was begun so far."""
        ...

    def synchronize(self) -> None:
        """Wait until that is done."""
        ...


class Gate:
    """Stands between the steps of a long batch, so that what is urgent need not wait for its end.

    The device is given no more than `ahead` steps in advance, and none while something urgent is under way.
    """

    def __init__(self, precedence: Precedence, mark: Callable[[], Mark], ahead: int) -> None:
        self._precedence = precedence
        self._mark = mark
        self._ahead = ahead
        self._begun: deque[Mark] = deque()

    def __call__(self) -> None:
        """Wait for one's turn to begin the next step; for the one thread that gives long batches to the device."""
        mark = self._mark()
        mark.record()
        self._begun.append(mark)
        while len(self._begun) > self._ahead:
            self._begun.popleft().synchronize()
        self._precedence.give_way()
