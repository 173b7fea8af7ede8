from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, QTimer, Signal

POLL_MS = 500
KILL_MS = 2000


class ModelDownload(QObject):
    """Downloads a model in a process of its own, so that it can be stopped; what has come is kept for the next try."""

    progressed = Signal(float)  # bytes that have come
    ended = Signal(str)  # empty, or one sentence on what went wrong

    def __init__(self, command: Sequence[str], partial: Path, parent: QObject | None = None) -> None:
        """`command` downloads; `partial` is the folder where it gathers what comes."""
        super().__init__(parent)
        self._partial = partial
        self._process = QProcess(self)
        self._process.finished.connect(self._on_finished)
        self._process.errorOccurred.connect(self._on_error)
        self._timer = QTimer(self, interval=POLL_MS)
        self._timer.timeout.connect(self._poll)
        self._timer.start()
        self._process.start(command[0], list(command[1:]))

    def stop(self) -> None:
        """End it; `ended` does not follow."""
        self._timer.stop()
        self._process.finished.disconnect(self._on_finished)
        self._process.errorOccurred.disconnect(self._on_error)
        self._process.terminate()
        if not self._process.waitForFinished(KILL_MS):
            self._process.kill()
            self._process.waitForFinished(KILL_MS)

    def _poll(self) -> None:
        self.progressed.emit(float(folder_bytes(self._partial)))

    def _on_finished(self, status: int) -> None:
        self._timer.stop()
        said = self._process.readAllStandardError().toStdString().strip()
        self.ended.emit((said or f"exit status {status}").removeprefix("cognate: ") if status else "")

    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart:
            self._timer.stop()
            self.ended.emit(self._process.errorString())


def folder_bytes(folder: Path) -> int:
    """What the files in a folder take; 0 when it is not there."""
    total = 0
    for path in folder.rglob("*"):
        with suppress(OSError):
            total += os.lstat(path).st_size
    return total
