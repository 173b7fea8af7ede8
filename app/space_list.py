from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QProgressBar, QVBoxLayout, QWidget

from app.results.snippet import plain
from app.widgets import Role, label
from app.wording import size_text, wording
from indexer.results import SpaceStatus


class SpaceList(QWidget):
    """Each vector space: its model, its size, how much of the files it holds and when it will hold all."""

    def __init__(self) -> None:
        super().__init__()
        self.spaces: dict[tuple[str, int], _SpaceRow] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 12)
        self._column.setSpacing(8)
        self._column.addWidget(label(self.tr("What is indexed"), Role.HEADING))
        self.hide()

    def show_spaces(self, spaces: Sequence[SpaceStatus]) -> None:
        """Show how far they are; a space that is gone leaves the list."""
        self.setVisible(bool(spaces))
        known = {(space.model, space.dimension): space for space in spaces}
        for key in self.spaces.keys() - known.keys():
            self.spaces.pop(key).deleteLater()
        for key, space in known.items():
            if key not in self.spaces:
                self.spaces[key] = _SpaceRow()
                self._column.addWidget(self.spaces[key])
            self.spaces[key].show_space(space)


class _SpaceRow(QWidget):
    """One space."""

    def __init__(self) -> None:
        super().__init__()
        self.name = label(wraps=True)
        self.facts = label(role=Role.MUTED, wraps=True)
        self.share = QProgressBar()
        self.share.setTextVisible(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        for widget in (self.name, self.share, self.facts):
            column.addWidget(widget)

    def show_space(self, space: SpaceStatus) -> None:
        """Show where it stands."""
        name = self.tr("Built-in") if space.model == "built-in" else plain(space.model)
        self.name.setText(self.tr("{model}, {count} dimensions").format(model=name, count=space.dimension))
        is_whole = space.chunks >= space.total
        self.share.setVisible(not is_whole)
        self.share.setRange(0, space.total)
        self.share.setValue(space.chunks)
        self.share.setAccessibleName(self.name.text())
        percent = 100 * space.chunks // space.total if space.total else 100
        facts = [self.tr("answers searches") if space.active else self._waiting(is_whole)]
        facts.append(
            self.tr("{percent} % of {total} passages").format(percent=percent, total=QLocale().toString(space.total))
        )
        facts.append(size_text(space.size_bytes))
        if space.eta_seconds is not None:
            facts.append(wording.remaining(space.eta_seconds))
        self.facts.setText(" · ".join(facts))

    def _waiting(self, is_whole: bool) -> str:
        return self.tr("kept, to go back to at no cost") if is_whole else self.tr("not whole yet")
