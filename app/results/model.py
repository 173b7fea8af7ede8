from collections.abc import Sequence
from datetime import datetime
from enum import IntEnum

from PySide6.QtCore import QAbstractListModel, QMimeData, QModelIndex, QObject, QPersistentModelIndex, Qt, QUrl

from app.results.labels import spoken, tip, title
from indexer.results import Hit

Index = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()


class Role(IntEnum):
    """What the list knows about a row besides Qt's own roles."""

    HIT = Qt.ItemDataRole.UserRole + 1


class ResultsModel(QAbstractListModel):
    """The hits of the latest answer, best first; rows can be dragged out as files."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._hits: tuple[Hit, ...] = ()

    @property
    def hits(self) -> tuple[Hit, ...]:
        """All rows."""
        return self._hits

    def show(self, hits: tuple[Hit, ...]) -> None:
        """Replace all rows."""
        self.beginResetModel()
        self._hits = hits
        self.endResetModel()

    def hit(self, index: Index) -> Hit | None:
        """The hit of a row, or None for an index that has none."""
        return self._hits[index.row()] if index.isValid() else None

    def row_like(self, hit: Hit) -> int:
        """The row of the same file, member and part, or -1."""
        wanted = (hit.path, hit.member, hit.part)
        return next((i for i, h in enumerate(self._hits) if (h.path, h.member, h.part) == wanted), -1)

    def rowCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._hits)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        hit = self.hit(index)
        if hit is None:
            return None
        if role == Role.HIT:
            return hit
        if role == Qt.ItemDataRole.DisplayRole:
            return title(hit)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return spoken(hit, datetime.now())
        if role == Qt.ItemDataRole.ToolTipRole:
            return tip(hit)
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsDragEnabled

    def mimeTypes(self) -> list[str]:
        return ["text/uri-list", "text/plain"]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        data = QMimeData()
        paths = [str(hit.path) for index in indexes if (hit := self.hit(index))]
        data.setUrls([QUrl.fromLocalFile(path) for path in paths])
        data.setText("\n".join(paths))
        return data

    def supportedDragActions(self) -> Qt.DropAction:
        return Qt.DropAction.CopyAction | Qt.DropAction.LinkAction
