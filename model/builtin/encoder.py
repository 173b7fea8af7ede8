import json
import math
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.builtin.bags import Bags
from model.builtin.tokenizer import TOKENIZER_FILE, PieceTokenizer
from model.embedder import SEARCH_TASK, EmbedderSpec, shorten
from model.errors import ModelError
from model.precedence import Precedence

FOLDER = Path(__file__).parents[2] / "resources" / "builtin-model"
UNKNOWN_ID = 0
TEXTS = 32  # embedded before what is urgent goes first: some 20 ms
PADDED_ROWS = 1024  # that are summed in one call: 2 MB
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
            self._rows = np.asarray(tensors["rows"])  # int8 [pieces, dim]
            self._scales = tensors["scales"].astype(np.float64)  # [pieces]
            self._count_weights = count_weights(self._spec.max_tokens)
        except Exception as error:  # damage shows differently in each file
            raise ModelError(f"The built-in model in {folder} cannot be read; reinstall Cognate. ({error})") from error

    @property
    def spec(self) -> EmbedderSpec:
        """The same for the lifetime of the embedder."""
        return self._spec

    def embed_documents(self, texts: Sequence[str], dimension: int | None = None) -> NDArray[np.float32]:
        """Embed n passages: float32 [n, dimension], rows of length 1; (0, dimension) for no texts."""
        rows = np.empty((len(texts), self._spec.dimensions), np.float32)
        for start in range(0, len(texts), TEXTS):
            self._precedence.give_way()
            rows[start : start + TEXTS] = self.sums(self.bags(texts[start : start + TEXTS]))
        return shorten(rows, dimension)

    def embed_queries(
        self, texts: Sequence[str], task: str = SEARCH_TASK, dimension: int | None = None
    ) -> NDArray[np.float32]:
        """Embed n queries; this model takes no instruction, so a query is embedded as a passage is."""
        return shorten(self.sums(self.bags(texts)), dimension)

    def query_text(self, text: str, task: str = SEARCH_TASK) -> str:
        """The query itself."""
        return text

    def surprisal(self, word: str) -> float:
        """How little the word is to be expected, whatever the language: minus its log probability, from 0 on."""
        return self._tokenizer.surprisal(word)

    def bags(self, texts: Sequence[str]) -> Bags:
        """The pieces of texts, as far as the model reads them."""
        ids, sizes = self._tokenizer.encode_all(texts)
        if sizes.max(initial=0) > self._spec.max_tokens:
            place = np.arange(len(ids)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
            ids, sizes = ids[place < self._spec.max_tokens], np.minimum(sizes, self._spec.max_tokens)
        return self.weighed(ids, sizes)

    def weighed(self, ids: NDArray[np.integer], sizes: NDArray[np.integer]) -> Bags:
        """Bags of n texts whose pieces, with repeats, are in `ids`, one text after the other, `sizes` [n] of each."""
        known = ids != UNKNOWN_ID
        owners = np.repeat(np.arange(len(sizes)), sizes)[known]
        keys, counts = np.unique(owners * len(self._scales) + ids[known], return_counts=True)
        owners, pieces = np.divmod(keys, len(self._scales))
        weights = self._scales[pieces] * self._count_weights[counts]
        return Bags(np.bincount(owners, minlength=len(sizes)), pieces, weights)

    def sums(self, bags: Bags) -> NDArray[np.float32]:
        """The sum of the vectors of each bag, float32 [n, dim]; an empty one gets a fixed vector."""
        sizes, end = bags.sizes, len(bags.pieces)
        weights, pieces = np.append(bags.weights, 0), np.append(bags.pieces, UNKNOWN_ID)
        starts, order, done = np.cumsum(sizes) - sizes, np.argsort(-sizes, kind="stable"), 0
        vectors = np.empty((len(sizes), self._rows.shape[1]), dtype=np.float32)
        while done < len(sizes):  # as many as have few pieces together once they are padded to the longest of them
            longest = sizes[order[done]]
            some = order[done : done + max(1, PADDED_ROWS // max(1, longest))]
            place = np.arange(longest)
            own = np.where(place < sizes[some, np.newaxis], starts[some, np.newaxis] + place, end)
            rows = self._rows.take(pieces[own], axis=0).astype(np.float64)  # three times as fast as by an index
            vectors[some] = np.matmul(weights[own][:, np.newaxis], rows)[:, 0]
            done += len(some)
        vectors[sizes == 0] = self._nothing
        return vectors

    def estimated_cosines(self, bags: Bags, query: NDArray[np.float32]) -> NDArray[np.float64]:
        """Cosines [n] of bags with a query [dim], as if the vectors of pieces stood at right angles to each other.

        They nearly do, and a sum of such vectors has the squares of their lengths as the square of its own.
        """
        pieces, places = np.unique(bags.pieces, return_inverse=True)
        rows, owners = self._rows.take(pieces, axis=0).astype(np.float32), bags.owners
        dots = np.bincount(owners, (rows @ query)[places] * bags.weights, len(bags.sizes))
        squares = np.bincount(owners, np.einsum("pd,pd->p", rows, rows)[places] * bags.weights**2, len(bags.sizes))
        return np.asarray(dots / np.sqrt(np.maximum(squares, np.finfo(np.float64).tiny)))

    @cached_property
    def _nothing(self) -> NDArray[np.float32]:
        vector = np.zeros(self._spec.dimensions, dtype=np.float32)
        vector[0] = 1
        return vector
