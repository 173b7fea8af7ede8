"""The views of the preview, and how the pane chooses among them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QImage, QTextCursor, QTextDocument
from PySide6.QtWidgets import QMenu, QWidget
from pytestqt.qtbot import QtBot

from app.bridge import Bridge
from app.preview.content import ImageContent, MarkupContent, TextContent
from app.preview.image_view import ImageView
from app.preview.markup_view import MAX_PICTURES, MarkupView
from app.preview.pane import PreviewPane
from app.preview.picture_reader import PictureReader
from app.preview.selection import extend_menu
from app.preview.text_view import TextView
from indexer.document import Kind
from indexer.results import Hit
from tests.app.shelf import SENTENCE, TEXTS, hit

IMAGE = QTextDocument.ResourceType.ImageResource


@pytest.fixture
def home(qtbot: QtBot) -> QWidget:
    home = QWidget()
    qtbot.addWidget(home)
    home.resize(500, 400)
    return home


@pytest.fixture
def text(home: QWidget) -> TextView:
    view = TextView(home)
    view.resize(500, 400)
    home.show()
    return view


@pytest.fixture
def markup(home: QWidget) -> Iterator[MarkupView]:
    pictures = PictureReader(home)
    view = MarkupView(pictures, home)
    view.resize(500, 400)
    home.show()
    yield view
    pictures.close()


def code(lines: int) -> str:
    return "".join(f"value_{n} = {n}  # a comment\n" for n in range(1, lines + 1))


def test_the_text_is_scrolled_to_its_mark(text: TextView) -> None:
    body = code(500)
    at = body.index("value_400")
    text.show_content(TextContent(body, (at, at + 9), is_numbered=True))
    [marked] = text.extraSelections()
    assert marked.cursor.selectedText() == "value_400"
    assert 0 < text.cursorRect(marked.cursor).top() < text.viewport().height()


def test_lines_are_numbered_as_in_the_file(text: TextView) -> None:
    text.show_content(TextContent(code(3), first_line=900, is_numbered=True))
    assert [number for number, _ in text.gutter_blocks()][:3] == [900, 901, 902]


def test_lines_in_view_are_coloured_and_the_others_wait(text: TextView, shelf: Path) -> None:
    body = code(2000)
    tokens = (((0, 5, "keyword"),),) * 2000
    text.show_content(TextContent(body, is_code=True, is_numbered=True, tokens=tokens))
    document = text.document()
    assert document.findBlockByNumber(0).layout().formats()
    assert not document.findBlockByNumber(1500).layout().formats()
    text.verticalScrollBar().setValue(1500)
    text._color_visible()
    assert document.findBlockByNumber(1500).layout().formats()


def test_nothing_remote_is_loaded_and_nothing_outside_the_folder(
    markup: MarkupView, shelf: Path, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.png"
    secret.write_bytes((shelf / "near.png").read_bytes())
    (tmp_path / "inside").mkdir()
    (tmp_path / "inside" / "near.png").write_bytes(secret.read_bytes())
    (tmp_path / "inside" / "link.png").symlink_to(secret)
    markup.show_content(MarkupContent("text", True, tmp_path / "inside", ""))
    for address in ("http://127.0.0.1:9/a.png", "//host/a.png", "../secret.png", secret.as_uri(), "link.png", "qrc:/a"):
        assert markup.loadResource(IMAGE, QUrl(address)) is None, address
    assert len(markup.refused) == 6
    assert markup.loadResource(IMAGE, QUrl("near.png")) is not None
    assert markup.loadResource(QTextDocument.ResourceType.StyleSheetResource, QUrl("near.png")) is None


def test_markdown_asks_for_no_remote_picture(markup: MarkupView, shelf: Path) -> None:
    source = TEXTS["garden.md"]
    markup.show_content(MarkupContent(source, True, shelf, "Tomatoes want sun, little wind."))
    markup.grab()
    assert set(markup.refused) == {"http://127.0.0.1:9/a"}
    assert [each.cursor.selectedText() for each in markup.extraSelections()] == ["Tomatoes want sun, little wind."]


def test_a_picture_of_a_page_comes_when_it_is_decoded_and_what_is_marked_stays_in_view(
    qtbot: QtBot, markup: MarkupView, shelf: Path
) -> None:
    source = "![near](near.png)\n\n" + "Sand.\n\n" * 200 + "The well is deep.\n\n" + "Sand.\n\n" * 200
    markup.show_content(MarkupContent(source, True, shelf, "The well is deep."))
    markup.grab()
    assert markup.document().resource(IMAGE, QUrl("near.png")).width() == 1

    def is_there() -> bool:
        return markup.document().resource(IMAGE, QUrl("near.png")).width() > 1

    qtbot.waitUntil(is_there, timeout=20_000)
    qtbot.waitUntil(lambda: not markup._arriving.isActive())
    [marked] = markup.extraSelections()
    assert 0 < markup.cursorRect(marked.cursor).top() < markup.viewport().height()
    picture = markup.document().resource(IMAGE, QUrl("near.png"))
    assert picture.width() <= markup.viewport().width()
    assert picture.width() == pytest.approx(3 * picture.height(), abs=3)


def test_a_picture_that_comes_late_leaves_a_reader_where_he_is(qtbot: QtBot, markup: MarkupView, shelf: Path) -> None:
    source = "The well is deep.\n\n" + "Sand.\n\n" * 200 + "![near](near.png)\n"
    markup.show_content(MarkupContent(source, True, shelf, "The well is deep."))
    markup.grab()
    markup.verticalScrollBar().setValue(300)
    qtbot.waitUntil(lambda: markup.document().resource(IMAGE, QUrl("near.png")).width() > 1, timeout=20_000)
    qtbot.waitUntil(lambda: not markup._arriving.isActive())
    assert markup.verticalScrollBar().value() == 300


def test_of_very_many_pictures_the_first_are_shown(markup: MarkupView, shelf: Path) -> None:
    for number in range(MAX_PICTURES + 1):
        (shelf / f"{number}.png").write_bytes(b"")
    markup.show_content(MarkupContent("text", True, shelf, ""))
    answers = [markup.loadResource(IMAGE, QUrl(f"{number}.png")) for number in range(MAX_PICTURES + 1)]
    assert answers.index(None) == MAX_PICTURES
    markup.show_content(MarkupContent("text", True, shelf, ""))
    assert markup.loadResource(IMAGE, QUrl("0.png")) is not None


def test_a_sentence_is_marked_though_markup_stands_in_it(markup: MarkupView, shelf: Path) -> None:
    markup.show_content(MarkupContent(TEXTS["garden.md"], True, shelf, "Tomatoes want **sun**, little wind."))
    assert [each.cursor.selectedText() for each in markup.extraSelections()] == ["Tomatoes want sun, little wind."]
    markup.show_content(MarkupContent(TEXTS["page.html"], False, shelf, "Nets dry in the sun."))
    assert [each.cursor.selectedText() for each in markup.extraSelections()] == ["Nets dry in the sun."]
    assert "x()" not in markup.toPlainText()
    table = "| a | b |\n|---|---|\n| one | [two](http://far) |\n"
    markup.show_content(MarkupContent(table, True, shelf, "| one | [two](http://far) |"))
    assert [each.cursor.selectedText() for each in markup.extraSelections()] == ["onetwo"]  # without the cells


def test_a_text_read_from_the_right_is_laid_out_from_the_right(text: TextView) -> None:
    text.show_content(TextContent(TEXTS["arabic.txt"]))
    assert text.document().defaultTextOption().alignment() & Qt.AlignmentFlag.AlignRight
    text.show_content(TextContent(TEXTS["boats.txt"]))
    assert not text.document().defaultTextOption().alignment() & Qt.AlignmentFlag.AlignRight


def test_links_do_nothing(markup: MarkupView, shelf: Path) -> None:
    markup.show_content(MarkupContent("[a](http://127.0.0.1:9/)", True, shelf, ""))
    assert not markup.openLinks()
    assert not markup.openExternalLinks()


def test_a_picture_is_shown_no_larger_than_it_is(home: QWidget, shelf: Path) -> None:
    view = ImageView(home)
    view.resize(400, 300)
    picture = QImage(str(shelf / "near.png"))
    view.show_content(ImageContent(picture, picture.width(), picture.height()))
    home.show()
    shot = view.grab().toImage()
    assert shot.pixelColor(200, 150).name() == "#336699"
    assert shot.pixelColor(200, 20).name() != "#336699"
    assert "3000" in view.accessibleDescription()


def test_a_transparent_picture_lies_on_paper_in_every_theme(home: QWidget) -> None:
    view = ImageView(home)
    view.resize(400, 300)
    picture = QImage(100, 100, QImage.Format.Format_ARGB32_Premultiplied)
    picture.fill(0)
    view.show_content(ImageContent(picture, 100, 100))
    home.show()
    assert view.grab().toImage().pixelColor(200, 150).name() == "#ffffff"


def test_the_menu_of_a_selection_begins_with_find_similar(qtbot: QtBot, text: TextView) -> None:
    text.show_content(TextContent("Deep wells.\nDry sand.\n"))
    cursor = text.textCursor()
    cursor.select(QTextCursor.SelectionType.Document)
    text.setTextCursor(cursor)
    menu: QMenu = text.createStandardContextMenu()
    extend_menu(menu, text.textCursor().selectedText(), text.similar_wanted)
    with qtbot.waitSignal(text.similar_wanted) as wanted:
        menu.actions()[0].trigger()
    assert wanted.args == ["Deep wells.\nDry sand."]


def test_without_a_selection_there_is_nothing_to_find_similar_to(text: TextView) -> None:
    menu = QMenu()
    extend_menu(menu, "  ", text.similar_wanted)
    assert menu.isEmpty()


@pytest.fixture
def pane(qtbot: QtBot, shelf_bridge: Bridge) -> Iterator[PreviewPane]:
    pane = PreviewPane(shelf_bridge)
    qtbot.addWidget(pane)
    pane.resize(500, 600)
    pane.show()
    yield pane
    pane.close_workers()


def show(qtbot: QtBot, pane: PreviewPane, found: Hit) -> None:
    with qtbot.waitSignal(pane.shown):
        pane.show_hit(found)


def test_each_kind_gets_its_view(qtbot: QtBot, pane: PreviewPane, shelf: Path) -> None:
    for name, kind, view in (
        ("boats.txt", Kind.TEXT, pane.text),
        ("boil.py", Kind.CODE, pane.text),
        ("garden.md", Kind.MARKDOWN, pane.markup),
        ("page.html", Kind.HTML, pane.markup),
        ("near.png", Kind.IMAGE, pane.image),
        ("gone.txt", Kind.TEXT, pane.message),
    ):
        show(qtbot, pane, hit(shelf / name, "wind", kind))
        assert pane.current_view() is view, name
    show(qtbot, pane, hit(shelf / "desert.pdf", SENTENCE, Kind.PDF, page=3))
    assert pane.current_view() is pane.pages


def test_only_the_last_of_many_hits_is_loaded(qtbot: QtBot, pane: PreviewPane, shelf: Path) -> None:
    for name in ("garden.md", "near.png", "boil.py"):
        pane.show_hit(hit(shelf / name, "", Kind.CODE))
    show(qtbot, pane, hit(shelf / "boats.txt"))
    assert pane.text.toPlainText() == TEXTS["boats.txt"]


def test_a_document_whose_pages_are_damaged_shows_what_was_extracted(
    qtbot: QtBot, pane: PreviewPane, tmp_path: Path
) -> None:
    path = tmp_path / "junk.pdf"
    path.write_bytes(b"no document at all\0")
    show(qtbot, pane, hit(path, "What it said.", Kind.PDF, page=1))
    assert pane.current_view() is pane.message


def test_a_damaged_picture_says_that_there_is_nothing_to_show(
    qtbot: QtBot, pane: PreviewPane, shelf: Path, tmp_path: Path
) -> None:
    path = tmp_path / "broken.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"junk" * 10)
    show(qtbot, pane, hit(path, kind=Kind.IMAGE))
    assert pane.current_view() is pane.message
    show(qtbot, pane, hit(shelf / "near.png", kind=Kind.IMAGE))
    assert pane.current_view() is pane.image


def test_nothing_found_shows_nothing(qtbot: QtBot, pane: PreviewPane, shelf: Path) -> None:
    show(qtbot, pane, hit(shelf / "boats.txt"))
    pane.show_hit(None)
    assert pane.current_view() is pane.message
    assert not pane._header.isVisible()


def test_the_header_names_the_file_and_its_buttons_act_on_it(qtbot: QtBot, pane: PreviewPane, shelf: Path) -> None:
    found = hit(shelf / "boats.txt")
    show(qtbot, pane, found)
    assert pane._header._name.accessibleName() == "boats.txt"
    for button, signal in (
        (pane._header.open, pane.open_wanted),
        (pane._header.reveal, pane.reveal_wanted),
        (pane._header.copy, pane.copy_path_wanted),
        (pane._header.similar, pane.similar_file_wanted),
    ):
        with qtbot.waitSignal(signal) as wanted:
            qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        assert wanted.args == [found]
