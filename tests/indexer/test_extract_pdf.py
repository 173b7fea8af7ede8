"""PDF and e-books."""

from pathlib import Path

import pymupdf
import pytest

from indexer.document import Kind
from indexer.errors import DocumentError
from indexer.extract import Limits, extract
from tests.indexer.files import write_epub, write_pdf

LIMITS = Limits()
PARAGRAPH = "The harbour is closed to visitors for the whole of the winter season, and international guests wait. "


def test_pages_of_a_pdf_are_numbered_and_never_put_together(tmp_path: Path) -> None:
    document = extract(write_pdf(tmp_path / "a.pdf", ["First page.", "", "Third page."], title="Winter"), LIMITS)
    assert (document.kind, document.title) == (Kind.PDF, "Winter")
    assert [(chunk.page, chunk.text, chunk.context) for chunk in document.chunks] == [
        (1, "First page.", "Winter"),
        (3, "Third page.", "Winter"),
    ]


def test_the_table_of_contents_gives_the_context(tmp_path: Path) -> None:
    path = write_pdf(
        tmp_path / "a.pdf",
        ["1 Winter\n\n" + PARAGRAPH * 3, PARAGRAPH * 2, "1.1 Boats\n\n" + PARAGRAPH],
        toc=[(1, "Winter", 1), (2, "Boats", 3)],
    )
    assert [chunk.context for chunk in extract(path, LIMITS).chunks] == ["Winter", "Winter", "Winter > Boats"]


def test_a_stretch_of_a_chunk_is_found_on_its_page(tmp_path: Path) -> None:
    path = write_pdf(
        tmp_path / "a.pdf", ["office files of the interna-\ntional harbour are kept in winter. " + PARAGRAPH * 20]
    )
    chunks = extract(path, LIMITS).chunks
    assert len(chunks) > 1
    with pymupdf.open(path) as document:
        for chunk in chunks:
            assert document[chunk.page - 1].search_for(chunk.text.split("\n")[0])
            assert document[chunk.page - 1].search_for(" ".join(chunk.text.split()[:12]))


@pytest.mark.parametrize("title", ["Microsoft Word - report final.doc", "untitled", "report.tex"])
def test_a_title_that_says_nothing_is_left_out(tmp_path: Path, title: str) -> None:
    assert extract(write_pdf(tmp_path / "a.pdf", ["Text."], title=title), LIMITS).title == ""


def test_a_scan_has_no_text_and_it_is_said(tmp_path: Path) -> None:
    document = extract(write_pdf(tmp_path / "a.pdf", [""]), LIMITS)
    assert document.chunks == ()
    assert document.note == "no text found in it: its pages may be scans"


def test_a_protected_pdf_is_said_to_be_protected(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="is protected with a password"):
        extract(write_pdf(tmp_path / "a.pdf", ["Text."], password="secret"), LIMITS)


def test_a_truncated_pdf_gives_its_pages_or_is_damaged(tmp_path: Path) -> None:
    path = write_pdf(tmp_path / "a.pdf", [PARAGRAPH * 5] * 20)
    whole = path.read_bytes()
    for share in (0.1, 0.5, 0.9):
        path.write_bytes(whole[: int(share * len(whole))])
        try:
            extract(path, LIMITS)
        except DocumentError as error:
            assert error.reason.startswith("is damaged")  # noqa: PT017


def test_a_damaged_page_leaves_the_others_readable(tmp_path: Path) -> None:
    path = write_pdf(tmp_path / "a.pdf", ["First page.", "Second page.", "Third page."])
    with pymupdf.open(path) as document:
        document.xref_set_key(document.page_xref(1), "Type", "/Broken")
        document.save(tmp_path / "b.pdf")
    document = extract(tmp_path / "b.pdf", LIMITS)
    assert {"First page.", "Third page."} <= {chunk.text for chunk in document.chunks}


def test_pages_that_vanish_while_mupdf_repairs_the_file_are_damaged_ones(tmp_path: Path) -> None:
    path = write_pdf(tmp_path / "a.pdf", ["First page.", "Second page."])
    path.write_bytes(path.read_bytes().replace(b"/Kids", b"/Kid3"))
    assert extract(path, LIMITS).note == "some of its pages are damaged"


def test_only_the_first_pages_of_a_long_pdf_are_read_and_it_is_said(tmp_path: Path) -> None:
    document = extract(write_pdf(tmp_path / "a.pdf", [PARAGRAPH * 5] * 10), Limits(text_characters=2000))
    assert document.note == "only the first 2,000 characters are indexed"
    assert document.chunks[-1].page == 4


def test_an_epub_gives_its_chapters(tmp_path: Path) -> None:
    chapters = {"Winter": f"<p>{PARAGRAPH * 3}</p>", "Spring": f"<p>{PARAGRAPH * 3}</p>"}
    document = extract(write_epub(tmp_path / "a.epub", "The Harbour", chapters), LIMITS)
    assert (document.kind, document.title) == (Kind.EBOOK, "The Harbour")
    assert [(chunk.page, chunk.context) for chunk in document.chunks] == [
        (1, "The Harbour > Winter"),
        (2, "The Harbour > Spring"),
    ]


def test_a_fiction_book_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.fb2").write_text(
        '<?xml version="1.0"?><FictionBook xmlns="http://www.gribuser.ru/xml/fictionbook/2.0"><description><title-info>'
        "<book-title>Зима</book-title></title-info></description><body><section><p>Лодки стоят в гавани всю зиму.</p>"
        "</section></body></FictionBook>"
    )
    document = extract(tmp_path / "a.fb2", LIMITS)
    assert document.kind is Kind.EBOOK
    assert "Лодки стоят в гавани" in document.chunks[0].text
