from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from app.cli.printing import json_line
from app.cli.requests import Exit
from app.cli.terminal import Screen, plain
from app.instance import Message

Lines = Callable[[Any], Iterable[str]]  # a record, as its verb has it, as lines for people


def no_lines(record: object) -> Iterable[str]:
    """Of what is not for people."""
    return ()


class Printer:
    """Prints answers: records and what is asked for to `out`, what else there is to say to `errors`."""

    def __init__(self, out: Screen, errors: Screen, as_json: bool) -> None:
        self.out = out
        self.errors = errors
        self.as_json = as_json

    def record(self, record: Any, lines: Lines) -> None:  # noqa: ANN401 - one of the records
        """Print one record."""
        if self.as_json:
            self.out.write(json_line(record))
        else:
            self.out.write(*lines(record))

    def say(self, text: str) -> None:
        """Print a sentence that is no part of the answer."""
        self.errors.write(plain(text))

    def done(self, text: str, record: dict[str, object]) -> None:
        """Confirm what was done."""
        self.record(record, lambda _: [plain(text)])

    def fail(self, text: str) -> int:
        """Say what went wrong; the exit status."""
        self.say(f"cognate: {text}")
        return Exit.FAILED

    def relay(self, messages: Iterator[Message], lines: Lines, nothing: str = "") -> int:
        """Print the records of an answer as they come, or what to say when there are none; the exit status."""
        for message in messages:
            if "end" in message:
                if message["end"] == Exit.NOTHING:
                    message.setdefault("notice", nothing)
                return self.end(message)
            if "progress" in message:
                self.progress(message["progress"], message["share"])
            else:
                self.progress()
                self.record(message["item"], lines)
        raise AssertionError("an answer without an end")

    def progress(self, step: str = "", share: float = 0.0) -> None:
        """Show how far long work is, where there is a terminal; nothing any more without a step."""
        if self.errors.live and not self.as_json:
            self.errors.overwrite(f"{step} · {share:.0%}" if step else "")

    def end(self, message: Message) -> int:
        """Print what the last message of an answer has to say; the exit status."""
        if error := message.get("error"):
            self.say(f"cognate: {error}")
        if notice := message.get("notice"):
            self.say(notice)
        return int(message["end"])
