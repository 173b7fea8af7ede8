from __future__ import annotations

import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
from PySide6.QtCore import QObject, Signal
from pytestqt.qtbot import QtBot

from app.bridge import Bridge
from indexer.engine import Engine
from indexer.results import Activity, SearchRequest, SearchResponse, SimilarRequest
from tests.app.still_engine import IDLE, StillEngine


class Ear(QObject):
    """Keeps what it is told, and in which thread."""

    heard = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.words: list[object] = []
        self.threads: set[int] = set()

    def hear(self, *words: object) -> None:
        self.words.append(words if len(words) > 1 else words[0])
        self.threads.add(threading.get_ident())
        self.heard.emit()


def names(response: SearchResponse) -> list[str]:
    return [hit.path.name for hit in response.hits]


def test_an_answer_carries_the_number_of_its_search(qtbot: QtBot, shelf_bridge: Bridge) -> None:
    with qtbot.waitSignal(shelf_bridge.answered) as answer:
        number = shelf_bridge.search(SearchRequest("kettle"))
    assert answer.args is not None
    assert answer.args[0] == number
    assert "boil.py" in names(answer.args[1])


def test_only_the_latest_of_many_searches_is_answered(qtbot: QtBot, shelf_bridge: Bridge) -> None:
    ear = Ear()
    shelf_bridge.answered.connect(ear.hear)
    for query in ("h", "ha", "har", "harb", "harbour"):
        last = shelf_bridge.search(SearchRequest(query))
    qtbot.waitUntil(lambda: bool(ear.words))
    with qtbot.waitSignal(shelf_bridge.answered):  # in the same lane: earlier answers would have come by now
        after = shelf_bridge.search(SearchRequest("lamp"))
    assert [number for number, _ in ear.words] == [last, after]  # type: ignore[misc]


def test_a_search_asked_before_the_engine_is_open_is_answered(qtbot: QtBot, shelf_profile: Path) -> None:
    bridge = Bridge()
    bridge.search(SearchRequest("harbour"))
    with qtbot.waitSignal(bridge.answered) as answer:
        bridge.open(lambda: Engine.open(shelf_profile))
    bridge.close()
    assert answer.args is not None
    assert set(names(answer.args[1])) >= {"boats.txt", "page.html"}


def test_a_query_that_cannot_be_understood_is_refused_with_a_sentence(qtbot: QtBot, shelf_bridge: Bridge) -> None:
    with qtbot.waitSignal(shelf_bridge.refused) as answer:
        number = shelf_bridge.search(SearchRequest("kind:unicorn"))
    assert answer.args is not None
    assert answer.args[0] == number
    assert "unicorn" in answer.args[1]


def test_a_file_that_is_gone_is_refused_with_a_sentence(qtbot: QtBot, shelf_bridge: Bridge) -> None:
    with qtbot.waitSignal(shelf_bridge.refused) as answer:
        shelf_bridge.similar(SimilarRequest(path=Path("/nowhere/at all.txt")))
    assert answer.args is not None
    assert "/nowhere/at all.txt" in answer.args[1]


def test_an_index_that_cannot_be_opened_is_told(qtbot: QtBot, tmp_path: Path) -> None:
    profile = tmp_path / "profile"
    profile.write_text("a file where a folder should be")
    bridge = Bridge()
    bridge.search(SearchRequest("harbour"))
    with qtbot.waitSignals([bridge.broken, bridge.refused]):
        bridge.open(lambda: Engine.open(profile))
    bridge.close()


def test_an_engine_that_stirs_while_it_is_opened_is_not_waited_for(qtbot: QtBot) -> None:
    class Slow(StillEngine):
        def start(self) -> None:
            self.become(replace(IDLE, activity=Activity.SCANNING))
            assert may_start.wait(60)

    may_start = threading.Event()
    bridge = Bridge()
    with qtbot.waitSignal(bridge._stirred):
        bridge.open(lambda: cast(Engine, Slow()))
    bridge._poll()
    assert bridge.status is None
    with qtbot.waitSignal(bridge.opened):
        may_start.set()
    qtbot.waitUntil(lambda: bridge.status is not None)
    bridge.close()


def test_outcomes_arrive_in_the_gui_thread(qtbot: QtBot, shelf_bridge: Bridge) -> None:
    ear = Ear()
    with qtbot.waitSignal(ear.heard):
        shelf_bridge.call(lambda engine: threading.get_ident(), ear.hear)
    assert ear.threads == {threading.get_ident()}
    assert ear.words != [threading.get_ident()]


def test_a_mistake_of_ours_is_told_and_logged(
    qtbot: QtBot, shelf_bridge: Bridge, caplog: pytest.LogCaptureFixture
) -> None:
    def stumble(engine: Engine) -> None:
        raise KeyError("stumbled")

    ear = Ear()
    with qtbot.waitSignal(ear.heard):
        shelf_bridge.call(stumble, ear.hear, ear.hear)
    assert "KeyError" in str(ear.words[0])
    assert "stumbled" in caplog.text


def test_pausing_and_resuming_show_in_the_status(qtbot: QtBot, shelf_bridge: Bridge) -> None:
    shelf_bridge.pause()
    qtbot.waitUntil(lambda: shelf_bridge.status is not None and shelf_bridge.status.activity.value == "paused")
    shelf_bridge.resume()
    qtbot.waitUntil(lambda: shelf_bridge.status is not None and shelf_bridge.status.activity.value != "paused")


def test_closing_a_bridge_that_was_never_opened_ends_what_waits(qtbot: QtBot) -> None:
    bridge = Bridge()
    bridge.search(SearchRequest("harbour"))
    bridge.call(lambda engine: engine.folders())
    bridge.close()


def test_emitting_signals_keeps_the_count_of_true() -> None:
    """PySide6 6.12.0 lost a reference with each: after some hundred the process aborted."""
    ear = Ear()
    before = sys.getrefcount(True)
    for _ in range(200):
        ear.heard.emit()
    assert abs(sys.getrefcount(True) - before) < 50
