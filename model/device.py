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
MAX_TOKENS = 16_384  # of one batch on an accelerator: twice as many gain 3 % on an H200, and queries wait longer
CPU_TOKENS = 2_048  # more has nothing left to gain on a processor
_LOSS_WORDS = ("cuda error", "hip error", "cudnn error", "cudnn_status", "device lost", "ur_result_error", "mps error")
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
    import torch

    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0]) + _cached_bytes(device)
    if device.type == "xpu":
        return int(torch.xpu.mem_get_info(device)[0])
    try:
        import psutil
    except ImportError:  # where a benchmark runs and nothing of Cognate is installed
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return int(psutil.virtual_memory().available)  # on a Mac the GPU shares it


def _cached_bytes(device: torch.device) -> int:
    """Memory that torch holds for this program and that nothing is in."""
    import torch

    return max(0, torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device))


def token_room(device: torch.device, bytes_per_token: int) -> int:
    """Tokens whose activations fit well into the free memory."""
    return max(MIN_TOKENS, int(MEMORY_SHARE * free_bytes(device)) // bytes_per_token)


def token_budget(device: torch.device, bytes_per_token: int) -> int:
    """Tokens in one batch: what fits, and no more than is of use."""
    return CPU_TOKENS if device.type == "cpu" else min(MAX_TOKENS, token_room(device, bytes_per_token))


def is_out_of_memory(error: RuntimeError) -> bool:
    """Whether an error of torch means that memory ran out; each backend has its own way to say so."""
    import torch

    return isinstance(error, torch.OutOfMemoryError) or any(word in str(error).lower() for word in _MEMORY_WORDS)


def is_device_lost(error: RuntimeError, device: torch.device) -> bool:
    """Whether an accelerator, rather than what it was asked to do, has failed."""
    import torch

    if device.type == "cpu":
        return False
    return isinstance(error, torch.AcceleratorError) or any(word in str(error).lower() for word in _LOSS_WORDS)


def release_memory(device: torch.device) -> None:
    """Give cached blocks back to the system."""
    import torch

    if device.type in ("cuda", "xpu", "mps"):
        getattr(torch, device.type).empty_cache()


def leave_a_core_free() -> None:
    """One core stays with the window and the rest of the system."""
    import torch

    torch.set_num_threads(max(1, (os.cpu_count() or 2) - 1))
