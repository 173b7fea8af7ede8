from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.instance import Message

if TYPE_CHECKING:
    from app.service import EngineService

OPEN_SECONDS = 60.0  # what a request waits for the engine


class Requests(QObject):
    """What other processes ask: asked in threads of their connections, what concerns the window told by signals.

    What concerns the engine goes to the service, which comes later: importing it takes longer than showing a window.
    """

    show_wanted = Signal(str)  # activation token
    similar_wanted = Signal(str, str)  # path, activation token
    quit_wanted = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._service: EngineService | None = None
        self._is_settled = threading.Event()

    def serve(self, service: EngineService | None) -> None:
        """Answer with this service from now on; without one, refuse what concerns the engine."""
        self._service = service
        self._is_settled.set()

    def answer(self, request: Message) -> Iterator[Message]:
        """Messages that answer a request, the one with "end" last."""
        token = str(request.get("token", ""))
        match request["verb"]:
            case "show":
                self.show_wanted.emit(token)
            case "similar-window":
                self.similar_wanted.emit(str(request.get("path", "")), token)
            case "quit":
                self.quit_wanted.emit()
            case _:
                yield from self._ask_service(request)
                return
        yield {"end": 0}

    def _ask_service(self, request: Message) -> Iterator[Message]:
        self._is_settled.wait(OPEN_SECONDS)
        if self._service is None:
            yield {"end": 3, "error": "Cognate could not open its index: its window says why"}
        else:
            yield from self._service.answer(request)
