"""Measures how the window keeps up while it indexes: `python -m tests.benchmarks.window DIR`."""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psutil
from PySide6.QtCore import QEvent, QEventLoop, QObject, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.bridge import Bridge
from app.garbage import GarbageCollector
from app.gui import SWITCH_SECONDS
from app.options import Theme as Appearance
from app.theme import Theme
from app.window import MainWindow
from indexer.results import Activity, Hit

BEAT_MS = 10
TICK_MS = 5  # wakes the loop when nothing else does
REPAINT_MS = 100
PATIENCE_SECONDS = 5.0  # for one answer
QUERIES = (
    "how to compress a folder",
    "password forgotten",
    "wie entpacke ich ein Archiv",
    "difference between two files",
)


class Heartbeat(QObject):
    """How late a timer of 10 ms comes, while the list is repainted ten times a second."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.late_ms: list[float] = []
        self._last = 0.0
        self._beat = QTimer(self, interval=BEAT_MS, timerType=Qt.TimerType.PreciseTimer)
        self._beat.timeout.connect(self._on_beat)
        self._repaint = QTimer(self, interval=REPAINT_MS)
        self._repaint.timeout.connect(window.page.results.viewport().update)

    def start(self) -> None:
        self._last = time.perf_counter()
        self._beat.start()
        self._repaint.start()

    def stop(self) -> None:
        self._beat.stop()
        self._repaint.stop()

    def _on_beat(self) -> None:
        now = time.perf_counter()
        self.late_ms.append(max(0.0, (now - self._last) * 1000 - BEAT_MS))
        self._last = now


class Painted(QObject):
    """Notes when a widget was painted last."""

    def __init__(self, *widgets: QObject) -> None:
        super().__init__()
        self.at = 0.0
        for widget in widgets:
            widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            self.at = time.perf_counter()
        return False


class Stopwatch(QObject):
    """Types queries letter by letter and measures until the answer to each letter is on the screen."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.typed_ms: list[float] = []
        self.engine_ms: list[float] = []
        self._window = window
        self._painted = Painted(window.page.results.viewport(), window.page.empty)
        self._answered_at = 0.0
        window.page.answered.connect(self._on_answered)
        window.page.search.found.connect(self._on_found)

    def type(self, query: str) -> None:
        self._window.page.box.clear()
        for letter in query:
            self._answered_at = 0.0
            begun = time.perf_counter()
            QTest.keyClicks(self._window.page.box, letter)
            run_until(self._is_painted, PATIENCE_SECONDS)
            if self._is_painted():
                self.typed_ms.append((self._painted.at - begun) * 1000)

    def _is_painted(self) -> bool:
        return 0 < self._answered_at <= self._painted.at

    def _on_answered(self) -> None:
        self._answered_at = time.perf_counter()

    def _on_found(self, response: object) -> None:
        self.engine_ms.append(response.seconds * 1000)  # type: ignore[attr-defined]


def report(what: str, values: list[float]) -> None:
    """Print a line of the table."""
    ordered = sorted(values)
    if not ordered:
        print(f"{what:<44} nothing measured")
        return
    p50, p99 = (ordered[min(len(ordered) - 1, int(len(ordered) * part))] for part in (0.5, 0.99))
    print(f"{what:<44} p50 {p50:7.1f}   p99 {p99:7.1f}   max {ordered[-1]:7.1f} ms   ({len(ordered)} times)")


def run_until(done: Callable[[], object], seconds: float) -> None:
    """Run the event loop, which sleeps between events as in the program, until `done()` holds or the time is up."""
    end = time.perf_counter() + seconds
    tick = QTimer(interval=TICK_MS)
    tick.start()
    while not done() and time.perf_counter() < end:
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)


def reset_ms(window: MainWindow, hits: tuple[Hit, ...], rows: int) -> list[float]:
    """How long it takes to replace all rows, layout and painting included."""
    many = tuple(replace(hits[n % len(hits)], rank=n + 1) for n in range(rows))
    taken = []
    for _ in range(20):
        begun = time.perf_counter()
        window.page.results.show_hits(many)
        window.page.results.viewport().repaint()
        taken.append((time.perf_counter() - begun) * 1000)
    return taken


def main() -> None:
    """Show the window, index a folder, type, and print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="what to index")
    parser.add_argument("--seconds", type=float, default=60.0, help="at most how long to index")
    parser.add_argument("--rows", type=int, default=1000, help="of the model that is replaced")
    wanted = parser.parse_args()
    sys.setswitchinterval(SWITCH_SECONDS)
    application = QApplication(sys.argv[:1])
    theme, garbage = Theme(application, Appearance.LIGHT), GarbageCollector(application)
    bridge = Bridge()
    window = MainWindow(bridge)
    first = Painted(window.page.empty)
    window.show()
    run_until(lambda: first.at, PATIENCE_SECONDS)
    started = time.time() - psutil.Process().create_time()
    with tempfile.TemporaryDirectory() as profile:
        measure(bridge, window, Path(profile), wanted)
    print(f"{'process start to first painted window':<44} {started:.2f} s")
    garbage.close()
    del theme


def measure(bridge: Bridge, window: MainWindow, profile: Path, wanted: argparse.Namespace) -> None:
    """The heartbeat while indexing, typing meanwhile and afterwards, and resets of the model."""
    from indexer.engine import Engine

    opened: list[bool] = []
    bridge.opened.connect(lambda: opened.append(True))
    bridge.open(lambda: Engine.open(profile))
    run_until(lambda: opened, 60)
    bridge.call(lambda engine: engine.add_folder(wanted.folder.resolve()))
    run_until(lambda: bridge.status is not None and bridge.status.activity is Activity.INDEXING, 20)
    heartbeat, during, after = Heartbeat(window), Stopwatch(window), Stopwatch(window)
    heartbeat.start()
    run_until(lambda: bridge.status is not None and bridge.status.activity is Activity.IDLE, wanted.seconds / 2)
    heartbeat.stop()
    report("heartbeat late while indexing", heartbeat.late_ms)
    during.type(QUERIES[0])
    report("keystroke to painted results while indexing", during.typed_ms)
    run_until(lambda: bridge.status is not None and bridge.status.activity is Activity.IDLE, wanted.seconds / 2)
    for query in QUERIES:
        after.type(query)
    report("keystroke to painted results at rest", after.typed_ms)
    report("  of that the engine", after.engine_ms)
    report_reset(window, wanted.rows)
    status = bridge.status
    print(f"{'indexed':<44} {status.chunks if status else 0} chunks")
    window.close_workers()
    bridge.close()


def report_reset(window: MainWindow, rows: int) -> None:
    """Measure with the hits of the last query that had some."""
    stopwatch = Stopwatch(window)
    stopwatch.type("a")
    hits = window.page.model.hits
    if hits:
        report(f"{rows} rows replaced, laid out and painted", reset_ms(window, hits, rows))


if __name__ == "__main__":
    main()
