import re

from hypothesis import given
from hypothesis import strategies as st

from indexer.chunk import LIMIT, Section, Split, chunk, main_language, weight
from indexer.document import Chunk

SENTENCE = "The old harbour froze over and the boats stayed in for the whole of that long winter. "
PARAGRAPH = SENTENCE * 5


def chunks_of(text: str, *sections: Section, title: str = "") -> list[Chunk]:
    return list(chunk(text, sections or (Section(0, len(text)),), title, numbered=True))


def test_a_short_text_is_one_chunk() -> None:
    (only,) = chunks_of("\n\n  A few words.\n\n")
    assert (only.text, only.start, only.end, only.line) == ("A few words.", 4, 16, 3)


def test_a_text_of_white_space_has_no_chunks() -> None:
    assert chunks_of(" \n\t\n ") == []


def test_prose_is_cut_between_paragraphs_into_even_chunks() -> None:
    chunks = chunks_of("\n\n".join([PARAGRAPH.strip()] * 9))
    assert all(800 <= len(each.text) <= 1400 for each in chunks)
    assert all(each.text.startswith("The old") and each.text.endswith("winter.") for each in chunks)


def test_a_long_paragraph_is_cut_between_sentences() -> None:
    chunks = chunks_of(SENTENCE * 40)
    assert len(chunks) > 2
    assert all(each.text.startswith("The old") and each.text.endswith("winter.") for each in chunks)


def test_a_chinese_paragraph_is_cut_between_sentences_into_shorter_chunks() -> None:
    chunks = chunks_of("会议推迟到下周三上午十点，请各位同事提前准备好材料。" * 60)
    assert all(250 <= len(each.text) <= 600 and each.text.endswith("。") for each in chunks)


def test_a_line_without_spaces_is_cut_nevertheless() -> None:
    chunks = chunks_of("x" * 1_000_000)
    assert max(len(each.text) for each in chunks) <= LIMIT
    assert sum(len(each.text) for each in chunks) == 1_000_000


def test_the_context_is_title_and_headings_without_repetition() -> None:
    text = PARAGRAPH
    section = Section(0, len(text), ("Handbook", "Winter", "Boats"))
    (only,) = chunks_of(text, section, title="Handbook")
    assert only.context == "Handbook > Winter > Boats"
    assert only.embedding_text == f"Handbook > Winter > Boats\n{text.strip()}"


def test_small_neighbours_are_put_together_under_the_heading_they_share() -> None:
    text = "Alpha is one. Beta is two. "
    first, second = Section(0, 14, ("Letters", "Alpha")), Section(14, len(text), ("Letters", "Beta"))
    (only,) = chunks_of(text, first, second)
    assert only.context == "Letters"


def test_a_heading_without_text_goes_with_what_follows() -> None:
    text = "# Letters\n\n## Alpha\n\n" + PARAGRAPH
    (only,) = chunks_of(text, Section(0, 11, ("Letters",)), Section(11, len(text), ("Letters", "Alpha")))
    assert only.context == "Letters > Alpha"


def test_pages_and_parts_are_never_put_together() -> None:
    text = "one two three "
    sections = (Section(0, 4, page=1), Section(4, 8, page=2), Section(8, 14, part="message 1", page=2))
    chunks = chunks_of(text, *sections)
    assert [(each.text, each.page, each.part) for each in chunks] == [
        ("one", 1, ""),
        ("two", 2, ""),
        ("three", 2, "message 1"),
    ]


def test_code_keeps_the_indentation_of_its_first_line() -> None:
    text = "\n\n    def index(self):\n        return 1\n"
    (only,) = chunks_of(text, Section(0, len(text), split=Split.CODE))
    assert only.text.startswith("    def index")
    assert (only.line, only.language) == (3, "")


def test_a_long_function_is_cut_between_lines() -> None:
    text = "".join(f"    value_{number} = compute(value_{number - 1})\n" for number in range(1, 200))
    chunks = chunks_of(text, Section(0, len(text), split=Split.CODE))
    assert len(chunks) > 4
    assert all(each.text.startswith("    value_") and each.text.endswith(")") for each in chunks)


def test_records_are_cut_where_they_begin() -> None:
    record = '"a street\nand a town",12\n' * 1
    text = record * 100
    borders = tuple(range(0, len(text), len(record)))
    chunks = chunks_of(text, Section(0, len(text), split=Split.ROWS, borders=borders))
    assert len(chunks) > 1
    assert all(each.text.startswith('"a street') and each.text.endswith(",12") for each in chunks)


def test_lines_are_counted_from_one() -> None:
    text = "".join(f"This is line number {number} of the text.\n" for number in range(1, 301))
    for each in chunks_of(text):
        assert f"number {each.line} of" in each.text.split("\n")[0]


def test_the_main_language_is_that_of_most_text() -> None:
    chunks = [Chunk(0, 9, "x" * 9, language="de"), Chunk(9, 12, "x" * 3, language="en")]
    assert main_language(chunks) == "de"
    assert main_language([]) == ""


def test_an_ideograph_weighs_more_than_a_letter() -> None:
    assert weight("abcd") == 4
    assert weight("会议ab") == 6.5


@st.composite
def sectioned_texts(draw: st.DrawFn) -> tuple[str, list[Section]]:
    words = st.text(alphabet="ab .\n会。é\t,", max_size=300)
    text = "".join(draw(st.lists(st.one_of(words, st.just("word " * 400), st.just("z" * 3000)), max_size=6)))
    borders = sorted({0, len(text), *draw(st.lists(st.integers(0, len(text)), max_size=6))})
    heading = st.tuples() | st.tuples(st.sampled_from("AB")) | st.tuples(st.sampled_from("AB"), st.sampled_from("CD"))
    split = st.sampled_from(Split)
    page = st.none() | st.integers(1, 3)
    return text, [
        Section(start, end, draw(heading), "", draw(page), draw(split))
        for start, end in zip(borders, borders[1:], strict=False)
    ]


@given(sectioned_texts())
def test_chunks_are_in_order_apart_small_and_hold_all_that_is_not_white(case: tuple[str, list[Section]]) -> None:
    text, sections = case
    end = 0
    for each in chunks_of(text, *sections):
        assert each.start >= end
        assert not text[end : each.start].strip()
        assert each.text == text[each.start : each.end]
        assert each.text.strip()
        assert weight(each.text) <= LIMIT
        assert each.line == 1 + text.count("\n", 0, each.start)
        end = each.end
    assert not text[end:].strip()


@given(sectioned_texts())
def test_the_same_text_gives_the_same_chunks(case: tuple[str, list[Section]]) -> None:
    text, sections = case
    assert chunks_of(text, *sections) == chunks_of(text, *sections)


def test_no_chunk_begins_or_ends_with_an_empty_line() -> None:
    for each in chunks_of(("\n\n\n" + PARAGRAPH) * 12):
        assert not re.match(r"\s*\n|.*\n\s*\Z", each.text)
