from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.widgets import Role, label


class MessageView(QWidget):
    """A calm word where there is nothing to show, with the passage that was found."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._message = self._label(Role.MUTED)
        self._passage = self._label()
        layout = QVBoxLayout(self)
        layout.setSpacing(14)
        layout.setContentsMargins(28, 28, 28, 28)
        layout.addWidget(self._message)
        layout.addWidget(self._passage)
        layout.addStretch()

    def show_message(self, message: str, passage: str) -> None:
        """Show another message; empty texts take no room."""
        for shown, text in ((self._message, message), (self._passage, passage)):
            shown.setText(text)
            shown.setVisible(bool(text))

    @staticmethod
    def _label(role: Role | None = None) -> QLabel:
        made = label(role=role, wraps=True)
        made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        return made
