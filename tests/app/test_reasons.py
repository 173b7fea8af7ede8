from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from app.reasons import FIELD, PATTERNS, problem_text, reason_text, warning_text
from app.translation import Translation
from indexer.errors import DocumentError, StoreError

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def chinese(qapp: QApplication) -> Iterator[None]:
    translation = Translation(qapp, "zh")
    yield
    translation.remove()


def example(pattern: str) -> str:
    return FIELD.sub(lambda field: f"<{field[1]}>", pattern)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_known_reason_is_translated_with_its_values(chinese: None, pattern: str) -> None:
    said = reason_text(example(pattern))
    assert re.search("[\u4e00-\u9fff]", said)
    assert sorted(re.findall("<\\w+>", said)) == sorted(re.findall("<\\w+>", example(pattern)))


@pytest.mark.parametrize("pattern", PATTERNS)
def test_in_english_a_reason_stays_as_it_is(qapp: QApplication, pattern: str) -> None:
    assert reason_text(example(pattern)) == example(pattern)


def test_an_unknown_reason_is_shown_as_it_is(chinese: None) -> None:
    assert reason_text("the moon is {full}") == "the moon is {full}"
    assert reason_text("") == ""


def test_a_reason_within_a_reason_is_translated_too(chinese: None) -> None:
    said = reason_text('Its folder /a/{b} is left out: excluded by "*.iso" in the settings')
    assert "Its folder" not in said
    assert "excluded" not in said
    assert "/a/{b}" in said


def test_a_problem_names_its_file(chinese: None) -> None:
    assert problem_text(DocumentError(Path("/a/b.pdf"), "is protected with a password")) == "/a/b.pdf: 受密码保护"
    assert problem_text(FileNotFoundError(2, "No such file", "/a/b")) == "/a/b: No such file"
    assert problem_text(StoreError("/a: this folder is watched already.")) == "/a：此文件夹已在监视中。"


def sentences(node: ast.AST) -> Iterator[str]:
    """Texts of a piece of code, with 7 where a value is filled in."""
    if isinstance(node, ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else "7" for part in node.values)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    for child in () if isinstance(node, ast.JoinedStr) else ast.iter_child_nodes(node):
        yield from sentences(child)


def test_a_warning_about_a_folder_is_translated_behind_its_name(chinese: None, tmp_path: Path) -> None:
    note = "it can't be read now (its share does not answer); what was indexed in it is kept until it can be read again"
    shown = warning_text(f"{tmp_path / 'a; b'}: {note}")
    assert shown.startswith(f"{tmp_path / 'a; b'}: 目前无法读取") and "没有响应" in shown
    assert warning_text("paused by you") == reason_text("paused by you") != "paused by you"


def test_what_the_engine_says_of_documents_and_searches_is_translated(chinese: None) -> None:
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in (ROOT / "indexer").rglob("*.py")]
    calls = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]
    names = ("DocumentError", "SearchResponse")
    said = {text for call in calls if getattr(call.func, "id", "") in names for text in sentences(call)}
    assert len(said) > 20
    assert not [text for text in said if " " in text and text[0] != "," and reason_text(text) == text]


def test_what_is_found_of_a_server_is_translated(chinese: None) -> None:
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in (ROOT / "model" / "remote").rglob("*.py")]
    calls = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]
    findings = [call for call in calls if getattr(call.func, "id", "") == "Finding"]
    said = {text for call in findings for argument in call.args[2:] for text in sentences(argument)}
    assert len(said) > 15
    assert not [text for text in said if text.endswith(".") and reason_text(text) == text]


def texts_of_the_engine() -> str:
    files = [path for room in ("model", "indexer", "app") for path in (ROOT / room).rglob("*.py")]
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in files if path.name != "reasons.py"]
    constants = (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return "\n".join(node.value for node in constants if isinstance(node.value, str))


def test_the_reasons_are_those_of_the_engine() -> None:
    """A reason that the engine words differently now must be worded so here, too."""
    texts = texts_of_the_engine()
    parts = {part.strip(' ".:)(') for pattern in PATTERNS for part in FIELD.split(pattern)[::2]}
    assert not [part for part in parts if len(part) > 10 and part not in texts]  # shorter ones are put together
