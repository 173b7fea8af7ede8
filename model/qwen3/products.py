"""Products with matrices of fewer bits as kernels for CUDA and ROCm: of a few rows, and unpacking for many.

For a few rows weights are unpacked on their way into the product and never written to the memory. Each becomes the
number that `Matrix.unpacked` makes of it; sums are float32 and rounded once. Needs Triton, as `kernels` does.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
import triton
import triton.language as tl

from model.matrices import GROUP, NORMAL_LEVELS, EightBitMatrix, FourBitMatrix, Matrix

# ruff: noqa: ANN001, ANN202 - Triton reads annotations itself, and knows none of ours

ROWS_AT_ONCE = 64
OUTPUTS_AT_ONCE = 64
INPUTS_AT_ONCE = 128
BLOCKS_AT_ONCE = 4  # for each multiprocessor; where there are fewer, each product is a sum of parts
NUMBERS_AT_ONCE = 1024
LEVELS = tl.constexpr(NORMAL_LEVELS)


def eight_bit(rows: torch.Tensor, weight: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:
    """Products [n, out] of rows [n, in] with the parts of an `EightBitMatrix`."""
    return _in_parts(_eight_bit, rows, weight, scale, INPUTS_AT_ONCE, {"num_warps": 8})


def four_bit(rows: torch.Tensor, weight: torch.Tensor, scale: torch.Tensor, levels: torch.Tensor) -> torch.Tensor:
    """Products [n, out] of rows [n, in] with the parts of a `FourBitMatrix`."""
    return _in_parts(_four_bit, rows, weight, scale, INPUTS_AT_ONCE // 2, {"GROUPED": GROUP // 2})


def unpacked_eight_bit(dtype: torch.dtype, weight: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:
    """An `EightBitMatrix` [out, in]."""
    found = torch.empty(weight.shape, dtype=dtype, device=weight.device)
    grid = (triton.cdiv(weight.numel(), NUMBERS_AT_ONCE),)
    _unpack_eight_bit[grid](weight, scale, found, weight.numel(), weight.shape[1], NUMBERS_AT_ONCE)
    return found


def unpacked_four_bit(
    dtype: torch.dtype, weight: torch.Tensor, scale: torch.Tensor, levels: torch.Tensor
) -> torch.Tensor:
    """A `FourBitMatrix` [out, in]."""
    found = torch.empty((len(weight), 2 * weight.shape[1]), dtype=dtype, device=weight.device)
    grid = (triton.cdiv(weight.numel(), NUMBERS_AT_ONCE),)
    _unpack_four_bit[grid](weight, scale, found, weight.numel(), GROUP // 2, NUMBERS_AT_ONCE)
    return found


PRODUCTS: dict[type[Matrix], Callable[..., torch.Tensor]] = {EightBitMatrix: eight_bit, FourBitMatrix: four_bit}
UNPACKERS: dict[type[Matrix], Callable[..., torch.Tensor]] = {
    EightBitMatrix: unpacked_eight_bit,
    FourBitMatrix: unpacked_four_bit,
}


def _in_parts(
    kernel: triton.JITFunction[None],
    rows: torch.Tensor,
    weight: torch.Tensor,
    scale: torch.Tensor,
    at_once: int,
    options: dict[str, int],
) -> torch.Tensor:
    """Products, for which a kernel goes through `at_once` columns of the weights [out, columns] at once."""
    outputs, columns = weight.shape
    found = rows.new_empty((len(rows), outputs))
    blocks = triton.cdiv(outputs, OUTPUTS_AT_ONCE), triton.cdiv(len(rows), ROWS_AT_ONCE)
    steps = triton.cdiv(columns, at_once)
    steps_of_part = triton.cdiv(steps, max(1, _wanted_blocks(rows.device) // (blocks[0] * blocks[1])))
    parts = triton.cdiv(steps, steps_of_part)
    sums = found if parts == 1 else found.new_empty((parts, *found.shape), dtype=torch.float32)
    kernel[(*blocks, parts)](
        *(rows.contiguous(), weight, scale, sums, len(rows), outputs, columns, steps_of_part * at_once),
        *(ROWS_AT_ONCE, OUTPUTS_AT_ONCE, at_once),
        **options,
    )
    if parts > 1:
        _add[(triton.cdiv(found.numel(), NUMBERS_AT_ONCE),)](sums, found, found.numel(), parts, NUMBERS_AT_ONCE)
    return found


def _wanted_blocks(device: torch.device) -> int:
    is_card = device.type == "cuda"
    return BLOCKS_AT_ONCE * (torch.cuda.get_device_properties(device).multi_processor_count if is_card else 1)


@triton.jit(do_not_specialize=["count"])
def _eight_bit(
    rows,
    weight,
    scale,
    found,
    count,
    outputs,
    columns,
    part,
    ROWS: tl.constexpr,
    OUTPUTS: tl.constexpr,
    COLUMNS: tl.constexpr,
):
    output = tl.program_id(0) * OUTPUTS + tl.arange(0, OUTPUTS)[None, :]
    row = tl.program_id(1) * ROWS + tl.arange(0, ROWS)[:, None]
    kind = rows.dtype.element_ty
    own = tl.load(scale + output, output < outputs, 0.0).to(tl.float32)
    total = tl.zeros((ROWS, OUTPUTS), tl.float32)
    for step in range(0, part, COLUMNS):
        start = tl.program_id(2) * part + step
        across = start + tl.arange(0, COLUMNS)[None, :]
        down = start + tl.arange(0, COLUMNS)[:, None]
        values = tl.load(rows + row * columns + across, (row < count) & (across < columns), 0.0)
        packed = tl.load(weight + output * columns + down, (output < outputs) & (down < columns), 0)
        total = tl.dot(values, (packed.to(tl.float32) * own).to(kind), total, input_precision="ieee")
    place = found + (tl.program_id(2) * count + row) * outputs + output
    tl.store(place, total.to(found.dtype.element_ty), (row < count) & (output < outputs))


@triton.jit(do_not_specialize=["count"])
def _four_bit(
    rows,
    weight,
    scale,
    found,
    count,
    outputs,
    columns,
    part,
    ROWS: tl.constexpr,
    OUTPUTS: tl.constexpr,
    COLUMNS: tl.constexpr,
    GROUPED: tl.constexpr,
):
    output = tl.program_id(0) * OUTPUTS + tl.arange(0, OUTPUTS)[None, :]
    row = tl.program_id(1) * ROWS + tl.arange(0, ROWS)[:, None]
    groups = columns // GROUPED
    total = tl.zeros((ROWS, OUTPUTS), tl.float32)
    for step in range(0, part, COLUMNS):
        start = tl.program_id(2) * part + step
        down = start + tl.arange(0, COLUMNS)[:, None]
        packed = tl.load(weight + output * columns + down, (output < outputs) & (down < columns), 0)
        group = start // GROUPED + tl.arange(0, COLUMNS // GROUPED)[:, None]
        scales = tl.load(scale + output * groups + group, (output < outputs) & (group < groups), 0.0)
        own = tl.broadcast_to(scales[:, None, :], (COLUMNS // GROUPED, GROUPED, OUTPUTS))
        both = _both(packed, tl.reshape(own, (COLUMNS, OUTPUTS)), rows.dtype.element_ty)
        across = 2 * start + tl.arange(0, 2 * COLUMNS)[None, :]
        values = tl.load(rows + 2 * row * columns + across, (row < count) & (across < 2 * columns), 0.0)
        unpacked = tl.reshape(tl.permute(both, (0, 2, 1)), (2 * COLUMNS, OUTPUTS))
        total = tl.dot(values, unpacked, total, input_precision="ieee")
    place = found + (tl.program_id(2) * count + row) * outputs + output
    tl.store(place, total.to(found.dtype.element_ty), (row < count) & (output < outputs))


@triton.jit
def _add(parts, found, size, COUNT: tl.constexpr, AT_ONCE: tl.constexpr):
    place = tl.program_id(0) * AT_ONCE + tl.arange(0, AT_ONCE)
    total = tl.zeros((AT_ONCE,), tl.float32)
    for number in tl.static_range(COUNT):
        total += tl.load(parts + number * size + place, place < size, 0.0)
    tl.store(found + place, total.to(found.dtype.element_ty), place < size)


@triton.jit
def _unpack_eight_bit(weight, scale, found, size, columns, AT_ONCE: tl.constexpr):
    place = tl.program_id(0) * AT_ONCE + tl.arange(0, AT_ONCE)
    own = tl.load(scale + place // columns, place < size, 0.0).to(tl.float32)
    values = tl.load(weight + place, place < size, 0).to(tl.float32) * own
    tl.store(found + place, values.to(found.dtype.element_ty), place < size)


@triton.jit
def _unpack_four_bit(weight, scale, found, size, GROUPED: tl.constexpr, AT_ONCE: tl.constexpr):
    place = tl.program_id(0) * AT_ONCE + tl.arange(0, AT_ONCE)
    packed = tl.load(weight + place, place < size, 0)
    own = tl.load(scale + place // GROUPED, place < size, 0.0)
    values = tl.reshape(_both(packed, own, found.dtype.element_ty), (2 * AT_ONCE,))
    into = tl.program_id(0) * 2 * AT_ONCE + tl.arange(0, 2 * AT_ONCE)
    tl.store(found + into, values, into < 2 * size)


@triton.jit
def _both(packed, scale, KIND: tl.constexpr):
    """The two weights of each byte, behind one another in a new last dimension."""
    number, own = packed.to(tl.int32), scale.to(tl.float32)
    first = _level(number, 0, 8).to(KIND).to(tl.float32) * own
    second = _level(number >> 4, 0, 8).to(KIND).to(tl.float32) * own
    return tl.join(first.to(KIND), second.to(KIND))


@triton.jit
def _level(number, FIRST: tl.constexpr, BIT: tl.constexpr):
    """What the lowest four bits stand for; faster than looking it up in the memory."""
    if BIT == 0:
        return tl.full(number.shape, LEVELS[FIRST], tl.float32)
    else:
        above, below = _level(number, FIRST + BIT, BIT // 2), _level(number, FIRST, BIT // 2)
        return tl.where((number & BIT) != 0, above, below)
