from PySide6.QtCore import QLocale, QPoint, Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from app.bridge import Bridge
from app.empty_page import EmptyPage
from app.filters import FilterBar, RerankChip, SimilarChip
from app.hit_actions import HitActions
from app.icons import Tint
from app.preview.pane import PreviewPane
from app.reading import Reading
from app.reasons import reason_text
from app.results.model import ResultsModel
from app.results.snippet import plain
from app.results.view import ResultsView
from app.search import Search, Wish
from app.search_box import SearchBox
from app.widgets import Role, label
from indexer.document import Kind
from indexer.results import Activity, EmbeddedQuery, FolderRow, Hit, SearchResponse, Status

BUSY_MS = 400  # what an answer may take without a word
REPEAT_MS = 1500  # how soon results take in what was indexed meanwhile, while more comes; else at once


class SearchPage(QWidget):
    """Search box, filters, results and preview, and how they hang together."""

    first_start_wanted = Signal()  # no folder is watched
    answered = Signal()  # an answer is on the screen
    instructed = Signal(object, str)  # Subject, another instruction for its queries

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.search = Search(bridge, self)
        self.actions_on_hits = HitActions(bridge, self)
        self.box = SearchBox()
        self.filters = FilterBar()
        self.chip = SimilarChip()
        self.rerank = RerankChip()
        self.reading = Reading(self)
        self.model = ResultsModel(self)
        self.results = ResultsView(self.model)
        self.preview = PreviewPane(bridge)
        self.empty = EmptyPage()
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self._pages = QStackedWidget()
        self._count = label(role=Role.MUTED)
        self._notice = label(role=Role.MUTED, wraps=True)
        self._embedded: EmbeddedQuery | None = None
        self._folders: tuple[FolderRow, ...] | None = None
        self._status: Status | None = None  # that was dealt with
        self._busy = QTimer(self, singleShot=True, interval=BUSY_MS)
        self._busy.timeout.connect(self._show_busy)
        self._repeat = QTimer(self, singleShot=True)
        self._repeat.timeout.connect(self._take_in)
        self._lay_out()
        self._connect()
        self._invite()

    def look_for(self, text: str) -> None:
        """Search for a text as if it had been typed."""
        self.box.setText(text)
        self.focus_box()

    def focus_box(self) -> None:
        """Put the cursor into the box, with the text selected so that typing replaces it."""
        self.box.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.box.selectAll()

    def step_back(self) -> bool:
        """Leave what is similar, or clear the box; False when there is neither."""
        if self.search.wish.like is not None and self.search.can_go_back:
            self.search.back()
        elif self.search.wish:
            self.search.clear()
        else:
            return False
        self.box.setFocus()
        return True

    def show_reading(self) -> None:
        """Show what the model got to read of the query."""
        if self._embedded is not None:
            self.reading.show_for(self._embedded, self.box)

    def current(self) -> Hit | None:
        """The hit that the preview shows."""
        return self.results.current() if self._pages.currentWidget() is self.splitter else None

    def reload_folders(self) -> None:
        """Ask which folders are watched, to offer them as filters."""
        self._bridge.call(lambda engine: engine.folders(), self._on_folders)

    def repaint_colors(self) -> None:
        """Take on another theme."""
        self.results.repaint_all()
        self.preview.repaint_colors()

    def close_workers(self) -> None:
        """End threads and processes of this page."""
        self.actions_on_hits.close()
        self.preview.close_workers()

    def _lay_out(self) -> None:
        self.splitter.addWidget(self.results)
        self.splitter.addWidget(self.preview)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setStretchFactor(0, 9)
        self.splitter.setStretchFactor(1, 11)
        self.splitter.setSizes([540, 640])
        self.results.setMinimumWidth(280)
        self.preview.setMinimumWidth(260)
        self._pages.addWidget(self.empty)
        self._pages.addWidget(self.splitter)
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self.chip)
        row.addWidget(self.filters)
        row.addStretch()
        row.addWidget(self._count)
        row.addWidget(self.rerank)
        self._top = QVBoxLayout()
        self._top.setContentsMargins(16, 0, 16, 10)
        self._top.setSpacing(8)
        self._top.addLayout(row)
        self._top.addWidget(self._notice)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(self._top)
        layout.addWidget(self._pages, 1)
        self._notice.hide()

    def _connect(self) -> None:
        hits = self.actions_on_hits
        self.box.textChanged.connect(self._on_typed)
        self.box.left_downwards.connect(self._enter_results)
        self.box.open_wanted.connect(self._open_current)
        self.box.reveal_wanted.connect(self._reveal_current)
        self.box.reading_wanted.connect(self.show_reading)
        self.reading.instructed.connect(self.instructed)
        self.rerank.wanted.connect(self.search.rerank)
        self.filters.changed.connect(self.search.filter)
        self.chip.clicked.connect(self.step_back)
        self.results.typed.connect(self.box.take_key)
        self.results.left_upwards.connect(self.box.setFocus)
        self.results.open_wanted.connect(hits.open)
        self.results.reveal_wanted.connect(hits.reveal)
        self.results.menu_wanted.connect(self._show_menu)
        self.results.current_changed.connect(self.preview.show_hit)
        self.preview.open_wanted.connect(hits.open)
        self.preview.reveal_wanted.connect(hits.reveal)
        self.preview.copy_path_wanted.connect(hits.copy_path)
        self.preview.similar_file_wanted.connect(hits.find_like_file)
        self.preview.similar_text_wanted.connect(hits.find_like_text)
        hits.similar_wanted.connect(self.search.find_similar)
        hits.used.connect(self.box.remember)
        self.empty.example_chosen.connect(self._try_example)
        self.search.asked.connect(self._busy.start)
        self.search.judging.connect(self._show_judging)
        self.search.found.connect(self._show_answer)
        self.search.failed.connect(self._show_problem)
        self.search.emptied.connect(self._invite)
        self.search.changed.connect(self._show_wish)
        self._bridge.opened.connect(self.reload_folders)
        self._bridge.broken.connect(self._show_broken)
        self._bridge.status_changed.connect(self._on_status)

    def _on_typed(self, text: str) -> None:
        self._name_like("")
        self.search.type(text)

    def _show_wish(self, wish: Wish) -> None:
        self.box.blockSignals(True)
        self.box.setText(wish.text)
        self.box.blockSignals(False)
        self.filters.show_operators(wish.filters)
        self._name_like(wish.like.name if wish.like else "")

    def _name_like(self, name: str) -> None:
        self.chip.show_name(name)
        self.filters.setVisible(not name)  # they narrow queries only

    def _show_busy(self) -> None:
        """Say what takes so long, unless earlier results can stand meanwhile."""
        like = self.search.wish.like
        if self._bridge.status is None:
            self.empty.say("clock", self.tr("Opening the index…"), "")
        elif like is not None:
            self._leave_results()
            self.empty.say("clock", self.tr("Reading {name}…").format(name=plain(like.name)), "")

    def _show_judging(self) -> None:
        self.rerank.show_working()
        self._count.setText(self.tr("Reading the best passages…"))

    def _show_answer(self, response: SearchResponse) -> None:
        self._busy.stop()
        self._embedded = response.embedded
        self.box.offer_reading(response.embedded is not None)
        self.rerank.show_done(response.judged > 0)
        self.rerank.setVisible(bool(response.hits) and response.embedded is not None)
        if not response.hits:
            self._say_nothing_found(response.notice)
            return
        self._count.setText(self._counted(response))
        self._notice.setText(reason_text(response.notice))
        self._notice.setVisible(bool(response.notice))
        if any(hit.kind is Kind.PDF for hit in response.hits[:5]):
            self.preview.warm_up()
        self._pages.setCurrentWidget(self.splitter)
        self.results.show_hits(response.hits)
        self.answered.emit()

    def _say_nothing_found(self, notice: str) -> None:
        self._leave_results()
        hint = reason_text(notice) or self.tr("Try other words, or fewer of them.")
        self.empty.say("search", self.tr("No results"), hint)
        self.answered.emit()

    def _show_problem(self, problem: str) -> None:
        self._busy.stop()
        self._leave_results()
        self.empty.say("info", self.tr("This search can't be made"), reason_text(problem))
        self.answered.emit()

    def _show_broken(self, problem: str) -> None:
        self._busy.stop()
        self._leave_results()
        self.empty.say("trouble", self.tr("The index can't be opened"), reason_text(problem), Tint.TROUBLE)

    def _invite(self) -> None:
        self._busy.stop()
        self._embedded = None
        self.box.offer_reading(False)
        self._leave_results()
        status = self._bridge.status
        searchable = status.searchable if status and self._folders is not None else None
        self.empty.invite(searchable)

    def _leave_results(self) -> None:
        if self.results.hasFocus():  # else whatever comes next in the window would get the keys
            self.box.setFocus()
        self._count.clear()
        self._notice.hide()
        self.rerank.hide()
        self.results.show_hits(())
        self._pages.setCurrentWidget(self.empty)

    def _counted(self, response: SearchResponse) -> str:
        count, seconds = len(response.hits), response.seconds
        took = self.tr("{ms} ms").format(ms=max(1, round(seconds * 1000)))
        if seconds >= 1:
            took = self.tr("{seconds} s").format(seconds=QLocale().toString(seconds, "f", 1))
        found = self.tr("1 result") if count == 1 else self.tr("{count} results").format(count=count)
        if response.judged:
            judged = self.tr("%n passage(s) reranked", "", response.judged)
            return f"{found} · {judged} · {took}"
        return f"{found} · {took}"

    def _enter_results(self) -> None:
        if self.current() is not None:
            self.results.setFocus(Qt.FocusReason.TabFocusReason)

    def _open_current(self) -> None:
        if (hit := self.current()) is not None:
            self.actions_on_hits.open(hit)

    def _reveal_current(self) -> None:
        if (hit := self.current()) is not None:
            self.actions_on_hits.reveal(hit)

    def _show_menu(self, hit: Hit, spot: QPoint) -> None:
        self.actions_on_hits.show_menu(hit, self.search.wish.query, spot)

    def _try_example(self, operator: str) -> None:
        self.box.setText(operator)
        self.box.setFocus()

    def _on_folders(self, folders: tuple[FolderRow, ...]) -> None:
        self._folders = folders
        self.filters.set_folders([folder.path for folder in folders])
        if not folders:
            self.first_start_wanted.emit()
        if not self.search.wish:
            self._invite()

    def _take_in(self) -> None:
        """Show what was indexed meanwhile, once the answer that is to come is there."""
        if not self.search.repeat():
            self._repeat.start(REPEAT_MS)

    def _on_status(self, status: Status) -> None:
        before, self._status = self._status, status
        if before is None or before.activity is not status.activity:
            self.reload_folders()
        if not self.search.wish:
            self._invite()
        elif (before.last_indexed_at if before else None) != status.last_indexed_at and not self._repeat.isActive():
            self._repeat.start(0 if status.activity is Activity.IDLE else REPEAT_MS)
