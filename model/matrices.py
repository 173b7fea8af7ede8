"""Weight matrices [out, in] in the number formats of `Precision`; each multiplies in the format of what it is given."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

import torch
from torch.nn import functional

from model.precision import Precision

FEW_ROWS = 64  # of a question: unpacking a matrix takes longer than multiplying it with them
GROUP = 32  # weights of a row that share a scale in 4 bits; it divides every width of the published models
FP8_MAX = 448.0
# Levels that a normal distribution fills equally, from -1 to 1: "NF4", Dettmers et al., QLoRA (2023), appendix E.
NORMAL_LEVELS = (
    *(-1.0, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635),
    *(-0.18477343022823334, -0.09105003625154495, 0.0, 0.07958029955625534, 0.16093020141124725, 0.24611230194568634),
    *(0.33791524171829224, 0.44070982933044434, 0.5626170039176941, 0.7229568362236023, 1.0),
)


class Matrix(torch.nn.Module):
    """A matrix in 16 or 32 bits."""

    def __init__(self, weight: torch.Tensor) -> None:
        super().__init__()
        self.register_buffer("weight", weight)

    def dense(self, dtype: torch.dtype) -> torch.Tensor:
        """The matrix, to multiply with."""
        return self.get_buffer("weight")

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        """Products [..., out] of rows [..., in]."""
        return functional.linear(rows, self.dense(rows.dtype))

    def onto(self, sums: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
        """The products added to `sums` [..., out], in place."""
        sums.flatten(0, -2).addmm_(rows.flatten(0, -2), self.dense(rows.dtype).t())
        return sums


class PackedMatrix(Matrix, ABC):
    """A matrix that is unpacked for each product, unless there is a faster way for few rows."""

    few: Callable[..., torch.Tensor] | None = None  # products of rows [n, in] with the buffers
    unpack: Callable[..., torch.Tensor] | None = None  # the matrix in a format, from the buffers

    @abstractmethod
    def unpacked(self, dtype: torch.dtype) -> torch.Tensor:
        """The matrix, made step by step."""

    def dense(self, dtype: torch.dtype) -> torch.Tensor:
        """The matrix in the format of the rows, made anew for each product."""
        return self.unpack(dtype, *self.buffers()) if self.unpack else self.unpacked(dtype)

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        """Products [..., out] of rows [..., in]."""
        if self.few is None or _count(rows) > FEW_ROWS:
            return super().forward(rows)
        return self.few(rows.flatten(0, -2), *self.buffers()).view(*rows.shape[:-1], -1)

    def onto(self, sums: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
        """The products added to `sums` [..., out], in place."""
        if self.few is None or _count(rows) > FEW_ROWS:
            return super().onto(sums, rows)
        return sums.add_(self.forward(rows))


class EightBitMatrix(PackedMatrix):
    """Whole numbers from -127 to 127, with a scale for each row."""

    def __init__(self, weight: torch.Tensor) -> None:
        scale = _largest(weight.float(), 1) / 127
        super().__init__((weight.float() / scale).round_().to(torch.int8))
        self.register_buffer("scale", scale.to(weight.dtype))

    def unpacked(self, dtype: torch.dtype) -> torch.Tensor:
        """The matrix, made step by step."""
        return self.get_buffer("weight") * self.get_buffer("scale").to(dtype)


class FourBitMatrix(PackedMatrix):
    """Two of sixteen levels in a byte, with a scale for each group of a row."""

    def __init__(self, weight: torch.Tensor) -> None:
        groups = weight.float().view(len(weight), -1, GROUP)
        scale = _largest(groups, 2)
        levels = torch.tensor(NORMAL_LEVELS, device=weight.device)
        borders = (levels[1:] + levels[:-1]) / 2
        numbers = torch.bucketize(groups / scale, borders).flatten(1).to(torch.uint8)
        super().__init__(numbers[:, 0::2] | numbers[:, 1::2] << 4)
        self.register_buffer("scale", scale.to(weight.dtype))
        pairs = torch.arange(256, device=weight.device)
        self.register_buffer("levels", torch.stack((levels[pairs & 15], levels[pairs >> 4]), 1))

    def unpacked(self, dtype: torch.dtype) -> torch.Tensor:
        """The matrix, made step by step."""
        packed, scale = self.get_buffer("weight"), self.get_buffer("scale").to(dtype)
        values = functional.embedding(packed.int(), self.get_buffer("levels").to(dtype))
        return values.view(len(packed), -1, GROUP).mul_(scale).flatten(1)


class FloatEightMatrix(Matrix):
    """8-bit floating point with a scale for each row, for cards that multiply in it; rows are rounded to it, too."""

    def __init__(self, weight: torch.Tensor) -> None:
        values, scale = rounded(weight)
        super().__init__(values)
        self.register_buffer("scale", scale)
        self.rounded = rounded  # a faster one takes its place where there is one

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        """Products [..., out] of rows [..., in]."""
        flat, scale = self.rounded(rows.flatten(0, -2))
        weight, own = self.get_buffer("weight"), self.get_buffer("scale")
        products = torch._scaled_mm(flat, weight.t(), scale, own.t(), out_dtype=torch.bfloat16, use_fast_accum=True)
        return products.to(rows.dtype).view(*rows.shape[:-1], -1)

    def onto(self, sums: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
        """The products added to `sums` [..., out], in place."""
        return sums.add_(self.forward(rows))


MATRICES: dict[Precision, type[Matrix]] = {
    Precision.FULL: Matrix,
    Precision.FP8: FloatEightMatrix,
    Precision.EIGHT: EightBitMatrix,
    Precision.FOUR: FourBitMatrix,
}


def _count(rows: torch.Tensor) -> int:
    return rows.numel() // rows.shape[-1]


def _largest(values: torch.Tensor, dim: int) -> torch.Tensor:
    """Largest absolute value along a dimension, never 0."""
    return values.abs().amax(dim, keepdim=True).clamp_(min=1e-12)


def rounded(rows: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Rows [n, in] in 8-bit floating point and their scales, float32 [n, 1]."""
    factor = FP8_MAX / _largest(rows, 1)
    return (rows * factor).clamp_(-FP8_MAX, FP8_MAX).to(torch.float8_e4m3fn), 1 / factor.float()
