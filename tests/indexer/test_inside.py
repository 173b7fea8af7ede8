"""What is inside archives and messages, from the folder to the hit."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer.document import Kind
from indexer.errors import StoreError
from indexer.pipeline import Pipeline
from indexer.results import FileState, Hit, Mode, SimilarRequest
from indexer.unpacking import FOLDER, Unpacker
from tests.indexer.files import write_pdf
from tests.indexer.inside import zipped
from tests.indexer.library import Library

BOATS = "Sailing boats lie in the harbour, and their nets are mended on the quay."
BREAD = "The dough rests overnight before the bread is baked in a wood oven."


def fill(library: Library) -> Path:
    pdf = write_pdf(library.profile / "summary.pdf", [BREAD, BOATS]).read_bytes()
    inner = zipped({"deep/fish.txt": "Cod and herring were landed before dawn."})
    path = library.folder / "reports.zip"
    path.write_bytes(
        zipped({"2024/summary.pdf": pdf, "more.zip": inner, "broken.pdf": b"%PDF-1.4 no", "tune.mp3": b"-"})
    )
    library.write("quay.txt", "Fishing boats are moored at the quay while their nets are mended.")
    library.index()
    return path


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """A library with an archive that nobody changes."""
    library = Library(tmp_path_factory.mktemp("inside"))
    fill(library)
    yield library
    library.engine.close()


@pytest.fixture(scope="module")
def archive(shelf: Library) -> Path:
    return shelf.folder / "reports.zip"


def only(library: Library, query: str) -> Hit:
    hits = library.hits(query)
    assert len(hits) == 1, hits
    return hits[0]


def test_it_is_found_with_its_own_path_kind_and_page(shelf: Library, archive: Path) -> None:
    hit = only(shelf, '"mended on the quay"')
    assert (hit.path, hit.member, hit.page, hit.kind) == (archive, "2024/summary.pdf", 2, Kind.PDF)
    assert hit.name == "summary.pdf"
    assert only(shelf, '"landed before dawn"').member == "more.zip › deep/fish.txt"


def test_it_is_found_by_its_name(shelf: Library, archive: Path) -> None:
    hit = only(shelf, "tune")
    assert (hit.member, hit.passage, hit.kind) == ("tune.mp3", "", Kind.OTHER)
    assert shelf.hits("summary")[0].member == "2024/summary.pdf"
    assert shelf.hits("summary")[0].passage.startswith("The dough rests")
    assert shelf.hits("reports")[0].member == ""


@pytest.mark.parametrize(
    ("operators", "is_found"),
    [
        ("ext:pdf", True),
        ("kind:pdf", True),
        ("ext:zip", True),
        ("kind:archive", True),
        ("name:summary*", True),
        ("name:reports*", True),
        ("in:files", True),
        ("ext:txt", False),
        ("-ext:zip", False),
        ("-kind:pdf", False),
        ("name:other*", False),
        ("size:>1G", False),
    ],
)
def test_filters_look_at_it_and_at_its_archive(shelf: Library, operators: str, is_found: bool) -> None:
    for mode in Mode:
        found = [hit.member for hit in shelf.hits(f"{operators} sailing boats and nets on the quay", mode)]
        assert ("2024/summary.pdf" in found) == is_found, mode


def test_moving_the_archive_reads_and_embeds_nothing(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = fill(library)
    monkeypatch.setattr(Pipeline, "_begin", None)  # would fail on whatever is to be read
    moved = archive.rename(library.folder / "moved.zip")
    library.index()
    assert only(library, '"mended on the quay"').path == moved


def test_it_goes_with_its_archive_and_outlives_mending(library: Library) -> None:
    archive = fill(library)
    assert library.engine.mend() == ()
    assert only(library, "tune").member == "tune.mp3"
    archive.write_bytes(zipped({"other.txt": "Owls hunt at night."}))
    library.index()
    assert library.hits('"mended on the quay"') == library.hits("tune") == ()
    assert only(library, "owls").member == "other.txt"
    archive.unlink()
    library.index()
    assert library.hits("owls") == library.hits("other") == ()
    assert library.engine.check() == ()


def test_the_like_of_it_is_found(shelf: Library, archive: Path) -> None:
    by_member = shelf.engine.similar(SimilarRequest(archive, member="2024/summary.pdf"))
    by_path = shelf.engine.similar(SimilarRequest(archive / "2024" / "summary.pdf"))
    assert [hit.path.name for hit in by_member.hits][:1] == ["quay.txt"]
    assert [(hit.path, hit.member) for hit in by_path.hits] == [(hit.path, hit.member) for hit in by_member.hits]
    found = shelf.engine.similar(SimilarRequest(shelf.folder / "quay.txt")).hits
    assert (archive, "2024/summary.pdf") in [(hit.path, hit.member) for hit in found]


def test_it_is_explained(shelf: Library, archive: Path) -> None:
    why = shelf.engine.why(archive, "harbour")
    assert (why.state, why.chunks, why.reason) == (FileState.INDEXED, 3, "1 of its 5 members can't be read")
    assert [(one.path, one.state) for one in why.members] == [
        ("2024/summary.pdf", FileState.INDEXED),
        ("more.zip", FileState.NO_TEXT),
        ("more.zip › deep/fish.txt", FileState.INDEXED),
        ("broken.pdf", FileState.FAILED),
        ("tune.mp3", FileState.NO_TEXT),
    ]
    for path in (archive / "2024/summary.pdf", Path(f"{archive} › 2024/summary.pdf")):
        why = shelf.engine.why(path, "nets on the quay")
        assert (why.path, why.member, why.chunks) == (archive, "2024/summary.pdf", 2)
        assert why.rank in (1, 2)  # beside quay.txt
    why = shelf.engine.why(archive / "broken.pdf")
    assert (why.state, why.reason) == (FileState.FAILED, "is damaged or not a PDF: MuPDF can't read it")
    assert shelf.engine.why(archive / "more.zip" / "deep" / "fish.txt").member == "more.zip › deep/fish.txt"


def test_its_text_and_a_copy_can_be_had(shelf: Library, archive: Path) -> None:
    assert shelf.engine.text(archive, "more.zip › deep/fish.txt") == "Cod and herring were landed before dawn."
    assert shelf.engine.text(archive).split("\n")[:2] == ["2024/summary.pdf", "more.zip"]
    assert shelf.engine.text(archive, "none") == ""
    copy = shelf.engine.unpack(archive, "more.zip › deep/fish.txt")
    assert copy.name == "fish.txt" and shelf.profile in copy.parents
    assert copy.read_text() == "Cod and herring were landed before dawn."


def test_a_protected_archive_has_a_row_that_says_so(library: Library) -> None:
    path = library.folder / "secret.zip"
    data = bytearray(zipped({"a.txt": "Herring."}))
    data[6] |= 1  # its flags say that it is encrypted, in its own header and in the directory
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    library.index()
    row = next(row for row in library.engine.files() if row.path == path)
    assert (row.state, row.reason) == (FileState.NO_TEXT, "is protected with a password")


def test_a_copy_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(zipped({"a.txt": "Herring."}))
    unpacker = Unpacker(tmp_path)
    try:
        (tmp_path / FOLDER).write_text("in the way")
        with pytest.raises(StoreError, match="can't be written"):
            unpacker.copy(path, "a.txt")
    finally:
        (tmp_path / FOLDER).unlink()
        unpacker.close()
