"""The corpus as piece numbers on disk, so that training reads each text once and samples pairs at random."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.builtin.corpus import Pair
from model.builtin.tokenizer import PieceTokenizer

MAX_TOKENS = 384  # of a training text
BLOCK = 20_000  # pairs tokenised at a time


@dataclass(frozen=True, slots=True)
class Store:
    """Tokenised texts, and pairs of them."""

    tokens: NDArray[np.int32]  # the distinct pieces of each text, one text after the other
    counts: NDArray[np.uint8]  # how often each occurs in its text, at most 255
    offsets: NDArray[np.int64]  # [texts + 1]: where each text's pieces begin
    first: NDArray[np.int32]  # [pairs]: text numbers
    second: NDArray[np.int32]  # [pairs]
    kind: NDArray[np.uint8]  # [pairs]: Kind
    source: NDArray[np.uint8]  # [pairs]: position in `sources`
    lang_first: NDArray[np.uint8]  # [pairs]: position in `langs`
    lang_second: NDArray[np.uint8]  # [pairs]
    sources: tuple[str, ...]
    langs: tuple[str, ...]

    def save(self, folder: Path) -> None:
        """Write the store to a folder; the file of names comes last, so a folder that has it is whole."""
        folder.mkdir(parents=True, exist_ok=True)
        for name in ARRAYS:
            np.save(folder / f"{name}.npy", getattr(self, name))
        (folder / "names.txt").write_text(" ".join(self.sources) + "\n" + " ".join(self.langs), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> "Store":
        """Map a saved store into memory."""
        sources, langs = (folder / "names.txt").read_text(encoding="utf-8").split("\n")
        arrays = {name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in ARRAYS}
        return cls(sources=tuple(sources.split()), langs=tuple(langs.split()), **arrays)


ARRAYS = ("tokens", "counts", "offsets", "first", "second", "kind", "source", "lang_first", "lang_second")


class Numbering:
    """Numbers for names in the order in which they are met."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}

    def __getitem__(self, name: str) -> int:
        return self.numbers.setdefault(name, len(self.numbers))


class Texts:
    """Tokenised texts, each kept once."""

    def __init__(self, tokenizer: PieceTokenizer) -> None:
        self._tokenizer = tokenizer
        self._size = len(tokenizer.pieces)
        self._numbers: dict[int, int] = {}  # by hash: the texts themselves would take gigabytes
        self._tokens: list[NDArray[np.int32]] = []
        self._counts: list[NDArray[np.uint8]] = []
        self._lengths: list[NDArray[np.int64]] = []

    def numbers(self, texts: Sequence[str]) -> NDArray[np.int32]:
        """Number each text, and tokenise those met for the first time."""
        known = self._numbers
        new = [text for text in dict.fromkeys(texts) if hash(text) not in known]
        for text in new:
            known[hash(text)] = len(known)
        self._add(new)
        return np.fromiter((known[hash(text)] for text in texts), dtype=np.int32, count=len(texts))

    def _add(self, texts: Sequence[str]) -> None:
        if not texts:
            return
        size = self._size
        prepared = [self._tokenizer.words(text) for text in texts]
        encodings = [ids[:MAX_TOKENS] for ids in self._tokenizer.encode_words(prepared)]
        lengths = np.array([len(encoding) for encoding in encodings])
        ids = np.fromiter(chain.from_iterable(encodings), dtype=np.int64, count=lengths.sum())
        ids = ids[ids != 0] + size * np.repeat(np.arange(len(texts)), lengths)[ids != 0]
        distinct, counts = np.unique(ids, return_counts=True)
        self._tokens.append((distinct % size).astype(np.int32))
        self._counts.append(np.minimum(counts, 255).astype(np.uint8))
        self._lengths.append(np.bincount(distinct // size, minlength=len(texts)))

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """All tokens, counts and offsets."""
        offsets = np.concatenate([[0], np.cumsum(np.concatenate(self._lengths))])
        return {"tokens": np.concatenate(self._tokens), "counts": np.concatenate(self._counts), "offsets": offsets}


def blocks(pairs: Iterable[Pair]) -> Iterator[list[Pair]]:
    """Cut a stream of pairs into lists."""
    stream = iter(pairs)
    while block := list(islice(stream, BLOCK)):
        yield block


def build_store(pairs: Iterable[Pair], tokenizer: PieceTokenizer) -> Store:
    """Tokenise every text of `pairs`."""
    texts, langs, sources = Texts(tokenizer), Numbering(), Numbering()
    ends: list[NDArray[np.int32]] = []
    columns: list[NDArray[np.uint8]] = []
    for block in blocks(pairs):
        both = texts.numbers([pair.text_a for pair in block] + [pair.text_b for pair in block])
        ends.append(both.reshape(2, -1))
        rows = [(pair.kind, sources[pair.source], langs[pair.lang_a], langs[pair.lang_b]) for pair in block]
        columns.append(np.array(rows, dtype=np.uint8).T)
    first, second = np.concatenate(ends, axis=1)
    kind, source, lang_first, lang_second = np.concatenate(columns, axis=1)
    return Store(
        first=first,
        second=second,
        kind=kind,
        source=source,
        lang_first=lang_first,
        lang_second=lang_second,
        sources=tuple(sources.numbers),
        langs=tuple(langs.numbers),
        **texts.arrays(),  # type: ignore[arg-type]
    )
