"""Where a large model runs, in which number format, and how much memory it finds there. Only functions import torch."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from model.errors import ModelError

if TYPE_CHECKING:
    import torch

OVERRIDE = "COGNATE_DEVICE"
MEMORY_SHARE = 0.5  # of the free memory may hold the activations of one batch; other programs want some, too
MIN_TOKENS = 2_048
MAX_TOKENS = 32_768  # of one batch on an accelerator: more has nothing left to gain, and a query would wait longer
CPU_TOKENS = 2_048  # a query waits for one batch, which takes seconds on a processor
_MEMORY_WORDS = ("out of memory", "not enough memory", "can't allocate memory", "alloc_failed")


def choose_device(wanted: str = "") -> torch.device:
    """The device asked for here or by $COGNATE_DEVICE ("cpu", "cuda:1", ...), otherwise the fastest one there is.

    Raises:
        ModelError: the device asked for is not there.
    """
    import torch

    name = wanted or os.environ.get(OVERRIDE, "")
    if name:
        return _checked(name)
    if torch.cuda.is_available():  # ROCm answers to this name, too
        return torch.device("cuda", torch.cuda.current_device())
    if torch.backends.mps.is_available():
        return torch.device("mps")
    if torch.xpu.is_available():
        return torch.device("xpu", torch.xpu.current_device())
    return torch.device("cpu")


def _checked(name: str) -> torch.device:
    import torch

    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise ModelError(f'The device "{name}" can\'t be used ({reason}); choose another one, like "cpu".') from error
    return device


def choose_dtype(device: torch.device) -> torch.dtype:
    """The 16-bit format that the device computes fast, bfloat16 first as Qwen3 was trained in it; float32 on a CPU."""
    import torch

    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float16
    return {"xpu": torch.bfloat16, "mps": torch.float16}.get(device.type, torch.float32)


def free_bytes(device: torch.device) -> int:
    """Memory that a model could take on a device now."""
    import psutil
    import torch

    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    if device.type == "xpu":
        return int(torch.xpu.mem_get_info(device)[0])
    return int(psutil.virtual_memory().available)  # on a Mac the GPU shares it


def token_budget(device: torch.device, bytes_per_token: int) -> int:
    """Tokens in one batch whose activations fit well into the free memory."""
    if device.type == "cpu":
        return CPU_TOKENS
    return max(MIN_TOKENS, min(MAX_TOKENS, int(MEMORY_SHARE * free_bytes(device)) // bytes_per_token))


def is_out_of_memory(error: RuntimeError) -> bool:
    """Whether an error of torch means that memory ran out; each backend has its own way to say so."""
    import torch

    return isinstance(error, torch.OutOfMemoryError) or any(word in str(error).lower() for word in _MEMORY_WORDS)


def release_memory(device: torch.device) -> None:
    """Give cached blocks back to the system."""
    import torch

    if device.type in ("cuda", "xpu", "mps"):
        getattr(torch, device.type).empty_cache()


def leave_a_core_free() -> None:
    """One core stays with the window and the rest of the system."""
    import torch

    torch.set_num_threads(max(1, (os.cpu_count() or 2) - 1))
