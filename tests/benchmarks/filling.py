"""Measures how a search does while a larger model embeds everything: `python -m tests.benchmarks.filling 100000`.

The built-in model has filled a made-up profile (tests/benchmarks/synthetic.py) and answers; behind it the space of a
tiny Qwen3 with random weights is filled, of one of a published `--size`, or of `--model`. As many queries are asked
before it begins as meanwhile, none of them twice.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from indexer.engine import Engine
from indexer.results import SearchRequest, SpaceStatus
from indexer.settings import Settings
from model.device import choose_device
from tests.benchmarks.embedding import SHAPES
from tests.benchmarks.synthetic import Author, Filler
from tests.model.tiny_qwen3 import save_embedder

QUERIES = 100
PAUSE_SECONDS = 0.05  # between two queries, as between keystrokes
SWITCH_SECONDS = 0.001  # as in the program with its window


def ask(engine: Engine, queries: Sequence[str]) -> str:
    """Median and 95th percentile in milliseconds, by the clock and of the processor in the thread that asks."""
    taken, used = [], []
    for query in queries:
        time.sleep(PAUSE_SECONDS)
        began, before = time.perf_counter(), time.thread_time()
        engine.search(SearchRequest(query))
        taken.append(1000 * (time.perf_counter() - began))
        used.append(1000 * (time.thread_time() - before))
    clock, processor = (np.percentile(each, (50, 95)) for each in (taken, used))
    return f"{clock[0]:.1f} / {clock[1]:.1f} ms, of processor {processor[0]:.1f} / {processor[1]:.1f} ms"


def filling(engine: Engine) -> SpaceStatus:
    """The space that is filled."""
    return next(space for space in engine.status().spaces if not space.active)


def save(folder: Path, size: str, device: str) -> Path:
    """A model with random weights, made on the device."""
    if not size:
        return save_embedder(folder)
    with choose_device(device):
        return save_embedder(folder, SHAPES[size].layers, **SHAPES[size].settings())


def measure(profile: Path, model: str, device: str) -> None:
    queries = Author(2).queries(2 * QUERIES)
    engine = Engine.open(profile, Settings(model=model, device=device))
    try:
        print(f"at rest: {ask(engine, queries[:QUERIES])}", flush=True)
        engine.start()
        while not filling(engine).chunks:
            time.sleep(0.1)
        before, began = filling(engine).chunks, time.monotonic()
        print(f"while a space fills: {ask(engine, queries[QUERIES:])}", flush=True)
        done, seconds = filling(engine).chunks - before, time.monotonic() - began
        print(f"meanwhile {done:,} passages were embedded, {done / seconds:.0f} a second")
    finally:
        engine.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("chunks", nargs="?", type=int, default=100_000)
    parser.add_argument("--model", default="", help="installed, or its folder")
    parser.add_argument("--size", choices=SHAPES, default="", help="of a model with random weights")
    parser.add_argument("--device", default="cpu", help="of the model that fills")
    options = parser.parse_args()
    sys.setswitchinterval(SWITCH_SECONDS)
    with tempfile.TemporaryDirectory() as place:
        profile = Path(place) / "profile"
        filler = Filler(profile)
        filler.fill(Author(), options.chunks)
        filler.close()
        print(f"{options.chunks:,} passages", flush=True)
        model = options.model or str(save(Path(place) / "random-embedding", options.size, options.device))
        measure(profile, model, options.device)


if __name__ == "__main__":
    main()
