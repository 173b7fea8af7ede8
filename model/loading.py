from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from model.checkpoint import Checkpoint
from model.device import free_bytes, is_out_of_memory, release_memory
from model.errors import NoRoomError

if TYPE_CHECKING:
    import torch

T = TypeVar("T")


def load_weights(checkpoint: Checkpoint, device: torch.device, dtype: torch.dtype, attention: str | None = None) -> Any:  # noqa: ANN401 - a model class of transformers
    """The base model of a checkpoint, without its head, ready to run. Nothing is fetched from a network.

    Raises:
        NoRoomError: it does not fit into the memory.
        ModelError: weights are missing or damaged.
    """
    check_room(checkpoint, device, dtype)
    model = read_weights(checkpoint, dtype, attention)
    return moved(lambda: model.to(device), checkpoint, device)


def moved(move: Callable[[], T], checkpoint: Checkpoint, device: torch.device) -> T:
    """What `move` gives, which puts weights on the device. Raises NoRoomError: they do not fit."""
    try:
        return move()
    except RuntimeError as error:
        if not is_out_of_memory(error):
            raise
    release_memory(device)
    raise _too_large(checkpoint, device, checkpoint.weight_bytes)


def read_weights(checkpoint: Checkpoint, dtype: torch.dtype, attention: str | None = None) -> Any:  # noqa: ANN401
    """The base model in the memory of the processor. Raises ModelError: weights are missing or damaged."""
    from safetensors import SafetensorError
    from transformers import AutoModel

    _quiet()
    try:
        model, report = AutoModel.from_pretrained(
            checkpoint.weights[0].parent,
            dtype=dtype,
            attn_implementation=attention,
            local_files_only=True,
            use_safetensors=True,
            trust_remote_code=False,
            output_loading_info=True,
        )
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        raise checkpoint.damaged(_first_line(error)) from error
    missing = sorted(name for name in report["missing_keys"] if not name.startswith("pooler."))
    if missing:  # transformers would go on with random numbers in their place
        raise checkpoint.damaged(
            f"its weights lack {missing[0]}" + f" and {len(missing) - 1} more" * (len(missing) > 1)
        )
    return model.eval()


def _quiet() -> None:
    """No progress bars, and no word on heads that are left out on purpose."""
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    transformers_logging.set_verbosity_error()  # type: ignore[no-untyped-call]


def check_room(checkpoint: Checkpoint, device: torch.device, dtype: torch.dtype, bits: float | None = None) -> None:
    """Raise NoRoomError where the system would begin to swap, or end the program; `bits` as `Precision` has them."""
    values = checkpoint.weight_bytes // _stored_itemsize(checkpoint)
    needed = values * dtype.itemsize
    if bits is not None:
        table = checkpoint.number("vocab_size") * checkpoint.number("hidden_size")  # stays as it is
        needed = table * dtype.itemsize + int((values - table) * bits / 8)
    if needed > free_bytes(device):
        raise _too_large(checkpoint, device, needed)


def _stored_itemsize(checkpoint: Checkpoint) -> int:
    stored = checkpoint.config.get("dtype") or checkpoint.config.get("torch_dtype") or "float32"
    return 4 if stored == "float32" else 2


def _too_large(checkpoint: Checkpoint, device: torch.device, needed: int) -> NoRoomError:
    return NoRoomError(
        f"{checkpoint.name} needs {needed / 1e9:.1f} GB of memory on {device}, and {free_bytes(device) / 1e9:.1f} GB "
        "are free. Close other programs, or choose a smaller model."
    )


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
