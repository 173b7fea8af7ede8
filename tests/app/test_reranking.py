"""The second stage and what the model reads, in the window before a real engine."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.bridge import Bridge
from app.gui import keep_instruction
from app.options import load_options
from app.results.labels import moved, moved_sentence, spoken
from app.window import MainWindow
from indexer import rerank
from indexer.engine import Engine
from indexer.results import EmbeddedQuery, SearchRequest, SearchResponse, Subject
from indexer.settings import Settings
from model.qwen3.reranker import Qwen3Reranker
from tests.app.shelf import hit

TEXTS = [f"Weather report {number}: {'rain and wind ' * number} in the north." for number in range(6)]
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A profile with a few reports."""
    home = tmp_path_factory.mktemp("reports")
    folder = home / "files"
    folder.mkdir()
    for number, text in enumerate(TEXTS):
        (folder / f"{number}.txt").write_text(text)
    engine = Engine.open(home / "profile")
    engine.start()
    engine.add_folder(folder)
    assert engine.wait(60)
    engine.close()
    return home / "profile"


@pytest.fixture
def bridge(qtbot: QtBot, reports: Path, reranker_folder: Path) -> Iterator[Bridge]:
    bridge = Bridge()
    with qtbot.waitSignal(bridge.opened):
        bridge.open(lambda: Engine.open(reports, Settings(reranker=str(reranker_folder), device="cpu")))
    yield bridge
    bridge.close()


@pytest.fixture
def window(qtbot: QtBot, bridge: Bridge) -> Iterator[MainWindow]:
    window = MainWindow(bridge)
    qtbot.addWidget(window)
    window.show()
    with qtbot.waitSignal(window.page.answered):
        window.page.box.setText("weather report")
    yield window
    window.close_workers()


def answers(window: MainWindow) -> list[SearchResponse]:
    kept: list[SearchResponse] = []
    window.page.search.found.connect(kept.append)
    return kept


def names(window: MainWindow) -> list[str]:
    return [hit.path.name for hit in window.page.model.hits]


def test_a_click_reranks_and_another_returns_to_the_order_before(qtbot: QtBot, window: MainWindow) -> None:
    before = names(window)
    chip = window.page.rerank
    assert (chip.isVisible(), chip.isChecked()) == (True, False)
    with qtbot.waitSignal(window.page.answered):
        qtbot.mouseClick(chip, Qt.MouseButton.LeftButton)
        assert chip.text() == "Reranking…"
    assert chip.isChecked()
    assert names(window) != before
    assert [before[hit.rank_before - 1] for hit in window.page.model.hits if hit.rank_before] == names(window)
    assert "6 passage(s) reranked" in window.page._count.text()
    with qtbot.waitSignal(window.page.answered):
        qtbot.keyClick(window, Qt.Key.Key_R, CONTROL)
    assert not chip.isChecked()
    assert names(window) == before


def test_the_next_keystroke_ends_a_judgement_before_its_next_step(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rerank, "STEP_SECONDS", 0.0)  # steps of one passage
    judge = Qwen3Reranker.score
    began, go_on, judged = threading.Event(), threading.Event(), []

    def held(reranker: Qwen3Reranker, query: str, passages: Sequence[str], task: str) -> NDArray[np.float32]:
        judged.extend(passages)
        began.set()
        assert go_on.wait(60)
        return judge(reranker, query, passages, task)

    monkeypatch.setattr(Qwen3Reranker, "score", held)
    kept = answers(window)
    window.page.rerank.click()
    assert began.wait(60)
    with qtbot.waitSignal(window.page.answered):  # while the reranker is still at its first passage
        qtbot.keyClicks(window.page.box, "s")
    go_on.set()
    window.page._bridge._judgements.close()  # waits for what is under way there
    assert len(judged) == 1
    assert [response.judged for response in kept] == [0]
    assert not window.page.rerank.isChecked()


def test_every_search_is_reranked_where_that_is_wanted_until_it_is_declined(qtbot: QtBot, window: MainWindow) -> None:
    kept = answers(window)
    window.page.search.reranks_always = True
    window.page.box.setText("weather reports")
    qtbot.waitUntil(lambda: [response.judged for response in kept] == [0, 6])
    with qtbot.waitSignal(window.page.answered):
        window.page.rerank.click()
    assert not window.page.search._settling.isActive()
    assert not window.page.rerank.isChecked()


def test_without_a_reranker_the_order_stays_and_the_window_says_why(
    qtbot: QtBot, reports: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    bridge = Bridge()
    window = MainWindow(bridge)
    qtbot.addWidget(window)
    window.show()
    bridge.open(lambda: Engine.open(reports))
    with qtbot.waitSignal(window.page.answered):
        window.page.box.setText("weather report")
    before = names(window)
    with qtbot.waitSignal(window.page.answered):
        window.page.rerank.click()
    assert names(window) == before
    assert not window.page.rerank.isChecked()
    assert "There is no reranker" in window.page._notice.text()
    window.close_workers()
    bridge.close()


def test_what_the_model_reads_is_shown(qtbot: QtBot, window: MainWindow) -> None:
    window.page.show_reading()
    reading = window.page.reading
    assert reading.isVisible()
    assert reading.text.toPlainText() == "weather report"
    assert reading.about.text() == "This model takes no instruction."
    assert not reading.task.isVisible()
    reading.close()
    window.page.search.clear()
    window.page.show_reading()
    assert not reading.isVisible()


def test_an_arrow_tells_the_place_before() -> None:
    path = Path("/a.txt")
    assert [moved(hit(path, rank=2, rank_before=before)) for before in (7, 1, 2, None)] == ["↑ 7", "↓ 1", "", ""]
    assert moved_sentence(hit(path, rank=2, rank_before=7)) == "Place 2, before reranking 7"
    assert "before reranking 7" in spoken(hit(path, rank=2, rank_before=7), datetime.now())


def test_an_instruction_can_be_changed_where_it_is_shown(qtbot: QtBot, window: MainWindow) -> None:
    reading = window.page.reading
    reading.show_for(
        EmbeddedQuery("a model", 64, Subject.MAIL, "Find mail", "Instruct: Find mail\nQuery:x"), window.page.box
    )
    reading.task.setText(" Find letters ")
    with qtbot.waitSignal(window.page.instructed) as told:
        reading.use.click()
    assert told.args == [Subject.MAIL, "Find letters"]
    assert not reading.isVisible()


def test_another_instruction_is_kept_and_counts_at_once(tmp_path: Path, qwen3_folder: Path) -> None:
    engine = Engine.open(tmp_path, Settings(model=str(qwen3_folder), device="cpu"))
    keep_instruction(tmp_path, engine, Subject.CODE, "Find code")
    embedded = engine.search(SearchRequest("boats kind:code")).embedded
    engine.close()
    assert load_options(tmp_path).options.indexing.task_code == "Find code"
    assert embedded and embedded.text == "Instruct: Find code\nQuery:boats"
