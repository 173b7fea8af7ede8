from PySide6.QtCore import QLocale, QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QToolButton, QWidget

from app.bridge import Bridge
from app.icons import Tint, icon
from app.parts import tip_text, tool_button
from app.reasons import reason_text, warning_text
from app.widgets import Role, label
from app.wording import wording
from indexer.results import Activity, FileState, Status

WORKING = (Activity.SCANNING, Activity.INDEXING, Activity.ERASING)


class StatusLine(QWidget):
    """What the engine does, how far it is, and a way to stop it; a click on the text opens the folders."""

    folders_wanted = Signal()

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._is_paused = False
        self.setProperty("role", "bottom")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._state = QToolButton()
        self._state.setProperty("role", "state")
        self._state.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._state.setIconSize(QSize(14, 14))
        self._state.clicked.connect(self.folders_wanted)
        self._progress = QProgressBar()
        self._progress.setTextVisible(False)
        self._progress.setFixedWidth(140)
        self._progress.setAccessibleName(self.tr("Progress of indexing"))
        self._pause = tool_button("pause", self.tr("Pause indexing"), 14)
        self._pause.clicked.connect(self._toggle)
        self._files = label(role=Role.MUTED)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 2, 14, 2)
        layout.setSpacing(8)
        layout.addWidget(self._state)
        layout.addWidget(self._progress)
        layout.addWidget(self._pause)
        layout.addStretch()
        layout.addWidget(self._files)
        bridge.status_changed.connect(self.show_status)
        bridge.broken.connect(self._show_broken)
        self._show_state("clock", Tint.MUTED, self.tr("Starting…"), "")
        self._progress.hide()
        self._pause.hide()
        if bridge.status is not None:
            self.show_status(bridge.status)

    @property
    def text(self) -> str:
        """What the line says."""
        return self._state.text()

    def show_status(self, status: Status) -> None:
        """Show another status."""
        drawing, tint = _drawing(status)
        text = wording.activity(status)
        warnings = [warning_text(warning) for warning in status.warnings]
        if status.activity is Activity.IDLE and warnings:
            text = warnings[0]
        self._show_state(drawing, tint, text, "\n".join((reason_text(status.detail), *warnings)).strip())
        self._progress.setVisible(status.activity in WORKING)
        done, total = _progress(status)
        self._progress.setRange(0, total)
        self._progress.setValue(done)
        self._is_paused = status.activity is Activity.PAUSED
        self._pause.setVisible(self._is_paused or status.activity in WORKING)
        self._pause.setIcon(icon("resume" if self._is_paused else "pause"))
        tip = self.tr("Resume indexing") if self._is_paused else self.tr("Pause indexing")
        self._pause.setToolTip(tip)
        self._pause.setAccessibleName(tip)
        self._files.setText(self._searchable(status))

    def _searchable(self, status: Status) -> str:
        count = status.searchable
        if count == 1:
            return self.tr("1 file searchable")
        return self.tr("{count} files searchable").format(count=QLocale().toString(count))

    def _show_broken(self, problem: str) -> None:
        self._show_state("trouble", Tint.TROUBLE, problem, "")

    def _show_state(self, drawing: str, tint: Tint, text: str, tip: str) -> None:
        self._state.setIcon(icon(drawing, tint))
        short = self.fontMetrics().elidedText(" ".join(text.split()), Qt.TextElideMode.ElideRight, 520)
        self._state.setText(short.replace("&", "&&"))
        self._state.setToolTip(tip_text(tip or self.tr("Folders and files")))
        self._state.setAccessibleName(text)

    def _toggle(self) -> None:
        if self._is_paused:
            self._bridge.resume()
        else:
            self._bridge.pause()


def _progress(status: Status) -> tuple[int, int]:
    """How much is done, and of how much; 0 where nobody knows."""
    if space := status.filling:
        return space.chunks, space.total
    queued = status.files.get(FileState.QUEUED, 0)
    return status.done, status.done + queued if queued else 0


def _drawing(status: Status) -> tuple[str, Tint]:
    if status.activity is Activity.STOPPED:
        return "trouble", Tint.TROUBLE
    if status.activity is Activity.IDLE:
        return ("warning", Tint.WARNING) if status.warnings else ("check", Tint.GOOD)
    return {
        Activity.STARTING: ("clock", Tint.MUTED),
        Activity.SCANNING: ("refresh", Tint.ACCENT),
        Activity.INDEXING: ("refresh", Tint.ACCENT),
        Activity.ERASING: ("refresh", Tint.ACCENT),
        Activity.PAUSED: ("pause", Tint.WARNING),
    }[status.activity]
