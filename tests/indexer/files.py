"""Documents of all formats, written by the tests themselves."""

import zipfile
from pathlib import Path

import pymupdf

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_SHEET = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_SLIDE = (
    'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
)
_URN = "urn:oasis:names:tc:opendocument:xmlns"
_OPEN = " ".join(
    f'xmlns:{name}="{_URN}:{uri}:1.0"'
    for name, uri in (
        ("office", "office"),
        ("text", "text"),
        ("table", "table"),
        ("draw", "drawing"),
        ("presentation", "presentation"),
    )
)


def write_zip(path: Path, entries: dict[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return path


def _types(**parts: str) -> str:
    overrides = "".join(
        f'<Override PartName="/{name.replace("__", "/")}.xml" '
        f'ContentType="application/vnd.openxmlformats-officedocument.{kind}+xml"/>'
        for name, kind in parts.items()
    )
    return (
        '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>'
    )


def _relations(*targets: tuple[str, str]) -> str:
    inner = "".join(
        f'<Relationship Id="rId{number}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, start=1)
    )
    return (
        '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f"{inner}</Relationships>"
    )


def _paragraph(text: str, style: str = "") -> str:
    properties = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{properties}<w:r><w:t>{text}</w:t></w:r></w:p>"


def write_docx(
    path: Path, *paragraphs: tuple[str, str], xml: str = "", extra: dict[str, str | bytes] | None = None
) -> Path:
    """Paragraphs are (text, style); `xml` replaces the whole document part."""
    body = "".join(_paragraph(*paragraph) for paragraph in paragraphs)
    xml = xml or f'<?xml version="1.0"?><w:document {_WORD}><w:body>{body}</w:body></w:document>'
    return write_zip(
        path,
        {
            "[Content_Types].xml": _types(word__document="wordprocessingml.document.main"),
            "_rels/.rels": _relations(("officeDocument", "word/document.xml")),
            "word/document.xml": xml,
            **(extra or {}),
        },
    )


def write_xlsx(path: Path, sheets: dict[str, list[list[str | int]]]) -> Path:
    numbers = range(1, len(sheets) + 1)
    listed = "".join(
        f'<sheet name="{name}" sheetId="{n}" r:id="rId{n}"/>' for n, name in zip(numbers, sheets, strict=True)
    )
    entries: dict[str, str | bytes] = {
        "[Content_Types].xml": _types(
            xl__workbook="spreadsheetml.sheet.main",
            **{f"xl__worksheets__sheet{n}": "spreadsheetml.worksheet" for n in numbers},
        ),
        "_rels/.rels": _relations(("officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": f'<workbook {_SHEET} xmlns:r="{_OFFICE}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": _relations(*(("worksheet", f"worksheets/sheet{n}.xml") for n in numbers)),
    }
    for number, rows in zip(numbers, sheets.values(), strict=True):
        inner = "".join(f'<row r="{r}">{_cells(r, row)}</row>' for r, row in enumerate(rows, start=1))
        entries[f"xl/worksheets/sheet{number}.xml"] = (
            f'<?xml version="1.0"?><worksheet {_SHEET}><sheetData>{inner}</sheetData></worksheet>'
        )
    return write_zip(path, entries)


def _cells(row: int, values: list[str | int]) -> str:
    return "".join(
        f'<c r="{chr(65 + column)}{row}" t="inlineStr"><is><t>{value}</t></is></c>'
        if isinstance(value, str)
        else f'<c r="{chr(65 + column)}{row}"><v>{value}</v></c>'
        for column, value in enumerate(values)
    )


def write_pptx(path: Path, slides: list[tuple[str, str, str]]) -> Path:
    """Slides are (title, body, notes)."""
    numbers = range(1, len(slides) + 1)
    listed = "".join(f'<p:sldId id="{255 + n}" r:id="rId{n}"/>' for n in numbers)
    entries: dict[str, str | bytes] = {
        "[Content_Types].xml": _types(ppt__presentation="presentationml.presentation.main"),
        "_rels/.rels": _relations(("officeDocument", "ppt/presentation.xml")),
        "ppt/presentation.xml": f'<p:presentation {_SLIDE} xmlns:r="{_OFFICE}"><p:sldIdLst>{listed}</p:sldIdLst>'
        "</p:presentation>",
        "ppt/_rels/presentation.xml.rels": _relations(*(("slide", f"slides/slide{n}.xml") for n in numbers)),
    }
    for number, (title, body, notes) in zip(numbers, slides, strict=True):
        entries[f"ppt/slides/slide{number}.xml"] = f"<p:sld {_SLIDE}>{_shape(title, 'title')}{_shape(body, '')}</p:sld>"
        if notes:
            entries[f"ppt/slides/_rels/slide{number}.xml.rels"] = _relations(
                ("notesSlide", f"../notesSlides/notesSlide{number}.xml")
            )
            entries[f"ppt/notesSlides/notesSlide{number}.xml"] = f"<p:notes {_SLIDE}>{_shape(notes, 'body')}</p:notes>"
    return write_zip(path, entries)


def _shape(text: str, placeholder: str) -> str:
    kind = f'<p:ph type="{placeholder}"/>' if placeholder else ""
    return f"<p:sp><p:nvSpPr>{kind}</p:nvSpPr><p:txBody><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:txBody></p:sp>"


def _open_document(path: Path, kind: str, body: str, manifest: str = "") -> Path:
    return write_zip(
        path,
        {
            "mimetype": f"application/vnd.oasis.opendocument.{kind}",
            "META-INF/manifest.xml": f'<manifest:manifest xmlns:manifest="{_URN}:manifest:1.0">'
            '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml">'
            f"{manifest}</manifest:file-entry></manifest:manifest>",
            "content.xml": f"<office:document-content {_OPEN}><office:body>{body}</office:body>"
            "</office:document-content>",
        },
    )


def write_odt(path: Path, paragraphs: list[tuple[int, str]], encrypted: bool = False) -> Path:
    """Paragraphs are (outline level, text), level 0 for those that are no heading."""
    inner = "".join(
        f'<text:h text:outline-level="{level}">{text}</text:h>' if level else f"<text:p>{text}</text:p>"
        for level, text in paragraphs
    )
    manifest = "<manifest:encryption-data/>" if encrypted else ""
    return _open_document(path, "text", f"<office:text>{inner}</office:text>", manifest)


def write_ods(path: Path, sheets: dict[str, list[list[str]]]) -> Path:
    def cell(value: str) -> str:
        return f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'

    tables = "".join(
        f'<table:table table:name="{name}">'
        + "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in rows)
        + "</table:table>"
        for name, rows in sheets.items()
    )
    return _open_document(path, "spreadsheet", f"<office:spreadsheet>{tables}</office:spreadsheet>")


def write_odp(path: Path, slides: list[tuple[str, str]]) -> Path:
    pages = "".join(
        f'<draw:page><draw:frame presentation:class="title"><draw:text-box><text:p>{title}</text:p></draw:text-box>'
        "</draw:frame>"
        f"<draw:frame><draw:text-box><text:p>{body}</text:p></draw:text-box></draw:frame></draw:page>"
        for title, body in slides
    )
    return _open_document(path, "presentation", f"<office:presentation>{pages}</office:presentation>")


def write_pdf(
    path: Path, pages: list[str], title: str = "", toc: list[tuple[int, str, int]] | None = None, password: str = ""
) -> Path:
    with pymupdf.open() as document:
        for text in pages:
            page = document.new_page()
            page.insert_textbox(page.rect + (50, 50, -50, -50), text)
        document.set_metadata({"title": title})
        if toc:
            document.set_toc([list(entry) for entry in toc])
        encryption = {"encryption": pymupdf.PDF_ENCRYPT_AES_256, "user_pw": password} if password else {}
        document.save(path, **encryption)
    return path


def write_epub(path: Path, title: str, chapters: dict[str, str]) -> Path:
    numbers = range(len(chapters))
    items = "".join(f'<item id="c{n}" href="c{n}.xhtml" media-type="application/xhtml+xml"/>' for n in numbers)
    spine = "".join(f'<itemref idref="c{n}"/>' for n in numbers)
    points = "".join(
        f"<navPoint><navLabel><text>{name}</text></navLabel><content src='c{n}.xhtml'/></navPoint>"
        for n, name in zip(numbers, chapters, strict=True)
    )
    return write_zip(
        path,
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
            '<rootfile full-path="book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>',
            "book.opf": '<package xmlns="http://www.idpf.org/2007/opf" version="2.0">'
            f'<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{title}</dc:title></metadata><manifest>'
            f'<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>{items}</manifest>'
            f'<spine toc="ncx">{spine}</spine></package>',
            "toc.ncx": f'<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap>{points}</navMap></ncx>',
            **{
                f"c{n}.xhtml": f'<html xmlns="http://www.w3.org/1999/xhtml"><body><h1>{name}</h1>{body}</body></html>'
                for n, (name, body) in zip(numbers, chapters.items(), strict=True)
            },
        },
    )
