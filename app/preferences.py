"""The dialog of settings.

How to wire: make a new `Preferences(profile, loaded)` each time it is asked for and `open()` it. It stores what
was chosen by itself; `saved` carries the new Options. Theme and shortcut can be applied at once, the rest counts from
the next start on, as the dialog says.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QTabWidget, QVBoxLayout, QWidget

from app import autostart
from app.global_shortcut import GlobalShortcut
from app.icons import icon
from app.model_page import ModelChoice, ModelPage
from app.options import LoadedOptions, Options, save_options
from app.preference_pages import GeneralPage, IndexingPage
from app.profile import default_profile
from app.tasks import Tasks
from app.widgets import Role, label
from model.registry import BUILT_IN, KNOWN, ModelKind, installed, locate


class Preferences(QDialog):
    """What the user can choose, on three pages. Nothing changes before Save."""

    saved = Signal(object)  # Options

    def __init__(self, profile: Path, loaded: LoadedOptions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._profile = profile
        self._before = loaded.options
        self._tasks = Tasks(1, "preferences", self)
        self.setWindowTitle(self.tr("Settings"))
        self.setWindowIcon(icon("cognate"))
        self.resize(620, 560)
        self.general = GeneralPage(loaded.options, GlobalShortcut.is_possible())
        self.indexing = IndexingPage(loaded.options)
        self.model = ModelPage(loaded.options, profile)
        self.problem = label("\n".join(loaded.warnings), Role.TROUBLE, wraps=True)
        self.problem.setVisible(bool(loaded.warnings))
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel, parent=self
        )
        self.buttons.accepted.connect(self.save)
        self.buttons.rejected.connect(self.reject)
        self.finished.connect(self._tasks.close)
        self.finished.connect(self.model.close_downloads)
        self._lay_out()
        self._tasks.submit(partial(models_of, profile, loaded.options.indexing.model), self.model.show_models)

    def chosen(self) -> Options:
        """The options as the pages show them. Raises ValueError: one of them is bad; the message names it."""
        app = self.general.chosen(self._before.app)
        indexing = self.model.chosen(self.indexing.chosen(self._before.indexing))
        return Options(indexing, self.indexing.chosen_pauses(app))

    def save(self) -> None:
        """Store what was chosen, in the background, and close; a problem is shown and keeps the dialog open."""
        try:
            options = self.chosen()
        except ValueError as error:
            self._show_problem(str(error))
            return
        at_login, profile = self.general.at_login.isChecked(), self._profile
        self.buttons.setEnabled(False)

        def work() -> Options:
            save_options(profile, options)
            _start_at_login(at_login, profile)
            return options

        self._tasks.submit(work, self._on_saved, self._on_failed)

    def _lay_out(self) -> None:
        pages = QTabWidget()
        pages.setDocumentMode(True)
        pages.addTab(self.general, icon("settings"), self.tr("General"))
        pages.addTab(self.indexing, icon("folder"), self.tr("Indexing"))
        pages.addTab(self.model, icon("model"), self.tr("Model"))
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 16)
        column.setSpacing(12)
        column.addWidget(pages, 1)
        column.addWidget(self.problem)
        column.addWidget(self.buttons)

    def _on_saved(self, options: Options) -> None:
        self.saved.emit(options)
        self.accept()

    def _on_failed(self, problem: str) -> None:
        self.buttons.setEnabled(True)
        self._show_problem(problem)

    def _show_problem(self, problem: str) -> None:
        self.problem.setText(problem)
        self.problem.show()


def models_of(profile: Path, current: str) -> list[ModelChoice]:
    """Embedding models that are known or installed, the built-in one left out; looks at the disk."""
    folder = profile / "models"
    known = {each.name: each.download_bytes for each in KNOWN if each.kind is ModelKind.EMBEDDING}
    rerankers = {each.name for each in KNOWN if each.kind is ModelKind.RERANKER}
    names = [
        name for name in dict.fromkeys([*known, *installed(folder), current]) if name not in rerankers | {BUILT_IN}
    ]
    return [ModelChoice(name, known.get(name, 0), locate(name, folder) is not None) for name in names]


def _start_at_login(is_wanted: bool, profile: Path) -> None:
    if is_wanted == autostart.is_enabled():
        return
    if is_wanted:
        own = [] if profile == default_profile() else ["--profile", str(profile)]
        autostart.enable([*autostart.own_command(), *own])
    else:
        autostart.disable()
