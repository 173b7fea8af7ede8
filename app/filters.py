from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QWidget

from app.icons import Tint, icon, kind_icon
from app.results.snippet import plain
from app.wording import path_text
from indexer.document import Kind


class Choice(QToolButton):
    """One filter: a chip that says what it lets through, and opens its menu."""

    chosen = Signal()

    def __init__(self, name: str, everything: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._menu = QMenu(self)  # kept: the button does not own it
        self._group = QActionGroup(self)
        self._name = name
        self._everything = everything
        self.value = ""  # an operator of the query language; empty lets everything through
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.setProperty("role", "chip")
        self.setCheckable(True)
        self.setMenu(self._menu)
        self._group.triggered.connect(self._on_chosen)
        self.offer([])

    def offer(self, entries: Sequence[tuple[str, str, Kind | None]]) -> None:
        """Replace what can be chosen: label, operator, and the kind whose icon it has."""
        self._menu.clear()
        for action in self._group.actions():
            self._group.removeAction(action)
        for label, operator, kind in (self._everything, "", None), *entries:
            action = QAction(label.replace("&", "&&"), self._menu)
            action.setCheckable(True)
            action.setData((operator, label))
            if kind is not None:
                action.setIcon(kind_icon(kind))
            self._group.addAction(action)
            self._menu.addAction(action)
        self.choose(self.value)

    def choose(self, operator: str) -> None:
        """Let through what an operator says; everything for one that is not on offer."""
        actions = self._group.actions()
        action = next((each for each in actions if each.data()[0] == operator), actions[0])
        action.setChecked(True)
        self.value, label = action.data()
        self.setChecked(bool(self.value))
        self.setText(f"{label.replace('&', '&&')}  ▾")
        self.setAccessibleName(f"{self._name}: {label}")

    def _on_chosen(self, action: QAction) -> None:
        self.choose(action.data()[0])
        self.chosen.emit()


class FilterBar(QWidget):
    """Narrows a search by type, date and folder with the operators that one could type as well."""

    changed = Signal(str)  # the operators

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kind = Choice(self.tr("Type"), self.tr("Any type"))
        self._date = Choice(self.tr("Date"), self.tr("Any time"))
        self._folder = Choice(self.tr("Folder"), self.tr("All folders"))
        self._kind.offer(self._kinds())
        self._date.offer(self._dates())
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        for choice in (self._kind, self._date, self._folder):
            layout.addWidget(choice)
            choice.chosen.connect(self._on_chosen)

    def operators(self) -> str:
        """What the filters add to a query; empty when everything may be found."""
        values = (choice.value for choice in (self._kind, self._date, self._folder))
        return " ".join(value for value in values if value)

    def set_folders(self, folders: Sequence[Path]) -> None:
        """Offer other folders."""
        self._folder.offer([(plain(path_text(path)), f'in:"{path}"', None) for path in folders])
        self._folder.setVisible(len(folders) > 1 or bool(self._folder.value))

    def show_operators(self, operators: str) -> None:
        """Show filters that were set elsewhere, without telling that they changed."""
        for choice in (self._kind, self._date, self._folder):
            values = [action.data()[0] for action in choice.menu().actions()]
            choice.choose(next((value for value in values if value and value in operators), ""))

    def _on_chosen(self) -> None:
        self.changed.emit(self.operators())

    def _kinds(self) -> list[tuple[str, str, Kind | None]]:
        return [
            (self.tr("PDF"), "kind:pdf", Kind.PDF),
            (self.tr("Documents"), "kind:document", Kind.DOCUMENT),
            (self.tr("Text and Markdown"), "kind:text,markdown", Kind.MARKDOWN),
            (self.tr("Web pages"), "kind:html", Kind.HTML),
            (self.tr("E-books"), "kind:ebook", Kind.EBOOK),
            (self.tr("Presentations"), "kind:presentation", Kind.PRESENTATION),
            (self.tr("Spreadsheets and tables"), "kind:spreadsheet,table", Kind.SPREADSHEET),
            (self.tr("E-mail"), "kind:mail", Kind.MAIL),
            (self.tr("Code and notebooks"), "kind:code,notebook", Kind.CODE),
            (self.tr("Pictures"), "kind:image", Kind.IMAGE),
            (self.tr("Archives"), "kind:archive", Kind.ARCHIVE),
        ]

    def _dates(self) -> list[tuple[str, str, Kind | None]]:
        return [
            (self.tr("Today"), "date:today", None),
            (self.tr("Past week"), "date:week", None),
            (self.tr("Past month"), "date:month", None),
            (self.tr("Past year"), "date:year", None),
        ]


class SimilarChip(QToolButton):
    """Says what the results are like; a click returns to the search before."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setIcon(icon("close", Tint.ACCENT))
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setProperty("role", "chip")
        self.setCheckable(True)
        self.setToolTip(self.tr("Back to the search before (Esc)"))
        self.hide()

    def show_name(self, name: str) -> None:
        """Name what the results are like; an empty name takes the chip away."""
        text = self.tr("Similar to {name}").format(name=plain(name))
        self.setText(self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, 360).replace("&", "&&"))
        self.setAccessibleName(text)
        self.setChecked(True)
        self.setVisible(bool(name))


class RerankChip(QToolButton):
    """Has the best passages of a search judged by a reranker; a second click returns to the order before."""

    wanted = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "chip")
        self.setCheckable(True)
        self.setToolTip(self.tr("Have the reranker read the best 50 passages and put them in order (Ctrl+R)"))
        self.clicked.connect(self.wanted)
        self.show_done(False)
        self.hide()

    def show_working(self) -> None:
        """A reranker is at work."""
        self.setChecked(True)
        self.setText(self.tr("Reranking…"))

    def show_done(self, is_reranked: bool) -> None:
        """The order is that of the reranker, or of the search."""
        self.setChecked(is_reranked)
        self.setText(self.tr("Reranked") if is_reranked else self.tr("Rerank"))
