"""The dialog of settings.

How to wire: make a new `Preferences(profile, loaded)` each time it is asked for and `open()` it. It stores what
was chosen by itself; `saved` carries the new Options. Theme and shortcut can be applied at once, the rest counts from
the next start on, as the dialog says.
"""

from __future__ import annotations

import logging
from functools import partial
from pathlib import Path

from PySide6.QtCore import QLocale, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QMessageBox, QTabWidget, QVBoxLayout, QWidget

from app import autostart
from app.global_shortcut import GlobalShortcut
from app.icons import icon
from app.model_page import ANY_RERANKER, ModelPage
from app.model_row import ModelChoice
from app.options import LoadedOptions, Options, save_options
from app.preference_pages import GeneralPage, IndexingPage
from app.profile import default_profile
from app.search_preferences import SearchPreferences
from app.server_page import ServerPage
from app.tasks import Tasks
from app.widgets import Role, label
from app.wording import wording
from indexer import tesseract
from indexer.settings import Settings
from model import load_embedder
from model.errors import ModelError
from model.estimate import Estimate, estimate
from model.registry import BUILT_IN, KNOWN, ModelKind, installed, locate
from model.remote.server import connected_servers
from model.running import Running

log = logging.getLogger(__name__)

LONG_SECONDS = 600.0  # what takes longer is asked about before it begins


class Preferences(QDialog):
    """What the user can choose, on five pages. Nothing but what is installed changes before Save."""

    saved = Signal(object)  # Options

    def __init__(self, profile: Path, loaded: LoadedOptions, parent: QWidget | None = None, passages: int = 0) -> None:
        """`passages` are indexed now: how long another model takes for them is measured before it is saved."""
        super().__init__(parent)
        self._profile = profile
        self._passages = passages
        self._before = loaded.options
        self._tasks = Tasks(1, "preferences", self)
        self.setWindowTitle(self.tr("Settings"))
        self.setWindowIcon(icon("cognate"))
        self.resize(680, 680)
        self.general = GeneralPage(loaded.options, GlobalShortcut.is_possible())
        self.indexing = IndexingPage(loaded.options)
        self.search = SearchPreferences(loaded.options)
        self.model = ModelPage(loaded.options, profile)
        self.servers = ServerPage(profile)
        self.servers.changed.connect(self._list_models)
        self.problem = label("\n".join(loaded.warnings), Role.TROUBLE, wraps=True)
        self.problem.setVisible(bool(loaded.warnings))
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel, parent=self
        )
        self.buttons.accepted.connect(self.save)
        self.buttons.rejected.connect(self.reject)
        self.finished.connect(self._tasks.close)
        self.finished.connect(self.model.close_downloads)
        self.finished.connect(self.servers.close_tasks)
        self._lay_out()
        self._tasks.submit(tesseract.installed, self.indexing.ocr.show_installed)
        self._list_models()

    def chosen(self) -> Options:
        """The options as the pages show them. Raises ValueError: one of them is bad; the message names it."""
        app = self.search.chosen(self.general.chosen(self._before.app))
        indexing = self.search.chosen_tasks(self.model.chosen(self.indexing.chosen(self._before.indexing)))
        return Options(indexing, self.indexing.chosen_pauses(app))

    def save(self) -> None:
        """Store what was chosen, in the background, and close; a problem is shown and keeps the dialog open."""
        try:
            options = self.chosen()
        except ValueError as error:
            self._show_problem(str(error))
            return
        self.buttons.setEnabled(False)
        if not _starts_a_space(self._before.indexing, options.indexing):
            self._store(options)
            return
        self._show_problem(self.tr("Measuring how fast {model} is here…").format(model=options.indexing.model))
        folder, passages = self._profile / "models", self._passages

        def measure() -> tuple[Options, Estimate | None]:
            chosen = options.indexing
            running = Running(chosen.device, chosen.precision)
            try:
                return options, estimate(load_embedder(chosen.model, folder, running=running), passages)
            except ModelError as error:  # the engine will say so, and what it uses instead
                log.warning("the speed of %s can't be measured: %s", chosen.model, error)
                return options, None

        self._tasks.submit(measure, self._on_measured, self._on_failed)

    def _list_models(self) -> None:
        self._tasks.submit(partial(models_of, self._profile, self._before.indexing), self.model.show_models)

    def _on_measured(self, measured: tuple[Options, Estimate | None]) -> None:
        options, expected = measured
        self.problem.hide()
        if expected is None or expected.seconds < LONG_SECONDS or self._asked(options.indexing.model, expected):
            self._store(options)
        else:
            self.buttons.setEnabled(True)

    def _asked(self, model: str, expected: Estimate) -> bool:
        """Whether the user wants what takes long."""
        text = self.tr(
            "Without a graphics card, {model} reads about {pace} passages a minute here: {time} for those that are "
            "indexed. Search goes on with the old model meanwhile. Use it?"
        )
        pace, time = QLocale().toString(round(60 / expected.seconds_per_passage)), wording.long(expected.seconds)
        text = text.format(model=model, pace=pace, time=time)
        return QMessageBox.question(self, self.windowTitle(), text) is QMessageBox.StandardButton.Yes

    def _store(self, options: Options) -> None:
        at_login, profile = self.general.at_login.isChecked(), self._profile

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
        pages.addTab(self.search, icon("search"), self.tr("Search"))
        pages.addTab(self.model, icon("model"), self.tr("Model"))
        pages.addTab(self.servers, icon("globe"), self.tr("Servers"))
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 16)
        column.setSpacing(12)
        column.addWidget(pages, 1)
        pages.tabBar().setFocus()  # so that the arrow keys turn the pages
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


def _starts_a_space(before: Settings, chosen: Settings) -> bool:
    """Whether what is indexed has to be embedded anew, unless that space is there from an earlier time."""
    return (before.model, before.precision, before.document_task) != (
        chosen.model,
        chosen.precision,
        chosen.document_task,
    )


def models_of(profile: Path, settings: Settings) -> list[ModelChoice]:
    """Models that are known, installed or chosen, the built-in one left out; looks at the disk."""
    folder = profile / "models"
    servers = {each.full_name: each.purpose for each in connected_servers(folder)}
    kinds = {each.name: each.kind for each in KNOWN} | {settings.reranker: ModelKind.RERANKER} | servers
    bytes_of = {each.name: each.download_bytes for each in KNOWN}
    own = set(installed(folder))
    names = dict.fromkeys([*bytes_of, *sorted(own), *servers, settings.model, settings.reranker])
    return [
        ModelChoice(
            name,
            kinds.get(name, ModelKind.EMBEDDING),
            bytes_of.get(name, 0),
            name in servers or locate(name, folder) is not None,
            name in own and name not in (settings.model, settings.reranker),
        )
        for name in names
        if name not in (BUILT_IN, ANY_RERANKER)
    ]


def _start_at_login(is_wanted: bool, profile: Path) -> None:
    if is_wanted == autostart.is_enabled():
        return
    if is_wanted:
        own = [] if profile == default_profile() else ["--profile", str(profile)]
        autostart.enable([*autostart.own_command(), *own])
    else:
        autostart.disable()
