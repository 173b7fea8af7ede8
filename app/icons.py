"""Icons drawn for Cognate, as SVG in `resources/icons`, recoloured to the palette in force whenever they are painted.

How to wire: nothing. `icon("folder")` and `kind_icon(kind)` give a QIcon that stays right when the theme or the
screen's scale changes. A drawing takes its colour from the word `currentColor`; one without it, like `cognate`, keeps
its own.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache, lru_cache
from importlib.resources import files

from PySide6.QtCore import QByteArray, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from app.theme import colors
from indexer.document import Kind

HALO_OPACITY = 0.45


class Tint(StrEnum):
    """Which of the theme's colours an icon takes."""

    TEXT = "text"
    MUTED = "muted"
    ACCENT = "accent"
    ON_ACCENT = "on_accent"
    GOOD = "good"
    WARNING = "warning"
    TROUBLE = "trouble"


@cache
def icon(name: str, tint: Tint = Tint.TEXT) -> QIcon:
    """The drawing `resources/icons/<name>.svg`. Raises FileNotFoundError for a name that has none."""
    drawing(name)
    return QIcon(_ThemedEngine(name, tint))


@cache
def kind_icon(kind: Kind) -> QIcon:
    """The icon of a kind of file, in that kind's colour."""
    return QIcon(_ThemedEngine(f"kind-{kind.value}", kind))


@cache
def tray_icon(state: str, on_dark: bool) -> QIcon:
    """The tray's icon for "idle", "working", "paused" or "trouble", for a panel that is dark or not.

    Made of pixmaps: panels read the icon over D-Bus, or from another process, in the sizes that are there. A halo of
    the other colour keeps it visible where the panel is not what the theme suggests.
    """
    bright, dark = QColor("#f2f3f5"), QColor("#24272e")
    color, halo = (bright, dark) if on_dark else (dark, bright)
    made = QIcon()
    for side in (16, 20, 22, 24, 32, 44, 48, 64):
        made.addPixmap(_with_halo(f"tray-{state}", color, halo, side))
    return made


def _with_halo(name: str, color: QColor, halo: QColor, side: int) -> QPixmap:
    pixmap = QPixmap(side, side)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setOpacity(HALO_OPACITY)
    width = side / 22
    for x, y in ((-1, 0), (1, 0), (0, -1), (0, 1)):
        painter.drawPixmap(QPointF(x * width, y * width), render(name, halo.name(), side, side, 1.0))
    painter.setOpacity(1.0)
    painter.drawPixmap(QPointF(), render(name, color.name(), side, side, 1.0))
    painter.end()
    return pixmap


@cache
def drawing(name: str) -> str:
    """The text of an SVG file."""
    return (files("resources") / "icons" / f"{name}.svg").read_text(encoding="utf-8")


@lru_cache(maxsize=1024)
def render(name: str, color: str, width: int, height: int, scale: float) -> QPixmap:
    """Paint a drawing into a pixmap of `width` x `height` logical pixels; GUI thread only."""
    pixmap = QPixmap(QSize(round(width * scale), round(height * scale)))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    renderer = QSvgRenderer(QByteArray(drawing(name).replace("currentColor", color).encode()))
    renderer.setAspectRatioMode(Qt.AspectRatioMode.KeepAspectRatio)
    renderer.render(painter)
    painter.end()
    pixmap.setDevicePixelRatio(scale)
    return pixmap


class _ThemedEngine(QIconEngine):
    """Looks the colour up at every request, so that a change of theme needs no new icon."""

    def __init__(self, name: str, tint: Tint | Kind) -> None:
        super().__init__()
        self._name = name
        self._tint = tint

    def clone(self) -> QIconEngine:
        return _ThemedEngine(self._name, self._tint)

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        device = painter.device()
        scale = device.devicePixelRatio() if device else 1.0
        painter.drawPixmap(QRectF(rect).topLeft(), self._render(rect.size(), mode, scale))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        return self._render(size, mode, 1.0)

    def scaledPixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State, scale: float) -> QPixmap:
        return self._render(size, mode, scale)

    def _render(self, size: QSize, mode: QIcon.Mode, scale: float) -> QPixmap:
        return render(self._name, self._color(mode), size.width(), size.height(), scale)

    def _color(self, mode: QIcon.Mode) -> str:
        now = colors()
        if mode is QIcon.Mode.Disabled:
            return _between(now.muted, now.window).name()
        if isinstance(self._tint, Kind):
            return now.kinds[self._tint].name()
        color: QColor = getattr(now, self._tint.value)
        return color.name()


def _between(first: QColor, second: QColor) -> QColor:
    parts = ((first.red(), second.red()), (first.green(), second.green()), (first.blue(), second.blue()))
    return QColor(*((a + b) // 2 for a, b in parts))
