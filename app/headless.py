"""The engine without a window, for commands that no running instance answers."""

from __future__ import annotations

import _thread
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from types import FrameType
from typing import NoReturn

from app.instance import InstanceServer, Message
from app.logs import close_log, open_log
from app.options import load_options
from app.profile import prepare_profile
from app.service import EngineService
from app.traces import forget_traces
from indexer.engine import Engine


class OwnEngine:
    """Holds a profile while one command works, and answers other commands meanwhile.

    Raises:
        AlreadyRunningError: another process has the profile.
        CognateError: the profile can't be used.
    """

    def __init__(self, profile: Path, running: bool) -> None:
        prepare_profile(profile)
        loaded = load_options(profile)
        self.warnings = loaded.warnings  # about the options
        self._service = EngineService(running, {"quit": _quit})
        server = InstanceServer(profile, self._service.answer)
        with ExitStack() as undo:
            server.start()
            undo.callback(server.close)
            undo.callback(close_log, open_log(profile))
            undo.callback(self._service.close)
            engine = Engine.open(profile, loaded.options.indexing, partial(forget_traces, profile))
            undo.callback(engine.close)
            undo.callback(server.drain)
            undo.callback(self._service.close)
            undo.callback(signal.signal, signal.SIGTERM, signal.signal(signal.SIGTERM, _interrupt))
            if running:
                engine.start()
            self._service.serve(engine)
            self._undo = undo.pop_all()

    def answer(self, request: Message) -> Iterator[Message]:
        """Messages that answer a request, the one with "end" last."""
        return self._service.answer(request)

    def close(self) -> None:
        """End the engine, then let go of the profile: whoever comes next finds it free."""
        self._undo.close()


def _interrupt(signum: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _quit(request: Message) -> Iterator[Message]:
    """End the command of this process as Ctrl-C does, even where it waits for input."""
    yield {"end": 0}
    if sys.platform == "win32":
        _thread.interrupt_main(signal.SIGTERM)
    else:
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGTERM)
