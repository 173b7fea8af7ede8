from bisect import bisect_right
from itertools import accumulate

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from app.preview.page_renderer import Marks, RenderedPage
from app.theme import colors

GAP = 14  # between pages and around them
MIN_ZOOM, MAX_ZOOM = 0.25, 6.0
AHEAD = 1  # pages rendered before and after those in view
KEPT_PAGES = 12  # images; a page at full width takes some 5 MB
MARK = QColor("#ffe27a")  # multiplied with the page, so that the text under it stays as dark as it is
SELECTION = QColor("#b9cdfa")


class PagesArea(QAbstractScrollArea):
    """Pages below one another, as wide as the view times the zoom; tells which images it is in need of."""

    wanted = Signal(object)  # dict of page (from 0) to scale, in pixels a point
    page_changed = Signal(int)  # the page in the middle of the view, from 0
    selecting = Signal(int, QPointF, QPointF)  # page, from and to, in points
    zoomed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.zoom = 1.0
        self.page = 0
        self._sizes: tuple[QSizeF, ...] = ()
        self._tops: list[float] = []
        self._images: dict[int, RenderedPage] = {}
        self._marks: Marks | None = None
        self._selection: Marks | None = None
        self._drag: tuple[int, QPointF] | None = None
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.verticalScrollBar().setSingleStep(40)
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)
        self.horizontalScrollBar().valueChanged.connect(self._on_scrolled)

    @property
    def page_count(self) -> int:
        """How many pages the document has."""
        return len(self._sizes)

    @property
    def selected_text(self) -> str:
        """What the user has selected."""
        return self._selection.text if self._selection else ""

    @property
    def marks(self) -> Marks | None:
        """The passage that is marked."""
        return self._marks

    def has_image(self, page: int) -> bool:
        """Whether a page is there to be painted."""
        return page in self._images

    def show_pages(self, sizes: tuple[QSizeF, ...], page: int) -> None:
        """Show another document, at a page."""
        self._sizes = sizes
        self._images.clear()
        self._marks = self._selection = self._drag = None
        self._lay_out()
        self.go_to(min(page, len(sizes) - 1))

    def go_to(self, page: int) -> None:
        """Bring the top of a page to the top of the view."""
        if 0 <= page < len(self._sizes):
            self.verticalScrollBar().setValue(int(self._tops[page] - GAP))
            self._on_scrolled()

    def show_image(self, rendered: RenderedPage) -> None:
        """Take in the image of a page."""
        self._images[rendered.page] = rendered
        while len(self._images) > KEPT_PAGES:
            self._images.pop(max(self._images, key=lambda page: abs(page - self.page)))
        self.viewport().update()

    def show_marks(self, marks: Marks) -> None:
        """Mark a passage and bring it into view."""
        self._marks = marks
        if marks.boxes and marks.page < len(self._sizes):
            middle = self._box(marks.page, marks.boxes[0]).top() + self.verticalScrollBar().value()
            self.verticalScrollBar().setValue(int(middle - self.viewport().height() * 0.35))
        self.viewport().update()

    def show_selection(self, selection: Marks) -> None:
        """Show what the user has selected."""
        self._selection = selection
        self.viewport().update()

    def set_zoom(self, zoom: float) -> None:
        """1 is as wide as the view; the middle of the view stays where it is."""
        bar = self.verticalScrollBar()
        middle = bar.value() + self.viewport().height() / 2
        old_height = max(1.0, self._total_height())
        self.zoom = min(max(zoom, MIN_ZOOM), MAX_ZOOM)
        self._lay_out()
        bar.setValue(int(middle / old_height * self._total_height() - self.viewport().height() / 2))
        self._on_scrolled()
        self.zoomed.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), colors().window)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        for page in self._in_view():
            self._paint_page(painter, page)

    def resizeEvent(self, event: QResizeEvent) -> None:
        if self._sizes:
            self.set_zoom(self.zoom)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.set_zoom(self.zoom * 1.0015 ** event.angleDelta().y())
        else:
            super().wheelEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._drag = self._point(event.position())
            self._selection = None
            self.viewport().update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._drag is not None and event.buttons() & Qt.MouseButton.LeftButton:
            page, start = self._drag
            scale = self._scale()
            corner = self._page_rect(page).topLeft()
            self.selecting.emit(page, start, (event.position() - corner) / scale)

    def _paint_page(self, painter: QPainter, page: int) -> None:
        rect = self._page_rect(page)
        rendered = self._images.get(page)
        if rendered is None:
            painter.fillRect(rect, Qt.GlobalColor.white)
            return
        painter.drawImage(rect, rendered.image)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Multiply)
        for marks, color in ((self._marks, MARK), (self._selection, SELECTION)):
            if marks is not None and marks.page == page:
                painter.fillPath(self._outline(marks), color)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
        painter.setPen(colors().border)
        painter.drawRect(rect)

    def _outline(self, marks: Marks) -> QPainterPath:
        """All boxes as one shape: where two overlap, the colour must not get darker."""
        outline = QPainterPath()
        outline.setFillRule(Qt.FillRule.WindingFill)
        for box in marks.boxes:
            outline.addRect(self._box(marks.page, box).adjusted(-1, -1, 1, 1))
        return outline

    def _on_scrolled(self) -> None:
        if not self._sizes:
            return
        in_view = self._in_view()
        middle = self.verticalScrollBar().value() + self.viewport().height() / 2
        page = max(0, bisect_right(self._tops, middle) - 1)
        if page != self.page:
            self.page = page
        self.page_changed.emit(page)
        around = range(max(0, in_view.start - AHEAD), min(len(self._sizes), in_view.stop + AHEAD))
        scale = round(self._scale() * self.devicePixelRatioF(), 3)
        order = sorted(around, key=lambda number: number not in in_view)
        self.wanted.emit({number: scale for number in order if not self._is_sharp(number, scale)})
        self.viewport().update()

    def _is_sharp(self, page: int, scale: float) -> bool:
        return page in self._images and self._images[page].scale == scale

    def _lay_out(self) -> None:
        scale = self._scale()
        heights = [size.height() * scale + GAP for size in self._sizes]
        self._tops = list(accumulate(heights[:-1], initial=float(GAP)))
        vertical, horizontal = self.verticalScrollBar(), self.horizontalScrollBar()
        vertical.setPageStep(self.viewport().height())
        vertical.setRange(0, max(0, int(self._total_height()) - self.viewport().height()))
        width = int(self._widest() * scale) + 2 * GAP
        horizontal.setPageStep(self.viewport().width())
        horizontal.setRange(0, max(0, width - self.viewport().width()))

    def _total_height(self) -> float:
        return self._tops[-1] + self._sizes[-1].height() * self._scale() + GAP if self._tops else 0.0

    def _widest(self) -> float:
        return max((size.width() for size in self._sizes), default=1.0)

    def _scale(self) -> float:
        """Logical pixels a point."""
        return max(0.05, (self.viewport().width() - 2 * GAP) / self._widest() * self.zoom)

    def _page_rect(self, page: int) -> QRectF:
        """Where a page is in the view."""
        size = self._sizes[page] * self._scale()
        left = max(float(GAP), (self.viewport().width() - size.width()) / 2) - self.horizontalScrollBar().value()
        return QRectF(QPointF(round(left), round(self._tops[page] - self.verticalScrollBar().value())), size)

    def _box(self, page: int, box: QRectF) -> QRectF:
        scale = self._scale()
        corner = self._page_rect(page).topLeft() + box.topLeft() * scale
        return QRectF(corner, box.size() * scale)

    def _in_view(self) -> range:
        top = self.verticalScrollBar().value()
        first = max(0, bisect_right(self._tops, top) - 1)
        last = bisect_right(self._tops, top + self.viewport().height())
        return range(first, last)

    def _point(self, spot: QPointF) -> tuple[int, QPointF] | None:
        for page in self._in_view():
            rect = self._page_rect(page)
            if rect.contains(spot):
                return page, (spot - rect.topLeft()) / self._scale()
        return None
