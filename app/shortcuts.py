from PySide6.QtCore import Qt
from PySide6.QtGui import QIcon, QKeySequence
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QGridLayout, QVBoxLayout, QWidget

from app.widgets import Role, label

COLUMNS = 2


class ShortcutSheet(QDialog):
    """All keys on one sheet."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Keyboard shortcuts"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 16)
        layout.setSpacing(16)
        layout.addWidget(label(self.tr("Keyboard shortcuts"), Role.TITLE))
        grid = QGridLayout()
        grid.setHorizontalSpacing(20)
        grid.setVerticalSpacing(8)
        entries = self._entries()
        half = -(-len(entries) // COLUMNS)
        for number, (keys, meaning) in enumerate(entries):
            column = number // half * 2
            shown = label(QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText), Role.HEADING)
            grid.addWidget(shown, number % half, column, Qt.AlignmentFlag.AlignRight)
            grid.addWidget(label(meaning, Role.MUTED), number % half, column + 1)
        layout.addLayout(grid)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.button(QDialogButtonBox.StandardButton.Close).setIcon(QIcon())  # Fusion's own is black on dark
        buttons.rejected.connect(self.reject)
        layout.addWidget(buttons)

    def _entries(self) -> list[tuple[str, str]]:
        return [
            ("Ctrl+L", self.tr("Go to the search box")),
            ("Down", self.tr("From the box to the results")),
            ("Return", self.tr("Open the file")),
            ("Ctrl+Return", self.tr("Show it in the file manager")),
            ("Ctrl+C", self.tr("Copy the file, to paste it elsewhere")),
            ("Ctrl+Shift+C", self.tr("Copy its path")),
            ("Ctrl+D", self.tr("Find similar files")),
            ("Ctrl+R", self.tr("Rerank, or back to the order before")),
            ("Ctrl+I", self.tr("What the model reads")),
            ("Ctrl+O", self.tr("Find similar to a file…")),
            ("Ctrl+Shift+V", self.tr("Find similar to the clipboard")),
            ("Alt+Left", self.tr("Back to the search before")),
            ("Esc", self.tr("Back, clear, then hide the window")),
            ("F6", self.tr("Between results and preview")),
            ("Ctrl+Shift+F", self.tr("Folders and files")),
            ("Ctrl+,", self.tr("Settings")),
            ("F1", self.tr("This sheet")),
            ("Ctrl+Q", self.tr("Quit")),
        ]
