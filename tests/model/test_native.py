import gc
import weakref
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from model.builtin.native import WordPieces, cosines, half_cosines, sums, word_spans

ROWS = np.array([[9, 9], [1, -2], [3, 0]], np.int8)
SCALES = np.array([9, 0.5, 2])
COUNTS = np.array([0, 1, 1.5, 2])
SEED = 2**64 - 3
ACUTE = "\u0301"  # joins the letter before it


def summed(pieces: list[int], sizes: list[int]) -> list[list[float]]:
    out = np.full((len(sizes), 2), np.nan, np.float32)
    sums(ROWS, SCALES, COUNTS, np.array(pieces, np.int32), np.array(sizes, np.int64), out)
    return [[float(value) for value in row] for row in out]


def compared(pieces: list[int], sizes: list[int], query: list[float]) -> list[float]:
    out = np.full(len(sizes), np.nan, np.float32)
    arrays = np.array(pieces, np.int32), np.array(sizes, np.int64), np.array(query, np.float32)
    cosines(ROWS, SCALES, COUNTS, *arrays, out)
    return [float(value) for value in out]


def small(character: str) -> str | None:
    return None if character == ACUTE else character.lower()


def lower(texts: list[str]) -> list[str]:
    return [text.lower() for text in texts]


def letters(words: list[str]) -> list[list[int]]:
    return [[ord(letter) for letter in word] for word in words]


def pieces_of(known: WordPieces, *texts: str) -> tuple[list[int], list[int]]:
    pieces, sizes = known.of(texts)
    return np.frombuffer(pieces, np.int32).tolist(), np.frombuffer(sizes, np.int64).tolist()


def test_a_piece_counts_by_its_scale_and_by_how_often_it_occurs() -> None:
    assert summed([2, 1, 2], [3]) == [[0.5 + 9, -1]]


def test_unknown_pieces_count_nothing_and_a_text_of_nothing_else_has_a_fixed_vector() -> None:
    assert summed([0, 1, 0, 0], [2, 2, 0]) == [[0.5, -1], [1, 0], [1, 0]]


def test_of_a_text_with_too_many_pieces_the_first_are_read() -> None:
    assert summed([1, 1, 1, 2, 2], [4, 1]) == [[1, -2 * 0.5 * 2], [6, 0]] == summed([1, 1, 1, 2], [3, 1])


def test_a_cosine_is_that_of_the_sum_whatever_its_length() -> None:
    assert compared([2, 1, 2, 2, 1], [3, 2, 0], [0.6, 0.8]) == pytest.approx(
        [(9.5 * 0.6 - 0.8) / np.hypot(9.5, 1), (6.5 * 0.6 - 0.8) / np.hypot(6.5, 1), 0.6]
    )


def test_a_text_whose_pieces_cancel_each_other_out_is_close_to_nothing() -> None:
    rows, out = np.array([[0, 0], [1, 1], [-1, -1]], np.int8), np.empty(1, np.float32)
    pieces, sizes, query = np.array([1, 2], np.int32), np.array([2]), np.array([1, 0], np.float32)
    cosines(rows, np.ones(3), COUNTS, pieces, sizes, query, out)
    assert out[0] == 0


@pytest.mark.parametrize(
    ("pieces", "sizes"), [([1, 2], [1]), ([1], [2]), ([1], []), ([], [1]), ([1], [2, -1]), ([3], [1]), ([-1], [1])]
)
def test_what_would_be_read_or_written_outside_of_an_array_is_refused(pieces: list[int], sizes: list[int]) -> None:
    with pytest.raises(ValueError, match="do not fit"):
        summed(pieces, sizes)
    with pytest.raises(ValueError, match="do not fit"):
        compared(pieces, sizes, [1, 0])


@pytest.mark.parametrize(("query", "room"), [([1.0], 1), ([1.0, 0.0, 0.0], 1), ([1.0, 0.0], 0), ([1.0, 0.0], 2)])
def test_a_query_of_another_model_and_cosines_that_have_no_room_are_refused(query: list[float], room: int) -> None:
    pieces, sizes = np.array([1], np.int32), np.array([1])
    with pytest.raises(ValueError, match="do not fit"):
        cosines(ROWS, SCALES, COUNTS, pieces, sizes, np.array(query, np.float32), np.empty(room, np.float32))


@pytest.mark.parametrize("shape", [(2, 2), (1, 1), (0, 2)])
def test_sums_that_have_no_room_are_refused(shape: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="do not fit"):
        sums(ROWS, SCALES, COUNTS, np.array([1], np.int32), np.array([1]), np.empty(shape, np.float32))


@pytest.mark.parametrize("model", [(ROWS[:0], SCALES[:0], COUNTS), (ROWS, SCALES, COUNTS[:0])])
def test_an_empty_model_is_refused(model: tuple[NDArray[np.int8], NDArray[np.float64], NDArray[np.float64]]) -> None:
    with pytest.raises(ValueError, match="do not fit"):
        sums(*model, np.array([], np.int32), np.array([], np.int64), np.empty((0, 2), np.float32))


def half_compared(
    numbers: list[int], rows: list[int], vectors: NDArray[np.float16], query: NDArray[np.float32], asked: list[int]
) -> list[float]:
    out = np.full(len(asked), 9, np.float32)
    lengths = np.linalg.norm(vectors.astype(np.float32), axis=1).astype(np.float32)
    half_cosines(np.array(numbers), np.array(rows), vectors, lengths, query, np.array(asked), out)
    return [float(value) for value in out]


def test_every_finite_half_is_read_as_what_it_is() -> None:
    halves = np.arange(1 << 16, dtype=np.uint16).view(np.float16)
    halves = halves[np.isfinite(halves)]
    places, out = np.arange(len(halves)), np.empty(len(halves), np.float32)
    ones = np.ones(len(halves), np.float32)
    half_cosines(places, places, halves[:, np.newaxis], ones, np.ones(1, np.float32), places, out)
    assert np.array_equal(out, halves.astype(np.float32))


@pytest.mark.parametrize("dimensions", [1, 15, 16, 17, 100])
def test_cosines_of_stored_vectors_are_written_where_they_are_asked_for(dimensions: int) -> None:
    random = np.random.default_rng(3)
    vectors = random.normal(size=(4, dimensions)).astype(np.float16)
    query = random.normal(size=dimensions).astype(np.float32)
    query /= np.linalg.norm(query)
    exact = vectors.astype(np.float32) @ query / np.linalg.norm(vectors.astype(np.float32), axis=1)
    found = half_compared([2, 3, 5, 8], [3, 0, 1, 2], vectors, query, [1, 2, 4, 5, 8, 9])
    assert found == pytest.approx([9, exact[3], 9, exact[1], exact[2], 9], abs=1e-6)
    assert half_compared([2, 3, 5, 8], [3, 0, 1, 2], vectors, query, []) == []
    assert half_compared([], [], vectors[:0], query, [1, 2]) == [9, 9]


@given(st.sets(st.integers(0, 60)), st.sets(st.integers(0, 60)))
def test_of_stored_vectors_those_that_are_asked_for_are_found(stored: set[int], asked: set[int]) -> None:
    vectors = np.ones((len(stored), 1), np.float16)
    cosines = half_compared(sorted(stored), [*range(len(stored))], vectors, np.ones(1, np.float32), sorted(asked))
    found = {number for number, cosine in zip(sorted(asked), cosines, strict=True) if cosine == 1}
    assert found == stored & asked


@pytest.mark.parametrize(
    ("numbers", "rows", "asked", "dimensions"),
    [([1, 2], [0, 2], [2], 3), ([1, 2], [-1, 0], [1], 3), ([1], [0, 1], [1], 3), ([1, 2], [0, 1], [1], 4)],
)
def test_no_vector_is_read_from_outside_of_the_array(
    numbers: list[int], rows: list[int], asked: list[int], dimensions: int
) -> None:
    with pytest.raises(ValueError, match="do not fit"):
        half_compared(numbers, rows, np.ones((2, 3), np.float16), np.ones(dimensions, np.float32), asked)


def test_words_are_runs_of_letters_and_digits_in_whatever_case() -> None:
    known = WordPieces(small, lower, letters, 10, SEED)
    assert pieces_of(known, " ab--c\0", "", "AB", "~") == ([97, 98, 99, 97, 98], [3, 0, 2, 0])
    assert pieces_of(known) == ([], [])
    assert pieces_of(known, "\u00c9 北京", "z", "é") == ([233, 0x5317, 0x4EAC, 122, 233], [3, 1, 1])


def test_a_capital_behind_a_small_letter_begins_a_word() -> None:
    asked: list[str] = []

    def noted(words: list[str]) -> list[list[int]]:
        asked.extend(words)
        return [[1]] * len(words)

    WordPieces(small, lower, noted, 100, SEED).of(["parseHTTPReply Utf8Text aB9C x_Y", "ÉcoleÀDeux"])
    assert asked == ["parse", "httpreply", "utf8text", "a", "b9c", "x", "y", "écoleàdeux"]


def test_only_texts_with_a_character_that_joins_another_are_formed_as_a_whole() -> None:
    formed: list[str] = []

    def noted(texts: list[str]) -> list[str]:
        formed.extend(texts)
        return [text.replace(f"e{ACUTE}", "é") for text in texts]

    known = WordPieces(small, noted, letters, 10, SEED)
    joined = f"e{ACUTE}"
    assert pieces_of(known, joined, "é", "e", f"b{joined}") == ([233, 233, 101, 98, 233], [1, 1, 1, 2])
    assert formed == [joined, f"b{joined}"]


def test_each_character_is_asked_for_once_and_may_become_nothing_or_several() -> None:
    asked: list[str] = []
    forms = {"ä": "ae", "\u00ad": "", "\u2003": " ", "\ufdfa": "x" * 20}

    def noted(character: str) -> str:
        asked.append(character)
        return forms[character]

    known = WordPieces(noted, lambda texts: [text.translate(str.maketrans(forms)) for text in texts], letters, 99, SEED)
    for _ in range(2):
        assert pieces_of(known, "ä\u00adä", "b\u2003c", "\ufdfa") == (
            [97, 101, 97, 101, 98, 99, *[120] * 20],
            [4, 2, 20],
        )
    assert asked == ["ä", "\u00ad", "\u2003", "\ufdfa"]


def test_each_word_is_encoded_once() -> None:
    asked: list[str] = []

    def noted(words: list[str]) -> list[list[int]]:
        asked.extend(words)
        return [[] if word == "none" else [len(word)] for word in words]

    known = WordPieces(small, lower, noted, 10, SEED)
    for _ in range(2):
        assert pieces_of(known, "one none three ONE") == ([3, 5, 3], [3])
    assert asked == ["one", "none", "three"]


def test_beyond_as_many_words_as_are_kept_all_are_forgotten() -> None:
    known = WordPieces(small, lower, letters, 2, SEED)
    assert pieces_of(known, "a b") == ([97, 98], [2])
    assert len(known) == 2
    assert pieces_of(known, "a b c") == ([97, 98, 99], [3])
    assert len(known) == 0


def test_words_that_are_forgotten_or_learnt_while_others_are_encoded_are_looked_up_again() -> None:
    def encode(words: list[str]) -> list[list[int]]:
        if words == ["outer"]:
            assert pieces_of(known, "inner outer2") == (letters(["inner"])[0] + letters(["outer2"])[0], [11])
            assert len(known) == 0
        return letters(words)

    known = WordPieces(small, lower, encode, 2, SEED)
    pieces_of(known, "a")
    assert pieces_of(known, "a outer") == ([97, *letters(["outer"])[0]], [6])


@pytest.mark.parametrize(
    ("encode", "error"),
    [
        (lambda words: [], IndexError),
        (lambda words: None, SystemError),
        (lambda words: [7], SystemError),
        (lambda words: [["x"]], TypeError),
        (lambda words: 1 / 0, ZeroDivisionError),
    ],
)
def test_an_encoder_that_fails_is_heard_and_teaches_nothing(
    encode: Callable[[list[str]], list[list[int]]], error: type[Exception]
) -> None:
    known = WordPieces(small, lower, encode, 10, SEED)
    with pytest.raises(error):
        known.of(["word"])
    assert len(known) == 0


@pytest.mark.parametrize(
    ("in_one_form", "error"),
    [
        (lambda texts: [], IndexError),
        (lambda texts: None, TypeError),
        (lambda texts: [7], TypeError),
        (lambda texts: ["\ud800"], UnicodeEncodeError),
        (lambda texts: 1 / 0, ZeroDivisionError),
    ],
)
def test_a_form_that_is_none_is_heard(in_one_form: Callable[[list[str]], list[str]], error: type[Exception]) -> None:
    known = WordPieces(small, in_one_form, letters, 10, SEED)
    with pytest.raises(error):
        known.of(["word", ACUTE])
    assert pieces_of(known, "word") == (letters(["word"])[0], [4])


@pytest.mark.parametrize(
    ("form", "error"), [(lambda character: 7, TypeError), (lambda character: 1 / 0, ZeroDivisionError)]
)
def test_a_form_of_a_character_that_is_none_is_heard(form: Callable[[str], str | None], error: type[Exception]) -> None:
    known = WordPieces(form, lower, letters, 10, SEED)
    for _ in range(2):
        with pytest.raises(error):
            known.of(["é"])


@pytest.mark.parametrize("texts", [[b"word"], [None], 7])
def test_what_is_no_text_is_refused(texts: list[str]) -> None:
    with pytest.raises(TypeError):
        WordPieces(small, lower, letters, 10, SEED).of(texts)


def test_what_refers_to_itself_is_freed() -> None:
    class Owner:
        def __init__(self) -> None:
            self.pieces = WordPieces(small, lower, self.encode, 10, SEED)

        def encode(self, words: list[str]) -> list[list[int]]:
            return letters(words)

    owner = Owner()
    owner.pieces.of(["a"])
    gone = weakref.ref(owner)
    del owner
    gc.collect()
    assert gone() is None


def test_a_word_is_found_where_it_stands_and_no_oftener_than_is_asked_for() -> None:
    text = "cat concat, cat's 猫cat 🐈cat"
    assert word_spans(text, "cat", False, 9) == [(0, 3), (7, 10), (12, 15), (19, 22), (24, 27)]
    assert word_spans(text, "cat", True, 9) == [(0, 3), (12, 15), (24, 27)]
    assert word_spans(text, "cat", True, 2) == [(0, 3), (12, 15)]
    assert word_spans("catcat", "cat", True, 9) == [(0, 3)]
    assert word_spans(text, "", True, 9) == word_spans("", "cat", True, 9) == word_spans(text, "cat", True, 0) == []


@pytest.mark.parametrize("arguments", [(b"text", "t", True, 1), ("text", None, True, 1), ("text", "t", True, 2**64)])
def test_only_a_word_is_looked_for_and_only_in_a_text(arguments: tuple[str, str, bool, int]) -> None:
    with pytest.raises((TypeError, OverflowError)):
        word_spans(*arguments)
