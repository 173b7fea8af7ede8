"""How time, memory and disk grow with the number of chunks: `python -m tests.benchmarks.scale 1000 10000 100000`.

Each size is a made-up profile (tests/benchmarks/synthetic.py) in a new folder, or an existing one with `--profile`. The
measures are appended to `--out` as JSON, a line for each size, and printed as a Markdown table; `--plot` draws them.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

import numpy as np
import psutil
from numpy.typing import NDArray

from indexer.candidates import by_meaning
from indexer.catalogue.filters import chunk_filter
from indexer.catalogue.reader import CatalogueReader
from indexer.catalogue.writer import CatalogueWriter
from indexer.engine import Engine
from indexer.query import parse
from indexer.resident import most_bytes
from indexer.results import Mode, SearchRequest
from indexer.segments import VectorIndex
from model.builtin.encoder import BuiltinEmbedder
from model.embedder import shorten
from tests.benchmarks.plot import draw
from tests.benchmarks.saved import saved
from tests.benchmarks.synthetic import Author, Filler

QUERIES = 100
TYPED = 10  # queries that are typed letter by letter
NEIGHBOURS = 10
TIE = 1e-5  # cosines that are no further apart are of the same text
FILTERS = MappingProxyType(
    {"50 %": "size:<500b", "5 %": "size:<50b", "0.1 %": "size:<1b", "one folder": "in:{root}/0/0"}
)
NEW_FILTERS = ("type:pdf", "ext:md", "-type:pdf", "name:an", "in:7", "lang:en", "size:<300b", "after:2020-01-01")
ROWS = (
    ("chunks", "chunks", "{:,.0f}"),
    ("filled in, s", "fill_seconds", "{:.0f}"),
    ("of which processor, without segments, s", "fill_processor_seconds", "{:.1f}"),
    ("profile, bytes per byte of text", "size_ratio", "{:.2f}"),
    ("open to first answer, s", "first_answer_seconds", "{:.2f}"),
    ("memory with the window open, MB", "memory_mb", "{:.0f}"),
    ("vectors read into memory in, s", "resident_seconds", "{:.1f}"),
    ("query, ms", "both_ms", "{0[0]:.1f} / {0[1]:.1f}"),
    ("of which processor, ms", "both_ms", "{0[2]:.1f} / {0[3]:.1f}"),
    ("by meaning, ms", "meaning_ms", "{0[0]:.1f} / {0[1]:.1f}"),
    ("by words, ms", "words_ms", "{0[0]:.1f} / {0[1]:.1f}"),
    ("a key typed, ms, worst", "typed_ms", "{0[0]:.1f} / {0[1]:.1f}, {0[4]:.0f}"),
    ("another filter, ms, worst", "another_filter_ms", "{0[0]:.1f} / {0[1]:.1f}, {0[4]:.0f}"),
    ("recall@10", "recall", "{:.4f}"),
    ("saved until found, s", "saved_seconds", "{0[0]:.2f} / {0[1]:.2f}"),
)


def percentiles(values: Sequence[float]) -> list[float]:
    """Median and 95th."""
    return [float(np.percentile(values, 50)), float(np.percentile(values, 95))]


def timed(calls: Iterable[Callable[[], object]]) -> list[float]:
    """Median and 95th percentile, in milliseconds, of calls, the same of the processor's time, and the longest."""
    taken, used = [], []
    for call in calls:
        started, before = time.perf_counter(), time.process_time()
        call()
        taken.append((time.perf_counter() - started) * 1000)
        used.append((time.process_time() - before) * 1000)
    return [*percentiles(taken), *percentiles(used), max(taken)]


def make_resident(engine: Engine) -> None:
    """Have the vectors in memory that a running engine reads when it has nothing else to do."""
    while engine._indexing.spaces[0].make_resident():
        pass


def first_answer(profile: Path) -> dict[str, float]:
    """Seconds from the start of a process until it has opened the profile and answered, and its memory then."""
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-m", "tests.benchmarks.scale", "--answer", str(profile)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout
    measured: dict[str, float] = json.loads(answer.splitlines()[-1])
    return measured


def answer(profile: Path) -> None:
    """What the process of `first_answer` does: with the window, as far as memory goes."""
    queries = Author(2).queries(QUERIES)
    opening = time.perf_counter()
    engine = Engine.open(profile)
    opened = time.perf_counter()
    engine.search(SearchRequest(queries[0]))
    answered = time.perf_counter()
    make_resident(engine)
    for query in queries:
        engine.search(SearchRequest(query))
    from PySide6.QtWidgets import QApplication

    from app.bridge import Bridge
    from app.window import MainWindow

    application = QApplication([])
    window = MainWindow(Bridge())
    window.show()
    application.processEvents()
    memory = psutil.Process().memory_info().rss
    print(
        json.dumps(
            {
                "open_seconds": opened - opening,
                "first_answer_seconds": answered - opening,
                "memory_mb": memory / 1e6,
            }
        ),
        flush=True,
    )
    os._exit(0)


class Vectors:
    """The vector stage alone, beside exact search over all vectors."""

    def __init__(self, profile: Path) -> None:
        self._writer = CatalogueWriter(profile / "catalogue.db")
        spaces = self._writer.spaces
        space = next(space for space in spaces.all() if space.active)
        self._index = VectorIndex(profile / "segments", space)
        self._index.load(spaces, spaces.segments(space))
        while self._index.make_resident(spaces, most_bytes()):
            pass
        self.reader = CatalogueReader(profile / "catalogue.db")
        self.root = self._writer.files.folders()[0][1]
        self._embedder = BuiltinEmbedder()

    def close(self) -> None:
        self.reader.close()
        self._writer.close()

    def recall(self, queries: Sequence[str], operators: str = "") -> tuple[float, list[float]]:
        """Share of the ten nearest that are found, and how long it took as `timed` says.

        Of texts that are the same, one is as near as the other.
        """
        parsed = parse(operators.format(root=self.root), datetime.now())
        narrow = chunk_filter(parsed.only, parsed.never)
        vectors = self._embedder.embed_queries(queries)
        allowed = None if narrow is None else self.reader.allowed_chunks(narrow)
        exact = self._exact(vectors, allowed)
        found: list[NDArray[np.float32]] = []

        def search(vector: NDArray[np.float32]) -> None:
            cosines = by_meaning(self.reader, self._index, vector, narrow)
            found.append(np.sort(np.array(list(cosines.values()), np.float32))[::-1][:NEIGHBOURS])

        milliseconds = timed([lambda vector=vector: search(vector) for vector in vectors])
        shares = [
            (one >= true[-1] - TIE).sum() / len(true) for one, true in zip(found, exact, strict=True) if len(true)
        ]
        return float(np.mean(shares)), milliseconds

    def _exact(self, queries: NDArray[np.float32], allowed: NDArray[np.int64] | None) -> NDArray[np.float32]:
        """Cosines of the nearest to each query, descending."""
        best = np.zeros((len(queries), 0), np.float32)
        for _, chunks, vectors in self._writer.spaces.vectors(self._index.space, 0, 2**62):
            kept = slice(None) if allowed is None else np.isin(chunks, allowed)
            scores = np.hstack([best, queries @ shorten(vectors[kept], None).T])
            best = -np.sort(-scores, axis=1)[:, :NEIGHBOURS]
        return best


def measure(profile: Path) -> dict[str, object]:
    """Everything that can be measured on a profile that is filled."""
    measured: dict[str, object] = dict(first_answer(profile))
    queries = Author(2).queries(QUERIES)
    vectors = Vectors(profile)
    measured["chunks"] = vectors.reader.count_chunks()
    measured["recall"], measured["vectors_ms"] = vectors.recall(queries)
    for name, operators in FILTERS.items():
        recall, milliseconds = vectors.recall(queries[:30], operators)
        measured[f"filter {name}"] = [recall, *milliseconds]
    root = vectors.root
    vectors.close()
    engine = Engine.open(profile)
    started = time.perf_counter()
    make_resident(engine)
    measured["resident_seconds"] = time.perf_counter() - started
    for query in Author(3).queries(QUERIES):
        engine.search(SearchRequest(query))
    for mode in Mode:
        requests = [SearchRequest(query, mode=mode) for query in queries]
        measured[f"{mode}_ms"] = timed([lambda one=one: engine.search(one) for one in requests])
    typed = [SearchRequest(query[: end + 1]) for query in queries[:TYPED] for end in range(len(query))]
    measured["typed_ms"] = timed([lambda one=one: engine.search(one) for one in typed])
    narrowed = [SearchRequest(f"{query} {operator}") for query in queries[:3] for operator in NEW_FILTERS]
    measured["another_filter_ms"] = timed([lambda one=one: engine.search(one) for one in narrowed])
    for name, operators in FILTERS.items():
        narrow = operators.format(root=root)
        requests = [SearchRequest(f"{query} {narrow}") for query in queries[:30]]
        measured[f"filtered query {name}"] = timed([lambda one=one: engine.search(one) for one in requests])
    engine.close()
    measured["saved_seconds"] = percentiles([times["found"] for some in saved(profile).values() for times in some])
    return measured


def size_of(folder: Path) -> int:
    """Bytes of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def fill(profile: Path, chunks: int) -> dict[str, object]:
    """A new profile, how long it took, and its size."""
    filler = Filler(profile)
    before = time.process_time()
    seconds = filler.fill(Author(), chunks)
    used = time.process_time() - before
    filler.close()
    return {
        "fill_seconds": seconds,
        "fill_processor_seconds": used,
        "size_ratio": size_of(profile) / filler.text_bytes,
    }


def table(measures: Sequence[dict[str, object]]) -> str:
    """Markdown, a column for each size."""
    lines = ["| |" + " |" * len(measures), "|---|" + "---|" * len(measures)]
    for title, name, form in ROWS:
        lines.append(
            f"| {title} | " + " | ".join(form.format(one[name]) if name in one else "" for one in measures) + " |"
        )
    for name in FILTERS:
        cells = [(one.get(f"filter {name}"), one.get(f"filtered query {name}")) for one in measures]
        shown = [
            f"{stage[0]:.4f}, {query[0]:.1f} / {query[1]:.1f}, {query[2]:.1f} / {query[3]:.1f}"
            if isinstance(stage, list) and isinstance(query, list)
            else ""
            for stage, query in cells
        ]
        lines.append(f"| filter {name}: recall@10; query, ms; processor, ms | " + " | ".join(shown) + " |")
    return "\n".join(lines)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int)
    parser.add_argument("--profile", type=Path, help="measure this made-up profile, which gets a new folder")
    parser.add_argument("--out", type=Path, default=Path("scale.jsonl"))
    parser.add_argument("--plot", type=Path, help="draw the measures of --out to this SVG file")
    parser.add_argument("--answer", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.answer:
        answer(options.answer)
    for size in options.sizes:
        with tempfile.TemporaryDirectory() as folder:
            note(options.out, fill(Path(folder) / "profile", size) | measure(Path(folder) / "profile"))
    if options.profile:
        note(options.out, measure(options.profile))
    measures = [json.loads(line) for line in options.out.read_text(encoding="utf-8").splitlines()]
    measures.sort(key=lambda one: one["chunks"])
    print(table(measures))
    if options.plot:
        options.plot.write_text(draw(measures), encoding="utf-8")


def note(out: Path, measured: dict[str, object]) -> None:
    """Append a line."""
    with out.open("a", encoding="utf-8") as file:
        file.write(json.dumps(measured) + "\n")


if __name__ == "__main__":
    main()
