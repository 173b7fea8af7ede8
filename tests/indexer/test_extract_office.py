"""Word processors, spreadsheets and presentations."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from indexer.document import Document, Kind
from indexer.errors import DocumentError
from indexer.extract import Limits, extract
from tests.indexer.files import write_docx, write_odp, write_ods, write_odt, write_pptx, write_xlsx, write_zip

LIMITS = Limits()
WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
BODY = "The harbour is closed to visitors for the whole of the winter season. " * 6


def text_of(document: Document) -> str:
    return "\n".join(chunk.text for chunk in document.chunks)


def test_a_docx_is_cut_at_its_headings(tmp_path: Path) -> None:
    path = write_docx(
        tmp_path / "a.docx",
        ("Winter", "Heading1"),
        (BODY, ""),
        ("Boats &amp; *sails*", "Heading2"),
        (BODY, ""),
    )
    document = extract(path, LIMITS)
    assert (document.kind, document.language) == (Kind.DOCUMENT, "en")
    assert [chunk.context for chunk in document.chunks] == ["Winter", "Winter > Boats & *sails*"]
    assert text_of(document).count("The harbour") == 12


def test_a_docx_keeps_signs_that_xml_writes_as_entities(tmp_path: Path) -> None:
    path = write_docx(tmp_path / "a.docx", ("R&amp;D &lt;b&gt; caf&#xe9;", ""))
    assert text_of(extract(path, LIMITS)) == "R&D <b> café"


def test_headings_of_a_docx_are_known_by_the_names_of_their_styles(tmp_path: Path) -> None:
    styles = (
        f'<w:styles {WORD}><w:style w:styleId="a1"><w:name w:val="heading 1"/></w:style>'
        '<w:style w:styleId="x"><w:name w:val="Kapitel"/><w:pPr><w:outlineLvl w:val="1"/></w:pPr></w:style></w:styles>'
    )
    core = '<cp xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>The Harbour</dc:title></cp>'
    path = write_docx(
        tmp_path / "a.docx",
        ("Winter", "a1"),
        (BODY, ""),
        ("Boats", "x"),
        (BODY, ""),
        extra={"word/styles.xml": styles, "docProps/core.xml": core},
    )
    document = extract(path, LIMITS)
    assert document.title == "The Harbour"
    assert [chunk.context for chunk in document.chunks] == ["The Harbour > Winter", "The Harbour > Winter > Boats"]


def test_tables_and_notes_of_a_docx_are_read_and_deleted_text_is_not(tmp_path: Path) -> None:
    def cell(text: str) -> str:
        return f"<w:tc><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>"

    table = f"<w:tbl><w:tr>{cell('Boat')}{cell('Length')}</w:tr><w:tr>{cell('Anna')}{cell('9 m')}</w:tr></w:tbl>"
    deleted = "<w:p><w:del><w:r><w:delText>never</w:delText></w:r></w:del><w:r><w:t>kept</w:t></w:r></w:p>"
    path = write_docx(
        tmp_path / "a.docx",
        xml=f"<w:document {WORD}><w:body>{table}{deleted}</w:body></w:document>",
        extra={"word/footnotes.xml": f"<w:footnotes {WORD}><w:p><w:r><w:t>A note.</w:t></w:r></w:p></w:footnotes>"},
    )
    assert text_of(extract(path, LIMITS)) == "Boat | Length\nAnna | 9 m\n\nkept\n\nA note."


def test_an_odt_is_cut_at_its_headings(tmp_path: Path) -> None:
    path = write_odt(tmp_path / "a.odt", [(1, "Winter"), (0, BODY), (2, "Boats"), (0, BODY)])
    assert [chunk.context for chunk in extract(path, LIMITS).chunks] == ["Winter", "Winter > Boats"]


def test_a_sheet_gives_its_rows_under_its_name_and_columns(tmp_path: Path) -> None:
    rows: list[list[str | int]] = [["Name", "City"], *([f"Ada {number}", "London"] for number in range(200))]
    document = extract(write_xlsx(tmp_path / "a.xlsx", {"People": rows, "Numbers": [[1, 2], [3, 4]]}), LIMITS)
    assert document.kind is Kind.SPREADSHEET
    people = [chunk for chunk in document.chunks if chunk.part == "People"]
    assert len(people) > 1
    assert {chunk.context for chunk in people} == {"People > Name, City"}
    assert people[-1].text.endswith("Ada 199 | London")
    assert [(chunk.context, chunk.text) for chunk in document.chunks if chunk.part == "Numbers"] == [
        ("Numbers", "1 | 2\n3 | 4")
    ]


def test_an_ods_gives_its_rows(tmp_path: Path) -> None:
    document = extract(write_ods(tmp_path / "a.ods", {"People": [["Name", "City"], ["Ada", "London"]]}), LIMITS)
    assert [(chunk.context, chunk.text) for chunk in document.chunks] == [
        ("People > Name, City", "Name | City\nAda | London")
    ]


def test_only_the_beginning_of_a_large_sheet_is_read_and_it_is_said(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", {"All": [["name", number] for number in range(1000)]})
    document = extract(path, Limits(table_characters=3000))
    assert document.note == "only the first 3,000 characters are indexed"
    assert sum(len(chunk.text) for chunk in document.chunks) <= 3000


def test_slides_of_a_pptx_are_pages_under_their_titles_with_their_notes(tmp_path: Path) -> None:
    path = write_pptx(
        tmp_path / "a.pptx", [("Winter", "Boats stay in.", "Say it slowly."), ("Spring", "Boats go out.", "")]
    )
    document = extract(path, LIMITS)
    assert document.kind is Kind.PRESENTATION
    assert [(chunk.page, chunk.context) for chunk in document.chunks] == [(1, "Winter"), (2, "Spring")]
    assert "Boats stay in.\n\nSay it slowly." in document.chunks[0].text


def test_slides_of_an_odp_are_pages_under_their_titles(tmp_path: Path) -> None:
    path = write_odp(tmp_path / "a.odp", [("Winter", "Boats stay in."), ("Spring", "Boats go out.")])
    chunks = extract(path, LIMITS).chunks
    assert [(chunk.page, chunk.context) for chunk in chunks] == [(1, "Winter"), (2, "Spring")]
    assert chunks[1].text == "Spring\n\nBoats go out."


def test_rtf_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.rtf").write_text(r"{\rtf1\ansi Caf\'e9 {\i and} \u8364? tea.\par Second.\par}")
    assert text_of(extract(tmp_path / "a.rtf", LIMITS)) == "Café and € tea.\n\nSecond."


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (r"{\rtf1\ansi Boats.\par}", Kind.DOCUMENT),
        ("<html><body><p>Boats.</p></body></html>", Kind.HTML),
        ("Boats.\n", Kind.TEXT),
    ],
)
def test_what_other_programs_write_under_the_name_doc_is_read_as_what_it_is(
    tmp_path: Path, content: str, kind: Kind
) -> None:
    (tmp_path / "a.doc").write_text(content)
    document = extract(tmp_path / "a.doc", LIMITS)
    assert (document.kind, text_of(document)) == (kind, "Boats.")


def test_reading_leaves_no_file_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = write_docx(tmp_path / "a.docx", ("Boats.", ""))
    extract(path, LIMITS)
    assert list(tmp_path.iterdir()) == [path]


def reason_for(path: Path, limits: Limits = LIMITS) -> str:
    with pytest.raises(DocumentError) as caught:
        extract(path, limits)
    return caught.value.reason


@pytest.mark.parametrize("name", ["a.docx", "a.xlsx", "a.pptx", "a.epub"])
def test_an_archive_that_expands_too_far_is_refused(tmp_path: Path, name: str) -> None:
    path = write_zip(tmp_path / name, {"word/document.xml": bytes(3 << 20)})
    assert reason_for(path, Limits(archive_bytes=2 << 20)) == "would expand to more than 2 MB"


def test_an_archive_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    path = write_docx(tmp_path / "a.docx", extra={"bomb.xml": bytes(1 << 20)})
    with zipfile.ZipFile(path) as archive:
        entry = archive.getinfo("bomb.xml")
        sizes = entry.file_size.to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(sizes, (10).to_bytes(4, "little")))
    assert "not a complete zip archive" in reason_for(path)


def test_a_truncated_docx_is_damaged(tmp_path: Path) -> None:
    path = write_docx(tmp_path / "a.docx", (BODY, ""))
    path.write_bytes(path.read_bytes()[:-100])
    assert "not a complete zip archive" in reason_for(path)


def test_a_zip_archive_that_is_no_document_is_said_to_be_one(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.docx", {"photo.jpg": b"x"})
    assert reason_for(path) == "is a zip archive, but not a document"


def test_an_encrypted_odt_is_said_to_be_protected(tmp_path: Path) -> None:
    path = write_odt(tmp_path / "a.odt", [(0, "Boats.")], encrypted=True)
    assert reason_for(path) == "is protected with a password"


def test_an_encrypted_docx_is_said_to_be_protected(tmp_path: Path) -> None:
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
    (tmp_path / "a.docx").write_bytes(header + "EncryptedPackage".encode("utf-16-le") + bytes(512))
    assert reason_for(tmp_path / "a.docx") == "is protected with a password"


ENTITIES = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "boom boom boom">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + "]>"
)


def test_an_entity_bomb_in_a_docx_is_refused(tmp_path: Path) -> None:
    path = write_docx(tmp_path / "a.docx", xml=f"{ENTITIES}<document><body><p><r><t>&j;</t></r></p></body></document>")
    assert "declares a document type" in reason_for(path)


@pytest.mark.parametrize("write", [write_odt, write_ods])
def test_an_entity_bomb_in_an_open_document_does_not_expand(tmp_path: Path, write: Callable[..., Path]) -> None:
    whole = write(tmp_path / "a.odt", {} if write is write_ods else [])
    with zipfile.ZipFile(whole) as archive:
        entries: dict[str, str | bytes] = {name: archive.read(name) for name in archive.namelist()}
    content = str(entries["content.xml"], "utf-8").replace("</office:body>", "<text:p>&j;</text:p></office:body>")
    path = write_zip(tmp_path / f"b.{write.__name__[-3:]}", {**entries, "content.xml": ENTITIES + content})
    try:
        assert len(text_of(extract(path, LIMITS))) < 10_000
    except DocumentError as error:
        assert "\n" not in error.reason  # noqa: PT017


def test_an_entity_bomb_in_a_presentation_is_refused(tmp_path: Path) -> None:
    path = write_pptx(tmp_path / "a.pptx", [("Winter", "Boats.", "")])
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("ppt/slides/slide1.xml", f"{ENTITIES}<a>&j;</a>")
    assert "declares a document type" in reason_for(path)


def test_broken_xml_in_a_presentation_is_damage(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.odp", {"content.xml": "<a><b></a>"})
    assert reason_for(path) == "is damaged: its XML is broken"
