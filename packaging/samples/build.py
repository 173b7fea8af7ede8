"""Write the sample documents that are not text files, from the texts beside this script; the same bytes every time.

In the texts, `# ` and `## ` begin a heading, `---` a new page, and everything else is a paragraph.
"""

import html
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.sax.saxutils import escape

import pymupdf

HERE = Path(__file__).parent
SAMPLES = HERE.parent.parent / "resources" / "samples"
PDF_STYLE = "h1 {font-size: 20px} h2 {font-size: 14px; margin-top: 12px} p {font-size: 11px; line-height: 1.5}"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
RELATIONSHIP = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
WORD_MEDIA = "application/vnd.openxmlformats-officedocument.wordprocessingml"
ODT_MEDIA = "application/vnd.oasis.opendocument.text"
OPEN_DOCUMENT = "urn:oasis:names:tc:opendocument:xmlns"


def blocks(text: str) -> Iterator[tuple[int, str]]:
    """Level (0: paragraph) and text of each block."""
    for line in text.splitlines():
        if line.strip():
            level = len(line) - len(line.lstrip("#"))
            yield level, line.lstrip("# ")


def to_html(text: str) -> str:
    tags = ("p", "h1", "h2")
    return "".join(f"<{tags[level]}>{html.escape(block)}</{tags[level]}>" for level, block in blocks(text))


def write_pdf(source: Path, folder: Path) -> None:
    document = pymupdf.open()
    text = source.read_text(encoding="utf-8")
    for page_text in text.split("\n---\n"):
        page = document.new_page()
        spare_height, _ = page.insert_htmlbox(page.rect + (56, 48, -56, -48), to_html(page_text), css=PDF_STYLE)
        assert spare_height >= 0, f"{source.name}: a page is too long"
    document.set_metadata({"title": next(blocks(text))[1]})
    document.subset_fonts()
    document.save(folder / f"{source.stem}.pdf", garbage=4, deflate=True, no_new_id=True)


def write_archive(path: Path, members: dict[str, str]) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            plain = name == "mimetype"  # OpenDocument wants it first and uncompressed
            entry = zipfile.ZipInfo(name)  # dated 1980
            entry.compress_type = zipfile.ZIP_STORED if plain else zipfile.ZIP_DEFLATED
            archive.writestr(entry, content if plain else f'<?xml version="1.0" encoding="UTF-8"?>\n{content}')


def relationship(kind: str, target: str) -> str:
    entry = f'<Relationship Id="r1" Type="{RELATIONSHIP}/{kind}" Target="{target}"/>'
    return f'<Relationships xmlns="{PACKAGE}/relationships">{entry}</Relationships>'


def docx_paragraph(level: int, text: str) -> str:
    style = f'<w:pPr><w:pStyle w:val="Heading{level}"/></w:pPr>' if level else ""
    return f"<w:p>{style}<w:r><w:t>{escape(text)}</w:t></w:r></w:p>"


def docx_heading_style(level: int, half_points: int) -> str:
    return (
        f'<w:style w:type="paragraph" w:styleId="Heading{level}"><w:name w:val="heading {level}"/>'
        f'<w:pPr><w:outlineLvl w:val="{level - 1}"/></w:pPr>'
        f'<w:rPr><w:b/><w:sz w:val="{half_points}"/></w:rPr></w:style>'
    )


def write_docx(source: Path, folder: Path) -> None:
    body = "".join(docx_paragraph(level, text) for level, text in blocks(source.read_text(encoding="utf-8")))
    content_types = (
        f'<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{WORD_MEDIA}.document.main+xml"/>'
        f'<Override PartName="/word/styles.xml" ContentType="{WORD_MEDIA}.styles+xml"/></Types>'
    )
    styles = docx_heading_style(1, half_points=36) + docx_heading_style(2, half_points=26)
    members = {
        "[Content_Types].xml": content_types,
        "_rels/.rels": relationship("officeDocument", "word/document.xml"),
        "word/_rels/document.xml.rels": relationship("styles", "styles.xml"),
        "word/document.xml": f'<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>',
        "word/styles.xml": f'<w:styles xmlns:w="{WORD}">{styles}</w:styles>',
    }
    write_archive(folder / f"{source.stem}.docx", members)


def odt_paragraph(level: int, text: str) -> str:
    opening, closing = (f'text:h text:outline-level="{level}"', "text:h") if level else ("text:p", "text:p")
    return f"<{opening}>{escape(text)}</{closing}>"


def write_odt(source: Path, folder: Path) -> None:
    body = "".join(odt_paragraph(level, text) for level, text in blocks(source.read_text(encoding="utf-8")))
    office = f'xmlns:office="{OPEN_DOCUMENT}:office:1.0" xmlns:text="{OPEN_DOCUMENT}:text:1.0" office:version="1.2"'
    manifest = (
        f'<m:manifest xmlns:m="{OPEN_DOCUMENT}:manifest:1.0" m:version="1.2">'
        f'<m:file-entry m:full-path="/" m:media-type="{ODT_MEDIA}"/>'
        '<m:file-entry m:full-path="content.xml" m:media-type="text/xml"/></m:manifest>'
    )
    content = f"<office:body><office:text>{body}</office:text></office:body>"
    members = {
        "mimetype": ODT_MEDIA,
        "content.xml": f"<office:document-content {office}>{content}</office:document-content>",
        "META-INF/manifest.xml": manifest,
    }
    write_archive(folder / f"{source.stem}.odt", members)


def write_all(folder: Path) -> None:
    write_pdf(HERE / "Solar panels at home.md", folder)
    write_pdf(HERE / "旅行保险说明.md", folder)
    write_docx(HERE / "Mietvertrag Lindenstraße 14.md", folder)
    write_odt(HERE / "Réclamation retard de train.md", folder)


if __name__ == "__main__":
    write_all(SAMPLES)
