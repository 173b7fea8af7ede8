from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QSystemTrayIcon
from pytestqt.qtbot import QtBot

from app.bridge import Bridge
from app.tray import LOOK_MS, MAX_ENTRY, Tray, state_of
from indexer.engine import Engine
from indexer.results import Activity, FileState, SpaceStatus
from tests.app.still_engine import IDLE, StillEngine


@pytest.fixture
def engine() -> StillEngine:
    return StillEngine()


@pytest.fixture
def bridge(qtbot: QtBot, engine: StillEngine) -> Iterator[Bridge]:
    bridge = Bridge()
    with qtbot.waitSignal(bridge.status_changed):
        bridge.open(lambda: cast(Engine, engine))
    yield bridge
    bridge.close()


@pytest.fixture
def tray(bridge: Bridge) -> Tray:
    return Tray(bridge, parent=bridge)


def entries(tray: Tray) -> dict[str, QAction]:
    return {action.text(): action for action in tray._menu.actions() if action.isVisible() and action.text()}


@pytest.mark.parametrize(
    ("activity", "state"),
    [
        (Activity.STARTING, "working"),
        (Activity.IDLE, "idle"),
        (Activity.SCANNING, "working"),
        (Activity.INDEXING, "working"),
        (Activity.PAUSED, "paused"),
        (Activity.STOPPED, "trouble"),
    ],
)
def test_each_activity_has_its_icon(activity: Activity, state: str) -> None:
    assert state_of(replace(IDLE, activity=activity)) == state


def test_warnings_are_told_without_an_alarm(qtbot: QtBot, engine: StillEngine, bridge: Bridge, tray: Tray) -> None:
    shared = replace(IDLE, activity=Activity.PAUSED, warnings=("/mnt/share: changes are noticed every 60 s",))
    with qtbot.waitSignal(bridge.status_changed):
        engine.become(shared)
    assert "noticed every 60 s" in tray._icon.toolTip()
    assert state_of(replace(shared, activity=Activity.IDLE)) == "idle"


def test_the_tooltip_tells_progress_time_left_and_the_last_file(
    qtbot: QtBot, engine: StillEngine, bridge: Bridge, tray: Tray
) -> None:
    with qtbot.waitSignal(bridge.status_changed):
        engine.become(
            replace(
                IDLE,
                activity=Activity.INDEXING,
                files={FileState.QUEUED: 8},
                done=2,
                eta_seconds=180.0,
                last_indexed=Path("/home/ada/letter.odt"),
                last_indexed_at=0.0,
            )
        )
    tip = tray._icon.toolTip()
    assert "Indexing 3 of 10" in tip
    assert "3 minute" in tip
    assert "letter.odt" in tip
    engine.become(IDLE)
    qtbot.waitUntil(lambda: "Up to date" in entries(tray))


def test_the_tooltip_tells_how_far_a_new_model_is(
    qtbot: QtBot, engine: StillEngine, bridge: Bridge, tray: Tray
) -> None:
    spaces = (
        SpaceStatus("built-in", 256, 200, 200, active=True),
        SpaceStatus("old", 64, 10, 200, active=False, is_kept=True),
        SpaceStatus("new", 64, 50, 200, active=False, eta_seconds=180.0),
    )
    working = replace(IDLE, activity=Activity.INDEXING, spaces=spaces, done=3)
    with qtbot.waitSignal(bridge.status_changed):
        engine.become(working)
    tip = tray._icon.toolTip()
    assert "Preparing the model: 25 %" in tip
    assert "3 minute" in tip
    engine.become(replace(working, files={FileState.QUEUED: 1}))
    qtbot.waitUntil(lambda: "Indexing 4 of 4" in tray._icon.toolTip())
    engine.become(replace(working, spaces=spaces[:2], done=0))
    qtbot.waitUntil(lambda: "Putting the index in order" in tray._icon.toolTip())


def test_pausing_from_the_menu_offers_to_resume(qtbot: QtBot, tray: Tray) -> None:
    entries(tray)["Pause indexing"].trigger()
    qtbot.waitUntil(lambda: "Resume indexing" in entries(tray))
    assert "Paused: paused by you" in entries(tray)
    assert "Pause indexing" not in entries(tray)
    entries(tray)["Resume indexing"].trigger()
    qtbot.waitUntil(lambda: "Pause indexing" in entries(tray))


@pytest.mark.parametrize(
    ("entry", "signal"),
    [
        ("Search", "search_requested"),
        ("Folders…", "folders_requested"),
        ("Settings…", "settings_requested"),
        ("Quit Cognate", "quit_requested"),
    ],
)
def test_every_entry_asks_for_what_it_says(qtbot: QtBot, tray: Tray, entry: str, signal: str) -> None:
    with qtbot.waitSignal(getattr(tray, signal)):
        entries(tray)[entry].trigger()


def test_lines_that_only_inform_cannot_be_chosen_and_stay_short(
    qtbot: QtBot, engine: StillEngine, bridge: Bridge, tray: Tray
) -> None:
    with qtbot.waitSignal(bridge.status_changed):
        engine.become(replace(IDLE, activity=Activity.STOPPED, detail="R&D " * 50))
    (line,) = (action for text, action in entries(tray).items() if text.startswith("Stopped"))
    assert not line.isEnabled()
    assert len(line.text().replace("&&", "&")) == MAX_ENTRY
    assert "&&" in line.text()


def test_a_left_click_asks_for_the_search_window(qtbot: QtBot, tray: Tray) -> None:
    with qtbot.waitSignal(tray.search_requested):
        tray._icon.activated.emit(QSystemTrayIcon.ActivationReason.Trigger)
    with qtbot.assertNotEmitted(tray.search_requested):
        tray._icon.activated.emit(QSystemTrayIcon.ActivationReason.Context)


def test_a_tray_that_comes_late_is_used_and_one_that_goes_is_told(
    qtbot: QtBot, tray: Tray, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel: dict[str, Any] = {"there": False}
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", lambda: panel["there"])
    tray._timer.setInterval(LOOK_MS // 500)
    tray.show_if_possible()
    assert not tray.is_present
    panel["there"] = True
    with qtbot.waitSignal(tray.presence_changed):
        pass
    assert tray.is_present
    panel["there"] = False
    with qtbot.waitSignal(tray.lost):
        pass
    assert not tray.is_present
