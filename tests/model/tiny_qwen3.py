"""Random Qwen3 models of a few megabytes, in the layout of the published folders."""

import json
import os
import shutil
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import AutoModel, AutoModelForCausalLM, AutoTokenizer, Qwen3Config, Qwen3ForCausalLM, Qwen3Model

ROOT = Path(__file__).parents[2]
TERMINATOR = "<|endoftext|>"
SPECIAL = (TERMINATOR, "<|im_start|>", "<|im_end|>")
PUBLISHED_PROMPT = "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery:"
SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
SAMPLE = (
    'Judge whether the Document meets the requirements. Note that the answer can only be "yes" or "no".',
    "yes yes yes no no no yes no",
    PUBLISHED_PROMPT,
    "Die Straße ist naß. 北京是中国的首都。 Где здесь вокзал?",
)


def published_tokenizer() -> Path | None:
    """Folder with the real tokenizer, where there is one beside the checkout."""
    folder = Path(os.environ.get("COGNATE_QWEN3_TOKENIZER", ROOT.parent / "shared" / "qwen3-tokenizer"))
    return folder if (folder / "tokenizer.json").is_file() else None


def save_embedder(folder: Path, layers: int = 2, **changes: object) -> Path:
    """A tiny Qwen3-Embedding."""
    _save_tokenizer(folder, appends=True)
    model = Qwen3Model(_config(folder, layers, **changes)).to(torch.bfloat16)
    model.save_pretrained(folder)
    _set_architecture(folder)
    pooling = {
        "word_embedding_dimension": model.config.hidden_size,
        "pooling_mode_cls_token": False,
        "pooling_mode_lasttoken": True,
    }
    _write(folder / "1_Pooling" / "config.json", pooling | {"pooling_mode_mean_tokens": False, "include_prompt": True})
    modules = [("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize")]
    _write(
        folder / "modules.json",
        [
            {"idx": place, "name": str(place), "path": path, "type": f"sentence_transformers.models.{kind}"}
            for place, (path, kind) in enumerate(modules)
        ],
    )
    _write(
        folder / "config_sentence_transformers.json",
        {"prompts": {"query": PUBLISHED_PROMPT, "document": ""}, "default_prompt_name": None},
    )
    return folder


def save_reranker(
    folder: Path, tied: bool = True, layers: int = 2, shard_size: str = "30MB", **changes: object
) -> Path:
    """A tiny Qwen3-Reranker; the published 8B has a head of its own, the smaller ones share the embedding."""
    _save_tokenizer(folder, appends=False)
    config = _config(folder, layers, tie_word_embeddings=tied, **changes)
    Qwen3ForCausalLM(config).to(torch.bfloat16).save_pretrained(folder, max_shard_size=shard_size)
    (folder / "generation_config.json").unlink(missing_ok=True)
    return folder


def reference_vectors(
    folder: Path, texts: Sequence[str], max_tokens: int, attention: str = "eager"
) -> NDArray[np.float32]:
    """What the published recipe gives: transformers, one text at a time, float32 [n, hidden]."""
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModel.from_pretrained(folder, dtype=torch.float32, attn_implementation=attention).eval()
    vectors = []
    for text in texts:
        tokens = tokenizer(text, truncation=True, max_length=max_tokens, split_special_tokens=True, return_tensors="pt")
        with torch.inference_mode():
            state = model(**tokens, use_cache=False).last_hidden_state[0, -1]
        vectors.append(torch.nn.functional.normalize(state, dim=0).numpy())
    return np.stack(vectors)


def reference_scores(folder: Path, prompts: Sequence[Sequence[int]], yes: int, no: int) -> NDArray[np.float32]:
    """The published formula on the logits of the whole language model, one prompt at a time."""
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
    scores = []
    for prompt in prompts:
        with torch.inference_mode():
            logits = model(torch.tensor([prompt]), use_cache=False).logits[0, -1]
        scores.append(torch.log_softmax(logits[[no, yes]], dim=0)[1].exp().item())
    return np.array(scores, dtype=np.float32)


def _config(folder: Path, layers: int, **changes: object) -> Qwen3Config:
    torch.manual_seed(1)
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    sizes: dict[str, Any] = {
        "hidden_size": 64,
        "intermediate_size": 96,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "head_dim": 32,
        "max_position_embeddings": 40_960,
        "vocab_size": tokenizer.get_vocab_size(),
        "initializer_range": 0.25,  # so that what a text says shows in its vector
        "rope_theta": 1_000_000,
        "tie_word_embeddings": True,
    }
    return Qwen3Config(**(sizes | {"num_hidden_layers": layers, "eos_token_id": 0} | changes))


def _set_architecture(folder: Path) -> None:
    """The published embedders name the class with a head, though they have none."""
    config = json.loads((folder / "config.json").read_text())
    _write(folder / "config.json", config | {"architectures": ["Qwen3ForCausalLM"]})


def _save_tokenizer(folder: Path, appends: bool) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    real = published_tokenizer()
    if real:
        shutil.copy(real / "tokenizer.json", folder / "tokenizer.json")
    else:
        (folder / "tokenizer.json").write_text(trained_tokenizer(), encoding="utf-8")
    if not appends:
        content = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
        content["post_processor"] = {
            "type": "ByteLevel",
            "add_prefix_space": False,
            "trim_offsets": False,
            "use_regex": False,
        }
        (folder / "tokenizer.json").write_text(json.dumps(content), encoding="utf-8")
    kind = "Qwen2Tokenizer" if real else "PreTrainedTokenizerFast"
    _write(
        folder / "tokenizer_config.json",
        {"tokenizer_class": kind, "eos_token": "<|im_end|>", "pad_token": TERMINATOR, "model_max_length": 131_072},
    )


@cache
def trained_tokenizer() -> str:
    """A byte-level BPE tokenizer with the special tokens and the template of the published one, as JSON."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(SPLIT), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=600, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    tokenizer.train_from_iterator(SAMPLE, trainer)
    tokenizer.add_special_tokens(list(SPECIAL))
    tokenizer.add_tokens(["<think>", "</think>"])
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"$A {TERMINATOR}", special_tokens=[(TERMINATOR, tokenizer.token_to_id(TERMINATOR))]
    )
    return tokenizer.to_str()


def _write(path: Path, content: object) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(content, indent=2), encoding="utf-8")
