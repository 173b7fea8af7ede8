"""What the vectors of related pieces share during training."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from anyascii import anyascii
from numpy.typing import NDArray

from model.builtin.tokenizer import WORD_START

HAN = re.compile("[\u3400-\u9fff]")
SEMITIC = re.compile("[\u05d0-\u05ea\u0620-\u064a]")
VOWELS = re.compile("[aeiouvwy]+")  # and what Hebrew and Arabic write for them
SKELETON = 3  # consonants that a name needs to be told by


@dataclass(frozen=True, slots=True)
class Parts:
    """Each piece's vector is the sum of the rows named here: its own and those of its character n-grams.

    So inflected forms and spellings learn from each other. The sums alone are shipped.
    Source: Bojanowski, Grave, Joulin and Mikolov 2017 (fastText), for pieces instead of words.
    """

    rows: NDArray[np.int64]
    starts: NDArray[np.int64]  # [pieces + 1]
    total: int  # rows there are

    def of(self, pieces: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Rows of some pieces, one after the other, and where each piece's begin."""
        begins, ends = self.starts[pieces], self.starts[pieces + 1]
        starts = np.concatenate([[0], np.cumsum(ends - begins)])
        return self.rows[np.arange(starts[-1]) + np.repeat(begins - starts[:-1], ends - begins)], starts


def ngram_parts(pieces: Sequence[str], buckets: int) -> Parts:
    """Parts of each piece: its own row, and the rows of its n-grams, hashed into `buckets`."""
    rows: list[int] = []
    starts = [0]
    for number, piece in enumerate(pieces):
        rows.append(number)
        rows += [len(pieces) + bucket(ngram, buckets) for ngram in sorted(ngrams(piece))]
        starts.append(len(rows))
    return Parts(np.array(rows), np.array(starts), len(pieces) + buckets)


def ngrams(piece: str) -> set[str]:
    """What related words share: within a language runs of letters, across scripts their sound."""
    word = piece.removeprefix(WORD_START)
    if len(word) < 2 or not word[0].isalpha():
        return set()
    if HAN.search(word):
        return {f"={sound(word)}", *HAN.findall(word)}
    found = beginnings(word, range(3, 8)) | {word[start : start + 4] for start in range(len(word) - 3)}
    if SEMITIC.match(word):  # article, conjunction and prepositions are written as one with their word
        found |= {f"={word[start:]}" for start in range(3) if len(word) - start >= 3}
    heard = sound(word)
    if len(heard) >= 4:
        found |= beginnings(heard, range(4, 7)) | {f"={heard}"}
    skeleton = VOWELS.sub("", heard)
    if len(skeleton) >= SKELETON:
        found.add(f"~{skeleton}")
    return found


def sound(word: str) -> str:
    """The word in Latin letters, without marks."""
    return anyascii(word).lower()


def beginnings(word: str, sizes: range) -> set[str]:
    """The first letters of a longer word."""
    return {word[:size] + "*" for size in sizes if size < len(word)}


def bucket(ngram: str, buckets: int) -> int:
    """Number of an n-gram, the same in every run."""
    return int.from_bytes(hashlib.blake2b(ngram.encode(), digest_size=4).digest(), "little") % buckets
