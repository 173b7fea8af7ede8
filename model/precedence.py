import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

PATIENCE_SECONDS = 2.0  # that long work waits, and then goes on for, where something urgent is always under way


class Precedence:
    """Has long work wait between its steps while something urgent is under way, in whatever thread.

    What is urgent must need nothing that a waiting thread holds.
    """

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._urgent: list[int] = []  # threads with something urgent
        self._goes_on_until = 0.0  # monotonic time; long work has waited enough

    @contextmanager
    def urgent(self) -> Iterator[None]:
        """Have long work wait until the end of the block."""
        thread = threading.get_ident()
        with self._condition:
            self._urgent.append(thread)
        try:
            yield
        finally:
            with self._condition:
                self._urgent.remove(thread)
                self._condition.notify_all()

    def give_way(self) -> None:
        """Wait until nothing urgent is under way, within reason; at once in a thread with something urgent itself."""
        thread = threading.get_ident()
        with self._condition:
            if time.monotonic() < self._goes_on_until:
                return
            if not self._condition.wait_for(lambda: not self._urgent or thread in self._urgent, PATIENCE_SECONDS):
                self._goes_on_until = time.monotonic() + PATIENCE_SECONDS
