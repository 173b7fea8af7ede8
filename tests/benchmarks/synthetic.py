"""Profiles of any size, filled through the catalogue with made-up documents and vectors of the built-in model."""

import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.catalogue.contents import packed, unpacked
from indexer.catalogue.records import Stamp
from indexer.catalogue.writer import CatalogueWriter
from indexer.chunk import CHUNKER_VERSION
from indexer.document import Chunk, Document, Kind
from indexer.results import FileState, FolderState
from indexer.settings import Settings
from indexer.spaces import SpaceKeeper, sweep_segments
from model.builtin.encoder import FOLDER, BuiltinEmbedder
from model.builtin.tokenizer import TOKENIZER_FILE, PieceTokenizer
from model.embedder import shorten

CHUNKS_PER_FILE = 5
WORDS_PER_CHUNK = 180
FILES_PER_FOLDER = 200
FILES_A_CHANGE = 100
FUNCTION_WORDS = 150
FUNCTION_SHARE = 0.4  # of a text
TOPICS = 2000
TOPIC_WORDS = 60
TOPIC_SHARE = 0.33
KINDS = ((Kind.MARKDOWN, "md"), (Kind.TEXT, "txt"), (Kind.HTML, "html"), (Kind.PDF, "pdf"), (Kind.CODE, "py"))

_WORD = re.compile("▁[a-z]{2,}")


@dataclass(frozen=True, slots=True)
class Text:
    """A made-up chunk, and the pieces of the model's vocabulary that its words are."""

    text: str
    pieces: NDArray[np.int32]


class Author:
    """Writes texts whose words are as unevenly distributed as those of a language, each about two of many topics."""

    def __init__(self, seed: int = 1) -> None:
        self._random = np.random.default_rng(seed)
        pieces = PieceTokenizer.from_file(FOLDER / TOKENIZER_FILE).pieces
        known = [(piece[1:], number) for number, piece in enumerate(pieces) if _WORD.fullmatch(piece)]
        self.words = np.array([word for word, _ in known])
        self.pieces = np.array([number for _, number in known], np.int32)
        self._topics = self._random.integers(FUNCTION_WORDS, len(self.words), (TOPICS, TOPIC_WORDS))

    def texts(self, files: int, chunks: int) -> Iterator[Text]:
        """So many chunks for each of so many files."""
        size = (files, chunks, WORDS_PER_CHUNK)
        kinds = self._random.random(size)
        about = self._abouts(files)
        topical = about[np.arange(files)[:, None, None], self._unevenly(about.shape[1], size)]
        chosen = self._unevenly(len(self.words), size)
        chosen = np.where(kinds < TOPIC_SHARE, topical, chosen)
        chosen = np.where(kinds > 1 - FUNCTION_SHARE, self._unevenly(FUNCTION_WORDS, size), chosen)
        for words in chosen.reshape(-1, WORDS_PER_CHUNK):
            yield Text(self._punctuated(self.words[words].tolist()), self.pieces[words])

    def queries(self, count: int) -> list[str]:
        """Two to four words about a topic, and up to two function words, as people type them."""
        made = []
        for about in self._abouts(count):
            telling = about[self._unevenly(len(about), self._random.integers(2, 5))]
            common = self._unevenly(FUNCTION_WORDS, self._random.integers(0, 3))
            made.append(" ".join(self.words[self._random.permutation(np.concatenate([telling, common]))]))
        return made

    def _abouts(self, count: int) -> NDArray[np.int64]:
        """Words of two topics for each, alternating, the commonest first."""
        return self._topics[self._random.integers(TOPICS, size=(count, 2))].transpose(0, 2, 1).reshape(count, -1)

    def _unevenly(self, count: int, size: int | tuple[int, ...]) -> NDArray[np.int64]:
        """Numbers below `count`, each as often as its place says (Zipf)."""
        weights = np.cumsum(1 / np.arange(1, count + 1))
        return np.searchsorted(weights, self._random.random(size) * weights[-1])

    def _punctuated(self, words: list[str]) -> str:
        sentences, start = [], 0
        for length in self._random.integers(6, 20, len(words) // 6).tolist():
            if words[start:]:
                sentences.append(" ".join(words[start : start + length]).capitalize() + ".")
                start += length
        return " ".join(sentences)


class Filler:
    """Fills a new profile with the same rows, words, vectors and segments as the indexer makes, but from no files."""

    def __init__(self, profile: Path) -> None:
        profile.mkdir(parents=True, exist_ok=True)
        self._embedder = BuiltinEmbedder()
        self._catalogue = CatalogueWriter(profile / "catalogue.db")
        segments = profile / "segments"
        sweep_segments(self._catalogue, segments)
        spec = self._embedder.spec
        with self._catalogue.change():
            space = self._catalogue.spaces.ensure(spec.name, spec.revision, spec.dimensions, CHUNKER_VERSION)
        self.keeper = SpaceKeeper(self._catalogue, segments, space, self._embedder, Settings().flush_chunks)
        self.keeper.load()
        self.root = profile / "nowhere"
        self.text_bytes = 0

    def fill(self, author: Author, chunks: int) -> float:
        """Seconds it took; segments included."""
        started = time.perf_counter()
        with self._catalogue.change():
            self._catalogue.files.add_folder(self.root)
            self._catalogue.files.set_folder_state(self.root, FolderState.ABSENT, "")
            self._folder = self._catalogue.files.folders()[0][0]
        for number in range(0, chunks // CHUNKS_PER_FILE, FILES_A_CHANGE):
            files = min(FILES_A_CHANGE, chunks // CHUNKS_PER_FILE - number)
            self._commit(number, list(author.texts(files, CHUNKS_PER_FILE)))
        while self.keeper.keep(is_idle=True):
            time.sleep(0.1)
        return time.perf_counter() - started

    def close(self) -> None:
        self.keeper.close()
        self._catalogue.close()

    def _commit(self, number: int, texts: list[Text]) -> None:
        self.text_bytes += sum(len(one.text) for one in texts)
        pieces, sizes = np.concatenate([one.pieces for one in texts]), np.array([len(one.pieces) for one in texts])
        rows = packed(shorten(self._embedder.sums(pieces, sizes), None))
        files, contents, space = self._catalogue.files, self._catalogue.contents, self.keeper.index.space
        with self._catalogue.change():
            for start in range(0, len(texts), CHUNKS_PER_FILE):
                kind, suffix = KINDS[number % len(KINDS)]
                folder = number // FILES_PER_FOLDER
                path = self.root / str(folder // 100) / str(folder) / f"{texts[start].text[:20]} {number}.{suffix}"
                document = _document(kind, texts[start : start + CHUNKS_PER_FILE])
                record = files.put(self._folder, path, Stamp(number % 1000, time.time_ns(), 1, number), kind)
                content, chunks = contents.put(number.to_bytes(16), document, CHUNKER_VERSION)
                numbers = contents.put_vectors(space, chunks, rows[start : start + len(chunks)])
                self.keeper.index.add(numbers, chunks, unpacked(rows[start : start + len(chunks)], space))
                files.finish(record, FileState.INDEXED, "", content)
                number += 1
        self.keeper.keep(is_idle=False)


def _document(kind: Kind, texts: Sequence[Text]) -> Document:
    chunks, start = [], 0
    for one in texts:
        chunks.append(Chunk(start, start + len(one.text), one.text, language="en"))
        start += len(one.text) + 1
    return Document(kind, tuple(chunks), texts[0].text[:40], "en")
