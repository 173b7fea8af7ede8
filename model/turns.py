import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Turns:
    """A lock that lets what is urgent go first: a query waits for the batch in hand and not for the backlog."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._is_taken = False
        self._urgent = 0

    @contextmanager
    def turn(self, urgent: bool) -> Iterator[None]:
        """Wait for the device and hold it."""
        with self._condition:
            self._urgent += urgent
            self._condition.wait_for(lambda: not self._is_taken and (urgent or not self._urgent))
            self._urgent -= urgent
            self._is_taken = True
        try:
            yield
        finally:
            with self._condition:
                self._is_taken = False
                self._condition.notify_all()
