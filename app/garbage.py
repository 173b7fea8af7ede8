import gc

from PySide6.QtCore import QObject, QTimer

YOUNG_MS = 1_000
ALL_MS = 60_000


class GarbageCollector(QObject):
    """Collects Python's garbage in the GUI thread alone.

    Left to itself, Python collects in whichever thread happens to allocate; if that one destroys a widget that was part
    of a cycle, the program hangs or crashes.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.disable()
        self._young = QTimer(self, interval=YOUNG_MS)
        self._young.timeout.connect(self._collect_young)
        self._all = QTimer(self, interval=ALL_MS)
        self._all.timeout.connect(self._collect_all)
        self._young.start()
        self._all.start()

    def settle(self) -> None:
        """Leave what was loaded so far alone for good: going through all modules takes longer than a frame."""
        gc.freeze()

    def close(self) -> None:
        """Let Python collect by itself again."""
        self._young.stop()
        self._all.stop()
        gc.unfreeze()
        gc.enable()

    def _collect_young(self) -> None:
        gc.collect(1)

    def _collect_all(self) -> None:
        gc.collect()
