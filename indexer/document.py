from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

INSIDE = " › "  # leads from a member to what is inside it, when it is an archive or a message itself


class Kind(StrEnum):
    """What a file is to its reader; decides icon, preview and the type filter."""

    TEXT = "text"
    MARKDOWN = "markdown"
    HTML = "html"
    PDF = "pdf"
    EBOOK = "ebook"
    DOCUMENT = "document"  # word processor
    PRESENTATION = "presentation"
    SPREADSHEET = "spreadsheet"
    TABLE = "table"  # CSV and its like
    MAIL = "mail"
    NOTEBOOK = "notebook"
    CODE = "code"
    IMAGE = "image"
    ARCHIVE = "archive"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Chunk:
    """A stretch of one document that is embedded as a whole. Chunks of a document never overlap."""

    start: int  # offset of the first character in the document's text
    end: int  # offset one past the last character
    text: str  # the document's text from start to end
    context: str = ""  # heading path, qualified name or table header that the text stands under
    part: str = ""  # what inside the file it belongs to, when one file holds several documents (a message of an mbox)
    page: int | None = None  # from 1, for documents that have pages
    line: int | None = None  # from 1, line of the first character, for documents that are read as lines
    language: str = ""  # ISO 639-1, empty when it can't be told

    @property
    def embedding_text(self) -> str:
        """What the model sees: the text under its context."""
        return f"{self.context}\n{self.text}" if self.context else self.text


@dataclass(frozen=True, slots=True)
class Document:
    """What was read from one file. No chunks: there is no text in it."""

    kind: Kind
    chunks: tuple[Chunk, ...]
    title: str = ""
    language: str = ""  # of most of the text
    note: str = ""  # one line for the user when something was left out
    members: tuple["Member", ...] = ()  # of an archive or a message
    scan: str | None = None  # None: no pictures of text; "": there are, and nobody looked; else in which languages

    @property
    def every_chunk(self) -> Iterator[Chunk]:
        """Its own chunks, then those of its members."""
        yield from self.chunks
        for member in self.members:
            yield from member.document.chunks


@dataclass(frozen=True, slots=True)
class Member:
    """A document inside a file: in an archive, or attached to a message."""

    path: str  # unique in its file; names of folders as the archive has them, `INSIDE` between archives
    document: Document
    error: str = ""  # why it can't be read
