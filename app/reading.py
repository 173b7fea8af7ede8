from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from app.results.snippet import plain
from app.widgets import Role, button, label
from indexer.results import EmbeddedQuery, Subject

WIDTH = 520
MOST_LINES = 8


class Reading(QFrame):
    """What the model gets to read of a query, to the letter, and the instruction in it, which can be changed."""

    instructed = Signal(object, str)  # Subject, instruction; empty: the usual one

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._subject = Subject.FILES
        self.setProperty("role", "popup")
        self.model = label(role=Role.MUTED, wraps=True)
        self.text = QPlainTextEdit(readOnly=True)
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setAccessibleName(self.tr("What the model reads"))
        self.text.setTabChangesFocus(True)
        self.about = label(role=Role.MUTED, wraps=True)
        self.task = QLineEdit()
        self.task.setAccessibleName(self.tr("Instruction"))
        self.task.returnPressed.connect(self._use)
        self.use = button(self.tr("Use"), role=Role.PRIMARY)
        self.use.clicked.connect(self._use)
        self.usual = button(self.tr("Use the usual one"), role=Role.FLAT)
        self.usual.clicked.connect(self._use_usual)
        self._lay_out()

    def show_for(self, embedded: EmbeddedQuery, beneath: QWidget) -> None:
        """Open at the right end of a widget, for the query that was searched last."""
        self._subject = embedded.subject
        told = self.tr("{model}, {count} dimensions").format(model=plain(embedded.model), count=embedded.dimension)
        self.model.setText(told)
        self.text.setPlainText(embedded.text)
        self.about.setText(self._about(embedded))
        for widget in (self.task, self.use, self.usual):
            widget.setVisible(bool(embedded.task))
        self.task.setText(embedded.task)
        self.task.setCursorPosition(0)
        self.setFixedWidth(min(WIDTH, beneath.width()))
        self._fit_text(embedded.text)
        self.adjustSize()
        self.move(beneath.mapToGlobal(QPoint(beneath.width() - self.width(), beneath.height() + 4)))
        self.show()
        (self.task if embedded.task else self.text).setFocus()

    def _about(self, embedded: EmbeddedQuery) -> str:
        if not embedded.task:
            return self.tr("This model takes no instruction.")
        return {
            Subject.FILES: self.tr("Instruction where files of any kind are searched, best in English:"),
            Subject.CODE: self.tr("Instruction where only code is searched, best in English:"),
            Subject.MAIL: self.tr("Instruction where only e-mail is searched, best in English:"),
        }[embedded.subject]

    def _fit_text(self, text: str) -> None:
        metrics = self.text.fontMetrics()
        room = self.width() - 60
        lines = sum(1 + metrics.horizontalAdvance(line) // room for line in text.split("\n"))
        self.text.setFixedHeight(min(lines, MOST_LINES) * metrics.lineSpacing() + 20)

    def _use(self) -> None:
        self.close()
        self.instructed.emit(self._subject, self.task.text().strip())

    def _use_usual(self) -> None:
        self.close()
        self.instructed.emit(self._subject, "")

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.addWidget(self.usual)
        buttons.addStretch()
        buttons.addWidget(self.use)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(8)
        column.addWidget(label(self.tr("What the model reads"), Role.HEADING))
        column.addWidget(self.model)
        column.addWidget(self.text)
        column.addWidget(self.about)
        column.addWidget(self.task)
        column.addLayout(buttons)
