"""SVG: what is written in a drawing, without its lines."""

import re
from html import unescape
from pathlib import Path

from indexer.document import Kind
from indexer.extract.draft import Draft, DraftBuilder
from indexer.extract.limits import Limits
from indexer.extract.plain import read_text

_WRITTEN = {"title", "desc", "text", "flowroot", "foreignobject"}
_HIDDEN = {"style", "script"}
_TOKEN = re.compile(
    r"(?P<text>[^<]+)"
    r"|<!--(?s:.*?)(?:-->|\Z)"
    r"|<!\[CDATA\[(?P<data>(?s:.*?))(?:\]\]>|\Z)"
    r"|<(?P<slash>/?)(?:[\w.-]++:)?(?P<name>[A-Za-z][\w.-]*+)(?:[^>\"'/]++|/(?!>)|\"[^\"]*+\"|'[^']*+')*+(?P<empty>/?)>"
    r"|<[^>]*>|<"
)


def read_drawing(path: Path, limits: Limits) -> Draft:
    """An SVG file: each title, description and text in it a paragraph; the first title is its own."""
    source, note = read_text(path, limits, is_markup=True)
    builder, title = DraftBuilder(limits.text_characters), ""
    pieces: list[str] = []
    written = hidden = 0  # how many such elements are open
    tags_end = source.rfind(">") + 1  # without it, each tag that doesn't end would be looked for to the end
    for match in _TOKEN.finditer(source, 0, tags_end):
        name = (match["name"] or "").lower()
        if not name:
            if written and not hidden:
                pieces.append(unescape(match["text"] or "") or match["data"] or "")
        elif match["empty"]:
            continue
        elif name in _HIDDEN:
            hidden = max(0, hidden + (-1 if match["slash"] else 1))
        elif name in _WRITTEN:
            written = max(0, written + (-1 if match["slash"] else 1))
            if not written:
                words = " ".join("".join(pieces).split())
                pieces.clear()
                builder.add(words)
                title = title or (words if name == "title" else "")
        else:
            pieces.append(" ")  # the parts of a text stand in different places
        if builder.is_full:
            break
    return builder.draft(Kind.IMAGE, title, note)
