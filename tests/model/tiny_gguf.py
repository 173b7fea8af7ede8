"""A tiny Qwen3 as one file for llama.cpp, as its converter writes one."""

import json
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer

from tests.model.tiny_qwen3 import TERMINATOR

LAST_TOKEN = gguf.PoolingType.LAST
PARTS = {
    "input_layernorm": "attn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "self_attn.q_norm": "attn_q_norm",
    "self_attn.k_norm": "attn_k_norm",
    "post_attention_layernorm": "ffn_norm",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}


def write_gguf(
    folder: Path, target: Path, adds_terminator: bool = True, pooling: gguf.PoolingType = LAST_TOKEN
) -> Path:
    """The model of a folder that `save_embedder` wrote; the weights as float32."""
    config = json.loads((folder / "config.json").read_text())
    writer = gguf.GGUFWriter(target, "qwen3")
    writer.add_name("tiny-qwen3-embedding")
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_key_length(config["head_dim"])
    writer.add_value_length(config["head_dim"])
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_rope_freq_base(_rope_base(config))
    writer.add_pooling_type(pooling)
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    _add_tokenizer(writer, folder, config["vocab_size"], adds_terminator)
    for name, tensor in _tensors(folder).items():
        writer.add_tensor(_name(name), tensor)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return target


def _rope_base(config: dict[str, Any]) -> float:
    return float(config.get("rope_theta") or config["rope_parameters"]["rope_theta"])


def _add_tokenizer(writer: gguf.GGUFWriter, folder: Path, size: int, adds_terminator: bool) -> None:
    content = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    special = {token["id"] for token in content["added_tokens"]}
    tokens = [tokenizer.id_to_token(number) or f"[PAD{number}]" for number in range(size)]
    types = [gguf.TokenType.CONTROL if number in special else gguf.TokenType.NORMAL for number in range(size)]
    merges = [" ".join(merge) if isinstance(merge, list) else merge for merge in content["model"]["merges"]]
    terminator = tokenizer.token_to_id(TERMINATOR)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    writer.add_token_merges(merges)
    writer.add_eos_token_id(terminator)
    writer.add_pad_token_id(terminator)
    writer.add_add_bos_token(False)
    writer.add_add_eos_token(adds_terminator)


def _tensors(folder: Path) -> dict[str, np.ndarray]:
    """Weights by name; bfloat16, which numpy does not know, as float32."""
    weights = load_file(folder / "model.safetensors")
    return {name: tensor.to(torch.float32).numpy() for name, tensor in weights.items()}


def _name(name: str) -> str:
    bare = name.removeprefix("model.").removesuffix(".weight")
    if bare in ("embed_tokens", "norm"):
        return {"embed_tokens": "token_embd.weight", "norm": "output_norm.weight"}[bare]
    _, layer, part = bare.split(".", 2)
    return f"blk.{layer}.{PARTS[part]}.weight"
