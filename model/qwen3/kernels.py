"""The steps between the products of a decoder as kernels for CUDA and ROCm, each one pass through the memory.

Sums and roots are float32 and each result is rounded once. Needs Triton and what it compiles with; raises at the first
call where either is missing.
"""

from __future__ import annotations

import torch
import triton
import triton.language as tl

# ruff: noqa: ANN001, ANN202 - Triton reads annotations itself, and knows none of ours

HEADS_AT_ONCE = 8
COLUMNS_AT_ONCE = 1024


def turned(heads: torch.Tensor, weight: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor, eps: float) -> torch.Tensor:
    """As `layers.turned`, in place."""
    batch, tokens, count, size = heads.shape
    grid = (batch * tokens, triton.cdiv(count, HEADS_AT_ONCE))
    _turned[grid](
        heads,
        weight,
        cos,
        sin,
        heads.stride(1),
        cos.stride(1),
        cos.shape[0] * cos.shape[1],
        eps,
        count,
        HALF=size // 2,
        HEADS=HEADS_AT_ONCE,
        num_warps=2,
    )
    return heads


def gated(both: torch.Tensor) -> torch.Tensor:
    """As `layers.gated`."""
    width = both.shape[-1] // 2
    found = both.new_empty((*both.shape[:-1], width))
    grid = (found.numel() // width, triton.cdiv(width, COLUMNS_AT_ONCE))
    _gated[grid](both, found, width, COLUMNS=COLUMNS_AT_ONCE)
    return found


def normed(rows: torch.Tensor, weight: torch.Tensor, eps: float) -> torch.Tensor:
    """As `layers.normed`."""
    width = rows.shape[-1]
    found = torch.empty_like(rows, memory_format=torch.contiguous_format)
    columns = triton.next_power_of_2(width)
    _normed[(rows.numel() // width,)](
        rows.contiguous(), weight, found, eps, width, COLUMNS=columns, num_warps=min(8, max(1, columns // 512))
    )
    return found


def rounded(rows: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """As `matrices.rounded`."""
    count, width = rows.shape
    found = rows.new_empty((count, width), dtype=torch.float8_e4m3fn)
    scales = rows.new_empty((count, 1), dtype=torch.float32)
    columns = triton.next_power_of_2(width)
    _rounded[(count,)](
        rows.contiguous(), found, scales, width, COLUMNS=columns, num_warps=min(16, max(1, columns // 512))
    )
    return found, scales


@triton.jit(do_not_specialize=["positions"])
def _turned(
    heads,
    weight,
    cos,
    sin,
    stride,
    turn_stride,
    positions,
    eps,
    count,
    HALF: tl.constexpr,
    HEADS: tl.constexpr,
):
    token = tl.program_id(0).to(tl.int64)
    head = tl.program_id(1) * HEADS + tl.arange(0, HEADS)[:, None]
    column = tl.arange(0, HALF)[None, :]
    is_there = (head < count) & (column < HALF)
    place = heads + token * stride + head * (2 * HALF) + column
    left = tl.load(place, is_there, 0.0).to(tl.float32)
    right = tl.load(place + HALF, is_there, 0.0).to(tl.float32)
    scale = tl.rsqrt((tl.sum(left * left, 1) + tl.sum(right * right, 1)) / (2 * HALF) + eps)[:, None]
    own = weight + head * (2 * HALF) + column
    left *= scale * tl.load(own, is_there, 0.0).to(tl.float32)
    right *= scale * tl.load(own + HALF, is_there, 0.0).to(tl.float32)
    turn = (token % positions) * turn_stride + column
    c, s = tl.load(cos + turn).to(tl.float32), tl.load(sin + turn).to(tl.float32)
    tl.store(place, (left * c - right * s).to(heads.dtype.element_ty), is_there)
    tl.store(place + HALF, (right * c + left * s).to(heads.dtype.element_ty), is_there)


@triton.jit
def _gated(both, found, width, COLUMNS: tl.constexpr):
    row = tl.program_id(0).to(tl.int64)
    column = tl.program_id(1) * COLUMNS + tl.arange(0, COLUMNS)
    is_there = column < width
    gate = tl.load(both + row * 2 * width + column, is_there, 0.0).to(tl.float32)
    up = tl.load(both + row * 2 * width + width + column, is_there, 0.0).to(tl.float32)
    tl.store(found + row * width + column, (gate * tl.sigmoid(gate) * up).to(found.dtype.element_ty), is_there)


@triton.jit
def _normed(rows, weight, found, eps, width, COLUMNS: tl.constexpr):
    row = tl.program_id(0).to(tl.int64)
    column = tl.arange(0, COLUMNS)
    is_there = column < width
    values = tl.load(rows + row * width + column, is_there, 0.0).to(tl.float32)
    scale = tl.rsqrt(tl.sum(values * values, 0) / width + eps)
    weights = tl.load(weight + column, is_there, 0.0).to(tl.float32)
    tl.store(found + row * width + column, (values * scale * weights).to(found.dtype.element_ty), is_there)


@triton.jit
def _rounded(rows, found, scales, width, COLUMNS: tl.constexpr):
    row = tl.program_id(0).to(tl.int64)
    column = tl.arange(0, COLUMNS)
    is_there = column < width
    values = tl.load(rows + row * width + column, is_there, 0.0).to(tl.float32)
    scale = tl.maximum(tl.max(tl.abs(values), 0), 1e-12) / 448.0
    tl.store(scales + row, scale)
    tl.store(found + row * width + column, (values / scale).to(found.dtype.element_ty), is_there)
