"""What a worker and its keeper say to each other about a file.

The keeper asks for the document in it, or for a member of it. For a document the worker sends lists of chunks, then an
object with the rest of the document, or with the error; the same for each member, after an object that names it. In
between it asks for texts that were recognised before, and tells new ones. A member comes in blocks of bytes.

JSON, never pickles, and nothing in it is believed: whatever a hostile file made of the worker, this process only gets
text from it.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol, TypeVar

from indexer.document import Chunk, Document, Kind, Member
from indexer.extract.draft import cut_note
from indexer.extract.kinds import kind_of
from indexer.extract.limits import Limits

MESSAGE_BYTES = 256 * 1024  # json.loads of one holds the interpreter for some 2 ms
MAX_MESSAGE_BYTES = 2 * MESSAGE_BYTES  # with the one chunk that goes over
_MAX_CHUNK_CHARACTERS = 4_000
_MAX_FIELD_CHARACTERS = 1_000
_MAX_PAGE_CHARACTERS = 200_000
_FIELDS = 8
_MAX_FAILURES = 10  # members of a file that end a worker
_QUESTIONS_A_PAGE = 50
_KEY = re.compile(r"[0-9a-f]{32}")
BLOCK = b"\0"  # begins a message with bytes of a member; no JSON does

Result = TypeVar("Result", covariant=True)


class BrokenAnswerError(Exception):
    """The worker doesn't keep to the protocol and must be ended."""


def error_message(reason: str) -> bytes:
    """The whole answer for a file that can't be read."""
    return _encode({"error": " ".join(reason.split())[:_MAX_FIELD_CHARACTERS]})


def member_message(path: str) -> bytes:
    """What follows, up to the end of a document or an error, is about this member."""
    return _encode({"member": path[:_MAX_FIELD_CHARACTERS]})


def document_messages(document: Document) -> Iterator[bytes]:
    """The answer for a document, none of its messages much longer than MESSAGE_BYTES."""
    yield from chunk_messages(document)
    yield end_message(document)


def chunk_messages(document: Document) -> Iterator[bytes]:
    """The chunks of a document."""
    rows: list[bytes] = []
    size = 0
    for row in map(_encode, map(_row, document.chunks)):
        if size + len(row) > MESSAGE_BYTES and rows:
            yield b"[" + b",".join(rows) + b"]"
            rows, size = [], 0
        rows.append(row)
        size += len(row) + 1
    if rows:
        yield b"[" + b",".join(rows) + b"]"


def end_message(document: Document) -> bytes:
    """The rest of a document."""
    title, note = document.title[:_MAX_FIELD_CHARACTERS], document.note[:_MAX_FIELD_CHARACTERS]
    rest = {"kind": document.kind, "title": title, "language": document.language, "note": note}
    return _encode(rest if document.scan is None else rest | {"scan": document.scan})


def recall_message(key: str) -> bytes:
    """The question for the text of a picture; a JSON text or null answers it."""
    return _encode({"recall": key})


def recognised_message(key: str, text: str) -> bytes:
    """The text of a picture, to be kept."""
    return _encode({"recognised": key, "text": text[:_MAX_PAGE_CHARACTERS]})


class Answer(Protocol[Result]):
    """One question to a worker, and what has come of it so far; it outlives workers that end over it."""

    def request(self) -> bytes:
        """The question, as far as it isn't answered yet."""

    def take(self, message: bytes) -> Result | str | None:
        """The result or the error, None as long as there is more to come. Raises BrokenAnswerError."""

    def reply(self) -> bytes | None:
        """What the worker waits for after its last message."""

    def fail(self, reason: str) -> Result | str | None:
        """As `take`, when the worker has ended; None: another one may go on with `request`."""


class Recognised(Protocol):
    """Keeps the texts of pictures; from any thread."""

    def recall(self, key: str) -> str | None:
        """The text for a key."""

    def remember(self, key: str, text: str) -> None:
        """Keep a text."""


class AnswerReader:
    """Takes the messages about one document."""

    def __init__(self, limits: Limits, path: Path, recognised: Recognised | None = None) -> None:
        self._limits = limits
        self._path = path
        self._recognised = recognised
        self._chunks: list[Chunk] = []
        self._room = limits.text_characters
        self._members_room = limits.members_characters
        self._members: list[Member] = []
        self._member: str | None = None  # being read
        self._member_chunks: list[Chunk] = []
        self._failures = 0
        self._questions = limits.ocr_pages * _QUESTIONS_A_PAGE
        self._reply: bytes | None = None

    def request(self) -> bytes:
        """See `Answer`."""
        return json.dumps({"path": str(self._path), "skip": len(self._members)}).encode()

    def take(self, message: bytes) -> Document | str | None:
        """See `Answer`."""
        self._reply = None
        try:
            return self._take(json.loads(message))
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise BrokenAnswerError(str(error)) from error

    def reply(self) -> bytes | None:
        """See `Answer`."""
        return self._reply

    def fail(self, reason: str) -> Document | str | None:
        """See `Answer`."""
        if self._member is not None:
            self._failures += 1
            self._fail_member(reason)
            return None if self._failures < _MAX_FAILURES else self._cut_short(reason)
        return self._cut_short(reason) if self._members else reason

    def _take(self, value: Any) -> Document | str | None:  # noqa: ANN401  any JSON
        if isinstance(value, list):
            self._take_chunks(value)
        elif "member" in value:
            self._begin_member(_text(value["member"]))
        elif "recall" in value:
            self._take_question(_text(value["recall"]))
        elif "recognised" in value:
            self._take_recognised(_text(value["recognised"]), _text(value["text"], _MAX_PAGE_CHARACTERS))
        elif self._member is not None:
            if "error" in value:
                self._fail_member(_text(value["error"]))
            else:
                self._members.append(Member(self._member, self._document(value, self._member_chunks)))
                self._member = None
        elif "error" in value:
            return _text(value["error"])
        else:
            return self._whole(self._document(value, self._chunks))
        return None

    def _take_chunks(self, rows: list[Any]) -> None:
        chunks = self._chunks if self._member is None else self._member_chunks
        for row in rows:
            chunk = _chunk(row, after=chunks[-1].end if chunks else 0)
            if self._member is None:
                self._room -= len(chunk.text)
            else:
                self._members_room -= len(chunk.text)
                if self._members_room < 0:
                    return  # what is left out is told at the end
            if self._room < 0:
                raise ValueError("more text than there may be")
            chunks.append(chunk)

    def _begin_member(self, path: str) -> None:
        if self._member is not None or len(self._members) > 2 * self._limits.members:
            raise ValueError("more members than there may be")
        self._member, self._member_chunks = path, []

    def _fail_member(self, reason: str) -> None:
        assert self._member is not None
        kind = kind_of(Path(self._member)) or Kind.OTHER
        self._members.append(Member(self._member, Document(kind, ()), reason))
        self._member = None

    def _take_question(self, key: str) -> None:
        self._questions -= 1
        if self._questions < 0:
            raise ValueError("more questions than there may be")
        self._reply = json.dumps(self._recognised.recall(key) if self._recognised else None).encode()

    def _take_recognised(self, key: str, text: str) -> None:
        self._questions -= 1
        if self._questions < 0 or not _KEY.fullmatch(key):
            raise ValueError("more texts than there may be, or not a key")
        if self._recognised:
            self._recognised.remember(key, text)

    @staticmethod
    def _document(value: dict[str, Any], chunks: list[Chunk]) -> Document:
        title, language, note = (_text(value[name]) for name in ("title", "language", "note"))
        scan = value.get("scan")
        scan = None if scan is None else _text(scan)
        return Document(Kind(value["kind"]), tuple(chunks), title, language, note, scan=scan)

    def _cut_short(self, reason: str) -> Document:
        kind = kind_of(self._path) or Kind.ARCHIVE
        return self._whole(Document(kind, tuple(self._chunks), note=f"not all of its members could be read: {reason}"))

    def _whole(self, document: Document) -> Document:
        """The document with its members, and with what went wrong with them."""
        failed = [member.error for member in self._members if member.error]
        notes = [document.note]
        if failed and len(failed) == len(self._members) and len(set(failed)) == 1:
            notes.append(failed[0])
        elif failed:
            notes.append(f"{len(failed):,} of its {len(self._members):,} members can't be read")
        if self._members_room < 0:
            notes.append(cut_note(self._limits.members_characters))
        scans = [document.scan, *(member.document.scan for member in self._members)]
        scan = next((one for one in scans if one is not None), None)
        note = "; ".join(filter(None, notes))[:_MAX_FIELD_CHARACTERS]
        return replace(document, note=note, members=tuple(self._members), scan=scan)


class MemberCopy:
    """Takes the blocks of one member and writes them to a file."""

    def __init__(self, limits: Limits, path: Path, member: str, target: Path) -> None:
        self._path = path
        self._member = member
        self._target = target
        self._room = limits.member_bytes

    def request(self) -> bytes:
        """See `Answer`."""
        self._target.write_bytes(b"")
        return json.dumps({"path": str(self._path), "member": self._member}).encode()

    def take(self, message: bytes) -> Path | str | None:
        """See `Answer`."""
        if message.startswith(BLOCK):
            self._room -= len(message) - len(BLOCK)
            if self._room < 0:
                raise BrokenAnswerError("more than there may be")
            with self._target.open("ab") as file:
                file.write(message[len(BLOCK) :])
            return None
        try:
            value = json.loads(message)
            return _text(value["error"]) if "error" in value else self._target
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise BrokenAnswerError(str(error)) from error

    def reply(self) -> bytes | None:
        """See `Answer`."""
        return None

    def fail(self, reason: str) -> Path | str | None:
        """See `Answer`."""
        return reason


def _row(chunk: Chunk) -> list[Any]:
    return [chunk.start, chunk.end, chunk.text, chunk.context, chunk.part, chunk.page, chunk.line, chunk.language]


def _chunk(row: list[Any], after: int) -> Chunk:
    if not isinstance(row, list) or len(row) != _FIELDS:
        raise ValueError("a chunk has other fields")
    start, end, text, context, part, page, line, language = row
    text = _text(text, _MAX_CHUNK_CHARACTERS)
    if not after <= _whole(start) < _whole(end) or end - start != len(text):
        raise ValueError("a chunk is out of place")
    return Chunk(start, end, text, _text(context), _text(part), _number(page), _number(line), _text(language))


def _text(value: object, max_characters: int = _MAX_FIELD_CHARACTERS) -> str:
    if not isinstance(value, str) or len(value) > max_characters:
        raise ValueError("not a text of the length that there may be")
    value.encode()  # an unpaired surrogate is a ValueError
    return value


def _whole(value: object) -> int:
    if type(value) is not int:
        raise ValueError("not a whole number")
    return value


def _number(value: object) -> int | None:
    if value is not None and _whole(value) < 1:
        raise ValueError("pages and lines are counted from 1")
    return value  # type: ignore[return-value]


def _encode(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
