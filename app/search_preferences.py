from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QFormLayout, QLineEdit, QVBoxLayout, QWidget

from app.options import AppOptions, Options
from app.widgets import Role, label
from indexer.instructions import DEFAULTS
from indexer.results import Subject
from indexer.settings import Settings


class SearchPreferences(QWidget):
    """What is done with a query: reranking, and the instructions that it is embedded under."""

    def __init__(self, options: Options) -> None:
        super().__init__()
        self.always = QCheckBox(self.tr("Rerank every search after a short pause in typing"))
        self.always.setChecked(options.app.rerank)
        settings = options.indexing
        self.tasks = {
            Subject.FILES: QLineEdit(settings.task_files),
            Subject.CODE: QLineEdit(settings.task_code),
            Subject.MAIL: QLineEdit(settings.task_mail),
        }
        for subject, edit in self.tasks.items():
            edit.setPlaceholderText(DEFAULTS[subject])
            edit.setCursorPosition(0)
            edit.setClearButtonEnabled(True)
        self._lay_out()

    def chosen(self, before: AppOptions) -> AppOptions:
        """The options of this page about the window."""
        return replace(before, rerank=self.always.isChecked())

    def chosen_tasks(self, before: Settings) -> Settings:
        """The instructions; one that says what the usual one says is none of one's own."""
        own = {subject: edit.text().strip() for subject, edit in self.tasks.items()}
        return before.with_tasks({each: text if text != DEFAULTS[each] else "" for each, text in own.items()})

    def _lay_out(self) -> None:
        form = QFormLayout(self)
        form.setContentsMargins(8, 16, 8, 8)
        form.setHorizontalSpacing(18)
        form.setVerticalSpacing(14)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignRight)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        reranking = QVBoxLayout()
        reranking.setSpacing(6)
        reranking.addWidget(self.always)
        hint = self.tr(
            "A reranker reads the best 50 passages together with the query, and puts them in order. "
            "It takes up to some seconds, and the next keystroke ends it. Ctrl+R does it for one search. "
            "Choose one on the page Model."
        )
        reranking.addWidget(label(hint, Role.MUTED, wraps=True))
        form.addRow(self.tr("Reranking"), reranking)
        about = self.tr(
            "What a larger model is told to look for; the built-in model takes no instruction. "
            "Best in English, whatever the language of the query. Empty: the usual one. "
            "Ctrl+I shows what exactly the model gets to read."
        )
        form.addRow(self.tr("Instructions"), label(about, Role.MUTED, wraps=True))
        for subject, name in (
            (Subject.FILES, self.tr("Files of any kind")),
            (Subject.CODE, self.tr("Only code")),
            (Subject.MAIL, self.tr("Only e-mail")),
        ):
            self.tasks[subject].setAccessibleName(self.tr("Instruction: {subject}").format(subject=name))
            form.addRow(name, self.tasks[subject])
