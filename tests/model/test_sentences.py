import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.builtin.native import sentences


def sentence_texts(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


def test_sentences_end_at_full_stops_of_every_script() -> None:
    assert sentence_texts("The boiler is old. It leaks water! Call someone?") == [
        "The boiler is old.",
        "It leaks water!",
        "Call someone?",
    ]
    assert sentence_texts("今天天气非常非常非常好。我们一起去公园散步吧！") == [
        "今天天气非常非常非常好。",
        "我们一起去公园散步吧！",
    ]


def test_a_line_break_inside_a_sentence_does_not_end_it_but_a_paragraph_does() -> None:
    assert sentence_texts("The pressure must\nstay above one bar.\n\nSecond paragraph here") == [
        "The pressure must\nstay above one bar.",
        "Second paragraph here",
    ]


def test_text_without_full_stops_is_taken_line_by_line() -> None:
    lines = [f"value {number} of the long table" for number in range(40)]
    assert sentence_texts("\n".join(lines))[:2] == lines[:2]


@given(st.text())
def test_sentences_are_in_order_and_stripped(text: str) -> None:
    spans = sentences(text)
    assert all(text[start:end].strip() == text[start:end] != "" for start, end in spans)
    assert all(before[1] <= after[0] for before, after in zip(spans, spans[1:], strict=False))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('He said "no." (She agreed!) Then both left.', ['He said "no."', "(She agreed!)", "Then both left."]),
        ("See fig. 3 of the manual. It shows the pump.", ["See fig. 3 of the manual.", "It shows the pump."]),
        ("Version 2.13.0 of example.org is out today", ["Version 2.13.0 of example.org is out today"]),
        (
            "「これは長い文章の例です。」それから続きがあります。",
            ["「これは長い文章の例です。」", "それから続きがあります。"],
        ),
        ("هل هذا هو السؤال الأول؟ نعم هذا هو الجواب", ["هل هذا هو السؤال الأول؟", "نعم هذا هو الجواب"]),
    ],
)
def test_what_closes_a_sentence_belongs_to_it_and_not_every_stop_ends_one(text: str, expected: list[str]) -> None:
    assert sentence_texts(text) == expected


def test_items_of_a_list_and_rows_of_a_table_are_taken_by_themselves() -> None:
    items = ["What is to be done:", "- bleed the radiators", "2) call the plumber", "| pressure | one bar |"]
    assert sentence_texts("\n".join(items)) == items


@pytest.mark.parametrize("text", ["", " \n\n ", "\u2028"])
def test_there_is_no_sentence_where_nothing_is_written(text: str) -> None:
    assert sentences(text) == []


def test_a_short_text_is_a_sentence() -> None:
    assert sentence_texts(" Yes.\n") == ["Yes."]


def test_of_a_long_table_the_beginning_is_taken() -> None:
    assert len(sentences("a row of a table\n" * 1000)) == 64


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(TypeError, match="bytes"):
        sentences(b"text")  # type: ignore[arg-type]
