from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QLocale, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QCheckBox, QMenu, QToolButton, QVBoxLayout, QWidget

from app.widgets import Role, label
from indexer.settings import Settings
from indexer.tesseract import Tesseract, advice, chosen

CHINESE = {"chi_sim": QLocale.Script.SimplifiedChineseScript, "chi_tra": QLocale.Script.TraditionalChineseScript}
OF_A_COUNTRY = {"eng": "English", "spa": "Español"}  # Qt names a country, too


class OcrChoice(QWidget):
    """Whether the text in scans and pictures is recognised, and in which of the languages that are installed."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._wanted = settings.ocr_languages
        self.is_on = QCheckBox(self.tr("Recognise the text in scanned pages and pictures"))
        self.is_on.setChecked(settings.ocr)
        self.languages = QToolButton()
        self.languages.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.languages.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.languages.setAccessibleName(self.tr("Languages of scans and pictures"))
        self.hint = label(role=Role.MUTED, wraps=True)
        self.hint.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._menu = QMenu(self)
        self.languages.setMenu(self._menu)
        self.languages.hide()
        self.is_on.setEnabled(settings.ocr)  # until it is known whether it can be done
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        for part in (self.is_on, self.languages, self.hint):
            column.addWidget(part)
        self.is_on.toggled.connect(self.languages.setEnabled)

    def show_installed(self, found: Tesseract | None) -> None:
        """Offer the languages that are installed, or say what to install."""
        if found is None or not found.languages:
            self.hint.setText(self.tr("For this, install Tesseract: {command}").format(command=advice()))
            return
        self.is_on.setEnabled(True)
        self.hint.setText(
            self.tr("By Tesseract {version}, on this computer. A page takes some seconds, and each only once.").format(
                version=found.version
            )
        )
        self._menu.clear()
        in_force = chosen(self._wanted, found.languages)
        for code in found.languages:
            action = self._menu.addAction(language_name(code))
            action.setData(code)
            action.setCheckable(True)
            action.setChecked(code in in_force)
            action.toggled.connect(self._name_chosen)
        self.languages.setEnabled(self.is_on.isChecked())
        self.languages.show()
        self._name_chosen()

    def chosen(self, before: Settings) -> Settings:
        """The options of this choice; languages that nobody has changed stay as they are."""
        codes = tuple(str(action.data()) for action in self._checked())
        known = tuple(str(action.data()) for action in self._menu.actions())
        is_changed = bool(known) and codes != tuple(code for code in known if code in chosen(self._wanted, known))
        return replace(before, ocr=self.is_on.isChecked(), ocr_languages=codes if is_changed else self._wanted)

    def _checked(self) -> list[QAction]:
        return [action for action in self._menu.actions() if action.isChecked()]

    def _name_chosen(self) -> None:
        names = [action.text() for action in self._checked()]
        self.languages.setText(", ".join(names) or self.tr("Choose languages"))


def language_name(code: str) -> str:
    """The name, in itself, of what Tesseract calls a language."""
    if code in OF_A_COUNTRY:
        return OF_A_COUNTRY[code]
    if code in CHINESE:
        return QLocale(QLocale.Language.Chinese, CHINESE[code]).nativeLanguageName()
    language = QLocale.codeToLanguage(code)
    named = QLocale(language).nativeLanguageName() if language != QLocale.Language.AnyLanguage else ""
    return named[:1].upper() + named[1:] if named and "_" not in code else code
