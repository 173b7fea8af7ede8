"""What is peculiar to each kind of server."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ServerKind(StrEnum):
    """Programs that answer at /v1/embeddings or /rerank."""

    VLLM = "vllm"
    SGLANG = "sglang"
    TEI = "tei"
    LLAMA_CPP = "llama.cpp"
    LLAMA_CPP_PYTHON = "llama-cpp-python"
    OLLAMA = "ollama"
    OTHER = "other"


class Shortening(StrEnum):
    """What becomes of the field `dimensions`."""

    HONOURED = "honoured"
    ON_OPTION = "honoured when the server was started with an option"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class Profile:
    """Quirks of one kind of server, as of its releases of 2026."""

    title: str
    port: int
    shortening: Shortening
    normalises: bool
    cuts_silently: bool  # the end of what is longer than its context, without a word
    takes_tokens: bool  # token ids in place of texts, to which no terminator is added
    takes_base64: bool  # vectors as base64, a quarter of the size of decimal numbers
    most_texts: int  # in one request
    rerank_path: str = ""  # empty: it has no reranker
    texts_field: str = "documents"  # of a request to rerank


PROFILES = {
    ServerKind.VLLM: Profile(
        "vLLM",
        port=8000,
        shortening=Shortening.ON_OPTION,
        normalises=True,
        cuts_silently=False,
        takes_tokens=True,
        takes_base64=True,
        most_texts=64,
        rerank_path="/v1/rerank",
    ),
    ServerKind.SGLANG: Profile(
        "SGLang",
        port=30000,
        shortening=Shortening.ON_OPTION,
        normalises=True,
        cuts_silently=False,
        takes_tokens=True,
        takes_base64=False,
        most_texts=64,
        rerank_path="/v1/rerank",
    ),
    ServerKind.TEI: Profile(
        "Text Embeddings Inference",
        port=8080,
        shortening=Shortening.HONOURED,
        normalises=True,
        cuts_silently=True,
        takes_tokens=True,
        takes_base64=True,
        most_texts=32,
        rerank_path="/rerank",
        texts_field="texts",
    ),
    ServerKind.LLAMA_CPP: Profile(
        "llama.cpp",
        port=8080,
        shortening=Shortening.IGNORED,
        normalises=True,
        cuts_silently=False,
        takes_tokens=True,
        takes_base64=True,
        most_texts=32,
        rerank_path="/v1/rerank",
    ),
    ServerKind.LLAMA_CPP_PYTHON: Profile(
        "llama-cpp-python",
        port=8000,
        shortening=Shortening.IGNORED,
        normalises=False,
        cuts_silently=True,
        takes_tokens=False,
        takes_base64=False,
        most_texts=32,
    ),
    ServerKind.OLLAMA: Profile(
        "Ollama",
        port=11434,
        shortening=Shortening.HONOURED,
        normalises=True,
        cuts_silently=True,
        takes_tokens=False,
        takes_base64=True,
        most_texts=32,
    ),
    ServerKind.OTHER: Profile(
        "OpenAI-compatible server",
        port=8000,
        shortening=Shortening.IGNORED,
        normalises=False,
        cuts_silently=True,
        takes_tokens=False,
        takes_base64=False,
        most_texts=32,
        rerank_path="/v1/rerank",
    ),
}

QWEN3 = "Qwen/Qwen3-"  # and Embedding-4B, Reranker-8B and so on: names on the hub


def is_qwen3_embedding(model: str) -> bool:
    """Whether the name that a server gives a model is one of a Qwen3-Embedding."""
    return "qwen3-embedding" in model.casefold().replace("_", "-")


def is_qwen3_reranker(model: str) -> bool:
    """Whether the name that a server gives a model is one of a Qwen3-Reranker."""
    return "qwen3-reranker" in model.casefold().replace("_", "-")


def size_of(model: str) -> str:
    """The size in the name of a Qwen3 model: 0.6B, 4B, 8B, or nothing."""
    return next((size for size in ("0.6B", "4B", "8B") if size.casefold() in model.casefold()), "")
