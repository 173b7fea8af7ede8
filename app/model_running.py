from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QComboBox, QFormLayout, QSpinBox, QWidget

from indexer.settings import Settings, WholeFiles
from model.precision import Precision

MOST_DIMENSIONS = 4096  # of the largest model


class ModelRunning(QWidget):
    """How a large model runs, and what is made of its vectors."""

    def __init__(self, options: Settings) -> None:
        super().__init__()
        self.precision = QComboBox()
        for precision, name in (
            (Precision.FULL, self.tr("Whole: exact")),
            (Precision.EIGHT, self.tr("8 bits: half the memory")),
            (Precision.FOUR, self.tr("4 bits: a third of the memory")),
            (Precision.FP8, self.tr("FP8: half the memory, on newer cards")),
        ):
            self.precision.addItem(name, precision.value)
        self.precision.setCurrentIndex(self.precision.findData(options.precision.value))
        self.idle = QSpinBox()
        self.idle.setRange(0, 24 * 60)
        self.idle.setSuffix(self.tr(" min"))
        self.idle.setSpecialValueText(self.tr("never"))
        self.idle.setValue(options.idle_minutes)
        self.dimension = QSpinBox()
        self.dimension.setRange(0, MOST_DIMENSIONS)
        self.dimension.setSingleStep(128)
        self.dimension.setSpecialValueText(self.tr("all"))
        self.dimension.setValue(options.dimension)
        self.whole_files = QComboBox()
        for wish, name in (
            (WholeFiles.AUTO, self.tr("on a graphics card")),
            (WholeFiles.ALWAYS, self.tr("always")),
            (WholeFiles.NEVER, self.tr("never")),
        ):
            self.whole_files.addItem(name, wish.value)
        self.whole_files.setCurrentIndex(self.whole_files.findData(options.whole_files.value))
        for field in (self.idle, self.dimension):
            field.lineEdit().setTextMargins(6, 0, 0, 0)  # the style sheet's padding does not reach it
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.addRow(self.tr("Weights"), self.precision)
        form.addRow(self.tr("Leaves the memory after"), self.idle)
        form.addRow(self.tr("Dimensions compared"), self.dimension)
        form.addRow(self.tr("Read files in one piece"), self.whole_files)

    def chosen(self, before: Settings) -> Settings:
        """The options of these fields."""
        return replace(
            before,
            precision=Precision(self.precision.currentData()),
            idle_minutes=self.idle.value(),
            dimension=self.dimension.value(),
            whole_files=WholeFiles(self.whole_files.currentData()),
        )
