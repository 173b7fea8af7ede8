from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, QTimer, Signal

from app.bridge import Bridge
from indexer.results import SearchRequest, SearchResponse, SimilarRequest

JUDGE_MS = 400  # after an answer, in which nobody types, where every search is to be reranked
PAUSE_MS = 60  # in typing, while an answer is still on its way; without one a search starts at once
LIMIT = 60
MAX_BACK = 50


@dataclass(frozen=True, slots=True)
class Like:
    """What to find the like of, and what to call it."""

    name: str
    request: SimilarRequest


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user looks for: a query with its filters, or the like of something."""

    text: str = ""
    filters: str = ""  # operators that the filter row adds
    like: Like | None = None

    @property
    def query(self) -> str:
        """The query as the engine gets it."""
        return " ".join(part for part in (self.text.strip(), self.filters) if part)

    def __bool__(self) -> bool:
        return bool(self.like or self.query)


class Search(QObject):
    """From wishes to answers: searches while typing, one on its way at a time, and remembers the way back."""

    asked = Signal()  # an answer is on its way
    judging = Signal()  # a reranker is at work on the answer that is shown
    found = Signal(object)  # SearchResponse to the latest wish
    failed = Signal(str)  # one sentence
    emptied = Signal()  # nothing is looked for
    changed = Signal(object)  # Wish that was set other than by typing

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.wish = Wish()
        self.reranks_always = False
        self._is_reranked = False  # the answer that is shown, or the one that is awaited
        self._is_declined = False  # the user wants the order of the first stage
        self._bridge = bridge
        self._back: list[Wish] = []
        self._is_waiting = False  # for an answer
        self._pause = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._pause.timeout.connect(self._ask)
        self._settling = QTimer(self, singleShot=True, interval=JUDGE_MS)
        self._settling.timeout.connect(self._judge)
        bridge.answered.connect(self._on_answered)
        bridge.refused.connect(self._on_refused)

    @property
    def can_go_back(self) -> bool:
        """Whether there is an earlier search to return to."""
        return bool(self._back)

    def type(self, text: str) -> None:
        """Look for another text; what was similar is left."""
        self._turn_to(replace(self.wish, text=text, like=None))

    def filter(self, filters: str) -> None:
        """Narrow the search."""
        self._turn_to(replace(self.wish, filters=filters, like=None))

    def find_similar(self, like: Like) -> None:
        """Look for the like of something; `back` returns to what was looked for before."""
        self._back = [*self._back, self.wish][-MAX_BACK:]
        self._set(replace(self.wish, like=like))

    def back(self) -> None:
        """Return to the search before the latest `find_similar`."""
        if self._back:
            self._set(self._back.pop())

    def clear(self) -> None:
        """Look for nothing."""
        self._back.clear()
        self._set(Wish())

    def repeat(self) -> bool:
        """Ask again, because there is more in the index now; False: not while an answer is to come.

        An order that took seconds to make stays.
        """
        if self._is_waiting or self._pause.isActive():
            return False
        if self.wish and not self._is_reranked:
            self._ask()
        return True

    def rerank(self, is_wanted: bool) -> None:
        """Have a reranker judge the best passages of the query, or return to the order before."""
        if self.wish.query and self.wish.like is None:
            self._is_declined = not is_wanted
            (self._judge if is_wanted else self._ask)()

    def ask_again(self) -> None:
        """Ask once more, because something else than the index has changed."""
        if self.wish:
            self._ask()

    def _set(self, wish: Wish) -> None:
        self.wish = wish
        self._is_declined = False
        self.changed.emit(wish)
        self._pause.stop()
        self._ask()

    def _turn_to(self, wish: Wish) -> None:
        if wish == self.wish:
            return
        if self.wish.like is not None:
            self._back.clear()
        self.wish = wish
        self._is_declined = False
        if self._is_waiting:
            self._pause.start()
        else:
            self._ask()

    def _judge(self) -> None:
        self._settling.stop()
        self._is_reranked = True
        self._is_waiting = False  # the next keystroke asks at once, which ends the judgement
        self.judging.emit()
        self._bridge.search(SearchRequest(self.wish.query, LIMIT, rerank=True))

    def _ask(self) -> None:
        self._settling.stop()
        self._is_reranked = False
        if not self.wish:
            self._is_waiting = False
            self._bridge.drop_searches()
            self.emptied.emit()
            return
        self._is_waiting = True
        self.asked.emit()
        if self.wish.like is not None:
            self._bridge.similar(replace(self.wish.like.request, limit=LIMIT))
        else:
            self._bridge.search(SearchRequest(self.wish.query, LIMIT))

    def _on_answered(self, number: int, response: SearchResponse) -> None:
        self._is_waiting = False
        if self._pause.isActive():  # the answer is to what was typed before
            return
        was_judged, self._is_reranked = self._is_reranked, response.judged > 0
        self.found.emit(response)
        if self.reranks_always and not self._is_declined and not was_judged and response.embedded is not None:
            self._settling.start()

    def _on_refused(self, number: int, problem: str) -> None:
        self._is_waiting = False
        if not self._pause.isActive():
            self.failed.emit(problem)
