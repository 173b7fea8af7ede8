from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol


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

    def __init__(self, mark: Callable[[], Mark], ahead: int) -> None:
        self._mark = mark
        self.ahead = ahead
        self._begun: deque[Mark] = deque()
        self._condition = threading.Condition()
        self._urgent = 0

    def step(self) -> None:
        """Wait for one's turn to begin the next step; for the one thread that gives long batches to the device."""
        mark = self._mark()
        mark.record()
        self._begun.append(mark)
        while len(self._begun) > self.ahead:
            self._begun.popleft().synchronize()
        with self._condition:
            self._condition.wait_for(lambda: not self._urgent)

    @contextmanager
    def urgent(self) -> Iterator[None]:
        """Have long batches wait, from any thread."""
        with self._condition:
            self._urgent += 1
        try:
            yield
        finally:
            with self._condition:
                self._urgent -= 1
                self._condition.notify_all()
