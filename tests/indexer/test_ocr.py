"""The text in scanned pages and pictures. Skipped where Tesseract is not installed: apt-get install tesseract-ocr."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pymupdf
import pytest

from indexer import tesseract
from indexer.catalogue.recognised import FILE_NAME, RecognisedTexts
from indexer.document import Document, Kind
from indexer.engine import Engine
from indexer.extract.limits import Limits
from indexer.extract.recognise import Recogniser
from indexer.results import FileState
from indexer.settings import Settings
from tests.indexer.inside import members, read_inside, zipped
from tests.indexer.library import Library

INSTALLED = tesseract.installed()
needs_tesseract = pytest.mark.skipif(
    INSTALLED is None or "eng" not in INSTALLED.languages, reason="Tesseract with English is not installed"
)
TEXT = "Herring boats return before dawn"
ENGLISH = Limits(ocr_languages="eng")
WIDTH, HEIGHT = 420, 60  # points


def picture(text: str = TEXT) -> pymupdf.Pixmap:
    with pymupdf.open() as document:
        page = document.new_page(width=WIDTH, height=HEIGHT)
        page.insert_text((20, 38), text, fontsize=20)
        return page.get_pixmap(dpi=150, colorspace=pymupdf.csRGB, alpha=False)


def scan(path: Path, texts: list[str]) -> Path:
    """A PDF of pictures."""
    with pymupdf.open() as document:
        for text in texts:
            page = document.new_page(width=WIDTH, height=HEIGHT)
            page.insert_image(page.rect, stream=picture(text).tobytes("jpg"))
        document.save(path)
    return path


@pytest.fixture
def recognised(tmp_path: Path) -> Iterator[RecognisedTexts]:
    texts = RecognisedTexts(tmp_path)
    yield texts
    texts.close()


@needs_tesseract
def test_scanned_pages_are_read_where_it_is_asked_for(tmp_path: Path) -> None:
    path = scan(tmp_path / "a.pdf", [TEXT, "Bread rises overnight"])
    document = read_inside(path, ENGLISH)
    assert isinstance(document, Document)
    assert [(chunk.page, chunk.text) for chunk in document.chunks] == [(1, TEXT), (2, "Bread rises overnight")]
    assert (document.scan, document.note) == ("eng", "")
    without = read_inside(path)
    assert isinstance(without, Document)
    assert (without.chunks, without.scan) == ((), "")


@needs_tesseract
@pytest.mark.parametrize("suffix", ["png", "jpg", "tiff", "bmp", "webp"])
def test_pictures_are_read(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"a.{suffix}"
    if suffix in {"png", "jpg"}:
        path.write_bytes(picture().tobytes(suffix))
    else:
        pytest.importorskip("PySide6.QtGui")
        from PySide6.QtGui import QImage

        assert QImage.fromData(picture().tobytes("png")).save(str(path))
    document = read_inside(path, ENGLISH)
    assert isinstance(document, Document)
    assert (document.kind, [chunk.text for chunk in document.chunks]) == (Kind.IMAGE, [TEXT])


@needs_tesseract
def test_pictures_in_archives_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(zipped({"scan.png": picture().tobytes("png")}))
    assert members(path, ENGLISH) == {"scan.png": TEXT}
    document = read_inside(path)
    assert isinstance(document, Document) and document.scan == ""


@needs_tesseract
def test_what_was_recognised_once_is_not_recognised_again(
    tmp_path: Path, recognised: RecognisedTexts, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = read_inside(scan(tmp_path / "a.pdf", [TEXT]), ENGLISH, recognised)
    monkeypatch.setenv("PATH", "")  # no Tesseract
    assert read_inside(scan(tmp_path / "copy.pdf", [TEXT]), ENGLISH, recognised) == first
    other = read_inside(scan(tmp_path / "b.pdf", ["Bread rises overnight"]), ENGLISH, recognised)
    assert isinstance(other, Document)
    assert "the text of 1 pages could not be recognised" in other.note


@needs_tesseract
def test_pages_are_read_in_a_confined_process_and_found(tmp_path: Path) -> None:
    library = Library(tmp_path, Settings(debounce_ms=50, extraction_workers=1))
    try:
        path = scan(library.folder / "a.pdf", [TEXT])
        (library.folder / "b.png").write_bytes(picture("Bread rises overnight").tobytes("png"))
        library.index()
        assert library.hits('"before dawn"') == ()
        assert {row.state for row in library.engine.files()} == {FileState.NO_TEXT}
        library.settings = Settings(debounce_ms=50, extraction_workers=1, ocr=True, ocr_languages=("eng",))
        library.restart()
        assert [(hit.path, hit.page) for hit in library.hits('"before dawn"')] == [(path, 1)]
        assert [hit.path.name for hit in library.hits('"rises overnight"')] == ["b.png"]
        library.settings = Settings(debounce_ms=50)
        library.restart()
        assert [hit.path for hit in library.hits('"before dawn"')] == [path]
    finally:
        library.engine.close()


def test_without_tesseract_the_status_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    engine = Engine.open(tmp_path / "profile", Settings(ocr=True))
    try:
        (warning,) = engine.status().warnings
    finally:
        engine.close()
    assert "Tesseract is not installed. Install it" in warning


@needs_tesseract
def test_a_language_that_is_not_installed_is_told() -> None:
    languages, warning = tesseract.languages(("eng", "tlh"))
    assert languages == "eng" and "no data for tlh" in warning
    languages, warning = tesseract.languages(("tlh",))
    assert languages == "" and "no data for tlh" in warning


@pytest.mark.parametrize(
    ("wanted", "spoken", "chosen"),
    [
        ((), "de_AT.UTF-8", ("deu", "eng")),
        ((), "zh_TW", ("chi_tra", "eng")),
        ((), "zh-CN", ("chi_sim", "eng")),
        ((), "C", ("eng",)),
        (("fra", "xyz"), "de_AT", ("fra",)),
    ],
)
def test_languages_are_those_of_the_system_unless_others_are_wanted(
    wanted: tuple[str, ...], spoken: str, chosen: tuple[str, ...]
) -> None:
    known = ("chi_sim", "chi_tra", "deu", "eng", "fra")
    assert tesseract.chosen(wanted, known, spoken) == chosen


def test_texts_are_kept_and_forgotten(tmp_path: Path, recognised: RecognisedTexts) -> None:
    recognised.remember("a" * 32, TEXT)
    recognised.close()
    assert recognised.recall("a" * 32) == TEXT
    recognised.clear()
    assert not (tmp_path / FILE_NAME).exists()
    assert recognised.recall("a" * 32) is None


def test_a_damaged_store_of_texts_begins_anew(tmp_path: Path, recognised: RecognisedTexts) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"no database" * 100)
    recognised.remember("a" * 32, TEXT)
    assert recognised.recall("a" * 32) == TEXT
    with sqlite3.connect(tmp_path / FILE_NAME) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


def test_there_is_a_limit_to_the_pages_of_a_file() -> None:
    recogniser = Recogniser("eng", 1, lambda key: "known", lambda key, text: None)
    assert [recogniser.text(b"a"), recogniser.text(b"b")] == ["known", ""]
    assert recogniser.note == "the text of 1 pages could not be recognised"
