import unicodedata
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, islice

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.builtin.encoder import FOLDER
from model.builtin.native import WordPieces, sentences
from model.builtin.tokenizer import TOKENIZER_FILE, PieceTokenizer
from model.builtin.vocabulary import spelled

PIECES = [("<unk>", 0.0), ("▁", -1.0), ("▁open", -5.0), ("file", -6.0), ("▁file", -5.0), ("北京", -6.0), ("e", -9.0)]


@pytest.fixture(scope="module")
def tokenizer() -> PieceTokenizer:
    return PieceTokenizer(spelled(PIECES))


def test_the_likeliest_pieces_are_taken(tokenizer: PieceTokenizer) -> None:
    assert tokenizer.encode("open file") == [2, 4]
    assert tokenizer.encode("openfile") == [2, 3]
    assert tokenizer.encode("北京") == [1, 5]
    assert tokenizer.pieces[5] == "北京"


def test_what_no_piece_covers_is_unknown(tokenizer: PieceTokenizer) -> None:
    assert tokenizer.encode("xyz file") == [1, 0, 4]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("openFile, open_file; OPEN-FILE!", "open file open file open file"),
        ("ｏｐｅｎ ﬁle", "open file"),
        ("İstanbul", "istanbul"),
        ("שָׁלוֹם", "שלום"),
        ("مُحَمَّـد إلى أحمد", "محمد الي احمد"),
        ("naïve café", "naïve café"),
        ("C++ и Ёлка", "c и ёлка"),
        ("हिन्दी ไทย", "हिन्दी ไทย"),
        ("2024-05-17", "2024 05 17"),
    ],
)
def test_words_are_looked_up_in_one_form(tokenizer: PieceTokenizer, text: str, words: str) -> None:
    assert " ".join(tokenizer.split(text)) == unicodedata.normalize("NFKC", words)


@given(st.text())
def test_any_text_is_tokenised(text: str) -> None:
    tokenizer = PieceTokenizer(spelled(PIECES))
    assert all(0 <= number < len(PIECES) for number in tokenizer.encode(text))
    assert tokenizer.split(text) == tokenizer.split(" ".join(tokenizer.split(text)))


def words_of(tokenizer: PieceTokenizer, texts: list[str]) -> list[list[str]]:
    """As the compiled code takes texts apart."""
    numbers: dict[str, int] = {}

    def numbered(words: list[str]) -> list[list[int]]:
        return [[numbers.setdefault(word, len(numbers))] for word in words]

    pieces, sizes = WordPieces(tokenizer._form, tokenizer._in_one_form, numbered, 1 << 30, 0).of(texts)
    words, found = list(numbers), iter(np.frombuffer(pieces, np.int32).tolist())
    return [[words[number] for number in islice(found, size)] for size in np.frombuffer(sizes, np.int64).tolist()]


JOINED = "aBcZ9_ .\0\u00adÉéßſΣσςİıﬁＡǅㄱᄀ가각ᅡᆨが\u3099か\u0301\u0307"  # alone or with what stands before
JOINED += "अ\u093cक\u09be\u09c7\u1025\u102e\u0cca\ufdfa½²\U0001d6ba"


@given(st.text() | st.text(JOINED) | st.text(st.characters(max_codepoint=127)))
def test_compiled_code_finds_the_same_words(text: str) -> None:
    tokenizer = PieceTokenizer(spelled(PIECES))
    assert words_of(tokenizer, [text]) == [tokenizer.split(text)]


def test_compiled_code_finds_the_same_words_around_each_character(tokenizer: PieceTokenizer) -> None:
    texts = [f"x{character}Y {character}가{character}" for character in map(chr, range(0x20000))]
    assert words_of(tokenizer, texts) == [tokenizer.split(text) for text in texts]


@given(st.lists(st.text()))
def test_words_prepared_beforehand_give_the_same_pieces(texts: list[str]) -> None:
    tokenizer = PieceTokenizer(spelled(PIECES))
    prepared = [tokenizer.words(text) for text in texts]
    assert tokenizer.encode_words(prepared) == [tokenizer.encode(text) for text in texts]


@given(st.lists(st.text()))
def test_a_word_has_the_same_pieces_whatever_stands_beside_it_and_was_met_before(texts: list[str]) -> None:
    tokenizer = PieceTokenizer(spelled(PIECES))
    alone = [PieceTokenizer(spelled(PIECES)).encode(text) for text in texts]
    for _ in range(2):
        ids, sizes = tokenizer.encode_all(texts)
        assert ids.tolist() == list(chain.from_iterable(alone))
        assert sizes.tolist() == [len(own) for own in alone]


@given(st.lists(st.one_of(st.text(), st.text("Ab é\u0301鸡.。!\n", max_size=60))))
def test_the_pieces_of_sentences_are_those_of_their_own_texts(passages: list[str]) -> None:
    tokenizer = PieceTokenizer(spelled(PIECES))
    pieces, sizes, counts = tokenizer.encode_sentences(passages)
    split = [[passage[start:end] for start, end in sentences(passage)] for passage in passages]
    assert counts.tolist() == list(map(len, split))
    own = tokenizer.encode_all(list(chain.from_iterable(split)))
    assert (pieces.tolist(), sizes.tolist()) == (own[0].tolist(), own[1].tolist())


def test_words_that_were_met_are_forgotten_before_they_take_much_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("model.builtin.tokenizer.KEPT_WORDS", 3)
    tokenizer = PieceTokenizer(spelled(PIECES))
    for number in range(10):
        assert tokenizer.encode(f"open file {number}") == tokenizer.encode(f"open file {number}")
        assert len(tokenizer._pieces) <= 3


def test_of_many_words_each_keeps_its_own_pieces() -> None:
    tokenizer = PieceTokenizer.from_file(FOLDER / TOKENIZER_FILE)
    words = [piece.strip("▁") for piece in tokenizer.pieces[1:20_000]]
    for some in (words[::2], words[1::2], words):
        ids, sizes = tokenizer.encode_all(some)
        each = tokenizer.encode_words([tokenizer.words(word) for word in some])
        assert ids.tolist() == list(chain.from_iterable(each))
        assert sizes.tolist() == [len(own) for own in each]


def test_words_are_looked_up_from_several_threads_at_once() -> None:
    tokenizer = PieceTokenizer.from_file(FOLDER / TOKENIZER_FILE)
    pieces = tokenizer.pieces
    texts = [" ".join(pieces[start : start + 60]).replace("▁", "") for start in range(1, 12_000, 60)]
    alone = [tokenizer.encode(text) for text in texts]
    tokenizer = PieceTokenizer(tokenizer.model)
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(tokenizer.encode, texts)) == alone
