"""HTML: its headings, paragraphs, lists, tables and preformatted text."""

import re
from html.parser import HTMLParser
from pathlib import Path

from indexer.document import Kind
from indexer.extract.draft import Draft, DraftBuilder
from indexer.extract.limits import Limits
from indexer.extract.plain import read_text

_HIDDEN = {"script", "style", "template", "noscript", "svg", "math", "head", "iframe", "object", "select", "datalist"}
_NAVIGATION = {"nav", "menu"}
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BLOCKS = frozenset(
    "address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure "
    "footer form header hr html legend li main ol p section summary table tbody tfoot thead title tr ul".split()
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
    parser = _Reader(builder)
    parser.feed(source)
    parser.close()
    parser.end_block()
    return parser.title


class _Reader(HTMLParser):
    """Text outside of blocks gathers until a block begins or ends. Unclosed and crossed elements do no harm."""

    def __init__(self, builder: DraftBuilder) -> None:
        super().__init__(convert_charrefs=True)
        self.title = ""
        self._builder = builder
        self._pieces: list[str] = []
        self._heading = 0
        self._hidden: str | None = None
        self._hidden_depth = 0
        self._in_title = False
        self._preformatted = 0
        self._separator = "\n\n"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "title" and not self.title:
            self._in_title = True
        elif tag == "body":
            self._hidden = None
        if self._hidden:
            self._hidden_depth += tag == self._hidden
        elif tag in _HIDDEN:
            self._hidden, self._hidden_depth = tag, 1
        else:
            self._begin(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _HIDDEN and tag != "title":
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        self._in_title = self._in_title and tag != "title"
        if self._hidden:
            self._hidden_depth -= tag == self._hidden
            if self._hidden_depth <= 0:
                self._hidden = None
        elif tag in _BLOCKS or tag in _HEADINGS or tag == "pre":
            self.end_block()
            self._preformatted -= tag == "pre" and self._preformatted > 0

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title = " ".join((self.title + data).split())
        elif not self._hidden:
            self._pieces.append(data if self._preformatted else _SPACE.sub(" ", data))

    def end_block(self) -> None:
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

    def _begin(self, tag: str) -> None:
        if tag == "br":
            self._pieces.append("\n")
        elif tag in _CELLS:
            self._pieces.append(" | ")
        elif tag in _BLOCKS or tag in _HEADINGS or tag == "pre":
            self.end_block()
            self._heading = _HEADINGS.get(tag, 0)
            self._preformatted += tag == "pre"
            self._separator = "\n" if tag in _TIGHT else "\n\n"
