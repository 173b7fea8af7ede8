import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.scoring import Strength, meaning_strength, words_strength
from model.embedder import EmbedderSpec

SPEC = EmbedderSpec("a model", "1", 256, 512, noise_cosine=0.3, match_cosine=0.5)
shares = st.floats(0, 1)


def test_strength_of_meaning_is_low_at_the_noise_level_and_high_at_the_match_level_of_a_model() -> None:
    assert meaning_strength(0.3, SPEC) == pytest.approx(0.1)
    assert meaning_strength(0.4, SPEC) == pytest.approx(0.5)
    assert meaning_strength(0.5, SPEC) == pytest.approx(0.9)


@given(st.floats(-1, 1), shares)
def test_the_only_literal_match_of_a_rare_word_beats_every_neighbour_by_meaning(cosine: float, meaning: float) -> None:
    literal = Strength(meaning_strength(cosine, SPEC), words_strength(1, 1, rank=0))
    assert literal.score > Strength(meaning, 0).score


def test_words_that_stand_everywhere_do_not_beat_a_strong_match_by_meaning() -> None:
    assert Strength(0.1, words_strength(1, 0, rank=0)).score < Strength(0.9, 0).score


@given(shares, shares, shares, shares)
def test_more_evidence_never_lowers_a_score(meaning: float, words: float, name: float, more: float) -> None:
    less = Strength(meaning, words, name)
    assert 0 <= less.score <= 1
    assert Strength(max(meaning, more), max(words, more), max(name, more)).score >= less.score


def test_a_candidate_that_is_neither_close_nor_literal_is_noise() -> None:
    assert not Strength(meaning_strength(0.35, SPEC), words_strength(0.3, 1, rank=5)).close_enough
    assert Strength(meaning_strength(0.45, SPEC), 0).close_enough
    assert Strength(0, 0, name=0.9).close_enough
