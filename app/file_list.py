from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from app.bridge import Bridge
from app.icons import Tint, icon
from app.parts import tip_text
from app.reasons import reason_text
from app.wording import moment, path_text, shown, size_text, wording
from indexer.results import FileRow, FileState

if TYPE_CHECKING:
    from indexer.engine import Engine

Index = QModelIndex | QPersistentModelIndex

PAGE = 500  # rows asked for at once: 1 ms for the view, some milliseconds for the catalogue
ROW_ROLE = Qt.ItemDataRole.UserRole  # the FileRow
ICONS = {
    FileState.INDEXED: ("check", Tint.GOOD),
    FileState.QUEUED: ("clock", Tint.ACCENT),
    FileState.NO_TEXT: ("info", Tint.MUTED),
    FileState.EXCLUDED: ("excluded", Tint.MUTED),
    FileState.FAILED: ("trouble", Tint.TROUBLE),
}


class Column(IntEnum):
    """What the table shows of a file."""

    NAME = 0
    STATE = 1
    REASON = 2
    FOLDER = 3
    SIZE = 4
    MODIFIED = 5
    CHUNKS = 6


RIGHT = frozenset({Column.SIZE, Column.CHUNKS})


@dataclass(frozen=True, slots=True)
class FileFilter:
    """Which files to show."""

    folder: Path | None = None  # with all below it
    state: FileState | None = None
    name: str = ""  # part of the file's name


@dataclass(frozen=True, slots=True)
class _Page:
    number: int  # of the request
    offset: int
    limit: int
    rows: tuple[FileRow, ...]
    are_same_files: bool  # as those shown: only what is said of them may have changed


class FileModel(QAbstractTableModel):
    """The files of the catalogue, page by page as the view scrolls; the catalogue is asked in the background."""

    failed = Signal(str)
    loaded = Signal()

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._rows: list[FileRow] = []
        self._filter = FileFilter()
        self._number = 0  # of the latest request: answers to earlier ones are dropped
        self._is_loading = False
        self._is_whole = True  # there are no rows beyond those loaded

    def show(self, wanted: FileFilter) -> None:
        """Load the first rows that pass a filter; the old ones stay until these are there."""
        self._filter = wanted
        self._ask(0, PAGE)

    def reload(self) -> None:
        """Load the rows shown once more, because files have changed."""
        if not self._is_loading:
            self._ask(0, max(PAGE, len(self._rows)))

    def row(self, number: int) -> FileRow:
        """The file in a row."""
        return self._rows[number]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(Column)

    def canFetchMore(self, parent: Index) -> bool:
        return not parent.isValid() and not self._is_whole and not self._is_loading

    def fetchMore(self, parent: Index) -> None:
        if self.canFetchMore(parent):
            self._ask(len(self._rows), PAGE)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401 - Qt's signature
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(Column):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._title(Column(section))
        return _alignment(Column(section)) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401 - Qt's signature
        if not self.checkIndex(index, QAbstractTableModel.CheckIndexOption.IndexIsValid):
            return None
        row, column = self._rows[index.row()], Column(index.column())
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return cell(row, column)
            case Qt.ItemDataRole.DecorationRole:
                return icon(*ICONS[row.state]) if column is Column.STATE else None
            case Qt.ItemDataRole.ToolTipRole:
                return tip_text("\n".join(line for line in (shown(str(row.path)), reason_text(row.reason)) if line))
            case Qt.ItemDataRole.TextAlignmentRole:
                return _alignment(column)
            case Qt.ItemDataRole.UserRole:
                return row
        return None

    def _title(self, column: Column) -> str:
        return {
            Column.NAME: self.tr("Name"),
            Column.STATE: self.tr("State"),
            Column.REASON: self.tr("Why"),
            Column.FOLDER: self.tr("Folder"),
            Column.SIZE: self.tr("Size"),
            Column.MODIFIED: self.tr("Modified"),
            Column.CHUNKS: self.tr("Passages"),
        }[column]

    def _ask(self, offset: int, limit: int) -> None:
        self._number += 1
        self._is_loading = True
        number, wanted, before = self._number, self._filter, tuple(self._rows)

        def work(engine: Engine) -> _Page:
            rows = engine.files(wanted.folder, wanted.state, wanted.name, limit, offset)
            are_same_files = len(rows) == len(before) and all(
                new.path == old.path for new, old in zip(rows, before, strict=True)
            )
            return _Page(number, offset, limit, rows, are_same_files)

        self._bridge.call(work, self._on_page, self._on_failed)

    def _on_page(self, page: _Page) -> None:
        if page.number != self._number:
            return
        self._is_loading = False
        self._is_whole = len(page.rows) < page.limit
        if page.offset == 0:
            self._replace(page)
        elif page.rows:
            self.beginInsertRows(QModelIndex(), page.offset, page.offset + len(page.rows) - 1)
            self._rows.extend(page.rows)
            self.endInsertRows()
        self.loaded.emit()

    def _replace(self, page: _Page) -> None:
        if page.are_same_files:
            self._rows = list(page.rows)
            if page.rows:
                self.dataChanged.emit(self.index(0, 0), self.index(len(page.rows) - 1, len(Column) - 1))
            return
        self.beginResetModel()
        self._rows = list(page.rows)
        self.endResetModel()

    def _on_failed(self, problem: str) -> None:
        self._is_loading = False
        self.failed.emit(problem)


def cell(row: FileRow, column: Column) -> str:
    """What a cell of the table says."""
    match column:
        case Column.NAME:
            return shown(row.path.name)
        case Column.STATE:
            return wording.file_state(row.state)
        case Column.REASON:
            return reason_text(row.reason)
        case Column.FOLDER:
            return path_text(row.path.parent)
        case Column.SIZE:
            return size_text(row.size_bytes)
        case Column.MODIFIED:
            return moment(row.modified, datetime.now()) if row.modified else ""
        case Column.CHUNKS:
            return str(row.chunks) if row.chunks else ""


def _alignment(column: Column) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column in RIGHT else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
