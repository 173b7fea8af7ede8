from __future__ import annotations

from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QLocale, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.icons import kind_icon
from app.wording import path_text, size_text
from indexer.upkeep.sizes import SizeReport, SizeRow

Index = QModelIndex | QPersistentModelIndex


class Column(IntEnum):
    """What the table shows of a kind of file in a folder."""

    FOLDER = 0
    KIND = 1
    FILES = 2
    FILE_BYTES = 3
    TEXT_BYTES = 4
    CHUNKS = 5
    VECTORS = 6
    INDEX_BYTES = 7


class SizeModel(QAbstractTableModel):
    """What takes the room, a row for each kind of file in each folder."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[SizeRow, ...] = ()

    def show(self, report: SizeReport) -> None:
        """Replace the rows."""
        self.beginResetModel()
        self._rows = report.rows
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(Column)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401 - Qt's signature
        if orientation is not Qt.Orientation.Horizontal or section >= len(Column):
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(section)
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        return (
            self.tr("Folder"),
            self.tr("Kind"),
            self.tr("Files"),
            self.tr("Size"),
            self.tr("Text"),
            self.tr("Passages"),
            self.tr("Vectors"),
            self.tr("In the index"),
        )[section]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401 - Qt's signature
        if not self.checkIndex(index, QAbstractTableModel.CheckIndexOption.IndexIsValid):
            return None
        row, column = self._rows[index.row()], index.column()
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return _text(row, column)
            case Qt.ItemDataRole.DecorationRole:
                return kind_icon(row.amount.kind) if column == Column.KIND else None
            case Qt.ItemDataRole.TextAlignmentRole:
                return _alignment(column)
        return None


def _alignment(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignLeft if column in (Column.FOLDER, Column.KIND) else Qt.AlignmentFlag.AlignRight
    return side | Qt.AlignmentFlag.AlignVCenter


def _text(row: SizeRow, column: int) -> str:
    each, number = row.amount, QLocale().toString
    return (
        path_text(each.folder),
        each.kind.value,
        number(each.files),
        size_text(each.file_bytes),
        size_text(each.text_bytes),
        number(each.chunks),
        number(each.vectors),
        size_text(row.index_bytes),
    )[column]
