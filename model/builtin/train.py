"""Trains the built-in model: `python -m model.builtin.train --corpus DIR --out DIR`."""

import argparse
import hashlib
import json
import logging
import math
import warnings
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import save_file

from model.builtin.batches import Mix, Sampler
from model.builtin.corpus import read_pairs
from model.builtin.parts import ngram_parts
from model.builtin.store import Store, build_store
from model.builtin.tokenizer import TOKENIZER_FILE, PieceTokenizer
from model.builtin.trainer import Hyper, Trainer
from model.builtin.vocabulary import train_tokenizer

log = logging.getLogger(__name__)

PIECES = 130_000
STEPS = 15_000
MAX_TOKENS = 1024  # of a text that the encoder reads; a chunk of 2,000 characters has 400 to 700
DECAY = 0.4  # share of the steps
REPORT_STEPS = 200
CHECKPOINT_STEPS = 1000


@dataclass(frozen=True, slots=True)
class Options:
    """What a run is asked for."""

    corpus: Path
    out: Path
    work: Path  # tokenizer, tokenised corpus and checkpoint, used again by the next run
    pieces: int = PIECES
    buckets: int = 2**18  # rows for n-grams
    steps: int = STEPS
    seed: int = 1
    mix: Mix = field(default_factory=Mix)
    hyper: Hyper = field(default_factory=Hyper)


def prepared_tokenizer(options: Options) -> PieceTokenizer:
    """The tokenizer of an earlier run in this work folder, or a new one."""
    path = options.work / TOKENIZER_FILE
    if not path.exists():
        options.work.mkdir(parents=True, exist_ok=True)
        log.info("training a vocabulary of %d pieces", options.pieces)
        path.write_bytes(train_tokenizer(options.corpus, options.pieces))
    return PieceTokenizer.from_file(path)


def prepared_store(options: Options, tokenizer: PieceTokenizer) -> Store:
    """The tokenised corpus of an earlier run in this work folder, or a new one."""
    folder = options.work / "store"
    if not (folder / "names.txt").exists():
        log.info("tokenising the corpus")
        build_store(read_pairs(options.corpus), tokenizer).save(folder)
    return Store.load(folder)


def initial_table(frequencies: NDArray[np.float64], total: int, hyper: Hyper, seed: int) -> torch.Tensor:
    """Random rows, shorter for frequent pieces: a / (a + p), Arora, Liang and Ma 2017; n-gram rows begin short."""
    random = torch.randn(total, hyper.dim, generator=torch.Generator().manual_seed(seed)) / math.sqrt(hyper.dim)
    weights = 1e-3 / (1e-3 + torch.from_numpy(frequencies / frequencies.sum()))
    random[: len(frequencies)] *= weights.float()[:, None]
    random[len(frequencies) :] *= hyper.ngram_start
    return random


def piece_table(trainer: Trainer) -> NDArray[np.float32]:
    """One vector per piece, float32 [pieces, dim]: the sum of its parts."""
    parts = trainer.parts
    flat = torch.from_numpy(parts.rows)
    return torch.nn.functional.embedding_bag(
        flat, trainer.table, torch.from_numpy(parts.starts[:-1]), mode="sum"
    ).numpy()


def export(table: NDArray[np.float32], tokenizer: PieceTokenizer, out: Path) -> None:
    """Write the model that the encoder reads, each row in int8 with its own scale."""
    out.mkdir(parents=True, exist_ok=True)
    table = table.copy()
    table[0] = 0
    table /= np.median(np.linalg.norm(table, axis=1))  # only ratios of lengths count; keeps the scales within float16
    scales = np.maximum(np.abs(table).max(axis=1) / 127, 2.0**-14).astype(np.float16)
    rows = np.clip(np.rint(table / scales.astype(np.float32)[:, None]), -127, 127).astype(np.int8)
    save_file({"rows": rows, "scales": scales}, out / "model.safetensors")
    (out / "model.safetensors").chmod(0o644)
    (out / TOKENIZER_FILE).write_bytes(tokenizer.model)
    digest = hashlib.sha256(rows.tobytes() + scales.tobytes() + tokenizer.model)
    spec = {
        "name": "built-in",
        "revision": digest.hexdigest()[:12],
        "dimensions": table.shape[1],
        "max_tokens": MAX_TOKENS,
        "noise_cosine": 0.0,
        "match_cosine": 1.0,
    }
    (out / "config.json").write_text(json.dumps({"spec": spec}, indent=1) + "\n", encoding="utf-8")


def rate_at(step: int, steps: int, warmup: int) -> float:
    """Learning rate as a share of the highest: up during warm-up, then level, and down to nothing at the end.

    Level for long, so that a checkpoint can be brought to an end after more or fewer steps than were planned.
    """
    return min(1.0, (step + 1) / warmup, (steps - step) / (DECAY * steps))


def train(options: Options) -> None:
    """Train a model, going on from the checkpoint in the work folder where there is one, and write it to `out`."""
    tokenizer = prepared_tokenizer(options)
    store = prepared_store(options, tokenizer)
    trainer = new_trainer(options, store, tokenizer)
    sampler = Sampler(store, options.mix, options.seed)
    checkpoint = options.work / "checkpoint.pt"
    done = resume(checkpoint, options, trainer, sampler)
    losses: dict[str, list[float]] = defaultdict(list)
    for step in range(done, options.steps):
        batch = sampler.draw()
        losses[batch.kind.name].append(trainer.step(batch, rate_at(step, options.steps, options.hyper.warmup)))
        if (step + 1) % REPORT_STEPS == 0:
            means = " ".join(f"{kind.lower()} {np.mean(own):.3f}" for kind, own in sorted(losses.items()))
            log.info("step %d of %d, loss: %s", step + 1, options.steps, means)
            losses.clear()
        if (step + 1) % CHECKPOINT_STEPS == 0:
            save_checkpoint(checkpoint, options, step + 1, trainer, sampler)
    export(piece_table(trainer), tokenizer, options.out)
    checkpoint.unlink(missing_ok=True)


def new_trainer(options: Options, store: Store, tokenizer: PieceTokenizer) -> Trainer:
    """A trainer with its table at the start."""
    pieces = tokenizer.pieces
    frequencies = np.bincount(store.tokens, minlength=len(pieces)).astype(np.float64)
    parts = ngram_parts(pieces, options.buckets)
    log.info("%d pieces, %d texts, %d pairs", len(pieces), len(store.offsets) - 1, len(store.first))
    table = initial_table(frequencies, parts.total, options.hyper, options.seed)
    return Trainer(options.hyper, parts, table, options.seed)


def identity(options: Options) -> str:
    """What must be equal for a checkpoint to be of the same run."""
    return str((options.pieces, options.buckets, options.seed, options.mix, options.hyper))


def save_checkpoint(path: Path, options: Options, step: int, trainer: Trainer, sampler: Sampler) -> None:
    """Write the state after `step` steps; an interrupted write leaves the one before."""
    random = sampler.random.bit_generator.state
    state = {"run": identity(options), "step": step, "trainer": trainer.state(), "sampler": random}
    torch.save(state, path.with_suffix(".new"))
    path.with_suffix(".new").replace(path)


def resume(path: Path, options: Options, trainer: Trainer, sampler: Sampler) -> int:
    """Take up a checkpoint of the same run; the number of steps that are done."""
    if not path.exists():
        return 0
    state = torch.load(path, weights_only=True)
    if state["run"] != identity(options):
        log.warning("%s is of a run with other settings and is not used", path)
        return 0
    trainer.take(state["trainer"])
    sampler.random.bit_generator.state = state["sampler"]
    log.info("going on after step %d", state["step"])
    return int(state["step"])


def main() -> None:
    """Parse the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True, help="folder of the corpus")
    parser.add_argument("--out", type=Path, required=True, help="folder for the model")
    parser.add_argument("--work", type=Path, help="folder for what later runs can use again; default: OUT/work")
    parser.add_argument("--pieces", type=int, default=PIECES)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    a = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    warnings.filterwarnings("ignore", message="Sparse CSR tensor support")  # said once per process by torch
    torch.set_num_threads(a.threads)
    train(Options(a.corpus, a.out, a.work or a.out / "work", pieces=a.pieces, steps=a.steps, seed=a.seed))


if __name__ == "__main__":
    main()
