"""The window of the profile: what takes the room, and how it is backed up, restored and moved.

How to wire: make one `StorageWindow(bridge, profile)` when it is first asked for; `open()` shows it. `handover_wanted`
carries the arguments of a command that needs the profile for itself: quit, and start it.
"""

from __future__ import annotations

import threading
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QShowEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QMessageBox,
    QProgressBar,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app.bridge import Bridge
from app.icons import icon
from app.reasons import reason_text
from app.size_table import Column, SizeModel
from app.tasks import Tasks
from app.widgets import Role, button, label
from app.wording import moment, path_text, size_text
from indexer.upkeep.backup import Backup, read_backup
from indexer.upkeep.sizes import SizeReport

if TYPE_CHECKING:
    from indexer.engine import Engine

PROGRESS_MS = 200


class StorageWindow(QWidget):
    """Where the profile is and what it holds above, what can be done with it below."""

    handover_wanted = Signal(list)  # arguments of the command line

    def __init__(self, bridge: Bridge, profile: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self._bridge = bridge
        self._profile = profile
        self._tasks = Tasks(1, "storage", self)
        self._step, self._share = "", 0.0  # of a backup; set in its thread
        self._is_unwanted = threading.Event()
        self.setWindowTitle(self.tr("Storage and backup"))
        self.setWindowIcon(icon("cognate"))
        self.resize(920, 560)
        self.model = SizeModel(self)
        self.table = self._make_table()
        self.parts = label(role=Role.MUTED, wraps=True)
        self.notice = label(role=Role.MUTED, wraps=True)
        self.notice.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.back_up = button(self.tr("Back up…"), "copy", Role.PRIMARY)
        self.restore = button(self.tr("Restore…"), "history")
        self.move_away = button(self.tr("Move…"), "forward")
        self.progress = QProgressBar()
        self.progress.setRange(0, 100)
        self.progress.setAccessibleName(self.tr("Progress of the backup"))
        self.cancel = button(self.tr("Cancel"))
        self._clock = QTimer(self, interval=PROGRESS_MS)
        self._lay_out()
        self._connect()
        self._show_progress(False)

    def open(self) -> None:
        """Show the window in front."""
        self.show()
        self.raise_()
        self.activateWindow()

    def close_workers(self) -> None:
        """Break off a backup and end the thread."""
        self._is_unwanted.set()
        self._tasks.close()

    def back_up_to(self, folder: Path) -> None:
        """Write a backup to a folder, in the background."""
        self._is_unwanted.clear()
        self._step, self._share = "", 0.0
        self._show_progress(True)
        self._say("")

        def tell(step: str, share: float) -> None:
            self._step, self._share = step, share

        def work(engine: Engine) -> Backup:
            return engine.back_up(folder, tell, self._is_unwanted.is_set)

        self._bridge.call(work, self._on_backed_up, self._on_failed)

    def ask_to_restore(self, folder: Path) -> None:
        """Look at a backup, and ask whether it is to take the place of what is there."""
        self._say("")
        self._tasks.submit(partial(read_backup, folder), self._ask_to_restore, self._say_trouble)

    def ask_to_move(self, folder: Path) -> None:
        """Ask whether the profile is to move to a folder of its own in this one."""
        target = folder / "cognate" if folder.name != "cognate" else folder
        text = self.tr("Move everything to “{folder}”?").format(folder=path_text(target))
        hint = self.tr("Cognate ends, moves, and starts again. It finds its new place by itself.")
        arguments = ["move", str(target), "--window"]
        self._ask(text, hint, self.tr("Move"), arguments)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._bridge.call(_sizes, self._on_sizes, self._say_trouble)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape or event.matches(QKeySequence.StandardKey.Close):
            self.close()
        else:
            super().keyPressEvent(event)

    def _make_table(self) -> QTableView:
        table = QTableView(showGrid=False, wordWrap=False)
        table.setModel(self.model)
        table.setTabKeyNavigation(False)
        table.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        table.setAccessibleName(self.tr("What takes the room"))
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(table.fontMetrics().height() + 12)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(Column.FOLDER, QHeaderView.ResizeMode.Stretch)
        return table

    def _lay_out(self) -> None:
        place = label(path_text(self._profile), Role.MUTED)
        place.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        bar = QHBoxLayout()
        bar.setSpacing(8)
        bar.addWidget(label(self.tr("Storage and backup"), Role.TITLE), 1)
        for each in (self.move_away, self.restore, self.back_up):
            bar.addWidget(each)
        going = QHBoxLayout()
        going.setSpacing(8)
        going.addWidget(self.progress, 1)
        going.addWidget(self.cancel)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 16)
        column.setSpacing(10)
        column.addLayout(bar)
        column.addWidget(place)
        column.addWidget(self.table, 1)
        column.addWidget(self.parts)
        column.addLayout(going)
        column.addWidget(self.notice)

    def _connect(self) -> None:
        self.back_up.clicked.connect(self._choose_where_to_back_up)
        self.restore.clicked.connect(self._choose_backup)
        self.move_away.clicked.connect(self._choose_where_to_move)
        self.cancel.clicked.connect(self._is_unwanted.set)
        self._clock.timeout.connect(self._tick)

    def _choose_where_to_back_up(self) -> None:
        self._choose(self.tr("Choose a folder for the backup")).fileSelected.connect(self._on_backup_place)

    def _choose_backup(self) -> None:
        self._choose(self.tr("Choose a backup")).fileSelected.connect(self._on_backup)

    def _choose_where_to_move(self) -> None:
        self._choose(self.tr("Choose a folder to move to")).fileSelected.connect(self._on_move_place)

    def _choose(self, title: str) -> QFileDialog:
        dialog = QFileDialog(self, title, str(Path.home()))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()
        return dialog

    def _on_backup_place(self, folder: str) -> None:
        self.back_up_to(Path(folder))

    def _on_backup(self, folder: str) -> None:
        self.ask_to_restore(Path(folder))

    def _on_move_place(self, folder: str) -> None:
        self.ask_to_move(Path(folder))

    def _ask_to_restore(self, backup: Backup) -> None:
        made = moment(datetime.fromisoformat(backup.made).timestamp(), datetime.now())
        text = self.tr("Restore the backup of {time}, {size}?").format(time=made, size=size_text(backup.size_bytes))
        hint = self.tr(
            "Settings, folders and index become what they were then. Cognate ends, reads the whole backup, puts it in "
            "place and starts again; if the backup is damaged, all stays as it is."
        )
        self._ask(text, hint, self.tr("Restore"), ["restore", str(backup.folder), "--window"])

    def _ask(self, text: str, hint: str, answer: str, arguments: list[str]) -> None:
        box = QMessageBox(QMessageBox.Icon.NoIcon, self.windowTitle(), text, parent=self)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setInformativeText(hint)
        yes: QPushButton = box.addButton(answer, QMessageBox.ButtonRole.AcceptRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(QMessageBox.StandardButton.Cancel)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        yes.clicked.connect(partial(self.handover_wanted.emit, arguments))
        box.open()

    def _on_sizes(self, report: SizeReport) -> None:
        self.model.show(report)
        names = {
            "catalogue": self.tr("Catalogue"),
            "segments": self.tr("Search index"),
            "models": self.tr("Models"),
            "log": self.tr("Log"),
            "other": self.tr("Other"),
        }
        self.parts.setText(" · ".join(f"{names[part]} {size_text(size)}" for part, size in report.parts.items()))

    def _on_backed_up(self, backup: Backup) -> None:
        self._show_progress(False)
        text = self.tr("The backup is whole: {folder}, {size}")
        self._say(text.format(folder=path_text(backup.folder), size=size_text(backup.size_bytes)))

    def _on_failed(self, problem: str) -> None:
        self._show_progress(False)
        self._say_trouble(problem)

    def _tick(self) -> None:
        self.progress.setValue(round(100 * self._share))
        self.progress.setFormat(f"{reason_text(self._step)} · %p %")

    def _show_progress(self, is_on: bool) -> None:
        self.progress.setVisible(is_on)
        self.cancel.setVisible(is_on)
        for each in (self.back_up, self.restore, self.move_away):
            each.setEnabled(not is_on)
        if is_on:
            self._tick()
            self._clock.start()
        else:
            self._clock.stop()

    def _say(self, text: str) -> None:
        self.notice.setProperty("role", Role.MUTED.value)
        self._show_notice(text)

    def _say_trouble(self, problem: str) -> None:
        self.notice.setProperty("role", Role.TROUBLE.value)
        self._show_notice(problem)

    def _show_notice(self, text: str) -> None:
        self.notice.style().polish(self.notice)
        self.notice.setText(text)
        self.notice.setVisible(bool(text))


def _sizes(engine: Engine) -> SizeReport:
    return engine.sizes()
