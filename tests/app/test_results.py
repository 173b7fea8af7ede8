from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFont, QGuiApplication, QImage
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from app.results.delegate import SNIPPET_LINES, lay_out_snippet
from app.results.labels import place, spoken, subtitle, tip, title, why
from app.results.model import ResultsModel, Role
from app.results.snippet import LEAD, MAX_CHARACTERS, plain, snippet
from app.results.view import ResultsView
from app.spans import utf16
from app.theme import LIGHT
from indexer.document import Kind
from indexer.results import Matched
from tests.app.shelf import hit

HOME = Path("/library")
LONG = "The first sentence tells of something else entirely. " * 20
BEST = "Here is the answer."


def test_a_snippet_begins_near_its_best_sentence() -> None:
    passage = LONG + BEST + " " + LONG
    shown = snippet(passage, (len(LONG), len(LONG) + len(BEST)), ())
    assert shown.text[slice(*shown.mark)] == BEST
    assert shown.text.startswith("… ")
    assert shown.mark[0] <= LEAD + 2
    assert len(shown.text) <= MAX_CHARACTERS + 2


def test_a_short_passage_is_shown_from_its_beginning() -> None:
    shown = snippet("Short. Here is the answer.", (7, 26), ((0, 5),))
    assert shown.text == "Short. Here is the answer."
    assert shown.words == ((0, 5),)


def test_spans_stay_right_where_white_space_collapses() -> None:
    passage = "One\n\n\n   two\tthree   four"
    at = passage.index("three")
    shown = snippet(passage, (0, 0), ((at, at + 5),))
    assert shown.text == "One two three four"
    assert [shown.text[slice(*word)] for word in shown.words] == ["three"]


@given(st.text("ab \n\u202e长🍅", min_size=1, max_size=700), st.integers(0, 700), st.integers(1, 80))
def test_a_mark_covers_the_same_letters_in_the_snippet(passage: str, start: int, length: int) -> None:
    start = min(start, len(passage) - 1)
    sentence = passage[start : start + length]
    shown = snippet(passage, (start, start + len(sentence)), ())
    letters = [c for c in sentence if c not in " \n\u202e"]
    assert [c for c in shown.text[slice(*shown.mark)] if c != " "] == letters


def test_a_snippet_without_best_sentence_begins_at_the_first_word_found() -> None:
    passage = LONG + "kettle" + LONG
    shown = snippet(passage, (0, 0), ((len(LONG), len(LONG) + 6),))
    assert shown.mark == (0, 0)
    assert [shown.text[slice(*word)] for word in shown.words] == ["kettle"]


def test_marks_that_turn_text_around_are_left_out() -> None:
    assert plain("invoice\u202efdp.exe") == "invoicefdp.exe"
    assert plain("two\nlines") == "two lines"
    assert plain("caf\udce9.txt") == "caf\ufffd.txt"
    assert snippet("a\u202eb", (0, 3), ()).text == "ab"


def test_spans_count_an_emoji_as_two_for_qt() -> None:
    assert utf16("🍅 tomato", ((2, 8),)) == ((3, 9),)
    assert utf16("plain", ((1, 3),)) == ((1, 3),)


def test_the_title_is_the_documents_own_or_the_files_name() -> None:
    named = hit(HOME / "a.pdf", title="Annual report")
    assert (title(named), subtitle(named)) == ("Annual report", "/library/a.pdf")
    unnamed = hit(HOME / "a.pdf")
    assert (title(unnamed), subtitle(unnamed)) == ("a.pdf", "/library")


def test_a_row_says_page_or_line_and_why() -> None:
    assert place(hit(HOME / "a", page=3)) == "p. 3"
    assert place(hit(HOME / "a", line=12)) == "line 12"
    assert place(hit(HOME / "a")) == ""
    assert why((Matched.MEANING, Matched.WORDS)) == "both"
    assert why((Matched.WORDS,)) == "words"
    assert why(()) == ""


def test_a_screen_reader_hears_everything_that_a_row_shows() -> None:
    text = spoken(hit(HOME / "a.pdf", "Wells are deep.", page=2, language="de"), datetime(2026, 1, 2))
    for part in ("a.pdf", "/library", "p. 2", "Found by its meaning", "Deutsch", "Wells are deep."):
        assert part in text


def test_a_tool_tip_shows_a_name_that_looks_like_html_as_it_is() -> None:
    text = tip(hit(HOME / "<img src=x>.txt", places=(HOME / "<img src=x>.txt", HOME / "copy.txt")))
    assert "&lt;img src=x&gt;.txt" in text
    assert "<img" not in text
    assert "copy.txt" in text


def test_what_only_the_filters_let_through_has_no_relevance() -> None:
    assert "relevance" in tip(hit(HOME / "a.txt", score=0.5))
    text = tip(hit(HOME / "a.txt", score=0.0, matched=()))
    assert "Let through by the filters" in text
    assert "relevance" not in text


def test_the_model_keeps_the_rules_of_models(qtmodeltester: ModelTester) -> None:
    model = ResultsModel()
    model.show(tuple(hit(HOME / f"{n}.txt", f"text {n}") for n in range(5)))
    qtmodeltester.check(model)
    model.show(())
    qtmodeltester.check(model)


def test_rows_can_be_dragged_out_as_files() -> None:
    model = ResultsModel()
    model.show((hit(HOME / "a b.txt"), hit(HOME / "ü.txt")))
    urls = model.mimeData([model.index(0), model.index(1)]).urls()
    assert [url.toLocalFile() for url in urls] == ["/library/a b.txt", "/library/ü.txt"]
    assert model.flags(model.index(0)) & Qt.ItemFlag.ItemIsDragEnabled


def test_a_row_gives_its_hit_and_its_accessible_text() -> None:
    model = ResultsModel()
    first = hit(HOME / "a.txt", "Wells.")
    model.show((first,))
    assert model.index(0).data(Role.HIT) is first
    assert "Wells." in model.index(0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert model.row_like(hit(HOME / "a.txt", "other passage")) == 0
    assert model.row_like(hit(HOME / "b.txt")) == -1


@pytest.mark.parametrize("text", [LONG, "长" * 400, "طويل " * 100, "🍅" * 300, "x" * 500])
def test_a_long_snippet_ends_with_an_ellipsis_in_its_second_line(qapp: object, text: str) -> None:
    layout = lay_out_snippet(snippet(text, (0, 0), ()), QFont(), 300, 18, LIGHT)
    assert layout.lineCount() == SNIPPET_LINES
    last = layout.lineAt(1)
    assert layout.text().endswith("…")
    assert 2 * (last.textStart() + last.textLength()) == len(layout.text().encode("utf-16-le"))


def test_text_from_right_to_left_starts_at_the_right(qapp: object) -> None:
    layout = lay_out_snippet(snippet("قهوة", (0, 0), ()), QFont(), 300, 18, LIGHT)
    assert layout.lineAt(0).cursorToX(0)[0] > 250  # type: ignore[index]


@pytest.fixture
def view(qtbot: QtBot) -> ResultsView:
    view = ResultsView(ResultsModel())
    qtbot.addWidget(view)
    view.resize(500, 400)
    view.show()
    return view


def colors_in(image: QImage) -> set[str]:
    return {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(0, image.height(), 2)}


def test_the_best_sentence_is_painted_on_the_marking_colour(qtbot: QtBot, view: ResultsView, qapp: object) -> None:
    view.show_hits((hit(HOME / "a.txt", "A well."), hit(HOME / "b.txt", "A well.", highlight=(0, 0))))
    rows = [view.visualRect(view.model().index(row, 0)) for row in range(2)]
    marks = [LIGHT.mark.name() in colors_in(view.viewport().grab(row).toImage()) for row in rows]
    assert marks == [True, False]


def test_every_row_has_the_same_height(view: ResultsView) -> None:
    view.show_hits((hit(HOME / "a.txt", "x"), hit(HOME / "b.txt", LONG), hit(HOME / "c.txt", "长" * 300)))
    heights = {view.visualRect(view.model().index(row, 0)).height() for row in range(3)}
    assert len(heights) == 1


def test_the_first_hit_is_current_at_once(view: ResultsView) -> None:
    view.show_hits((hit(HOME / "a.txt"), hit(HOME / "b.txt")))
    current = view.current()
    assert current is not None
    assert current.path.name == "a.txt"


def test_a_chosen_file_stays_current_when_it_is_found_again(qtbot: QtBot, view: ResultsView) -> None:
    view.show_hits((hit(HOME / "a.txt"), hit(HOME / "b.txt")))
    view.activateWindow()
    view.setFocus()
    qtbot.waitUntil(view.hasFocus)
    view.choose(1)
    view.show_hits((hit(HOME / "new.txt"), hit(HOME / "a.txt"), hit(HOME / "b.txt")))
    current = view.current()
    assert current is not None
    assert current.path.name == "b.txt"


def test_no_hits_leave_nothing_current(qtbot: QtBot, view: ResultsView) -> None:
    view.show_hits((hit(HOME / "a.txt"),))
    with qtbot.waitSignal(view.current_changed, check_params_cb=lambda current: current is None):
        view.show_hits(())
    assert view.current() is None


def test_letters_typed_in_the_list_are_handed_on(qtbot: QtBot, view: ResultsView) -> None:
    view.show_hits((hit(HOME / "a.txt"),))
    with qtbot.waitSignal(view.typed) as typed:
        qtbot.keyClick(view, Qt.Key.Key_K)
    assert typed.args is not None


def test_enter_opens_and_with_control_reveals(qtbot: QtBot, view: ResultsView) -> None:
    view.show_hits((hit(HOME / "a.txt"),))
    with qtbot.waitSignal(view.open_wanted):
        qtbot.keyClick(view, Qt.Key.Key_Return)
    with qtbot.waitSignal(view.reveal_wanted):
        qtbot.keyClick(view, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)


def test_a_file_can_be_copied_and_pasted_elsewhere(qtbot: QtBot, view: ResultsView) -> None:
    view.show_hits((hit(HOME / "a.txt"),))
    qtbot.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    data = QGuiApplication.clipboard().mimeData()
    assert [url.toLocalFile() for url in data.urls()] == ["/library/a.txt"]
    assert data.text() == "/library/a.txt"


def test_a_right_click_asks_for_a_menu_of_that_row(qtbot: QtBot, view: ResultsView) -> None:
    view.show_hits((hit(HOME / "a.txt"), hit(HOME / "b.txt")))
    spot: QPoint = view.visualRect(view.model().index(1, 0)).center()
    with qtbot.waitSignal(view.menu_wanted) as asked:
        view.customContextMenuRequested.emit(spot)
    assert asked.args is not None
    assert asked.args[0].path.name == "b.txt"


def test_rows_of_every_kind_can_be_painted(view: ResultsView) -> None:
    view.resize(500, 2000)
    view.show_hits(tuple(hit(HOME / f"{kind}.x", "text", kind) for kind in Kind))
    assert not view.grab().isNull()
