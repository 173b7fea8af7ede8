"""What a reader makes of a file, before it is cut into chunks."""

import re
from dataclasses import dataclass, replace

from indexer.chunk import Section, Split
from indexer.document import Kind

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Draft:
    """A document's text with the sections that it falls into."""

    kind: Kind
    text: str = ""
    sections: tuple[Section, ...] = ()
    title: str = ""
    note: str = ""
    numbered: bool = False  # the text has the same lines as the file
    scan: str | None = None  # as `Document.scan`


class DraftBuilder:
    """Puts a document's text together from what stands under headings, on pages and in parts, up to a limit."""

    def __init__(self, max_characters: int) -> None:
        self._max_characters = max_characters
        self._texts: list[str] = []
        self._length = 0
        self._closed: list[Section] = []
        self._open = Section(0, 0)
        self._levels: list[int] = []  # of the open section's headings
        self.is_cut = False

    @property
    def is_full(self) -> bool:
        """Whether whatever is added now is left out."""
        return self._length >= self._max_characters

    @property
    def is_empty(self) -> bool:
        """Whether nothing was added yet."""
        return not self._texts

    def place(self, part: str = "", page: int | None = None, headings: tuple[str, ...] = ()) -> None:
        """Everything from here on is in this part, on this page, under these headings and none before."""
        self._levels = [0] * len(headings)
        self._begin(Section(0, 0, headings, part, page))

    def heading(self, level: int, text: str) -> None:
        """A heading, which is also part of the text; it ends those of its own level (1 is highest) and below."""
        title = " ".join(text.split())
        if not title:
            return
        kept = sum(1 for each in self._levels if each < level)
        self._levels = [*self._levels[:kept], level]
        self._begin(replace(self._open, headings=(*self._open.headings[:kept], title), split=Split.PROSE))
        self.add(title)

    def add(self, text: str, split: Split = Split.PROSE, separator: str = "\n\n") -> None:
        """A paragraph, a stretch of code or a row of a table."""
        if split is not self._open.split:
            self._begin(replace(self._open, split=split))
        text = clean(text).rstrip()
        if not text.strip():
            return
        room = max(self._max_characters - self._length, 0)
        if len(text) > room:
            text, self.is_cut = text[:room], True
        if self._texts and text:
            self._texts.append(separator)
            self._length += len(separator)
        self._texts.append(text)
        self._length += len(text)

    def draft(self, kind: Kind, title: str = "", note: str = "") -> Draft:
        """All of it. The note also says that the text was cut, where it was."""
        self._begin(Section(0, 0))
        if self.is_cut:
            note = "; ".join(dict.fromkeys(filter(None, (note, cut_note(self._max_characters)))))
        return Draft(kind, "".join(self._texts), tuple(self._closed), " ".join(clean(title).split()), note)

    def _begin(self, section: Section) -> None:
        if self._length > self._open.start:
            self._closed.append(replace(self._open, end=self._length))
        self._open = replace(section, start=self._length)


def cut_note(characters: int) -> str:
    """The note on a document of which only the beginning is indexed."""
    if characters >= 1_000_000:
        return f"only the first {characters / 1e6:g} million characters are indexed"
    return f"only the first {characters:,} characters are indexed"


def clean(text: str) -> str:
    r"""The text with all newlines as `\n`, control characters as spaces, and without unpaired surrogates."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if _CONTROL.search(text):  # NUL among them, at which SQLite's words would end
        text = _CONTROL.sub(" ", text)
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text
