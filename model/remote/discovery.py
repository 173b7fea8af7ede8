"""Who answers at an address, and with which models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from model.remote.connection import QUESTION, Connection
from model.remote.errors import AccessError, OutageError, ServerError
from model.remote.profiles import PROFILES, ServerKind

OWNERS = {  # what the entries of /v1/models name
    "vllm": ServerKind.VLLM,
    "sglang": ServerKind.SGLANG,
    "llamacpp": ServerKind.LLAMA_CPP,
    "me": ServerKind.LLAMA_CPP_PYTHON,
    "library": ServerKind.OLLAMA,
}
USUAL_TOKENS = {  # where a server does not tell
    ServerKind.OLLAMA: 4096,
    ServerKind.LLAMA_CPP_PYTHON: 512,
}
UNKNOWN_TOKENS = 8192
LEAST_TOKENS = 128  # what claims to take less is not believed


@dataclass(frozen=True, slots=True)
class ServedModel:
    """A model that a server names."""

    name: str
    max_tokens: int  # of one text


@dataclass(frozen=True, slots=True)
class Discovery:
    """What a server tells about itself."""

    kind: ServerKind
    models: tuple[ServedModel, ...]
    most_texts: int  # in one request


def discover(connection: Connection, kind: ServerKind | None = None) -> Discovery:
    """Ask a server for itself; `kind` is what the user says it is.

    Raises:
        ServerError: nobody answers, or not without a key.
    """
    entries = _entries(_asked(connection, "/v1/models"))
    about = {} if entries else _asked(connection, "/info")
    if isinstance(about, dict) and "model_id" in about:
        return _tei(about, kind or ServerKind.TEI)
    if kind is None:
        kind = next((OWNERS[entry["owned_by"]] for entry in entries if entry.get("owned_by") in OWNERS), None)
    if kind is None and "version" in (_asked(connection, "/api/version") or {}):
        kind = ServerKind.OLLAMA
    kind = kind or ServerKind.OTHER
    models = tuple(ServedModel(str(entry["id"]), _max_tokens(entry, kind)) for entry in entries)
    return Discovery(kind, models, PROFILES[kind].most_texts)


def _tei(about: dict[str, Any], kind: ServerKind) -> Discovery:
    most = about.get("max_client_batch_size")
    most_texts = most if isinstance(most, int) and most > 0 else PROFILES[kind].most_texts
    model = ServedModel(str(about["model_id"]), _plausible(about.get("max_input_length"), kind))
    return Discovery(kind, (model,), most_texts)


def _asked(connection: Connection, path: str) -> Any:  # noqa: ANN401 - JSON
    """What a server has at a path; None when it has nothing there. Raises ServerError."""
    try:
        return connection.get(path, QUESTION)
    except (OutageError, AccessError):
        raise
    except ServerError:
        return None


def _entries(answer: Any) -> Sequence[dict[str, Any]]:  # noqa: ANN401
    data = answer.get("data") if isinstance(answer, dict) else None
    return [entry for entry in data if isinstance(entry, dict) and "id" in entry] if isinstance(data, list) else []


def _max_tokens(entry: dict[str, Any], kind: ServerKind) -> int:
    meta = entry.get("meta")
    return _plausible(entry.get("max_model_len") or (meta.get("n_ctx") if isinstance(meta, dict) else None), kind)


def _plausible(count: Any, kind: ServerKind) -> int:  # noqa: ANN401
    is_count = isinstance(count, int) and count >= LEAST_TOKENS
    return count if is_count else USUAL_TOKENS.get(kind, UNKNOWN_TOKENS)
