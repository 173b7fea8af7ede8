"""The command lines that start servers so that they serve a model well."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from model.registry import HUB_NAME, ModelKind
from model.remote.profiles import PROFILES, QWEN3, ServerKind, is_qwen3_embedding, is_qwen3_reranker, size_of
from model.remote.server import Server, is_local

CONTEXT = 8192  # tokens that the commands below make room for; a passage has some hundred
_MATRYOSHKA = '{"is_matryoshka": true}'
_YES_OR_NO = (
    '{"architectures": ["Qwen3ForSequenceClassification"], "classifier_from_token": ["no", "yes"], '
    '"is_original_qwen3_reranker": true}'
)


def commands_for(server: Server) -> list[str]:
    """How a connected server is started so that all is well; nothing for an unknown kind."""
    return start_commands(server.kind, _hub_name(server), server.purpose, not is_local(server.url))


def start_remedy(server: Server) -> str:
    """The same as one sentence; empty for an unknown kind."""
    commands = commands_for(server)
    return f"Start it with: {' ; '.join(commands)}" if commands else ""


def start_commands(kind: ServerKind, model: str, purpose: ModelKind, is_open: bool = False) -> list[str]:
    """Command lines that start a server so that it serves a model well; none for an unknown kind.

    Args:
        kind: the program.
        model: its name on the hub, like Qwen/Qwen3-Embedding-0.6B.
        purpose: what the model is for.
        is_open: for other machines, too; then with a key where the program knows one.
    """
    size = size_of(model) or "0.6B"
    if not model.startswith(QWEN3) and (is_qwen3_embedding(model) or is_qwen3_reranker(model)):
        model = f"{QWEN3}{purpose.capitalize()}-{size}"
    host = ["--host", "0.0.0.0" if is_open else "127.0.0.1"]
    key = ["--api-key", "YOUR-KEY"] if is_open else []
    port = PROFILES[kind].port
    if purpose is ModelKind.RERANKER:
        return _reranker_commands(kind, model, size, host, key, port)
    match kind:
        case ServerKind.VLLM:
            line = ["vllm", "serve", model, "--runner", "pooling", "--hf-overrides", _MATRYOSHKA]
            return [_joined(line, ["--max-model-len", CONTEXT], host, ["--port", port], key)]
        case ServerKind.SGLANG:
            line = ["python3", "-m", "sglang.launch_server", "--model-path", model, "--is-embedding"]
            line += ["--json-model-override-args", _MATRYOSHKA]
            return [_joined(line, ["--context-length", CONTEXT], host, ["--port", port], key)]
        case ServerKind.TEI:
            return [_tei(model, is_open, key, port)]
        case ServerKind.LLAMA_CPP:
            line = ["llama-server", "-hf", f"{model}-GGUF:Q8_0", "--embeddings", "--pooling", "last"]
            return [_joined(line, _room(), host, ["--port", port], key)]
        case ServerKind.LLAMA_CPP_PYTHON:
            line = ["python3", "-m", "llama_cpp.server", "--model", _gguf(model)]
            room = ["--n_ctx", CONTEXT, "--n_batch", CONTEXT, "--n_ubatch", CONTEXT]
            return [
                _joined(
                    line,
                    ["--embedding", "true"],
                    room,
                    host,
                    ["--port", port],
                    [each.replace("-k", "_k") for each in key],
                )
            ]
        case ServerKind.OLLAMA:
            listens = "OLLAMA_HOST=0.0.0.0 " if is_open else ""
            return [f"{listens}OLLAMA_CONTEXT_LENGTH={CONTEXT} ollama serve", f"ollama pull {_in_ollama(model, size)}"]
        case _:
            return []


def _reranker_commands(
    kind: ServerKind, model: str, size: str, host: list[str], key: list[str], port: int
) -> list[str]:
    match kind:
        case ServerKind.VLLM:
            line = ["vllm", "serve", model, "--runner", "pooling"]
            line += ["--hf-overrides", _YES_OR_NO] if is_qwen3_reranker(model) else []
            return [_joined(line, ["--max-model-len", CONTEXT], host, ["--port", port], key)]
        case ServerKind.SGLANG:
            line = ["python3", "-m", "sglang.launch_server", "--model-path", model, "--disable-radix-cache"]
            template = ["--chat-template", "examples/chat_template/qwen3_reranker.jinja"]
            line += template if is_qwen3_reranker(model) else ["--is-embedding"]
            return [_joined(line, host, ["--port", port], key)]
        case ServerKind.TEI if not is_qwen3_reranker(model):
            return [_tei(model, host[-1] == "0.0.0.0", key, port)]
        case ServerKind.LLAMA_CPP:
            line = ["llama-server", "-hf", f"ggml-org/Qwen3-Reranker-{size}-Q8_0-GGUF", "--reranking"]
            return [_joined(line, _room(), host, ["--port", port], key)]
        case _:
            return []


def _joined(*parts: Sequence[object]) -> str:
    return shlex.join(str(word) for part in parts for word in part)


def _room() -> list[object]:
    """Four texts at a time of up to CONTEXT tokens; what is longer than -ub is refused."""
    return ["-np", 4, "-c", 4 * CONTEXT, "-b", CONTEXT, "-ub", CONTEXT]


def _tei(model: str, is_open: bool, key: list[str], port: int) -> str:
    address = f"{port}:80" if is_open else f"127.0.0.1:{port}:80"
    line = ["docker", "run", "--gpus", "all", "-p", address, "-v", "tei-models:/data"]
    line.append("ghcr.io/huggingface/text-embeddings-inference:1.9")
    return _joined(line, ["--model-id", model, "--dtype", "float16"], key)


def _gguf(model: str) -> str:
    return model if model.endswith(".gguf") else f"{model.rpartition('/')[2]}-Q8_0.gguf"


def _in_ollama(model: str, size: str) -> str:
    return f"qwen3-embedding:{size.lower()}" if is_qwen3_embedding(model) else model


def _hub_name(server: Server) -> str:
    """What the served model is called on the hub, as far as its name tells."""
    if HUB_NAME.fullmatch(server.model):
        return server.model
    size = size_of(server.model)
    return f"{QWEN3}{server.purpose.capitalize()}-{size}" if server.is_qwen3 and size else server.model
