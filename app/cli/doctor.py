from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from app.cli import ocr
from app.cli.answers import Printer
from app.cli.check import ENOUGH, load, total, translations_found
from app.cli.line import Line
from app.cli.printing import check_lines, size
from app.cli.requests import Doctor, Exit, Invocation
from app.cli.window import has_display
from app.options import load_options
from app.profile import prepare_profile
from app.records import CheckRecord
from indexer.errors import DamagedError
from indexer.mending import set_aside
from indexer.sandbox.probe import try_out
from model.errors import CognateError

LITTLE_ROOM_BYTES = 500 * 1000**2
FEW_WATCHES = 65_536  # a home folder with some projects has as many folders
BUS_SECONDS = 5


def doctor(command: Doctor, invocation: Invocation, printer: Printer) -> int:
    """Check everything that can be wrong, a line each; the exit status."""
    profile = invocation.profile
    checks: tuple[Callable[[], Iterator[CheckRecord]], ...] = (
        lambda: _profile(profile),
        lambda: _options(profile),
        lambda: _engine(profile, printer, command.mend),
        lambda: _model(profile),
        _readers,
        lambda: ocr.check(profile),
        _watches,
        _display,
        _gpu,
    )
    well = True
    for check in checks:
        for record in _run(check):
            printer.record(record, lambda each: check_lines(each, printer.out))
            well = well and record["ok"]
    return Exit.FOUND if well else Exit.FAILED


def _run(check: Callable[[], Iterator[CheckRecord]]) -> Iterator[CheckRecord]:
    try:
        yield from check()
    except CognateError as error:
        yield _bad("Cognate", str(error))


def _ok(check: str, detail: str = "") -> CheckRecord:
    return CheckRecord(check=check, ok=True, detail=detail)


def _bad(check: str, detail: str) -> CheckRecord:
    return CheckRecord(check=check, ok=False, detail=detail)


def _profile(profile: Path) -> Iterator[CheckRecord]:
    prepare_profile(profile)
    try:
        with tempfile.NamedTemporaryFile(dir=profile) as file:
            file.write(b"\0" * 4096)
    except OSError as error:
        yield _bad("profile", f"{profile} can't be written: {error.strerror}")
        return
    free_bytes = shutil.disk_usage(profile).free
    text = f"{profile}, {size(free_bytes)} free"
    yield _ok("profile", text) if free_bytes >= LITTLE_ROOM_BYTES else _bad("profile", f"{text}: make some room")


def _options(profile: Path) -> Iterator[CheckRecord]:
    warnings = load_options(profile).warnings
    yield from (_bad("settings", warning) for warning in warnings)
    if not warnings:
        yield _ok("settings")


def _engine(profile: Path, printer: Printer, mend: bool) -> Iterator[CheckRecord]:
    """What the catalogue, the status and the folders say, from whoever has the profile."""
    try:
        yield from _catalogue(profile, printer, mend)
    except DamagedError:
        if not mend:
            raise
        aside, folders = set_aside(profile)
        yield _ok("catalogue", f"the damaged one was set aside as {aside.name}")
        with Line(profile, printer.say) as line:
            for folder in folders:
                list(line.ask({"verb": "folder-add", "path": str(folder)}))
        yield from _catalogue(profile, printer, mend)


def _catalogue(profile: Path, printer: Printer, mend: bool) -> Iterator[CheckRecord]:
    with Line(profile, printer.say) as line:
        messages = line.ask({"verb": "check", "mend": mend})
        problems = [message["item"]["problem"] for message in messages if "item" in message]
        yield from (_bad("catalogue", problem) for problem in problems)
        if not problems:
            yield _ok("catalogue")
        for message in line.ask({"verb": "status"}):
            if "item" in message:
                yield from (_bad("warning", warning) for warning in message["item"]["warnings"])
        folders = [message["item"] for message in line.ask({"verb": "folders"}) if "item" in message]
    for folder in folders:
        present = os.path.isdir(folder["path"])
        note = folder["note"] or ("" if present else "it is not there: its index is kept until it comes back")
        detail = f"{folder['path']} ({note})" if note else folder["path"]
        is_well = present and (not folder["note"] or folder["state"] == "stale")  # nobody watches while Cognate rests
        yield _ok("folder", detail) if is_well else _bad("folder", detail)
    if not folders:
        yield _ok("folder", "none is watched yet")


def _model(profile: Path) -> Iterator[CheckRecord]:
    name = load_options(profile).options.indexing.model
    try:
        embedder = load(name, profile)
    except CognateError as error:
        yield _bad("model", str(error))
        return
    found = total(translations_found(embedder))
    text = f"{name}, {embedder.spec.dimensions} dimensions, {found:.0%} of translations found"
    yield _ok("model", text) if found >= ENOUGH else _bad("model", f"{text}: it is damaged or unfit")


def _readers() -> Iterator[CheckRecord]:
    """What a document that takes its reader over could do; a system without means against it is no fault."""
    try:
        found = try_out()
    except (OSError, EOFError):
        yield _bad("readers", "the process that tries them out ended early: install Cognate anew")
        return
    missing = [text for held, text in ((found.files, "your other files"), (found.network, "the network")) if not held]
    if missing:
        text = f"this system doesn't keep a hostile document from {' and '.join(missing)}"
        yield _ok("readers", f"{text}: its reader is limited in time and memory only")
    else:
        yield _ok("readers", "a hostile document reaches neither your other files nor the network")


def _watches() -> Iterator[CheckRecord]:
    limit = Path("/proc/sys/fs/inotify/max_user_watches")
    if not limit.is_file():
        return
    watches = int(limit.read_text())
    if watches >= FEW_WATCHES:
        yield _ok("watches", f"{watches:,} folders at most")
    else:
        yield _bad(
            "watches",
            f"the system allows {watches:,}, folders beyond that are polled: sysctl fs.inotify.max_user_watches=524288",
        )


def _display() -> Iterator[CheckRecord]:
    if not has_display(os.environ):
        yield _ok("display", "none: Cognate works in the terminal only")
        return
    yield _ok("display")
    if sys.platform == "linux":
        yield _ok("tray", {True: "", False: "none: use the window", None: "can't be told"}[_has_tray_host()])


def _has_tray_host() -> bool | None:
    """Whether the desktop shows tray icons by the protocol of today; None where nothing can tell."""
    command = ["gdbus", "call", "--session", "--dest", "org.freedesktop.DBus", "--object-path", "/org/freedesktop/DBus"]
    command += ["--method", "org.freedesktop.DBus.NameHasOwner", "org.kde.StatusNotifierWatcher"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=BUS_SECONDS, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return "true" in done.stdout


def _gpu() -> Iterator[CheckRecord]:
    """Whether a larger model would be quick here; being without is no fault."""
    from model.hardware import describe_accelerator

    try:
        yield _ok("GPU", describe_accelerator())
    except (ImportError, OSError) as error:
        yield _ok("GPU", f"larger models can't be used: {error}")
