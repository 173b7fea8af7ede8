"""The contrastive training step, with its gradient written out: autograd would touch every row of the table."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from model.builtin.batches import Batch
from model.builtin.parts import Parts


@dataclass(frozen=True, slots=True)
class Hyper:
    """Settings of the optimiser and the loss."""

    dim: int = 256
    short_dims: tuple[int, ...] = (32, 64, 128)  # MRL: one of them, drawn at random, joins the full size at each step
    short_weight: float = 0.5
    scale: float = 20.0  # inverse temperature of the softmax over cosines
    lr: float = 4e-3
    beta: float = 0.95  # of the squared gradient's mean
    warmup: int = 100  # steps
    ngram_start: float = 0.0  # length of a fresh n-gram row; that of a piece is 1


class Sums:
    """A sparse matrix that sums chosen columns into rows, and its transpose."""

    def __init__(
        self, columns: NDArray[np.int64], weights: NDArray[np.float32], starts: NDArray[np.int64], size: int
    ) -> None:
        """Number the columns that occur, of `size` there are, from 0."""
        met = np.zeros(size, dtype=bool)
        met[columns] = True
        self.columns = np.flatnonzero(met)
        place = np.empty(size, dtype=np.int64)
        place[self.columns] = np.arange(len(self.columns))
        self._local, self._weights, self._starts = place[columns], weights, starts

    def forward(self, table: Tensor) -> Tensor:
        """Multiply with a table of one row per occurring column."""
        return self._matrix(self._starts, self._local, self._weights, len(self.columns)) @ table

    def backward(self, gradient: Tensor) -> Tensor:
        """Gradient of the table, given that of the result."""
        order = np.argsort(self._local)
        rows = np.repeat(np.arange(len(self._starts) - 1), np.diff(self._starts))
        ends = np.cumsum(np.bincount(self._local, minlength=len(self.columns)))
        starts = np.concatenate([[0], ends])
        return self._matrix(starts, rows[order], self._weights[order], len(self._starts) - 1) @ gradient

    @staticmethod
    def _matrix(
        starts: NDArray[np.int64], columns: NDArray[np.int64], weights: NDArray[np.float32], width: int
    ) -> Tensor:
        return torch.sparse_csr_tensor(
            torch.from_numpy(starts),
            torch.from_numpy(columns),
            torch.from_numpy(weights),
            size=(len(starts) - 1, width),
            check_invariants=False,
        )


class Trainer:
    """Parameters, optimiser state and one step of training."""

    def __init__(self, hyper: Hyper, parts: Parts, initial: Tensor, seed: int) -> None:
        self.hyper = hyper
        self.parts = parts
        self.table = initial  # float32 [rows, dim]
        self.square = torch.zeros(len(initial), 1)
        self._random = np.random.default_rng(seed)

    def step(self, batch: Batch, rate: float) -> float:
        """Take one step with a learning rate of `rate` times the highest; the loss before it."""
        pieces = np.concatenate([batch.left.pieces, batch.right.pieces])
        weights = np.concatenate([batch.left.weights, batch.right.weights])
        starts = np.concatenate([batch.left.starts, batch.right.starts[1:] + batch.left.starts[-1]])
        bags = Sums(pieces, weights, starts, len(self.parts.starts) - 1)
        part_rows, part_starts = self.parts.of(bags.columns)
        parts = Sums(part_rows, np.ones(len(part_rows), dtype=np.float32), part_starts, self.parts.total)
        rows = torch.from_numpy(parts.columns)
        sums = bags.forward(parts.forward(self.table[rows]))
        loss, gradient = self._loss(sums, batch)
        self._update(rows, parts.backward(bags.backward(gradient)), rate)
        return loss

    def state(self) -> dict[str, object]:
        """What a checkpoint needs."""
        random = self._random.bit_generator.state
        return {"table": self.table, "square": self.square, "random": random}

    def take(self, state: dict[str, Any]) -> None:
        """Go on from the state of a checkpoint."""
        self.table, self.square = state["table"], state["square"]
        self._random.bit_generator.state = state["random"]

    def _loss(self, sums: Tensor, batch: Batch) -> tuple[float, Tensor]:
        hyper = self.hyper
        mask = same_texts(batch)
        loss, gradient = contrast(sums, mask, hyper.scale)
        if hyper.short_dims:
            short = int(self._random.choice(hyper.short_dims))
            _, part = contrast(sums[:, :short], mask, hyper.scale)
            gradient[:, :short] += hyper.short_weight * part
        return loss, gradient

    def _update(self, rows: Tensor, gradient: Tensor, rate: float) -> None:
        """RMSprop with one second moment per row, applied to the rows of this step alone."""
        hyper = self.hyper
        now = gradient.square().mean(1, keepdim=True)
        before = self.square[rows]
        square = torch.where(before > 0, torch.lerp(now, before, hyper.beta), now)
        self.square[rows] = square
        self.table.index_add_(0, rows, gradient.div_(square.sqrt().add_(1e-12)), alpha=-hyper.lr * rate)


def same_texts(batch: Batch) -> tuple[Tensor, Tensor]:
    """Row and column of the cells off the diagonal whose texts are equal on one side: no negatives."""
    found: list[NDArray[np.int64]] = []
    for numbers in (batch.left_numbers, batch.right_numbers):
        order = np.argsort(numbers, kind="stable")
        for shift in range(1, 8):
            same = np.flatnonzero(numbers[order][shift:] == numbers[order][:-shift])
            if not len(same):
                break
            one, other = order[same], order[same + shift]
            found += [np.stack([one, other]), np.stack([other, one])]
    cells = np.concatenate(found, axis=1) if found else np.zeros((2, 0), dtype=np.int64)
    return torch.from_numpy(cells[0]), torch.from_numpy(cells[1])


def contrast(sums: Tensor, mask: tuple[Tensor, Tensor], scale: float) -> tuple[float, Tensor]:
    """InfoNCE in both directions over the cosines of left and right rows: loss, and gradient of `sums`, [2n, dim].

    The exponent is at most 0 because cosines are at most 1, so no row maximum is needed and one pass serves both
    directions. Products run in bfloat16, whose error of some 0.004 in a cosine is far below what the loss resolves.
    """
    lengths = sums.norm(dim=1, keepdim=True).clamp_(min=1e-6)
    unit = sums / lengths
    count = len(unit) // 2
    halves = unit.bfloat16()
    left, right = halves[:count], halves[count:]
    cells = (left @ right.T).float().sub_(1).mul_(scale)
    diagonal = cells.diagonal().clone()
    cells.exp_()
    cells[mask] = 0
    by_row, by_column = cells.sum(1), cells.sum(0)
    loss = (by_row.log() + by_column.log() - 2 * diagonal).mean() / 2
    cells.mul_(by_row.reciprocal()[:, None] + by_column.reciprocal()[None, :])
    cells.diagonal().sub_(2)
    pull = cells.bfloat16()
    gradient = torch.cat([(pull @ right).float(), (pull.T @ left).float()]).mul_(scale / (2 * count))
    gradient = (gradient - unit * (gradient * unit).sum(1, keepdim=True)) / lengths
    return float(loss), gradient
