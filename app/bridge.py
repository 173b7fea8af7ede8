from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from app.tasks import Tasks
from indexer.results import Activity, SearchRequest, SearchResponse, SimilarRequest, Status
from model.errors import CognateError

if TYPE_CHECKING:
    from indexer.engine import Engine

T = TypeVar("T")
IsCancelled = Callable[[], bool]
POLL_MS = 100  # progress at 10 Hz
AT_REST = frozenset({Activity.IDLE, Activity.STOPPED, Activity.PAUSED})


@dataclass(frozen=True, slots=True)
class _Answer:
    """What came of one search; neither field is set when a newer search overtook it."""

    number: int
    response: SearchResponse | None = None
    problem: str = ""


class Bridge(QObject):
    """The engine as the GUI thread sees it: nothing here waits, outcomes arrive as signals or at bound methods.

    What is asked before the engine is open is answered once it is.
    """

    opened = Signal()
    broken = Signal(str)  # the engine could not be opened: one sentence
    answered = Signal(int, object)  # number of the search, SearchResponse
    refused = Signal(int, str)  # number of the search, one sentence
    status_changed = Signal(object)  # Status
    _stirred = Signal()  # from an engine thread

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.status: Status | None = None
        self._engine: Future[Engine] = Future()  # calls wait for it in their threads
        self._calls = Tasks(3, "call", self)
        self._searches = Tasks(1, "search", self)  # one lane: what was overtaken while waiting is never run
        self._judgements = Tasks(1, "judge", self)  # one of their own: loading a reranker takes seconds
        self._latest = 0
        self._is_closed = False
        self._unsubscribe: Callable[[], None] | None = None
        self._timer = QTimer(self, interval=POLL_MS)
        self._timer.timeout.connect(self._poll)
        self._stirred.connect(self._follow, Qt.ConnectionType.QueuedConnection)

    def open(self, make: Callable[[], "Engine"]) -> None:
        """Open the engine with `make` in a background thread, and start it."""
        self._calls.submit(lambda: self._open(make), self._on_opened, self.broken.emit)

    def search(self, request: SearchRequest) -> int:
        """Ask for hits; `answered` or `refused` follows with this number unless a newer search overtakes it."""
        lane = self._judgements if request.rerank else self._searches
        return self._ask(lane, lambda engine, is_cancelled: engine.search(request, is_cancelled))

    def similar(self, request: SimilarRequest) -> int:
        """Like `search`; in a thread of its own, for a file that is not indexed is read first."""
        return self._ask(self._calls, lambda engine, is_cancelled: engine.similar(request))

    def drop_searches(self) -> None:
        """Let no answer to an earlier search arrive."""
        self._latest += 1

    def call(
        self,
        work: Callable[["Engine"], T],
        done: Callable[[T], None] | None = None,
        failed: Callable[[str], None] | None = None,
    ) -> None:
        """Run `work` on the engine in the background; `done` and `failed` are bound methods of QObjects."""
        self._calls.submit(lambda: work(self._engine.result()), done or self._ignore, failed)

    def pause(self) -> None:
        """Stop indexing until `resume`."""
        self.call(lambda engine: engine.pause(), self._moved)

    def resume(self) -> None:
        """Go on indexing."""
        self.call(lambda engine: engine.resume(), self._moved)

    def close(self) -> None:
        """Stop the engine; blocks until its threads and worker processes have ended."""
        self._is_closed = True
        self._timer.stop()
        self._latest += 1
        if self._unsubscribe is not None:
            self._unsubscribe()
        self._engine.cancel()  # if nobody ever began to open it, what waits for it ends
        if self._engine.done() and not self._engine.cancelled() and self._engine.exception() is None:
            self._engine.result().interrupt()
        self._searches.close()
        self._judgements.close()
        self._calls.close()
        if not self._engine.cancelled() and self._engine.exception() is None:
            self._engine.result().close()

    def _open(self, make: Callable[[], "Engine"]) -> "Engine":
        self._engine.set_running_or_notify_cancel()
        try:
            engine = make()
            self._unsubscribe = engine.subscribe(self._on_stirred)
            engine.start()
        except BaseException as error:
            self._engine.set_exception(error)
            raise
        self._engine.set_result(engine)
        return engine

    def _ask(self, lane: Tasks, work: Callable[["Engine", IsCancelled], SearchResponse]) -> int:
        self._latest += 1
        number = self._latest
        lane.submit(lambda: self._answer(number, work), self._deliver, self._refuse)
        return number

    def _answer(self, number: int, work: Callable[["Engine", IsCancelled], SearchResponse]) -> _Answer:
        if number != self._latest:
            return _Answer(number)
        try:
            return _Answer(number, work(self._engine.result(), lambda: number != self._latest))
        except (CognateError, OSError) as error:
            return _Answer(number, problem=str(error))

    def _deliver(self, answer: _Answer) -> None:
        if answer.number != self._latest:
            return
        if answer.response is None:
            self.refused.emit(answer.number, answer.problem)
        else:
            self.answered.emit(answer.number, answer.response)

    def _refuse(self, problem: str) -> None:
        self.refused.emit(self._latest, problem)

    def _on_opened(self, engine: object) -> None:
        self.opened.emit()
        self._follow()

    def _on_stirred(self, status: Status) -> None:
        self._stirred.emit()

    def _follow(self) -> None:
        self._poll()
        if self.status is not None and self.status.activity not in AT_REST:
            self._timer.start()

    def _moved(self, nothing: None) -> None:
        self._follow()

    def _ignore(self, result: object) -> None:
        pass

    def _poll(self) -> None:
        if self._is_closed or not self._engine.done() or self._engine.exception() is not None:
            return  # it stirs while it is being opened, and while it is closed
        status = self._engine.result().status()
        if status.activity in AT_REST:
            self._timer.stop()
        if status != self.status:
            self.status = status
            self.status_changed.emit(status)
