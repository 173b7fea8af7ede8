"""Servers that the user has connected: one file for each in the folder of models. No key is ever in it."""

from __future__ import annotations

import ipaddress
import json
import os
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from model.errors import ModelError
from model.registry import ModelKind
from model.remote.profiles import ServerKind

PREFIX = "server:"  # of the name by which settings and spaces know a server's model
NAME = re.compile(r"\w[\w.-]*")
_ENDPOINT = re.compile(r"/(v1/?)?(embeddings|rerank|models)?/?$")


@dataclass(frozen=True, slots=True)
class Server:
    """A model behind an address, as it was when it was connected."""

    name: str
    url: str  # scheme, host, port and whatever stands before /v1
    kind: ServerKind
    purpose: ModelKind
    model: str  # as the server calls it
    is_qwen3: bool  # queries are put under an instruction, passages to rerank into a template
    has_key: bool
    max_tokens: int
    most_texts: int  # in one request
    dimensions: int = 0  # of the vectors; 0 for a reranker
    shortens: bool = False  # by itself, when it is asked to
    revision: str = ""
    landmark: str = ""  # its vector of a fixed sentence, float16 in base64
    wraps: bool = False  # a reranker that has to be given the whole template
    gives_logits: bool = False  # a reranker whose scores are not probabilities

    @property
    def full_name(self) -> str:
        """What `load_embedder`, the settings and the vector space call it."""
        return PREFIX + self.name


def address_of(text: str) -> str:
    """The address in front of /v1, from what a user types.

    Raises:
        ModelError: it is no http or https address, or holds a password.
    """
    typed = text.strip()
    try:
        parts = urlsplit(typed if "//" in typed else f"http://{typed}")
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise ModelError(
            f'"{typed}" is no address of a server ({error}); they read like http://localhost:8000'
        ) from None
    if parts.username or parts.password:
        raise ModelError("An address must not hold a user or password: give a key by itself (--key)")
    if parts.scheme not in ("http", "https") or not host or parts.query or parts.fragment:
        raise ModelError(f'"{typed}" is no address of a server; they read like http://localhost:8000')
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}{f':{port}' if port else ''}{_ENDPOINT.sub('', parts.path)}"


def is_local(url: str) -> bool:
    """Whether an address leads to this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def is_readable_by_others(url: str) -> bool:
    """Whether what is sent to an address can be read on the way."""
    return urlsplit(url).scheme == "http" and not is_local(url)


def origin_of(url: str) -> str:
    """Scheme, host and port: what a key is kept for."""
    parts: SplitResult = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def is_server(name: str) -> bool:
    """Whether a model's name is one of a server's."""
    return name.startswith(PREFIX)


def load_server(name: str, models: Path | None, purpose: ModelKind | None = None) -> Server:
    """A connected server by its name, with or without the prefix.

    Raises:
        ModelError: there is none of that name, it serves another purpose, or its file is damaged.
    """
    path = _path(name, models)
    try:
        fields = json.loads(path.read_bytes())
        kind, actual = ServerKind(fields.pop("kind")), ModelKind(fields.pop("purpose"))
        server = Server(kind=kind, purpose=actual, **fields)
    except FileNotFoundError:
        raise ModelError(
            f"{PREFIX}{name.removeprefix(PREFIX)} is not connected: cognate models connect URL --name "
            f"{name.removeprefix(PREFIX)}"
        ) from None
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise ModelError(f"{path} can't be read ({error}): connect the server again.") from error
    if purpose not in (None, server.purpose):
        raise ModelError(f"{server.full_name} serves a model for {server.purpose}, and not for {purpose}.")
    return server


def save_server(server: Server, models: Path) -> None:
    """Remember a server, in place of one of the same name.

    Raises:
        ModelError: the name can't be one, or the folder can't be written.
    """
    if not NAME.fullmatch(server.name):
        raise ModelError(f'"{server.name}" can\'t be the name of a server: use letters, digits, "-", "_" and "."')
    path = _path(server.name, models)
    beside = path.with_suffix(".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        beside.write_text(json.dumps(asdict(server), indent=2) + "\n", encoding="utf-8")
        os.replace(beside, path)
    except OSError as error:
        raise ModelError(f"{path} can't be written ({error.strerror}).") from error


def remove_server(name: str, models: Path) -> None:
    """Forget a server.

    Raises:
        ModelError: it is not connected, or its file can't be removed.
    """
    path = _path(name, models)
    try:
        path.unlink()
    except FileNotFoundError:
        raise ModelError(f"{PREFIX}{name.removeprefix(PREFIX)} is not connected") from None
    except OSError as error:
        raise ModelError(f"{path} can't be removed ({error.strerror}).") from error


def connected_servers(models: Path) -> Iterator[Server]:
    """The servers that can be read, by name."""
    for path in sorted((models / "servers").glob("*.json")):
        try:
            yield load_server(path.stem, models)
        except ModelError:
            continue  # its name, where it is used, says so


def _path(name: str, models: Path | None) -> Path:
    bare = name.removeprefix(PREFIX)
    if models is None or not NAME.fullmatch(bare):
        raise ModelError(f'There is no server "{bare}"; see: cognate models list')
    return models / "servers" / f"{bare}.json"
