"""Products of a few rows with matrices of fewer bits as kernels for CUDA and ROCm.

Weights are unpacked on their way into the product and never written to the memory. Each becomes the number that
`Matrix.dense` makes of it; sums are float32 and rounded once. Needs Triton, as `kernels` does.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
import triton
import triton.language as tl

from model.matrices import GROUP, EightBitMatrix, FourBitMatrix, Matrix

# ruff: noqa: ANN001, ANN202 - Triton reads annotations itself, and knows none of ours

ROWS_AT_ONCE = 64
OUTPUTS_AT_ONCE = 16
INPUTS_AT_ONCE = 128


def eight_bit(rows: torch.Tensor, weight: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:
    """Products [n, out] of rows [n, in] with the parts of an `EightBitMatrix`."""
    found = rows.new_empty((len(rows), len(weight)))
    _eight_bit[_grid(found)](
        rows.contiguous(), weight, scale, found, len(rows), *weight.shape, ROWS_AT_ONCE, OUTPUTS_AT_ONCE, INPUTS_AT_ONCE
    )
    return found


def four_bit(rows: torch.Tensor, weight: torch.Tensor, scale: torch.Tensor, levels: torch.Tensor) -> torch.Tensor:
    """Products [n, out] of rows [n, in] with the parts of a `FourBitMatrix`."""
    found = rows.new_empty((len(rows), len(weight)))
    sizes = (ROWS_AT_ONCE, OUTPUTS_AT_ONCE, INPUTS_AT_ONCE // 2, GROUP // 2)
    _four_bit[_grid(found)](rows.contiguous(), weight, scale, levels, found, len(rows), *weight.shape, *sizes)
    return found


PRODUCTS: dict[type[Matrix], Callable[..., torch.Tensor]] = {EightBitMatrix: eight_bit, FourBitMatrix: four_bit}


def _grid(found: torch.Tensor) -> tuple[int, int]:
    return triton.cdiv(found.shape[1], OUTPUTS_AT_ONCE), triton.cdiv(found.shape[0], ROWS_AT_ONCE)


@triton.jit(do_not_specialize=["count"])
def _eight_bit(
    rows,
    weight,
    scale,
    found,
    count,
    outputs,
    inputs,
    ROWS: tl.constexpr,
    OUTPUTS: tl.constexpr,
    INPUTS: tl.constexpr,
):
    output = tl.program_id(0) * OUTPUTS + tl.arange(0, OUTPUTS)[None, :]
    row = tl.program_id(1) * ROWS + tl.arange(0, ROWS)[:, None]
    kind = rows.dtype.element_ty
    own = tl.load(scale + output, output < outputs, 0.0).to(tl.float32)
    total = tl.zeros((ROWS, OUTPUTS), tl.float32)
    for start in range(0, inputs, INPUTS):
        across = start + tl.arange(0, INPUTS)[None, :]
        down = start + tl.arange(0, INPUTS)[:, None]
        values = tl.load(rows + row * inputs + across, (row < count) & (across < inputs), 0.0)
        packed = tl.load(weight + output * inputs + down, (output < outputs) & (down < inputs), 0)
        total = tl.dot(values, (packed.to(tl.float32) * own).to(kind), total, input_precision="ieee")
    tl.store(found + row * outputs + output, total.to(kind), (row < count) & (output < outputs))


@triton.jit(do_not_specialize=["count"])
def _four_bit(
    rows,
    weight,
    scale,
    levels,
    found,
    count,
    outputs,
    pairs,
    ROWS: tl.constexpr,
    OUTPUTS: tl.constexpr,
    PAIRS: tl.constexpr,
    GROUPED: tl.constexpr,
):
    output = tl.program_id(0) * OUTPUTS + tl.arange(0, OUTPUTS)[None, :]
    row = tl.program_id(1) * ROWS + tl.arange(0, ROWS)[:, None]
    kind = rows.dtype.element_ty
    total = tl.zeros((ROWS, OUTPUTS), tl.float32)
    for start in range(0, pairs, PAIRS):
        across = start + tl.arange(0, PAIRS)[None, :]
        down = start + tl.arange(0, PAIRS)[:, None]
        is_row, is_weight = (row < count) & (across < pairs), (output < outputs) & (down < pairs)
        place = rows + 2 * (row * pairs + across)
        packed = tl.load(weight + output * pairs + down, is_weight, 0).to(tl.int32)
        own = tl.load(scale + output * (pairs // GROUPED) + down // GROUPED, is_weight, 0.0).to(tl.float32)
        first = tl.load(levels + 2 * packed).to(kind).to(tl.float32) * own
        second = tl.load(levels + 2 * packed + 1).to(kind).to(tl.float32) * own
        total = tl.dot(tl.load(place, is_row, 0.0), first.to(kind), total, input_precision="ieee")
        total = tl.dot(tl.load(place + 1, is_row, 0.0), second.to(kind), total, input_precision="ieee")
    tl.store(found + row * outputs + output, total.to(kind), (row < count) & (output < outputs))
