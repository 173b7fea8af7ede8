from __future__ import annotations

import gc
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

T = TypeVar("T")


class Resident(Generic[T]):
    """Something large that is loaded on first need and let go of after a while without use. For many threads."""

    def __init__(self, load: Callable[[], T], idle_seconds: float, after: Callable[[], None]) -> None:
        """`after` is called when it was let go of; with 0 `idle_seconds` it stays."""
        self._load = load
        self._idle_seconds = idle_seconds
        self._after = after
        self._lock = threading.RLock()
        self._value: T | None = None
        self._users = 0
        self._used_at = 0.0
        self._wake = threading.Event()
        weakref.finalize(self, self._wake.set)

    @property
    def is_loaded(self) -> bool:
        """Whether it takes memory now."""
        return self._value is not None

    @contextmanager
    def use(self) -> Iterator[T]:
        """Have it loaded until the end of the block; raises what loading raises."""
        with self._lock:
            if self._value is None:
                self._value = self._load()
                if self._idle_seconds:
                    arguments = (weakref.ref(self), self._wake)
                    threading.Thread(target=_watch, args=arguments, name="idle", daemon=True).start()
            value = self._value
            self._users += 1
        try:
            yield value
        finally:
            del value
            with self._lock:
                self._users -= 1
                self._used_at = time.monotonic()

    def replace(self, value: T) -> None:
        """Have another value from now on."""
        with self._lock:
            if self._value is not None:
                self._value = value
        gc.collect()

    def drop(self) -> None:
        """Let go of it; the next use loads it anew."""
        with self._lock:
            self._value = None
        gc.collect()
        self._after()

    def _rest(self) -> float | None:
        """Seconds until it may be let go of; None when that has just been done."""
        with self._lock:
            rest = self._idle_seconds if self._users else self._used_at + self._idle_seconds - time.monotonic()
            if rest > 0 and self._value is not None:
                return rest
            self._value = None
        gc.collect()
        self._after()
        return None


def _watch(reference: weakref.ref[Resident[T]], wake: threading.Event) -> None:
    """Ends with the resident, which it does not keep alive, or when that has let go."""
    while (resident := reference()) is not None and (rest := resident._rest()) is not None:
        del resident
        wake.wait(rest)
