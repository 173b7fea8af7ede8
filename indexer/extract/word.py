"""Word documents (docx): paragraphs under their headings, tables, notes.

Read here because kreuzberg 4.10 drops every `&`, `<` and `>` of a docx: "R&D" comes out as "RD".
"""

import re
from pathlib import Path

from indexer.document import Kind
from indexer.extract.archive import entry_names, parse_xml, read_entry
from indexer.extract.draft import Draft, DraftBuilder
from indexer.extract.limits import Limits
from indexer.extract.table import rows_text

_MAIN = "word/document.xml"
_NOTES = ("word/footnotes.xml", "word/endnotes.xml", "word/comments.xml")
_HEADING_NAME = re.compile(r"(?:heading|überschrift|titre|título|titolo|заголовок)\s*([1-9])", re.IGNORECASE)
_MAX_LEVEL = 9
_IGNORED = {"Fallback", "moveFrom", "instrText", "delText"}  # doubles, what was deleted, codes of fields
_SPACES = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}


def read_word(path: Path, limits: Limits) -> Draft:
    """A docx, whose archive `check_zip` has passed."""
    names = entry_names(path)
    builder = DraftBuilder(limits.text_characters)
    levels = _heading_levels(path) if "word/styles.xml" in names else {}
    _Body(builder, levels).read(path, _MAIN)
    for name in _NOTES:
        if name in names:
            _Body(builder, {}).read(path, name)
    title = _title(path) if "docProps/core.xml" in names else ""
    return builder.draft(Kind.DOCUMENT, title)


def _heading_levels(path: Path) -> dict[str, int]:
    """The outline level, from 1, of each style that has one, by the style's id."""
    levels: dict[str, int] = {}
    style = ""

    def on_start(name: str, attributes: dict[str, str]) -> None:
        nonlocal style
        if name == "style":
            style = attributes.get("styleId", "")
        elif name == "name" and (match := _HEADING_NAME.fullmatch(attributes.get("val", ""))):
            levels[style] = int(match[1])
        elif name == "name" and attributes.get("val", "").lower() == "title":
            levels[style] = 0
        elif name == "outlineLvl" and attributes.get("val", "").isdigit():
            levels.setdefault(style, int(attributes["val"]) + 1)

    parse_xml(path, read_entry(path, "word/styles.xml"), on_start, lambda _: None, lambda _: None)
    return {style: level for style, level in levels.items() if level <= _MAX_LEVEL}


def _title(path: Path) -> str:
    words: list[str] = []
    inside = False

    def on_start(name: str, _: dict[str, str]) -> None:
        nonlocal inside
        inside = name == "title"

    def on_end(_: str) -> None:
        nonlocal inside
        inside = False

    parse_xml(
        path,
        read_entry(path, "docProps/core.xml"),
        on_start,
        on_end,
        lambda text: words.append(text) if inside else None,
    )
    return "".join(words)


class _Body:
    """A part with paragraphs and tables, which may hold each other."""

    def __init__(self, builder: DraftBuilder, levels: dict[str, int]) -> None:
        self._builder = builder
        self._levels = levels
        self._words: list[str] = []
        self._level: int | None = None
        self._is_list = False
        self._is_text = False
        self._ignored = 0
        self._rows: list[list[str]] = []
        self._tables = 0  # open ones; a table inside a cell is read as part of the cell

    def read(self, path: Path, name: str) -> None:
        parse_xml(path, read_entry(path, name), self._start, self._end, self._text)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if self._ignored or name in _IGNORED:
            self._ignored += 1
        elif name == "pStyle":
            self._level = self._style_level(attributes.get("val", ""))
        elif name == "outlineLvl" and attributes.get("val", "").isdigit():
            level = int(attributes["val"]) + 1
            self._level = level if level <= _MAX_LEVEL else self._level
        elif name == "numPr":
            self._is_list = True
        elif name == "tbl":
            self._tables += 1
        elif name == "tr" and self._tables == 1:
            self._rows.append([])
        elif name == "tc" and self._tables == 1 and self._rows:
            self._rows[-1].append("")
        elif name in _SPACES:
            self._words.append(_SPACES[name])
        self._is_text = name == "t"

    def _text(self, text: str) -> None:
        if self._is_text and not self._ignored:
            self._words.append(text)

    def _end(self, name: str) -> None:
        self._is_text = False
        if self._ignored:
            self._ignored -= 1
        elif name == "p":
            self._end_paragraph()
        elif name == "tbl":
            self._tables -= 1
            if not self._tables:
                self._end_table()

    def _end_paragraph(self) -> None:
        text = "".join(self._words)
        self._words.clear()
        if self._tables:
            if self._rows and self._rows[-1]:
                self._rows[-1][-1] += f"{text}\n"
        elif self._level is not None:
            self._builder.heading(self._level, text)
        else:
            self._builder.add(text, separator="\n" if self._is_list else "\n\n")
        self._level, self._is_list = None, False

    def _end_table(self) -> None:
        for index, row in enumerate(rows_text(iter(self._rows))):
            self._builder.add(row, separator="\n" if index else "\n\n")
        self._rows.clear()

    def _style_level(self, style: str) -> int | None:
        if style in self._levels:
            return self._levels[style]
        match = _HEADING_NAME.fullmatch(style)  # without a list of styles
        return int(match[1]) if match else 0 if style == "Title" else None
