from __future__ import annotations

import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QApplication, QDialogButtonBox
from pytestqt.qtbot import QtBot

from app.translation import FOLDER, Translation
from app.wording import Wording
from indexer.results import FileState

ROOT = Path(__file__).parent.parent.parent
PLACEHOLDER = re.compile(r"\{\w*\}|%Ln|%n")
SOURCES = sorted(FOLDER.glob("*.ts"))
Message = tuple[str, str, list[str], bool]  # context, source, forms of the translation, whether it is done


def messages(path: Path) -> Iterator[Message]:
    for context in ElementTree.parse(path).getroot().iter("context"):
        for message in context.iter("message"):
            translation = message.find("translation")
            assert translation is not None
            forms = [form.text or "" for form in translation.findall("numerusform")] or [translation.text or ""]
            is_done = translation.get("type") is None and all(forms)
            yield context.findtext("name", ""), message.findtext("source", ""), forms, is_done


def tool(name: str, *arguments: str | Path) -> None:
    program = shutil.which(f"pyside6-{name}", path=str(Path(sys.executable).parent))
    assert program
    subprocess.run([program, "-silent", *map(str, arguments)], check=True, capture_output=True)


@pytest.fixture
def speak(qapp: QApplication) -> Iterator[type[Translation]]:
    made: list[Translation] = []

    class Recorded(Translation):
        def __init__(self, language: str) -> None:
            super().__init__(qapp, language)
            made.append(self)

    yield Recorded
    for translation in made:
        translation.remove()


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_every_text_is_translated(path: Path) -> None:
    assert not [(context, source) for context, source, _, is_done in messages(path) if not is_done]


def test_every_text_of_the_program_is_known(tmp_path: Path) -> None:
    """What fails here is mended by packaging/translate.sh and a translation of what it adds."""
    fresh = tmp_path / "cognate_zh_CN.ts"
    tool("lupdate", "-no-obsolete", "-locations", "none", *sorted((ROOT / "app").rglob("*.py")), "-ts", fresh)
    known = {message[:2] for message in messages(FOLDER / fresh.name)}
    assert {message[:2] for message in messages(fresh)} == known


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_translations_keep_what_is_filled_in(path: Path) -> None:
    for _, source, forms, _ in messages(path):
        for form in forms:
            assert sorted(PLACEHOLDER.findall(form)) == sorted(PLACEHOLDER.findall(source)), form


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_the_compiled_translation_is_the_latest(path: Path, tmp_path: Path) -> None:
    fresh = tmp_path / "fresh.qm"
    tool("lrelease", path, "-qm", fresh)
    assert fresh.read_bytes() == path.with_suffix(".qm").read_bytes()


def test_chinese_reaches_the_programs_texts_and_those_of_qt(qtbot: QtBot, speak: type[Translation]) -> None:
    assert speak("zh").is_translated
    assert Wording().file_state(FileState.INDEXED) == "已索引"
    assert Wording().files(3) == "3 个文件"
    box = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
    qtbot.addWidget(box)
    assert box.button(QDialogButtonBox.StandardButton.Cancel).text() == "取消"
    assert QLocale().language() is QLocale.Language.Chinese


def test_english_has_its_plural_forms(speak: type[Translation]) -> None:
    speak("en")
    assert Wording().files(1) == "1 file"
    assert Wording().files(1200) == "1,200 files"


def test_a_language_without_translation_is_english(speak: type[Translation]) -> None:
    speak("tlh")
    assert Wording().files(2) == "2 files"
    assert Wording().file_state(FileState.FAILED) == "Failed"
