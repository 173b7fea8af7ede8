"""Cuts text into the pieces that have a vector."""

import re
import secrets
import unicodedata
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sentencepiece import SentencePieceProcessor

from model.builtin.native import WordPieces

TOKENIZER_FILE = "tokenizer.model"
END = "\0"  # of a text among others: in no word
WORD_START = "▁"
CAMEL_CASE = re.compile(r"[A-Z](?<=[a-z].)")
# Vowel points of Hebrew and Arabic, the stretching stroke, joiners, soft hyphens, and the dot of a lower-cased İ.
UNWRITTEN = re.compile("[\u0307\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0640\u200c-\u200f\u00ad]")
# No marks, and yet not by themselves: parts of Korean syllables, and the sigma, which is another one where a word ends.
JOINING = re.compile("[\u1160-\u11ff\u03a3]")
KEPT_WORDS = 1 << 16  # some 2 MB
FEW_WORDS = 48  # a list is given to another thread, which takes longer to start than these to encode
ONE_LETTER = dict(zip("أإآٱىیکة", "ااااييكه", strict=True))


class WordCharacters(dict[int, str | None]):
    """A table for `str.translate`: joins spellings of one letter, drops what is often left unwritten, blanks the rest
    of what is no letter, mark or digit. It fills itself as characters are met.
    """

    def __missing__(self, code: int) -> str | None:
        character = chr(code)
        found: str | None = ONE_LETTER.get(character, character)
        if UNWRITTEN.match(character):
            found = None
        elif character != END and unicodedata.category(character)[0] not in "LMN":
            found = " "
        self[code] = found
        return found


class PieceTokenizer:
    """A Unigram tokenizer over words: piece 0 stands for everything unknown, a "▁" marks the start of a word."""

    def __init__(self, model: bytes) -> None:
        """Take a SentencePiece model that normalises nothing itself.

        Raises:
            RuntimeError: `model` is none.
        """
        self.model = model
        self._processor = SentencePieceProcessor()
        self._processor.LoadFromSerializedProto(model)
        self._characters = WordCharacters()
        self._pieces = WordPieces(self._form, self._in_one_form, self.encode_words, KEPT_WORDS, secrets.randbits(64))

    @classmethod
    def from_file(cls, path: Path) -> "PieceTokenizer":
        """Read a SentencePiece model."""
        return cls(path.read_bytes())

    @property
    def pieces(self) -> list[str]:
        """All pieces by number."""
        return [self._processor.id_to_piece(number) for number in range(len(self._processor))]

    @property
    def scored_pieces(self) -> list[tuple[str, float]]:
        """All pieces by number, with their log probabilities."""
        return [(piece, self._processor.get_score(number)) for number, piece in enumerate(self.pieces)]

    def words(self, text: str) -> str:
        """The words of a text with a space between them, in the one form in which they are looked up."""
        return self._in_one_form([text])[0]

    def _in_one_form(self, texts: Sequence[str]) -> list[str]:
        joined = END.join(texts)
        if joined.count(END) >= len(texts):
            joined = END.join(text.replace(END, " ") for text in texts)
        if not joined.islower():
            joined = CAMEL_CASE.sub(r" \g<0>", joined)
        if not joined.isascii():
            joined = unicodedata.normalize("NFKC", joined)
        return joined.lower().translate(self._characters).split(END)

    def _form(self, character: str) -> str | None:
        """What a character becomes whatever stands beside it; None where it may join what stands before it."""
        normal = unicodedata.normalize("NFKC", character)
        if any(unicodedata.category(one)[0] == "M" or JOINING.match(one) for one in normal):
            return None
        return normal.lower().translate(self._characters)

    def split(self, text: str) -> list[str]:
        """The words of a text."""
        return self.words(text).split()

    def encode(self, text: str) -> list[int]:
        """Numbers of the pieces of a text."""
        numbers: list[int] = self.encode_all([text])[0].tolist()
        return numbers

    def encode_all(self, texts: Sequence[str]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Numbers of the pieces of texts, one text after the other, and how many each has.

        No piece reaches from one word into the next.
        """
        pieces, sizes = self._pieces.of(texts)
        return np.frombuffer(pieces, np.int32), np.frombuffer(sizes, np.int64)

    def encode_sentences(
        self, passages: Sequence[str]
    ) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.int64]]:
        """The same for all sentences of the passages, and how many sentences each passage has."""
        pieces, sizes, counts = self._pieces.of_sentences(passages)
        return np.frombuffer(pieces, np.int32), np.frombuffer(sizes, np.int64), np.frombuffer(counts, np.int64)

    def surprisal(self, text: str) -> float:
        """Minus the log probability of the pieces of a text."""
        return -sum(self._processor.get_score(number) for number in self.encode(text))

    def encode_words(self, words: Sequence[str]) -> list[list[int]]:
        """Numbers of the pieces of words that `words` has prepared."""
        if len(words) < FEW_WORDS:
            return [list(self._processor.encode(one)) for one in words]
        return list(self._processor.encode(list(words), num_threads=1))
