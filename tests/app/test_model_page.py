from __future__ import annotations

import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.model_page import ModelChoice, ModelPage, ModelRow
from app.options import Options

NAME = "some/model"
SLOW = "import pathlib, sys, time; p = pathlib.Path(sys.argv[2], 'models', '.some--model.partial'); " + (
    "p.mkdir(parents=True); (p / 'weights').write_bytes(bytes(600_000)); time.sleep(60)"
)
FAILS = "import sys; sys.exit('cognate: some/model could not be downloaded: is there a network?')"
WORKS = "import sys; sys.exit(sys.argv[3:] != ['models', 'install', 'some/model'])"


def page(qtbot: QtBot, profile: Path, program: str) -> tuple[ModelPage, ModelRow]:
    made = ModelPage(Options(), profile, [sys.executable, "-c", program])
    qtbot.addWidget(made)
    made.show_models([ModelChoice(NAME, 1_200_000, is_installed=False)])
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
    made.show_models([ModelChoice(NAME, 1_200_000, is_installed=False)])
    row = made.rows[NAME]
    row.action.click()
    qtbot.waitUntil(lambda: not made._downloads)
    assert "downloaded" not in row.about.text()


@pytest.mark.parametrize("is_installed", [True, False])
def test_a_model_of_ones_own_has_nothing_to_download(qtbot: QtBot, tmp_path: Path, is_installed: bool) -> None:
    made = ModelPage(Options(), tmp_path)
    qtbot.addWidget(made)
    made.show_models([ModelChoice("/models/mine", 0, is_installed)])
    row = made.rows["/models/mine"]
    assert row.radio.isEnabled() is is_installed
    assert row.action.isHidden()
