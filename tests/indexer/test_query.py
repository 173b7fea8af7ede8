from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.document import Kind
from indexer.errors import QueryError
from indexer.query import Range, parse

NOON = datetime(2026, 3, 15, 12)


def day(*date: int) -> float:
    return datetime(*date).timestamp()


def test_words_phrases_and_excluded_words_are_told_apart() -> None:
    query = parse('solar "fault code" -garden panel')
    assert query.text == "solar fault code panel"
    assert query.words == ("solar", "panel")
    assert query.phrases == ("fault code",)
    assert query.without == ("garden",)


def test_each_operator_narrows_and_its_minus_form_excludes() -> None:
    query = parse('ext:pdf,.md in:/home/me name:"yearly report" lang:DE kind:code -ext:txt size:>10mb')
    assert query.only.suffixes == ("pdf", "md")
    assert query.only.folders == ("/home/me",)
    assert query.only.names == ("yearly report",)
    assert query.only.languages == ("de",)
    assert query.only.kinds == (Kind.CODE,)
    assert query.never.suffixes == ("txt",)
    assert query.only.sizes[0].low == pytest.approx(10.5 * 1024**2)
    assert query.text == ""


@pytest.mark.parametrize(
    ("value", "low", "high"),
    [
        ("2024", (2024, 1, 1), (2025, 1, 1)),
        ("2024-12", (2024, 12, 1), (2025, 1, 1)),
        ("2024-02-29", (2024, 2, 29), (2024, 3, 1)),
        ("2023..2024-06", (2023, 1, 1), (2024, 7, 1)),
        (">2024", (2025, 1, 1), None),
        ("<2024", None, (2024, 1, 1)),
        ("today", (2026, 3, 15), (2026, 3, 16)),
        ("yesterday", (2026, 3, 14), (2026, 3, 15)),
        ("week", (2026, 3, 8), None),
    ],
)
def test_a_date_covers_the_days_that_it_names(value: str, low: tuple[int, ...], high: tuple[int, ...]) -> None:
    assert parse(f"date:{value}", NOON).only.dates == (Range(low and day(*low), high and day(*high)),)


@pytest.mark.parametrize("query", ["date:soon", "date:2024-13", "size:big", "kind:thing", "date:2024-02-30"])
def test_an_operator_that_cant_be_understood_is_named(query: str) -> None:
    with pytest.raises(QueryError, match=query):
        parse(query)


def test_an_unknown_operator_and_an_open_quotation_mark_are_text() -> None:
    query = parse('error:disk "still typing')
    assert query.words == ("error:disk",)
    assert query.phrases == ("still typing",)


@given(st.text())
def test_any_text_is_parsed_or_refused_with_a_reason(text: str) -> None:
    try:
        query = parse(text, NOON)
    except QueryError as error:
        assert "Use one of" in str(error) or "Write it like" in str(error)
    else:
        assert not (query.words and not query.text)
