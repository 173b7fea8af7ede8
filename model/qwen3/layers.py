"""The layers of a Qwen3 decoder in fewer and larger steps: the same numbers with less traffic through the memory.

Queries, keys and values come from one product, and so do the two halves of the MLP; sums are made by the product that
is added; in the last layer, only the rows that are wanted go beyond attention.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch.nn import functional
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

from model.matrices import MATRICES, FloatEightMatrix, Matrix, PackedMatrix, rounded
from model.precision import Precision

Cosines = tuple[torch.Tensor, torch.Tensor]  # cosines and sines of the rotary positions, each [1, tokens, head_dim]


def turned(heads: torch.Tensor, weight: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor, eps: float) -> torch.Tensor:
    """Heads [batch, tokens, heads, head_dim] normalised, weighted by `weight` [heads, head_dim] and rotated."""
    whole = functional.rms_norm(heads, heads.shape[-1:], None, eps) * weight
    left, right = whole.chunk(2, -1)
    return torch.cat((torch.addcmul(left * cos, right, sin, value=-1), torch.addcmul(right * cos, left, sin)), -1)


def gated(both: torch.Tensor) -> torch.Tensor:
    """The SwiGLU of gates and values that stand side by side."""
    gate, up = both.chunk(2, -1)
    return functional.silu(gate) * up


def normed(rows: torch.Tensor, weight: torch.Tensor, eps: float) -> torch.Tensor:
    """The RMSNorm of rows."""
    return functional.rms_norm(rows, rows.shape[-1:], weight, eps)


@dataclass(frozen=True, slots=True)
class Steps:
    """What lies between the products."""

    turned: Callable[..., torch.Tensor] = turned
    gated: Callable[..., torch.Tensor] = gated
    normed: Callable[..., torch.Tensor] = normed
    rounded: Callable[..., tuple[torch.Tensor, torch.Tensor]] = rounded

    @staticmethod
    def fused() -> Steps:
        """The same, each in one pass through the memory. Raises ImportError: there is no compiler for them."""
        from model.qwen3 import kernels

        return Steps(kernels.turned, kernels.gated, kernels.normed, kernels.rounded)


class Norm(torch.nn.Module):
    """An RMSNorm in one step."""

    def __init__(self, norm: Any) -> None:  # noqa: ANN401 - a Qwen3RMSNorm
        super().__init__()
        self.weight = norm.weight
        self._eps = float(norm.variance_epsilon)
        self.steps = Steps()

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        """As a Qwen3RMSNorm."""
        return self.steps.normed(rows, self.weight, self._eps)


class Layer(torch.nn.Module):
    """Takes the place of a Qwen3DecoderLayer and has its weights."""

    is_causal = True  # asked for by the attention functions of transformers

    def __init__(self, layer: Any, precision: Precision, device: torch.device, is_last: bool) -> None:  # noqa: ANN401
        super().__init__()
        attention, mlp, matrix = layer.self_attn, layer.mlp, MATRICES[precision]

        def joined(*linears: torch.nn.Linear) -> Matrix:
            return matrix(torch.cat([linear.weight.detach() for linear in linears]).to(device))

        self.config = attention.config
        self.layer_idx = attention.layer_idx
        self.num_key_value_groups = attention.num_key_value_groups
        self.scaling = attention.scaling
        self.steps = Steps()
        self._is_last = is_last
        self._head_dim = attention.head_dim
        self._heads = attention.q_proj.out_features // self._head_dim
        self._shared_heads = attention.k_proj.out_features // self._head_dim
        self._eps = float(attention.q_norm.variance_epsilon)
        self.attend = joined(attention.q_proj, attention.k_proj, attention.v_proj)
        self.attended = joined(attention.o_proj)
        self.widen = joined(mlp.gate_proj, mlp.up_proj)
        self.narrow = joined(mlp.down_proj)
        self.before = Norm(layer.input_layernorm)
        self.between = Norm(layer.post_attention_layernorm)
        weights = [attention.q_norm.weight.detach().expand(self._heads, -1)]
        weights.append(attention.k_norm.weight.detach().expand(self._shared_heads, -1))
        self.register_buffer("head_weights", torch.cat(weights))

    def forward(
        self,
        hidden_states: torch.Tensor,
        attention_mask: torch.Tensor | None = None,
        position_embeddings: Cosines | None = None,
        rows: torch.Tensor | None = None,
        gate: Callable[[], None] | None = None,
        **more: Any,  # noqa: ANN401 - for the attention function
    ) -> torch.Tensor:
        """States [batch, tokens, hidden] after this layer; after the last one those of `rows` alone, [1, n, hidden]."""
        assert position_embeddings is not None
        if gate:
            gate()
        states = hidden_states
        cos, sin = (each[..., : self._head_dim // 2].unsqueeze(-2) for each in position_embeddings)
        both = self.attend(self.before(states)).unflatten(-1, (-1, self._head_dim))
        turning = self._heads + self._shared_heads
        heads = self.steps.turned(both[..., :turning, :], self.get_buffer("head_weights"), cos, sin, self._eps)
        query, key = torch.split(heads.transpose(1, 2), [self._heads, self._shared_heads], 1)
        value = both[..., turning:, :].transpose(1, 2)
        attend = ALL_ATTENTION_FUNCTIONS[self.config._attn_implementation]
        found = attend(self, query, key, value, attention_mask, dropout=0.0, scaling=self.scaling, **more)[0].flatten(2)
        if self._is_last and rows is not None:
            states, found = (each.flatten(0, 1)[rows].unsqueeze(0) for each in (states, found))
        states = self.attended.onto(states, found)
        if gate:
            gate()
        return torch.as_tensor(self.narrow.onto(states, self.steps.gated(self.widen(self.between(states)))))


def can_rebuild(config: Any) -> bool:  # noqa: ANN401 - a configuration of transformers
    """Whether a model is built like the published ones."""
    return (
        config.hidden_act == "silu"
        and not config.attention_bias
        and set(config.layer_types) == {"full_attention"}
        and config.rope_parameters["rope_type"] == "default"
    )


def rebuild(model: Any, precision: Precision, device: torch.device) -> None:  # noqa: ANN401 - a Qwen3Model
    """Put `Layer`s in the place of a model's own, one by one, so that no more than one is there twice."""
    last = len(model.layers) - 1
    for place, layer in enumerate(model.layers):
        model.layers[place] = Layer(layer, precision, device, is_last=place == last)
    model.norm = Norm(model.norm)


def use_steps(model: Any, steps: Steps) -> None:  # noqa: ANN401 - what `rebuild` has made
    """Have all layers take these steps."""
    for module in model.modules():
        if isinstance(module, (Layer, Norm)):
            module.steps = steps
        elif isinstance(module, FloatEightMatrix):
            module.rounded = steps.rounded


Ways = Mapping[type[Matrix], Callable[..., torch.Tensor]]


def use_products(model: Any, products: Ways) -> None:  # noqa: ANN401
    """Have packed matrices, by their kind, multiply few rows in these ways; others are unpacked for them."""
    for module in model.modules():
        if isinstance(module, PackedMatrix):
            module.few = products.get(type(module))


def use_unpackers(model: Any, unpackers: Ways) -> None:  # noqa: ANN401
    """Have packed matrices, by their kind, be unpacked in these ways; others are unpacked step by step."""
    for module in model.modules():
        if isinstance(module, PackedMatrix):
            module.unpack = unpackers.get(type(module))
