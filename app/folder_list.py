from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.icons import Tint, icon
from app.parts import tip_text
from app.reasons import reason_text
from app.theme import colors
from app.wording import path_text, shown, wording
from indexer.results import FileState, FolderRow, FolderState

Index = QModelIndex | QPersistentModelIndex

PADDING = 12
ICON = 22
LEADING = 3  # between the lines of a row
ROW_ROLE = Qt.ItemDataRole.UserRole  # the FolderRow
ICONS = {
    FolderState.WATCHED: ("folder", Tint.ACCENT),
    FolderState.POLLED: ("folder", Tint.WARNING),
    FolderState.STALE: ("folder", Tint.MUTED),
    FolderState.ABSENT: ("folder-absent", Tint.MUTED),
}


class FolderModel(QAbstractListModel):
    """The watched folders; `ROW_ROLE` gives the FolderRow."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[FolderRow] = []

    def show(self, rows: Sequence[FolderRow]) -> None:
        """Replace the rows; where the folders are the same, views keep their selection."""
        if [row.path for row in rows] == [row.path for row in self._rows]:
            self._rows = list(rows)
            if rows:
                self.dataChanged.emit(self.index(0), self.index(len(rows) - 1))
            return
        self.beginResetModel()
        self._rows = list(rows)
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401 - Qt's signature
        if not self.checkIndex(index, QAbstractListModel.CheckIndexOption.IndexIsValid):
            return None
        row = self._rows[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return path_text(row.path)
            case Qt.ItemDataRole.DecorationRole:
                return icon(*ICONS[row.state])
            case Qt.ItemDataRole.ToolTipRole:
                return tip_text("\n".join(line for line in (shown(str(row.path)), reason_text(row.note)) if line))
            case Qt.ItemDataRole.AccessibleTextRole:
                return ", ".join(
                    part for part in (shown(str(row.path)), state_line(row), reason_text(row.note)) if part
                )
            case Qt.ItemDataRole.UserRole:
                return row
        return None

    def row_of(self, folder: Path) -> int:
        """Where a folder stands; -1 when it is not there."""
        return next((number for number, row in enumerate(self._rows) if row.path == folder), -1)


def state_line(row: FolderRow) -> str:
    """How a folder is watched and what is in it, on one line."""
    counts = [wording.counted(state, row.files[state]) for state in FileState if row.files.get(state)]
    return " · ".join([wording.folder_state(row.state), *counts])


class FolderDelegate(QStyledItemDelegate):
    """Paints a folder on two lines, and below them what is wrong with it, as a whole: it holds the remedy."""

    def __init__(self, view: QListView) -> None:
        super().__init__(view)
        self._view = view

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row: FolderRow = index.data(ROW_ROLE)
        painter.save()
        self._paint_ground(painter, option)
        area: QRect = option.rect.adjusted(PADDING, PADDING, -PADDING, -PADDING)
        mark = QRect(area.topLeft(), QSize(ICON, ICON))
        index.data(Qt.ItemDataRole.DecorationRole).paint(painter, mark)
        area.setLeft(mark.right() + PADDING)
        now = colors()
        painter.setFont(_bold(option.font))
        top = _line(painter, area, path_text(row.path), now.text, Qt.TextElideMode.ElideMiddle)
        painter.setFont(option.font)
        top = _line(painter, top, state_line(row), now.muted)
        if row.note:
            painter.setPen(now.warning)
            painter.drawText(top, Qt.TextFlag.TextWordWrap, reason_text(row.note))
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        row: FolderRow = index.data(ROW_ROLE)
        metrics = QFontMetrics(option.font)
        height = QFontMetrics(_bold(option.font)).height() + LEADING + metrics.height() + 2 * PADDING
        if row.note:
            width = self._view.viewport().width() - ICON - 3 * PADDING
            room = QRect(0, 0, max(width, 100), 1000)
            height += LEADING + metrics.boundingRect(room, Qt.TextFlag.TextWordWrap, reason_text(row.note)).height()
        return QSize(200, height)

    @staticmethod
    def _paint_ground(painter: QPainter, option: QStyleOptionViewItem) -> None:
        now = colors()
        is_selected = option.state & QStyle.StateFlag.State_Selected
        if not is_selected and not option.state & QStyle.StateFlag.State_MouseOver:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(now.selection if is_selected else now.hover)
        painter.drawRoundedRect(QRectF(option.rect).adjusted(4, 2, -4, -2), 8, 8)


class FolderView(QListView):
    """The list of watched folders; a click beside the rows takes the selection away."""

    def __init__(self, model: FolderModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModel(model)
        self.setItemDelegate(FolderDelegate(self))
        self.setMouseTracking(True)
        self.setAccessibleName(self.tr("Watched folders"))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setResizeMode(QListView.ResizeMode.Adjust)  # a note may need another line then
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)

    def current_row(self) -> FolderRow | None:
        """The selected folder, with its state."""
        selected = self.selectionModel().selectedIndexes()
        row: FolderRow | None = selected[0].data(ROW_ROLE) if selected else None
        return row

    def current_folder(self) -> Path | None:
        """The selected folder."""
        row = self.current_row()
        return row.path if row else None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self.indexAt(event.position().toPoint()).isValid():
            self.clearSelection()
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.selectionModel().hasSelection():
            self.clearSelection()
        else:
            super().keyPressEvent(event)


def _line(
    painter: QPainter,
    area: QRect,
    text: str,
    color: QColor,
    elide: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
) -> QRect:
    """Write one line at the top of an area; returns what is left below it."""
    metrics = painter.fontMetrics()
    painter.setPen(color)
    line = QRect(area.topLeft(), QSize(area.width(), metrics.height()))
    flags = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
    painter.drawText(line, flags, metrics.elidedText(text, elide, area.width()))
    return area.adjusted(0, metrics.height() + LEADING, 0, 0)


def _bold(font: QFont) -> QFont:
    bold = QFont(font)
    bold.setWeight(QFont.Weight.DemiBold)
    return bold
