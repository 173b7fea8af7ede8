import json
import math
from collections.abc import Sequence
from itertools import accumulate, pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.builtin import native
from model.builtin.tokenizer import TOKENIZER_FILE, PieceTokenizer
from model.embedder import SEARCH_TASK, EmbedderSpec, shorten
from model.errors import ModelError
from model.precedence import Precedence

FOLDER = Path(__file__).parents[2] / "resources" / "builtin-model"
TEXTS = 32  # embedded before what is urgent goes first: some 3 ms
_Asked = tuple[tuple[str, ...], int]  # queries, and how many dimensions of their vectors
TYPES = {"I8": np.int8, "F16": np.float16}
COUNT_BITS = 16  # behind the point, of the weight of a count


def count_weights(most: int) -> NDArray[np.float64]:
    """What a piece that occurs c times in a text counts, for c from 0 to `most`: 1 + ln c, rounded."""
    exact = [0.0, *(1 + math.log(count) for count in range(1, most + 1))]
    return np.ldexp(np.rint(np.ldexp(exact, COUNT_BITS)), -COUNT_BITS)


def mapped_tensors(path: Path) -> dict[str, NDArray[np.generic]]:
    """Map the tensors of a safetensors file, so that only the rows in use take memory; the library reads them all.

    Source: https://github.com/huggingface/safetensors, section "Format".
    """
    with path.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(size))
    header.pop("__metadata__", None)
    return {
        name: np.memmap(path, TYPES[entry["dtype"]], "r", 8 + size + entry["data_offsets"][0], tuple(entry["shape"]))
        for name, entry in header.items()
    }


class BuiltinEmbedder:
    """A static embedding model: a text is the weighted sum of the vectors of its distinct pieces.

    Neither order nor context counts, so a vector depends on its own text alone, whatever else is in the batch. All
    factors have so few bits that float64 holds each product and sum exactly: however a processor orders the additions,
    the vector is the same.
    """

    def __init__(self, folder: Path = FOLDER, precedence: Precedence | None = None) -> None:
        """Read the model from a folder; passages give way to what takes `precedence`.

        Raises:
            ModelError: a file of the folder is missing or damaged.
        """
        self._precedence = precedence or Precedence()
        try:
            config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
            tensors = mapped_tensors(folder / "model.safetensors")
            self._tokenizer = PieceTokenizer.from_file(folder / TOKENIZER_FILE)
            self._spec = EmbedderSpec(**config["spec"])
            self._rows = np.asarray(tensors["rows"], np.int8)  # [pieces, dim]
            self._scales = tensors["scales"].astype(np.float64)  # [pieces]
            self._count_weights = count_weights(self._spec.max_tokens)
        except Exception as error:  # damage shows differently in each file
            raise ModelError(f"The built-in model in {folder} cannot be read; reinstall Cognate. ({error})") from error
        # A search embeds its query for the index, and once more for sentences.
        self._latest: tuple[_Asked, NDArray[np.float32]] = ((), 0), np.empty((0, 0), np.float32)

    @property
    def spec(self) -> EmbedderSpec:
        """The same for the lifetime of the embedder."""
        return self._spec

    def embed_documents(self, texts: Sequence[str], dimension: int | None = None) -> NDArray[np.float32]:
        """Embed n passages: float32 [n, dimension], rows of length 1; (0, dimension) for no texts."""
        rows = np.empty((len(texts), self._spec.dimensions), np.float32)
        for start in range(0, len(texts), TEXTS):
            self._precedence.give_way()
            rows[start : start + TEXTS] = self.sums(*self._tokenizer.encode_all(texts[start : start + TEXTS]))
        return shorten(rows, dimension)

    def embed_queries(
        self, texts: Sequence[str], task: str = SEARCH_TASK, dimension: int | None = None
    ) -> NDArray[np.float32]:
        """Embed n queries; this model takes no instruction, so a query is embedded as a passage is."""
        (asked, vectors), wanted = self._latest, (tuple(texts), dimension or self._spec.dimensions)
        if asked != wanted:
            vectors = shorten(self.sums(*self._tokenizer.encode_all(texts)), dimension)
            vectors.flags.writeable = False
            self._latest = wanted, vectors
        return vectors

    def query_text(self, text: str, task: str = SEARCH_TASK) -> str:
        """The query itself."""
        return text

    def surprisal(self, word: str) -> float:
        """How little the word is to be expected, whatever the language: minus its log probability, from 0 on."""
        return self._tokenizer.surprisal(word)

    def sentence_cosines(self, passages: Sequence[str], vector: NDArray[np.float32]) -> list[list[float]]:
        """Cosines of the sentences of each passage with a vector [dim] of length 1."""
        pieces, sizes, counts = self._tokenizer.encode_sentences(passages)
        found = np.empty(len(sizes), np.float32)
        native.cosines(self._rows, self._scales, self._count_weights, pieces, sizes, vector, found)
        cosines, ends = found.tolist(), accumulate(counts.tolist(), initial=0)
        return [cosines[start:end] for start, end in pairwise(ends)]

    def sums(self, pieces: NDArray[np.int32], sizes: NDArray[np.int64]) -> NDArray[np.float32]:
        """Vectors [n, dim], not yet of length 1, of texts with so many pieces each; a fixed one for an empty text."""
        vectors = np.empty((len(sizes), self._rows.shape[1]), np.float32)
        native.sums(self._rows, self._scales, self._count_weights, pieces, sizes, vectors)
        return vectors
