"""The window of watched folders: what is watched, what became of each file, and why one is not found.

How to wire: make one `FoldersWindow(bridge)` when it is first asked for and keep it; `open()` shows it. Connect
`open_requested` and `reveal_requested` to whatever opens files. `add_folder` is also what first start needs.
"""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeyEvent, QKeySequence, QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QHBoxLayout,
    QMenu,
    QMessageBox,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from app.bridge import Bridge
from app.file_pane import FilePane
from app.folder_list import FolderModel, FolderView
from app.icons import icon
from app.paths import dropped_paths
from app.reasons import reason_text
from app.why import WhyPanel
from app.widgets import Role, button, copy, entry, label, with_role
from app.wording import path_text
from indexer.results import FolderRow, Status

if TYPE_CHECKING:
    from indexer.engine import Engine

MIN_LIST, MAX_LIST = 70, 260  # height of the list of folders at first, in pixels
RELOAD_MS = 1000  # while files change: often enough to watch, cheap enough not to be felt


class FoldersWindow(QWidget):
    """Folders above, their files below, and a place to ask about one file."""

    open_requested = Signal(object)  # Path
    reveal_requested = Signal(object)  # Path

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self._bridge = bridge
        self._shown_status: Status | None = None
        self.setWindowTitle(self.tr("Folders"))
        self.setWindowIcon(icon("cognate"))
        self.setAcceptDrops(True)
        self.resize(1040, 760)
        self.folders = FolderModel(self)
        self.view = FolderView(self.folders)
        self.files = FilePane(bridge)
        self.why = WhyPanel(bridge)
        self.notice = label(role=Role.TROUBLE, wraps=True)
        self.notice.hide()
        self.add = button(self.tr("Add folder…"), "folder-add", Role.PRIMARY)
        self.scan = button(self.tr("Look for changes"), "refresh")
        self.remove = button(self.tr("Stop watching…"), "close")
        self.remove.setEnabled(False)
        self._reload_soon = QTimer(self, interval=RELOAD_MS, singleShot=True)
        self._lay_out()
        self._connect()

    def open(self) -> None:
        """Show the window in front."""
        self.show()
        self.raise_()
        self.activateWindow()

    def add_folder(self, folder: Path) -> None:
        """Watch a folder; what speaks against it is shown here."""
        self.notice.hide()
        self._bridge.call(partial(_add, folder), self._reload_after, self._show_problem)

    def remove_folder(self, folder: Path, erase: bool = False) -> None:
        """Forget a folder, without asking; when it is to be erased, in a while, with all that is kept of searches."""
        self.notice.hide()
        self._bridge.call(partial(_remove, folder, erase), self._reload_after, self._show_problem)

    def reload(self) -> None:
        """Ask the engine again for everything shown."""
        self._bridge.call(_folders, self._on_folders, self._show_problem)
        self.files.reload()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.reload()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_paths(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        for path in dropped_paths(event.mimeData()):
            self.add_folder(path)
        event.acceptProposedAction()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape or event.matches(QKeySequence.StandardKey.Close):
            self.close()
        else:
            super().keyPressEvent(event)

    def _lay_out(self) -> None:
        bar = QHBoxLayout()
        bar.setSpacing(8)
        bar.addWidget(label(self.tr("Watched folders"), Role.TITLE), 1)
        for each in (self.remove, self.scan, self.add):
            bar.addWidget(each)
        split = QSplitter(Qt.Orientation.Vertical, childrenCollapsible=False, handleWidth=12)
        with_role(split, Role.GAP)
        split.addWidget(self.view)
        split.addWidget(self.files)
        split.setStretchFactor(1, 1)
        self._split = split
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 16)
        column.setSpacing(10)
        column.addLayout(bar)
        column.addWidget(self.notice)
        column.addWidget(split, 1)
        column.addWidget(self.why)
        chain = [self.remove, self.scan, self.add, self.view, *self.files.in_order(), *self.why.in_order()]
        for before, after in pairwise(chain):
            QWidget.setTabOrder(before, after)

    def _connect(self) -> None:
        self.add.clicked.connect(self._choose_folder)
        self.remove.clicked.connect(self._ask_to_remove)
        self.scan.clicked.connect(self._scan)
        self.view.selectionModel().selectionChanged.connect(self._on_selection)
        self.view.customContextMenuRequested.connect(self._show_menu)
        self.view.activated.connect(self._open_folder)
        self.files.all.clicked.connect(self.view.clearSelection)
        self.files.open_requested.connect(self.open_requested)
        self.files.reveal_requested.connect(self.reveal_requested)
        self.files.why_requested.connect(self.why.ask_about)
        self.files.failed.connect(self._show_problem)
        self.view.setFocus()
        self._reload_soon.timeout.connect(self._reload_if_shown)
        self._bridge.status_changed.connect(self._on_status)

    def _choose_folder(self) -> None:
        dialog = QFileDialog(self, self.tr("Choose a folder to watch"), str(Path.home()))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self._on_chosen)
        dialog.open()

    def _on_chosen(self, folder: str) -> None:
        self.add_folder(Path(folder))

    def _ask_to_remove(self) -> None:
        folder = self.view.current_folder()
        if folder is None:
            return
        box = QMessageBox(QMessageBox.Icon.NoIcon, self.tr("Stop watching"), "", parent=self)
        box.setText(self.tr("Stop watching “{folder}”?").format(folder=path_text(folder)))
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setInformativeText(
            self.tr("Only what Cognate knows about its files is dropped. The files stay as they are.")
        )
        stop = box.addButton(self.tr("Stop watching"), QMessageBox.ButtonRole.AcceptRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(QMessageBox.StandardButton.Cancel)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        erase = QCheckBox(self.tr("Leave no trace: rewrite the index, and forget earlier searches"), box)
        box.setCheckBox(erase)
        stop.clicked.connect(lambda: self.remove_folder(folder, erase.isChecked()))
        box.open()

    def _show_menu(self, spot: QPoint) -> None:
        row = self.view.current_row()
        if row is not None:
            menu = self.menu(row)
            menu.aboutToHide.connect(menu.deleteLater)
            menu.popup(self.view.viewport().mapToGlobal(spot))

    def menu(self, row: FolderRow) -> QMenu:
        """What one can do with a folder."""
        menu = QMenu(self)
        entry(menu, "folder-open", self.tr("Open"), self._open_folder)
        entry(menu, "copy", self.tr("Copy path"), partial(copy, str(row.path)))
        if row.note:
            entry(menu, "copy", self.tr("Copy note"), partial(copy, reason_text(row.note)))
        menu.addSeparator()
        entry(menu, "close", self.tr("Stop watching…"), self._ask_to_remove)
        return menu

    def _open_folder(self) -> None:
        folder = self.view.current_folder()
        if folder is not None:
            self.open_requested.emit(folder)

    def _scan(self) -> None:
        self._bridge.call(_index, self._reload_after, self._show_problem)

    def _on_selection(self) -> None:
        folder = self.view.current_folder()
        self.remove.setEnabled(folder is not None)
        self.files.show_folder(folder)

    def _on_folders(self, rows: tuple[FolderRow, ...]) -> None:
        folder = self.view.current_folder()
        is_first = self.folders.rowCount() == 0
        self.folders.show(rows)
        if is_first:
            self._fit_list()
        row = -1 if folder is None else self.folders.row_of(folder)
        if row >= 0:
            self.view.setCurrentIndex(self.folders.index(row))
        elif folder is not None:
            self._on_selection()

    def _fit_list(self) -> None:
        """Give the list of folders the height of its rows, within reason, and the files the rest."""
        rows = sum(self.view.sizeHintForRow(row) for row in range(self.folders.rowCount()))
        height = min(max(rows + 2 * self.view.frameWidth(), MIN_LIST), MAX_LIST)
        self._split.setSizes([height, sum(self._split.sizes()) - height])

    def _on_status(self, status: Status) -> None:
        before = self._shown_status
        is_news = before is None or before.facts != status.facts
        if self.isVisible() and is_news and not self._reload_soon.isActive():
            self._shown_status = status
            self._reload_soon.start()

    def _reload_if_shown(self) -> None:
        if self.isVisible():
            self.reload()

    def _reload_after(self, nothing: object) -> None:
        self.reload()

    def _show_problem(self, problem: str) -> None:
        self.notice.setText(reason_text(problem))
        self.notice.show()


def _folders(engine: Engine) -> tuple[FolderRow, ...]:
    return engine.folders()


def _add(folder: Path, engine: Engine) -> None:
    engine.add_folder(folder)


def _remove(folder: Path, erase: bool, engine: Engine) -> None:
    engine.remove_folder(folder, erase)


def _index(engine: Engine) -> None:
    engine.index()
