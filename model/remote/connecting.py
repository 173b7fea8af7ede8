"""Connecting a server, asking after it, and letting go of it: what the command line and the window do alike."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from model.errors import ModelError
from model.remote.keys import find_key, forget_key, key_from_environment, store_key
from model.remote.probe import Report, Watch, Wish, probe, with_old_revision
from model.remote.server import Server, connected_servers, load_server, origin_of, remove_server, save_server


def connect(
    wish: Wish, models: Path, despite_faults: bool = False, watch: Watch = lambda connection: None
) -> tuple[Report, bool]:
    """Probe a server and remember it, with its key in the keyring; whether it was remembered. Blocks for seconds.

    `watch` as for `probe`.

    Raises:
        ModelError: it can't be reached, the name belongs to another server, or the key can't be kept.
    """
    others = {server.name: server for server in connected_servers(models)}
    given = wish.key
    if not given:
        wish = replace(wish, key=_known_key(wish, list(others.values())))
    report = probe(wish, watch)
    server = report.server
    old = others.get(server.name)
    if old and (old.url, old.purpose) != (server.url, server.purpose):
        raise ModelError(f'"{old.name}" is the name of {old.url}. Give this server another one: --name NAME')
    report = replace(report, server=with_old_revision(server, old))
    if not (report.is_sound or (despite_faults and report.can_be_saved)):
        return report, False
    if given and given != key_from_environment(server.name):
        store_key(server.name, server.url, given)
    save_server(report.server, models)
    return report, True


def examine(name: str, models: Path, watch: Watch = lambda connection: None) -> Report:
    """Probe a connected server anew, as it was connected. Blocks for seconds. Raises ModelError."""
    server = load_server(name, models)
    key = find_key(server.name, server.url) if server.has_key else ""
    return probe(
        Wish(
            server.url,
            server.name,
            server.purpose,
            server.model,
            server.kind,
            server.dimensions,
            server.is_qwen3,
            key,
        ),
        watch,
    )


def disconnect(name: str, models: Path) -> None:
    """Forget a server, and its key where no other one needs it. Raises ModelError."""
    server = load_server(name, models)
    remove_server(name, models)
    rest = [other for other in connected_servers(models) if origin_of(other.url) == origin_of(server.url)]
    if server.has_key and not any(other.has_key for other in rest):
        forget_key(server.name, server.url)


def _known_key(wish: Wish, servers: list[Server]) -> str:
    """A key from the environment, or the one that another model of the same server is used with."""
    if wish.name and (key := key_from_environment(wish.name)):
        return key
    known = next((one for one in servers if one.has_key and origin_of(one.url) == origin_of(wish.url)), None)
    return find_key(known.name, known.url) if known else ""
