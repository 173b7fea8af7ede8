"""Measures Qwen3 models of the published shapes with random weights: `python -m tests.benchmarks.embedding`.

Speed does not depend on what the weights are. `--layers 4 --texts 20 0.6B` is a reduced run for a processor.
"""

import argparse
import platform
import tempfile
import time
from collections.abc import Callable
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
from model.qwen3.embedder import Qwen3Embedder
from tests.model.tiny_qwen3 import save_embedder, save_reranker

WORDS = "time year people way day man thing woman life child world school state family student group country".split()
SHORTEST, LONGEST, MEAN = 16, 2048, 250  # tokens of a text
QUERY = "how much water does the boiler of the heating in the cellar lose in one winter"
QUERIES = 30
BATCH_SIZES = (8, 32, 128)  # tried for sentence-transformers


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


def make_texts(count: int) -> list[str]:
    """Texts whose lengths are spread as those of real passages, most of them short."""
    generator = np.random.default_rng(0)
    lengths = np.clip(generator.lognormal(np.log(MEAN) - 0.5, 1.0, count), SHORTEST, LONGEST).astype(int) - 1
    return [" ".join(generator.choice(WORDS, length)) for length in lengths]


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


def report(what: str, value: str) -> None:
    print(f"{what:<44}{value:>24}", flush=True)


def measure(size: str, layers: int, texts: list[str], device: torch.device, rate: float) -> None:
    shape = SHAPES[size]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "embedder"
        with torch.device(device):
            save_embedder(folder, layers, **shape.settings())
        report(f"{size}, {layers} layers", "")
        tokens, ours = embed(folder, shape, layers, texts, device, rate)
        if find_spec("sentence_transformers"):
            compare(folder, texts, tokens, ours, device)
        rerank(Path(place) / "reranker", shape, layers, device)


def embed(
    folder: Path, shape: Shape, layers: int, texts: list[str], device: torch.device, rate: float
) -> tuple[int, float]:
    """Tokens of the texts, and how many of them are embedded in a second."""
    embedder = load_embedder(folder, device=str(device))
    assert isinstance(embedder, Qwen3Embedder)
    query = partial(embedder.embed_queries, [QUERY])
    report("  loading and self-test", f"{seconds(query, device):.1f} s")
    lengths = [len(ids) + 1 for ids in embedder._tokenizer.encode(texts)]
    embedder.embed_documents(texts[: len(texts) // 10])
    speed = sum(lengths) / seconds(partial(embedder.embed_documents, texts), device)
    report(f"  passages, by {embedder._runtime._loaded().attention}", f"{speed:,.0f} tokens/s")
    report("  share of the matmul rate", f"{speed * shape.flops(lengths, layers) / sum(lengths) / rate:.0%}")
    report("  one query, median", f"{1000 * median(seconds(query, device) for _ in range(QUERIES)):.1f} ms")
    return sum(lengths), speed


def compare(folder: Path, texts: list[str], tokens: int, ours: float, device: torch.device) -> None:
    """The same texts through sentence-transformers at its best setting."""
    from sentence_transformers import SentenceTransformer

    best = 0.0
    for attention in ("flash_attention_2", "sdpa") if find_spec("flash_attn") else ("sdpa",):
        settings = {"dtype": choose_dtype(device), "attn_implementation": attention}
        model = SentenceTransformer(str(folder), device=str(device), model_kwargs=settings, local_files_only=True)
        model.encode(texts[:8])
        for size in BATCH_SIZES:
            best = max(best, tokens / seconds(partial(model.encode, texts, batch_size=size), device))
    report("  sentence-transformers at its best", f"{best:,.0f} tokens/s")
    report("  against it", f"{ours / best:.2f} x")


def rerank(folder: Path, shape: Shape, layers: int, device: torch.device) -> None:
    with torch.device(device):
        save_reranker(folder, layers=layers, shard_size="5GB", **shape.settings())
    reranker = load_reranker(folder, device=str(device))
    passages = [" ".join(np.random.default_rng(place).choice(WORDS, MEAN)) for place in range(50)]
    reranker.score(QUERY, passages[:2])
    times = [seconds(lambda: reranker.score(QUERY, passages), device) for _ in range(3)]
    report("  reranker, 50 passages of 250 tokens", f"{1000 * min(times):.0f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", choices=SHAPES, default=list(SHAPES))
    parser.add_argument("--layers", type=int, help="fewer than the model has: a reduced run")
    parser.add_argument("--texts", type=int, default=2000)
    parser.add_argument("--device", default="")
    options = parser.parse_args()
    device = choose_device(options.device)
    dtype = choose_dtype(device)
    names = ["torch", "transformers", *["sentence-transformers"] * bool(find_spec("sentence_transformers"))]
    report("versions", ", ".join(f"{name} {version(name)}" for name in names))
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else platform.processor() or platform.machine()
    report("device", f"{name}, {dtype}")
    leave_a_core_free()  # as the models do
    texts = make_texts(options.texts)
    rate = matmul_rate(device, dtype)
    report("measured matmul rate", f"{rate / 1e12:.2f} TFLOP/s")
    for size in options.sizes:
        layers = min(options.layers or SHAPES[size].layers, SHAPES[size].layers)
        measure(size, layers, texts, device, rate)


if __name__ == "__main__":
    main()
