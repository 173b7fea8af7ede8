from collections.abc import Callable

from PySide6.QtCore import QSizeF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QIntValidator, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QMenu, QToolButton, QVBoxLayout, QWidget

from app.icons import icon
from app.parts import tool_button
from app.preview.content import PagesContent
from app.preview.page_renderer import Marks, PageRenderer, RenderedPage
from app.preview.pages_area import PagesArea
from app.preview.selection import extend_menu
from app.widgets import Role, label

ZOOM_STEP = 1.2
PAGE_WIDTH = 52  # room for four digits


class PagesView(QWidget):
    """A document page by page as it looks, at the page of the hit with its passage marked."""

    similar_wanted = Signal(str)
    failed = Signal(str)
    shown = Signal()  # the page that was asked for is on the screen

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._content: PagesContent | None = None
        self.area = PagesArea(self)
        self._renderer = PageRenderer(self)
        self._page = QLineEdit()
        self._page.setValidator(QIntValidator(1, 1, self._page))
        self._page.setFixedWidth(PAGE_WIDTH)
        self._count = label(role=Role.MUTED)
        self._zoom = label(role=Role.MUTED)
        layout = QVBoxLayout(self)
        layout.setSpacing(0)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.area)
        layout.addLayout(self._make_bar())
        self.area.setAccessibleName(self.tr("Pages of the file"))
        self._connect()

    @property
    def marks(self) -> Marks | None:
        """The passage as it is marked."""
        return self.area.marks

    def show_content(self, content: PagesContent) -> None:
        """Show another document; the earlier one stays until its first page is known."""
        self._content = content
        self._renderer.open(content)

    def warm_up(self) -> None:
        """Start the rendering process before it is needed."""
        self._renderer.warm_up()

    def close_worker(self) -> None:
        """End the rendering process and its thread."""
        self._renderer.close()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy) and self.area.selected_text:
            QGuiApplication.clipboard().setText(self.area.selected_text)
        elif event.matches(QKeySequence.StandardKey.ZoomIn):
            self._zoom_in()
        elif event.matches(QKeySequence.StandardKey.ZoomOut):
            self._zoom_out()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        text = self.area.selected_text
        if not text:
            return
        menu = QMenu(self)
        menu.addAction(icon("copy"), self.tr("Copy"), lambda: QGuiApplication.clipboard().setText(text))
        extend_menu(menu, text, self.similar_wanted)
        menu.exec(event.globalPos())

    def _make_bar(self) -> QHBoxLayout:
        bar = QHBoxLayout()
        bar.setSpacing(4)
        bar.setContentsMargins(10, 4, 10, 4)
        self._page.setAccessibleName(self.tr("Page"))
        self._page.setAlignment(Qt.AlignmentFlag.AlignRight)
        bar.addWidget(self._button("up", self.tr("Previous page"), self._previous))
        bar.addWidget(self._button("down", self.tr("Next page"), self._next))
        bar.addWidget(self._page)
        bar.addWidget(self._count)
        bar.addStretch()
        bar.addWidget(self._button("zoom-out", self.tr("Smaller"), self._zoom_out))
        bar.addWidget(self._zoom)
        bar.addWidget(self._button("zoom-in", self.tr("Larger"), self._zoom_in))
        return bar

    def _button(self, name: str, tip: str, slot: Callable[[], None]) -> QToolButton:
        button = tool_button(name, tip, 16)
        button.clicked.connect(slot)
        return button

    def _connect(self) -> None:
        self._renderer.opened.connect(self._on_opened)
        self._renderer.rendered.connect(self._on_rendered)
        self._renderer.found.connect(self.area.show_marks)
        self._renderer.selected.connect(self.area.show_selection)
        self._renderer.failed.connect(self.failed)
        self.area.wanted.connect(self._renderer.want)
        self.area.selecting.connect(self._renderer.select)
        self.area.page_changed.connect(self._on_page)
        self.area.zoomed.connect(self._on_zoomed)
        self._page.returnPressed.connect(self._on_page_typed)

    def _on_opened(self, sizes: tuple[QSizeF, ...]) -> None:
        if self._content is None:
            return
        self._page.setValidator(QIntValidator(1, len(sizes), self._page))
        self._count.setText(f"/ {len(sizes)}")
        self.area.show_pages(sizes, self._content.page - 1)
        self._on_zoomed()

    def _on_rendered(self, rendered: RenderedPage) -> None:
        self.area.show_image(rendered)
        if rendered.page == self.area.page:
            self.shown.emit()

    def _on_page(self, page: int) -> None:
        if not self._page.hasFocus():
            self._page.setText(str(page + 1))

    def _on_page_typed(self) -> None:
        self.area.go_to(int(self._page.text()) - 1)
        self.area.setFocus()

    def _on_zoomed(self) -> None:
        self._zoom.setText(f"{round(self.area.zoom * 100)} %")

    def _previous(self) -> None:
        self.area.go_to(max(0, self.area.page - 1))

    def _next(self) -> None:
        self.area.go_to(min(self.area.page_count - 1, self.area.page + 1))

    def _zoom_in(self) -> None:
        self.area.set_zoom(self.area.zoom * ZOOM_STEP)

    def _zoom_out(self) -> None:
        self.area.set_zoom(self.area.zoom / ZOOM_STEP)
