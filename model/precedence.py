import math
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

PATIENCE_SECONDS = 2.0  # what has been urgent for longer waits itself, for a server for instance


class _Claim(NamedTuple):
    thread: int
    began: float


class Precedence:
    """Has long work wait between its steps while something urgent is under way, in whatever thread.

    What is urgent must need nothing that a waiting thread holds.
    """

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._claims: list[_Claim] = []

    @contextmanager
    def urgent(self) -> Iterator[None]:
        """Have long work wait until the end of the block."""
        claim = _Claim(threading.get_ident(), time.monotonic())
        with self._condition:
            self._claims.append(claim)
        try:
            yield
        finally:
            with self._condition:
                self._claims.remove(claim)
                self._condition.notify_all()

    def give_way(self) -> None:
        """Wait until nothing urgent is under way, or for long; at once in a thread with something urgent itself."""
        with self._condition:
            while (rest := self._rest(threading.get_ident())) > 0:
                self._condition.wait(rest)

    def _rest(self, thread: int) -> float:
        """Seconds that a thread has to wait, unless something changes."""
        if any(claim.thread == thread for claim in self._claims):
            return 0
        latest = max((claim.began for claim in self._claims), default=-math.inf)
        return latest + PATIENCE_SECONDS - time.monotonic()
