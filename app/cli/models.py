from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

from app.cli.answers import Printer, no_lines
from app.cli.check import check, checkable, load
from app.cli.line import Line
from app.cli.printing import duration, model_lines
from app.cli.requests import Exit, Invocation, Models
from app.cli.servers import check_server, server_records
from app.options import load_options, save_options
from app.profile import ProfileError, prepare_profile
from app.records import ModelRecord
from model import load_reranker, registry
from model.errors import ModelError
from model.estimate import Estimate, estimate
from model.needs import fit, memory_bytes, recommended, this_machine
from model.remote.connecting import disconnect
from model.remote.server import is_server, load_server

LONG_SECONDS = 600.0  # what takes longer is asked about before it begins


def models(command: Models, invocation: Invocation, printer: Printer) -> int:
    """Carry out one of the `models` commands; the exit status."""
    profile = prepare_profile(invocation.profile)
    name = registry.canonical(command.name)
    match command.action:
        case "list":
            return _list(profile, printer)
        case "install":
            return _install(name, profile, printer)
        case "use":
            return _use(name, profile, printer)
        case "remove":
            return _remove(name, profile, printer)
        case "forget":
            return _forget(name, profile, printer)
        case _ if is_server(name):
            return check_server(name, profile, printer)
        case _:
            used = load_options(profile).options.indexing.model
            return check(checkable(profile) if command.all else [name or used], profile, printer)


def _list(profile: Path, printer: Printer) -> int:
    options = load_options(profile).options
    for record in chain(_records(profile), server_records(profile, options)):
        printer.record(record, lambda each: model_lines(each, printer.out))
    return Exit.FOUND


def _records(profile: Path) -> Iterator[ModelRecord]:
    folder = profile / "models"
    settings = load_options(profile).options.indexing
    used = settings.model
    machine = this_machine()
    advised = recommended(registry.KNOWN, machine)
    names = dict.fromkeys([each.name for each in registry.KNOWN] + sorted(registry.installed(folder)) + [used])
    for name in (each for each in names if not is_server(each)):
        known = registry.known(name)
        location = registry.locate(name, folder)
        yield ModelRecord(
            name=name,
            kind=str(known.kind) if known else "",
            download_bytes=known.download_bytes if known else 0,
            installed=name == registry.BUILT_IN or location is not None,
            location=str(location or ""),
            in_use=name in (used, settings.reranker),
            memory_bytes=memory_bytes(known) if known else 0,
            fits=str(fit(known, machine)) if known else "",
            recommended=name in advised,
            device=machine.accelerator,
        )


def _install(name: str, profile: Path, printer: Printer) -> int:
    if name == registry.BUILT_IN:
        printer.say("The built-in model is always there.")
        return Exit.FOUND
    folder = registry.locate(name, profile / "models")
    if folder is None:
        folder = registry.install(name, profile / "models", show_progress=printer.errors.live)
    printer.done(f"{name} is installed in {folder}", {"name": name, "location": str(folder)})
    return Exit.FOUND


def _use(name: str, profile: Path, printer: Printer) -> int:
    if is_server(name) and load_server(name, profile / "models").purpose is registry.ModelKind.RERANKER:
        return _use_reranker(name, profile, printer)
    known = registry.known(name)
    if known is not None and known.kind is registry.ModelKind.RERANKER:
        load_reranker(name, profile / "models")  # or say what is wrong with it
        return _use_reranker(name, profile, printer)
    expected = estimate(load(name, profile), _passages(profile, printer))
    if expected is not None:
        printer.say(_estimate_text(name, expected))
        if expected.seconds >= LONG_SECONDS and not _wants_to(printer):
            return Exit.NOTHING
    _store(profile, model=name)
    seconds = None if expected is None else round(expected.seconds)
    record = {"name": name, "in_use": True, "estimated_seconds": seconds}
    printer.done(f"{name} is used from the next start of Cognate on", record)
    return Exit.FOUND


def _use_reranker(name: str, profile: Path, printer: Printer) -> int:
    _store(profile, reranker=name)
    printer.done(f"`cognate search --rerank` uses {name} from the next start on", {"name": name, "in_use": True})
    return Exit.FOUND


def _store(profile: Path, **chosen: Any) -> None:  # noqa: ANN401
    """Write options about models. Raises ProfileError."""
    options = load_options(profile).options
    try:
        save_options(profile, replace(options, indexing=replace(options.indexing, **chosen)))
    except OSError as error:
        raise ProfileError(f"the settings of {profile} can't be written: {error.strerror}") from error


def _passages(profile: Path, printer: Printer) -> int:
    """How many passages the watched folders have, as far as they are indexed."""
    with Line(profile, printer.say) as line:
        return next((message["item"]["chunks"] for message in line.ask({"verb": "status"}) if "item" in message), 0)


def _estimate_text(name: str, expected: Estimate) -> str:
    pace = 60 / expected.seconds_per_passage
    text = f"Without a graphics card, {name} reads about {pace:,.0f} passages a minute here"
    if expected.passages:
        text += f": about {duration(expected.seconds)} for the {expected.passages:,} that are indexed"
    return f"{text}. Search goes on with the old model meanwhile."


def _wants_to(printer: Printer) -> bool:
    """Whether the user still wants what takes long; a script does."""
    if printer.as_json or not (printer.errors.live and sys.stdin.isatty()):
        return True
    printer.errors.write("Use it all the same? [y/N]")
    return sys.stdin.readline().strip().casefold() in ("y", "yes")


def _remove(name: str, profile: Path, printer: Printer) -> int:
    if name == registry.BUILT_IN:
        raise ModelError("the built-in model is a part of Cognate and can't be removed")
    options = load_options(profile).options.indexing
    if name == options.model:
        raise ModelError(f"{name} is in use: first choose another one, like `cognate models use built-in`")
    if is_server(name):
        disconnect(name, profile / "models")
        if name == options.reranker:
            _store(profile, reranker="")
    else:
        registry.remove(name, profile / "models")
    printer.done(f"{name} is removed", {"name": name, "installed": False})
    return Exit.FOUND


def _forget(name: str, profile: Path, printer: Printer) -> int:
    with Line(profile, printer.say) as line:
        nothing = f"No index of {name} is kept beside the one in use. `cognate status` shows which there are."
        status = printer.relay(line.ask({"verb": "forget-model", "model": name}), no_lines, nothing)
    if status == Exit.FOUND:
        printer.done(f"The index of {name} is deleted; the model is still there", {"name": name, "forgotten": True})
    return status
