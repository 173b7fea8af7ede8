from collections.abc import Callable
from enum import StrEnum

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QFont, QGuiApplication, QIcon, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QMenu, QPushButton, QWidget

from app.icons import Tint, icon

TITLE_SCALE = 1.35


class Role(StrEnum):
    """What a widget is for; the style sheet gives it its looks."""

    TITLE = "title"
    HEADING = "heading"
    MUTED = "muted"
    GOOD = "good"
    WARNING = "warning"
    TROUBLE = "trouble"
    PRIMARY = "primary"
    FLAT = "flat"
    CARD = "card"
    GAP = "gap"
    CHOICE = "choice"
    CLEAR = "clear"


def with_role(widget: QWidget, role: Role) -> None:
    """Have the style sheet treat a widget as what it is for."""
    widget.setProperty("role", role.value)


def label(text: str = "", role: Role | None = None, wraps: bool = False) -> QLabel:
    """A label of plain text; what comes from files or from the engine is never taken for markup."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(wraps)
    if role:
        with_role(made, role)
    if role in (Role.TITLE, Role.HEADING):
        font = made.font()
        font.setWeight(QFont.Weight.DemiBold)
        if role is Role.TITLE:
            font.setPointSizeF(font.pointSizeF() * TITLE_SCALE)
        made.setFont(font)
    return made


def button(text: str, drawing: str = "", role: Role | None = None) -> QPushButton:
    """A push button, with an icon if a drawing is named."""
    made = QPushButton(text)
    if role:
        with_role(made, role)
    if drawing:
        made.setIcon(icon(drawing, Tint.ON_ACCENT if role is Role.PRIMARY else Tint.TEXT))
    return made


class Picture(QWidget):
    """An icon by itself; unlike a label with a pixmap, it follows the theme and the scale of the screen."""

    def __init__(self, shown: QIcon, side: int) -> None:
        super().__init__()
        self._icon = shown
        self.setFixedSize(QSize(side, side))

    def paintEvent(self, event: QPaintEvent) -> None:
        self._icon.paint(QPainter(self), self.rect())


def entry(menu: QMenu, drawing: str, text: str, run: Callable[[], object]) -> QAction:
    """Add an entry to a menu."""
    action = QAction(icon(drawing), text, menu)
    action.triggered.connect(run)
    menu.addAction(action)
    return action


def copy(text: str) -> None:
    """Put a text on the clipboard."""
    QGuiApplication.clipboard().setText(text)
