"""Pages of PDF and e-books: the process that renders them, and how they are shown."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pymupdf
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from app.preview import page_process
from app.preview.content import PagesContent
from app.preview.page_process import PageError, PageProcess
from app.preview.page_text import PageText, folded
from app.preview.pages_area import MARK
from app.preview.pages_view import PagesView
from indexer.sandbox import landlock, seccomp
from tests.app import hostile_pages
from tests.app.shelf import SENTENCE, write_pdf


def wanted() -> bool:
    return True


def page_text(*lines: str) -> PageText:
    """A page whose characters are 10 points wide and whose lines are 20 points apart."""
    raw = [
        [{"c": c, "bbox": (10 * x, 20 * y, 10 * x + 10, 20 * y + 12)} for x, c in enumerate(line)]
        for y, line in enumerate(lines)
    ]
    return PageText.of(0, {"blocks": [{"lines": [{"spans": [{"chars": line}]} for line in raw]}, {"type": 1}]})


def test_a_sentence_over_several_lines_gets_a_box_for_each() -> None:
    page = page_text("In the desert the old-", "est well of the oasis", "was dug by hand.")
    boxes = page.find("the oldest well of the oasis was dug")
    assert boxes == [(140, 0, 220, 12), (0, 20, 210, 32), (0, 40, 70, 52)]


def test_ligatures_and_case_do_not_matter() -> None:
    assert folded("ﬁnal OFFER — №5") == folded("Final o\ufb00er no5")
    assert page_text("the ﬁnal offer").find("FINAL OFFER") == [(40, 0, 140, 12)]


def test_letters_without_spaces_between_are_marked_one_by_one() -> None:
    assert page_text("这是一份旅行保险说明书").find("旅行保险") == [(40, 0, 80, 12)]


def test_a_text_that_differs_in_its_middle_is_found_by_its_ends() -> None:
    page = page_text("Alpha beta gamma delta 17 epsilon zeta eta theta")
    [box] = page.find("Alpha beta gamma delta (see note) epsilon zeta eta theta")
    assert box == (0, 0, 480, 12)


def test_what_goes_on_on_the_next_page_is_marked_to_the_end_of_this_one() -> None:
    page = page_text("Prologue.", "Alpha beta gamma delta epsilon")
    assert page.find("Alpha beta gamma delta epsilon zeta eta theta iota kappa") == [(0, 20, 300, 32)]


def test_what_is_not_on_the_page_is_not_found() -> None:
    assert page_text("Sand and stones.").find("water and wells") == []
    assert page_text("Sand").find("...") == []
    assert page_text().find("Sand") == []


def test_a_drag_selects_in_reading_order_whichever_way_it_goes() -> None:
    page = page_text("first line", "second line")
    assert page.between((65, 5), (55, 25))[0] == "line\nsecond"
    assert page.between((55, 25), (65, 5))[0] == "line\nsecond"
    assert page_text().between((0, 0), (9, 9)) == ("", [])


@pytest.fixture
def process() -> Iterator[PageProcess]:
    process = PageProcess()
    yield process
    process.close()


def test_a_page_is_rendered_by_another_process(process: PageProcess, shelf: Path) -> None:
    sizes = process.ask({"do": "open", "path": str(shelf / "desert.pdf")}, wanted)["sizes"]
    assert sizes == [[595, 842]] * 5
    pixels = process.render(2, 1.0, wanted)
    assert (pixels.width, pixels.height) == (595, 842)
    assert len(pixels.data) == pixels.stride * pixels.height
    assert process._process is not None
    assert process._process.pid != os.getpid()


def test_the_sentence_is_looked_for_on_the_neighbouring_pages_too(process: PageProcess, shelf: Path) -> None:
    process.ask({"do": "open", "path": str(shelf / "desert.pdf")}, wanted)
    found = process.ask({"do": "find", "page": 1, "texts": [SENTENCE]}, wanted)
    assert found["page"] == 2
    assert len(found["rects"]) > 1


def test_a_damaged_document_is_an_error_and_the_next_one_is_shown(
    process: PageProcess, shelf: Path, tmp_path: Path
) -> None:
    junk = tmp_path / "junk.pdf"
    junk.write_bytes(b"%PDF-1.7\n" + b"\0garbage" * 100)
    with pytest.raises(PageError):
        process.ask({"do": "open", "path": str(junk)}, wanted)
        process.render(0, 1.0, wanted)
    assert process.ask({"do": "open", "path": str(shelf / "desert.pdf")}, wanted)["sizes"]


def test_a_document_with_a_password_is_an_error(process: PageProcess, tmp_path: Path) -> None:
    path = tmp_path / "locked.pdf"
    document = pymupdf.open()
    document.new_page()
    document.save(path, encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="secret", owner_pw="secret")
    with pytest.raises(PageError, match="password"):
        process.ask({"do": "open", "path": str(path)}, wanted)


def test_a_process_that_died_is_replaced(process: PageProcess, shelf: Path) -> None:
    process.start()
    assert process._process is not None
    process._process.kill()
    process._process.join()
    assert process.ask({"do": "open", "path": str(shelf / "desert.pdf")}, wanted)["sizes"]


def test_a_new_process_opens_the_document_of_the_one_that_died(process: PageProcess, shelf: Path) -> None:
    process.ask({"do": "open", "path": str(shelf / "desert.pdf")}, wanted)
    assert process._process is not None
    process._process.kill()
    process._process.join()
    assert process.render(2, 1.0, wanted).width == 595


def test_a_page_that_claims_to_be_huge_is_rendered_small(process: PageProcess, tmp_path: Path) -> None:
    path = tmp_path / "huge.pdf"
    document = pymupdf.open()
    document.new_page(width=14_000, height=14_000)
    document.save(path)
    process.ask({"do": "open", "path": str(path)}, wanted)
    pixels = process.render(0, 4.0, wanted)
    assert pixels.width * pixels.height < 25_000_000


@pytest.mark.skipif(not landlock.version() or not seccomp.is_available(), reason="nothing to confine a process with")
def test_a_document_that_takes_the_process_over_gets_nothing(
    shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_process, "serve", hostile_pages.serve)
    process = PageProcess()
    private = tmp_path / "private.txt"
    private.write_text("my diary")
    try:
        answer = process.ask({"do": "open", "path": str(shelf / "desert.pdf"), "private": str(private)}, wanted)
        assert answer["document"] == (shelf / "desert.pdf").stat().st_size
        refused = "PermissionError"
        assert answer["done"] == {"read": refused, "write": refused, "connect": refused, "run": refused}
        folder = Path(answer["folder"])
        assert folder.is_dir()
    finally:
        process.close()
    assert not folder.exists()
    assert private.read_text() == "my diary"


def test_a_document_that_cannot_be_opened_is_an_error(process: PageProcess, shelf: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "endless.pdf")
    for name, reason in (("missing.pdf", "can't be opened"), ("endless.pdf", "is not a regular file")):
        with pytest.raises(PageError, match=reason):
            process.ask({"do": "open", "path": str(tmp_path / name)}, wanted)
    assert process.ask({"do": "open", "path": str(shelf / "desert.pdf")}, wanted)["sizes"]


@pytest.fixture
def view(qtbot: QtBot) -> Iterator[PagesView]:
    view = PagesView()
    qtbot.addWidget(view)
    view.resize(500, 600)
    view.show()
    yield view
    view.close_worker()


def show(qtbot: QtBot, view: PagesView, path: Path, page: int) -> None:
    with qtbot.waitSignal(view.shown):
        view.show_content(PagesContent(path, page, SENTENCE, SENTENCE))
    qtbot.waitUntil(lambda: view.marks is not None)


def test_the_view_is_at_the_page_with_the_sentence_marked(qtbot: QtBot, view: PagesView, shelf: Path) -> None:
    show(qtbot, view, shelf / "desert.pdf", 3)
    assert view.marks is not None
    assert view.marks.page == 2
    qtbot.waitUntil(lambda: view.area.page == 2 and view.area.has_image(2))
    image = view.area.viewport().grab().toImage()
    marked = sum(
        image.pixelColor(x, y) == QColor(MARK) for x in range(image.width()) for y in range(0, image.height(), 3)
    )
    assert marked > 100


def test_the_page_can_be_turned_and_typed(qtbot: QtBot, view: PagesView, shelf: Path) -> None:
    show(qtbot, view, shelf / "desert.pdf", 1)
    view._next()
    assert view.area.page >= 1
    view._page.setText("5")
    qtbot.keyClick(view._page, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: view.area.page == 4)


def test_zooming_keeps_the_place(qtbot: QtBot, view: PagesView, shelf: Path) -> None:
    show(qtbot, view, shelf / "desert.pdf", 3)
    before = view.area.page
    view._zoom_in()
    view._zoom_in()
    assert view.area.page == before
    assert view.area.zoom == pytest.approx(1.44)
    view.area.set_zoom(1000)
    assert view.area.zoom <= 6


def test_text_is_selected_with_the_mouse(qtbot: QtBot, view: PagesView, shelf: Path) -> None:
    show(qtbot, view, shelf / "desert.pdf", 1)
    rect = view.area._page_rect(0)
    scale = view.area._scale()
    start = (rect.topLeft() + QPointF(74, 80) * scale).toPoint()
    end = (rect.topLeft() + QPointF(260, 80) * scale).toPoint()
    with qtbot.waitSignal(view._renderer.selected):
        qtbot.mousePress(view.area.viewport(), Qt.MouseButton.LeftButton, pos=start)
        qtbot.mouseMove(view.area.viewport(), pos=QPoint(end))
        view.area.selecting.emit(0, QPointF(74, 80), QPointF(260, 80))
    assert view.area.selected_text.startswith("Chapter 1.")


def test_a_document_that_cannot_be_shown_is_told(qtbot: QtBot, view: PagesView, tmp_path: Path) -> None:
    path = tmp_path / "junk.pdf"
    path.write_bytes(b"no document at all")
    with qtbot.waitSignal(view.failed):
        view.show_content(PagesContent(path, 1, SENTENCE, SENTENCE))


def test_only_the_last_of_many_documents_is_shown(qtbot: QtBot, view: PagesView, shelf: Path, tmp_path: Path) -> None:
    for number in range(3):
        write_pdf(tmp_path / f"{number}.pdf", pages=number + 1, at=1)
        view.show_content(PagesContent(tmp_path / f"{number}.pdf", 1, SENTENCE, SENTENCE))
    with qtbot.waitSignal(view.shown):
        view.show_content(PagesContent(shelf / "desert.pdf", 1, SENTENCE, SENTENCE))
    assert view.area.page_count == 5
