"""The fused steps give what the plain ones give; without a card, in Triton's interpreter."""

import os
import subprocess
import sys
from importlib.util import find_spec

import pytest
import torch

ROOT_SCRIPT = """
import torch
from tests.model.test_kernels import check_gated, check_normed, check_turned
check_turned(torch.device("cpu"), torch.float32)
check_gated(torch.device("cpu"), torch.float32)
check_normed(torch.device("cpu"), torch.float32)
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


def assert_close(found: torch.Tensor, wanted: torch.Tensor) -> None:
    error = (found.float() - wanted).norm() / wanted.norm()
    assert error < (1e-6 if found.dtype is torch.float32 else 4e-3), float(error)


@pytest.mark.skipif(not find_spec("triton"), reason="this torch came without Triton")
def test_fused_steps_give_what_the_plain_ones_give_in_the_interpreter() -> None:
    environment = os.environ | {"TRITON_INTERPRET": "1"}
    done = subprocess.run([sys.executable, "-c", ROOT_SCRIPT], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no card")
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
def test_fused_steps_give_what_the_plain_ones_give_on_the_card(dtype: torch.dtype) -> None:
    for check in (check_turned, check_gated, check_normed, check_rounded):
        check(torch.device("cuda"), dtype)
