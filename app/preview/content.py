from dataclasses import dataclass
from pathlib import Path

from PySide6.QtGui import QImage

from app.spans import Span

Tokens = tuple[tuple[int, int, str], ...]  # of one line: first character, how many, role in `app.preview.syntax`


@dataclass(frozen=True, slots=True)
class TextContent:
    """Text to show as it is; offsets count as Qt does, in UTF-16 units."""

    text: str
    mark: Span | None = None
    first_line: int = 1  # number of the first line of `text` in its file
    is_numbered: bool = False
    is_code: bool = False
    tokens: tuple[Tokens, ...] = ()  # line by line, for as many lines as were lexed
    note: str = ""


@dataclass(frozen=True, slots=True)
class MarkupContent:
    """Markdown or HTML to lay out."""

    source: str
    is_markdown: bool
    folder: Path  # what it may load images from
    sentence: str  # to scroll to
    note: str = ""


@dataclass(frozen=True, slots=True)
class PictureContent:
    """A picture that is yet to be read."""

    path: Path


@dataclass(frozen=True, slots=True)
class ImageContent:
    """A picture, already scaled for the screen."""

    image: QImage
    width: int  # of the file, in pixels
    height: int


@dataclass(frozen=True, slots=True)
class PagesContent:
    """A document that is shown page by page as it looks."""

    path: Path
    page: int  # from 1
    sentence: str
    passage: str


@dataclass(frozen=True, slots=True)
class MessageContent:
    """Nothing to show: what happened, and the passage as it was indexed, if any."""

    message: str
    passage: str = ""


Content = TextContent | MarkupContent | PictureContent | PagesContent | MessageContent
