from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from app.cli import commands, window
from app.cli.answers import Printer
from app.cli.parsing import WrongUseError, parse
from app.cli.requests import (
    Backup,
    Connect,
    Doctor,
    Exit,
    FolderAdd,
    FolderList,
    FolderRemove,
    Index,
    Invocation,
    Models,
    Move,
    Ocr,
    Quit,
    Restore,
    Search,
    Show,
    Similar,
    Sizes,
    Start,
    StartCommand,
    Status,
    Why,
)
from app.cli.terminal import Screen, plain, screen_of, write_any_text
from model.errors import CognateError


def run(arguments: Sequence[str]) -> int:
    """Carry out a command line; the exit status. Never raises for what a user can cause."""
    for stream in (sys.stdout, sys.stderr):
        write_any_text(stream)
    errors = screen_of(sys.stderr, os.environ)
    try:
        status = _carry_out(arguments, errors)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or the interpreter's last flush complains
        return Exit.FOUND  # whoever read has enough
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except Exception:  # a fault of ours: for scripts it must not look like "nothing found"
        sys.excepthook(*sys.exc_info())
        return Exit.FAILED
    return status


def _carry_out(arguments: Sequence[str], errors: Screen) -> int:
    try:
        invocation = parse(arguments)
        return _obey(invocation, Printer(screen_of(sys.stdout, os.environ), errors, invocation.json))
    except WrongUseError as error:
        errors.write(f"cognate: {error}")
        return Exit.WRONG_USE
    except CognateError as error:
        errors.write(f"cognate: {plain(str(error))}")
        return Exit.FAILED
    except SystemExit as error:  # argparse has printed help or the version
        return Exit.FOUND if error.code is None else int(error.code)


def _obey(invocation: Invocation, printer: Printer) -> int:  # noqa: C901 - one arm for each command
    match invocation.command:
        case Search() as command:
            return commands.search(command, invocation, printer)
        case Similar(path=Path() as path, window=True):
            return window.similar_in_window(path, invocation, printer)
        case Similar() as command:
            return commands.similar(command, invocation, printer)
        case FolderList():
            return commands.folder_list(invocation, printer)
        case FolderAdd() as command:
            return commands.folder_add(command, invocation, printer)
        case FolderRemove() as command:
            return commands.folder_remove(command, invocation, printer)
        case Index() as command:
            return commands.index(command, invocation, printer)
        case Status():
            return commands.status(invocation, printer)
        case Why() as command:
            return commands.why(command, invocation, printer)
        case Sizes() | Backup() | Restore() | Move() as command:
            from app.cli.upkeep import upkeep

            return upkeep(command, invocation, printer)
        case Quit():
            return window.end(invocation, printer)
        case Start() | Show():
            return window.start(invocation, printer)
        case Models() as command:
            from app.cli.models import models

            return models(command, invocation, printer)
        case Connect() as command:
            from app.cli.servers import connect_server

            return connect_server(command, invocation, printer)
        case StartCommand() as command:
            from app.cli.servers import start_command

            return start_command(command, printer)
        case Ocr() as command:
            from app.cli.ocr import ocr

            return ocr(command, invocation, printer)
        case Doctor() as command:
            from app.cli.doctor import doctor

            return doctor(command, invocation, printer)
