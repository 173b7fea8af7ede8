from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QButtonGroup, QFileDialog, QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from app.autostart import own_command
from app.model_download import ModelDownload
from app.model_needs import ModelNeeds
from app.model_row import ModelChoice, ModelRow
from app.model_running import ModelRunning
from app.options import Options
from app.reasons import reason_text
from app.records import ModelRecord
from app.space_list import SpaceList
from app.tasks import Tasks
from app.widgets import Role, button, label, with_role
from app.wording import size_text
from indexer.results import Status
from indexer.settings import Settings
from model.registry import BUILT_IN, ModelKind, is_complete, remove

ANY_RERANKER = ""  # the setting for the smallest one that is installed


class ModelPage(QScrollArea):
    """What turns text into meaning, and what puts the best hits in order."""

    def __init__(self, options: Options, profile: Path, command: Sequence[str] = ()) -> None:
        """`command` starts Cognate's command line; without one it is that of this program."""
        super().__init__()
        self._current = {
            ModelKind.EMBEDDING: options.indexing.model,
            ModelKind.RERANKER: options.indexing.reranker,
        }
        self._profile = profile
        self._command = [*(command or own_command()), "--profile", str(profile), "models"]
        self._downloads: dict[ModelRow, ModelDownload] = {}
        self._tasks = Tasks(1, "models", self)
        self._groups = {kind: QButtonGroup(self) for kind in ModelKind}  # the buttons have different parents
        self._choices = {kind: QVBoxLayout() for kind in ModelKind}
        self._needs = ModelNeeds([*self._command, "list", "--json"], self)
        self._needs.found.connect(self._show_needs)
        self.rows: dict[str, ModelRow] = {}
        self.machine = label(self.tr("Looking at what this computer can run…"), Role.MUTED, wraps=True)
        self.problem = label(role=Role.TROUBLE, wraps=True)
        self.problem.hide()
        self.folder = button(self.tr("Use a folder…"), "folder")
        self.folder.clicked.connect(self._choose_folder)
        self.running = ModelRunning(options.indexing)
        self.spaces = SpaceList()
        self._offer(
            ModelChoice(BUILT_IN, ModelKind.EMBEDDING, 0, is_installed=True),
            self.tr("Built-in"),
            self.tr("Ready at once on any computer, for many languages."),
        )
        self._offer(
            ModelChoice(ANY_RERANKER, ModelKind.RERANKER, 0, is_installed=True),
            self.tr("The smallest that is installed"),
            self.tr("Without one, hits stay in the order of the search."),
        )
        self._lay_out()
        self._check_current()

    @property
    def name(self) -> str:
        """The embedding model that is chosen."""
        return self._checked(ModelKind.EMBEDDING)

    def show_models(self, models: Sequence[ModelChoice]) -> None:
        """List the models besides the built-in one."""
        for model in models:
            if model.name not in self.rows:
                self._offer(model, model.name, self._about(model))
        self._check_current()

    def show_status(self, status: Status) -> None:
        """Show how far each vector space is."""
        self.spaces.show_spaces(status.spaces)

    def show_problem(self, problem: str) -> None:
        """Tell what went wrong."""
        self.problem.setText(problem)
        self.problem.show()

    def chosen(self, before: Settings) -> Settings:
        """The options of this page."""
        return self.running.chosen(replace(before, model=self.name, reranker=self._checked(ModelKind.RERANKER)))

    def close_downloads(self) -> None:
        """Stop what is being downloaded; it can be gone on with later."""
        self._needs.stop()
        for row in list(self._downloads):
            self._cancel(row)
        self._tasks.close()

    def add_folder(self, folder: Path) -> None:
        """Offer the model in a folder, which stays where it is."""
        if not is_complete(folder):
            self.show_problem(
                self.tr("{folder} holds no model: it lacks config.json, a tokenizer or safetensors weights.").format(
                    folder=folder
                )
            )
            return
        self.problem.hide()
        self.show_models([ModelChoice(str(folder), ModelKind.EMBEDDING, 0, is_installed=True)])
        self.rows[str(folder)].radio.setChecked(True)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._needs.look()

    def _lay_out(self) -> None:
        hint = self.tr(
            "Larger models understand more, and want a graphics card. "
            "Search goes on with the old model until the new one has read everything, "
            "and going back to an old one that is kept costs nothing."
        )
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(8, 16, 14, 8)
        column.setSpacing(2)
        column.addWidget(self.machine)
        column.addSpacing(10)
        column.addWidget(label(self.tr("Finds by meaning"), Role.HEADING))
        column.addLayout(self._choices[ModelKind.EMBEDDING])
        row = QHBoxLayout()
        row.addWidget(self.folder)
        row.addStretch()
        column.addLayout(row)
        column.addWidget(self.problem)
        column.addSpacing(6)
        column.addWidget(label(hint, Role.MUTED, wraps=True))
        column.addSpacing(14)
        column.addWidget(label(self.tr("Puts the best hits in order (reranker)"), Role.HEADING))
        column.addLayout(self._choices[ModelKind.RERANKER])
        column.addSpacing(14)
        column.addWidget(self.running)
        column.addSpacing(14)
        column.addWidget(self.spaces)
        column.addWidget(label(self.tr("A choice counts from the next start on."), Role.MUTED))
        column.addStretch(1)
        self.setWidget(inside)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        with_role(self, Role.CLEAR)

    def _checked(self, kind: ModelKind) -> str:
        rows = (row for row in self.rows.values() if row.model.kind is kind and row.radio.isChecked())
        return next((row.model.name for row in rows), self._current[kind])

    def _check_current(self) -> None:
        for kind, name in self._current.items():
            if name in self.rows and self._groups[kind].checkedButton() is None:
                self.rows[name].radio.setChecked(True)

    def _about(self, model: ModelChoice) -> str:
        if model.is_installed:
            return self.tr("Installed")
        if model.download_bytes:
            return self.tr("{size} to download").format(size=size_text(model.download_bytes))
        return self.tr("Not installed here")

    def _offer(self, model: ModelChoice, title: str, text: str) -> None:
        row = ModelRow(model, title, text)
        self._groups[model.kind].addButton(row.radio)
        row.install_requested.connect(self._install)
        row.cancel_requested.connect(self._cancel)
        row.remove_requested.connect(self._remove)
        self.rows[model.name] = row
        self._choices[model.kind].addWidget(row)

    def _show_needs(self, records: Sequence[ModelRecord], problem: str) -> None:
        device = records[0]["device"] if records else ""
        if problem:
            self.machine.setText(reason_text(problem))
        elif device:
            self.machine.setText(self.tr("This computer: {device}").format(device=device))
        else:
            self.machine.setText(self.tr("This computer has no graphics card that models can use."))
        for record in records:
            if row := self.rows.get(record["name"]):
                row.show_needs(record)

    def _choose_folder(self) -> None:
        if folder := QFileDialog.getExistingDirectory(self, self.tr("Folder of a model"), str(Path.home())):
            self.add_folder(Path(folder))

    def _install(self, row: ModelRow) -> None:
        name = row.model.name
        partial = self._profile / "models" / f".{name.replace('/', '--')}.partial"
        download = ModelDownload([*self._command, "install", name], partial, self)
        download.progressed.connect(row.show_progress)
        download.ended.connect(self._on_ended)
        self._downloads[row] = download
        row.show_progress(0)

    def _cancel(self, row: ModelRow) -> None:
        self._downloads.pop(row).stop()
        row.show_stopped(self._about(row.model))

    def _remove(self, row: ModelRow) -> None:
        name, models = row.model.name, self._profile / "models"

        def work() -> ModelRow:
            remove(name, models)
            return row

        self._tasks.submit(work, self._on_removed, self.show_problem)

    def _on_removed(self, row: ModelRow) -> None:
        kind = row.model.kind
        if row.radio.isChecked():
            self.rows[BUILT_IN if kind is ModelKind.EMBEDDING else ANY_RERANKER].radio.setChecked(True)
        row.show_removed(self._about(replace(row.model, is_installed=False)))

    def _on_ended(self, problem: str) -> None:
        row = next(row for row, download in self._downloads.items() if download is self.sender())
        del self._downloads[row]
        if problem:
            row.show_stopped(reason_text(problem))
        else:
            row.show_installed(self.tr("Installed"))
