from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtWidgets import QMenu, QMessageBox, QWidget

from app.bridge import Bridge
from app.icons import icon
from app.opening import Opener, copy_text
from app.reasons import reason_text
from app.results.labels import why_sentence
from app.results.snippet import plain
from app.search import Like
from indexer.document import INSIDE, Kind
from indexer.results import Explanation, Hit, SimilarRequest

if TYPE_CHECKING:
    from indexer.engine import Engine

NAME_LENGTH = 40  # characters of a text that stand for it


class HitActions(QObject):
    """What can be done with a hit."""

    used = Signal()  # the search led somewhere
    similar_wanted = Signal(object)  # Like

    def __init__(self, bridge: Bridge, parent: QWidget) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._opener = Opener(self)
        self._window = parent
        self._menu: QMenu | None = None  # kept: nobody else holds it while it is open
        self._asked: Hit | None = None

    def open(self, hit: Hit) -> None:
        """Open a file in its own program; of what is inside an archive or a message, a read-only copy."""
        if hit.member:
            self._bridge.call(lambda engine: _copied(engine, hit), self._opener.open, self._show_unopened)
        else:
            self._opener.open(hit)
        self.used.emit()

    def open_file(self, hit: Hit) -> None:
        """Open the file that a hit is inside of."""
        self._opener.open_path(hit.path)
        self.used.emit()

    def reveal(self, hit: Hit) -> None:
        """Show a file in the file manager."""
        self._opener.reveal(hit.path)
        self.used.emit()

    def copy_path(self, hit: Hit) -> None:
        """Put a file's path on the clipboard."""
        copy_text(str(hit.path))
        self.used.emit()

    def copy_passage(self, hit: Hit) -> None:
        """Put the passage that was found on the clipboard."""
        copy_text(hit.passage)
        self.used.emit()

    def find_like_file(self, hit: Hit) -> None:
        """Look for files like this one."""
        self.similar_wanted.emit(Like(hit.name, SimilarRequest(path=hit.path, member=hit.member)))
        self.used.emit()

    def find_like_text(self, text: str) -> None:
        """Look for files like a text."""
        name = plain(" ".join(text.split()))
        short = name if len(name) <= NAME_LENGTH else f"{name[:NAME_LENGTH]}…"
        self.similar_wanted.emit(Like(f"“{short}”", SimilarRequest(text=text)))

    def explain(self, hit: Hit, query: str) -> None:
        """Say why a file is found, and at which place."""
        self._asked = hit
        path = hit.path / hit.member.replace(INSIDE, "/") if hit.member else hit.path
        self._bridge.call(lambda engine: engine.why(path, query), self._show_why, self._show_problem)

    def show_menu(self, hit: Hit, query: str, spot: QPoint) -> None:
        """Offer all this for a hit, at a place on the screen."""
        menu = QMenu(self._window)
        menu.addAction(icon("open"), self.tr("Open"), lambda: self.open(hit))
        if hit.member:
            opens = self.tr("Open “{name}”").format(name=plain(hit.path.name))
            menu.addAction(icon(f"kind-{Kind.ARCHIVE}"), opens, lambda: self.open_file(hit))
        menu.addAction(icon("reveal"), self.tr("Show in the file manager"), lambda: self.reveal(hit))
        menu.addSeparator()
        menu.addAction(icon("copy"), self.tr("Copy path"), lambda: self.copy_path(hit))
        menu.addAction(icon("copy"), self.tr("Copy passage"), lambda: self.copy_passage(hit))
        menu.addSeparator()
        menu.addAction(icon("similar"), self.tr("Find similar files"), lambda: self.find_like_file(hit))
        menu.addAction(
            icon("similar"), self.tr("Find similar to this passage"), lambda: self.find_like_text(hit.passage)
        )
        menu.addSeparator()
        menu.addAction(icon("question"), self.tr("Why is it found?"), lambda: self.explain(hit, query))
        self._menu = menu
        menu.popup(spot)

    def close(self) -> None:
        """End the thread that opens files."""
        self._opener.close()

    def _show_why(self, why: Explanation) -> None:
        if self._asked is None:
            return
        lines = [f"{why_sentence(self._asked.matched)}."]
        if self._asked.matched:
            lines.append(self.tr("Relevance: {score} %").format(score=round(self._asked.score * 100)))
        for text, rank in (
            (self.tr("Place by meaning: {rank}"), why.rank_meaning),
            (self.tr("Place by words: {rank}"), why.rank_words),
            (self.tr("Place by both: {rank}"), why.rank),
        ):
            if rank is not None:
                lines.append(text.format(rank=rank))
        if self._asked.context:
            lines.append(self.tr("Under: {heading}").format(heading=plain(self._asked.context)))
        self._show_box(plain(self._asked.name), "\n".join(lines))

    def _show_problem(self, problem: str) -> None:
        self._show_box(self.tr("No explanation"), reason_text(problem))

    def _show_unopened(self, problem: str) -> None:
        self._show_box(self.tr("It can't be opened"), problem)

    def _show_box(self, title: str, text: str) -> None:
        box = QMessageBox(QMessageBox.Icon.NoIcon, "Cognate", title, QMessageBox.StandardButton.Close, self._window)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setInformativeText(text)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.open()


def _copied(engine: "Engine", hit: Hit) -> Hit:
    """A hit in a copy of the member that it is."""
    return replace(hit, path=engine.unpack(hit.path, hit.member), member="")
