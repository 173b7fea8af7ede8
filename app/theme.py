"""How Cognate looks: one set of named colours for light and one for dark, put on Fusion.

How to wire: make one `Theme(application, appearance)`, which the application keeps, and call `set_appearance` when the
preference changes. Whoever paints asks `colors()` each time, or again after `Theme.changed`; icons of
`app.icons` follow by themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from app.options import Theme as Appearance
from app.stylesheet import stylesheet
from indexer.document import Kind
from indexer.results import Matched


@dataclass(frozen=True, slots=True)
class Badge:
    """A small label: text on a tinted ground."""

    ground: QColor
    text: QColor


@dataclass(frozen=True, slots=True)
class Colors:
    """Everything that is painted has one of these; text on its ground has a contrast of 4.5 or more."""

    window: QColor  # behind panels
    base: QColor  # behind lists, text and input
    raised: QColor  # buttons, headers
    hover: QColor
    selection: QColor  # behind a selected row; its text keeps its colour
    border: QColor
    text: QColor
    muted: QColor  # paths, dates, hints
    accent: QColor  # links, focus, progress, the main button
    on_accent: QColor
    mark: QColor  # behind the sentence that answers the query
    word: QColor  # behind a literal match
    good: QColor
    warning: QColor
    trouble: QColor
    meaning: Badge
    words: Badge
    both: Badge
    neutral: Badge  # language, page, places
    kinds: Mapping[Kind, QColor]

    def badge(self, matched: tuple[Matched, ...]) -> Badge:
        """The badge that says why a hit was found."""
        if len(set(matched)) > 1:
            return self.both
        return self.words if Matched.WORDS in matched else self.meaning


LIGHT = Colors(
    window=QColor("#f5f6f9"),
    base=QColor("#ffffff"),
    raised=QColor("#ffffff"),
    hover=QColor("#eef1f7"),
    selection=QColor("#dfe7fc"),
    border=QColor("#d6dae3"),
    text=QColor("#1a1e26"),
    muted=QColor("#566072"),
    accent=QColor("#3355d1"),
    on_accent=QColor("#ffffff"),
    mark=QColor("#fff1b8"),
    word=QColor("#ffdb70"),
    good=QColor("#14724a"),
    warning=QColor("#8a5300"),
    trouble=QColor("#b3261e"),
    meaning=Badge(QColor("#ede7fc"), QColor("#5a37b5")),
    words=Badge(QColor("#dcf3e8"), QColor("#0e6144")),
    both=Badge(QColor("#dfe9fd"), QColor("#1f4db0")),
    neutral=Badge(QColor("#eaedf2"), QColor("#4a5364")),
    kinds={
        Kind.TEXT: QColor("#566072"),
        Kind.MARKDOWN: QColor("#3355d1"),
        Kind.HTML: QColor("#a54300"),
        Kind.PDF: QColor("#b3261e"),
        Kind.EBOOK: QColor("#86501b"),
        Kind.DOCUMENT: QColor("#1f5fbf"),
        Kind.PRESENTATION: QColor("#a8430f"),
        Kind.SPREADSHEET: QColor("#14724a"),
        Kind.TABLE: QColor("#0f6f6f"),
        Kind.MAIL: QColor("#7a3fb0"),
        Kind.NOTEBOOK: QColor("#8a5300"),
        Kind.CODE: QColor("#5a37b5"),
        Kind.IMAGE: QColor("#a02c6c"),
        Kind.ARCHIVE: QColor("#86501b"),
        Kind.OTHER: QColor("#566072"),
    },
)

DARK = Colors(
    window=QColor("#1b1d22"),
    base=QColor("#22252b"),
    raised=QColor("#2c3038"),
    hover=QColor("#2b2f37"),
    selection=QColor("#2f3c5e"),
    border=QColor("#3a3f4a"),
    text=QColor("#e8eaf0"),
    muted=QColor("#a6aebd"),
    accent=QColor("#8fabff"),
    on_accent=QColor("#10182e"),
    mark=QColor("#54491c"),
    word=QColor("#77631a"),
    good=QColor("#6fd3a4"),
    warning=QColor("#f2b75c"),
    trouble=QColor("#ff9a92"),
    meaning=Badge(QColor("#3a3159"), QColor("#d2c2ff")),
    words=Badge(QColor("#1f4135"), QColor("#9be6c5")),
    both=Badge(QColor("#273c63"), QColor("#b7cfff")),
    neutral=Badge(QColor("#363b45"), QColor("#c6ccd8")),
    kinds={
        Kind.TEXT: QColor("#b4bccb"),
        Kind.MARKDOWN: QColor("#9db5ff"),
        Kind.HTML: QColor("#ffab73"),
        Kind.PDF: QColor("#ff9a92"),
        Kind.EBOOK: QColor("#e3b584"),
        Kind.DOCUMENT: QColor("#8fbaff"),
        Kind.PRESENTATION: QColor("#ffa981"),
        Kind.SPREADSHEET: QColor("#78d6a9"),
        Kind.TABLE: QColor("#76d2d2"),
        Kind.MAIL: QColor("#d3a8ff"),
        Kind.NOTEBOOK: QColor("#f2b75c"),
        Kind.CODE: QColor("#c2b0ff"),
        Kind.IMAGE: QColor("#f79fcb"),
        Kind.ARCHIVE: QColor("#e3b584"),
        Kind.OTHER: QColor("#b4bccb"),
    },
)


def is_dark() -> bool:
    """Whether the application's palette is a dark one now."""
    return QApplication.palette().color(QPalette.ColorRole.Window).lightnessF() < 0.5


def colors() -> Colors:
    """The colours in force; cheap enough to ask in every paint event."""
    return DARK if is_dark() else LIGHT


def palette(colors: Colors) -> QPalette:
    """The same colours under Qt's names."""
    roles = {
        QPalette.ColorRole.Window: colors.window,
        QPalette.ColorRole.WindowText: colors.text,
        QPalette.ColorRole.Base: colors.base,
        QPalette.ColorRole.AlternateBase: colors.window,
        QPalette.ColorRole.Text: colors.text,
        QPalette.ColorRole.Button: colors.raised,
        QPalette.ColorRole.ButtonText: colors.text,
        QPalette.ColorRole.BrightText: colors.trouble,
        QPalette.ColorRole.ToolTipBase: colors.raised,
        QPalette.ColorRole.ToolTipText: colors.text,
        QPalette.ColorRole.PlaceholderText: colors.muted,
        QPalette.ColorRole.Highlight: colors.selection,
        QPalette.ColorRole.HighlightedText: colors.text,
        QPalette.ColorRole.Accent: colors.accent,
        QPalette.ColorRole.Link: colors.accent,
        QPalette.ColorRole.LinkVisited: colors.meaning.text,
        QPalette.ColorRole.Light: colors.raised,
        QPalette.ColorRole.Midlight: colors.hover,
        QPalette.ColorRole.Mid: colors.border,
        QPalette.ColorRole.Dark: colors.border.darker(120),
        QPalette.ColorRole.Shadow: QColor("#000000"),
    }
    made = QPalette()
    for role, color in roles.items():
        made.setColor(role, color)
    for role in (QPalette.ColorRole.Text, QPalette.ColorRole.WindowText, QPalette.ColorRole.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, role, colors.muted)
    return made


class Theme(QObject):
    """Keeps the application's palette and style sheet level with the desktop or with the user's choice."""

    changed = Signal()  # after every change of colours

    def __init__(self, application: QApplication, appearance: Appearance = Appearance.SYSTEM) -> None:
        super().__init__(application)
        self._application = application
        self._shown: Colors | None = None
        application.setStyle("Fusion")
        application.styleHints().colorSchemeChanged.connect(self._apply)
        self.appearance = appearance
        self.set_appearance(appearance)

    @property
    def colors(self) -> Colors:
        """The colours in force."""
        return self._shown or LIGHT

    def set_appearance(self, appearance: Appearance) -> None:
        """Follow the desktop, or be light or dark whatever the desktop is; title bars go along where Qt can."""
        self.appearance = appearance
        hints = self._application.styleHints()
        if appearance is Appearance.SYSTEM:
            hints.unsetColorScheme()
        else:
            hints.setColorScheme(Qt.ColorScheme.Dark if appearance is Appearance.DARK else Qt.ColorScheme.Light)
        self._apply()

    def _apply(self) -> None:
        wanted = DARK if self._wants_dark() else LIGHT
        if wanted is self._shown:
            return
        self._shown = wanted
        self._application.setPalette(palette(wanted))
        self._application.setStyleSheet(stylesheet(wanted))
        self.changed.emit()

    def _wants_dark(self) -> bool:
        if self.appearance is Appearance.SYSTEM:
            return self._application.styleHints().colorScheme() is Qt.ColorScheme.Dark
        return self.appearance is Appearance.DARK
