"""What a worker sends for a file: lists of chunks, then an object with the rest of the document, or with the error.

JSON, never pickles, and nothing in it is believed: whatever a hostile file made of the worker, this process only gets
text from it.
"""

import json
from collections.abc import Iterator
from typing import Any

from indexer.document import Chunk, Document, Kind
from indexer.extract.limits import Limits

MESSAGE_BYTES = 256 * 1024  # json.loads of one holds the interpreter for some 2 ms
MAX_MESSAGE_BYTES = 2 * MESSAGE_BYTES  # with the one chunk that goes over
_MAX_CHUNK_CHARACTERS = 4_000
_MAX_FIELD_CHARACTERS = 1_000
_FIELDS = 8


class BrokenAnswerError(Exception):
    """The worker doesn't keep to the protocol and must be ended."""


def error_message(reason: str) -> bytes:
    """The whole answer for a file that can't be read."""
    return _encode({"error": " ".join(reason.split())[:_MAX_FIELD_CHARACTERS]})


def document_messages(document: Document) -> Iterator[bytes]:
    """The answer for a document, none of its messages much longer than MESSAGE_BYTES."""
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
    title, note = document.title[:_MAX_FIELD_CHARACTERS], document.note[:_MAX_FIELD_CHARACTERS]
    yield _encode({"kind": document.kind, "title": title, "language": document.language, "note": note})


class AnswerReader:
    """Takes the messages of one answer."""

    def __init__(self, limits: Limits) -> None:
        self._room = limits.text_characters
        self._chunks: list[Chunk] = []

    def take(self, message: bytes) -> Document | str | None:
        """The document or the error, None as long as there is more to come.

        Raises:
            BrokenAnswerError: it is neither.
        """
        try:
            value = json.loads(message)
            if isinstance(value, list):
                self._take_chunks(value)
                return None
            if "error" in value:
                return _text(value["error"])
            texts = (_text(value[name]) for name in ("title", "language", "note"))
            return Document(Kind(value["kind"]), tuple(self._chunks), *texts)
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise BrokenAnswerError(str(error)) from error

    def _take_chunks(self, rows: list[Any]) -> None:
        for row in rows:
            chunk = _chunk(row, after=self._chunks[-1].end if self._chunks else 0)
            self._room -= len(chunk.text)
            if self._room < 0:
                raise ValueError("more text than there may be")
            self._chunks.append(chunk)


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
