"""The page that is shown while no folder is watched: what to search through.

How to wire: make a `FirstStart(bridge, profile)` when `engine.folders()` is empty, show it in place of the results, and
go on to the search when `started` comes; by then the folders are watched and being indexed.
"""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QStandardPaths, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeyEvent, QMouseEvent, QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

import resources
from app.bridge import Bridge
from app.icons import Tint, icon
from app.paths import dropped_paths
from app.reasons import reason_text
from app.widgets import Picture, Role, button, label, with_role
from app.wording import path_text
from indexer.results import FolderRow

if TYPE_CHECKING:
    from indexer.engine import Engine

SAMPLES = Path(resources.__file__).parent / "samples"
WIDTH = 560


class Choice(QFrame):
    """A folder to tick; a click anywhere on it counts."""

    changed = Signal()

    def __init__(self, drawing: str, title: str, text: str, folder: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.folder = folder
        self.box = QCheckBox()
        self.box.setAccessibleName(title)
        self.box.setAccessibleDescription(text)
        with_role(self, Role.CHOICE)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(label(title, Role.HEADING))
        words.addWidget(label(text, Role.MUTED, wraps=True))
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 11, 14, 11)
        row.setSpacing(12)
        row.addWidget(Picture(icon(drawing, Tint.ACCENT), 26))
        row.addLayout(words, 1)
        row.addWidget(self.box)
        self.box.toggled.connect(self._on_toggled)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.rect().contains(event.position().toPoint()):
            self.box.toggle()

    def _on_toggled(self, is_chosen: bool) -> None:
        self.setProperty("chosen", is_chosen)
        self.style().unpolish(self)
        self.style().polish(self)
        self.changed.emit()


class FirstStart(QWidget):
    """Asks once which folders to watch, and adds them."""

    started = Signal()  # the folders are watched

    def __init__(self, bridge: Bridge, profile: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._profile = profile
        self.setAcceptDrops(True)
        self.choices: list[Choice] = []
        self.problem = label(role=Role.TROUBLE, wraps=True)
        self.problem.hide()
        self.other = button(self.tr("Another folder…"), "folder-add", Role.FLAT)
        self.start = button(self.tr("Start searching"), role=Role.PRIMARY)
        self._cards = QVBoxLayout()
        self._cards.setSpacing(10)
        self._lay_out()
        self._offer_documents()
        self._offer_samples()
        self.other.clicked.connect(self._choose)
        self.start.clicked.connect(self._start)
        bridge.status_changed.connect(self._look_for_folders)
        self._on_changed()

    def offer(self, folder: Path) -> None:
        """Add a folder to the choices and choose it."""
        if all(choice.folder != folder for choice in self.choices):
            self._add(Choice("folder", folder.name or str(folder), path_text(folder), folder), is_chosen=True)

    def chosen(self) -> list[Path]:
        """The folders that are ticked."""
        return [choice.folder for choice in self.choices if choice.box.isChecked()]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.start.click()
        else:
            super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.start.setFocus()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_paths(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        for path in dropped_paths(event.mimeData()):
            self.offer(path)
        event.acceptProposedAction()

    def _lay_out(self) -> None:
        page = QWidget()
        page.setMaximumWidth(WIDTH)
        column = QVBoxLayout(page)
        column.setSpacing(14)
        column.addStretch(1)
        column.addWidget(Picture(icon("cognate"), 72), alignment=Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(_centred(label(self.tr("Find your files by what they mean"), Role.TITLE)))
        column.addWidget(_centred(label(self.tr("Which folders do you want to search?"), Role.MUTED)))
        column.addLayout(self._cards)
        column.addWidget(self.other, alignment=Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.problem)
        column.addLayout(self._privacy())
        column.addWidget(self.start, alignment=Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(2)
        self.start.setMinimumSize(200, 36)
        frame = QWidget()
        middle = QHBoxLayout(frame)
        middle.addStretch(1)
        middle.addWidget(page, 20)
        middle.addStretch(1)
        scroll = QScrollArea(widgetResizable=True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidget(frame)
        with_role(scroll, Role.CLEAR)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroll)

    def _privacy(self) -> QHBoxLayout:
        text = self.tr("Nothing leaves this computer. Your files are only read, never changed.")
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        row.addWidget(Picture(icon("shield", Tint.GOOD), 20))
        row.addWidget(label(text, Role.MUTED))
        row.addStretch(1)
        return row

    def _offer_documents(self) -> None:
        folder = Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation))
        if folder != Path.home() and folder.is_dir():  # without a Documents folder, Qt names the home folder
            self._add(Choice("folder", self.tr("Your documents"), path_text(folder), folder), is_chosen=True)

    def _offer_samples(self) -> None:
        text = self.tr("A few letters, notes and tables in ten languages, to try the search on")
        samples = Choice("globe", self.tr("Sample documents"), text, self._profile / "samples")
        self._add(samples, is_chosen=not self.choices)

    def _add(self, choice: Choice, is_chosen: bool) -> None:
        self.choices.append(choice)
        self._cards.addWidget(choice)
        choice.changed.connect(self._on_changed)
        choice.box.setChecked(is_chosen)

    def _choose(self) -> None:
        dialog = QFileDialog(self, self.tr("Choose a folder to search"), str(Path.home()))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self._on_selected)
        dialog.open()

    def _on_selected(self, folder: str) -> None:
        self.offer(Path(folder))

    def _on_changed(self) -> None:
        self.start.setEnabled(bool(self.chosen()))

    def _start(self) -> None:
        self.problem.hide()
        self.start.setEnabled(False)
        self._bridge.call(partial(_watch, self.chosen(), self._profile / "samples"), self._on_started, self._on_failed)

    def _look_for_folders(self) -> None:
        """Another process may have added one meanwhile."""
        if self.isVisible() and self.start.isEnabled():
            self._bridge.call(_folders, self._on_folders)

    def _on_folders(self, rows: tuple[FolderRow, ...]) -> None:
        if rows and self.isVisible():
            self.started.emit()

    def _on_started(self, nothing: object) -> None:
        self.start.setEnabled(True)
        self.started.emit()

    def _on_failed(self, problem: str) -> None:
        self.start.setEnabled(True)
        self.problem.setText(reason_text(problem))
        self.problem.show()


def _folders(engine: Engine) -> tuple[FolderRow, ...]:
    return engine.folders()


def _watch(folders: list[Path], samples: Path, engine: Engine) -> None:
    """Watch folders; one that is watched already, after a failure half-way, is left alone."""
    watched = {row.path for row in engine.folders()}
    for folder in folders:
        if folder == samples:
            shutil.copytree(SAMPLES, samples, dirs_exist_ok=True)
        if folder not in watched:
            engine.add_folder(folder)


def _centred(made: QLabel) -> QLabel:
    made.setAlignment(Qt.AlignmentFlag.AlignHCenter)
    return made
