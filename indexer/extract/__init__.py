"""From a file to a document: its text, cut into chunks.

`extract` is meant for worker processes (`indexer.workers`): a reader that meets a hostile file may crash or never end.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from indexer.chunk import chunk, main_language
from indexer.document import Document, Kind
from indexer.errors import DocumentError
from indexer.extract.draft import Draft
from indexer.extract.encoding import decode
from indexer.extract.kinds import NOT_READ, RECOGNISABLE, Format, is_of_pixels, is_recognisable, kind_of, named_format
from indexer.extract.limits import Limits
from indexer.extract.sniff import content_name, is_mailbox, is_roff, shebang_language
from indexer.extract.source import HEAD_BYTES, read

if TYPE_CHECKING:
    from indexer.extract.recognise import Recogniser

__all__ = ["NOT_READ", "RECOGNISABLE", "Limits", "extract", "is_of_pixels", "is_recognisable", "kind_of"]


def extract(path: Path, limits: Limits, recogniser: "Recogniser | None" = None) -> Document:
    """Read a file, without its members, and cut it into chunks; the text in pictures too with a recogniser.

    Raises:
        DocumentError: it can't be read, with the reason in one line.
        MemoryError: it needs more than this process may have.
    """
    draft = _read(path, limits, recogniser)
    chunks = tuple(chunk(draft.text, draft.sections, draft.title, draft.numbered))
    return Document(draft.kind, chunks, draft.title, main_language(chunks), draft.note, scan=draft.scan)


def _read(path: Path, limits: Limits, recogniser: "Recogniser | None") -> Draft:
    form = named_format(path)
    if form is None:
        return Draft(Kind.OTHER)
    if form is Format.IMAGE:
        return _read_picture(path, limits, recogniser)
    if form is Format.ARCHIVE:
        return Draft(Kind.ARCHIVE)
    if form is Format.CBZ:
        return Draft(Kind.EBOOK)
    head, _ = read(path, HEAD_BYTES)
    if not head:
        return Draft(kind_of(path) or Kind.OTHER)
    if form in {Format.UNKNOWN, Format.MAN}:
        form = _sniffed(head)
    elif form is Format.OLD_OFFICE or form is Format.SHEETS:
        form = _exported(head) or form
    return _read_as(form, path, limits, recogniser) if form else Draft(Kind.OTHER)


def _read_picture(path: Path, limits: Limits, recogniser: "Recogniser | None") -> Draft:
    if recogniser is None or not is_recognisable(path):
        return Draft(Kind.IMAGE, scan="" if is_recognisable(path) else None)
    from indexer.extract.recognise import read_picture

    return read_picture(path, limits, recogniser)


def _exported(head: bytes) -> Format | None:
    """What many programs write under the names of old Office formats: RTF, HTML or plain text."""
    match content_name(head):
        case "RTF document":
            return Format.RTF
        case "HTML page":
            return Format.HTML
        case "" if decode(head):
            return Format.TEXT
    return None


def _sniffed(head: bytes) -> Format | None:
    """The format of a file whose name doesn't tell; None: it isn't text, nor a document that is known."""
    match content_name(head):
        case "PDF document":
            return Format.PDF
        case "HTML page":
            return Format.HTML
        case "RTF document":
            return Format.RTF
        case "":
            pass
        case _:
            return None
    if shebang_language(head) is not None:
        return Format.CODE
    if is_roff(head):
        return Format.MAN
    if is_mailbox(head):
        return Format.MAILBOX
    return Format.TEXT if decode(head) is not None else None


def _read_as(form: Format, path: Path, limits: Limits, recogniser: "Recogniser | None") -> Draft:  # noqa: C901
    # Each reader is imported when the first file of its format comes.
    match form:
        case Format.TEXT | Format.MARKDOWN | Format.RESTRUCTURED:
            from indexer.extract.plain import read_plain

            return read_plain(path, form, limits)
        case Format.HTML:
            from indexer.extract.markup import read_html

            return read_html(path, limits)
        case Format.DRAWING:
            from indexer.extract.drawing import read_drawing

            return read_drawing(path, limits)
        case Format.MAN:
            from indexer.extract.manual import read_manual

            return read_manual(path, limits)
        case Format.CODE:
            from indexer.extract.code import read_code

            return read_code(path, limits)
        case Format.PDF | Format.XPS | Format.EPUB | Format.FB2:
            from indexer.extract.pdf import read_paged

            return read_paged(path, form, limits, recogniser)
        case Format.SLIDES:
            from indexer.extract.slides import read_slides

            return read_slides(path, limits)
        case Format.MESSAGE:
            from indexer.extract.mail import read_message

            return read_message(path, limits)
        case Format.MAILBOX:
            from indexer.extract.mail import read_mailbox

            return read_mailbox(path, limits)
        case Format.NOTEBOOK:
            from indexer.extract.notebook import read_notebook

            return read_notebook(path, limits)
        case Format.TABLE:
            from indexer.extract.table import read_table

            return read_table(path, limits)
        case Format.OPEN_XML | Format.OPEN_DOCUMENT | Format.OLD_OFFICE | Format.SHEETS | Format.RTF:
            from indexer.extract.office import read_office

            return read_office(path, form, limits)
        case _:
            raise DocumentError(path, f"has no reader ({form})")
