from __future__ import annotations

import time
from dataclasses import dataclass, replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QRadioButton, QVBoxLayout, QWidget

from app.records import ModelRecord
from app.widgets import Role, button, label
from app.wording import size_text, wording
from model.registry import ModelKind

PROGRESS_STEPS = 1000
STEADY_SECONDS = 3  # of a download, before its speed says something


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """A model that can be used, or that could be after it is installed."""

    name: str
    kind: ModelKind
    download_bytes: int  # 0: not known
    is_installed: bool
    can_be_removed: bool = False  # it is Cognate's own copy


class ModelRow(QWidget):
    """A model to choose, or to install first."""

    install_requested = Signal(object)  # the row
    cancel_requested = Signal(object)  # the row
    remove_requested = Signal(object)  # the row

    def __init__(self, model: ModelChoice, title: str, text: str) -> None:
        super().__init__()
        self.model = model
        self.radio = QRadioButton(title.replace("&", "&&"))
        self.radio.setEnabled(model.is_installed)
        self.advice = label(self.tr("Recommended here"), Role.GOOD)
        self.advice.hide()
        self.about: QLabel = label(text, Role.MUTED, wraps=True)
        self.needs: QLabel = label(role=Role.MUTED, wraps=True)
        self.needs.hide()
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setRange(0, PROGRESS_STEPS)
        self.progress.setAccessibleName(self.tr("Download of {model}").format(model=model.name))
        self.progress.hide()
        self.action: QPushButton = button(self.tr("Install"))
        self.action.setAccessibleName(self.tr("Install {model}").format(model=model.name))
        self.action.setVisible(not model.is_installed and bool(model.download_bytes))
        self.action.clicked.connect(self._on_action)
        self.remove: QPushButton = button(self.tr("Remove"), role=Role.FLAT)
        self.remove.setAccessibleName(self.tr("Remove {model}").format(model=model.name))
        self.remove.setVisible(model.can_be_removed)
        self.remove.clicked.connect(self._on_remove)
        self._is_coming = False
        self._began: tuple[float, float] | None = None  # when, and with how many bytes, the download went on
        self._lay_out()

    def show_needs(self, record: ModelRecord) -> None:
        """Tell what it takes to run it, and whether this computer has it."""
        self.advice.setVisible(record["recommended"])
        if record["memory_bytes"]:
            needed = self.tr("{disk} on disk, {memory} of memory").format(
                disk=size_text(record["download_bytes"]), memory=size_text(record["memory_bytes"])
            )
            self.needs.setText(f"{needed} · {self._where(record)}")
            self.needs.show()

    def show_progress(self, come_bytes: float) -> None:
        """Tell how much has come."""
        now = time.monotonic()
        if not self._is_coming or self._began is None:
            self._began = (now, come_bytes) if come_bytes else None
        self._is_coming = True
        self.action.setText(self.tr("Cancel"))
        total = self.model.download_bytes
        self.progress.setValue(int(PROGRESS_STEPS * min(1.0, come_bytes / total)) if total else 0)
        self.progress.show()
        text = self.tr("{come} of {total} downloaded").format(
            come=size_text(int(come_bytes)), total=size_text(self.model.download_bytes)
        )
        self.about.setText(" · ".join(filter(None, (text, self._remaining(now, come_bytes)))))

    def show_stopped(self, text: str) -> None:
        """Offer to install it (again)."""
        self._rest(text)
        self.action.setText(self.tr("Install"))
        self.action.show()

    def show_installed(self, text: str) -> None:
        """It can be chosen now, and is."""
        self._rest(text)
        self.action.hide()
        self.remove.show()
        self.radio.setEnabled(True)
        self.radio.setChecked(True)

    def show_removed(self, text: str) -> None:
        """It is gone, and can be installed again."""
        self.model = replace(self.model, is_installed=False, can_be_removed=False)
        self.remove.hide()
        self.radio.setEnabled(False)
        self._rest(text)
        self.action.setText(self.tr("Install"))
        self.action.setVisible(bool(self.model.download_bytes))

    def _rest(self, text: str) -> None:
        self._is_coming = False
        self._began = None
        self.progress.hide()
        self.about.setText(text)

    def _remaining(self, now: float, come_bytes: float) -> str:
        if self._began is None or now - self._began[0] < STEADY_SECONDS or come_bytes <= self._began[1]:
            return ""
        speed = (come_bytes - self._began[1]) / (now - self._began[0])
        return wording.remaining(max(0.0, self.model.download_bytes - come_bytes) / speed)

    def _where(self, record: ModelRecord) -> str:
        return {
            "gpu": self.tr("runs on the graphics card"),
            "reduced": self.tr("runs on the graphics card with 8 or 4 bits a weight"),
            "cpu": self.tr("runs on the processor, slowly"),
            "no": self.tr("too large for this computer"),
        }[record["fits"]]

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self.radio)
        head.addWidget(self.advice)
        head.addStretch()
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addLayout(head)
        under = QVBoxLayout()
        under.setContentsMargins(24, 0, 0, 0)
        under.setSpacing(2)
        for widget in (self.about, self.progress, self.needs):
            under.addWidget(widget)
        words.addLayout(under)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 4, 0, 4)
        row.addLayout(words, 1)
        row.addWidget(self.remove, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.action, 0, Qt.AlignmentFlag.AlignVCenter)

    def _on_action(self) -> None:
        (self.cancel_requested if self._is_coming else self.install_requested).emit(self)

    def _on_remove(self) -> None:
        self.remove_requested.emit(self)
