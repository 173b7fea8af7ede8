"""What a worker answers to one request, as `indexer.extract.answer` has it."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from indexer.document import Document, Kind
from indexer.errors import DocumentError
from indexer.extract import extract
from indexer.extract.answer import (
    BLOCK,
    MESSAGE_BYTES,
    chunk_messages,
    document_messages,
    end_message,
    error_message,
    member_message,
    recall_message,
    recognised_message,
)
from indexer.extract.draft import cut_note
from indexer.extract.limits import Limits
from indexer.extract.members import Members, Unpacked
from indexer.extract.recognise import Recogniser


class Converser:
    """Answers the requests that come over a connection.

    Args:
        on_begin: called before each document and member: it may take as long as any other.
    """

    def __init__(self, connection: Connection, limits: Limits, on_begin: Callable[[], None]) -> None:
        self._connection = connection
        self._limits = limits
        self._on_begin = on_begin

    def answer(self, request: dict[str, Any]) -> None:
        """Send all that a request asks for."""
        path = Path(request["path"])
        self._on_begin()
        messages = self._copy(path, request["member"]) if "member" in request else self._read(path, request["skip"])
        for message in messages:
            self._connection.send_bytes(message)

    def _read(self, path: Path, skip: int) -> Iterator[bytes]:
        """A document with its members, but for those that another worker has read."""
        recogniser = self._recogniser()
        document = self._document(path, recogniser)
        if isinstance(document, str):
            yield error_message(document)
            return
        if not skip:
            yield from chunk_messages(document)
        try:
            members = Members(path, self._limits, wants_images=recogniser is not None)
            yield from self._read_members(members, skip, recogniser)
        except DocumentError as error:
            if document.kind is Kind.ARCHIVE:
                yield error_message(error.reason)
                return
            note = error.reason
        except MemoryError:
            note = self._limits.memory_reason
        except Exception as error:  # the border of the process: a reader's mistake costs one file
            note = f"the reader failed on it ({type(error).__name__} in {_place(error)})"
        else:
            note = members.note
            if members.has_images:
                document = replace(document, scan=recogniser.languages if recogniser else "")
        yield end_message(replace(document, note="; ".join(filter(None, (document.note, note)))))

    def _read_members(self, members: Members, skip: int, recogniser: Recogniser | None) -> Iterator[bytes]:
        characters = 0
        for number, member in enumerate(members):
            if number < skip:
                continue
            yield member_message(member.path)
            self._on_begin()
            read = self._member(member, recogniser)
            if isinstance(read, str):
                yield error_message(read)
                continue
            yield from document_messages(read)
            characters += sum(len(chunk.text) for chunk in read.chunks)
            if characters > self._limits.members_characters:
                members.note = cut_note(self._limits.members_characters)
                return

    def _member(self, member: Unpacked, recogniser: Recogniser | None) -> Document | str:
        if member.error:
            return member.error
        if member.file is None:
            return Document(member.kind, (), note=member.reason)
        return self._document(member.file, recogniser)

    def _document(self, path: Path, recogniser: Recogniser | None) -> Document | str:
        """The document in a file, or why there is none to be had."""
        try:
            return extract(path, self._limits, recogniser)
        except DocumentError as error:
            return error.reason
        except MemoryError:
            return self._limits.memory_reason
        except Exception as error:  # the border of the process: a reader's mistake costs one file
            return f"the reader failed on it ({type(error).__name__} in {_place(error)})"

    def _copy(self, path: Path, wanted: str) -> Iterator[bytes]:
        """The bytes of one member."""
        try:
            for member in Members(path, self._limits, only=wanted):
                if member.file is None:
                    yield error_message(member.error)
                    return
                with member.file.open("rb") as file:
                    while block := file.read(MESSAGE_BYTES):
                        yield BLOCK + block
                yield b"{}"
                return
        except (DocumentError, MemoryError) as error:
            yield error_message(error.reason if isinstance(error, DocumentError) else self._limits.memory_reason)
        else:
            yield error_message("is not in there any more")

    def _recogniser(self) -> Recogniser | None:
        if not self._limits.ocr_languages:
            return None
        return Recogniser(self._limits.ocr_languages, self._limits.ocr_pages, self._recall, self._remember)

    def _recall(self, key: str) -> str | None:
        self._connection.send_bytes(recall_message(key))
        known = json.loads(self._connection.recv_bytes())
        self._on_begin()
        return None if known is None else str(known)

    def _remember(self, key: str, text: str) -> None:
        self._connection.send_bytes(recognised_message(key, text))


def _place(error: BaseException) -> str:
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else "an unknown place"
