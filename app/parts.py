"""Small widgets of the main window."""

from html import escape

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QToolButton, QWidget

from app.icons import Tint, icon


def tip_text(text: str) -> str:
    """A tool tip that shows text as it is: Qt takes one for HTML that looks like it, and a file may be called that."""
    return f"<p style='white-space: pre-wrap'>{escape(text)}</p>" if text else ""


def tool_button(drawing: str, tip: str, side: int = 18, tint: Tint = Tint.TEXT) -> QToolButton:
    """A flat button that is an icon; its tip is its name for a screen reader."""
    button = QToolButton()
    button.setIcon(icon(drawing, tint))
    button.setIconSize(QSize(side, side))
    button.setToolTip(tip)
    button.setAccessibleName(tip)
    return button


class ElidedLabel(QLabel):
    """A line of plain text that gives way; the whole of it is in the tool tip."""

    def __init__(self, mode: Qt.TextElideMode, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._mode = mode
        self._text = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def set_text(self, text: str) -> None:
        """Show another text."""
        self._text = text
        self.setAccessibleName(text)
        self._elide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        shown = self.fontMetrics().elidedText(self._text, self._mode, self.width())
        self.setText(shown)
        self.setToolTip(tip_text(self._text) if shown != self._text else "")
