"""E-mail: single messages and mailboxes."""

import codecs
import email
import email.policy
from collections.abc import Iterator
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from typing import Any

from indexer.document import INSIDE, Kind
from indexer.errors import DocumentError
from indexer.extract.draft import Draft, DraftBuilder
from indexer.extract.kinds import Format
from indexer.extract.limits import Limits
from indexer.extract.markup import add_html
from indexer.extract.source import open_regular, read_whole

_SHOWN_HEADERS = ("From", "To", "Cc", "Date")
_MESSAGE_BYTES = 32 << 20  # of one message in a mailbox; beyond that it is attachments
_SUBJECT_CHARACTERS = 120
_HEADER_CHARACTERS = 4000


def read_message(path: Path, limits: Limits) -> Draft:
    """A single message."""
    message = _message(path, limits)
    builder = DraftBuilder(limits.text_characters)
    subject = _header(message, "Subject")
    _add_message(builder, message, subject)
    return builder.draft(Kind.MAIL, subject)


def read_mailbox(path: Path, limits: Limits) -> Draft:
    """All messages of a mailbox, each a part of its own.

    The standard library's reader isn't used: it opens the file for writing, which file watchers take for a change.
    """
    builder = DraftBuilder(limits.text_characters)
    number = 0
    for number, data in enumerate(_messages(path), start=1):
        if builder.is_full:
            break
        message = _parse(data)
        subject = _header(message, "Subject")
        builder.place(part=_part(number, subject), headings=(subject,) if subject else ())
        _add_message(builder, message, subject)
    if not number:
        raise DocumentError(path, "is not a mailbox")
    return builder.draft(Kind.MAIL)


def attachments(path: Path, form: Format, limits: Limits) -> Iterator[tuple[str, bytes]]:
    """Names and contents of what is attached to a message, or to each message of a mailbox."""
    if form is Format.MESSAGE:
        yield from _attached(_message(path, limits))
        return
    for number, data in enumerate(_messages(path), start=1):
        message = _parse(data)
        part = _part(number, _header(message, "Subject"))
        yield from ((f"{part}{INSIDE}{name}", content) for name, content in _attached(message))


def _attached(message: EmailMessage) -> Iterator[tuple[str, bytes]]:
    """Pictures that a letter shows in its text, signatures and logos mostly, are none."""
    for part in message.iter_parts() if message.is_multipart() else ():
        if not isinstance(part, EmailMessage):
            continue
        if part.get_content_type() == "message/rfc822":
            for inner in part.iter_parts():
                subject = _header(inner, "Subject") if isinstance(inner, EmailMessage) else ""
                yield f"{subject or 'message'}.eml", inner.as_bytes()
        elif part.is_multipart():
            yield from _attached(part)
        elif (name := _file_name(part)) and not _is_shown_in_text(part):
            content = part.get_payload(decode=True)
            yield name, content if isinstance(content, bytes) else b""


def _is_shown_in_text(part: EmailMessage) -> bool:
    return part.get_content_maintype() == "image" and part.get_content_disposition() != "attachment"


def _message(path: Path, limits: Limits) -> EmailMessage:
    """A message, also in the form that Apple Mail stores it: its length on a line before it."""
    data = read_whole(path, limits.archive_bytes)
    first, _, rest = data.partition(b"\n")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        rest = data = data.decode("utf-16", "replace").encode()
    message = _parse(rest if first.strip().isdigit() else data)
    if not message.keys():
        raise DocumentError(path, "is not an e-mail message")
    return message


def _part(number: int, subject: str) -> str:
    return f"message {number}: {subject[:_SUBJECT_CHARACTERS]}".rstrip(": ")


def _messages(path: Path) -> Iterator[bytes]:
    """The messages of an mbox: each begins at a line "From " after an empty one."""
    with open_regular(path) as file:
        lines: list[bytes] = []
        size = 0
        is_inside, was_empty = False, True
        for line in iter(lambda: file.readline(1 << 20), b""):
            if was_empty and line.startswith(b"From "):
                if is_inside:
                    yield b"".join(lines)
                lines, size, is_inside = [], 0, True
            elif is_inside and size < _MESSAGE_BYTES:
                lines.append(line)
                size += len(line)
            was_empty = not line.strip()
        if is_inside:
            yield b"".join(lines)


class _Policy(email.policy.EmailPolicy):
    """The standard library fails on some malformed headers, and takes for ever over others."""

    def header_fetch_parse(self, name: str, value: str) -> Any:  # noqa: ANN401  as the standard library has it
        try:
            return super().header_fetch_parse(name, value[:_HEADER_CHARACTERS])
        except (ValueError, IndexError, AttributeError, TypeError, LookupError, RecursionError):
            return super().header_fetch_parse(name, "")


_POLICY = _Policy()


def _parse(data: bytes) -> EmailMessage:
    message = BytesParser(EmailMessage, policy=_POLICY).parsebytes(data)
    assert isinstance(message, EmailMessage)
    return message


def _add_message(builder: DraftBuilder, message: EmailMessage, subject: str) -> None:
    shown = [f"Subject: {subject}"] if subject else []
    shown += [f"{name}: {value}" for name in _SHOWN_HEADERS if (value := _header(message, name))]
    builder.add("\n".join(shown))
    _add_body(builder, message)
    names = [name for part in message.walk() if (name := _file_name(part))]
    builder.add("Attachments: " + ", ".join(names) if names else "")


def _add_body(builder: DraftBuilder, message: EmailMessage) -> None:
    try:
        body = message.get_body(("plain", "html"))
        text = body.get_content() if body else ""
    except (LookupError, ValueError, AttributeError, TypeError, KeyError):  # broken structure or an unknown charset
        body = message
        payload = message.get_payload(decode=True)
        text = payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""
    if not isinstance(text, str):
        return
    if body is not None and body.get_content_type() == "text/html":
        add_html(builder, text)
    else:
        builder.add(text)


def _header(message: EmailMessage, name: str) -> str:
    return " ".join(str(message.get(name, "")).split())


def _file_name(part: EmailMessage) -> str:
    try:
        return part.get_filename() or ""
    except (ValueError, IndexError, AttributeError, TypeError, LookupError):
        return ""
