"""Indexing rests while it would be in the way, and goes on by itself.

How to wire: `Resting(bridge, options)` once the engine is being opened; `set_options` when they change, `close()`
before the bridge is closed. What the user pauses or resumes is left as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from app.bridge import Bridge
from app.options import AppOptions, Options
from app.surroundings import Lookout, Surroundings
from app.tasks import Tasks
from indexer.results import Activity, FileState, Status
from model.registry import BUILT_IN

if TYPE_CHECKING:
    from indexer.engine import Engine

LOOK_MS = 5000
BUSY, CALM = 0.9, 0.6  # load of others at which to rest, and below which to go on
BUSY_LOOKS = 12  # in a row, a minute: starting a program is no reason to rest
BACKLOG = 500  # files: a few that were just saved hinder nobody, for workers have the lowest priority

BATTERY = "the computer runs on battery"
LOAD = "other programs keep the processor busy"
FULL_SCREEN = "a program fills the screen"
GPU = "other programs use the graphics card"


class Resting(QObject):
    """Pauses and resumes the engine by what goes on around it."""

    def __init__(self, bridge: Bridge, options: Options, look: Callable[[], Surroundings] | None = None) -> None:
        super().__init__(bridge)
        self._bridge = bridge
        self._options = options.app
        self._lookout = Lookout(looks_at_gpu=options.indexing.model != BUILT_IN)
        self._look = look or self._lookout.look
        self._tasks = Tasks(1, "look", self)
        self._busy_looks = 0
        self._reason = ""  # for which indexing rests
        self._is_obeyed = False  # the engine has paused for it
        self._is_overruled = False  # the user wants to index all the same, until the reason is gone
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self.look_around)
        self._timer.start()
        bridge.status_changed.connect(self._on_status)

    def set_options(self, options: AppOptions) -> None:
        """Follow other options from now on."""
        self._options = options
        self.look_around()

    def look_around(self) -> None:
        """Look now, in the background."""
        self._tasks.submit(self._look, self._on_seen)

    def close(self) -> None:
        """Look no more."""
        self._timer.stop()
        self._tasks.close()
        self._lookout.close()

    def _on_seen(self, seen: Surroundings) -> None:
        self._busy_looks = self._busy_looks + 1 if seen.load >= (CALM if self._reason == LOAD else BUSY) else 0
        reason = self._reason_in(seen)
        if not reason:
            self._is_overruled = False
            self._go_on()
        elif reason != self._reason and not self._is_overruled and self._may_rest(reason):
            self._rest(reason)

    def _reason_in(self, seen: Surroundings) -> str:
        options = self._options
        if options.pause_on_battery and seen.on_battery:
            return BATTERY
        if options.pause_for_full_screen and seen.is_full_screen:
            return FULL_SCREEN
        if options.pause_for_gpu and 100 * seen.gpu_load >= options.gpu_limit_percent:
            return GPU
        wanted_looks = 1 if self._reason == LOAD else BUSY_LOOKS
        return LOAD if options.pause_under_load and self._busy_looks >= wanted_looks else ""

    def _may_rest(self, reason: str) -> bool:
        status = self._bridge.status
        if status is None or status.activity is Activity.STOPPED:
            return False
        if reason == LOAD and status.files.get(FileState.QUEUED, 0) < BACKLOG:
            return False
        return bool(self._reason) or status.activity is not Activity.PAUSED

    def _rest(self, reason: str) -> None:
        self._reason, self._is_obeyed = reason, False
        self._bridge.call(partial(_pause, reason))

    def _go_on(self) -> None:
        if self._reason:
            self._reason = ""
            self._bridge.resume()

    def _on_status(self, status: Status) -> None:
        is_ours = status.activity is Activity.PAUSED and status.detail == self._reason
        if not self._reason:
            return
        if is_ours:
            self._is_obeyed = True
        elif self._is_obeyed:  # the user has resumed, or paused for good
            self._is_overruled = status.activity is not Activity.PAUSED
            self._reason = ""


def _pause(reason: str, engine: Engine) -> None:
    engine.pause(reason)
