from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from app import instance
from app.instance import AlreadyRunningError, InstanceError, Message, NotRunningError

if TYPE_CHECKING:
    from app.headless import OwnEngine

PATIENCE_SECONDS = 15.0  # for another command to let go of the profile
RETRY_SECONDS = 0.05


class Line:
    """Where a command gets its answers: the running instance, or else an engine of its own, kept until the end.

    Args:
        tell: for what else there is to say.
        running: an engine of its own also watches and indexes.
    """

    def __init__(self, profile: Path, tell: Callable[[str], None], running: bool = False) -> None:
        self._profile = profile
        self._tell = tell
        self._running = running
        self._own: OwnEngine | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._own is not None:
            self._own.close()

    @property
    def is_own(self) -> bool:
        """Whether the last answer came from an engine of this process."""
        return self._own is not None

    def ask(self, request: Message) -> Iterator[Message]:
        """Messages that answer the request, the one with "end" last.

        Raises:
            CognateError: nobody can answer it.
        """
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            if self._own is not None:
                return self._own.answer(request)
            if (messages := self._ask_instance(request)) is None:
                self._open()
                continue
            first = next(messages)
            if not first.get("refused"):
                return chain([first], messages)
            if time.monotonic() > deadline:
                pid = first.get("pid")
                raise InstanceError(f"another command uses this profile (process {pid}): wait until it has ended")
            time.sleep(RETRY_SECONDS)

    def _ask_instance(self, request: Message) -> Iterator[Message] | None:
        try:
            return instance.ask(self._profile, request)
        except NotRunningError:
            return None

    def _open(self) -> None:
        from app.headless import OwnEngine  # loads the indexer

        try:
            self._own = OwnEngine(self._profile, self._running)
        except AlreadyRunningError:
            time.sleep(RETRY_SECONDS)  # it has just started, or is about to end: ask it
        else:
            for warning in self._own.warnings:
                self._tell(f"Warning: {warning}")
