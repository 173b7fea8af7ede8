"""Attachments of the messages that Outlook saves (msg): a file system in a file, with a folder for each of them."""

from collections.abc import Iterator
from pathlib import Path

import olefile

from indexer.errors import DocumentError
from indexer.extract.containers import BROKEN_ATTACHMENTS
from indexer.extract.limits import Limits
from indexer.extract.source import open_regular

_ATTACHMENT = "__attach_version1.0_#"
_CONTENT = "__substg1.0_37010102"
_NAMES = ("3707001F", "3704001F", "3707001E", "3704001E", "3001001F", "3001001E")  # long before short
_WIDE = "001F"


def attachments(path: Path, limits: Limits) -> Iterator[tuple[str, bytes]]:
    """Names and contents; a message that is attached to a message is none of them, as it is no file in there."""
    with open_regular(path) as file:
        try:
            with olefile.OleFileIO(file) as storage:
                for folder in sorted({entry[0] for entry in storage.listdir() if entry[0].startswith(_ATTACHMENT)}):
                    if storage.exists([folder, _CONTENT]):
                        yield _name(storage, folder), _content(storage, folder, limits)
        except OSError as error:
            raise DocumentError(path, BROKEN_ATTACHMENTS) from error


def _content(storage: "olefile.OleFileIO[str]", folder: str, limits: Limits) -> bytes:
    with storage.openstream([folder, _CONTENT]) as stream:
        return bytes(stream.read(limits.member_bytes + 1))


def _name(storage: "olefile.OleFileIO[str]", folder: str) -> str:
    for kind in _NAMES:
        stream = [folder, f"__substg1.0_{kind}"]
        if storage.exists(stream):
            with storage.openstream(stream) as content:
                name = content.read(2048).decode("utf-16-le" if kind.endswith(_WIDE) else "cp1252", "replace")
            if name := str(name).strip("\0 "):
                return name
    return "attachment"
