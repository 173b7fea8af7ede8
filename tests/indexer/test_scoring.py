import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.scoring import CLOSE_ENOUGH, Strength, meaning_strength, words_strength
from model.embedder import EmbedderSpec

SPEC = EmbedderSpec("a model", "1", 256, 512, noise_cosine=0.3, match_cosine=0.5)
shares = st.floats(0, 1)


def test_strength_of_meaning_is_nothing_at_noise_and_grows_with_every_bit_of_cosine() -> None:
    assert meaning_strength(-0.2, SPEC) == pytest.approx(0)
    assert meaning_strength(0.4, SPEC) == pytest.approx(CLOSE_ENOUGH)
    assert meaning_strength(1, SPEC) == pytest.approx(1)
    assert meaning_strength(0.61, SPEC) > meaning_strength(0.6, SPEC)


@given(st.floats(-1, 0.75), st.floats(-1, 1))
def test_the_only_literal_match_of_all_words_beats_every_neighbour_by_meaning(near: float, own: float) -> None:
    literal = Strength(meaning_strength(own, SPEC), words_strength(1, full_matches=1), coverage=1)
    assert literal.score > Strength(meaning_strength(near, SPEC), 0).score


def test_words_that_many_texts_have_do_not_beat_a_strong_match_by_meaning() -> None:
    assert Strength(0.1, words_strength(1, full_matches=30)).score < Strength(0.5, 0).score


@given(shares, shares, shares, shares)
def test_more_evidence_never_lowers_a_score(meaning: float, words: float, name: float, more: float) -> None:
    less = Strength(meaning, words, name)
    assert 0 <= less.score <= 1
    assert Strength(max(meaning, more), max(words, more), max(name, more)).score >= less.score


@given(shares, shares, st.integers(1, 100))
def test_more_words_are_never_worth_less(one: float, other: float, full_matches: int) -> None:
    low, high = sorted((one, other))
    assert words_strength(low, full_matches) <= words_strength(high, full_matches)


def test_a_candidate_that_is_neither_close_nor_literal_is_noise() -> None:
    assert not Strength(meaning_strength(0.35, SPEC), words_strength(0.3, 5), coverage=0.3).close_enough
    assert Strength(meaning_strength(0.45, SPEC), 0).close_enough
    assert Strength(0, words_strength(0.6, 5), coverage=0.6).close_enough
    assert Strength(0, 0, name=0.9).close_enough
