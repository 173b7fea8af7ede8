from __future__ import annotations

import gc
import shutil
from collections.abc import Iterator
from functools import partialmethod
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.bridge import Bridge
from app.window import MainWindow
from indexer.engine import Engine
from indexer.settings import Settings
from tests.app.shelf import fill

PATIENCE_MS = 60_000  # what is waited for comes at once, unless the machine has other work


class PatientBot(QtBot):
    """Waits longer than the five seconds of its base, unless it is told how long."""

    waitUntil = partialmethod(QtBot.waitUntil, timeout=PATIENCE_MS)
    waitSignal = partialmethod(QtBot.waitSignal, timeout=PATIENCE_MS)
    waitSignals = partialmethod(QtBot.waitSignals, timeout=PATIENCE_MS)
    waitExposed = partialmethod(QtBot.waitExposed, timeout=PATIENCE_MS)
    waitActive = partialmethod(QtBot.waitActive, timeout=PATIENCE_MS)


@pytest.fixture
def qtbot(qapp: object, request: pytest.FixtureRequest) -> PatientBot:
    """In place of the plugin's own."""
    return PatientBot(request)


@pytest.fixture(scope="session", autouse=True)
def settled_garbage() -> None:
    """What is there already is not looked at after each test."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def tidied(settled_garbage: None) -> Iterator[None]:
    """As in the program: garbage is collected in the thread of the widgets, never in one of the engine's."""
    gc.disable()
    yield
    gc.collect()
    gc.enable()


@pytest.fixture(scope="session")
def shelf(qapp: object, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with files of every kind; nobody writes to it."""
    folder = tmp_path_factory.mktemp("library") / "shelf"
    fill(folder)
    return folder


@pytest.fixture(scope="session")
def shelf_profile(shelf: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A profile in which the shelf is indexed."""
    profile = tmp_path_factory.mktemp("profiles") / "shelf"
    engine = Engine.open(profile)
    engine.start()
    engine.add_folder(shelf)
    assert engine.wait(60)
    engine.close()
    return profile


@pytest.fixture
def shelf_bridge(qtbot: QtBot, shelf_profile: Path, tmp_path: Path) -> Iterator[Bridge]:
    """A bridge to an engine that has the shelf indexed."""
    profile = tmp_path / "profile"
    shutil.copytree(shelf_profile, profile)
    bridge = Bridge()
    with qtbot.waitSignal(bridge.opened):
        bridge.open(lambda: Engine.open(profile, Settings(debounce_ms=50)))
    yield bridge
    bridge.close()


@pytest.fixture
def window(qtbot: QtBot, shelf_bridge: Bridge) -> Iterator[MainWindow]:
    """The main window before the shelf."""
    window = MainWindow(shelf_bridge)
    qtbot.addWidget(window)
    window.page.reload_folders()
    window.show()
    qtbot.waitExposed(window)
    yield window
    window.close_workers()
