"""What needs the profile for itself, with its progress in a small window; Cognate starts again afterwards."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication, QMessageBox, QProgressDialog

from app.gui import start_successor
from app.icons import icon
from app.options import load_options
from app.reasons import reason_text
from app.tasks import Tasks
from app.theme import Theme
from app.translation import Translation
from indexer.upkeep.copies import Stop, Tell

PROGRESS_MS = 200

Work = Callable[[Tell, Stop], Path]  # gives where the profile is then


class UpkeepWindow(QObject):
    """Runs one piece of work and tells what became of it."""

    def __init__(self, work: Work, profile: Path) -> None:
        super().__init__()
        self._profile = profile
        self._step, self._share = "", 0.0  # set in the thread of the work
        self._is_unwanted = threading.Event()
        self._tasks = Tasks(1, "upkeep", self)
        self._dialog = QProgressDialog(self.tr("Waiting for Cognate to end…"), self.tr("Cancel"), 0, 100)
        self._dialog.setWindowTitle("Cognate")
        self._dialog.setWindowIcon(icon("cognate"))
        self._dialog.setMinimumWidth(420)
        self._dialog.setAutoClose(False)
        self._dialog.setAutoReset(False)
        self._dialog.canceled.connect(self._is_unwanted.set)
        self._clock = QTimer(self, interval=PROGRESS_MS)
        self._clock.timeout.connect(self._tick)
        self._clock.start()
        self._dialog.show()
        self._tasks.submit(lambda: work(self._tell, self._is_unwanted.is_set), self._on_done, self._on_failed)

    def _tell(self, step: str, share: float) -> None:
        self._step, self._share = step, share

    def _tick(self) -> None:
        if self._step:
            self._dialog.setLabelText(reason_text(self._step))
            self._dialog.setValue(round(100 * self._share))

    def _on_done(self, profile: Path) -> None:
        self._profile = profile
        self._end()

    def _on_failed(self, problem: str) -> None:
        self._clock.stop()
        self._dialog.hide()
        QMessageBox.warning(None, "Cognate", problem)
        self._end()

    def _end(self) -> None:
        self._clock.stop()
        self._dialog.hide()
        QApplication.exit(0)

    def close(self) -> Path:
        """End the thread; where the profile is."""
        self._tasks.close()
        return self._profile


def run(work: Work, profile: Path) -> int:
    """Show the progress of the work, then start Cognate; the exit status."""
    application = QApplication(sys.argv[:1])
    application.setQuitOnLastWindowClosed(False)
    options = load_options(profile).options.app
    theme = Theme(application, options.theme)
    translation = Translation(application, options.language)
    window = UpkeepWindow(work, profile)
    status = application.exec()
    start_successor([], window.close())
    translation.remove()
    del theme
    return status
