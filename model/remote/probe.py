"""Connecting a server: what it serves, whether it is right, and what to do where it is not."""

from __future__ import annotations

import base64
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from model.registry import ModelKind
from model.remote.connection import Connection
from model.remote.discovery import UNKNOWN_TOKENS, Discovery, ServedModel, discover
from model.remote.embedder import SAME_COSINE
from model.remote.errors import ServerError
from model.remote.examine_scores import ScoreExamination
from model.remote.examine_vectors import VectorExamination
from model.remote.findings import Finding, Level
from model.remote.profiles import QWEN3, ServerKind, is_qwen3_embedding, is_qwen3_reranker, size_of
from model.remote.server import Server, is_readable_by_others
from model.remote.starting import commands_for

Watch = Callable[[Connection], None]


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user wants to connect."""

    url: str
    name: str = ""  # empty: after the model
    purpose: ModelKind = ModelKind.EMBEDDING
    model: str = ""  # empty: the one that is served
    kind: ServerKind | None = None
    dimensions: int = 0  # 0: as many as the model gives
    is_qwen3: bool = False  # even where the model's name does not say so
    key: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What a probe has found, and the server as it can be saved."""

    server: Server
    findings: tuple[Finding, ...]

    @property
    def is_sound(self) -> bool:
        """Whether it can be used."""
        return not any(finding.level is Level.FAULT for finding in self.findings)

    @property
    def can_be_saved(self) -> bool:
        """Whether it gives vectors or scores at all, however good they are."""
        return self.server.purpose is ModelKind.RERANKER or bool(self.server.landmark)

    @property
    def commands(self) -> list[str]:
        """How the server is started so that all is well."""
        return commands_for(self.server)


def probe(wish: Wish, watch: Watch = lambda connection: None) -> Report:
    """Ask a server everything that has to be known before it is used. Blocks for seconds.

    `watch` is given the connection, which another thread may close to give the probe up.

    Raises:
        ServerError: it is not there, refuses the key, or serves several models of which none was chosen.
    """
    with closing(Connection(wish.url, wish.key)) as connection:
        watch(connection)
        found = discover(connection, wish.kind)
        served, findings = _chosen(wish, found)
        server = _server(wish, found, served)
        findings += _secrecy(wish)
        if any(finding.level is Level.FAULT for finding in findings):
            return Report(server, tuple(findings))
        examination: VectorExamination | ScoreExamination = ScoreExamination(connection, server)
        if wish.purpose is ModelKind.EMBEDDING:
            examination = VectorExamination(connection, server, wish.dimensions)
        findings += examination.findings()
        return Report(examination.server, tuple(findings))


def with_old_revision(server: Server, old: Server | None) -> Server:
    """A server that was connected before and gives the same vectors: those that are stored stay good."""
    is_same = old and (old.model, old.dimensions, old.is_qwen3) == (server.model, server.dimensions, server.is_qwen3)
    if not (old and is_same and old.landmark and server.landmark):
        return server
    cosine = float(_unpacked(old.landmark) @ _unpacked(server.landmark))
    return replace(server, revision=old.revision, landmark=old.landmark) if cosine >= SAME_COSINE else server


def _chosen(wish: Wish, found: Discovery) -> tuple[ServedModel, list[Finding]]:
    """The model to use, and what is to be said about it. Raises ServerError."""
    names = ", ".join(model.name for model in found.models)
    if not wish.model and len(found.models) > 1:
        fits = is_qwen3_reranker if wish.purpose is ModelKind.RERANKER else is_qwen3_embedding
        fitting = [model for model in found.models if fits(model.name)]
        if len(fitting) != 1:
            raise ServerError(f"{wish.url}: the server serves {names}. Name one of them with --model.")
        return fitting[0], [_purpose(wish, fitting[0].name)]
    if not wish.model:
        if not found.models:
            raise ServerError(f"{wish.url}: the server does not say what it serves. Name the model with --model.")
        return found.models[0], [_purpose(wish, found.models[0].name)]
    for model in found.models:
        if wish.model in (model.name, model.name.removesuffix(":latest")):
            return replace(model, name=wish.model), [_purpose(wish, wish.model)]
    unlisted = ServedModel(wish.model, found.models[0].max_tokens if found.models else UNKNOWN_TOKENS)
    if not found.models:
        return unlisted, [_purpose(wish, wish.model)]
    remedy = f"ollama pull {wish.model}" if found.kind is ServerKind.OLLAMA else f"--model {found.models[0].name}"
    text = f'It does not serve "{wish.model}", but {names}.'
    return unlisted, [Finding("model", Level.FAULT, text, remedy)]


def _purpose(wish: Wish, name: str) -> Finding:
    if wish.purpose is ModelKind.EMBEDDING and is_qwen3_reranker(name):
        return Finding(
            "model", Level.FAULT, f"{name} is a reranker and gives no vectors.", "Connect it with --reranker."
        )
    if wish.purpose is ModelKind.RERANKER and is_qwen3_embedding(name):
        return Finding(
            "model", Level.FAULT, f"{name} gives vectors and is no reranker.", "Connect it without --reranker."
        )
    if "qwen3-" in name.casefold() and not (is_qwen3_embedding(name) or is_qwen3_reranker(name)) and not wish.is_qwen3:
        remedy = f"Serve {QWEN3}{wish.purpose.capitalize()}-{size_of(name) or '0.6B'} instead."
        return Finding("model", Level.WARNING, f"{name} was not made for this.", remedy)
    return Finding("model", Level.SOUND, f"It serves {name}.")


def _server(wish: Wish, found: Discovery, served: ServedModel) -> Server:
    is_qwen3 = is_qwen3_embedding if wish.purpose is ModelKind.EMBEDDING else is_qwen3_reranker
    return Server(
        name=wish.name or _short(served.name),
        url=wish.url,
        kind=found.kind,
        purpose=wish.purpose,
        model=served.name,
        is_qwen3=wish.is_qwen3 or is_qwen3(served.name),
        has_key=bool(wish.key),
        max_tokens=served.max_tokens,
        most_texts=found.most_texts,
    )


def _short(model: str) -> str:
    """A name for a server, from that of its model: the last part of it, with nothing that no file name can have."""
    last = model.replace("\\", "/").rstrip("/").rpartition("/")[2]
    return "".join(each if each.isalnum() or each in "-_." else "-" for each in last).lstrip("-.") or "server"


def _secrecy(wish: Wish) -> list[Finding]:
    if not is_readable_by_others(wish.url):
        return []
    text = "Texts cross the network unencrypted."
    if wish.key:
        text = "Texts and the key cross the network unencrypted."
    remedy = "Use https, a tunnel (ssh -L 8000:localhost:8000 HOST), or a network that you trust."
    return [Finding("access", Level.WARNING, text, remedy)]


def _unpacked(landmark: str) -> NDArray[np.float32]:
    return np.frombuffer(base64.b64decode(landmark), np.float16).astype(np.float32)
