"""The language of the interface.

How to wire: `Translation(application, options.app.language)` before the first widget is made; it lasts as long as the
application. A change of language counts from the next start on, for widgets keep the texts they were made with.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QObject, QTranslator

import resources

FOLDER = Path(resources.__file__).parent / "translations"
LANGUAGES = {"en": "English", "zh": "中文"}  # what there are translations for, each by its own name


class Translation(QObject):
    """Has the application speak a language, numbers and dates included."""

    def __init__(self, application: QCoreApplication, language: str = "") -> None:
        """`language` is ISO 639-1; empty, or one without translation: the system's where there is one, else English."""
        super().__init__(application)
        self._application = application
        self._translators: list[QTranslator] = []
        locale = QLocale(language) if language in LANGUAGES else QLocale.system()
        if language in LANGUAGES:
            QLocale.setDefault(locale)
        self.is_translated = self._load(locale, "cognate", FOLDER)
        if self.is_translated:
            self._load(locale, "qtbase", Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)))
        else:
            self._load(QLocale("en"), "cognate", FOLDER)  # the plural forms of English

    def remove(self) -> None:
        """Give the application its own texts back."""
        for translator in self._translators:
            self._application.removeTranslator(translator)
        self._translators.clear()
        QLocale.setDefault(QLocale.system())

    def _load(self, locale: QLocale, name: str, folder: Path) -> bool:
        translator = QTranslator(self)
        if not translator.load(locale, name, "_", str(folder)):
            return False
        self._translators.append(translator)
        return self._application.installTranslator(translator)
