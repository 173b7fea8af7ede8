from __future__ import annotations

import configparser
import plistlib
import shlex
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialogButtonBox, QMessageBox
from pytestqt.qtbot import QtBot

from app import autostart
from app.ocr_choice import language_name
from app.options import AppOptions, LoadedOptions, Options, Theme, load_options, save_options
from app.preferences import Preferences
from indexer.instructions import DEFAULTS
from indexer.results import Subject
from indexer.settings import Settings
from model.precision import Precision


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path / "config"


def dialog(qtbot: QtBot, profile: Path) -> Preferences:
    made = Preferences(profile, load_options(profile))
    qtbot.addWidget(made)
    made.show()
    return made


def write(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"{}")


def press_save(made: Preferences) -> None:
    made.buttons.button(QDialogButtonBox.StandardButton.Save).click()


def test_what_is_chosen_is_stored_and_told(qtbot: QtBot, tmp_path: Path) -> None:
    for name in ("config.json", "tokenizer.json", "model.safetensors"):
        write(tmp_path / "models/some--model" / name)
    made = dialog(qtbot, tmp_path)
    qtbot.waitUntil(lambda: "some/model" in made.model.rows)
    made.general.theme.setCurrentText("Dark")
    made.general.language.setCurrentText("中文")
    made.general.in_tray.setChecked(True)
    made.general.shortcut.clear()
    made.indexing.exclude.setPlainText("*.iso\n\n  /Archive/ \n")
    made.indexing.gitignore.setChecked(False)
    made.indexing.largest.setValue(12)
    made.indexing.under_load.setChecked(False)
    made.model.rows["some/model"].radio.setChecked(True)
    made.search.always.setChecked(True)
    made.search.tasks[Subject.CODE].setText("Find code")
    made.search.tasks[Subject.MAIL].setText(DEFAULTS[Subject.MAIL])
    with qtbot.waitSignal(made.saved) as saved:
        press_save(made)
    expected = Options(
        replace(
            Settings(),
            model="some/model",
            task_code="Find code",
            exclude=("*.iso", "/Archive/"),
            use_gitignore=False,
            max_file_bytes=12 * 2**20,
        ),
        AppOptions(
            theme=Theme.DARK, language="zh", start_in_tray=True, shortcut="", pause_under_load=False, rerank=True
        ),
    )
    assert saved.args == [expected]
    assert load_options(tmp_path).options == expected
    assert not made.isVisible()


def test_saving_without_a_change_changes_nothing(qtbot: QtBot, tmp_path: Path) -> None:
    before = Options(Settings(max_file_bytes=1234, model="gone/model"), AppOptions(language="en", rerank=True))
    save_options(tmp_path, before)
    text = (tmp_path / "settings.toml").read_text()
    made = dialog(qtbot, tmp_path)
    with qtbot.waitSignal(made.saved) as saved:
        press_save(made)
    assert saved.args == [before]
    assert (tmp_path / "settings.toml").read_text() == text


def test_a_model_has_to_be_installed_before_it_is_chosen(qtbot: QtBot, tmp_path: Path) -> None:
    made = dialog(qtbot, tmp_path)
    qtbot.waitUntil(lambda: not all(row.model.is_installed for row in made.model.rows.values()))
    row = next(row for row in made.model.rows.values() if not row.model.is_installed)
    assert not row.radio.isEnabled()
    assert not row.action.isHidden()
    assert "to download" in row.about.text()
    assert made.model.rows["built-in"].radio.isChecked()


def test_a_model_that_would_take_long_is_asked_about_before_it_is_stored(
    qtbot: QtBot, tmp_path: Path, qwen3_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.preferences.LONG_SECONDS", 0)
    monkeypatch.setattr("model.estimate.MEASURED_SECONDS", 0.1)
    save_options(tmp_path, Options(Settings(device="cpu")))
    made = Preferences(tmp_path, load_options(tmp_path), passages=500)
    qtbot.addWidget(made)
    made.show()
    made.model.add_folder(qwen3_folder)
    asked: list[str] = []

    def answer(reply: QMessageBox.StandardButton) -> None:
        monkeypatch.setattr(QMessageBox, "question", lambda *said: asked.append(said[-1]) or reply)

    answer(QMessageBox.StandardButton.No)
    press_save(made)
    qtbot.waitUntil(lambda: made.buttons.isEnabled(), timeout=60_000)
    assert asked[0].startswith(f"Without a graphics card, {qwen3_folder} reads about ")
    assert load_options(tmp_path).options.indexing.model == "built-in"
    answer(QMessageBox.StandardButton.Yes)
    with qtbot.waitSignal(made.saved, timeout=60_000):
        press_save(made)
    assert load_options(tmp_path).options.indexing.model == str(qwen3_folder)


def test_fewer_bits_are_measured_like_another_model(
    qtbot: QtBot, tmp_path: Path, qwen3_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("model.estimate.MEASURED_SECONDS", 0.1)
    save_options(tmp_path, Options(Settings(model=str(qwen3_folder), device="cpu")))
    made = dialog(qtbot, tmp_path)
    made.model.running.precision.setCurrentIndex(made.model.running.precision.findData(Precision.FOUR.value))
    with qtbot.waitSignal(made.saved, timeout=60_000):
        press_save(made)
        assert made.problem.text().startswith("Measuring how fast")
    assert load_options(tmp_path).options.indexing.precision is Precision.FOUR


def test_cancel_stores_nothing(qtbot: QtBot, tmp_path: Path) -> None:
    made = dialog(qtbot, tmp_path)
    made.general.theme.setCurrentText("Dark")
    made.buttons.button(QDialogButtonBox.StandardButton.Cancel).click()
    assert not (tmp_path / "settings.toml").exists()


def test_a_pattern_that_can_match_nothing_is_named(qtbot: QtBot, tmp_path: Path) -> None:
    made = dialog(qtbot, tmp_path)
    made.indexing.exclude.setPlainText("*.iso\n# a remark\n[z-a")
    press_save(made)
    assert "[z-a" in made.problem.text()
    assert made.problem.isVisible()
    assert made.isVisible()
    assert not (tmp_path / "settings.toml").exists()


def test_bad_values_of_the_file_are_named(qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text('[app]\ntheme = "blue"\n')
    made = dialog(qtbot, tmp_path)
    assert "blue" in made.problem.text()
    assert made.problem.isVisible()


def test_a_profile_that_cannot_be_written_keeps_the_dialog_open(qtbot: QtBot, tmp_path: Path) -> None:
    made = Preferences(tmp_path / "gone", LoadedOptions(Options()))
    qtbot.addWidget(made)
    made.show()
    made.general.in_tray.setChecked(True)
    press_save(made)
    qtbot.waitUntil(made.problem.isVisible)
    assert "gone" in made.problem.text()
    assert made.buttons.isEnabled()


def test_starting_at_login_is_switched_on_and_off(qtbot: QtBot, tmp_path: Path, config: Path) -> None:
    entry = config / "autostart" / "cognate.desktop"
    made = dialog(qtbot, tmp_path)
    made.general.at_login.setChecked(True)
    with qtbot.waitSignal(made.saved):
        press_save(made)
    assert f"--profile {tmp_path}" in entry.read_text()
    made = dialog(qtbot, tmp_path)
    assert made.general.at_login.isChecked()
    made.general.at_login.setChecked(False)
    with qtbot.waitSignal(made.saved):
        press_save(made)
    assert not entry.exists()


def test_the_autostart_entry_survives_any_path(tmp_path: Path) -> None:
    command = ['/opt/my $apps/100%/cog"na`te\\x', "--profile", "/home/ada/ü"]
    parser = configparser.RawConfigParser()
    parser.read_string(autostart.desktop_entry(command).decode())
    value = parser["Desktop Entry"]["exec"].replace("\\\\", "\\")  # a string of the file
    assert [word.replace("%%", "%") for word in shlex.split(value.replace("\\$", "$").replace("\\`", "`"))] == command


def test_the_launch_agent_names_the_command() -> None:
    agent = plistlib.loads(autostart.launch_agent(["/Applications/Cognate", "--profile", "/a b"]))
    assert agent["ProgramArguments"] == ["/Applications/Cognate", "--profile", "/a b"]
    assert agent["RunAtLoad"] is True


def test_the_arrow_keys_turn_the_pages_from_the_start(qtbot: QtBot, tmp_path: Path) -> None:
    made = dialog(qtbot, tmp_path)
    with qtbot.waitActive(made):
        made.activateWindow()
    assert made.general.isVisible()
    qtbot.keyClick(made.focusWidget(), Qt.Key.Key_Right)
    assert made.indexing.isVisible()


@pytest.mark.parametrize(("code", "name"), [("eng", "English"), ("spa", "Español"), ("fra", "Français")])
def test_a_language_that_can_be_recognised_is_named_without_a_country(code: str, name: str) -> None:
    assert language_name(code) == name
