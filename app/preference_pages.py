from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QKeySequenceEdit,
    QLayout,
    QPlainTextEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app import autostart
from app.ocr_choice import OcrChoice
from app.options import AppOptions, Options, Theme
from app.surroundings import can_see_gpu, can_see_screen, has_battery
from app.translation import LANGUAGES
from app.widgets import Role, label
from indexer.gitignore import Patterns
from indexer.settings import Settings

MIB = 1024**2


class GeneralPage(QWidget):
    """Language, colours, start and shortcut."""

    def __init__(self, options: Options, can_take_keys: bool) -> None:
        super().__init__()
        app = options.app
        self.language = QComboBox()
        self.language.addItem(self.tr("As the system"), "")
        for code, name in LANGUAGES.items():
            self.language.addItem(name, code)
        self.language.setCurrentIndex(max(0, self.language.findData(app.language)))
        self.theme = QComboBox()
        for theme, name in (
            (Theme.SYSTEM, self.tr("As the system")),
            (Theme.LIGHT, self.tr("Light")),
            (Theme.DARK, self.tr("Dark")),
        ):
            self.theme.addItem(name, theme.value)
        self.theme.setCurrentIndex(self.theme.findData(app.theme.value))
        self.at_login = _check(self.tr("Start Cognate when I log in"), autostart.is_enabled())
        self.in_tray = _check(self.tr("Start in the tray, without a window"), app.start_in_tray)
        self.shortcut = QKeySequenceEdit(QKeySequence(app.shortcut))
        self.shortcut.setMaximumSequenceLength(1)
        self.shortcut.setClearButtonEnabled(True)
        self.shortcut.setEnabled(can_take_keys)
        self._lay_out(can_take_keys)

    def chosen(self, before: AppOptions) -> AppOptions:
        """The options of this page."""
        return replace(
            before,
            language=self.language.currentData(),
            theme=Theme(self.theme.currentData()),
            start_in_tray=self.in_tray.isChecked(),
            shortcut=self.shortcut.keySequence().toString(QKeySequence.SequenceFormat.PortableText),
        )

    def _lay_out(self, can_take_keys: bool) -> None:
        form = _form(self)
        form.addRow(self.tr("Language"), _under(self.language, self.tr("Counts from the next start on.")))
        form.addRow(self.tr("Theme"), self.theme)
        form.addRow(self.tr("Start"), _stack(self.at_login, self.in_tray))
        form.addRow(self.tr("Shortcut"), _under(self.shortcut, self._shortcut_hint(can_take_keys)))

    def _shortcut_hint(self, can_take_keys: bool) -> str:
        if can_take_keys:
            return self.tr("Brings the search window up from anywhere.")
        return self.tr(
            "Here, no program can take a key for itself: in the keyboard settings of your desktop, "
            "give the command “cognate show” a shortcut."
        )


class IndexingPage(QWidget):
    """What is read, and when to rest."""

    def __init__(self, options: Options) -> None:
        super().__init__()
        app, indexing = options.app, options.indexing
        self.exclude = QPlainTextEdit("\n".join(indexing.exclude))
        self.exclude.setPlaceholderText("*.iso\n/Archive/\nprivate/**")
        self.exclude.setAccessibleName(self.tr("Leave out"))
        self.exclude.setTabChangesFocus(True)
        self.exclude.setMaximumHeight(110)
        self.gitignore = _check(self.tr("Leave out what .gitignore files name"), indexing.use_gitignore)
        self.largest = QSpinBox()
        self.largest.setRange(1, 1024 * 1024)
        self.largest.setSuffix(" MB")
        self.largest.lineEdit().setTextMargins(6, 0, 0, 0)  # the style sheet's padding does not reach it
        self.largest.setValue(max(1, indexing.max_file_bytes // MIB))
        self._size_before = (self.largest.value(), indexing.max_file_bytes)
        self.ocr = OcrChoice(indexing)
        self.on_battery = _check(self.tr("while the computer runs on battery"), app.pause_on_battery)
        self.on_battery.setEnabled(has_battery())
        self.under_load = _check(self.tr("while other programs keep the processor busy"), app.pause_under_load)
        self.full_screen = _check(self.tr("while a program fills the screen"), app.pause_for_full_screen)
        self.gpu = _check(self.tr("while other programs use the graphics card"), app.pause_for_gpu)
        self.gpu_limit = _percent(app.gpu_limit_percent, self.tr("Share of the graphics card"))
        self.full_screen.setEnabled(can_see_screen())
        self.gpu.setEnabled(can_see_gpu())
        self.gpu_limit.setEnabled(can_see_gpu())
        self._lay_out()

    def chosen(self, before: Settings) -> Settings:
        """The options of this page about indexing. Raises ValueError: a pattern can match nothing."""
        patterns = tuple(line.strip() for line in self.exclude.toPlainText().splitlines() if line.strip())
        for pattern in patterns:
            if not pattern.startswith("#") and not len(Patterns([pattern])):
                raise ValueError(self.tr("“{pattern}” can match no file: mend or remove it.").format(pattern=pattern))
        shown, exact = self._size_before
        size_bytes = exact if self.largest.value() == shown else self.largest.value() * MIB
        before = self.ocr.chosen(before)
        return replace(before, exclude=patterns, use_gitignore=self.gitignore.isChecked(), max_file_bytes=size_bytes)

    def chosen_pauses(self, before: AppOptions) -> AppOptions:
        """The options of this page about resting."""
        return replace(
            before,
            pause_on_battery=self.on_battery.isChecked(),
            pause_under_load=self.under_load.isChecked(),
            pause_for_full_screen=self.full_screen.isChecked(),
            pause_for_gpu=self.gpu.isChecked(),
            gpu_limit_percent=self.gpu_limit.value(),
        )

    def _lay_out(self) -> None:
        form = _form(self)
        hint = self.tr(
            "One pattern a line, written as in .gitignore. "
            "Version control, caches and temporary files are left out anyway."
        )
        form.addRow(self.tr("Leave out"), _under(self.exclude, hint))
        form.addRow("", self.gitignore)
        form.addRow(
            self.tr("Largest file"), _under(self.largest, self.tr("Larger files are found by their names only."))
        )
        pauses = _stack(self.on_battery, self.under_load, self.full_screen, self.gpu, self.gpu_limit)
        form.addRow(self.tr("Scans"), self.ocr)
        form.addRow(self.tr("Pause"), pauses)
        form.addRow("", label(self.tr("Changes on this page count from the next start on."), Role.MUTED, wraps=True))


def _check(text: str, is_checked: bool) -> QCheckBox:
    made = QCheckBox(text)
    made.setChecked(is_checked)
    return made


def _percent(value: int, name: str) -> QSpinBox:
    made = QSpinBox()
    made.setRange(1, 100)
    made.setSuffix(" %")
    made.setPrefix("≥ ")
    made.setAccessibleName(name)
    made.lineEdit().setTextMargins(6, 0, 0, 0)  # the style sheet's padding does not reach it
    made.setValue(value)
    return made


def _form(page: QWidget) -> QFormLayout:
    form = QFormLayout(page)
    form.setContentsMargins(8, 16, 8, 8)
    form.setHorizontalSpacing(18)
    form.setVerticalSpacing(14)
    form.setLabelAlignment(Qt.AlignmentFlag.AlignRight)
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    return form


def _stack(*widgets: QWidget) -> QLayout:
    column = QVBoxLayout()
    column.setSpacing(6)
    for widget in widgets:
        column.addWidget(widget)
    return column


def _under(widget: QWidget, hint: str) -> QLayout:
    return _stack(widget, label(hint, Role.MUTED, wraps=True))
