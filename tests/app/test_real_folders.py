from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.bridge import Bridge
from app.file_list import Column
from app.first_start import SAMPLES, FirstStart
from app.folders import FoldersWindow
from indexer.engine import Engine


@pytest.fixture
def bridge(qtbot: QtBot, tmp_path: Path) -> Iterator[Bridge]:
    bridge = Bridge()
    with qtbot.waitSignal(bridge.opened):
        bridge.open(lambda: Engine.open(tmp_path / "profile"))
    yield bridge
    bridge.close()


def states(window: FoldersWindow) -> dict[str, str]:
    model = window.files.model
    rows = range(model.rowCount())
    return {model.index(row, Column.NAME).data(): model.index(row, Column.STATE).data() for row in rows}


def reason(window: FoldersWindow, name: str) -> str:
    model = window.files.model
    (found,) = (row for row in range(model.rowCount()) if model.row(row).path.name == name)
    return str(model.index(found, Column.REASON).data())


def test_the_samples_can_be_searched_from_the_first_start_on(qtbot: QtBot, bridge: Bridge, tmp_path: Path) -> None:
    page = FirstStart(bridge, tmp_path / "profile")
    qtbot.addWidget(page)
    for choice in page.choices:
        choice.box.setChecked(choice.folder == tmp_path / "profile" / "samples")
    window = FoldersWindow(bridge)
    qtbot.addWidget(window)
    with qtbot.waitSignal(page.started):
        page.start.click()
    window.open()
    names = {path.name for path in SAMPLES.iterdir()}
    qtbot.waitUntil(lambda: states(window) == dict.fromkeys(names, "Indexed"))


def test_a_folder_that_goes_and_comes_back_is_followed(qtbot: QtBot, bridge: Bridge, tmp_path: Path) -> None:
    library = tmp_path / "library"
    library.mkdir()
    (library / "boats.md").write_text("# Boats\n\nSailing boats need wind.\n")
    window = FoldersWindow(bridge)
    qtbot.addWidget(window)
    window.open()
    window.add_folder(library)
    qtbot.waitUntil(lambda: states(window) == {"boats.md": "Indexed"})

    def said() -> str:
        return str(window.folders.index(0).data(Qt.ItemDataRole.AccessibleTextRole))

    library.rename(tmp_path / "away")
    qtbot.waitUntil(lambda: "Not there now" in said())
    (tmp_path / "away").rename(library)
    qtbot.waitUntil(lambda: "Watched" in said())


def test_from_first_start_to_the_state_of_every_file(qtbot: QtBot, bridge: Bridge, tmp_path: Path) -> None:
    library = tmp_path / "library"
    library.mkdir()
    (library / "boats.md").write_text("# Boats\n\nSailing boats need wind.\n")
    (library / "broken.pdf").write_bytes(b"%PDF-1.7 and nothing else")
    (library / "empty.txt").write_text("")
    (library / "left.part").write_text("half of a download")
    page = FirstStart(bridge, tmp_path / "profile")
    qtbot.addWidget(page)
    for choice in page.choices:
        choice.box.setChecked(False)
    page.offer(library)
    with qtbot.waitSignal(page.started):
        page.start.click()
    window = FoldersWindow(bridge)
    qtbot.addWidget(window)
    window.open()
    expected = {"boats.md": "Indexed", "broken.pdf": "Failed", "empty.txt": "No text", "left.part": "Excluded"}
    qtbot.waitUntil(lambda: states(window) == expected)
    assert "damaged" in reason(window, "broken.pdf")
    assert "*.part" in reason(window, "left.part")

    window.why.query.setText("wind")
    with qtbot.waitSignal(window.why.answered):
        window.why.ask_about(library / "boats.md")
    assert window.why.verdict.text() == "boats.md: Indexed"
    assert "it is result 1" in window.why.answer.text()

    (library / "broken.pdf").unlink()
    (library / "new.txt").write_text("Fresh bread")
    qtbot.waitUntil(lambda: states(window).get("new.txt") == "Indexed")
    assert "broken.pdf" not in states(window)

    window.view.setCurrentIndex(window.folders.index(0))
    assert window.remove.isEnabled()
    window.remove_folder(library)
    qtbot.waitUntil(lambda: window.folders.rowCount() == 0)
    qtbot.waitUntil(lambda: not states(window))
    assert (library / "boats.md").exists()
    assert window.files.table.focusPolicy() & Qt.FocusPolicy.TabFocus
