"""Presentations in zipped XML (pptx, odp), by slide."""

import re
from pathlib import Path

from indexer.document import Kind
from indexer.errors import DocumentError
from indexer.extract.archive import check_zip, parse_xml, read_entry
from indexer.extract.draft import Draft, DraftBuilder
from indexer.extract.limits import Limits

_SLIDE = re.compile(r"ppt/slides/slide(\d+)\.xml")
_TITLES = {"title", "ctrTitle"}


def read_slides(path: Path, limits: Limits) -> Draft:
    """A presentation; each slide is a page under its title, with its notes."""
    names = check_zip(path, limits)
    builder = DraftBuilder(limits.text_characters)
    if "ppt/presentation.xml" in names:
        for page, name in enumerate(_slides_in_order(path, names), start=1):
            builder.place(page=page)
            _PowerPoint(builder).read(path, name)
            notes = _related(path, name, names, "notesSlide")
            for note in notes:
                _PowerPoint(builder, is_notes=True).read(path, note)
    elif "content.xml" in names:
        _check_encryption(path, names)
        _Impress(builder).read(path)
    else:
        raise DocumentError(path, "is not a presentation")
    return builder.draft(Kind.PRESENTATION)


def _check_encryption(path: Path, names: list[str]) -> None:
    if "META-INF/manifest.xml" in names and b"encryption-data" in read_entry(path, "META-INF/manifest.xml"):
        raise DocumentError(path, "is protected with a password")


def _slides_in_order(path: Path, names: list[str]) -> list[str]:
    """Slides as the presentation lists them; those that it doesn't list are left out."""
    targets = _relations(path, "ppt/presentation.xml", names)
    order: list[str] = []

    def on_start(name: str, attributes: dict[str, str]) -> None:
        if name == "sldId":
            order.extend(targets[value][1] for value in attributes.values() if value in targets)

    parse_xml(path, read_entry(path, "ppt/presentation.xml"), on_start, lambda _: None, lambda _: None)
    listed = [name for name in order if name in names]
    return listed or sorted(
        (name for name in names if _SLIDE.fullmatch(name)), key=lambda name: int(_SLIDE.sub(r"\1", name))
    )


def _related(path: Path, name: str, names: list[str], kind: str) -> list[str]:
    return [target for type_, target in _relations(path, name, names).values() if type_ == kind and target in names]


def _relations(path: Path, name: str, names: list[str]) -> dict[str, tuple[str, str]]:
    """Type and target of each relation of a part, by id."""
    folder, _, file = name.rpartition("/")
    relations = f"{folder}/_rels/{file}.rels"
    found: dict[str, tuple[str, str]] = {}

    def on_start(name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship" and "Target" in attributes:
            found[attributes.get("Id", "")] = (
                attributes.get("Type", "").rpartition("/")[2],
                _resolved(folder, attributes["Target"]),
            )

    if relations in names:
        parse_xml(path, read_entry(path, relations), on_start, lambda _: None, lambda _: None)
    return found


def _resolved(folder: str, target: str) -> str:
    if target.startswith("/"):
        return target[1:]
    parts = folder.split("/")
    for step in target.split("/"):
        parts = parts[:-1] if step == ".." else [*parts, step]
    return "/".join(parts)


class _PowerPoint:
    """One slide or its notes: shapes with paragraphs."""

    def __init__(self, builder: DraftBuilder, is_notes: bool = False) -> None:
        self._builder = builder
        self._is_notes = is_notes
        self._words: list[str] = []
        self._lines: list[str] = []
        self._placeholder = ""
        self._is_text = False

    def read(self, path: Path, name: str) -> None:
        parse_xml(path, read_entry(path, name), self._start, self._end, self._text)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "ph":
            self._placeholder = attributes.get("type", "body")
        elif name == "br":
            self._words.append("\n")
        self._is_text = name == "t"

    def _text(self, text: str) -> None:
        if self._is_text:
            self._words.append(text)

    def _end(self, name: str) -> None:
        self._is_text = False
        if name == "p" and self._words:
            self._lines.append("".join(self._words))
            self._words.clear()
        elif name in {"sp", "graphicFrame"}:
            self._end_shape()

    def _end_shape(self) -> None:
        text = "\n".join(self._lines)
        if self._placeholder in _TITLES and not self._is_notes:
            self._builder.heading(1, text)
        elif self._placeholder not in {"sldNum", "dt", "ftr", "hdr"}:
            self._builder.add(text)
        self._lines.clear()
        self._placeholder = ""


class _Impress:
    """content.xml of an odp: pages with frames, some of them titles."""

    def __init__(self, builder: DraftBuilder) -> None:
        self._builder = builder
        self._page = 0
        self._words: list[str] = []
        self._depth = 0
        self._is_title = False
        self._separator = "\n\n"

    def read(self, path: Path) -> None:
        parse_xml(path, read_entry(path, "content.xml"), self._start, self._end, self._text)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "page":
            self._page += 1
            self._builder.place(page=self._page)
        elif name == "frame":
            self._separator = "\n\n"
            self._is_title = attributes.get("class") == "title"
        elif name in {"p", "h"}:
            self._depth += 1
        elif name in {"s", "tab", "line-break"}:
            self._words.append(" ")

    def _text(self, text: str) -> None:
        if self._depth and self._page:
            self._words.append(text)

    def _end(self, name: str) -> None:
        if name not in {"p", "h"}:
            return
        self._depth -= 1
        text = "".join(self._words)
        self._words.clear()
        if self._is_title:
            self._builder.heading(1, text)
            self._is_title = False
        else:
            self._builder.add(text, separator=self._separator)
            self._separator = "\n"
