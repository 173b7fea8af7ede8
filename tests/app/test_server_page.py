from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from app.server_page import ServerPage, ServerRow
from tests.model.quirky_server import QuirkyServer


@pytest.fixture
def page(qtbot: QtBot, tmp_path: Path) -> Iterator[ServerPage]:
    made = ServerPage(tmp_path)
    qtbot.addWidget(made)
    made.show()
    yield made
    made.close_tasks()


@pytest.fixture
def served() -> Iterator[QuirkyServer]:
    with QuirkyServer() as server:
        yield server


def test_a_server_is_connected_checked_and_removed(qtbot: QtBot, page: ServerPage, served: QuirkyServer) -> None:
    page.address.setText(served.url)
    with qtbot.waitSignal(page.changed):
        qtbot.mouseClick(page.connect_button, Qt.MouseButton.LeftButton)
    assert "✓ It pools the last token." in page.result.text()
    qtbot.waitUntil(lambda: len(page.findChildren(ServerRow)) == 1)
    served.pooling = "mean"
    page.findChildren(ServerRow)[0].check.click()
    qtbot.waitUntil(lambda: "✗ It pools the mean" in page.result.text())
    with qtbot.waitSignal(page.changed):
        page.findChildren(ServerRow)[0].remove.click()
    qtbot.waitUntil(lambda: not page.findChildren(ServerRow))


def test_a_fault_is_shown_and_the_server_connected_only_on_purpose(
    qtbot: QtBot, page: ServerPage, served: QuirkyServer
) -> None:
    served.terminator = ""
    page.address.setText(served.url)
    page.connect_button.click()
    qtbot.waitUntil(page.anyway.isVisible)
    assert "✗ It puts no <|endoftext|>" in page.result.text()
    with qtbot.waitSignal(page.changed):
        page.anyway.click()


def test_what_is_no_address_is_told_and_the_page_goes_on(qtbot: QtBot, page: ServerPage) -> None:
    page.address.setText("ftp://nowhere")
    page.connect_button.click()
    qtbot.waitUntil(lambda: "is no address" in page.result.text())
    assert page.isEnabled()


def test_the_command_that_starts_a_server_is_ready_to_be_copied(page: ServerPage) -> None:
    page.kind.setCurrentIndex(page.kind.findData("llama.cpp"))
    assert page.command.text().startswith("llama-server -hf Qwen/Qwen3-Embedding-0.6B-GGUF:Q8_0 --embeddings")
    page.reranker.setChecked(True)
    assert "--reranking" in page.command.text()
    page.kind.setCurrentIndex(page.kind.findData("ollama"))
    assert not page.copy.isEnabled()
    assert page.key.echoMode() is QLineEdit.EchoMode.Password
