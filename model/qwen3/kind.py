"""Which model folders are run as Qwen3-Embedding or Qwen3-Reranker."""

from typing import Any

from model.checkpoint import Checkpoint

HEAD_PREFIX = "model."  # of the names of a checkpoint that was saved with its head


def is_qwen3_embedder(checkpoint: Checkpoint) -> bool:
    """Whether it pools the last token under the published instruction; others may differ in what they prepend."""
    if checkpoint.config.get("model_type") != "qwen3":
        return False
    pooling: Any = checkpoint.json("1_Pooling/config.json")
    prompts: Any = (checkpoint.json("config_sentence_transformers.json") or {}).get("prompts") or {}
    query = prompts.get("query", "Instruct: \nQuery:")
    return (
        (pooling is None or pooling.get("pooling_mode_lasttoken") is True or pooling.get("pooling_mode") == "lasttoken")
        and (query.startswith("Instruct: ") and query.endswith("\nQuery:"))
        and not prompts.get("document")
        and not list(checkpoint.folder.glob("*_Dense"))
    )


def is_qwen3_reranker(checkpoint: Checkpoint) -> bool:
    """Whether it is saved with its head, as a language model; embedders have a list of modules, or no head."""
    return (
        checkpoint.config.get("model_type") == "qwen3"
        and checkpoint.json("modules.json") is None
        and all(name.startswith((HEAD_PREFIX, "lm_head.")) for name in checkpoint.tensors)
    )
