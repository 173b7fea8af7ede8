import re
import sqlite3
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.lexical import Words, words_of
from indexer.query import parse
from indexer.words import Caseless, Literal, fts_phrase, indexed_words
from model.builtin.native import sentences


def found(text: str, expression: str) -> bool:
    """Whether FTS5 itself finds the text by the expression."""
    database = sqlite3.connect(":memory:")
    database.execute("CREATE VIRTUAL TABLE words USING fts5 (text, tokenize='unicode61 remove_diacritics 2')")
    database.execute("INSERT INTO words VALUES (?)", (indexed_words(text),))
    hits = database.execute("SELECT count(*) FROM words WHERE words MATCH ?", (expression,)).fetchone()[0]
    database.close()
    return bool(hits)


def counted(chunks: int, counts: int | dict[str, int]) -> Callable[[Sequence[str]], tuple[int, dict[str, int]]]:
    """So many chunks, and how many of them hold each word, or any."""
    return lambda terms: (chunks, counts if isinstance(counts, dict) else dict.fromkeys(terms, counts))


def no_more(beginning: str) -> int:
    """Chunks with words that begin so, where no word is longer."""
    return 0


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("我们去北京天安门广场", "北京"),
        ("我们去北京天安门广场", "天安门"),
        ("我们去北京天安门广场", "北"),
        ("我们去北京天安门广场", "场"),
        ("カメラの設定", "カメラ"),
        ("ประเทศไทยสวยงาม", "ไทย"),
        ("The load_embedder function", "load_embedder"),
        ("Grüße aus Köln", "koln"),
        ("an interna-\n  tional treaty", "international"),
    ],
)
def test_a_word_is_found_in_every_script(text: str, wanted: str) -> None:
    assert found(text, fts_phrase(wanted))


def test_unspaced_text_is_not_found_by_characters_that_are_not_side_by_side() -> None:
    assert not found("北方的京城", fts_phrase("北京"))


@given(st.text(min_size=1))
def test_any_query_makes_a_valid_expression(text: str) -> None:
    words = words_of(parse(f'"{text}" x'), counted(10, 0), no_more)
    for expression in (words.every, words.together.text, words.some().text):
        assert found(f"{text} x", expression) in (True, False)


def test_every_word_covers_all_and_rare_words_weigh_more() -> None:
    counts = {"solar": 3, "the": 9000, "panel": 40}
    words = words_of(parse("the solar panel"), counted(10000, counts), no_more)
    assert words.coverage("The Solar panels are here") == 1
    assert words.coverage("a solar roof") > words.coverage("the panel") > words.coverage("the end")
    assert '"the"' not in words.some().text


def test_matches_of_frequent_words_are_not_ranked_and_rare_words_are_looked_for_first() -> None:
    counts = {"solar": 3000, "roof": 40_000, "panel": 4000, "the": 900_000}
    words = words_of(parse("the roof solar panel"), counted(1_000_000, counts), no_more)
    assert "roof" in words.together.text
    assert "the" not in words.together.text
    assert not words.together.is_ranked
    assert words.some().is_ranked
    assert "solar" in words.some().text
    assert "roof" not in words.some().text
    assert words_of(parse("solar"), counted(1_000_000, counts), no_more).together.is_ranked


def test_common_words_are_looked_for_where_there_are_no_others() -> None:
    words = words_of(parse("to be"), counted(1_000_000, 900_000), no_more)
    assert "to" in words.together.text
    assert "be" in words.together.text
    assert not words.together.is_ranked


def test_the_beginning_of_a_word_matches_unless_it_is_a_frequent_word_itself() -> None:
    counts = {"comp": 3, "the": 900_000, "co": 3}
    assert "*" in words_of(parse("comp"), counted(1_000_000, counts), no_more).every
    assert "*" not in words_of(parse("the"), counted(1_000_000, counts), no_more).every
    assert "*" not in words_of(parse("co"), counted(1_000_000, counts), no_more).every
    assert "*" in words_of(parse("parse_da"), counted(1_000_000, 3), no_more).every
    assert "*" not in words_of(parse("plan-b"), counted(1_000_000, 3), no_more).every


def test_a_beginning_of_very_many_words_is_looked_for_as_a_word_in_texts_and_as_a_beginning_in_names() -> None:
    words = words_of(parse("how to con"), counted(1_000_000, 50), lambda beginning: 300_000)
    assert words.together.is_ranked
    assert "con" in words.together.text
    assert "*" not in words.together.text + words.some().text
    assert "*" in words.every


def test_of_what_many_words_begin_with_the_newest_is_found_unless_it_is_a_word_itself() -> None:
    def words(count: int) -> Words:
        return words_of(parse("inst"), counted(1_000_000, count), lambda beginning: 15_000)

    assert "*" in words(7).together.text
    assert not words(7).together.is_ranked
    assert "*" not in words(700).together.text
    assert words(700).together.is_ranked


@pytest.mark.parametrize(("text", "beginning"), [("猫", "猫"), ("config.de", "de"), ("Café", "cafe")])
def test_the_beginning_that_is_counted_is_that_of_the_last_word_as_it_is_indexed(text: str, beginning: str) -> None:
    asked: list[str] = []

    def frequency_from(beginning: str) -> int:
        asked.append(beginning)
        return 300_000

    assert "*" not in words_of(parse(text), counted(1_000_000, 3), frequency_from).together.text
    assert asked == [beginning]


def test_spans_mark_words_at_their_start_and_never_inside_others() -> None:
    words = words_of(parse("cat 北京"), counted(100, 1), no_more)
    text = "Concat cat 在北京 cats"
    assert [text[start:end] for start, end in words.occurrences(text).marked()] == ["cat", "北京", "cat"]


PASSAGE = "How wet should dough be? It counts too. A stiff one is easy, and the dough sticks to all."


def test_what_is_quoted_is_marked_as_a_whole_and_its_sentence_counts_most() -> None:
    words = words_of(parse('how wet should bread be "the dough"'), counted(100, 3), no_more)
    assert "the dough" in [PASSAGE[start:end] for start, end in words.occurrences(PASSAGE).marked()]
    shares = words.occurrences(PASSAGE).shares(sentences(PASSAGE))
    assert shares.index(max(shares)) == len(shares) - 1


def test_a_text_that_holds_what_is_quoted_holds_half_of_the_words() -> None:
    assert words_of(parse('tax for elephants "the dough"'), counted(100, 3), no_more).coverage(PASSAGE) >= 0.5
    assert words_of(parse("tax for elephants dough"), counted(100, 3), no_more).coverage(PASSAGE) < 0.5


@pytest.mark.parametrize("query", ["XK-4471-B", "where is parse_date", "parseDate", "covid19", "3rd", "order 4471812"])
def test_an_identifier_is_told_by_its_spelling(query: str) -> None:
    assert words_of(parse(query), counted(10, 1), no_more).has_identifier


@pytest.mark.parametrize("query", ["invoice 2024", "well-known", "Müller GmbH", "鸢尾花", "rubric 12.5"])
def test_a_word_or_a_year_is_no_identifier(query: str) -> None:
    assert not words_of(parse(query), counted(10, 1), no_more).has_identifier


LETTERS = st.text(alphabet="abAB_-. 1٣中文ßİςσÉ\u0301\n")


@pytest.mark.parametrize("text", ["", "one", "ß İ two"])
def test_nothing_stands_nowhere(text: str) -> None:
    assert Literal("").spans(Caseless(text)) == []


@given(LETTERS.filter(str.strip), st.lists(LETTERS, max_size=5))
def test_a_literal_is_found_where_a_pattern_of_its_words_is(literal: str, texts: list[str]) -> None:
    words = re.findall(r"[中文]+|[^\W中文]+", literal.lower().replace("ς", "σ")) or [literal.lower()]
    before = "" if literal[0] in "中文" else r"(?<![^\W_])"
    text = literal.join(texts)
    lower = text.lower().replace("ς", "σ")
    if len(lower) == len(text) and len(literal.lower()) == len(literal):
        expected = [one.span() for one in re.finditer(before + r"[\W_]*".join(map(re.escape, words)), lower)]
        assert Literal(literal).spans(Caseless(text)) == expected
