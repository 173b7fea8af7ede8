"""The kernels give what the plain steps and products give; without a card, in Triton's interpreter."""

import os
import subprocess
import sys
from importlib.util import find_spec

import pytest
import torch

ROOT_SCRIPT = """
import torch
from tests.model.test_kernels import check_gated, check_normed, check_products, check_turned
for check in (check_turned, check_gated, check_normed, check_products):
    check(torch.device("cpu"), torch.float32)
"""
COMPILING_SCRIPT = """
from itertools import product
from triton import compile
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource
from model.qwen3 import products
kernels = {  # sizes that are fixed when a kernel is compiled
    products._eight_bit: {"ROWS": 64, "OUTPUTS": 64, "COLUMNS": 128},
    products._four_bit: {"ROWS": 64, "OUTPUTS": 64, "COLUMNS": 64, "GROUPED": 16},
    products._unpack_eight_bit: {"AT_ONCE": 1024},
    products._unpack_four_bit: {"GROUPED": 16, "AT_ONCE": 1024},
    products._add: {"COUNT": 3, "AT_ONCE": 1024},
}
cards = [GPUTarget("cuda", 75, 32), GPUTarget("cuda", 90, 32), GPUTarget("hip", "gfx1100", 32)]
for (kernel, sizes), card in product(kernels.items(), cards):
    kinds = {"rows": "*fp16", "scale": "*fp16", "found": "*fp16", "parts": "*fp32"}
    kinds |= {"weight": "*u8" if "GROUPED" in sizes else "*i8"} | dict.fromkeys(sizes, "constexpr")
    compile(ASTSource(kernel, {name: kinds.get(name, "i32") for name in kernel.arg_names}, sizes), card)
"""


def check_turned(device: torch.device, dtype: torch.dtype) -> None:
    """Heads are normalised and rotated, and the values behind them stay as they are."""
    from model.qwen3 import kernels, layers

    generator = torch.Generator(device).manual_seed(1)
    for batch, tokens, count, behind in ((1, 37, 24, 8), (3, 5, 40, 8), (1, 1, 6, 2)):
        both = torch.randn(batch, tokens, count + behind, 128, generator=generator, device=device).to(dtype)
        weight = torch.rand(count, 128, generator=generator, device=device).to(dtype)
        angles = torch.rand(1, tokens, 128, generator=generator, device=device)
        cos, sin = (each[..., :64].unsqueeze(-2) for each in (angles.cos().to(dtype), angles.sin().to(dtype)))
        wanted = layers.turned(both[..., :count, :].float(), weight.float(), cos.float(), sin.float(), 1e-6)
        values = both[..., count:, :].clone()
        assert_close(kernels.turned(both[..., :count, :], weight, cos, sin, 1e-6), wanted)
        assert torch.equal(both[..., count:, :], values)


def check_gated(device: torch.device, dtype: torch.dtype) -> None:
    from model.qwen3 import kernels, layers

    for shape in ((1, 7, 6144), (2, 3, 192), (1, 1, 19_456)):
        both = torch.randn(shape, device=device).to(dtype)
        assert_close(kernels.gated(both), layers.gated(both.float()))


def check_normed(device: torch.device, dtype: torch.dtype) -> None:
    from model.qwen3 import kernels, layers

    for shape in ((1, 9, 1024), (2, 3, 2560), (1, 1, 64)):
        rows, weight = torch.randn(shape, device=device).to(dtype), torch.rand(shape[-1], device=device).to(dtype)
        assert_close(kernels.normed(rows, weight, 1e-6), layers.normed(rows.float(), weight.float(), 1e-6))


def check_rounded(device: torch.device, dtype: torch.dtype) -> None:
    """The same but for what the plain way rounds twice; the interpreter cuts instead of rounding."""
    from model import matrices
    from model.qwen3 import kernels

    for shape in ((9, 1024), (3, 2560), (1, 64)):
        rows = torch.randn(shape, device=device).to(dtype)
        (found, scales), (wanted, wanted_scales) = kernels.rounded(rows), matrices.rounded(rows)
        torch.testing.assert_close(scales, wanted_scales, rtol=1e-2, atol=0)
        error = (found.float() * scales - wanted.float() * wanted_scales).norm() / rows.float().norm()
        assert error < 0.03, float(error)


def check_products(device: torch.device, dtype: torch.dtype) -> None:
    """Those of the unpacked matrix, whether or not the sizes fill the blocks, as one sum or in parts."""
    from model.qwen3.products import PRODUCTS, UNPACKERS

    for count, outputs, inputs in ((1, 48, 128), (40, 160, 320), (70, 33, 288), (3, 40, 1344)):
        rows = torch.randn(count, inputs, device=device).to(dtype)
        for kind, multiply in PRODUCTS.items():
            matrix = kind((torch.randn(outputs, inputs, device=device) * 0.02).to(dtype))
            unpacked = matrix.dense(dtype)
            assert_close(multiply(rows, *matrix.buffers()), rows.float() @ unpacked.float().t())
            assert torch.equal(UNPACKERS[kind](dtype, *matrix.buffers()), unpacked)


def assert_close(found: torch.Tensor, wanted: torch.Tensor) -> None:
    error = (found.float() - wanted).norm() / wanted.norm()
    assert error < (1e-6 if found.dtype is torch.float32 else 4e-3), float(error)


@pytest.mark.skipif(not find_spec("triton"), reason="this torch came without Triton")
def test_kernels_give_what_the_plain_ways_give_in_the_interpreter() -> None:
    run(ROOT_SCRIPT, TRITON_INTERPRET="1")


@pytest.mark.skipif(not find_spec("triton"), reason="this torch came without Triton")
def test_products_with_packed_weights_compile_for_old_and_new_cards() -> None:
    run(COMPILING_SCRIPT)


def run(script: str, **environment: str) -> None:
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no card")
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
def test_kernels_give_what_the_plain_ways_give_on_the_card(dtype: torch.dtype) -> None:
    for check in (check_turned, check_gated, check_normed, check_rounded, check_products):
        check(torch.device("cuda"), dtype)
