from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QPoint, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QMenu,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app.bridge import Bridge
from app.file_list import ICONS, Column, FileFilter, FileModel, Index
from app.icons import icon
from app.reasons import reason_text
from app.widgets import Role, button, copy, entry, label
from app.wording import path_text, wording
from indexer.results import FileRow, FileState

if TYPE_CHECKING:
    from indexer.engine import Engine

TYPING_MS = 150
MAX_HEADING = 360  # pixels of the folder's path
WIDTHS = {
    Column.NAME: 220,
    Column.STATE: 108,
    Column.FOLDER: 170,
    Column.SIZE: 84,
    Column.MODIFIED: 92,
    Column.CHUNKS: 84,
}


class FilePane(QWidget):
    """A table of files with a filter by state and name, and what one can do with the selected ones."""

    open_requested = Signal(object)  # Path
    reveal_requested = Signal(object)  # Path
    why_requested = Signal(object)  # Path
    failed = Signal(str)

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._folder: Path | None = None
        self._kept: set[Path] = set()  # selected before a reset
        self.heading = label(role=Role.HEADING)
        self.all = button(self.tr("Show all folders"), "close", Role.FLAT)
        self.all.hide()
        self.state = QComboBox()
        self.state.setAccessibleName(self.tr("Show files by state"))
        self.name = QLineEdit(placeholderText=self.tr("Filter by name"))
        self.name.setMaximumWidth(260)
        self.name.setAccessibleName(self.tr("Filter by name"))
        self.name.setClearButtonEnabled(True)
        self.name.addAction(icon("filter"), QLineEdit.ActionPosition.LeadingPosition)
        self.model = FileModel(bridge, self)
        self.table = self._make_table()
        self.empty = label(role=Role.MUTED)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setParent(self.table.viewport())
        self.retry = button(self.tr("Try again"), "refresh")
        self.retry.setToolTip(self.tr("Read the selected files once more"))
        self.retry.setEnabled(False)
        self._typing = QTimer(self, interval=TYPING_MS, singleShot=True)
        self._fill_states()
        self._lay_out()
        self._connect()
        self._head()

    def show_folder(self, folder: Path | None) -> None:
        """Show the files of one folder, or of all."""
        self._folder = folder
        self._head()
        self._show()

    def reload(self) -> None:
        """Ask again for the rows shown."""
        self.model.reload()

    def selected(self) -> list[FileRow]:
        """The selected files, top first."""
        rows = sorted(index.row() for index in self.table.selectionModel().selectedRows())
        return [self.model.row(row) for row in rows]

    def in_order(self) -> tuple[QWidget, ...]:
        """What takes the focus, in the order of reading."""
        return self.all, self.retry, self.state, self.name, self.table

    def _make_table(self) -> QTableView:
        table = QTableView(showGrid=False, wordWrap=False)
        table.setTabKeyNavigation(False)
        table.setModel(self.model)
        table.setAccessibleName(self.tr("Files"))
        table.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        table.setVerticalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        table.setItemDelegate(_CellDelegate(table))
        table.verticalHeader().hide()
        table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        table.verticalHeader().setDefaultSectionSize(table.fontMetrics().height() + 12)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        for column, width in WIDTHS.items():
            header.resizeSection(column, width)
        header.setSectionResizeMode(Column.REASON, QHeaderView.ResizeMode.Stretch)
        return table

    def _fill_states(self) -> None:
        self.state.addItem(self.tr("All states"), None)
        for state in FileState:
            self.state.addItem(icon(*ICONS[state]), wording.file_state(state), state)

    def _lay_out(self) -> None:
        bar = QHBoxLayout()
        bar.setSpacing(8)
        bar.addWidget(self.heading)
        bar.addWidget(self.all)
        bar.addStretch(1)
        bar.addWidget(self.retry)
        bar.addWidget(self.state)
        bar.addWidget(self.name)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(bar)
        column.addWidget(self.table, 1)

    def _connect(self) -> None:
        self.state.currentIndexChanged.connect(self._show)
        self.name.textChanged.connect(self._typing.start)
        self._typing.timeout.connect(self._show)
        self.model.failed.connect(self.failed)
        self.model.loaded.connect(self._on_loaded)
        self.model.modelAboutToBeReset.connect(self._keep_selection)
        self.model.modelReset.connect(self._restore_selection)
        self.table.selectionModel().selectionChanged.connect(self._on_selection)
        self.retry.clicked.connect(self._retry_selected)
        self.table.customContextMenuRequested.connect(self._show_menu)
        self.table.activated.connect(self._open)

    def _head(self) -> None:
        self.all.setVisible(self._folder is not None)
        if self._folder is None:
            self.heading.setText(self.tr("Files in all folders"))
        else:
            metrics = self.heading.fontMetrics()
            folder = metrics.elidedText(path_text(self._folder), Qt.TextElideMode.ElideMiddle, MAX_HEADING)
            self.heading.setText(self.tr("Files in {folder}").format(folder=folder))

    def _show(self) -> None:
        self.model.show(FileFilter(self._folder, self._state(), self.name.text().strip()))

    def _state(self) -> FileState | None:
        value = self.state.currentData()  # Qt has made a plain text of the enum
        return FileState(value) if value else None

    def _on_loaded(self) -> None:
        is_empty = not self.model.rowCount()
        is_filtered = bool(self.name.text().strip()) or self._state() is not None
        self.empty.setText(self.tr("No file passes the filter") if is_filtered else self.tr("No files yet"))
        self.empty.setVisible(is_empty)
        self.empty.resize(self.table.viewport().size())

    def _keep_selection(self) -> None:
        self._kept = {row.path for row in self.selected()}

    def _restore_selection(self) -> None:
        if not self._kept:
            return
        chosen = QItemSelection()
        for number in range(self.model.rowCount()):
            if self.model.row(number).path in self._kept:
                index = self.model.index(number, 0)
                chosen.select(index, index)
        flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        self.table.selectionModel().select(chosen, flags)

    def _show_menu(self, spot: QPoint) -> None:
        rows = self.selected()
        if rows:
            menu = self.menu(rows)
            menu.aboutToHide.connect(menu.deleteLater)
            menu.popup(self.table.viewport().mapToGlobal(spot))

    def menu(self, rows: list[FileRow]) -> QMenu:
        """What one can do with these files."""
        menu = QMenu(self)
        paths = [row.path for row in rows]
        if len(rows) == 1:
            (row,) = rows
            entry(menu, "open", self.tr("Open"), partial(self.open_requested.emit, row.path))
            entry(menu, "reveal", self.tr("Show in folder"), partial(self.reveal_requested.emit, row.path))
            menu.addSeparator()
        entry(menu, "refresh", self.tr("Try again"), partial(self._retry, paths))
        if len(rows) == 1:
            entry(menu, "question", self.tr("Why is it not found?"), partial(self.why_requested.emit, row.path))
            menu.addSeparator()
        entry(menu, "copy", self.tr("Copy path"), partial(copy, "\n".join(map(str, paths))))
        reasons = [reason_text(row.reason) for row in rows if row.reason]
        if reasons:
            entry(menu, "copy", self.tr("Copy reason"), partial(copy, "\n".join(reasons)))
        return menu

    def _on_selection(self) -> None:
        self.retry.setEnabled(self.table.selectionModel().hasSelection())

    def _retry_selected(self) -> None:
        self._retry([row.path for row in self.selected()])

    def _retry(self, paths: list[Path]) -> None:
        def work(engine: Engine) -> None:
            engine.retry(paths)

        self._bridge.call(work, self._on_retried, self.failed.emit)

    def _on_retried(self, nothing: object) -> None:
        self.reload()

    def _open(self) -> None:
        rows = self.selected()
        if rows:
            self.open_requested.emit(rows[0].path)


class _CellDelegate(QStyledItemDelegate):
    """Cuts names and paths in the middle, so that their ends stay; sentences are cut at their end."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        super().initStyleOption(option, index)
        if index.column() in (Column.NAME, Column.FOLDER):
            option.textElideMode = Qt.TextElideMode.ElideMiddle
