from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

class WordPieces:
    """Remembers the pieces of the words that were met."""

    def __new__(
        cls,
        form: Callable[[str], str | None],
        in_one_form: Callable[[list[str]], list[str]],
        encode: Callable[[list[str]], list[list[int]]],
        kept: int,
        seed: int,
    ) -> WordPieces:
        """Ask `form` what a character that is not ASCII becomes, whatever stands beside it; None: that depends on it.
        Of texts with such characters ask `in_one_form` for the words, with spaces between them. Ask `encode` for the
        pieces of new words, and beyond so many words forget all. Nobody must know the seed.
        """

    def __len__(self) -> int: ...
    def of(self, texts: Sequence[str]) -> tuple[bytes, bytes]:
        """Pieces of the words of texts, as int32, and how many each text has, as int64."""

    def of_sentences(self, texts: Sequence[str]) -> tuple[bytes, bytes, bytes]:
        """The same of all sentences of texts, one text after the other, and how many sentences each has, as int64."""

def sums(
    rows: NDArray[np.int8],
    scales: NDArray[np.float64],
    counts: NDArray[np.float64],
    pieces: NDArray[np.int32],
    sizes: NDArray[np.int64],
    out: NDArray[np.float32],
) -> None:
    """Write the sums of the vectors of n texts to `out` [n, dim]; where a text has no known piece, a fixed vector.

    `pieces` are those of all texts, of which each has so many as `sizes` [n] tells. A piece p that occurs c times adds
    scales[p] counts[c] rows[p]; rows are [vocabulary, dim], scales [vocabulary], and counts go up to the most pieces of
    a text that are read. Other threads go on meanwhile, where it is more than some hundred pieces.

    Raises:
        ValueError: the arrays do not fit each other.
    """

def cosines(
    rows: NDArray[np.int8],
    scales: NDArray[np.float64],
    counts: NDArray[np.float64],
    pieces: NDArray[np.int32],
    sizes: NDArray[np.int64],
    query: NDArray[np.float32],
    out: NDArray[np.float32],
) -> None:
    """Write the cosines of these sums, made in float32, with a vector [dim] of length 1 to `out` [n].

    Raises ValueError likewise.
    """

def sentences(text: str) -> list[tuple[int, int]]:
    """Sentences of a passage, or its lines where it has none, in characters, without the white space around them."""

def word_spans(text: str, word: str, begins_words: bool, most: int) -> list[tuple[int, int]]:
    """The first places where a word stands in a text, in characters, from first to last; none for an empty word.

    One that `begins_words` does not stand behind a letter or a digit.
    """

def half_cosines(
    numbers: NDArray[np.int64],
    rows: NDArray[np.int64],
    vectors: NDArray[np.float16],
    lengths: NDArray[np.float32],
    query: NDArray[np.float32],
    asked: NDArray[np.int64],
    out: NDArray[np.float32],
) -> None:
    """Write the cosines of stored vectors with a query [dim] of length 1 to `out` [m], for those of the numbers `asked`
    [m] that there are; the rest of it stays as it is. Both numbers are ascending.

    The vector that has numbers[i] [n] is in rows[i] of `vectors` [n, dim], and its length in the same row of `lengths`.

    Raises:
        ValueError: the arrays do not fit each other.
    """
