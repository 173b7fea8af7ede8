from PySide6.QtCore import QLocale, QSize, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QToolButton, QVBoxLayout, QWidget

from app.icons import Tint, icon
from app.widgets import Role, label

DRAWING = QSize(56, 56)
WIDTH = 560  # of the text, in pixels: a label that wraps asks for too little height unless its width is known


class EmptyPage(QWidget):
    """What stands where results would be: how to search, or why there is nothing."""

    example_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._drawing = label()
        self._title = label(role=Role.TITLE)
        self._detail = label(role=Role.MUTED, wraps=True)
        self._detail.setFixedWidth(WIDTH)
        self._hints = self._make_hints()
        layout = QVBoxLayout(self)
        layout.setSpacing(12)
        layout.addStretch(2)
        for part in (self._drawing, self._title, self._detail, self._hints):
            layout.addWidget(part, 0, Qt.AlignmentFlag.AlignHCenter)
            layout.setAlignment(part, Qt.AlignmentFlag.AlignHCenter)
        for part in (self._drawing, self._title, self._detail):
            part.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout.addStretch(3)

    def invite(self, searchable: int | None) -> None:
        """Nothing is looked for yet. `searchable` files can be found; None while that is not known."""
        detail = self.tr("Write what it is about, in any language. Files are found by meaning and by words.")
        self._show("cognate", self._searchable(searchable), detail)
        self._hints.show()

    def say(self, drawing: str, title: str, detail: str, tint: Tint = Tint.MUTED) -> None:
        """Say why there is nothing."""
        self._show(drawing, title, detail, tint)
        self._hints.hide()

    def _searchable(self, count: int | None) -> str:
        if count is None:
            return self.tr("Opening the index…")
        if count == 1:
            return self.tr("1 file is ready to search")
        return self.tr("{count} files are ready to search").format(count=QLocale().toString(count))

    def _show(self, drawing: str, title: str, detail: str, tint: Tint = Tint.MUTED) -> None:
        self._drawing.setPixmap(icon(drawing, tint).pixmap(DRAWING, self.devicePixelRatioF()))
        self._title.setText(title)
        self._detail.setText(detail)
        self._detail.setVisible(bool(detail))

    def _make_hints(self) -> QWidget:
        hints = QWidget()
        grid = QGridLayout(hints)
        grid.setHorizontalSpacing(18)
        grid.setVerticalSpacing(2)
        examples = (
            ('"exact phrase"', self.tr("these words, one after the other")),
            ("-draft", self.tr("without a word")),
            ("kind:pdf", self.tr("only one type of file")),
            ("date:month", self.tr("changed in the past month")),
            ("name:invoice", self.tr("part of the file's name")),
            ("lang:de", self.tr("only one language")),
        )
        for row, (operator, meaning) in enumerate(examples):
            example = QToolButton()
            example.setText(operator)
            example.setProperty("role", "example")
            example.setCursor(Qt.CursorShape.PointingHandCursor)
            example.clicked.connect(lambda _=False, operator=operator: self.example_chosen.emit(operator))
            grid.addWidget(example, row, 0, Qt.AlignmentFlag.AlignRight)
            grid.addWidget(label(meaning, Role.MUTED), row, 1)
        return hints
