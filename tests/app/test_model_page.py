from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from app.model_page import ModelPage
from app.model_row import ModelChoice, ModelRow
from app.options import Options
from indexer.results import SpaceStatus
from indexer.settings import Settings
from model.precision import Precision
from model.registry import ModelKind

NAME = "some/model"
SLOW = """
import pathlib, sys, time
if sys.argv[3:] != ["models", "install", "some/model"]: sys.exit("cognate: wrong use")
partial = pathlib.Path(sys.argv[2], "models", ".some--model.partial")
partial.mkdir(parents=True)
(partial / "weights").write_bytes(bytes(600_000))
time.sleep(60)
"""
FAILS = "import sys; sys.exit('cognate: some/model could not be downloaded: is there a network?')"
WORKS = "import sys; sys.exit(sys.argv[3:] != ['models', 'install', 'some/model'])"


LISTS = """
import json, sys
if sys.argv[3:] != ["models", "list", "--json"]: sys.exit("cognate: wrong use")
record = {"name": "some/model", "download_bytes": 1_200_000, "memory_bytes": 2_000_000, "recommended": True}
print(json.dumps(record | {"fits": "reduced", "device": "A card, 8 GB"}))
"""


def page(qtbot: QtBot, profile: Path, program: str) -> tuple[ModelPage, ModelRow]:
    made = ModelPage(Options(), profile, [sys.executable, "-c", program])
    qtbot.addWidget(made)
    made.show_models([ModelChoice(NAME, ModelKind.EMBEDDING, 1_200_000, is_installed=False)])
    made.show()
    return made, made.rows[NAME]


def test_an_installed_model_is_chosen_at_once(qtbot: QtBot, tmp_path: Path) -> None:
    made, row = page(qtbot, tmp_path, WORKS)
    qtbot.mouseClick(row.action, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(row.radio.isChecked)
    assert row.about.text() == "Installed"
    assert not row.action.isVisible()
    assert not made.rows["built-in"].radio.isChecked()
    assert made.chosen(Options().indexing).model == NAME


def test_a_download_that_fails_says_why_and_can_be_tried_again(qtbot: QtBot, tmp_path: Path) -> None:
    _, row = page(qtbot, tmp_path, FAILS)
    qtbot.mouseClick(row.action, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "network" in row.about.text())
    assert not row.about.text().startswith("cognate:")
    assert row.action.text() == "Install"
    assert not row.radio.isEnabled()


def test_a_download_tells_its_progress_and_can_be_cancelled(qtbot: QtBot, tmp_path: Path) -> None:
    _, row = page(qtbot, tmp_path, SLOW)
    qtbot.mouseClick(row.action, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: row.about.text().startswith("60"))
    qtbot.mouseClick(row.action, Qt.MouseButton.LeftButton)
    assert row.action.text() == "Install"
    assert "to download" in row.about.text()


def test_closing_the_page_stops_the_download(qtbot: QtBot, tmp_path: Path) -> None:
    made, row = page(qtbot, tmp_path, SLOW)
    row.action.click()
    qtbot.waitUntil((tmp_path / "models/.some--model.partial/weights").exists)
    made.close_downloads()
    assert not made._downloads


def test_a_program_that_cannot_be_started_is_told(qtbot: QtBot, tmp_path: Path) -> None:
    made = ModelPage(Options(), tmp_path, [str(tmp_path / "gone")])
    qtbot.addWidget(made)
    made.show_models([ModelChoice(NAME, ModelKind.EMBEDDING, 1_200_000, is_installed=False)])
    row = made.rows[NAME]
    row.action.click()
    qtbot.waitUntil(lambda: not made._downloads)
    assert "downloaded" not in row.about.text()


@pytest.mark.parametrize("is_installed", [True, False])
def test_a_model_of_ones_own_has_nothing_to_download(qtbot: QtBot, tmp_path: Path, is_installed: bool) -> None:
    made = ModelPage(Options(), tmp_path)
    qtbot.addWidget(made)
    made.show_models([ModelChoice("/models/mine", ModelKind.EMBEDDING, 0, is_installed)])
    row = made.rows["/models/mine"]
    assert row.radio.isEnabled() is is_installed
    assert row.action.isHidden()


def test_what_a_model_needs_is_told_with_what_is_there(qtbot: QtBot, tmp_path: Path) -> None:
    made, row = page(qtbot, tmp_path, LISTS)
    qtbot.waitUntil(row.advice.isVisible)
    assert made.machine.text() == "This computer: A card, 8 GB"
    assert "2.0 MB of memory" in row.needs.text()
    assert "8 or 4 bits" in row.needs.text()
    made.close_downloads()


def test_where_it_cannot_be_found_out_the_page_says_why(qtbot: QtBot, tmp_path: Path) -> None:
    made, row = page(qtbot, tmp_path, "import sys; sys.exit('no torch')")
    qtbot.waitUntil(lambda: made.machine.text() == "no torch")
    assert not row.advice.isVisible()
    made.close_downloads()


def test_the_choices_of_both_kinds_are_apart(qtbot: QtBot, tmp_path: Path) -> None:
    settings = Settings(model="mine", reranker="judge")
    made = ModelPage(Options(settings), tmp_path, [sys.executable, "-c", WORKS])
    qtbot.addWidget(made)
    assert made.chosen(settings) == settings
    made.show_models(
        [ModelChoice("mine", ModelKind.EMBEDDING, 0, True), ModelChoice("judge", ModelKind.RERANKER, 0, True)]
    )
    assert made.chosen(settings) == settings
    made.rows[""].radio.setChecked(True)
    assert made.chosen(settings) == Settings(model="mine", reranker="")


def test_a_folder_is_used_as_it_is_and_refused_when_it_is_no_model(qtbot: QtBot, tmp_path: Path) -> None:
    made, _ = page(qtbot, tmp_path / "profile", WORKS)
    folder = tmp_path / "mine"
    folder.mkdir()
    made.add_folder(folder)
    assert str(folder) in made.problem.text()
    for name in ("config.json", "tokenizer.json", "model.safetensors"):
        (folder / name).write_text("{}")
    made.add_folder(folder)
    assert not made.problem.isVisible()
    assert made.chosen(Settings()).model == str(folder)
    made.close_downloads()


def test_a_model_is_removed(qtbot: QtBot, tmp_path: Path) -> None:
    folder = tmp_path / "models" / "some--model"
    folder.mkdir(parents=True)
    made = ModelPage(Options(), tmp_path, [sys.executable, "-c", WORKS])
    qtbot.addWidget(made)
    made.show_models([ModelChoice(NAME, ModelKind.EMBEDDING, 5, is_installed=True, can_be_removed=True)])
    row = made.rows[NAME]
    row.radio.setChecked(True)
    row.remove.click()
    qtbot.waitUntil(lambda: not folder.exists())
    qtbot.waitUntil(made.rows["built-in"].radio.isChecked)
    assert not row.radio.isEnabled()
    assert not row.action.isHidden()
    made.close_downloads()


def test_each_space_tells_how_far_it_is(qtbot: QtBot, tmp_path: Path) -> None:
    made = ModelPage(Options(), tmp_path)
    qtbot.addWidget(made)
    old = SpaceStatus("built-in", 384, 200, 200, active=True, size_bytes=153_600, id=1)
    new = SpaceStatus("some/model", 1024, 50, 200, active=False, size_bytes=102_400, eta_seconds=600, id=2)
    other = replace(new, precision=Precision.FOUR, document_task="Find it", eta_seconds=None, is_kept=True, id=3)
    made.spaces.show_spaces([old, new, other])
    rows = made.spaces.spaces
    assert rows[1].facts.text() == "answers searches · 100 % of 200 passages · 153.6 kB"
    assert "25 % of 200 passages · 102.4 kB · 10 minute(s) left" in rows[2].facts.text()
    assert "102.4 kB · weights: 4-bit · instruction: Find it" in rows[3].facts.text()
    assert [row.share.isHidden() for row in rows.values()] == [True, False, True]
    whole = replace(new, chunks=200, active=True, eta_seconds=None)
    made.spaces.show_spaces([replace(old, active=False, is_kept=True), whole])
    assert rows[1].facts.text().startswith("kept, to go back to at no cost")
    made.spaces.show_spaces([whole])
    assert list(rows) == [2]


def test_a_space_that_is_kept_can_be_deleted(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = ModelPage(Options(), tmp_path)
    qtbot.addWidget(made)
    used = SpaceStatus("some/model", 1024, 50, 50, active=True, id=1)
    made.spaces.show_spaces([used, replace(used, active=False, is_kept=True, size_bytes=102_400, id=2)])
    rows, asked = made.spaces.spaces, []
    assert [row.delete.isHidden() for row in rows.values()] == [True, False]

    def answer(reply: QMessageBox.StandardButton) -> None:
        monkeypatch.setattr(QMessageBox, "question", lambda *said: asked.append(said[-1]) or reply)

    answer(QMessageBox.StandardButton.No)
    with qtbot.assertNotEmitted(made.spaces.delete_requested):
        rows[2].delete.click()
    assert "Delete 102.4 kB of vectors?" in asked[0]
    answer(QMessageBox.StandardButton.Yes)
    with qtbot.waitSignal(made.spaces.delete_requested) as requested:
        rows[2].delete.click()
    assert requested.args == [2]
