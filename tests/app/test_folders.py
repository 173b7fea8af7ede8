from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QMessageBox, QWidget
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from app.bridge import Bridge
from app.file_list import PAGE, Column, FileFilter, FileModel
from app.folder_list import FolderModel
from app.folders import FoldersWindow
from indexer.engine import Engine
from indexer.results import Activity, Explanation, FileRow, FileState, FolderRow, FolderState
from tests.app.still_engine import IDLE, StillEngine

HOME = Path("/library")
REASON = "it is encrypted: save it without a password"
FOLDERS = [
    FolderRow(HOME / "letters", FolderState.WATCHED, "", {FileState.INDEXED: 2, FileState.FAILED: 1}),
    FolderRow(HOME / "share", FolderState.POLLED, "too many watches: raise the limit", {FileState.INDEXED: 7}),
]


def row(path: Path, state: FileState = FileState.INDEXED, reason: str = "") -> FileRow:
    return FileRow(path, state, reason, 1200, 1_700_000_000.0, 3)


FILES = [
    row(HOME / "letters/aunt.odt"),
    row(HOME / "letters/bank.pdf", FileState.FAILED, REASON),
    row(HOME / "letters/cousin.odt"),
    row(HOME / "share/plan.md", FileState.QUEUED),
]


@pytest.fixture
def engine() -> StillEngine:
    return StillEngine(FOLDERS, FILES)


@pytest.fixture
def bridge(qtbot: QtBot, engine: StillEngine) -> Iterator[Bridge]:
    bridge = Bridge()
    with qtbot.waitSignal(bridge.opened):
        bridge.open(lambda: cast(Engine, engine))
    yield bridge
    bridge.close()


@pytest.fixture
def window(qtbot: QtBot, bridge: Bridge) -> FoldersWindow:
    window = FoldersWindow(bridge)
    qtbot.addWidget(window)
    with qtbot.waitSignal(window.files.model.loaded):
        window.open()
    qtbot.waitUntil(lambda: window.folders.rowCount() == len(FOLDERS))
    return window


def names(window: FoldersWindow) -> list[str]:
    model = window.files.model
    return [model.row(number).path.name for number in range(model.rowCount())]


def drop(widget: QWidget, *paths: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    keys = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    enter = QDragEnterEvent(QPoint(5, 5), *keys)
    QGuiApplication.sendEvent(widget, enter)
    assert enter.isAccepted()
    QGuiApplication.sendEvent(widget, QDropEvent(QPointF(5, 5), *keys))


def entry(window: FoldersWindow, text: str) -> None:
    (action,) = (each for each in window.files.menu(window.files.selected()).actions() if each.text() == text)
    action.trigger()


def test_the_folder_model_is_a_model(qtmodeltester: ModelTester) -> None:
    model = FolderModel()
    model.show(FOLDERS)
    qtmodeltester.check(model)
    model.show(FOLDERS[:1])
    qtmodeltester.check(model)


def test_the_file_model_is_a_model_and_loads_page_by_page(
    qtbot: QtBot, qtmodeltester: ModelTester, engine: StillEngine, bridge: Bridge
) -> None:
    engine.rows = [row(HOME / f"{number:04}.txt") for number in range(PAGE + 20)]
    model = FileModel(bridge)
    qtmodeltester.check(model)
    with qtbot.waitSignal(model.loaded):
        model.show(FileFilter())
    assert model.rowCount() == PAGE
    qtmodeltester.check(model)
    if model.rowCount() == PAGE and model.canFetchMore(model.index(-1, -1)):
        model.fetchMore(model.index(-1, -1))
    qtbot.waitUntil(lambda: model.rowCount() == PAGE + 20)
    assert not model.canFetchMore(model.index(-1, -1))
    assert model.row(PAGE + 19).path.name == f"{PAGE + 19:04}.txt"


def test_a_folder_tells_how_it_is_watched_what_is_in_it_and_the_remedy(window: FoldersWindow) -> None:
    spoken = [
        window.folders.data(window.folders.index(number), Qt.ItemDataRole.AccessibleTextRole) for number in range(2)
    ]
    assert spoken[0].endswith("Watched · 2 indexed · 1 failed")
    assert spoken[1].endswith("Checked from time to time · 7 indexed, too many watches: raise the limit")


def test_the_engine_is_never_asked_in_the_gui_thread(window: FoldersWindow, engine: StillEngine) -> None:
    assert engine.threads
    assert threading.get_ident() not in engine.threads


def test_every_file_has_its_state_and_the_reason(window: FoldersWindow) -> None:
    model = window.files.model
    shown = [str(model.index(1, column).data()) for column in (Column.NAME, Column.STATE, Column.REASON, Column.CHUNKS)]
    assert shown == ["bank.pdf", "Failed", REASON, "3"]


def test_choosing_a_folder_shows_its_files_alone(qtbot: QtBot, window: FoldersWindow) -> None:
    window.view.setCurrentIndex(window.folders.index(1))
    qtbot.waitUntil(lambda: names(window) == ["plan.md"])
    qtbot.mouseClick(window.files.all, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(names(window)) == len(FILES))
    window.view.setCurrentIndex(window.folders.index(1))
    qtbot.waitUntil(lambda: names(window) == ["plan.md"])
    qtbot.keyClick(window.view, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: len(names(window)) == len(FILES))
    assert not window.files.all.isVisible()


def test_a_folders_note_is_shown_as_a_whole_and_can_be_copied(qtbot: QtBot, window: FoldersWindow) -> None:
    plain, noted = (window.view.sizeHintForIndex(window.folders.index(number)).height() for number in range(2))
    assert noted > plain
    window.view.setCurrentIndex(window.folders.index(1))
    row = window.view.current_row()
    assert row is not None
    (action,) = (each for each in window.menu(row).actions() if each.text() == "Copy note")
    action.trigger()
    assert QGuiApplication.clipboard().text() == FOLDERS[1].note


def test_files_are_filtered_by_state_and_name(qtbot: QtBot, window: FoldersWindow) -> None:
    window.files.state.setCurrentText("Failed")
    qtbot.waitUntil(lambda: names(window) == ["bank.pdf"])
    window.files.state.setCurrentIndex(0)
    qtbot.keyClicks(window.files.name, "COUS")
    qtbot.waitUntil(lambda: names(window) == ["cousin.odt"])
    qtbot.keyClicks(window.files.name, "x")
    qtbot.waitUntil(lambda: window.files.empty.isVisible())
    assert window.files.empty.text() == "No file passes the filter"


def test_selected_files_are_tried_again(qtbot: QtBot, window: FoldersWindow, engine: StillEngine) -> None:
    assert not window.files.retry.isEnabled()
    window.files.table.selectAll()
    qtbot.mouseClick(window.files.retry, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: engine.retried == [each.path for each in FILES])


def test_a_file_can_be_opened_shown_and_its_reason_copied(qtbot: QtBot, window: FoldersWindow) -> None:
    window.files.table.selectRow(1)
    with qtbot.waitSignal(window.open_requested) as opened:
        entry(window, "Open")
    with qtbot.waitSignal(window.reveal_requested) as revealed:
        entry(window, "Show in folder")
    assert opened.args == revealed.args == [FILES[1].path]
    entry(window, "Copy reason")
    assert QGuiApplication.clipboard().text() == REASON
    entry(window, "Copy path")
    assert QGuiApplication.clipboard().text() == str(FILES[1].path)


def test_a_selection_outlives_files_that_come_and_go(qtbot: QtBot, window: FoldersWindow, engine: StillEngine) -> None:
    window.files.table.selectRow(1)
    engine.rows = [row(HOME / "letters/aaa.txt"), *FILES]
    window.reload()
    qtbot.waitUntil(lambda: "aaa.txt" in names(window))
    assert [each.path.name for each in window.files.selected()] == ["bank.pdf"]


def test_the_window_follows_what_is_indexed(qtbot: QtBot, window: FoldersWindow, engine: StillEngine) -> None:
    engine.rows = FILES[:1]
    engine.become(replace(IDLE, activity=Activity.INDEXING, files={FileState.INDEXED: 9}))
    qtbot.waitUntil(lambda: names(window) == ["aunt.odt"])


def test_a_folder_dropped_on_the_window_is_watched(qtbot: QtBot, window: FoldersWindow) -> None:
    drop(window, HOME / "new")
    qtbot.waitUntil(lambda: window.folders.row_of(HOME / "new") >= 0)


def test_a_folder_that_is_refused_says_why(qtbot: QtBot, window: FoldersWindow, engine: StillEngine) -> None:
    engine.problem = "/library/letters/old lies in /library/letters, which is watched"
    window.add_folder(HOME / "letters/old")
    qtbot.waitUntil(window.notice.isVisible)
    assert window.notice.text() == engine.problem


def test_a_folder_is_forgotten_only_after_a_question(qtbot: QtBot, window: FoldersWindow, engine: StillEngine) -> None:
    assert not window.remove.isEnabled()
    window.view.setCurrentIndex(window.folders.index(0))
    qtbot.mouseClick(window.remove, Qt.MouseButton.LeftButton)
    (box,) = window.findChildren(QMessageBox)
    assert "letters" in box.text()
    assert "files stay" in box.informativeText()
    assert box.defaultButton() is box.button(QMessageBox.StandardButton.Cancel)
    assert len(engine.folder_rows) == 2
    (stop,) = (button for button in box.buttons() if box.buttonRole(button) is QMessageBox.ButtonRole.AcceptRole)
    stop.click()
    qtbot.waitUntil(lambda: window.folders.rowCount() == 1)
    assert not window.remove.isEnabled()


def test_escape_closes_the_window(qtbot: QtBot, window: FoldersWindow) -> None:
    qtbot.keyClick(window.why.path, Qt.Key.Key_Escape)
    assert not window.isVisible()


def test_a_file_whose_name_is_no_text_can_be_asked_about(
    qtbot: QtBot, window: FoldersWindow, engine: StillEngine
) -> None:
    odd = HOME / "caf\udce9.txt"
    engine.rows = [row(odd)]
    window.reload()
    qtbot.waitUntil(lambda: names(window) == [odd.name])
    assert window.files.model.index(0, Column.NAME).data() == "caf\ufffd.txt"
    engine.explanation = Explanation(HOME, FileState.INDEXED, "", 0, None, None, None, None)
    with qtbot.waitSignal(window.why.answered):
        window.why.ask_about(odd)
    assert engine.asked == odd


@pytest.mark.parametrize(
    ("explanation", "query", "expected"),
    [
        (Explanation(HOME, None, REASON, 0, None, None, None, None), "", ["bank.pdf” is not indexed", REASON]),
        (Explanation(HOME, FileState.FAILED, REASON, 0, None, None, None, None), "", ["bank.pdf: Failed", REASON]),
        (Explanation(HOME, FileState.QUEUED, "", 0, 4, None, None, None), "", ["Queued", "queue is 4"]),
        (
            Explanation(HOME, FileState.INDEXED, "", 5, None, 2, None, 1),
            "rent",
            ["Indexed", "5 passage", "“rent” it is result 2 (by words: –, by meaning: 1)"],
        ),
        (Explanation(HOME, FileState.INDEXED, "", 5, None, None, None, None), "rent", ["not among the first"]),
    ],
)
def test_a_dropped_file_is_explained(
    qtbot: QtBot, window: FoldersWindow, engine: StillEngine, explanation: Explanation, query: str, expected: list[str]
) -> None:
    engine.explanation = explanation
    window.why.query.setText(query)
    with qtbot.waitSignal(window.why.answered):
        drop(window.why, FILES[1].path)
    said = f"{window.why.verdict.text()}\n{window.why.answer.text()}"
    assert all(part in said for part in expected), said
