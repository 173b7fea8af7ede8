from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import (
    QCoreApplication,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QTextCharFormat, QTextLayout, QTextOption
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.icons import kind_icon
from app.results.labels import moved, place, subtitle, title, why
from app.results.model import Role
from app.results.snippet import MAX_CHARACTERS, Snippet, is_right_to_left, snippet
from app.spans import utf16
from app.theme import Badge, Colors, colors
from app.wording import moment
from indexer.results import Hit

Index = QModelIndex | QPersistentModelIndex
MARGIN = 10
TILE = 34  # the square behind the icon of the kind
GAP = 3  # between the lines of a row
SNIPPET_LINES = 2
SPARE = 1.6  # letters that may fit beyond what their average width says; laying out more costs time
CACHED_ROWS = 400


@dataclass(frozen=True, slots=True)
class Row:
    """What a row shows, ready to paint at one width."""

    title: str
    subtitle: str
    date: str
    badges: tuple[tuple[str, Badge], ...]
    lines: QTextLayout


@dataclass(frozen=True, slots=True)
class Fonts:
    """The fonts of a row and the heights that follow from them."""

    title: QFont
    text: QFont
    small: QFont

    @classmethod
    def of(cls, base: QFont) -> "Fonts":
        """Derive the fonts from the list's own."""
        heading, small = QFont(base), QFont(base)
        heading.setWeight(QFont.Weight.DemiBold)
        size = base.pointSizeF() if base.pointSizeF() > 0 else 10.0
        heading.setPointSizeF(size + 0.5)
        small.setPointSizeF(size - 1)
        return cls(heading, QFont(base), small)

    @property
    def row_height(self) -> int:
        """Height of every row: three kinds of line and the margins."""
        heights = (QFontMetrics(font).height() for font in (self.title, self.small))
        return sum(heights) + SNIPPET_LINES * self.line_height + 3 * GAP + 2 * MARGIN

    @property
    def line_height(self) -> int:
        """Height of a line of the snippet; other scripts' fonts may be taller than the list's."""
        return QFontMetrics(self.text).height() + 1


class HitDelegate(QStyledItemDelegate):
    """Paints a hit: kind, title, place, badges and two lines around the best sentence. All text is drawn as text."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: dict[tuple[int, int], Row] = {}
        self._fonts: Fonts | None = None
        self._now = datetime.now()

    def forget(self) -> None:
        """Drop all that was laid out: the rows, the font or the colours are others now."""
        self._rows.clear()
        self._fonts = None
        self._now = datetime.now()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(240, self._fonts_of(option).row_height)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        hit: Hit = index.data(Role.HIT)
        now, fonts = colors(), self._fonts_of(option)
        painter.save()
        self._paint_ground(painter, option, now)
        self._paint_tile(painter, option.rect, hit, now)
        text = option.rect.adjusted(MARGIN + TILE + MARGIN, MARGIN, -MARGIN - 2, -MARGIN)
        row = self._row(hit, index.row(), text.width(), fonts, now)
        self._paint_head(painter, text, row, fonts, now)
        below = text.adjusted(0, QFontMetrics(fonts.title).height() + GAP, 0, 0)
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        self._paint_place(painter, below, row, fonts, now, is_selected)
        painter.setPen(now.text if hit.passage else now.muted)
        top = below.top() + QFontMetrics(fonts.small).height() + 2 * GAP
        row.lines.draw(painter, QPointF(below.left(), top))
        painter.restore()

    def _fonts_of(self, option: QStyleOptionViewItem) -> Fonts:
        if self._fonts is None or self._fonts.text != option.font:
            self._rows.clear()
            self._fonts = Fonts.of(option.font)
        return self._fonts

    def _row(self, hit: Hit, number: int, width: int, fonts: Fonts, now: Colors) -> Row:
        key = (number, width)
        if key not in self._rows:
            if len(self._rows) >= CACHED_ROWS:
                self._rows.clear()
            self._rows[key] = self._lay_out(hit, width, fonts, now)
        return self._rows[key]

    def _lay_out(self, hit: Hit, width: int, fonts: Fonts, now: Colors) -> Row:
        badges = [(moved(hit), now.neutral), (place(hit), now.neutral), (hit.language.upper(), now.neutral)]
        badges.append((why(hit.matched), now.badge(hit.matched)))
        room = int(SNIPPET_LINES * width / QFontMetrics(fonts.text).averageCharWidth() * SPARE)
        by_name = QCoreApplication.translate("Results", "Found by its name") if hit.matched else ""
        passage = hit.passage or by_name
        shown = snippet(passage, hit.highlight, hit.words, min(room, MAX_CHARACTERS))
        lines = lay_out_snippet(shown, fonts.text, width, fonts.line_height, now)
        named = tuple(badge for badge in badges if badge[0])
        return Row(title(hit), subtitle(hit), moment(hit.modified, self._now), named, lines)

    @staticmethod
    def _paint_ground(painter: QPainter, option: QStyleOptionViewItem, now: Colors) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        ground = QRectF(option.rect).adjusted(4, 1, -4, -1)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setBrush(now.selection)
            painter.drawRoundedRect(ground, 8, 8)
            if option.state & QStyle.StateFlag.State_HasFocus:
                painter.setBrush(now.accent)
                painter.drawRoundedRect(QRectF(ground.left(), ground.top() + 12, 3, ground.height() - 24), 1.5, 1.5)
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.setBrush(now.hover)
            painter.drawRoundedRect(ground, 8, 8)

    @staticmethod
    def _paint_tile(painter: QPainter, rect: QRect, hit: Hit, now: Colors) -> None:
        tile = QRect(rect.left() + MARGIN + 2, rect.top() + MARGIN + 1, TILE - 2, TILE - 2)
        tint = QColor(now.kinds[hit.kind])
        tint.setAlpha(30)
        painter.setBrush(tint)
        painter.drawRoundedRect(QRectF(tile), 8, 8)
        kind_icon(hit.kind).paint(painter, tile.adjusted(6, 6, -6, -6))

    @staticmethod
    def _paint_head(painter: QPainter, rect: QRect, row: Row, fonts: Fonts, now: Colors) -> None:
        small = QFontMetrics(fonts.small)
        date_width = small.horizontalAdvance(row.date)
        metrics = QFontMetrics(fonts.title)
        line = QRect(rect.left(), rect.top(), rect.width(), metrics.height())
        painter.setFont(fonts.small)
        painter.setPen(now.muted)
        painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, row.date)
        room = line.adjusted(0, 0, -date_width - MARGIN, 0)
        painter.setFont(fonts.title)
        painter.setPen(now.text)
        _draw_elided(painter, room, row.title, metrics, Qt.TextElideMode.ElideRight)

    @staticmethod
    def _paint_place(painter: QPainter, rect: QRect, row: Row, fonts: Fonts, now: Colors, is_selected: bool) -> None:
        metrics = QFontMetrics(fonts.small)
        painter.setFont(fonts.small)
        right = rect.right() + 1
        for text, badge in reversed(row.badges):
            width = metrics.horizontalAdvance(text) + 12
            box = QRect(right - width, rect.top(), width, metrics.height())
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(now.base if is_selected else badge.ground)  # a tint would drown in the selection
            painter.drawRoundedRect(QRectF(box), 4, 4)
            painter.setPen(badge.text)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
            right -= width + 5
        room = QRect(rect.left(), rect.top(), right - MARGIN - rect.left(), metrics.height())
        painter.setPen(now.muted)
        _draw_elided(painter, room, row.subtitle, metrics, Qt.TextElideMode.ElideMiddle)


def _draw_elided(painter: QPainter, room: QRect, text: str, metrics: QFontMetrics, mode: Qt.TextElideMode) -> None:
    flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
    painter.drawText(room, flags | Qt.AlignmentFlag.AlignAbsolute, metrics.elidedText(text, mode, room.width()))


def lay_out_snippet(shown: Snippet, font: QFont, width: int, line_height: int, now: Colors) -> QTextLayout:
    """Two lines of text, cut with an ellipsis, the best sentence on the marking colour and literal matches bold."""
    layout = _lines_of(shown.text, shown, font, width, line_height, now)
    last = layout.lineAt(layout.lineCount() - 1)
    taken = last.textStart() + last.textLength()
    units = shown.text.encode("utf-16-le")
    if 2 * taken >= len(units):
        return layout
    cut = units[: 2 * max(taken - 2, 0)].decode("utf-16-le", "ignore").rstrip() + "…"
    return _lines_of(cut, shown, font, width, line_height, now)


def _lines_of(text: str, shown: Snippet, font: QFont, width: int, line_height: int, now: Colors) -> QTextLayout:
    layout = QTextLayout(text, font)
    layout.setCacheEnabled(True)
    option = QTextOption()
    if is_right_to_left(text):  # a direction alone orders the words, but leaves the lines at the left
        option.setTextDirection(Qt.LayoutDirection.RightToLeft)
        option.setAlignment(Qt.AlignmentFlag.AlignRight)
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    layout.setFormats(_formats(text, shown, now))
    layout.beginLayout()
    for number in range(SNIPPET_LINES):
        line = layout.createLine()
        if not line.isValid():
            break
        line.setLineWidth(width)
        line.setPosition(QPointF(0, number * line_height))
    layout.endLayout()
    return layout


def _formats(text: str, shown: Snippet, now: Colors) -> list[QTextLayout.FormatRange]:
    marked, matched = QTextCharFormat(), QTextCharFormat()
    marked.setBackground(now.mark)
    matched.setFontWeight(QFont.Weight.Bold)
    ranges = []
    for number, (start, end) in enumerate(utf16(text, (shown.mark, *shown.words))):
        if start < end:
            span = QTextLayout.FormatRange()
            span.start, span.length, span.format = start, end - start, matched if number else marked
            ranges.append(span)
    return ranges
