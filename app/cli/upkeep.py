"""Commands that keep a profile safe and in its place."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli.answers import Printer
from app.cli.line import Line
from app.cli.printing import backup_lines, size_lines
from app.cli.requests import Backup, Exit, Invocation, Move, Restore, Sizes
from app.instance import AlreadyRunningError, InstanceError, InstanceServer, Message

if TYPE_CHECKING:
    from indexer.upkeep.copies import Tell

HANDOVER_SECONDS = 60.0  # for a window that is to make room for `restore --window`


def upkeep(command: Sizes | Backup | Restore | Move, invocation: Invocation, printer: Printer) -> int:
    """Carry out one of them; the exit status."""
    match command:
        case Sizes():
            return sizes(invocation, printer)
        case Backup():
            return backup(command, invocation, printer)
        case Restore():
            return restore(command, invocation, printer)
        case Move():
            return move(command, invocation, printer)


def sizes(invocation: Invocation, printer: Printer) -> int:
    """What takes the room."""
    with Line(invocation.profile, printer.say) as line:
        return printer.relay(line.ask({"verb": "sizes"}), lambda record: size_lines(record, printer.out))


def backup(command: Backup, invocation: Invocation, printer: Printer) -> int:
    """Write a backup, or check one."""
    if command.check:
        return _check(command.path, printer)
    with Line(invocation.profile, printer.say) as line:
        messages = line.ask({"verb": "backup", "path": str(command.path)})
        return printer.relay(messages, lambda record: backup_lines(record, printer.out))


def _check(folder: Path, printer: Printer) -> int:
    from app.records import backup_record
    from indexer.upkeep.backup import check_backup

    found = check_backup(folder, printer.progress, lambda: False)
    printer.progress()
    printer.record(backup_record(found), lambda record: backup_lines(record, printer.out))
    return Exit.FOUND


def restore(command: Restore, invocation: Invocation, printer: Printer) -> int:
    """Put a backup in the place of the profile."""

    def work(tell: Tell, stop: Callable[[], bool]) -> Path:
        from indexer.upkeep import restore as restoring

        with alone(invocation.profile, HANDOVER_SECONDS if command.window else 0):
            restoring.restore(command.backup, invocation.profile, tell, stop)
        return invocation.profile

    if command.window:
        return _in_window(work, invocation.profile)
    work(printer.progress, lambda: False)
    printer.progress()
    printer.done(f"{command.backup} is restored", {"restored": str(command.backup)})
    return Exit.FOUND


def move(command: Move, invocation: Invocation, printer: Printer) -> int:
    """Move the profile to another folder."""

    def work(tell: Tell, stop: Callable[[], bool]) -> Path:
        from app import moving

        with alone(invocation.profile, HANDOVER_SECONDS if command.window else 0):
            moving.move(invocation.profile, command.path, tell, stop)
        return command.path

    if command.window:
        return _in_window(work, invocation.profile)
    work(printer.progress, lambda: False)
    printer.progress()
    printer.done(f"The profile is in {command.path} now", {"moved": str(command.path)})
    return Exit.FOUND


def _in_window(work: Callable[[Tell, Callable[[], bool]], Path], profile: Path) -> int:
    from app.upkeep_window import run

    return run(work, profile)


@contextmanager
def alone(profile: Path, patience_seconds: float) -> Iterator[None]:
    """Have a profile that no other process uses; whoever asks meanwhile is told to wait. Raises InstanceError."""
    from indexer.holding import hold

    server = InstanceServer(profile, _refusal)
    deadline = time.monotonic() + patience_seconds
    while True:
        try:
            server.start()
            break
        except AlreadyRunningError:
            if time.monotonic() >= deadline:
                raise InstanceError(
                    "Cognate uses this profile now: end it first with `cognate quit`, or do this in its settings"
                ) from None
            time.sleep(0.1)
    try:
        lock = hold(profile)
        try:
            yield
        finally:
            lock.release()
    finally:
        server.close()


def _refusal(request: Message) -> Iterator[Message]:
    error = "this profile is being moved or restored: try again when that is done"
    yield {"end": Exit.FAILED, "refused": True, "pid": os.getpid(), "error": error}
