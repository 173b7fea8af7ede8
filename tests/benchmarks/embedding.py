"""Measures Qwen3 models of the published shapes with random weights: `python -m tests.benchmarks.embedding`.

Speed does not depend on what the weights are. `--layers 4 --texts 20 0.6B` is a reduced run for a processor,
`--precisions 4B` measures its reduced number formats, too. Needs torch, transformers and, to compare with,
sentence-transformers; nothing has to be installed of Cognate.
"""

import argparse
import gc
import platform
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from statistics import median

import numpy as np
import torch

from model import load_embedder, load_reranker
from model.device import choose_device, choose_dtype, leave_a_core_free
from model.errors import ModelError
from model.precision import Precision
from model.qwen3.embedder import Qwen3Embedder, instructed
from model.qwen3.reranker import Qwen3Reranker
from model.running import Running
from tests.model.tiny_qwen3 import save_embedder, save_reranker

WORDS = "time year people way day man thing woman life child world school state family student group country".split()
SHORTEST, LONGEST, MEAN = 16, 2048, 250  # tokens of a text
TEXTS = {"0.6B": 4000, "4B": 1200, "8B": 800}  # some seconds on a large card
QUERY_TOKENS = 20
QUERIES = 30
PASSAGES = 50
TASK = "Given a web search query, retrieve relevant passages that answer the query"
BATCH_SIZES = (32, 64, 128)  # tried for sentence-transformers
AIMS = {  # on an H200: share of the matmul rate, against sentence-transformers, ms of a query, ms of reranking
    "0.6B": (">= 50 %", ">= 2 x", "<= 8 ms", "<= 120 ms"),
    "4B": (">= 65 %", ">= 1.5 x", "<= 12 ms", "<= 500 ms"),
    "8B": (">= 65 %", ">= 1.5 x", "<= 16 ms", ""),
}


@dataclass(frozen=True, slots=True)
class Shape:
    """A published size."""

    layers: int
    hidden: int
    inner: int
    heads: int
    rows: int

    def settings(self) -> dict[str, object]:
        """What its config.json says."""
        return {
            "hidden_size": self.hidden,
            "intermediate_size": self.inner,
            "num_attention_heads": self.heads,
            "num_key_value_heads": 8,
            "head_dim": 128,
            "vocab_size": self.rows,
            "initializer_range": 0.02,
        }

    def flops(self, lengths: list[int], layers: int) -> float:
        """Arithmetic of texts of so many tokens: matrices, and causal attention; embedding and norms left out."""
        attended = self.heads * 128
        matrices = self.hidden * (2 * attended + 2 * 8 * 128) + 3 * self.hidden * self.inner
        return layers * sum(2.0 * length * matrices + 2.0 * length**2 * attended for length in lengths)


SHAPES = {
    "0.6B": Shape(28, 1024, 3072, 16, 151_669),
    "4B": Shape(36, 2560, 9728, 32, 151_669),
    "8B": Shape(36, 4096, 12_288, 32, 151_669),
}


class Writer:
    """Writes texts of exactly so many tokens."""

    def __init__(self, count: Callable[[str], int]) -> None:
        self._lengths = {word: count(f"a {word}") - count("a") for word in WORDS}
        self._first = count("a")
        self._short = [word for word, length in self._lengths.items() if length == min(self._lengths.values())]

    def text(self, tokens: int, generator: np.random.Generator) -> str:
        """A text of so many tokens, or of a few less where no word is short enough."""
        words, room = ["a"], tokens - self._first
        while room >= self._lengths[self._short[0]]:
            word = str(generator.choice(WORDS if room > 20 else self._short))
            words.append(word)
            room -= self._lengths[word]
        return " ".join(words)

    def texts(self, count: int) -> list[str]:
        """Texts whose lengths are spread as those of real passages, most of them short."""
        generator = np.random.default_rng(0)
        lengths = np.clip(generator.lognormal(np.log(MEAN) - 0.5, 1.0, count), SHORTEST, LONGEST).astype(int)
        return [self.text(length - 1, generator) for length in lengths]


def synchronize(device: torch.device) -> None:
    if device.type in ("cuda", "xpu", "mps"):
        getattr(torch, device.type).synchronize()


def seconds(function: Callable[[], object], device: torch.device) -> float:
    synchronize(device)
    began = time.perf_counter()
    function()
    synchronize(device)
    return time.perf_counter() - began


def matmul_rate(device: torch.device, dtype: torch.dtype) -> float:
    """The best FLOP/s of square products, of thirty tries."""
    size = 1024 if device.type == "cpu" else 8192
    one, other = (torch.randn(size, size, device=device, dtype=dtype) for _ in range(2))
    one @ other
    return 2 * size**3 / min(seconds(lambda: one @ other, device) for _ in range(30))


def sustained_rate(device: torch.device, dtype: torch.dtype) -> float:
    """FLOP/s of the same products one after the other, when the card is warm and its power counts."""
    size, times = (1024, 20) if device.type == "cpu" else (8192, 600)
    one, other = (torch.randn(size, size, device=device, dtype=dtype) for _ in range(2))
    return times * 2 * size**3 / seconds(lambda: [one @ other for _ in range(times)], device)


def report(what: str, value: str, aim: str = "") -> None:
    print(f"{what:<52}{value:>26}{aim:>14}", flush=True)


def memory(device: torch.device) -> str:
    """What the program holds on the device."""
    return f"{torch.cuda.memory_allocated(device) / 1e9:.1f} GB" if device.type == "cuda" else ""


@contextmanager
def opened(folder: Path, device: torch.device, precision: Precision = Precision.FULL) -> Iterator[Qwen3Embedder]:
    """A model that leaves the device again."""
    embedder = load_embedder(folder, running=Running(str(device), precision))
    assert isinstance(embedder, Qwen3Embedder)
    try:
        yield embedder
    finally:
        embedder._runtime._resident.drop()


def measure(size: str, layers: int, count: int, device: torch.device, rate: float, precisions: bool) -> None:
    shape = SHAPES[size]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "embedder"
        with torch.device(device):
            save_embedder(folder, layers, **shape.settings())
        report(f"{size}, {layers} layers", "", "aim")
        with opened(folder, device) as embedder:
            writer = Writer(lambda text: len(embedder._tokenizer.encode([text])[0]))
            texts = writer.texts(count)
            tokens, ours, vectors = embed(embedder, shape, layers, texts, device, rate, AIMS[size])
            query = question(embedder)
            alone = [seconds(query, device) for _ in range(QUERIES)]
            report("  one query of 20 tokens, median", f"{1000 * median(alone):.1f} ms", AIMS[size][2])
            beside(embedder, query, texts, device)
            some = texts[::3]  # enough to know the speed of what is compared with
            tokens_of_some = sum(len(ids) + 1 for ids in embedder._tokenizer.encode(some))
        if find_spec("sentence_transformers"):
            compare(folder, some, tokens_of_some, ours, device, AIMS[size][1])
        for precision in list(Precision)[1:] if precisions else ():
            reduce(folder, precision, texts, tokens, vectors, device)
        if AIMS[size][3]:
            rerank(Path(place) / "reranker", shape, layers, writer, device, AIMS[size][3])


def embed(
    embedder: Qwen3Embedder,
    shape: Shape,
    layers: int,
    texts: list[str],
    device: torch.device,
    rate: float,
    aims: tuple[str, ...],
) -> tuple[int, float, np.ndarray]:
    """Tokens of the texts, how many of them are embedded in a second, and the vectors."""
    loading = seconds(lambda: embedder.embed_queries(["ready?"]), device)
    report("  loading and self-test", f"{loading:.1f} s")
    with embedder._runtime._resident.use() as decoder:
        report("  attention; fused; recorded queries", f"{decoder.attention}; {decoder.is_fused}; {decoder.recorded}")
    lengths = [len(ids) + 1 for ids in embedder._tokenizer.encode(texts)]
    report("  passages, tokens in the mean", f"{len(lengths):,}, {np.mean(lengths):.0f}")
    embedder.embed_documents(texts[: len(texts) // 10])
    vectors = embedder.embed_documents(texts)
    speed = sum(lengths) / min(seconds(partial(embedder.embed_documents, texts), device) for _ in range(2))
    report("  passages", f"{speed:,.0f} tokens/s")
    report("  share of the matmul rate", f"{speed * shape.flops(lengths, layers) / sum(lengths) / rate:.0%}", aims[0])
    report("  memory of the model and its batches", memory(device))
    return sum(lengths), speed, vectors


def question(embedder: Qwen3Embedder) -> Callable[[], object]:
    """Embeds one query that has 20 tokens under its instruction."""
    writer = Writer(lambda text: len(embedder._tokenizer.encode([instructed(text, "x")])[0]))
    frame = len(embedder._tokenizer.encode([instructed("", "x")])[0])
    text = writer.text(QUERY_TOKENS + frame, np.random.default_rng(1))
    return partial(embedder.embed_queries, [text], TASK)


def beside(embedder: Qwen3Embedder, query: Callable[[], object], texts: list[str], device: torch.device) -> None:
    """How long a query takes while passages are embedded all the time."""
    has_ended = threading.Event()

    def backlog() -> None:
        while not has_ended.is_set():
            embedder.embed_documents(texts)

    thread = threading.Thread(target=backlog)
    thread.start()
    times = []
    for _ in range(QUERIES):
        time.sleep(0.02)
        began = time.perf_counter()
        query()
        times.append(time.perf_counter() - began)
    has_ended.set()
    thread.join()
    report(
        "  the same while passages are embedded, median, worst",
        f"{1000 * median(times):.1f}, {1000 * max(times):.1f} ms",
    )


def reduce(
    folder: Path, precision: Precision, texts: list[str], tokens: int, vectors: np.ndarray, device: torch.device
) -> None:
    """Speed and loss of a number format."""
    try:
        with opened(folder, device, precision) as embedder:
            found = embedder.embed_documents(texts)
            speed = tokens / seconds(partial(embedder.embed_documents, texts), device)
            times = [seconds(question(embedder), device) for _ in range(QUERIES)]
            held = memory(device)
            with embedder._runtime._resident.use() as decoder:
                asks_packed = decoder.asks_packed
    except ModelError as error:
        report(f"  {precision}", str(error))
        return
    cosines = (found * vectors).sum(axis=1)
    report(f"  {precision}: passages, query, memory", f"{speed:,.0f} tokens/s, {1000 * median(times):.1f} ms, {held}")
    report(f"  {precision}: weights stay packed for a query", str(asks_packed))
    report(f"  {precision}: cosine with all bits, mean and least", f"{cosines.mean():.5f}, {cosines.min():.5f}")


def compare(folder: Path, texts: list[str], tokens: int, ours: float, device: torch.device, aim: str) -> None:
    """The same texts through sentence-transformers at its best setting; it sorts them by length itself."""
    from sentence_transformers import SentenceTransformer

    best, how = 0.0, ""
    for attention in ("flash_attention_2", "sdpa") if find_spec("flash_attn") else ("sdpa",):
        settings = {"dtype": choose_dtype(device), "attn_implementation": attention}
        model = SentenceTransformer(str(folder), device=str(device), model_kwargs=settings, local_files_only=True)
        model.encode(texts[:8])
        for size in BATCH_SIZES:
            speed = tokens / seconds(partial(model.encode, texts, batch_size=size), device)
            best, how = max((best, how), (speed, f"{attention}, batches of {size}"))
        del model
        gc.collect()
    report(f"  sentence-transformers, {how}", f"{best:,.0f} tokens/s")
    report("  against it", f"{ours / best:.2f} x", aim)


def rerank(folder: Path, shape: Shape, layers: int, writer: Writer, device: torch.device, aim: str) -> None:
    with torch.device(device):
        save_reranker(folder, layers=layers, shard_size="5GB", **shape.settings())
    reranker = load_reranker(folder, device=str(device))
    assert isinstance(reranker, Qwen3Reranker)
    generator = np.random.default_rng(2)
    passages = [writer.text(MEAN, generator) for _ in range(PASSAGES)]
    query = writer.text(QUERY_TOKENS, generator)
    reranker.score(query, passages)
    times = [seconds(lambda: reranker.score(query, passages), device) for _ in range(3)]
    reranker._runtime._resident.drop()
    report(f"  reranker, {PASSAGES} passages of {MEAN} tokens", f"{1000 * min(times):.0f} ms", aim)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", nargs="*", default=list(SHAPES), help=", ".join(SHAPES))
    parser.add_argument("--layers", type=int, help="fewer than the model has: a reduced run")
    parser.add_argument("--texts", type=int, help="fewer or more than usual")
    parser.add_argument("--device", default="")
    parser.add_argument(
        "--precisions",
        nargs="*",
        choices=SHAPES,
        default=[],
        help="sizes whose reduced number formats are measured, too",
    )
    options = parser.parse_args()
    device = choose_device(options.device)
    dtype = choose_dtype(device)
    names = ["torch", "transformers", *["sentence-transformers"] * bool(find_spec("sentence_transformers"))]
    print("Python", platform.python_version(), *[f"{name} {version(name)}" for name in names], sep=", ")
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else platform.processor() or platform.machine()
    report("device", f"{name}, {dtype}")
    leave_a_core_free()  # as the models do
    rate = matmul_rate(device, dtype)
    report("measured matmul rate, best of thirty", f"{rate / 1e12:.2f} TFLOP/s")
    report("the same for a second", f"{sustained_rate(device, dtype) / 1e12:.2f} TFLOP/s")
    for size in options.sizes:
        layers = min(options.layers or SHAPES[size].layers, SHAPES[size].layers)
        measure(size, layers, options.texts or TEXTS[size], device, rate, size in options.precisions)


if __name__ == "__main__":
    main()
