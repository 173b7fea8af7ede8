"""Attention over sequences that stand one behind the other in a single row, as transformers calls it.

Each function takes query [1, heads, tokens, head_dim], key and value [1, fewer heads, tokens, head_dim] and the lengths
of the sequences, and returns [1, tokens, heads, head_dim].
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from importlib.util import find_spec
from inspect import signature
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

ONE_BY_ONE = "cognate_one_by_one"
VARLEN = "cognate_varlen"
FLASH = "flash_attention_2"
PADDED = "cognate_padded"


def register() -> None:
    """Make the functions known to transformers, by name; as they have no mask function, it builds no mask for them."""
    from transformers import AttentionInterface

    AttentionInterface.register(ONE_BY_ONE, _one_by_one)
    AttentionInterface.register(VARLEN, _varlen)
    AttentionInterface.register(PADDED, _padded)


def candidates(device: torch.device) -> Iterator[str]:
    """Attention over packed rows that a device may be able to do, the fastest first."""
    if device.type == "cuda":
        yield VARLEN
        if find_spec("flash_attn"):
            yield FLASH
    yield ONE_BY_ONE


def _one_by_one(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    *,
    scaling: float,
    lengths: Sequence[int],
    **_: Any,  # noqa: ANN401 - whatever else transformers passes on
) -> tuple[torch.Tensor, None]:
    """Each sequence by itself: runs anywhere, and no mask of tokens times tokens is ever made."""
    import torch

    sizes = list(lengths)
    attended = [
        torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True, scale=scaling, enable_gqa=True)
        for q, k, v in zip(*(torch.split(tensor, sizes, 2) for tensor in (query, key, value)), strict=True)
    ]
    return torch.cat(attended, 2).transpose(1, 2), None


def _padded(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    *,
    scaling: float,
    **_: Any,  # noqa: ANN401 - whatever else transformers passes on
) -> tuple[torch.Tensor, None]:
    """Right-padded rows without a mask: causal attention never looks at what is behind."""
    import torch

    attend = torch.nn.functional.scaled_dot_product_attention
    return attend(query, key, value, is_causal=True, scale=scaling, enable_gqa=True).transpose(1, 2), None


def _varlen(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    *,
    cu_seq_lens_q: torch.Tensor,
    max_length_q: int,
    **_: Any,  # noqa: ANN401 - the scaling, which is the usual one, and whatever else transformers passes on
) -> tuple[torch.Tensor, None]:
    """All sequences in one kernel, for 16-bit numbers on CUDA."""
    from torch.nn.attention.varlen import varlen_attn

    rows = [tensor[0].transpose(0, 1) for tensor in (query, key, value)]
    borders = [cu_seq_lens_q, cu_seq_lens_q, max_length_q, max_length_q]
    attend: Any = varlen_attn
    return attend(*rows, *borders, **_causal_options(attend))[None], None


@cache
def _causal_options(attend: Any) -> dict[str, Any]:  # noqa: ANN401 - its signature grew from torch 2.10 to 2.12
    """How this torch is told to look back only, and that heads share keys and values."""
    known = signature(attend).parameters
    options: dict[str, Any] = {"window_size": (-1, 0)} if "window_size" in known else {"is_causal": True}
    return options | ({"enable_gqa": True} if "enable_gqa" in known else {})
