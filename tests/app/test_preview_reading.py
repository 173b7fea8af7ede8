"""What a preview shows, before any widget: reading files and finding the passage in them."""

from __future__ import annotations

import codecs
import os
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pymupdf
import pytest

from app.preview.content import (
    Content,
    MarkupContent,
    MessageContent,
    PagesContent,
    PictureContent,
    TextContent,
)
from app.preview.files import BLOCK, read_stretch
from app.preview.inside import content_of
from app.preview.loader import MAX_MARKDOWN, as_text, load, sentence_of
from app.preview.passage import find_near_line, find_passage, start_of_line
from app.preview.syntax import lex
from indexer import shares
from indexer.document import Kind
from indexer.engine import Engine
from indexer.results import Hit, Matched
from tests.app.shelf import SENTENCE, TEXTS, hit


def nothing_extracted(path: Path) -> str:
    return ""


def loaded(found: Hit) -> Content:
    return load(found, nothing_extracted)


def test_a_passage_is_found_whatever_the_white_space() -> None:
    text = "One.\nThe oldest\n   well of\tthe oasis. End."
    span = find_passage(text, "The oldest well of the oasis.")
    assert span is not None
    assert text[slice(*span)] == "The oldest\n   well of\tthe oasis."
    assert find_passage(text, "the newest well") is None
    assert find_passage(text, "  ") is None


def test_of_two_equal_sentences_the_one_at_the_line_is_found() -> None:
    text = "same line\n" * 50
    assert find_near_line(text, "same line", 40) == (start_of_line(text, 37), start_of_line(text, 37) + 9)


def test_a_passage_that_moved_up_is_found_all_the_same() -> None:
    assert find_near_line("first\nwanted\nlast\n", "wanted", 900) == (6, 12)


def test_code_is_shown_with_its_lines_colours_and_mark(shelf: Path) -> None:
    content = loaded(hit(shelf / "boil.py", "return water.upper()", Kind.CODE, line=3))
    assert isinstance(content, TextContent)
    assert content.mark is not None
    assert content.text[slice(*content.mark)] == "return water.upper()"
    assert content.is_code
    assert content.is_numbered
    roles = {role for line in content.tokens for _, _, role in line}
    assert roles >= {"keyword", "function", "string", "comment"}


def test_a_passage_that_is_not_there_any_more_marks_its_line(shelf: Path) -> None:
    content = loaded(hit(shelf / "boats.txt", "These words were deleted.", line=2))
    assert isinstance(content, TextContent)
    assert content.mark is not None
    assert content.text[slice(*content.mark)] == "The wind comes from the west."


def test_nothing_is_marked_in_what_only_the_filters_let_through(shelf: Path) -> None:
    listed = hit(shelf / "boats.txt", "The wind comes from the west.", line=2, matched=(), highlight=(0, 0))
    content = loaded(listed)
    assert isinstance(content, TextContent)
    assert content.mark is None
    assert sentence_of(listed) == ""
    assert sentence_of(replace(listed, matched=(Matched.WORDS,))) == listed.passage


def test_a_mark_after_an_emoji_counts_as_qt_does(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("🍅🍅 red tomatoes", encoding="utf-8")
    content = loaded(hit(path, "red tomatoes"))
    assert isinstance(content, TextContent)
    assert content.mark == (5, 17)


def test_of_a_large_file_the_part_around_the_line_is_read(tmp_path: Path) -> None:
    path = tmp_path / "large.log"
    path.write_text("".join(f"entry number {n} of the log\n" for n in range(1, 100_001)), encoding="utf-8")
    content = loaded(hit(path, "entry number 90000 of the log", line=90_000))
    assert isinstance(content, TextContent)
    assert content.mark is not None
    assert content.text[slice(*content.mark)] == "entry number 90000 of the log"
    line = content.text.count("\n", 0, content.mark[0]) + content.first_line
    assert line == 90_000
    assert content.note


def test_lines_are_counted_right_wherever_blocks_end(tmp_path: Path) -> None:
    path = tmp_path / "large.txt"
    path.write_bytes(b"x" * (BLOCK - 1) + b"\n" + b"y" * BLOCK + b"\nlast\n")
    stretch = read_stretch(path, 3, max_bytes=1000)
    assert stretch.first_line + stretch.text.count("\n", 0, stretch.text.find("last")) == 3


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_text_is_read_in_its_encoding(tmp_path: Path, encoding: str) -> None:
    text = "旅行保险的说明：请保存收据，并在三十天内把材料寄给我们。\n" * 20
    path = tmp_path / "a.txt"
    path.write_text(text, encoding=encoding)
    assert read_stretch(path, None, 1_000_000).text == text


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("a.txt", "Le café ouvre à huit heures du matin.".encode("latin-1"), "Le café ouvre à huit heures du matin."),
        ("a.txt", "The café, without a mark.".encode("utf-16-le"), "The café, without a mark."),
        ("a.html", b"<meta charset=koi8-r>" + "чай".encode("koi8-r"), "<meta charset=koi8-r>чай"),
    ],
)
def test_text_is_shown_as_it_was_read_for_the_index(tmp_path: Path, name: str, data: bytes, expected: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    assert read_stretch(path, None, 1000, is_markup=path.suffix == ".html").text == expected


def test_the_mark_of_a_file_s_encoding_counts_in_all_of_it(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(codecs.BOM_UTF8 + "чай, кофе и вода\n".encode() * 1000)
    assert "кофе" in read_stretch(path, 900, 1000).text


def test_where_there_is_nothing_to_show_the_preview_says_why(tmp_path: Path) -> None:
    locked = tmp_path / "files" / "locked.pdf"
    locked.parent.mkdir()
    with pymupdf.open() as document:
        document.new_page()
        document.save(locked, encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="secret")
    engine = Engine.open(tmp_path / "profile")
    try:
        engine.start()
        engine.add_folder(locked.parent)
        assert engine.wait(60)
        content = content_of(engine, hit(locked, kind=Kind.PDF), as_text)
        assert isinstance(content, MessageContent)
        assert content.message.endswith("locked.pdf: is protected with a password")
    finally:
        engine.close()


def test_line_ends_of_all_systems_are_one_line_each(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"one\r\ntwo\rthree\n")
    assert read_stretch(path, None, 1000).text == "one\ntwo\nthree\n"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "pipe.txt"
    os.mkfifo(path)
    with pytest.raises(OSError, match="not a regular file"):
        read_stretch(path, None, 1000)


def test_a_vanished_file_shows_what_it_said(tmp_path: Path) -> None:
    content = loaded(hit(tmp_path / "gone.txt", "What it said."))
    assert isinstance(content, MessageContent)
    assert content.message
    assert content.passage == "What it said."


def test_markdown_and_html_are_laid_out_and_long_ones_are_shown_as_text(shelf: Path, tmp_path: Path) -> None:
    content = loaded(hit(shelf / "garden.md", "Tomatoes", Kind.MARKDOWN))
    assert isinstance(content, MarkupContent)
    assert content.is_markdown
    assert content.folder == shelf
    html = loaded(hit(shelf / "page.html", "Harbour", Kind.HTML))
    assert isinstance(html, MarkupContent)
    assert not html.is_markdown
    long = tmp_path / "long.md"
    long.write_text("# Title\n" + "word\n" * MAX_MARKDOWN)
    assert isinstance(loaded(hit(long, "Title", Kind.MARKDOWN)), TextContent)


def test_a_picture_is_left_to_the_process_that_decodes_pictures(shelf: Path) -> None:
    assert loaded(hit(shelf / "near.png", kind=Kind.IMAGE)) == PictureContent(shelf / "near.png")


def test_a_pdf_is_shown_at_its_page(shelf: Path) -> None:
    content = loaded(hit(shelf / "desert.pdf", SENTENCE, Kind.PDF, page=3))
    assert content == PagesContent(shelf / "desert.pdf", 3, SENTENCE, SENTENCE)


def test_other_documents_show_their_extracted_text(tmp_path: Path) -> None:
    path = tmp_path / "letter.odt"
    path.write_bytes(b"PK")
    found = hit(path, "Wells are deep.\nSand is dry.", Kind.DOCUMENT, highlight=(16, 28))
    content = load(found, lambda path: "Dear aunt,\n\nWells are deep.\n\nSand is dry.\n")
    assert isinstance(content, TextContent)
    assert content.mark is not None
    assert content.text[slice(*content.mark)] == "Sand is dry."
    assert not content.is_numbered


def test_a_text_that_is_not_indexed_yet_is_shown_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "LICENSE"
    path.write_text("You may copy this.\n")
    content = loaded(hit(path, kind=Kind.OTHER))
    assert isinstance(content, TextContent)
    assert content.text == "You may copy this.\n"
    path.write_bytes(b"\x7fELF\0\0\0")
    assert isinstance(loaded(hit(path, kind=Kind.OTHER)), MessageContent)
    path.write_bytes(b"")
    assert isinstance(loaded(hit(path, kind=Kind.OTHER)), MessageContent)


def test_lexing_stops_at_its_limit_and_knows_its_lines() -> None:
    tokens = lex(Path("a.py"), "x = 1\n" * 100_000)
    assert 30_000 < len(tokens) < 40_000
    assert tokens[1] == tokens[0]
    assert lex(Path("a.unknown"), TEXTS["boats.txt"]) == ()


def test_of_a_share_that_does_not_answer_the_preview_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = threading.Event()
    monkeypatch.setattr(shares, "file_systems", lambda: {str(tmp_path): "nfs4"})
    monkeypatch.setattr(shares, "_shares", shares._Shares())
    monkeypatch.setattr(shares, "PATIENCE_SECONDS", 0.1)
    monkeypatch.setattr(shares.shutil, "disk_usage", lambda place: answers.wait())
    content = loaded(hit(tmp_path / "far.txt", "What it said."))
    answers.set()
    assert isinstance(content, MessageContent)
    assert "its share does not answer" in content.message and content.passage == "What it said."
