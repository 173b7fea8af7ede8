"""Commands for the window. Only what starts it loads Qt."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from app import instance
from app.cli.answers import Printer
from app.cli.commands import status
from app.cli.requests import Exit, Invocation
from app.instance import AlreadyRunningError, Message, NotRunningError

REACTION_SECONDS = 10.0  # within which a window that works reacts
END_SECONDS = 30.0  # for an instance to finish its work in hand

NO_DISPLAY = """\
There is no display, so Cognate can't show its window. In the terminal:
  cognate folder add DIR       watch a folder
  cognate index --wait         index it now
  cognate search "QUESTION"    find files by what they say"""


def start(invocation: Invocation, printer: Printer) -> int:
    """Raise the running window, or start it."""
    return _show({"verb": "show"}, None, invocation, printer)


def similar_in_window(path: Path, invocation: Invocation, printer: Printer) -> int:
    """Show the like of a file in the window."""
    return _show({"verb": "similar-window", "path": str(path)}, path, invocation, printer)


def _show(request: Message, similar: Path | None, invocation: Invocation, printer: Printer) -> int:
    token = os.environ.get("XDG_ACTIVATION_TOKEN") or os.environ.get("DESKTOP_STARTUP_ID") or ""
    request |= {"token": token}  # without it a Wayland compositor refuses to raise a window
    while True:
        try:
            end = _last(invocation.profile, request)
        except NotRunningError:
            if not has_display(os.environ):
                printer.say(NO_DISPLAY)
                status(invocation, printer)
                return Exit.FOUND
            try:
                return _open_window(invocation.profile, similar)
            except AlreadyRunningError:
                continue  # two were started at once: the other one shows it
        if end.get("refused"):
            return printer.fail(
                f"a command in a terminal uses this profile (process {end['pid']}): the window opens when it has ended"
            )
        return printer.end(end)


def _open_window(profile: Path, similar: Path | None) -> int:
    from app.gui import run

    return run(profile, similar)


def _last(profile: Path, request: Message) -> Message:
    *_, end = instance.ask(profile, request, REACTION_SECONDS)
    return end


def end(invocation: Invocation, printer: Printer) -> int:
    """End the running instance, and wait until it has ended."""
    try:
        answer = _last(invocation.profile, {"verb": "quit"})
    except NotRunningError:
        printer.say("Cognate is not running.")
        return Exit.NOTHING
    deadline = time.monotonic() + END_SECONDS
    while answer["end"] == Exit.FOUND and instance.is_taken(invocation.profile):
        if time.monotonic() > deadline:
            return printer.fail("Cognate still has work in hand, and ends after it")
        time.sleep(0.05)
    return printer.end(answer)


def has_display(environment: Mapping[str, str]) -> bool:
    """Whether a window can be shown at all."""
    if sys.platform in ("win32", "darwin"):
        return True
    return any(environment.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
