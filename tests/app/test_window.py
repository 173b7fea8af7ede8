"""The main window before a real engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QObject, QPoint, QPointF, Qt, QUrl, Signal, Slot
from PySide6.QtGui import QCloseEvent, QDesktopServices, QDragEnterEvent, QDropEvent, QGuiApplication
from pytestqt.qtbot import QtBot

from app.bridge import Bridge
from app.remembered import load_state, save_state
from app.window import MainWindow, WindowState
from indexer.engine import Engine
from indexer.results import Status

CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
ALT = Qt.KeyboardModifier.AltModifier


def names(window: MainWindow) -> list[str]:
    return [hit.path.name for hit in window.page.model.hits]


def look_for(qtbot: QtBot, window: MainWindow, query: str) -> None:
    with qtbot.waitSignal(window.page.answered):
        window.page.box.setText(query)


def test_results_appear_while_typing(qtbot: QtBot, window: MainWindow) -> None:
    window.page.box.setFocus()
    qtbot.keyClicks(window.page.box, "kettle")
    qtbot.waitUntil(lambda: "boil.py" in names(window))
    assert window.page.search.wish.query == "kettle"


def test_an_empty_box_says_how_many_files_there_are(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.waitUntil(lambda: "ready to search" in window.page.empty._title.text())


def test_a_search_that_finds_nothing_says_so(qtbot: QtBot, window: MainWindow) -> None:
    look_for(qtbot, window, '"no such phrase anywhere"')
    assert window.page.empty.isVisible()
    assert window.page.empty._detail.text()
    assert window.page.current() is None


def test_a_query_that_cannot_be_understood_says_why(qtbot: QtBot, window: MainWindow) -> None:
    look_for(qtbot, window, "kind:unicorn")
    assert "unicorn" in window.page.empty._detail.text()


def test_escape_clears_and_then_leaves(qtbot: QtBot, window: MainWindow) -> None:
    look_for(qtbot, window, "harbour")
    window._escape()
    assert window.page.box.text() == ""
    assert window.page.empty.isVisible()
    window.has_tray = True
    window._escape()
    assert window.isHidden()


def test_down_goes_to_the_results_and_letters_back_to_the_box(qtbot: QtBot, window: MainWindow) -> None:
    look_for(qtbot, window, "harbou")
    window.activateWindow()
    qtbot.keyClick(window.page.box, Qt.Key.Key_Down)
    qtbot.waitUntil(window.page.results.hasFocus)
    qtbot.keyClicks(window.page.results, "r")
    assert window.page.box.text() == "harbour"
    qtbot.waitUntil(window.page.box.hasFocus)


def test_down_in_an_empty_box_offers_earlier_searches(qtbot: QtBot, window: MainWindow) -> None:
    window.page.box.set_history(["wells", "boats"])
    qtbot.keyClick(window.page.box, Qt.Key.Key_Down)
    assert window.page.box._completer.popup().isVisible()
    window.page.box._completer.popup().hide()


class Desktop(QObject):
    """Stands where the desktop opens files."""

    opened = Signal(QUrl)

    @Slot(QUrl)
    def open(self, url: QUrl) -> None:
        self.opened.emit(url)


@pytest.fixture
def desktop(qapp: object) -> Iterator[Desktop]:
    desktop = Desktop()
    QDesktopServices.setUrlHandler("file", desktop, "open")  # type: ignore[arg-type]
    yield desktop
    QDesktopServices.unsetUrlHandler("file")


def test_enter_opens_the_file_and_remembers_the_search(qtbot: QtBot, window: MainWindow, desktop: Desktop) -> None:
    look_for(qtbot, window, "kettle boil name:boil")
    with qtbot.waitSignal(desktop.opened) as opened:
        qtbot.keyClick(window.page.box, Qt.Key.Key_Return)
    assert opened.args is not None
    assert opened.args[0].toLocalFile().endswith("boil.py")
    assert window.page.box.history == ["kettle boil name:boil"]


def test_the_path_and_the_passage_can_be_copied(qtbot: QtBot, window: MainWindow) -> None:
    look_for(qtbot, window, "harbour name:boats")
    hit = window.page.current()
    assert hit is not None
    window._copy_path()
    assert QGuiApplication.clipboard().text() == str(hit.path)
    window.page.actions_on_hits.copy_passage(hit)
    assert QGuiApplication.clipboard().text() == hit.passage


def test_find_similar_shows_a_chip_and_escape_returns(qtbot: QtBot, window: MainWindow) -> None:
    look_for(qtbot, window, "harbour name:boats")
    with qtbot.waitSignal(window.page.answered):
        window._find_like_current()
    assert window.page.chip.isVisible()
    assert "boats.txt" in window.page.chip.text()
    assert "boats.txt" not in names(window)
    with qtbot.waitSignal(window.page.answered):
        window._escape()
    assert not window.page.chip.isVisible()
    assert window.page.box.text() == "harbour name:boats"
    assert "boats.txt" in names(window)


def test_the_box_gets_the_keys_when_the_list_goes_away(qtbot: QtBot, window: MainWindow) -> None:
    look_for(qtbot, window, "harbour")
    window.activateWindow()
    window.page.results.setFocus()
    qtbot.waitUntil(window.page.results.hasFocus)
    with qtbot.waitSignal(window.page.answered):
        window.page.search.filter("name:nowhere")
    assert window.page.current() is None
    qtbot.waitUntil(window.page.box.hasFocus)


def test_typing_leaves_what_is_similar(qtbot: QtBot, window: MainWindow) -> None:
    with qtbot.waitSignal(window.page.answered):
        window.find_similar_to_text("wells in the desert")
    assert window.page.chip.isVisible()
    look_for(qtbot, window, "kettle")
    assert not window.page.chip.isVisible()
    assert window.page.search.wish.like is None


def test_a_dropped_file_finds_similar_ones(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    path = tmp_path / "outside.txt"
    path.write_text("A harbour with sailing boats, wind and lamps at night.")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(9, 9), Qt.DropAction.CopyAction, data, buttons, keys)
    window.dragEnterEvent(enter)
    assert enter.isAccepted()
    assert window._drop_sign.isVisible()
    with qtbot.waitSignal(window.page.answered):
        window.dropEvent(QDropEvent(QPointF(9, 9), Qt.DropAction.CopyAction, data, buttons, keys))
    assert not window._drop_sign.isVisible()
    assert "outside.txt" in window.page.chip.text()


def test_the_clipboard_finds_similar_files(qtbot: QtBot, window: MainWindow) -> None:
    QGuiApplication.clipboard().setText("sailing boats in the harbour")
    with qtbot.waitSignal(window.page.answered):
        window._use_clipboard()
    assert "sailing boats" in window.page.chip.text()


def test_a_file_that_cannot_be_read_says_why(qtbot: QtBot, window: MainWindow) -> None:
    with qtbot.waitSignal(window.page.answered):
        window.find_similar(Path("/nowhere/gone.txt"))
    assert "gone.txt" in window.page.empty._detail.text()


def test_filters_narrow_the_search(qtbot: QtBot, window: MainWindow) -> None:
    look_for(qtbot, window, "harbour")
    assert len(names(window)) > 1
    kind = window.page.filters._kind
    web = next(action for action in kind.menu().actions() if action.data()[0] == "kind:html")
    with qtbot.waitSignal(window.page.answered):
        web.trigger()
    assert names(window) == ["page.html"]
    assert kind.isChecked()
    window.page.step_back()
    assert not kind.isChecked()


def test_filters_alone_list_files(qtbot: QtBot, window: MainWindow) -> None:
    kind = window.page.filters._kind
    pdf = next(action for action in kind.menu().actions() if action.data()[0] == "kind:pdf")
    with qtbot.waitSignal(window.page.answered):
        pdf.trigger()
    assert names(window) == ["desert.pdf"]


def test_every_filter_is_understood_by_the_engine(qtbot: QtBot, window: MainWindow) -> None:
    refusals: list[str] = []
    window.page.search.failed.connect(refusals.append)
    for choice in (window.page.filters._kind, window.page.filters._date, window.page.filters._folder):
        for action in choice.menu().actions()[1:]:
            with qtbot.waitSignal(window.page.answered):
                action.trigger()
    assert refusals == []


def test_a_hit_is_explained(qtbot: QtBot, window: MainWindow) -> None:
    look_for(qtbot, window, "kettle name:boil")
    hit = window.page.current()
    assert hit is not None
    window.page.actions_on_hits.explain(hit, "kettle")
    boxes: list[object] = []
    qtbot.waitUntil(lambda: bool(boxes) or bool(boxes.extend(explanations(window)) or boxes))
    assert "words" in str(boxes[0])


def explanations(window: MainWindow) -> list[str]:
    from PySide6.QtWidgets import QMessageBox

    found = window.findChildren(QMessageBox)
    return [box.informativeText() for box in found if box.isVisible()]


def test_the_menu_of_a_hit_offers_everything(qtbot: QtBot, window: MainWindow) -> None:
    look_for(qtbot, window, "kettle name:boil")
    hit = window.page.current()
    assert hit is not None
    window.page.actions_on_hits.show_menu(hit, "kettle", QPoint(10, 10))
    menu = window.page.actions_on_hits._menu
    assert menu is not None
    assert len([action for action in menu.actions() if not action.isSeparator()]) == 7
    menu.close()


def test_the_status_line_follows_the_engine(qtbot: QtBot, window: MainWindow, shelf_bridge: Bridge) -> None:
    qtbot.waitUntil(lambda: window.status_line.text == "Up to date")
    shelf_bridge.pause()
    qtbot.waitUntil(lambda: window.status_line.text.startswith("Paused"))
    qtbot.mouseClick(window.status_line._pause, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.status_line.text == "Up to date")


def test_a_click_on_the_status_line_opens_the_folders(qtbot: QtBot, window: MainWindow) -> None:
    with qtbot.waitSignal(window.folders_wanted):
        qtbot.mouseClick(window.status_line._state, Qt.MouseButton.LeftButton)


def test_results_take_in_what_is_indexed_meanwhile(qtbot: QtBot, window: MainWindow, shelf: Path) -> None:
    look_for(qtbot, window, "rhubarb")
    new = shelf / "new.txt"
    new.write_text("Rhubarb wants shade.")
    try:
        qtbot.waitUntil(lambda: "new.txt" in names(window))
        new.write_text("Hyacinths want light.")
        qtbot.waitUntil(lambda: "new.txt" not in names(window))
    finally:
        new.unlink()


def test_what_is_indexed_while_an_answer_is_to_come_is_asked_for_behind_it(
    qtbot: QtBot, window: MainWindow, shelf: Path
) -> None:
    look_for(qtbot, window, "rhubarb")
    window.page.box.setText("rhubarb leaves")
    window.page._take_in()
    assert window.page._repeat.isActive()


def test_without_a_folder_first_start_is_wanted(qtbot: QtBot, tmp_path: Path) -> None:
    bridge = Bridge()
    window = MainWindow(bridge)
    qtbot.addWidget(window)
    with qtbot.waitSignal(window.page.first_start_wanted):
        bridge.open(lambda: Engine.open(tmp_path / "profile"))
    window.close_workers()
    bridge.close()


def test_an_index_that_cannot_be_opened_is_shown(qtbot: QtBot, tmp_path: Path) -> None:
    profile = tmp_path / "profile"
    profile.write_text("")
    bridge = Bridge()
    window = MainWindow(bridge)
    qtbot.addWidget(window)
    with qtbot.waitSignal(bridge.broken):
        bridge.open(lambda: Engine.open(profile))
    assert str(profile) in window.page.empty._detail.text()
    window.close_workers()
    bridge.close()


def test_closing_hides_where_there_is_a_tray_and_quits_where_there_is_none(qtbot: QtBot, window: MainWindow) -> None:
    wants: list[bool] = []
    window.quit_wanted.connect(lambda: wants.append(True))
    window.has_tray = True
    window.close()
    assert window.isHidden()
    assert wants == []
    window.show()
    window.has_tray = False
    event = QCloseEvent()
    window.closeEvent(event)
    assert event.isAccepted()
    assert wants == [True]


def test_the_window_remembers_its_place_and_its_searches(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    window.resize(780, 600)
    window.page.splitter.setSizes([300, 600])
    window.page.box.set_history(["旅行", "wells"])
    save_state(tmp_path, window.state())
    again = MainWindow(Bridge(), load_state(tmp_path))
    qtbot.addWidget(again)
    assert again.size() == window.size()
    assert again.page.box.history == ["旅行", "wells"]
    again.close_workers()


def test_a_damaged_memory_is_ignored(tmp_path: Path) -> None:
    assert load_state(tmp_path) == WindowState()
    for junk in ("", "[]", '{"geometry": 5}', '{"geometry": "%%", "splitter": "", "history": []}', "\ud800"):
        (tmp_path / "window.json").write_text(junk, encoding="utf-8", errors="surrogatepass")
        assert load_state(tmp_path) == WindowState()


def test_the_memory_is_for_its_user_alone(tmp_path: Path) -> None:
    save_state(tmp_path, WindowState(history=("private",)))
    assert (tmp_path / "window.json").stat().st_mode & 0o077 == 0


def test_all_keys_on_the_sheet_do_something(window: MainWindow) -> None:
    window._show_sheet()
    assert window._sheet is not None
    known = {key.toString() for action in window.actions() for key in action.shortcuts()}
    on_widgets = {"Down", "Return", "Ctrl+Return", "Ctrl+C"}
    assert {keys for keys, _ in window._sheet._entries()} - on_widgets <= known
    window._sheet.close()


def test_texts_of_files_are_never_taken_for_markup(qtbot: QtBot, window: MainWindow) -> None:
    window.page.chip.show_name("<b>&amp;.txt")
    assert "<b>&&amp;.txt" in window.page.chip.text()
    status: Status | None = window.page._bridge.status
    assert status is not None
