from PySide6.QtCore import QStringListModel, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QCompleter, QLineEdit, QWidget

from app.icons import Tint, icon

MAX_HISTORY = 100
ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class SearchBox(QLineEdit):
    """Where one types. Down goes to the results, or through earlier searches while the box is empty."""

    left_downwards = Signal()
    open_wanted = Signal()
    reveal_wanted = Signal()
    reading_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._history = QStringListModel(self)
        self._completer = QCompleter(self._history, self)
        self._completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self._completer.setWidget(self)
        self._completer.activated.connect(self._on_chosen)
        self.setProperty("role", "search")
        self.setPlaceholderText(self.tr("What are you looking for? Any words, any language"))
        self.setAccessibleName(self.tr("Search"))
        self.setMaxLength(4000)
        glass = QAction(icon("search", Tint.MUTED), self.tr("Earlier searches"), self)
        glass.triggered.connect(self.show_history)
        self.addAction(glass, QLineEdit.ActionPosition.LeadingPosition)
        self._reading = QAction(icon("info", Tint.MUTED), self.tr("What the model reads (Ctrl+I)"), self)
        self._reading.triggered.connect(self.reading_wanted)
        self._reading.setVisible(False)
        self._clear = QAction(icon("close", Tint.MUTED), self.tr("Clear"), self)
        self._clear.triggered.connect(self.clear)
        self.addAction(self._clear, QLineEdit.ActionPosition.TrailingPosition)
        self.addAction(self._reading, QLineEdit.ActionPosition.TrailingPosition)
        self._clear.setVisible(False)
        self.textChanged.connect(self._on_text)

    def offer_reading(self, is_there: bool) -> None:
        """Have a button for what the model got to read of the text."""
        self._reading.setVisible(is_there)

    @property
    def history(self) -> list[str]:
        """Earlier searches, latest first."""
        return self._history.stringList()

    def set_history(self, queries: list[str]) -> None:
        """Replace the earlier searches."""
        self._history.setStringList(queries[:MAX_HISTORY])

    def remember(self) -> None:
        """Put the text among the earlier searches, because it led somewhere."""
        query = self.text().strip()
        if query:
            self.set_history([query, *(earlier for earlier in self.history if earlier != query)])

    def show_history(self) -> None:
        """List the earlier searches below the box."""
        if self.history:
            self._completer.setCompletionPrefix("")
            self._completer.complete()

    def take_key(self, event: QKeyEvent) -> None:
        """Go on typing with a key that was pressed elsewhere."""
        self.setFocus()
        self.end(False)
        self.keyPressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_PageDown):
            if self.text():
                self.left_downwards.emit()
            else:
                self.show_history()
        elif event.key() in ENTER:
            control = event.modifiers() & Qt.KeyboardModifier.ControlModifier
            (self.reveal_wanted if control else self.open_wanted).emit()
        else:
            super().keyPressEvent(event)

    def _on_text(self, text: str) -> None:
        self._clear.setVisible(bool(text))

    def _on_chosen(self, query: str) -> None:
        self.setText(query)
