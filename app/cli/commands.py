"""Commands that are answered by the engine, here or in the running instance. Each returns its exit status."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator

from app.cli.answers import Printer, no_lines
from app.cli.line import Line
from app.cli.parsing import WrongUseError
from app.cli.printing import (
    counts,
    embedded_lines,
    explanation_lines,
    folder_lines,
    hit_lines,
    progress_line,
    status_lines,
)
from app.cli.requests import Exit, FolderAdd, FolderRemove, Index, Invocation, Search, Similar, Why
from app.cli.terminal import plain
from app.instance import Message
from app.records import EmbeddedRecord, HitRecord, StatusRecord

MOST_TEXT = 4_000_000  # characters of standard input that `similar -` looks at


def search(command: Search, invocation: Invocation, printer: Printer) -> int:
    """One query, or each line of standard input."""
    with Line(invocation.profile, printer.say) as line:
        if command.query is not None:
            return _hits(line.ask(_search_request(command, command.query)), printer)
        return _search_lines(command, line, printer)


def _search_lines(command: Search, line: Line, printer: Printer) -> int:
    statuses = {Exit.NOTHING}
    for query in filter(None, map(str.strip, _standard_input())):
        if not printer.as_json:
            printer.out.write(printer.out.bold(f"» {plain(query)}"))
        status = Exit(_hits(_named(query, line.ask(_search_request(command, query))), printer))
        if status is Exit.FAILED:
            return status
        statuses.add(status)
    return Exit.WRONG_USE if Exit.WRONG_USE in statuses else min(statuses)


def _named(query: str, messages: Iterator[Message]) -> Iterator[Message]:
    """Messages that say which of many queries they are about."""
    for message in messages:
        yield message | {key: f"{query}: {message[key]}" for key in ("error", "notice") if key in message}


def _standard_input() -> Iterator[str]:
    sys.stdin.reconfigure(encoding="utf-8-sig", errors="replace")  # type: ignore[union-attr]
    return iter(sys.stdin)


def _search_request(command: Search, query: str) -> Message:
    return {
        "verb": "search",
        "query": query,
        "limit": command.limit,
        "mode": command.mode,
        "rerank": command.rerank,
        "explain": command.explain,
    }


def _hits(messages: Iterator[Message], printer: Printer) -> int:
    def lines(record: HitRecord | EmbeddedRecord) -> Iterator[str]:
        yield from embedded_lines(record, printer.out) if "embedded" in record else hit_lines(record, printer.out)
        yield ""

    return printer.relay(messages, lines, nothing="Nothing found.")


def similar(command: Similar, invocation: Invocation, printer: Printer) -> int:
    """The like of a file or of standard input."""
    request: Message = {"verb": "similar", "limit": command.limit}
    if command.path is not None:
        request["path"] = str(command.path)
    else:
        request["text"] = "".join(_standard_input())[:MOST_TEXT]
        if not request["text"].strip():
            raise WrongUseError("there is no text on standard input")
    with Line(invocation.profile, printer.say) as line:
        return _hits(line.ask(request), printer)


def folder_list(invocation: Invocation, printer: Printer) -> int:
    """The watched folders."""
    with Line(invocation.profile, printer.say) as line:
        advice = "No folder is watched yet. For example: cognate folder add ~/Documents"
        return printer.relay(line.ask({"verb": "folders"}), lambda row: folder_lines(row, printer.out), advice)


def folder_add(command: FolderAdd, invocation: Invocation, printer: Printer) -> int:
    """Watch a folder."""
    with Line(invocation.profile, printer.say) as line:
        status = printer.relay(line.ask({"verb": "folder-add", "path": str(command.path)}), no_lines)
        if status == Exit.FOUND:
            printer.done(f"{command.path} is watched", {"added": str(command.path)})
            if line.is_own:
                printer.say("It is indexed as soon as Cognate runs, or now with: cognate index --wait")
        return status


def folder_remove(command: FolderRemove, invocation: Invocation, printer: Printer) -> int:
    """Forget a folder."""
    request = {"verb": "folder-remove", "path": str(command.path), "erase": command.erase}
    with Line(invocation.profile, printer.say) as line:
        status = printer.relay(line.ask(request), no_lines)
        if status == Exit.FOUND:
            printer.done(f"{command.path} is no longer watched", {"removed": str(command.path)})
        return status


def status(invocation: Invocation, printer: Printer) -> int:
    """How things stand."""
    with Line(invocation.profile, printer.say) as line:
        return printer.relay(
            line.ask({"verb": "status"}), lambda record: status_lines(record, printer.out, time.time())
        )


def why(command: Why, invocation: Invocation, printer: Printer) -> int:
    """Why a file is, or is not, found."""
    request = {"verb": "why", "path": str(command.path), "query": command.query, "retry": command.retry}
    with Line(invocation.profile, printer.say) as line:
        return printer.relay(line.ask(request), lambda record: explanation_lines(record, command.query, printer.out))


def index(command: Index, invocation: Invocation, printer: Printer) -> int:
    """Scan now; without a running instance this process does it, so it has to wait."""
    with Line(invocation.profile, printer.say, running=True) as line:
        messages = line.ask({"verb": "index", "wait": command.wait})
        if line.is_own and not command.wait:
            printer.say("Cognate is not running, so this command indexes, and ends when it has done so.")
            messages = line.ask({"verb": "index", "wait": True})
        return _progress(messages, printer)


def _progress(messages: Iterator[Message], printer: Printer) -> int:
    """Show progress where there is a terminal, and the last status; the exit status."""
    live = printer.errors.live and not printer.as_json
    last: StatusRecord | None = None
    for message in messages:
        if "end" in message:
            break
        last = message["item"]
        if printer.as_json:
            printer.record(last, no_lines)
        elif live:
            printer.errors.overwrite(progress_line(message["item"], printer.errors))
    if live:
        printer.errors.overwrite("")
    if last is not None and not printer.as_json and message["end"] == Exit.FOUND:
        printer.out.write(_summary(last))
        for warning in last["warnings"]:
            printer.say(f"Warning: {warning}")
    return printer.end(message)


def _summary(status: StatusRecord) -> str:
    busy = status["activity"] in ("scanning", "indexing", "erasing", "starting", "paused")
    return f"{status['activity'].capitalize() if busy else 'Up to date'}: {counts(status['files'])}"
