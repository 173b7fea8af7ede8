"""What MuPDF reads: PDF, XPS, EPUB and FictionBook, by page."""

import re
from bisect import bisect_left, bisect_right
from dataclasses import replace
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from indexer.document import Kind
from indexer.errors import DocumentError
from indexer.extract.archive import check_depth, check_zip
from indexer.extract.draft import Draft, DraftBuilder
from indexer.extract.kinds import Format
from indexer.extract.limits import Limits
from indexer.extract.sniff import content_name
from indexer.extract.source import HEAD_BYTES, mapped, read, read_whole

if TYPE_CHECKING:
    from indexer.extract.recognise import Recogniser

_KINDS = {Format.PDF: Kind.PDF, Format.XPS: Kind.PDF, Format.EPUB: Kind.EBOOK, Format.FB2: Kind.EBOOK}
_TYPES = {Format.PDF: "pdf", Format.XPS: "xps", Format.EPUB: "epub", Format.FB2: "fb2"}
_MAX_UNMAPPED = 0.3  # of a page's letters: its fonts don't say what they stand for
_STAMP = 100  # characters that a scanner or an archive may have put on the picture of a page
_MAX_DEPTH = 4
NO_MEMORY = re.compile("malloc|calloc|memory")
_POOR_TITLE = re.compile(
    r"^(?:untitled|unknown|microsoft (?:word|powerpoint|excel)"
    r"|.*\.(?:docx?|pptx?|xlsx?|dvi|tex|indd|pdf|qxd|rtf|odt|html?|tiff?|jpe?g|png)$)",
    re.IGNORECASE,
)


def read_paged(path: Path, form: Format, limits: Limits, recogniser: "Recogniser | None" = None) -> Draft:
    """A document with pages; a chunk never reaches over the end of one."""
    head, _ = read(path, HEAD_BYTES)
    _check_head(path, head, form, limits)
    import pymupdf

    pymupdf.TOOLS.mupdf_display_errors(False)
    pymupdf.TOOLS.mupdf_display_warnings(False)
    try:
        with mapped(path) as data, pymupdf.open(stream=data, filetype=_TYPES[form]) as document:
            return _read(path, document, form, limits, recogniser)
    except mupdf_errors() as error:
        if NO_MEMORY.search(str(error)):
            raise MemoryError(str(error)) from error
        raise DocumentError(path, f"is damaged or not a {form}: MuPDF can't read it") from error


def mupdf_errors() -> tuple[type[Exception], ...]:
    """PyMuPDF raises its own errors as RuntimeError or ValueError, and lets those of MuPDF through."""
    import pymupdf

    return (RuntimeError, ValueError, pymupdf.mupdf.FzErrorBase)


def _check_head(path: Path, head: bytes, form: Format, limits: Limits) -> None:
    name = content_name(head)
    if form is Format.PDF and name != "PDF document":
        raise DocumentError(path, f"is not a PDF, but a {name}" if name else "is not a PDF")
    if form in {Format.EPUB, Format.XPS}:
        check_zip(path, limits)
    if form is Format.FB2:  # MuPDF 1.28 crashes on one whose elements don't match
        check_depth(path, read_whole(path, limits.archive_bytes))


def _read(  # noqa: C901
    path: Path,
    document: Any,  # noqa: ANN401
    form: Format,
    limits: Limits,
    recogniser: "Recogniser | None",
) -> Draft:
    if document.needs_pass:
        raise DocumentError(path, "is protected with a password")
    builder = DraftBuilder(limits.text_characters)
    outline = _outline(document)
    notes: set[str] = set()
    scan: str | None = None
    for index in range(document.page_count):
        if builder.is_full:
            builder.is_cut = True
            break
        paragraphs = _paragraphs(document, index)
        if paragraphs is not None and _is_picture(document, index, paragraphs):
            scan = recogniser.languages if recogniser else ""
            if recogniser and (recognised := recogniser.page_text(document[index])):
                paragraphs = recognised.split("\n\n")
        if paragraphs is None:
            notes.add("some of its pages are damaged")
        elif _is_unmapped("".join(paragraphs)):
            notes.add("the fonts of some pages hide which letters they show")
        else:
            _add_page(builder, index + 1, paragraphs, outline)
    if builder.is_empty and not notes:
        notes.add("no text found in it: its pages may be scans")
    if recogniser and recogniser.note:
        notes.add(recogniser.note)
    title = str((document.metadata or {}).get("title") or "")
    draft = builder.draft(_KINDS[form], "" if _POOR_TITLE.match(title) else title, "; ".join(sorted(notes)))
    return replace(draft, scan=scan)


def _paragraphs(document: Any, index: int) -> list[str] | None:  # noqa: ANN401
    """The paragraphs of a page, None for a damaged one."""
    import pymupdf

    # As `Page.search_for` reads pages, so that it finds a passage again.
    flags = pymupdf.TEXTFLAGS_SEARCH
    try:
        return [block[4] for block in document[index].get_text("blocks", flags=flags) if block[6] == 0]
    except IndexError:
        return None  # MuPDF has repaired the file meanwhile, and found fewer pages
    except mupdf_errors() as error:
        if NO_MEMORY.search(str(error)):
            raise
        return None


def _is_picture(document: Any, index: int, paragraphs: list[str]) -> bool:  # noqa: ANN401
    """Whether a page shows text that can only be recognised: a scan, or letters that nobody can map."""
    import pymupdf

    text = "".join(paragraphs)
    if len(text) > _STAMP:
        return _is_unmapped(text)
    try:
        drawn = document[index].get_bboxlog()
        area = abs(document[index].rect) / 2
        pictures = [pymupdf.Rect(box) for what, box in drawn if what == "fill-image"]
    except mupdf_errors() as error:
        if NO_MEMORY.search(str(error)):
            raise
        return False
    return any(abs(picture) > area for picture in pictures) or (not text.strip() and bool(drawn))


def _is_unmapped(text: str) -> bool:
    return text.count("\ufffd") > _MAX_UNMAPPED * max(len(text) - text.count(" ") - text.count("\n"), 1)


def _outline(document: Any) -> list[tuple[int, tuple[str, ...]]]:  # noqa: ANN401
    """Page and heading path of each entry of the table of contents, in order of pages."""
    entries: list[tuple[int, tuple[str, ...]]] = []
    path: list[str] = []
    for level, title, page, *_ in document.get_toc(simple=True):
        path = [*path[: level - 1], " ".join(title.split())]
        entries.append((page, tuple(path[:_MAX_DEPTH])))
    return sorted((entry for entry in entries if entry[0] > 0), key=itemgetter(0))


def _add_page(
    builder: DraftBuilder, page: int, paragraphs: list[str], outline: list[tuple[int, tuple[str, ...]]]
) -> None:
    """The page's text, below the headings of the table of contents that are found on it or came before."""
    first = bisect_left(outline, page, key=itemgetter(0))
    builder.place(page=page, headings=outline[first - 1][1] if first else ())
    here = [path for _, path in outline[first : bisect_right(outline, page, key=itemgetter(0))]]
    for paragraph in paragraphs:
        text = " ".join(paragraph.split()).casefold()
        found = next((path for path in here if path[-1] and path[-1].casefold() in text[: len(path[-1]) + 20]), None)
        if found:
            del here[: here.index(found) + 1]
            builder.place(page=page, headings=found)
        builder.add("\n".join(line.rstrip() for line in paragraph.split("\n")))
