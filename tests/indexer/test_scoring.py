import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.scoring import CLOSE_ENOUGH, Scale, Strength, words_strength
from model.embedder import EmbedderSpec

SPEC = EmbedderSpec("a model", "1", 256, 512, noise_cosine=0.3, match_cosine=0.5)
SCALE = Scale.of(SPEC)
shares = st.floats(0, 1)


def test_strength_of_meaning_is_nothing_at_noise_and_grows_with_every_bit_of_cosine() -> None:
    assert SCALE.meaning(-0.2) == pytest.approx(0, abs=1e-4)
    assert SCALE.meaning(0.4) == pytest.approx(CLOSE_ENOUGH, abs=1e-4)
    assert SCALE.meaning(1) == pytest.approx(1)
    assert SCALE.meaning(0.61) > SCALE.meaning(0.6)


def test_the_same_cosine_means_less_among_more_chunks() -> None:
    assert SCALE.among(50).meaning(0.4) > SCALE.among(5_000).meaning(0.4) > SCALE.among(30_000).meaning(0.4)
    assert SCALE.among(0) == SCALE.among(30)


def test_documents_must_be_closer_to_each_other_than_a_query_to_its_answer() -> None:
    assert SCALE.likeness(0.5) < SCALE.meaning(0.5)
    assert SCALE.likeness(0.52) == pytest.approx(CLOSE_ENOUGH)
    assert SCALE.likeness(0.61) > SCALE.likeness(0.6)


def test_two_documents_that_are_the_same_have_a_score_of_one() -> None:
    assert SCALE.likeness(1) == pytest.approx(1)


@given(st.floats(-1, 0.59), st.floats(-1, 1))
def test_the_only_literal_match_of_all_words_beats_every_vague_neighbour(near: float, own: float) -> None:
    literal = Strength(SCALE.meaning(own), words_strength(1, full_matches=1), coverage=1)
    assert literal.score > Strength(SCALE.meaning(near), 0).score


def test_an_identifier_beats_what_is_spelled_almost_like_it() -> None:
    literal = Strength(SCALE.meaning(0.4), words_strength(1, 1, has_identifier=True), coverage=1)
    assert literal.score > Strength(SCALE.meaning(0.9), words_strength(0.8, 1), coverage=0.8).score


def test_a_clear_answer_comes_before_a_text_that_merely_has_the_words() -> None:
    answer, literal = Strength(SCALE.meaning(0.8), 0), Strength(SCALE.meaning(0.4), words_strength(1, 1), coverage=1)
    assert answer.score > literal.score


def test_of_two_answers_that_are_as_close_the_one_whose_name_says_so_comes_first() -> None:
    assert Strength(0.4, 0, named=0.6).score > Strength(0.4, 0).score
    assert Strength(0.4, 0, named=1).score < Strength(0.7, 0).score


def test_words_that_many_texts_have_do_not_beat_a_strong_match_by_meaning() -> None:
    assert Strength(0.1, words_strength(1, full_matches=30)).score < Strength(0.5, 0).score


@given(st.tuples(shares, shares, shares, shares), shares)
def test_more_evidence_never_lowers_a_score(evidence: tuple[float, float, float, float], more: float) -> None:
    less = Strength(*evidence)
    assert 0 <= less.score <= 1
    assert Strength(*(max(one, more) for one in evidence)).score >= less.score - 1e-12


@given(shares, shares, st.integers(1, 100))
def test_more_words_are_never_worth_less(one: float, other: float, full_matches: int) -> None:
    low, high = sorted((one, other))
    assert words_strength(low, full_matches) <= words_strength(high, full_matches)


def test_a_candidate_that_is_neither_close_nor_literal_is_noise() -> None:
    assert not Strength(SCALE.meaning(0.35), words_strength(0.3, 5), coverage=0.3).close_enough
    assert Strength(SCALE.meaning(0.45), 0).close_enough
    assert Strength(0, words_strength(0.6, 5), coverage=0.6).close_enough
    assert Strength(0, 0, name=0.9).close_enough
