"""HTML: its headings, paragraphs, lists, tables and preformatted text."""

import re
from html import unescape
from pathlib import Path

from indexer.document import Kind
from indexer.extract.draft import Draft, DraftBuilder
from indexer.extract.limits import Limits
from indexer.extract.plain import read_text

_RAW = "script|style|template|svg|math|iframe|textarea"  # to the end of the page, if they don't end, as in browsers
_HIDDEN = "noscript|object|select|datalist"
_TOKEN = re.compile(
    r"(?P<text>[^<]+|<(?![A-Za-z/!?]))"
    rf"|<(?P<raw>{_RAW})\b[^>]*>(?s:.*?)(?:</(?P=raw)\s*>|\Z)"
    rf"|<(?P<hidden>{_HIDDEN})\b[^>]*>(?s:.*?)</(?P=hidden)\s*>"
    r"|<title\b[^>]*>(?P<title>[^<]*)"
    r"|<(?P<slash>/?)(?P<name>[A-Za-z][\w:-]*)(?:[^>\"']++|\"[^\"]*+\"|'[^']*+')*+>"
    r"|<!--(?s:.*?)(?:-->|\Z)|<[^>]*>|<",
    re.IGNORECASE,
)
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BLOCKS = frozenset(
    "address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure "
    "footer form h1 h2 h3 h4 h5 h6 header hr html legend li main menu nav ol p pre section summary table tbody tfoot "
    "thead tr ul".split()
)
_CELLS = {"td", "th"}
_TIGHT = {"li", "tr", "dt", "dd"}  # their blocks follow each other without an empty line
_SPACE = re.compile(r"[ \t\n\r\f]+")


def read_html(path: Path, limits: Limits) -> Draft:
    """An HTML file."""
    source, note = read_text(path, limits, is_markup=True)
    builder = DraftBuilder(limits.text_characters)
    title = add_html(builder, source)
    return builder.draft(Kind.HTML, title, note)


def add_html(builder: DraftBuilder, source: str) -> str:
    """Put the text of an HTML page into a document; its title."""
    reader = _Reader(builder)
    reader.read(source)
    return reader.title


class _Reader:
    """Text outside of blocks gathers until a block begins or ends. Unclosed and crossed elements do no harm.

    Only names of elements matter, so that one expression takes a page apart, ten times as fast as `html.parser`.
    """

    def __init__(self, builder: DraftBuilder) -> None:
        self.title = ""
        self._builder = builder
        self._pieces: list[str] = []
        self._heading = 0
        self._is_head = False
        self._preformatted = 0
        self._separator = "\n\n"

    def read(self, source: str) -> None:
        tags_end = source.rfind(">") + 1  # without it, each tag that doesn't end would be looked for to the end
        for match in _TOKEN.finditer(source, 0, tags_end):
            if (text := match["text"]) is not None:
                if not self._is_head:
                    self._pieces.append(unescape(text) if self._preformatted else _SPACE.sub(" ", unescape(text)))
            elif name := match["name"]:
                self._take_tag(name.lower(), is_end=bool(match["slash"]))
            elif (title := match["title"]) is not None and not self.title:
                self.title = " ".join(unescape(title).split())
            if self._builder.is_full:
                break
        else:
            self._pieces.append(unescape(source[tags_end:]))
        self._end_block()

    def _take_tag(self, tag: str, is_end: bool) -> None:
        if tag == "head":
            self._is_head = not is_end
        elif tag == "body":
            self._is_head = False
        elif tag == "br":
            self._pieces.append("\n")
        elif tag in _CELLS:
            self._pieces.append("" if is_end else " | ")
        elif tag in _BLOCKS:
            self._end_block()
            if is_end:
                self._preformatted -= tag == "pre" and self._preformatted > 0
            else:
                self._heading = _HEADINGS.get(tag, 0)
                self._preformatted += tag == "pre"
                self._separator = "\n" if tag in _TIGHT else "\n\n"

    def _end_block(self) -> None:
        """Hand on the text gathered so far as one paragraph."""
        text = "".join(self._pieces)
        self._pieces.clear()
        if self._preformatted:
            self._builder.add(text.strip("\n"))
        elif words := text.strip(" \n\t|"):
            text = "\n".join(line.strip() for line in words.split("\n"))
            if self._heading:
                self._builder.heading(self._heading, text)
            else:
                self._builder.add(text, separator=self._separator)
        self._heading = 0
        self._separator = "\n\n"
