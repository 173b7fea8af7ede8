"""How fast the built-in model loads and embeds: `python -m tests.benchmarks.builtin_model FOLDER`.

FOLDER holds texts, which are read in chunks of 1,500 characters. Where the package model2vec is installed (`pip install
model2vec`; no part of Cognate), its own encoder embeds the same texts with the same number of pieces in the same run.
One core: `OMP_NUM_THREADS=1 taskset -c 0 python -m ...`.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from model.builtin.encoder import FOLDER, BuiltinEmbedder
from model.builtin.tokenizer import TOKENIZER_FILE, PieceTokenizer

CHUNK = 1500
QUERY = "How do I cancel the contract for my flat?"
LOADING = """
import sys, time, numpy, psutil
from pathlib import Path
own, began, started = psutil.Process(), time.process_time(), time.perf_counter()
before = own.memory_info().rss
from model.builtin.encoder import BuiltinEmbedder
embedder = BuiltinEmbedder()
loaded, busy = time.perf_counter() - started, time.process_time() - began
embedder.embed_queries(["first"])
memory = own.memory_info().rss
from tests.benchmarks.builtin_model import chunks_of
embedder.embed_documents(chunks_of(Path(sys.argv[1])))
print(1000 * loaded, 1000 * busy, (memory - before) / 1e6, own.memory_info().rss / 1e6)
"""


def chunks_of(folder: Path) -> list[str]:
    """Texts of all files of a folder, cut."""
    texts = [path.read_text("utf-8", "replace") for path in sorted(folder.rglob("*")) if path.is_file()]
    return [text[start : start + CHUNK] for text in texts for start in range(0, len(text), CHUNK)]


def megabytes_per_second(embed: Callable[[Sequence[str]], object], texts: Sequence[str], rounds: int) -> float:
    """Median over some rounds."""
    size = sum(len(text.encode()) for text in texts) / 1e6
    speeds = []
    for _ in range(rounds):
        started = time.perf_counter()
        embed(texts)
        speeds.append(size / (time.perf_counter() - started))
    return statistics.median(speeds)


def peer() -> Callable[[Sequence[str]], object] | None:
    """The encoder of model2vec over a table of the same size."""
    try:
        from model2vec import StaticModel
    except ImportError:
        return None
    import numpy as np
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

    pieces = PieceTokenizer.from_file(FOLDER / TOKENIZER_FILE).scored_pieces
    tokenizer = Tokenizer(models.Unigram(pieces, 0))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Whitespace(), pre_tokenizers.Metaspace(prepend_scheme="always", split=False)]
    )
    table = np.random.default_rng(0).standard_normal((len(pieces), 256), dtype=np.float32)
    model = StaticModel(table, tokenizer)
    return lambda texts: model.encode(list(texts), use_multiprocessing=False, max_length=None)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    loads = [_loaded(options.folder) for _ in range(options.rounds)]
    texts, embedder, other = chunks_of(options.folder), BuiltinEmbedder(), peer()
    ours, theirs = [], []
    for _ in range(options.rounds):  # in turn, because these machines are noisy
        ours.append(megabytes_per_second(embedder.embed_documents, texts, 1))
        if other:
            theirs.append(megabytes_per_second(other, texts, 1))
    started = time.perf_counter()
    for _ in range(500):
        embedder.embed_queries([QUERY])
    query = (time.perf_counter() - started) / 500
    load, busy, memory, process = map(statistics.median, zip(*loads, strict=True))
    print(f"load {load:.0f} ms, {busy:.0f} ms of processor time, at least {min(one[1] for one in loads):.0f} ms")
    print(f"memory {memory:.0f} MB, process with embedded documents {process:.0f} MB")
    print(f"query {1000 * query:.3f} ms")
    speed = statistics.median(ours)
    print(f"documents {speed:.1f} MB/s, {len(texts)} chunks")
    if theirs:
        ratio = speed / statistics.median(theirs)
        print(f"model2vec {statistics.median(theirs):.1f} MB/s, ratio {ratio:.1f}")


def _loaded(folder: Path) -> list[float]:
    """Load the model and embed a folder in a process of its own: milliseconds, of them busy, and megabytes."""
    command = [sys.executable, "-c", LOADING, str(folder)]
    return list(map(float, subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()))


if __name__ == "__main__":
    main()
