"""The poolings of sentence-transformers, on states of right-padded rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

POOLINGS = {  # the name, and its switch in older files
    "cls": "pooling_mode_cls_token",
    "max": "pooling_mode_max_tokens",
    "mean": "pooling_mode_mean_tokens",
    "mean_sqrt_len_tokens": "pooling_mode_mean_sqrt_len_tokens",
    "weightedmean": "pooling_mode_weightedmean_tokens",
    "lasttoken": "pooling_mode_lasttoken",
}
ACTIVATIONS = ("Identity", "Tanh", "ReLU", "GELU", "Sigmoid", "SiLU")  # classes of torch.nn behind a dense layer


def pool(states: torch.Tensor, mask: torch.Tensor, modes: Sequence[str], skipped: int = 0) -> torch.Tensor:
    """Pool states [n, tokens, hidden] under a mask [n, tokens] to [n, len(modes) * hidden], the modes side by side.

    The first `skipped` tokens, a prompt, count for no mean and no maximum.
    """
    import torch

    pooled = mask.clone()
    pooled[:, :skipped] = 0
    return torch.cat([_pool(states, mask, pooled, mode) for mode in modes], dim=1)


def _pool(states: torch.Tensor, mask: torch.Tensor, pooled: torch.Tensor, mode: str) -> torch.Tensor:
    import torch

    rows = torch.arange(len(states), device=states.device)
    if mode == "cls":
        return states[rows, pooled.argmax(dim=1)]
    if mode == "lasttoken":
        return states[rows, mask.sum(dim=1) - 1]
    if mode == "max":
        return states.masked_fill(pooled[..., None] == 0, -torch.inf).amax(dim=1)
    weights = pooled.float()
    if mode == "weightedmean":
        weights = weights * torch.arange(1, mask.shape[1] + 1, device=states.device)
    total = weights.sum(dim=1, keepdim=True).clamp(min=1e-9)
    summed = (states * weights[..., None]).sum(dim=1)
    return summed / (total.sqrt() if mode == "mean_sqrt_len_tokens" else total)
