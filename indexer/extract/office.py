"""Office documents, most of them read by kreuzberg: word processor documents, spreadsheets, RTF, old Office files."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from indexer.chunk import Split
from indexer.document import Kind
from indexer.errors import DocumentError
from indexer.extract.archive import check_depth, check_zip, entry_names, read_entry
from indexer.extract.draft import Draft, DraftBuilder
from indexer.extract.kinds import Format
from indexer.extract.limits import Limits
from indexer.extract.sniff import content_name
from indexer.extract.source import HEAD_BYTES, read, read_whole
from indexer.extract.table import header_line, rows_text
from indexer.extract.word import read_word

_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
_MIME_TYPES = {
    ".doc": "application/msword",
    ".dot": "application/msword",
    ".ppt": "application/vnd.ms-powerpoint",
    ".pps": "application/vnd.ms-powerpoint",
    ".pot": "application/vnd.ms-powerpoint",
    ".xls": "application/vnd.ms-excel",
    ".xlt": "application/vnd.ms-excel",
    ".msg": "application/vnd.ms-outlook",
    ".xlsb": "application/vnd.ms-excel.sheet.binary.macroEnabled.12",
}
_KINDS = {".ppt": Kind.PRESENTATION, ".pps": Kind.PRESENTATION, ".msg": Kind.MAIL}
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_OPEN_DOCUMENT = "application/vnd.oasis.opendocument."
_SHEETS = {_EXCEL, _OPEN_DOCUMENT + "spreadsheet", _MIME_TYPES[".xls"], _MIME_TYPES[".xlsb"]}
_SKIPPED_LAYERS = {"header", "footer"}
_PARTS = {"content.xml", "styles.xml", "meta.xml"}  # of an OpenDocument file


def read_office(path: Path, form: Format, limits: Limits) -> Draft:
    """A document or spreadsheet, by what it is rather than by what it is called."""
    mime_type = _mime_type(path, read(path, HEAD_BYTES)[0], form, limits)
    if mime_type == _WORD:
        return read_word(path, limits)
    if mime_type.startswith(_OPEN_DOCUMENT):
        _check_open_document(path, limits)
    is_sheets = mime_type in _SHEETS
    result = _extract(path, mime_type, limits, with_structure=not is_sheets)
    metadata = dict(result.metadata)
    if is_sheets:
        return _sheets(result, metadata, limits)
    builder = DraftBuilder(limits.text_characters)
    nodes = (result.document or {}).get("nodes") or []
    if nodes:
        _add_nodes(builder, nodes)
    else:
        for paragraph in result.content.split("\n\n"):
            builder.add(paragraph)
    title = str(metadata.get("subject" if path.suffix.lower() == ".msg" else "title") or "")
    return builder.draft(_KINDS.get(path.suffix.lower(), Kind.DOCUMENT), title)


def _mime_type(path: Path, head: bytes, form: Format, limits: Limits) -> str:
    match content_name(head):
        case "zip archive":
            return _zipped_type(path, check_zip(path, limits))
        case "RTF document":
            return "application/rtf"
        case "old Office document":
            if _ENCRYPTED_PACKAGE in read_whole(path, limits.file_bytes):
                raise DocumentError(path, "is protected with a password")
            return _MIME_TYPES.get(path.suffix.lower(), "application/msword")
        case "" if path.suffix.lower() == ".fodt" and head.lstrip().startswith(b"<"):
            return _OPEN_DOCUMENT + "text-flat-xml"
        case name:
            raise DocumentError(path, f"is not what its name says ({form})" + (f", but a {name}" if name else ""))


def _zipped_type(path: Path, names: list[str]) -> str:
    for name, mime_type in (
        ("word/document.xml", _WORD),
        ("xl/workbook.xml", _EXCEL),
        ("xl/workbook.bin", _MIME_TYPES[".xlsb"]),
    ):
        if name in names:
            return mime_type
    if "META-INF/manifest.xml" in names and b"encryption-data" in read_entry(path, "META-INF/manifest.xml"):
        raise DocumentError(path, "is protected with a password")
    if "mimetype" in names:
        declared = read_entry(path, "mimetype").decode("ascii", "replace").strip()
        if declared.startswith(_OPEN_DOCUMENT):
            return declared.removesuffix("-template")
    raise DocumentError(path, "is a zip archive, but not a document")


def _check_open_document(path: Path, limits: Limits) -> None:
    if path.suffix.lower() == ".fodt":
        check_depth(path, read_whole(path, limits.archive_bytes))
        return
    for name in entry_names(path) & _PARTS:
        check_depth(path, read_entry(path, name))


def _extract(path: Path, mime_type: str, limits: Limits, with_structure: bool) -> Any:  # noqa: ANN401
    import kreuzberg

    config = kreuzberg.ExtractionConfig(
        use_cache=False,
        enable_quality_processing=False,
        disable_ocr=True,
        include_document_structure=with_structure,
        concurrency=kreuzberg.ConcurrencyConfig(max_threads=1),
    )
    data = read_whole(path, limits.file_bytes)
    try:
        return kreuzberg.extract_bytes_sync(data, mime_type, config)
    except kreuzberg.KreuzbergError as error:
        raise DocumentError(path, _reason(str(error))) from error
    except BaseException as error:  # a panic in Rust, of a class that can't be imported and is no Exception
        if type(error).__name__ != "PanicException":
            raise
        raise DocumentError(path, _reason(str(error))) from error


def _reason(message: str) -> str:
    lowered = message.lower()
    if "password" in lowered or "encrypt" in lowered:
        return "is protected with a password"
    return "is damaged: " + " ".join(message.split())[:160]


def _add_nodes(builder: DraftBuilder, nodes: list[dict[str, Any]]) -> None:
    for node in nodes:
        content = node["content"]
        if node.get("content_layer") in _SKIPPED_LAYERS:
            continue
        match content["node_type"]:
            case "heading" | "title":
                builder.heading(content.get("level") or 1, content["text"])
            case "table":
                for row in rows_text(_grid_rows(content["grid"])):
                    builder.add(row, separator="\n")
            case "metadata_block":  # the header of a message
                builder.add("\n".join(f"{name}: {value}" for name, value in content.get("entries", [])))
            case "list_item":
                builder.add(content["text"], separator="\n")
            case _ if content.get("text"):
                builder.add(content["text"])


def _grid_rows(grid: dict[str, Any]) -> Iterator[list[str]]:
    rows: dict[int, list[str]] = {}
    for cell in grid.get("cells", []):
        rows.setdefault(cell["row"], []).append(cell["content"])
    yield from rows.values()


def _sheets(result: Any, metadata: dict[str, Any], limits: Limits) -> Draft:  # noqa: ANN401
    builder = DraftBuilder(limits.table_characters)
    names = metadata.get("sheet_names") or []
    for table in result.tables:
        number = table.page_number
        name = names[number - 1] if 0 < number <= len(names) else ""
        rows = iter(table.cells)
        header: list[str] = next(rows, [])
        headings = tuple(filter(None, (name, header_line(tuple(header)))))
        builder.place(part=name, page=None, headings=headings)
        for row in rows_text(iter([header, *rows])):
            builder.add(row, Split.ROWS, separator="\n")
            if builder.is_full:
                break
    return builder.draft(Kind.SPREADSHEET)
