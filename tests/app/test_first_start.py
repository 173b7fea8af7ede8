from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
from PySide6.QtCore import QStandardPaths, Qt
from pytestqt.qtbot import QtBot

from app.bridge import Bridge
from app.first_start import SAMPLES, FirstStart
from indexer.engine import Engine
from indexer.results import Activity
from tests.app.still_engine import IDLE, StillEngine


@pytest.fixture
def documents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "Documents"
    folder.mkdir()
    monkeypatch.setattr(QStandardPaths, "writableLocation", lambda location: str(folder))
    return folder


@pytest.fixture
def engine() -> StillEngine:
    return StillEngine()


@pytest.fixture
def bridge(qtbot: QtBot, engine: StillEngine) -> Iterator[Bridge]:
    bridge = Bridge()
    with qtbot.waitSignal(bridge.opened):
        bridge.open(lambda: cast(Engine, engine))
    yield bridge
    bridge.close()


@pytest.fixture
def page(qtbot: QtBot, bridge: Bridge, documents: Path, tmp_path: Path) -> FirstStart:
    page = FirstStart(bridge, tmp_path / "profile")
    qtbot.addWidget(page)
    page.resize(700, 700)
    page.show()
    return page


def watched(engine: StillEngine) -> list[Path]:
    return [row.path for row in engine.folder_rows]


def test_the_documents_folder_is_chosen_beforehand(
    qtbot: QtBot, page: FirstStart, engine: StillEngine, documents: Path
) -> None:
    assert page.chosen() == [documents]
    with qtbot.waitSignal(page.started):
        qtbot.mouseClick(page.start, Qt.MouseButton.LeftButton)
    assert watched(engine) == [documents]


def test_without_a_documents_folder_the_samples_are_chosen(
    qtbot: QtBot, bridge: Bridge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QStandardPaths, "writableLocation", lambda location: str(Path.home()))
    page = FirstStart(bridge, tmp_path / "profile")
    qtbot.addWidget(page)
    assert page.chosen() == [tmp_path / "profile" / "samples"]


def test_samples_are_copied_so_that_they_can_be_edited(
    qtbot: QtBot, page: FirstStart, engine: StillEngine, tmp_path: Path
) -> None:
    samples = page.choices[1]
    qtbot.mouseClick(samples, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(page.started):
        page.start.click()
    assert watched(engine)[1] == tmp_path / "profile" / "samples"
    copied = {path.name for path in (tmp_path / "profile" / "samples").iterdir()}
    assert copied == {path.name for path in SAMPLES.iterdir()}


def test_a_folder_that_comes_from_elsewhere_ends_the_page(qtbot: QtBot, page: FirstStart, engine: StillEngine) -> None:
    engine.add_folder(Path("/library"))
    with qtbot.waitSignal(page.started):
        engine.become(replace(IDLE, activity=Activity.SCANNING))


def test_enter_starts(qtbot: QtBot, page: FirstStart) -> None:
    with qtbot.waitSignal(page.started):
        qtbot.keyClick(page, Qt.Key.Key_Return)


def test_another_folder_joins_the_choices_once(qtbot: QtBot, page: FirstStart, documents: Path, tmp_path: Path) -> None:
    page.offer(tmp_path)
    page.offer(tmp_path)
    assert page.chosen() == [documents, tmp_path]


def test_nothing_starts_without_a_folder(qtbot: QtBot, page: FirstStart) -> None:
    qtbot.mouseClick(page.choices[0], Qt.MouseButton.LeftButton)
    assert not page.chosen()
    assert not page.start.isEnabled()


def test_a_folder_that_is_refused_says_why_and_the_rest_can_be_tried_again(
    qtbot: QtBot, page: FirstStart, engine: StillEngine
) -> None:
    engine.problem = "/library is no folder"
    page.start.click()
    qtbot.waitUntil(page.problem.isVisible)
    assert page.problem.text() == engine.problem
    engine.problem = ""
    with qtbot.waitSignal(page.started):
        page.start.click()
    assert not page.problem.isVisible()
