from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QDrag, QGuiApplication, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

from app.icons import kind_icon
from app.results.delegate import HitDelegate
from app.results.model import ResultsModel
from indexer.results import Hit

ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class ResultsView(QListView):
    """The list of hits. Keys that mean nothing to a list are handed on, so that typing goes on in the search box."""

    open_wanted = Signal(object)  # Hit
    reveal_wanted = Signal(object)  # Hit
    menu_wanted = Signal(object, QPoint)  # Hit, place on the screen
    current_changed = Signal(object)  # Hit or None
    left_upwards = Signal()
    typed = Signal(object)  # QKeyEvent that belongs in the search box

    def __init__(self, model: ResultsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._results = model
        self._delegate = HitDelegate(self)
        self.setModel(model)
        self.setItemDelegate(self._delegate)
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setDragEnabled(True)
        self.setMouseTracking(True)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setAccessibleName(self.tr("Results"))
        self.verticalScrollBar().setSingleStep(24)
        self.customContextMenuRequested.connect(self._ask_for_menu)
        self.doubleClicked.connect(self._open)
        self.selectionModel().currentChanged.connect(self._on_current)

    def sizeHint(self) -> QSize:
        return QSize(460, 400)

    def show_hits(self, hits: tuple[Hit, ...]) -> None:
        """Replace the rows; the current file stays current when it is found again and the user had chosen it."""
        chosen = self.current() if self.hasFocus() else None
        self._delegate.forget()
        self._results.show(hits)
        row = max(self._results.row_like(chosen), 0) if chosen else 0
        if hits:
            self.choose(row)
            if not row:
                self.scrollToTop()
        else:
            self.current_changed.emit(None)

    def choose(self, row: int) -> None:
        """Make a row the current one."""
        index = self._results.index(row)
        self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def current(self) -> Hit | None:
        """The hit that the preview shows."""
        return self._results.hit(self.currentIndex())

    def repaint_all(self) -> None:
        """Lay everything out again, after a change of colours or fonts."""
        self._delegate.forget()
        self.doItemsLayout()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        hit = self.current()
        if event.key() in ENTER and hit is not None:
            control = event.modifiers() & Qt.KeyboardModifier.ControlModifier
            (self.reveal_wanted if control else self.open_wanted).emit(hit)
        elif event.matches(QKeySequence.StandardKey.Copy) and hit is not None:
            QGuiApplication.clipboard().setMimeData(self._results.mimeData(self.selectedIndexes()))
        elif event.key() == Qt.Key.Key_Up and self.currentIndex().row() <= 0:
            self.left_upwards.emit()
        elif event.key() == Qt.Key.Key_Menu and hit is not None:
            self.menu_wanted.emit(hit, self.viewport().mapToGlobal(self.visualRect(self.currentIndex()).center()))
        elif event.key() == Qt.Key.Key_Backspace or event.text().isprintable() and event.text():
            self.typed.emit(event)
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._delegate.forget()
        super().resizeEvent(event)

    def startDrag(self, actions: Qt.DropAction) -> None:
        hit = self.current()
        if hit is None:
            return
        drag = QDrag(self)
        drag.setMimeData(self._results.mimeData(self.selectedIndexes()))
        drag.setPixmap(kind_icon(hit.kind).pixmap(QSize(32, 32)))
        drag.exec(actions, Qt.DropAction.CopyAction)

    def _open(self, index: QModelIndex) -> None:
        self.open_wanted.emit(self._results.hit(index))

    def _ask_for_menu(self, spot: QPoint) -> None:
        hit = self._results.hit(self.indexAt(spot))
        if hit is not None:
            self.menu_wanted.emit(hit, self.viewport().mapToGlobal(spot))

    def _on_current(self, current: QModelIndex, previous: QModelIndex) -> None:
        if current.isValid():
            self.current_changed.emit(self._results.hit(current))
