from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, QPointF, QRectF, QSizeF, QTimer, Signal
from PySide6.QtGui import QImage

from app.preview.content import PagesContent
from app.preview.page_process import PageError, PageProcess, Pixels
from app.tasks import Tasks

IDLE_MS = 300_000  # after which the process gives its memory back
MAX_SIDE = 20_000.0  # points; a page that claims more is drawn no larger


@dataclass(frozen=True, slots=True)
class RenderedPage:
    """A page as an image, at a number of pixels for each point."""

    page: int  # from 0
    scale: float
    image: QImage


@dataclass(frozen=True, slots=True)
class Marks:
    """What to mark on a page, in points."""

    page: int  # from 0
    boxes: tuple[QRectF, ...]
    text: str = ""


class PageRenderer(QObject):
    """Asks the rendering process from a thread of its own; what belongs to an earlier document is dropped."""

    opened = Signal(object)  # tuple[QSizeF, ...] in points, one for each page
    rendered = Signal(object)  # RenderedPage
    found = Signal(object)  # Marks
    selected = Signal(object)  # Marks
    failed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lane = Tasks(1, "pages", self)
        self._process = PageProcess()
        self._document = 0
        self._selection = 0
        self._wanted: dict[int, float] = {}  # page and scale
        self._idle = QTimer(self, interval=IDLE_MS, singleShot=True)
        self._idle.timeout.connect(self._rest)

    def warm_up(self) -> None:
        """Start the process before it is needed."""
        self._lane.submit(self._process.start, self._ignore)

    def open(self, content: PagesContent) -> None:
        """Open a document and look for its passage."""
        self._idle.start()
        self._document += 1
        self._wanted = {}
        number, page = self._document, content.page - 1
        texts = [content.sentence, content.passage]
        self._lane.submit(partial(self._open, number, content), self._on_opened, self.failed.emit)
        find = {"do": "find", "page": page, "texts": texts}
        self._lane.submit(partial(self._marks, number, find), self._on_found, self._ignore)

    def want(self, pages: Mapping[int, float]) -> None:
        """Render these pages at these scales; what was wanted before and has not begun is not."""
        new = {page: scale for page, scale in pages.items() if self._wanted.get(page) != scale}
        self._wanted = dict(pages)
        self._idle.start()
        number = self._document
        for page, scale in new.items():
            self._lane.submit(partial(self._render, number, page, scale), self._on_rendered, self._ignore)

    def select(self, page: int, start: QPointF, end: QPointF) -> None:
        """Find what a drag over a page selects; only the latest drag is answered."""
        self._selection += 1
        number, selection = self._document, self._selection
        request = {"do": "select", "page": page, "start": (start.x(), start.y()), "end": (end.x(), end.y())}
        self._lane.submit(partial(self._select, number, selection, request), self._on_selected, self._ignore)

    def close(self) -> None:
        """End the thread and the process."""
        self._document += 1
        self._wanted = {}
        self._lane.close()
        self._process.close()

    def _rest(self) -> None:
        self._lane.submit(self._process.close, self._ignore)

    def _is_current(self, number: int) -> bool:
        return number == self._document

    def _open(self, number: int, content: PagesContent) -> tuple[int, tuple[QSizeF, ...]] | None:
        if not self._is_current(number):
            return None
        try:
            answer = self._process.ask({"do": "open", "path": str(content.path)}, lambda: self._is_current(number))
            return number, tuple(_size(pair) for pair in answer["sizes"])
        except (PageError, KeyError, TypeError, ValueError):
            return number, ()

    def _render(self, number: int, page: int, scale: float) -> tuple[int, RenderedPage] | None:
        if not self._is_current(number) or self._wanted.get(page) != scale:
            return None
        try:
            pixels = self._process.render(page, scale, lambda: self._is_current(number))
        except PageError:
            return None
        return number, RenderedPage(page, scale, _image(pixels))

    def _marks(self, number: int, request: Mapping[str, object]) -> tuple[int, Marks] | None:
        if not self._is_current(number):
            return None
        try:
            return number, _marks(self._process.ask(request, lambda: self._is_current(number)))
        except (PageError, KeyError, TypeError, ValueError):
            return None

    def _select(self, number: int, selection: int, request: Mapping[str, object]) -> tuple[int, Marks] | None:
        return self._marks(number, request) if selection == self._selection else None

    def _on_opened(self, answer: tuple[int, tuple[QSizeF, ...]] | None) -> None:
        if answer is None or not self._is_current(answer[0]):
            return
        if answer[1]:
            self.opened.emit(answer[1])
        else:
            self.failed.emit(self.tr("The pages of this file can't be shown."))

    def _on_rendered(self, answer: tuple[int, RenderedPage] | None) -> None:
        if answer is not None and self._is_current(answer[0]):
            self.rendered.emit(answer[1])

    def _on_found(self, answer: tuple[int, Marks] | None) -> None:
        if answer is not None and self._is_current(answer[0]):
            self.found.emit(answer[1])

    def _on_selected(self, answer: tuple[int, Marks] | None) -> None:
        if answer is not None and self._is_current(answer[0]):
            self.selected.emit(answer[1])

    def _ignore(self, nothing: object) -> None:
        pass


def _image(pixels: Pixels) -> QImage:
    image = QImage(pixels.data, pixels.width, pixels.height, pixels.stride, QImage.Format.Format_RGB888)
    return image.convertToFormat(QImage.Format.Format_RGB32)  # a copy, in the format that is painted fastest


def _size(pair: Any) -> QSizeF:  # noqa: ANN401  from the process
    width, height = (min(max(float(side), 1.0), MAX_SIDE) for side in pair)
    return QSizeF(width, height)


def _marks(answer: Mapping[str, Any]) -> Marks:
    boxes = []
    for box in answer["rects"]:
        left, top, right, bottom = (float(side) for side in box)
        boxes.append(QRectF(QPointF(left, top), QPointF(right, bottom)))
    return Marks(int(answer["page"]), tuple(boxes), str(answer.get("text", "")))
