from collections.abc import Mapping

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFont,
    QFontDatabase,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextCharFormat,
    QTextCursor,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QWidget

from app.preview.content import TextContent, Tokens
from app.preview.selection import extend_menu
from app.results.snippet import is_right_to_left
from app.theme import colors, is_dark

SYNTAX_LIGHT = {
    "comment": "#5f6b7a", "string": "#0e6144", "number": "#8a5300", "keyword": "#5a37b5",
    "type": "#0f6f6f", "function": "#1f4db0", "builtin": "#a02c6c",
}  # fmt: skip
SYNTAX_DARK = {
    "comment": "#98a2b3", "string": "#8fd9b6", "number": "#f2b75c", "keyword": "#c2b0ff",
    "type": "#76d2d2", "function": "#9db5ff", "builtin": "#f79fcb",
}  # fmt: skip
GUTTER_GAP = 10
DIRECTION_SAMPLE = 2000  # characters that decide from which side a text is read
_RTL = Qt.LayoutDirection.RightToLeft


class TextView(QPlainTextEdit):
    """Text as it is, with line numbers and colours where they help, scrolled to the sentence that was found."""

    similar_wanted = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._proportional = parent.font()
        self._content = TextContent("")
        self._painted: set[int] = set()  # blocks that have their colours
        self._is_coloring = False
        self._gutter = Gutter(self)
        self.setReadOnly(True)
        self.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setAccessibleName(self.tr("Text of the file"))
        self.setProperty("role", "preview")
        self.updateRequest.connect(self._on_update)

    @property
    def content(self) -> TextContent:
        """What is shown."""
        return self._content

    def show_content(self, content: TextContent) -> None:
        """Replace the text, mark the sentence and bring it into view."""
        self._content = TextContent("")  # nothing is to be coloured while font and text change
        self.clear()
        fixed = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        fixed.setPointSizeF(self._proportional.pointSizeF())
        self.setFont(fixed if content.is_code else self._proportional)
        mode = QTextOption.WrapMode.NoWrap if content.is_code else QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere
        self._set_layout(mode, is_right_to_left(content.text[:DIRECTION_SAMPLE]) and not content.is_code)
        self.setTabStopDistance(4 * self.fontMetrics().horizontalAdvance(" "))
        self.setPlainText(content.text)
        self._content = content
        self.setViewportMargins(self._gutter.width_needed(), 0, 0, 0)
        self._place_gutter()
        self.repaint_colors()
        self._scroll_to_mark()

    def repaint_colors(self) -> None:
        """Mark the sentence, and colour what is in view, in the colours in force."""
        self._painted.clear()
        self._mark()
        self._color_visible()
        self.viewport().update()

    def gutter_blocks(self) -> list[tuple[int, int]]:
        """For each line in view its number and its top."""
        block = self.firstVisibleBlock()
        lines = []
        while block.isValid():
            box = self.blockBoundingGeometry(block).translated(self.contentOffset())
            if box.top() > self.viewport().height():
                break
            lines.append((block.blockNumber() + self._content.first_line, round(box.top())))
            block = block.next()
        return lines

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_gutter()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = self.createStandardContextMenu()
        extend_menu(menu, self.textCursor().selectedText(), self.similar_wanted)
        menu.exec(event.globalPos())

    def _set_layout(self, mode: QTextOption.WrapMode, is_mirrored: bool) -> None:
        option = QTextOption(Qt.AlignmentFlag.AlignRight if is_mirrored else Qt.AlignmentFlag.AlignLeft)
        option.setTextDirection(_RTL if is_mirrored else Qt.LayoutDirection.LayoutDirectionAuto)
        option.setWrapMode(mode)
        self.setWordWrapMode(mode)
        self.document().setDefaultTextOption(option)

    def _place_gutter(self) -> None:
        area = self.contentsRect()
        self._gutter.setGeometry(QRect(area.left(), area.top(), self._gutter.width_needed(), area.height()))
        self._gutter.setVisible(self._content.is_numbered)

    def _on_update(self, rect: QRect, dy: int) -> None:
        self._gutter.scroll(0, dy) if dy else self._gutter.update(0, rect.y(), self._gutter.width(), rect.height())
        self._color_visible()

    def _mark(self) -> None:
        if self._content.mark is None:
            self.setExtraSelections([])
            return
        marked = QTextEdit.ExtraSelection()
        cursor = QTextCursor(self.document())
        cursor.setPosition(self._content.mark[0])
        cursor.setPosition(self._content.mark[1], QTextCursor.MoveMode.KeepAnchor)
        style = QTextCharFormat()
        style.setBackground(colors().mark)
        marked.cursor, marked.format = cursor, style
        self.setExtraSelections([marked])

    def _scroll_to_mark(self) -> None:
        cursor = QTextCursor(self.document())
        cursor.setPosition(self._content.mark[0] if self._content.mark else 0)
        self.setTextCursor(cursor)
        if self._content.mark:
            self.centerCursor()
        self.horizontalScrollBar().setValue(0)

    def _color_visible(self) -> None:
        """Formats are set on the blocks in view only: a highlighter would go through the whole document at once."""
        if self._is_coloring or not self._content.tokens:
            return
        self._is_coloring = True  # every change of a format asks for an update, and so for this
        block = self.firstVisibleBlock()
        top = self.blockBoundingGeometry(block).translated(self.contentOffset()).top()
        while block.isValid() and block.blockNumber() < len(self._content.tokens) and top < self.viewport().height():
            number = block.blockNumber()
            if number not in self._painted:
                self._painted.add(number)
                block.layout().setFormats(_ranges(self._content.tokens[number]))
                self.document().markContentsDirty(block.position(), block.length())
            top += self.blockBoundingRect(block).height()
            block = block.next()
        self._is_coloring = False


class Gutter(QWidget):
    """Line numbers beside a text view."""

    def __init__(self, view: TextView) -> None:
        super().__init__(view)
        self._view = view

    def width_needed(self) -> int:
        """Room for the highest number; nothing when lines are not numbered."""
        content = self._view.content
        if not content.is_numbered:
            return GUTTER_GAP
        last = content.first_line + self._view.blockCount()
        return self._view.fontMetrics().horizontalAdvance("9") * max(2, len(str(last))) + 2 * GUTTER_GAP

    def sizeHint(self) -> QSize:
        return QSize(self.width_needed(), 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        now = colors()
        painter = QPainter(self)
        painter.fillRect(event.rect(), now.base)
        painter.setPen(now.muted)
        painter.setFont(QFont(self._view.font()))
        height = self._view.fontMetrics().height()
        for number, top in self._view.gutter_blocks():
            room = QRect(0, top, self.width() - GUTTER_GAP, height)
            painter.drawText(room, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, str(number))


def _ranges(tokens: Tokens) -> list[QTextLayout.FormatRange]:
    palette: Mapping[str, str] = SYNTAX_DARK if is_dark() else SYNTAX_LIGHT
    ranges = []
    for start, length, role in tokens:
        span = QTextLayout.FormatRange()
        span.start, span.length = start, length
        style = QTextCharFormat()
        style.setForeground(QColor(palette[role]))
        span.format = style
        ranges.append(span)
    return ranges
