from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.bridge import Bridge
from app.icons import kind_icon
from app.parts import ElidedLabel, tool_button
from app.preview.content import (
    Content,
    ImageContent,
    MarkupContent,
    MessageContent,
    PagesContent,
    PictureContent,
    TextContent,
)
from app.preview.image_view import ImageView
from app.preview.inside import content_of
from app.preview.loader import as_text, load
from app.preview.markup_view import MarkupView
from app.preview.message_view import MessageView
from app.preview.pages_view import PagesView
from app.preview.picture_reader import PictureReader
from app.preview.text_view import TextView
from app.reasons import reason_text
from app.results.labels import location
from app.results.snippet import plain
from app.widgets import Role, label, with_role
from app.wording import path_text
from indexer.results import Hit

if TYPE_CHECKING:
    from indexer.engine import Engine

SCREEN = QSize(2400, 2400)  # pixels that a picture is shown with at most
SETTLE_MS = 40  # holding an arrow key down must not load every file on the way


class PreviewPane(QWidget):
    """The file of the current hit, at the passage that was found."""

    open_wanted = Signal(object)  # Hit
    reveal_wanted = Signal(object)  # Hit
    copy_path_wanted = Signal(object)  # Hit
    similar_file_wanted = Signal(object)  # Hit
    similar_text_wanted = Signal(str)
    shown = Signal(object)  # Hit, once its content is on the screen

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._hit: Hit | None = None
        self._number = 0
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self._load)
        self._header = PreviewHeader(self)
        self._views = QStackedWidget()
        self._pictures = PictureReader(self)
        self.text = TextView(self)
        self.markup = MarkupView(self._pictures, self)
        self.image = ImageView(self)
        self.pages = PagesView(self)
        self.message = MessageView(self)
        for view in (self.text, self.markup, self.image, self.pages, self.message):
            self._views.addWidget(view)
        self._note = label(role=Role.MUTED, wraps=True)
        self._note.setMargin(8)
        self._note.hide()
        layout = QVBoxLayout(self)
        layout.setSpacing(0)
        layout.setContentsMargins(0, 0, 0, 0)
        for part in (self._header, self._note, self._views):
            layout.addWidget(part)
        self._connect()
        self.clear()

    def show_hit(self, hit: Hit | None) -> None:
        """Show another file; what is still being read for an earlier one is dropped."""
        self._number += 1
        self._hit = hit
        if hit is None:
            self.clear()
            return
        self._header.show_hit(hit)
        self._settle.start()

    def clear(self) -> None:
        """Show nothing."""
        self._settle.stop()
        self._header.hide()
        self._note.hide()
        self.message.show_message("", "")
        self._views.setCurrentWidget(self.message)

    def repaint_colors(self) -> None:
        """Take on another theme."""
        self.text.repaint_colors()
        self.markup.repaint_colors()
        self.pages.area.viewport().update()

    def current_view(self) -> QWidget | None:
        """The view that shows the file."""
        return self._views.currentWidget()

    def warm_up(self) -> None:
        """Start the process that renders pages before the first page is asked for."""
        self.pages.warm_up()

    def close_workers(self) -> None:
        """End the processes that render pages and decode pictures."""
        self.pages.close_worker()
        self._pictures.close()

    def _connect(self) -> None:
        for wanted, signal in (
            (self._header.open.clicked, self.open_wanted),
            (self._header.reveal.clicked, self.reveal_wanted),
            (self._header.copy.clicked, self.copy_path_wanted),
            (self._header.similar.clicked, self.similar_file_wanted),
        ):
            wanted.connect(lambda _=False, signal=signal: signal.emit(self._hit))
        for view in (self.text, self.markup, self.pages):
            view.similar_wanted.connect(self.similar_text_wanted)
        self.pages.failed.connect(self._fall_back)
        self.pages.shown.connect(self._on_pages)

    def _load(self) -> None:
        hit, number = self._hit, self._number
        if hit is not None:
            self._bridge.call(lambda engine: (number, content_of(engine, hit, load)), self._show, self._say)

    def _fall_back(self) -> None:
        """Show the text of what can't be shown as it looks."""
        hit, number = self._hit, self._number
        if hit is not None:
            self._bridge.call(lambda engine: self._text_of(engine, number, hit), self._show, self._say)

    @staticmethod
    def _text_of(engine: "Engine", number: int, hit: Hit) -> tuple[int, Content]:
        return number, content_of(engine, hit, as_text)

    def _show(self, answer: tuple[int, Content]) -> None:
        number, content = answer
        if number != self._number or self._hit is None:
            return
        note = content.note if isinstance(content, TextContent | MarkupContent) else ""
        self._note.setText(note)
        self._note.setVisible(bool(note))
        self._fill(content)
        if not isinstance(content, PagesContent | PictureContent):
            self.shown.emit(self._hit)

    def _on_picture(self, answer: tuple[int, ImageContent | None]) -> None:
        number, picture = answer
        if number != self._number or self._hit is None:
            return
        if picture is None:
            self._fall_back()
            return
        self.image.show_content(picture)
        self._views.setCurrentWidget(self.image)
        self.shown.emit(self._hit)

    def _fill(self, content: Content) -> None:
        match content:
            case TextContent():
                view: QWidget = self.text
                self.text.show_content(content)
            case MarkupContent():
                view = self.markup
                self.markup.show_content(content)
            case PictureContent():
                number = self._number
                self._pictures.read(number, content.path, SCREEN, self._on_picture, lambda: number == self._number)
                return
            case PagesContent():
                view = self.pages
                self.pages.show_content(content)
            case MessageContent():
                view = self.message
                self.message.show_message(content.message, content.passage)
        self._views.setCurrentWidget(view)

    def _on_pages(self) -> None:
        if self._hit is not None:
            self.shown.emit(self._hit)

    def _say(self, problem: str) -> None:
        self.message.show_message(reason_text(problem), self._hit.passage if self._hit else "")
        self._views.setCurrentWidget(self.message)


class PreviewHeader(QFrame):
    """Name and place of the file, and what can be done with it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = QLabel()
        self._name = ElidedLabel(Qt.TextElideMode.ElideMiddle)
        self._path = ElidedLabel(Qt.TextElideMode.ElideMiddle)
        font = self._name.font()
        font.setWeight(font.Weight.DemiBold)
        self._name.setFont(font)
        with_role(self._path, Role.MUTED)
        self.open = tool_button("open", self.tr("Open (Enter)"))
        self.reveal = tool_button("reveal", self.tr("Show in the file manager (Ctrl+Enter)"))
        self.copy = tool_button("copy", self.tr("Copy path (Ctrl+Shift+C)"))
        self.similar = tool_button("similar", self.tr("Find similar files"))
        names = QVBoxLayout()
        names.setSpacing(1)
        names.addWidget(self._name)
        names.addWidget(self._path)
        layout = QHBoxLayout(self)
        layout.setSpacing(4)
        layout.setContentsMargins(14, 10, 10, 10)
        layout.addWidget(self._icon)
        layout.addSpacing(6)
        layout.addLayout(names, 1)
        for button in (self.similar, self.copy, self.reveal, self.open):
            layout.addWidget(button)

    def show_hit(self, hit: Hit) -> None:
        """Name another file."""
        self._icon.setPixmap(kind_icon(hit.kind).pixmap(QSize(22, 22), self.devicePixelRatioF()))
        self._name.set_text(plain(hit.name))
        self._path.set_text(location(hit) if hit.member else plain(path_text(hit.path.parent)))
        self.show()
