from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QFormLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.reasons import reason_text
from app.tasks import Tasks
from app.widgets import Role, button, copy, label
from model.registry import ModelKind
from model.remote.connecting import connect, disconnect, examine
from model.remote.connection import Connection
from model.remote.findings import Level
from model.remote.probe import Report, Wish
from model.remote.profiles import PROFILES, QWEN3, ServerKind
from model.remote.server import Server, address_of, connected_servers
from model.remote.starting import start_commands

MARKS = {Level.SOUND: "✓", Level.WARNING: "!", Level.FAULT: "✗"}


class ServerRow(QWidget):
    """A connected server."""

    def __init__(self, server: Server, check: Callable[[], None], remove: Callable[[], None]) -> None:
        super().__init__()
        self.check = button(self.tr("Check"))
        self.check.setAccessibleName(self.tr("Check {server}").format(server=server.name))
        self.check.clicked.connect(check)
        self.remove = button(self.tr("Remove"))
        self.remove.setAccessibleName(self.tr("Remove {server}").format(server=server.name))
        self.remove.clicked.connect(remove)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(label(f"{server.name} · {PROFILES[server.kind].title} · {server.url}", wraps=True), 1)
        row.addWidget(self.check)
        row.addWidget(self.remove)


class ServerPage(QWidget):
    """Models on servers of the user's own: connecting, checking and removing them happens at once."""

    changed = Signal()  # a server was connected or removed

    def __init__(self, profile: Path) -> None:
        super().__init__()
        self._models = profile / "models"
        self._tasks = Tasks(1, "servers", self)
        self._connection: Connection | None = None  # of the question under way
        self._is_closed = False
        self.address = QLineEdit()
        self.address.setPlaceholderText("http://localhost:8000")
        self.address.returnPressed.connect(self._connect)
        self.model = QLineEdit()
        self.model.setPlaceholderText(self.tr("the one that it serves"))
        self.key = QLineEdit()
        self.key.setEchoMode(QLineEdit.EchoMode.Password)
        self.key.setPlaceholderText(self.tr("none"))
        self.reranker = QCheckBox(self.tr("It is a reranker, which judges the best hits"))
        self.reranker.toggled.connect(self._show_command)
        self.connect_button = button(self.tr("Connect"), role=Role.PRIMARY)
        self.connect_button.clicked.connect(self._connect)
        self.anyway = button(self.tr("Connect it all the same"))
        self.anyway.clicked.connect(partial(self._connect, despite_faults=True))
        self.anyway.hide()
        self.result = label(wraps=True)
        self.kind = QComboBox()
        for kind in ServerKind:
            if kind is not ServerKind.OTHER:
                self.kind.addItem(PROFILES[kind].title, kind.value)
        self.kind.currentIndexChanged.connect(self._show_command)
        self.command = QLineEdit()
        self.command.setReadOnly(True)
        self.copy = button(self.tr("Copy"), "copy")
        self.copy.clicked.connect(lambda: copy(self.command.text()))
        self._rows = QVBoxLayout()
        self._lay_out()
        self._show_command()
        self._refresh()

    def close_tasks(self) -> None:
        """Give up what is asked; no answer is shown any more."""
        self._is_closed = True
        if self._connection:
            self._connection.close()
        self._tasks.close()

    def _watch(self, connection: Connection) -> None:
        """From the thread that asks."""
        self._connection = connection
        if self._is_closed:
            connection.close()

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.addWidget(self.connect_button)
        buttons.addWidget(self.anyway)
        buttons.addStretch(1)
        command = QHBoxLayout()
        command.addWidget(self.command, 1)
        command.addWidget(self.copy)
        form = QFormLayout()
        form.addRow(self.tr("Address"), self.address)
        form.addRow(self.tr("Model"), self.model)
        form.addRow(self.tr("Key"), self.key)
        form.addRow("", self.reranker)
        form.addRow("", buttons)
        form.addRow(self.tr("To start one"), self.kind)
        form.addRow("", command)
        hint = self.tr(
            "Texts of your files go to this server, and to no other. The key is kept in the keyring of the system."
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 16, 8, 8)
        column.addLayout(self._rows)
        column.addLayout(form)
        column.addWidget(self.result)
        column.addWidget(label(hint, Role.MUTED, wraps=True))
        column.addStretch(1)

    def _show_command(self) -> None:
        purpose = self._purpose()
        model = f"{QWEN3}{purpose.capitalize()}-0.6B"
        lines = start_commands(ServerKind(self.kind.currentData()), model, purpose)
        self.command.setText(" && ".join(lines) or self.tr("It has no reranker."))
        self.command.setCursorPosition(0)
        self.copy.setEnabled(bool(lines))

    def _purpose(self) -> ModelKind:
        return ModelKind.RERANKER if self.reranker.isChecked() else ModelKind.EMBEDDING

    def _connect(self, *_: object, despite_faults: bool = False) -> None:
        typed, model, key, purpose = self.address.text(), self.model.text().strip(), self.key.text(), self._purpose()

        def work() -> tuple[Report, bool]:
            wish = Wish(address_of(typed), purpose=purpose, model=model, key=key.strip())
            return connect(wish, self._models, despite_faults, self._watch)

        self._ask(work, self._on_connected)

    def _ask(self, work: Callable[[], tuple[Report, bool]], done: Callable[[tuple[Report, bool]], None]) -> None:
        self.setEnabled(False)
        self.anyway.hide()
        self.result.setText(self.tr("Asking the server…"))
        self._tasks.submit(work, done, self._on_failed)

    def _on_connected(self, answer: tuple[Report, bool]) -> None:
        report, is_saved = answer
        self._show(report)
        self.anyway.setVisible(not is_saved and report.can_be_saved)
        if is_saved:
            self.key.clear()
            self._refresh()
            self.changed.emit()

    def _on_checked(self, answer: tuple[Report, bool]) -> None:
        self._show(answer[0])

    def _show(self, report: Report) -> None:
        self.setEnabled(True)
        lines = [f"{MARKS[one.level]} {reason_text(one.text)} {reason_text(one.remedy)}" for one in report.findings]
        self.result.setText("\n".join(lines))

    def _on_failed(self, problem: str) -> None:
        self.setEnabled(True)
        self.result.setText(problem)

    def _refresh(self) -> None:
        self._tasks.submit(lambda: list(connected_servers(self._models)), self._show_servers)

    def _show_servers(self, servers: list[Server]) -> None:
        while item := self._rows.takeAt(0):
            if widget := item.widget():
                widget.deleteLater()
        for server in servers:
            self._rows.addWidget(
                ServerRow(server, partial(self._check, server.name), partial(self._remove, server.name))
            )

    def _check(self, name: str, *_: object) -> None:
        self._ask(lambda: (examine(name, self._models, self._watch), True), self._on_checked)

    def _remove(self, name: str, *_: object) -> None:
        def work() -> list[Server]:
            disconnect(name, self._models)
            return list(connected_servers(self._models))

        self._tasks.submit(work, self._on_removed, self._on_failed)

    def _on_removed(self, servers: list[Server]) -> None:
        self._show_servers(servers)
        self.changed.emit()
