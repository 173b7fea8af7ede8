from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QPushButton, QRadioButton, QVBoxLayout, QWidget

from app.autostart import own_command
from app.model_download import ModelDownload
from app.model_running import ModelRunning
from app.options import Options
from app.widgets import Role, button, label
from app.wording import size_text
from indexer.settings import Settings
from model.registry import BUILT_IN


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """A model that can be used, or that could be after it is installed."""

    name: str
    download_bytes: int  # 0: not known
    is_installed: bool


class ModelRow(QWidget):
    """A model to choose, or to install first."""

    install_requested = Signal(object)  # the row
    cancel_requested = Signal(object)  # the row

    def __init__(self, model: ModelChoice, title: str, text: str) -> None:
        super().__init__()
        self.model = model
        self.radio = QRadioButton(title.replace("&", "&&"))
        self.radio.setEnabled(model.is_installed)
        self.about: QLabel = label(text, Role.MUTED, wraps=True)
        self.action: QPushButton = button(self.tr("Install"))
        self.action.setAccessibleName(self.tr("Install {model}").format(model=model.name))
        self.action.setVisible(not model.is_installed and bool(model.download_bytes))
        self.action.clicked.connect(self._on_action)
        self._is_coming = False
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.radio)
        self.about.setContentsMargins(24, 0, 0, 0)
        words.addWidget(self.about)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 4, 0, 4)
        row.addLayout(words, 1)
        row.addWidget(self.action, 0, Qt.AlignmentFlag.AlignVCenter)

    def show_progress(self, come_bytes: float) -> None:
        """Tell how much has come."""
        self._is_coming = True
        self.action.setText(self.tr("Cancel"))
        come, total = size_text(int(come_bytes)), size_text(self.model.download_bytes)
        self.about.setText(self.tr("{come} of {total} downloaded").format(come=come, total=total))

    def show_stopped(self, text: str) -> None:
        """Offer to install it (again)."""
        self._is_coming = False
        self.action.setText(self.tr("Install"))
        self.about.setText(text)

    def show_installed(self, text: str) -> None:
        """It can be chosen now, and is."""
        self._is_coming = False
        self.action.hide()
        self.about.setText(text)
        self.radio.setEnabled(True)
        self.radio.setChecked(True)

    def _on_action(self) -> None:
        (self.cancel_requested if self._is_coming else self.install_requested).emit(self)


class ModelPage(QWidget):
    """What turns text into meaning."""

    def __init__(self, options: Options, profile: Path, command: Sequence[str] = ()) -> None:
        """`command` starts Cognate's command line; without one it is that of this program."""
        super().__init__()
        self._current = options.indexing.model
        self._profile = profile
        self._command = list(command) or own_command()
        self._downloads: dict[ModelRow, ModelDownload] = {}
        self._group = QButtonGroup(self)  # the buttons have different parents
        self.rows: dict[str, ModelRow] = {}
        self.running = ModelRunning(options.indexing)
        self._choices = QVBoxLayout()
        self._choices.setSpacing(0)
        built_in = ModelChoice(BUILT_IN, 0, is_installed=True)
        self._offer(built_in, self.tr("Built-in"), self.tr("Ready at once on any computer, for many languages."))
        hint = self.tr(
            "Larger models understand more, and want a graphics card. "
            "Search goes on with the old model until the new one has read everything."
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 16, 8, 8)
        column.addLayout(self._choices)
        column.addSpacing(6)
        column.addWidget(self.running)
        column.addWidget(label(hint, Role.MUTED, wraps=True))
        column.addWidget(label(self.tr("Counts from the next start on."), Role.MUTED))
        column.addStretch(1)
        self._check_current()

    @property
    def name(self) -> str:
        """The model that is chosen."""
        checked = [name for name, row in self.rows.items() if row.radio.isChecked()]
        return checked[0] if checked else self._current

    def show_models(self, models: Sequence[ModelChoice]) -> None:
        """List the models besides the built-in one."""
        for model in models:
            if model.name not in self.rows:
                self._offer(model, model.name, self._about(model))
        self._check_current()

    def chosen(self, before: Settings) -> Settings:
        """The options of this page."""
        return self.running.chosen(replace(before, model=self.name))

    def close_downloads(self) -> None:
        """Stop what is being downloaded; it can be gone on with later."""
        for row in list(self._downloads):
            self._cancel(row)

    def _check_current(self) -> None:
        if self._current in self.rows and not any(row.radio.isChecked() for row in self.rows.values()):
            self.rows[self._current].radio.setChecked(True)

    def _about(self, model: ModelChoice) -> str:
        if model.is_installed:
            return self.tr("Installed")
        if model.download_bytes:
            return self.tr("{size} to download").format(size=size_text(model.download_bytes))
        return self.tr("Not installed here")

    def _offer(self, model: ModelChoice, title: str, text: str) -> None:
        row = ModelRow(model, title, text)
        self._group.addButton(row.radio)
        row.install_requested.connect(self._install)
        row.cancel_requested.connect(self._cancel)
        self.rows[model.name] = row
        self._choices.addWidget(row)

    def _install(self, row: ModelRow) -> None:
        name = row.model.name
        command = [*self._command, "--profile", str(self._profile), "models", "install", name]
        partial = self._profile / "models" / f".{name.replace('/', '--')}.partial"
        download = ModelDownload(command, partial, self)
        download.progressed.connect(row.show_progress)
        download.ended.connect(self._on_ended)
        self._downloads[row] = download
        row.show_progress(0)

    def _cancel(self, row: ModelRow) -> None:
        self._downloads.pop(row).stop()
        row.show_stopped(self._about(row.model))

    def _on_ended(self, problem: str) -> None:
        row = next(row for row, download in self._downloads.items() if download is self.sender())
        del self._downloads[row]
        if problem:
            row.show_stopped(problem)
        else:
            row.show_installed(self.tr("Installed"))
