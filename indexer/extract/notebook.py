"""Jupyter notebooks: their cells, and the beginning of what they printed."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from indexer.chunk import Split
from indexer.document import Kind
from indexer.errors import DocumentError
from indexer.extract.draft import Draft, DraftBuilder
from indexer.extract.limits import Limits
from indexer.extract.plain import markdown_sections
from indexer.extract.source import read_whole

_OUTPUT_CHARACTERS = 1000


def read_notebook(path: Path, limits: Limits) -> Draft:
    """A notebook of format 3 or 4."""
    try:
        notebook = json.loads(read_whole(path, limits.archive_bytes))
        cells = list(_cells(notebook))
    except (ValueError, RecursionError, AttributeError, KeyError, TypeError) as error:
        raise DocumentError(path, "is not a Jupyter notebook") from error
    builder = DraftBuilder(limits.text_characters)
    title = ""
    for kind, source, outputs in cells:
        if kind == "markdown":
            title = _add_markdown(builder, source, title)
        elif kind == "code":
            builder.add(source, Split.CODE)
            builder.add(outputs, Split.CODE)
        else:
            builder.add(source)
    return builder.draft(Kind.NOTEBOOK, title)


def _add_markdown(builder: DraftBuilder, source: str, title: str) -> str:
    for section in markdown_sections(source):
        text = source[section.start : section.end].strip()
        if not section.headings:
            builder.add(text)
            continue
        level = len(text) - len(text.lstrip("#")) or 1
        heading = section.headings[-1]
        title = title or (heading if level == 1 else "")
        builder.heading(level, heading)
        builder.add(text.partition("\n")[2])
    return title


def _cells(notebook: Any) -> Iterator[tuple[str, str, str]]:  # noqa: ANN401
    """Type, source and printed text of each cell."""
    sheets = notebook["worksheets"] if "worksheets" in notebook else [notebook]
    for cell in (cell for sheet in sheets for cell in sheet["cells"]):
        source = _joined(cell.get("source", cell.get("input", "")))
        outputs = "\n".join(filter(None, map(_printed, cell.get("outputs", []))))
        yield str(cell.get("cell_type")), source, outputs[:_OUTPUT_CHARACTERS]


def _printed(output: dict[str, object]) -> str:
    data = output.get("data")
    text = data.get("text/plain", "") if isinstance(data, dict) else output.get("text", "")
    return _joined(text)


def _joined(lines: object) -> str:
    return "".join(map(str, lines)) if isinstance(lines, list) else str(lines or "")
