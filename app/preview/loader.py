import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from app.preview.content import (
    Content,
    MarkupContent,
    MessageContent,
    PagesContent,
    PictureContent,
    TextContent,
)
from app.preview.files import looks_like_text, read_stretch
from app.preview.passage import find_near_line, find_passage, start_of_line
from app.preview.syntax import lex
from app.preview.tame import break_lines, is_tame_html, is_tame_markdown, without_hidden_blocks
from app.reasons import reason_text
from app.spans import Span, utf16
from indexer.document import Kind
from indexer.results import Hit
from indexer.shares import touch

MAX_TEXT_BYTES = 1_000_000  # the text view takes this in without a stall
MAX_MARKDOWN = 80_000  # characters: to parse and lay them out takes the GUI thread some 40 ms
MAX_HTML = 40_000  # the same
PAGED = frozenset({Kind.PDF, Kind.EBOOK})
MARKUP = frozenset({Kind.MARKDOWN, Kind.HTML})
LINED = frozenset({Kind.TEXT, Kind.CODE, Kind.TABLE})
READABLE = LINED | MARKUP | {Kind.MAIL, Kind.NOTEBOOK, Kind.OTHER}  # as it is, where nothing was extracted

ExtractedText = Callable[[Path], str]


def load(hit: Hit, extracted: ExtractedText) -> Content:
    """What to show of a hit; reads files, so never call it in the GUI thread."""
    try:
        if touch(hit.path, partial(os.path.isfile, hit.path)):
            return touch(hit.path, partial(_load, hit, extracted))
        message = QCoreApplication.translate(
            "Preview", "This file is not there any more. When it was indexed, it said:"
        )
        return MessageContent(message, hit.passage)
    except OSError as error:
        message = QCoreApplication.translate(
            "Preview", "This file can't be read ({reason}). When it was indexed, it said:"
        )
        return MessageContent(message.format(reason=reason_text(error.strerror or str(error))), hit.passage)


def _load(hit: Hit, extracted: ExtractedText) -> Content:
    is_packed = hit.path.suffix.lower() == ".gz"
    if hit.kind in PAGED and not is_packed:
        return PagesContent(hit.path, hit.page or 1, sentence_of(hit), _passage_of(hit))
    if hit.kind is Kind.IMAGE:
        return PictureContent(hit.path)
    if hit.kind in MARKUP and not is_packed and (markup := _markup(hit)) is not None:
        return markup
    if hit.kind in LINED | {Kind.MARKDOWN} and not is_packed:
        return _lines(hit)
    return as_text(hit, extracted)


def _markup(hit: Hit) -> MarkupContent | None:
    """The file to be laid out, or nothing if that would take too long."""
    is_markdown = hit.kind is Kind.MARKDOWN
    stretch = read_stretch(hit.path, None, MAX_TEXT_BYTES, is_markup=not is_markdown)
    source = stretch.text if is_markdown else without_hidden_blocks(stretch.text)
    if not stretch.is_all or len(source) > (MAX_MARKDOWN if is_markdown else MAX_HTML):
        return None
    if not (is_tame_markdown(source) if is_markdown else is_tame_html(source)):
        return None
    return MarkupContent(source, is_markdown, hit.path.parent, sentence_of(hit))


def as_text(hit: Hit, extracted: ExtractedText) -> Content:
    """What was read from a file when it was indexed, with the best sentence marked."""
    text = extracted(hit.path)[:MAX_TEXT_BYTES]
    if not text.strip() and not hit.member and hit.kind in READABLE and looks_like_text(hit.path):
        return _lines(hit)
    if not text.strip():
        return MessageContent(
            QCoreApplication.translate("Preview", "There is no text in this file to show."), hit.passage
        )
    passage = find_passage(text, hit.passage) or (0, 0)
    mark = find_passage(text, sentence_of(hit), passage[0])
    text, mark = break_lines(text, mark)
    return TextContent(text, _utf16(text, mark))


def sentence_of(hit: Hit) -> str:
    """The text to mark: the best sentence, or the whole passage; nothing where only filters let a file through."""
    start, end = hit.highlight
    return hit.passage[start:end] if end > start else _passage_of(hit)


def _passage_of(hit: Hit) -> str:
    return hit.passage if hit.matched else ""


def _lines(hit: Hit) -> TextContent:
    stretch = read_stretch(hit.path, hit.line, MAX_TEXT_BYTES, is_markup=hit.kind is Kind.HTML)
    line = hit.line - stretch.first_line + 1 if hit.line else None
    mark = find_near_line(stretch.text, sentence_of(hit), line)
    if mark is None and hit.matched:
        mark = _line_span(stretch.text, line)
    note = (
        ""
        if stretch.is_all
        else QCoreApplication.translate("Preview", "This is a part of a large file, around the passage that was found.")
    )
    text, mark = break_lines(stretch.text, mark)
    if is_broken := text is not stretch.text:
        note = QCoreApplication.translate("Preview", "Long lines are broken here, and lines are not numbered.")
    return TextContent(
        text,
        _utf16(text, mark),
        first_line=stretch.first_line,
        is_numbered=not is_broken,
        is_code=hit.kind in (Kind.CODE, Kind.TABLE),
        tokens=() if hit.kind is Kind.TABLE or is_broken else lex(hit.path, text),
        note=note,
    )


def _line_span(text: str, line: int | None) -> Span | None:
    if line is None:
        return None
    start = start_of_line(text, line)
    end = text.find("\n", start)
    return (start, end if end >= 0 else len(text))


def _utf16(text: str, span: Span | None) -> Span | None:
    return utf16(text, (span,))[0] if span else None
