"""What would take Qt seconds to lay out never reaches it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.preview.content import MarkupContent, TextContent
from app.preview.loader import load
from app.preview.tame import MAX_LINE, break_lines, is_tame_html, is_tame_markdown, without_hidden_blocks
from indexer.document import Kind
from tests.app.shelf import TEXTS, hit


@given(st.lists(st.integers(0, 3 * MAX_LINE), max_size=4), st.integers(0, 6000), st.integers(1, 3000))
def test_breaking_lines_keeps_every_letter_and_the_span(lengths: list[int], start: int, length: int) -> None:
    text = "\n".join("x" * number for number in lengths)
    start = min(start, len(text))
    end = min(start + length, len(text))
    broken, span = break_lines(text, (start, end))
    assert broken.replace("\n", "") == text.replace("\n", "")
    assert max(map(len, broken.split("\n"))) <= MAX_LINE
    assert span is not None
    assert broken[slice(*span)].replace("\n", "") == text[start:end].replace("\n", "")


def test_ordinary_text_is_left_as_it_is() -> None:
    assert break_lines(TEXTS["boats.txt"], (1, 5)) == (TEXTS["boats.txt"], (1, 5))


def test_a_file_of_one_long_line_is_shown_with_its_mark(tmp_path: Path) -> None:
    path = tmp_path / "one.json"
    path.write_text('{"a": "' + "x" * 50_000 + " the needle in it " + "y" * 50_000 + '"}')
    content = load(hit(path, "the needle in it", line=1), str)
    assert isinstance(content, TextContent)
    assert max(map(len, content.text.split("\n"))) <= MAX_LINE
    assert content.mark is not None
    assert content.text[slice(*content.mark)].replace("\n", "") == "the needle in it"
    assert not content.is_numbered
    assert content.note


@pytest.mark.parametrize(
    "html",
    [
        "<table><tr><td>" * 16 + "x",
        "<div>" * 10_000 + "x",
        "<b>" * 500 + "x",
        "<table><tr>" + "<td>a" * 10_000,
        "<table><tr><td colspan=100000000>x</td></tr></table>",
        "<table><tr><td rowspan='-1'>x</td></tr></table>",
    ],
)
def test_pages_that_would_take_seconds_are_not_laid_out(tmp_path: Path, html: str) -> None:
    assert not is_tame_html(html)
    path = tmp_path / "wild.html"
    path.write_text(html)
    assert not isinstance(load(hit(path, "x", Kind.HTML), lambda path: "x"), MarkupContent)


@pytest.mark.parametrize(
    "html", [TEXTS["page.html"], "<p>one<p>two<br>" * 500, "<table><tr><td>a</table>" * 300, "<", ""]
)
def test_ordinary_pages_are_laid_out(html: str) -> None:
    assert is_tame_html(html)


def test_markdown_with_a_table_of_a_thousand_columns_is_not_laid_out() -> None:
    assert is_tame_markdown(TEXTS["garden.md"])
    assert not is_tame_markdown("|" + "a|" * 1000)


def test_scripts_and_styles_are_left_out() -> None:
    page = "a<SCRIPT src=x>if (1 < 2) {}</Script >b<style>p {}</style>c<svg><path/></svg>d"
    assert without_hidden_blocks(page) == "abcd"
    assert without_hidden_blocks("a<script>never closed") == "a"
    assert without_hidden_blocks("plain") == "plain"


def test_hostile_repetition_costs_no_more_than_one_pass() -> None:
    assert without_hidden_blocks("<script" * 100_000) == ""
