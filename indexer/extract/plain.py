"""Plain text, Markdown and reStructuredText: the text of the file itself, under the headings in it."""

import re
from collections.abc import Iterator
from pathlib import Path

from indexer.chunk import Section, Split
from indexer.document import Kind
from indexer.errors import DocumentError
from indexer.extract.draft import Draft, clean, cut_note
from indexer.extract.encoding import decode
from indexer.extract.kinds import Format
from indexer.extract.limits import Limits
from indexer.extract.sniff import content_name
from indexer.extract.source import HEAD_BYTES, read

_BYTES_A_CHARACTER = 4
_FENCE = re.compile(
    r"^ {0,3}(?P<fence>`{3,}|~{3,})[^\n]*\n.*?(?:^ {0,3}(?P=fence)[`~]*[ \t]*$|\Z)", re.MULTILINE | re.DOTALL
)
_FRONT_MATTER = re.compile(r"\A---\n(.*?)\n(?:---|\.\.\.)\n", re.DOTALL)
_FRONT_TITLE = re.compile(r"""^title:[ \t]*["']?(.+?)["']?[ \t]*$""", re.MULTILINE)
_MARKDOWN_HEADING = re.compile(
    r"^ {0,3}(?P<marks>#{1,6})[ \t]+(?P<title>\S[^\n]*?)[ \t]*#*[ \t]*$"
    r"|^(?P<underlined>[^\s>#|+*-][^\n]*)\n(?P<rule>={2,}|-{2,})[ \t]*$",
    re.MULTILINE,
)
_RULED_HEADING = re.compile(  # of reStructuredText, and of many a README
    r"""^(?:(?P<over>([=~^"#*+-])\2{2,})\n)?(?P<title>[^\s][^\n]*)\n(?P<rule>([=~^"#*+`'.:-])\5{2,})[ \t]*$""",
    re.MULTILINE,
)
_MARKED_HEADINGS = {
    ".org": re.compile(r"^(?P<marks>\*+)[ \t]+(?P<title>\S.*)$", re.MULTILINE),
    **dict.fromkeys(
        (".adoc", ".asciidoc", ".asc"), re.compile(r"^(?P<marks>={1,6})[ \t]+(?P<title>\S.*)$", re.MULTILINE)
    ),
    **dict.fromkeys(
        (".wiki", ".mediawiki"), re.compile(r"^(?P<marks>={1,6})(?P<title>[^=\n].*?)=+[ \t]*$", re.MULTILINE)
    ),
    ".tex": re.compile(r"^\s*\\(?P<marks>(?:sub)*)section\*?\{(?P<title>[^}\n]+)\}", re.MULTILINE),
}
_MARKS = re.compile(r"[*_`]+|\[([^\]]*)\]\([^)]*\)")


def read_text(path: Path, limits: Limits, is_markup: bool = False) -> tuple[str, str]:
    """A text file's text, cut at the limit, and the note that says so.

    Raises:
        DocumentError: it is not text.
    """
    data, has_more = read(path, min(_BYTES_A_CHARACTER * limits.text_characters, limits.archive_bytes))
    text = decode(data, is_markup)
    if text is None or data.startswith(b"%PDF-"):
        name = content_name(data[:HEAD_BYTES])
        raise DocumentError(path, f"is not text, but a {name}" if name else "is not text")
    text = clean(text)
    if not has_more and len(text) <= limits.text_characters:
        return text, ""
    return text[: limits.text_characters], cut_note(limits.text_characters)


def read_plain(path: Path, form: Format, limits: Limits) -> Draft:
    """Plain text, Markdown or reStructuredText."""
    text, note = read_text(path, limits, is_markup=path.suffix.lower() in {".xml", ".xsl", ".rss", ".atom"})
    numbered = path.suffix.lower() != ".gz"
    if form is Format.MARKDOWN:
        return Draft(Kind.MARKDOWN, text, tuple(markdown_sections(text)), markdown_title(text), note, numbered)
    if marks := _MARKED_HEADINGS.get(path.suffix.lower()):
        sections = _sections(text, list(_marked_headings(text, marks)))
        return Draft(Kind.TEXT, text, tuple(sections), "", note, numbered)
    if form is Format.RESTRUCTURED or path.suffix.lower() in {".txt", ""}:
        return Draft(Kind.TEXT, text, tuple(_sections(text, list(_ruled_headings(text)))), "", note, numbered)
    return Draft(Kind.TEXT, text, (Section(0, len(text)),), "", note, numbered)


def markdown_sections(text: str) -> Iterator[Section]:
    """Sections of Markdown by its headings, those in fenced code left aside."""
    return _sections(text, list(_markdown_headings(text)))


def markdown_title(text: str) -> str:
    """What the front matter or the only heading of the first level says."""
    front = _FRONT_MATTER.match(text)
    if front and (named := _FRONT_TITLE.search(front[1])):
        return named[1]
    top = [title for _, level, title in _markdown_headings(text) if level == 1]
    return top[0] if len(top) == 1 else ""


def _markdown_headings(text: str) -> Iterator[tuple[int, int, str]]:
    """Offset, level and text of each heading."""
    hidden = [match.span() for match in _FENCE.finditer(text)]
    if front := _FRONT_MATTER.match(text):
        hidden.insert(0, front.span())
    fence = iter(hidden)
    start, end = next(fence, (len(text), len(text)))
    for match in _MARKDOWN_HEADING.finditer(text):
        while match.start() >= end and end < len(text):
            start, end = next(fence, (len(text), len(text)))
        if start <= match.start() < end:
            continue
        if match["marks"]:
            yield match.start(), len(match["marks"]), _plain(match["title"])
        else:
            yield match.start(), 1 if match["rule"][0] == "=" else 2, _plain(match["underlined"])


def _marked_headings(text: str, pattern: re.Pattern[str]) -> Iterator[tuple[int, int, str]]:
    for match in pattern.finditer(text):
        yield match.start(), len(match["marks"]), match["title"].strip()


def _plain(heading: str) -> str:
    return _MARKS.sub(lambda match: match[1] or "", heading).strip()


def _ruled_headings(text: str) -> Iterator[tuple[int, int, str]]:
    """Each new kind of rule is one level below the ones before it."""
    levels: dict[tuple[str, bool], int] = {}
    for match in _RULED_HEADING.finditer(text):
        title, rule = match["title"].strip(), match["rule"]
        if abs(len(rule) - len(title)) > 3 and not (match["over"] and len(rule) >= len(title)):
            continue
        if not any(map(str.isalnum, title)):
            continue
        level = levels.setdefault((rule[0], bool(match["over"])), len(levels) + 1)
        yield match.start(), level, title


def _sections(text: str, headings: list[tuple[int, int, str]]) -> Iterator[Section]:
    path: list[tuple[int, str]] = []
    start = 0
    for offset, level, title in [*headings, (len(text), 0, "")]:
        if offset > start:
            yield Section(start, offset, tuple(name for _, name in path), split=Split.PROSE)
        path = [(each, name) for each, name in path if each < level] + [(level, title)]
        start = offset
