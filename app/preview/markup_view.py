from pathlib import Path

from PySide6.QtCore import QSize, QTimer, QUrl, Signal
from PySide6.QtGui import QContextMenuEvent, QImage, QTextCharFormat, QTextCursor, QTextDocument
from PySide6.QtWidgets import QTextBrowser, QTextEdit, QWidget

from app.preview.content import ImageContent, MarkupContent
from app.preview.passage import find_passage, find_words
from app.preview.picture_reader import PictureReader
from app.preview.selection import extend_menu
from app.spans import utf16
from app.theme import LIGHT, colors

DIALECT = QTextDocument.MarkdownFeature.MarkdownDialectGitHub | QTextDocument.MarkdownFeature.MarkdownNoHTML
MARGIN = 16
MAX_RESOURCE_BYTES = 8_000_000
MAX_PICTURES = 100
ARRIVING_MS = 300  # pictures that come within it are laid out in one go, which takes some 40 ms for a long text
MAX_HEIGHT = 4000  # pixels, of a picture


class MarkupView(QTextBrowser):
    """Markdown and HTML, laid out; loads nothing but files from the folder of the file that is shown."""

    similar_wanted = Signal(str)

    def __init__(self, pictures: PictureReader, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pictures = pictures
        self._number = 0  # of the document that is shown
        self._folder: Path | None = None
        self._mark: tuple[int, int] | None = None
        self._is_paper = False
        self._asked = 0  # pictures
        self._scrolled_to = 0
        self._arriving = QTimer(self, singleShot=True, interval=ARRIVING_MS)
        self._arriving.timeout.connect(self._lay_out_again)
        self._blank = QImage(1, 1, QImage.Format.Format_ARGB32_Premultiplied)  # where a picture is yet to come
        self._blank.fill(0)
        self.refused: list[str] = []  # addresses that were asked for and not loaded
        self.setOpenLinks(False)
        self.setFrameShape(QTextBrowser.Shape.NoFrame)
        self.setAccessibleName(self.tr("Text of the file"))
        self.setProperty("role", "preview")

    def show_content(self, content: MarkupContent) -> None:
        """Lay out a document, mark the sentence and bring it into view."""
        self.refused.clear()
        self._arriving.stop()
        self._number += 1
        self._asked = 0
        self._folder = content.folder
        self._use_paper(not content.is_markdown)
        document = QTextDocument(self)  # one that is in view lays itself out again and again while it is filled
        document.setDefaultFont(self.font())
        document.setDocumentMargin(MARGIN)
        if content.is_markdown:
            document.setMarkdown(content.source, DIALECT)
        else:
            document.setHtml(content.source)
        self.setDocument(document)  # deletes the one before
        text = document.toPlainText()
        found = find_passage(text, content.sentence) or find_words(text, content.sentence)
        self._mark = utf16(text, (found,))[0] if found else None
        self.repaint_colors()
        self._scroll_to_mark()

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        address = QUrl(name)
        path = self._allowed(address)
        is_picture = kind == QTextDocument.ResourceType.ImageResource
        if path is None or not is_picture or self._asked >= MAX_PICTURES:
            self.refused.append(address.toString())
            return None
        self._asked += 1
        number, room = self._number, QSize(max(1, self.viewport().width() - 2 * MARGIN), MAX_HEIGHT)
        self._pictures.read((number, address), path, room, self._on_picture, lambda: number == self._number)
        return self._blank

    def repaint_colors(self) -> None:
        """Mark the sentence in the colours in force."""
        self.setExtraSelections([])
        if self._mark is None:
            return
        marked = QTextEdit.ExtraSelection()
        cursor = QTextCursor(self.document())
        cursor.setPosition(self._mark[0])
        cursor.setPosition(self._mark[1], QTextCursor.MoveMode.KeepAnchor)
        style = QTextCharFormat()
        now = LIGHT if self._is_paper else colors()
        style.setBackground(now.mark)
        style.setForeground(now.text)
        marked.cursor, marked.format = cursor, style
        self.setExtraSelections([marked])

    def _on_picture(self, answer: tuple[tuple[int, QUrl], ImageContent | None]) -> None:
        (number, address), picture = answer
        if number != self._number or picture is None:
            return
        self.document().addResource(QTextDocument.ResourceType.ImageResource, address, picture.image)
        if not self._arriving.isActive():
            self._arriving.start()

    def _lay_out_again(self) -> None:
        """With the pictures that have come."""
        is_as_shown = self.verticalScrollBar().value() == self._scrolled_to
        self.document().markContentsDirty(0, self.document().characterCount())
        if is_as_shown:  # what is marked has moved
            self._scroll_to_mark()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = self.createStandardContextMenu()
        extend_menu(menu, self.textCursor().selectedText(), self.similar_wanted)
        menu.exec(event.globalPos())

    def _use_paper(self, is_paper: bool) -> None:
        """Pages of HTML are written for a light ground: their own colours would be unreadable on a dark one."""
        self._is_paper = is_paper
        if self.property("is_paper") != is_paper:
            self.setProperty("is_paper", is_paper)
            self.style().unpolish(self)
            self.style().polish(self)

    def _allowed(self, name: QUrl) -> Path | None:
        """The file an address stands for if it lies in the folder shown, links resolved; anything else is refused."""
        if self._folder is None or name.scheme() not in ("", "file") or name.host():
            return None
        try:
            folder = self._folder.resolve()
            path = (folder / (name.toLocalFile() or name.path())).resolve()
            is_fit = path.is_relative_to(folder) and path.is_file() and path.stat().st_size <= MAX_RESOURCE_BYTES
        except OSError:
            return None
        return path if is_fit else None

    def _scroll_to_mark(self) -> None:
        cursor = QTextCursor(self.document())
        cursor.setPosition(self._mark[0] if self._mark else 0)
        self.setTextCursor(cursor)
        bar = self.verticalScrollBar()
        if self._mark:
            box = self.cursorRect(cursor)
            bar.setValue(bar.value() + box.top() - self.viewport().height() // 3)
        else:
            bar.setValue(0)
        self._scrolled_to = bar.value()
