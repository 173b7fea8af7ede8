from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QLineEdit, QPushButton, QWidget

from app.bridge import Bridge
from app.paths import dropped_paths
from app.reasons import reason_text
from app.widgets import Role, label, with_role
from app.wording import path_text, shown, wording
from indexer.document import INSIDE
from indexer.results import Explanation, FileState, FolderState

if TYPE_CHECKING:
    from indexer.engine import Engine


MOST_FAILED = 8  # documents inside a file


class WhyPanel(QFrame):
    """Answers "Why isn't a file found?": a path, typed or dropped, and if one likes what it was searched for."""

    answered = Signal()

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._asked = ""  # the query of the latest request
        self._path: Path | None = None  # the file that the field was filled in for
        self._explained: Path | None = None  # the file that the answer is about
        with_role(self, Role.CARD)
        self.setAcceptDrops(True)
        self.path = QLineEdit(placeholderText=self.tr("Type the path of a file, or drop the file here"))
        self.path.setAccessibleName(self.tr("File that is not found"))
        self.path.setClearButtonEnabled(True)
        self.query = QLineEdit(placeholderText=self.tr("Searched for (optional)"))
        self.query.setAccessibleName(self.tr("What the file was searched for"))
        self.explain = QPushButton(self.tr("Explain"))
        self.retry = QPushButton(self.tr("Try again now"))
        self.retry.hide()
        self.verdict = label(role=Role.HEADING, wraps=True)
        self.answer = label(wraps=True)
        self.verdict.hide()
        self.answer.hide()
        self.answer.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._lay_out()
        self.path.textChanged.connect(self._on_path)
        self.path.returnPressed.connect(self.ask)
        self.query.returnPressed.connect(self.ask)
        self.explain.clicked.connect(self.ask)
        self.retry.clicked.connect(self._retry)
        self._on_path("")

    def ask_about(self, path: Path) -> None:
        """Explain this file."""
        self._path = path
        self.path.setText(shown(str(path)))
        self.ask()

    def ask(self) -> None:
        """Explain the file whose path is in the field; relative paths start at the home folder."""
        text = self.path.text().strip().strip("\"'")
        if not text:
            return
        path, query = Path.home() / Path(text).expanduser(), self.query.text().strip()
        if self._path is not None and text == shown(str(self._path)):
            path = self._path  # its name may hold bytes that are no text
        self._asked = query

        def work(engine: Engine) -> Explanation:
            return engine.why(path, query)

        self._bridge.call(work, self._on_explained, self._on_failed)

    def in_order(self) -> tuple[QWidget, ...]:
        """What takes the focus, in the order of reading."""
        return self.path, self.query, self.explain, self.retry

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_paths(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        self.ask_about(dropped_paths(event.mimeData())[0])
        event.acceptProposedAction()

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(12, 10, 12, 12)
        grid.setHorizontalSpacing(8)
        grid.addWidget(label(self.tr("Why isn't a file found?"), Role.HEADING), 0, 0, 1, 3)
        grid.addWidget(self.path, 1, 0)
        grid.addWidget(self.query, 1, 1)
        grid.addWidget(self.explain, 1, 2)
        grid.addWidget(self.verdict, 2, 0, 1, 2)
        grid.addWidget(self.retry, 2, 2)
        grid.addWidget(self.answer, 3, 0, 1, 3)
        grid.setColumnStretch(0, 3)
        grid.setColumnStretch(1, 2)

    def _on_path(self, text: str) -> None:
        self.explain.setEnabled(bool(text.strip()))

    def _on_explained(self, found: Explanation) -> None:
        self._explained = found.path
        self.retry.setVisible(found.state in (FileState.FAILED, FileState.QUEUED, FileState.INDEXED))
        verdict, *rest = self._lines(found)
        self._show(verdict, "\n".join(rest))

    def _retry(self) -> None:
        path = self._explained

        def work(engine: Engine) -> None:
            assert path is not None
            engine.retry([path])

        self._bridge.call(work, self._on_retried, self._on_failed)

    def _on_retried(self, nothing: object) -> None:
        self.ask()

    def _on_failed(self, problem: str) -> None:
        self.retry.hide()
        self._show(reason_text(problem), "")

    def _show(self, verdict: str, text: str) -> None:
        for part, words in ((self.verdict, verdict), (self.answer, text)):
            part.setText(words)
            part.setVisible(bool(words))
        self.answered.emit()

    def _lines(self, found: Explanation) -> list[str]:
        """An explanation in sentences, the most important first."""
        name = shown(found.path.name + (INSIDE + found.member if found.member else ""))
        if found.state is None:
            lines = [self.tr("“{name}” is not indexed.").format(name=name)]
        else:
            lines = [f"{name}: {wording.file_state(found.state)}"]
        if found.reason:
            lines.append(reason_text(found.reason))
        if found.queue_place is not None:
            lines.append(self._waiting(found))
        if found.chunks:
            lines.append(self.tr("%Ln passage(s) of it can be found.", "", found.chunks))
        if found.members:
            lines += self._inside(found)
        if self._asked and found.state is not None:
            lines.append(self._ranks(found))
        if found.folder is not None and found.folder.state is not FolderState.WATCHED:
            how, note = wording.folder_state(found.folder.state), reason_text(found.folder.note)
            text = self.tr("Its folder {folder}: {state}. {note}")
            lines.append(text.format(folder=path_text(found.folder.path), state=how, note=note).strip())
        return lines

    def _inside(self, found: Explanation) -> list[str]:
        """How many documents are inside the file, and why some can't be read."""
        lines = [self.tr("%Ln document(s) are inside it.", "", len(found.members))]
        failed = [one for one in found.members if one.state is FileState.FAILED]
        lines += [f"{shown(one.path)}: {reason_text(one.reason)}" for one in failed[:MOST_FAILED]]
        if len(failed) > MOST_FAILED:
            lines.append(self.tr("%Ln more can't be read.", "", len(failed) - MOST_FAILED))
        return lines

    def _waiting(self, found: Explanation) -> str:
        line = self.tr("Its place in the queue is {place}.").format(place=_number(found.queue_place))
        if found.waits_for:
            return f"{line} {self.tr('Paused: {reason}').format(reason=reason_text(found.waits_for))}"
        return line if found.eta_seconds is None else f"{line} ({wording.remaining(found.eta_seconds)})"

    def _ranks(self, found: Explanation) -> str:
        if found.rank is None:
            text = self.tr(
                "For “{query}” it is not among the first {count} results (by words: {words}, by meaning: {meaning})."
            )
            return text.format(
                query=self._asked,
                count=_number(found.depth),
                words=_number(found.rank_words),
                meaning=_number(found.rank_meaning),
            )
        return self.tr("For “{query}” it is result {rank} (by words: {words}, by meaning: {meaning}).").format(
            query=self._asked,
            rank=_number(found.rank),
            words=_number(found.rank_words),
            meaning=_number(found.rank_meaning),
        )


def _number(value: int | None) -> str:
    return "–" if value is None else QLocale().toString(value)
