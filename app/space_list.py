from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QLocale, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QMessageBox, QProgressBar, QVBoxLayout, QWidget

from app.results.snippet import plain
from app.widgets import Role, button, label
from app.wording import size_text, wording
from indexer.results import SpaceStatus
from model.precision import Precision


class SpaceList(QWidget):
    """Each vector space: its model, its size, how much of the files it holds and when it will hold all."""

    delete_requested = Signal(int)  # the number of a space that is kept

    def __init__(self) -> None:
        super().__init__()
        self.spaces: dict[int, _SpaceRow] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 12)
        self._column.setSpacing(8)
        self._column.addWidget(label(self.tr("What is indexed"), Role.HEADING))
        self.hide()

    def show_spaces(self, spaces: Sequence[SpaceStatus]) -> None:
        """Show how far they are; a space that is gone leaves the list."""
        self.setVisible(bool(spaces))
        for number in self.spaces.keys() - {space.id for space in spaces}:
            self.spaces.pop(number).deleteLater()
        for space in spaces:
            if space.id not in self.spaces:
                self.spaces[space.id] = row = _SpaceRow(space)
                row.delete_requested.connect(self.delete_requested)
                self._column.addWidget(row)
            self.spaces[space.id].show_space(space)


class _SpaceRow(QWidget):
    """One space."""

    delete_requested = Signal(int)

    def __init__(self, space: SpaceStatus) -> None:
        super().__init__()
        self._space = space
        self.name = label(wraps=True)
        self.facts = label(role=Role.MUTED, wraps=True)
        self.share = QProgressBar()
        self.share.setTextVisible(False)
        self.delete = button(self.tr("Delete"), role=Role.FLAT)
        self.delete.clicked.connect(self._on_delete)
        column = QVBoxLayout()
        column.setSpacing(3)
        for widget in (self.name, self.share, self.facts):
            column.addWidget(widget)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addLayout(column, 1)
        row.addWidget(self.delete, 0, Qt.AlignmentFlag.AlignVCenter)

    def show_space(self, space: SpaceStatus) -> None:
        """Show where it stands."""
        self._space = space
        name = self.tr("Built-in") if space.model == "built-in" else plain(space.model)
        self.name.setText(self.tr("{model}, {count} dimensions").format(model=name, count=space.dimension))
        self.share.setVisible(space.chunks < space.total and not space.is_kept)
        self.share.setRange(0, space.total)
        self.share.setValue(space.chunks)
        self.share.setAccessibleName(self.name.text())
        percent = 100 * space.chunks // space.total if space.total else 100
        facts = [self._use(space)]
        facts.append(
            self.tr("{percent} % of {total} passages").format(percent=percent, total=QLocale().toString(space.total))
        )
        facts.append(size_text(space.size_bytes))
        if space.precision is not Precision.FULL:
            facts.append(self.tr("weights: {precision}").format(precision=space.precision))
        if space.document_task:
            facts.append(self.tr("instruction: {task}").format(task=plain(space.document_task)))
        if space.eta_seconds is not None:
            facts.append(wording.remaining(space.eta_seconds))
        self.facts.setText(" · ".join(facts))
        self.delete.setVisible(space.is_kept)
        self.delete.setAccessibleName(self.tr("Delete the vectors of {model}").format(model=name))

    def _on_delete(self) -> None:
        question = self.tr("To go back to this model, it would have to read everything anew. Delete {size} of vectors?")
        question = question.format(size=size_text(self._space.size_bytes))
        if QMessageBox.question(self, self.name.text(), question) is QMessageBox.StandardButton.Yes:
            self.delete_requested.emit(self._space.id)

    def _use(self, space: SpaceStatus) -> str:
        if space.active:
            return self.tr("answers searches")
        if space.is_kept:
            return self.tr("kept, to go back to at no cost")
        return self.tr("not whole yet")
