"""Touching files of network shares, each time in a thread.

Whoever touches a file of a share that does not answer waits until it does, and can't be stopped: there, that holds
nothing else up.
"""

import errno
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from typing import Any, TypeVar

from indexer.mounts import file_systems, is_network

T = TypeVar("T")

PATIENCE_SECONDS = 10.0  # a disk that rests takes as long to begin to turn
SILENT = "its share does not answer"
_LISTED_SECONDS = 1.0  # what is mounted is listed anew after so long
_ASKED_SECONDS = 1.0  # a server that has answered is not asked again for so long
_ANSWERS = (errno.ENOSYS, errno.EOPNOTSUPP, errno.EACCES, errno.EPERM)  # of a server that is there, but does not tell
_GATHER_SECONDS = 0.1  # what is made within it is handed over together


class _Shares:
    """The shares that are mounted, and what each has not answered yet."""

    def __init__(self) -> None:
        self._places: list[str] = []
        self._listed_at = -_LISTED_SECONDS
        self._unanswered: dict[str, Future[Any]] = {}
        self._asked_at: dict[str, float] = {}

    @property
    def places(self) -> list[str]:
        """Where they are mounted."""
        if time.monotonic() - self._listed_at > _LISTED_SECONDS:
            self._listed_at = time.monotonic()
            self._places = [place for place, kind in file_systems().items() if is_network(kind)]
        return self._places

    def place_of(self, path: str) -> str | None:
        """Where the share is mounted that a path lies on; None: it lies on none."""
        return next((place for place in self.places if path == place or path.startswith(_below(place))), None)

    def touch(self, place: str, path: str, function: Callable[[], T]) -> T:
        """See the function of this name."""
        unanswered = self._unanswered.get(place)
        if unanswered is None or unanswered.done():
            future: Future[T] = Future()
            threading.Thread(target=self._answer, args=(place, function, future), name="share", daemon=True).start()
            if wait([future], PATIENCE_SECONDS).done:
                return future.result()
            self._unanswered[place] = future
        raise TimeoutError(errno.ETIMEDOUT, SILENT, path)

    def _answer(self, place: str, function: Callable[[], T], future: "Future[T]") -> None:
        try:
            if time.monotonic() - self._asked_at.get(place, -_ASKED_SECONDS) >= _ASKED_SECONDS:
                _ask(place)
                self._asked_at[place] = time.monotonic()
            future.set_result(function())
        except BaseException as error:  # handed to whoever waits, if anybody still does
            future.set_exception(error)


def _ask(place: str) -> None:
    """Ask a server something that the system does not remember, as it may what a function asks for."""
    try:
        shutil.disk_usage(place)
    except OSError as error:
        if error.errno not in _ANSWERS:
            raise


_shares = _Shares()


def touch(path: str | os.PathLike[str], function: Callable[[], T]) -> T:
    """What a function gives that touches a file, or its error.

    Raises TimeoutError, an OSError: its share does not answer. The function may still go on then, in its thread.
    """
    place = _shares.place_of(os.fspath(path))
    return function() if place is None else _shares.touch(place, os.fspath(path), function)


def each(path: str | os.PathLike[str], items: Iterator[T]) -> Iterator[T]:
    """Items that are made by touching a file, or what lies in a folder. Raises TimeoutError between two of them."""
    place = _shares.place_of(os.fspath(path))
    if place is None:
        yield from items
        return
    is_last = False
    while not is_last:
        some, is_last = _shares.touch(place, os.fspath(path), lambda: _some(items))
        yield from some


def mounted_in(folder: str) -> frozenset[str]:
    """Those of the entries of a folder that are shares."""
    return frozenset(place for place in _shares.places if os.path.dirname(place) == folder)


def is_gone(error: BaseException | None) -> bool:
    """Whether there is no such file; else nothing is known of it, as its disk or share fails."""
    return isinstance(error, FileNotFoundError | NotADirectoryError)


def _some(items: Iterator[T]) -> tuple[list[T], bool]:
    """Those that are made within a moment, and whether they are the last."""
    end, some = time.monotonic() + _GATHER_SECONDS, list[T]()
    for item in items:
        some.append(item)
        if time.monotonic() > end:
            return some, False
    return some, True


def _below(place: str) -> str:
    return place.rstrip(os.sep) + os.sep
