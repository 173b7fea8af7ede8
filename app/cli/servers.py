"""Commands about models on servers."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Iterator
from pathlib import Path

from app.cli.answers import Printer
from app.cli.requests import Connect, Exit, Invocation, StartCommand
from app.cli.terminal import plain
from app.options import Options
from app.profile import prepare_profile
from app.records import FindingRecord, ModelRecord, ServerRecord
from model.errors import ModelError
from model.registry import ModelKind
from model.remote.connecting import connect, examine
from model.remote.findings import Level
from model.remote.probe import Report, Wish
from model.remote.profiles import QWEN3, ServerKind
from model.remote.server import address_of, connected_servers
from model.remote.starting import start_commands

INDENT = "    "


def connect_server(command: Connect, invocation: Invocation, printer: Printer) -> int:
    """Probe a server, say what is found, and remember it unless something is wrong."""
    models = prepare_profile(invocation.profile) / "models"
    wish = Wish(
        url=address_of(command.url),
        name=command.name,
        purpose=_purpose(command.is_reranker),
        model=command.model,
        kind=ServerKind(command.kind) if command.kind else None,
        dimensions=command.dimensions,
        is_qwen3=command.is_qwen3,
        key=_asked_key(printer) if command.asks_key else "",
    )
    report, is_saved = connect(wish, models, command.despite_faults)
    _print(report, is_saved, printer)
    if not is_saved:
        return printer.fail("it is not connected. Put right what is wrong, or connect it all the same with --anyway")
    printer.say(f"{report.server.full_name} is connected. To use it: cognate models use {report.server.full_name}")
    return Exit.FOUND


def check_server(name: str, profile: Path, printer: Printer) -> int:
    """Probe a connected server anew."""
    report = examine(name, profile / "models")
    _print(report, True, printer)
    return Exit.FOUND if report.is_sound else Exit.FAILED


def start_command(command: StartCommand, printer: Printer) -> int:
    """The command that starts a server, ready to be copied."""
    purpose = _purpose(command.is_reranker)
    model = command.model or f"{QWEN3}{purpose.capitalize()}-0.6B"
    lines = start_commands(ServerKind(command.kind), model, purpose, command.is_open)
    if not lines:
        return printer.fail(f"{command.kind} can't serve {model}")
    printer.record({"kind": command.kind, "model": model, "commands": lines}, lambda _: lines)
    return Exit.FOUND


def server_records(profile: Path, options: Options) -> Iterator[ModelRecord]:
    """Connected servers as `models list` shows them."""
    for server in connected_servers(profile / "models"):
        yield ModelRecord(
            name=server.full_name,
            kind=str(server.purpose),
            download_bytes=0,
            installed=True,
            location=server.url,
            in_use=server.full_name in (options.indexing.model, options.indexing.reranker),
            memory_bytes=0,
            fits="",
            recommended=False,
            device="",
        )


def _purpose(is_reranker: bool) -> ModelKind:
    return ModelKind.RERANKER if is_reranker else ModelKind.EMBEDDING


def _asked_key(printer: Printer) -> str:
    """A key typed unseen, or the first line of standard input. Raises ModelError: there is none."""
    if sys.stdin.isatty():
        key = getpass.getpass("Key of the server: ")
    else:
        key = sys.stdin.readline()
    if not key.strip():
        raise ModelError("there is no key on standard input")
    return key.strip()


def _print(report: Report, is_saved: bool, printer: Printer) -> None:
    server = report.server
    record = ServerRecord(
        name=server.full_name,
        url=server.url,
        server=str(server.kind),
        kind=str(server.purpose),
        model=server.model,
        dimensions=server.dimensions,
        max_tokens=server.max_tokens,
        ok=report.is_sound,
        connected=is_saved,
        findings=[
            FindingRecord(subject=each.subject, level=str(each.level), text=each.text, remedy=each.remedy)
            for each in report.findings
        ],
        start=report.commands,
    )
    printer.record(record, lambda each: _lines(each, printer))


def _lines(record: ServerRecord, printer: Printer) -> Iterator[str]:
    yield f"{printer.out.bold(record['name'])}: {plain(record['model'])} by {record['server']} at {record['url']}"
    for finding in record["findings"]:
        mark = {Level.SOUND: printer.out.green("ok  "), Level.WARNING: "note"}.get(
            Level(finding["level"]), printer.out.red("BAD ")
        )
        yield f"{mark} {plain(finding['text'])}"
        if finding["remedy"]:
            yield f"{INDENT} {plain(finding['remedy'])}"
