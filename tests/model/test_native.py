import gc
import weakref
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from model.builtin.native import WordPieces, sums

ROWS = np.array([[9, 9], [1, -2], [3, 0]], np.int8)
SCALES = np.array([9, 0.5, 2])
COUNTS = np.array([0, 1, 1.5, 2])
SEED = 2**64 - 3


def summed(pieces: list[int], sizes: list[int]) -> list[list[float]]:
    out = np.full((len(sizes), 2), np.nan, np.float32)
    sums(ROWS, SCALES, COUNTS, np.array(pieces, np.int32), np.array(sizes, np.int64), out)
    return [[float(value) for value in row] for row in out]


def letters(words: list[str]) -> list[list[int]]:
    return [[ord(letter) for letter in word] for word in words]


def pieces_of(known: WordPieces, words: str) -> tuple[list[int], list[int]]:
    pieces, sizes = known.of(words)
    return np.frombuffer(pieces, np.int32).tolist(), np.frombuffer(sizes, np.int64).tolist()


def test_a_piece_counts_by_its_scale_and_by_how_often_it_occurs() -> None:
    assert summed([2, 1, 2], [3]) == [[0.5 + 9, -1]]


def test_unknown_pieces_count_nothing_and_a_text_of_nothing_else_has_a_fixed_vector() -> None:
    assert summed([0, 1, 0, 0], [2, 2, 0]) == [[0.5, -1], [1, 0], [1, 0]]


def test_of_a_text_with_too_many_pieces_the_first_are_read() -> None:
    assert summed([1, 1, 1, 2, 2], [4, 1]) == [[1, -2 * 0.5 * 2], [6, 0]] == summed([1, 1, 1, 2], [3, 1])


@pytest.mark.parametrize(
    ("pieces", "sizes"), [([1, 2], [1]), ([1], [2]), ([1], []), ([], [1]), ([1], [2, -1]), ([3], [1]), ([-1], [1])]
)
def test_what_would_be_read_or_written_outside_of_an_array_is_refused(pieces: list[int], sizes: list[int]) -> None:
    with pytest.raises(ValueError, match="do not fit"):
        summed(pieces, sizes)


@pytest.mark.parametrize("shape", [(2, 2), (1, 1), (0, 2)])
def test_sums_that_have_no_room_are_refused(shape: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="do not fit"):
        sums(ROWS, SCALES, COUNTS, np.array([1], np.int32), np.array([1]), np.empty(shape, np.float32))


@pytest.mark.parametrize("model", [(ROWS[:0], SCALES[:0], COUNTS), (ROWS, SCALES, COUNTS[:0])])
def test_an_empty_model_is_refused(model: tuple[NDArray[np.int8], NDArray[np.float64], NDArray[np.float64]]) -> None:
    with pytest.raises(ValueError, match="do not fit"):
        sums(*model, np.array([], np.int32), np.array([], np.int64), np.empty((0, 2), np.float32))


def test_texts_end_at_the_word_that_is_a_nul() -> None:
    known = WordPieces(letters, 10, SEED)
    assert pieces_of(known, " ab  c \0 \0 ab \0") == ([97, 98, 99, 97, 98], [3, 0, 2])
    assert pieces_of(known, "") == ([], [])
    assert pieces_of(known, "é 北京 \0") == ([233, 0x5317, 0x4EAC], [3])


def test_each_word_is_encoded_once() -> None:
    asked: list[str] = []

    def noted(words: list[str]) -> list[list[int]]:
        asked.extend(words)
        return [[] if word == "none" else [len(word)] for word in words]

    known = WordPieces(noted, 10, SEED)
    for _ in range(2):
        assert pieces_of(known, "one none three one \0") == ([3, 5, 3], [3])
    assert asked == ["one", "none", "three"]


def test_beyond_as_many_words_as_are_kept_all_are_forgotten() -> None:
    known = WordPieces(letters, 2, SEED)
    assert pieces_of(known, "a b \0") == ([97, 98], [2])
    assert len(known) == 2
    assert pieces_of(known, "a b c \0") == ([97, 98, 99], [3])
    assert len(known) == 0


def test_words_that_are_forgotten_or_learnt_while_others_are_encoded_are_looked_up_again() -> None:
    def encode(words: list[str]) -> list[list[int]]:
        if words == ["outer"]:
            assert pieces_of(known, "inner outer2 \0") == (letters(["inner"])[0] + letters(["outer2"])[0], [11])
            assert len(known) == 0
        return letters(words)

    known = WordPieces(encode, 2, SEED)
    pieces_of(known, "a \0")
    assert pieces_of(known, "a outer \0") == ([97, *letters(["outer"])[0]], [6])


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
    known = WordPieces(encode, 10, SEED)
    with pytest.raises(error):
        known.of("word \0")
    assert len(known) == 0


def test_a_lone_surrogate_is_refused() -> None:
    with pytest.raises(UnicodeEncodeError):
        WordPieces(letters, 10, SEED).of("\ud800")


def test_what_refers_to_itself_is_freed() -> None:
    class Owner:
        def __init__(self) -> None:
            self.pieces = WordPieces(self.encode, 10, SEED)

        def encode(self, words: list[str]) -> list[list[int]]:
            return letters(words)

    owner = Owner()
    owner.pieces.of("a \0")
    gone = weakref.ref(owner)
    del owner
    gc.collect()
    assert gone() is None
