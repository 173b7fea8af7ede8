from __future__ import annotations

import json
from collections.abc import Sequence

from PySide6.QtCore import QObject, QProcess, Signal

KILL_MS = 2000


class ModelNeeds(QObject):
    """Asks the command line what each model needs here: looking takes torch, which this process stays without."""

    found = Signal(object, str)  # a list of ModelRecord, and one sentence where there is none

    def __init__(self, command: Sequence[str], parent: QObject | None = None) -> None:
        """`command` lists the models as JSON."""
        super().__init__(parent)
        self._command = list(command)
        self._process: QProcess | None = None

    def look(self) -> None:
        """Begin to look, once; `found` follows."""
        if self._process is not None:
            return
        self._process = QProcess(self)
        self._process.finished.connect(self._on_finished)
        self._process.errorOccurred.connect(self._on_error)
        self._process.start(self._command[0], self._command[1:])

    def stop(self) -> None:
        """End it; `found` does not follow."""
        if self._process is None or self._process.state() is QProcess.ProcessState.NotRunning:
            return
        self._process.finished.disconnect(self._on_finished)
        self._process.errorOccurred.disconnect(self._on_error)
        self._process.kill()
        self._process.waitForFinished(KILL_MS)

    def _on_finished(self, status: int) -> None:
        assert self._process is not None
        if status:
            self.found.emit([], self._process.readAllStandardError().toStdString().strip())
        else:
            lines = self._process.readAllStandardOutput().toStdString().splitlines()
            self.found.emit([json.loads(line) for line in lines], "")

    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart:
            assert self._process is not None
            self.found.emit([], self._process.errorString())
