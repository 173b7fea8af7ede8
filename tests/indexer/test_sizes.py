from pathlib import Path

from indexer.document import Kind
from tests.indexer.library import Library


def test_what_each_folder_and_kind_takes_adds_up(library: Library, tmp_path: Path) -> None:
    library.write("a.txt", "Zebras graze quietly.")
    library.write("b.md", "# Boats\n\nThey sail.")
    library.write("photo.jpg", "no text is read")
    library.index()
    other = tmp_path / "other"
    other.mkdir()
    (other / "copy.txt").write_text("Zebras graze quietly.")
    library.engine.add_folder(other)
    library.index()
    report = library.engine.sizes()
    rows = {(row.amount.folder, row.amount.kind): row for row in report.rows}
    first, copy = rows[library.folder, Kind.TEXT], rows[other, Kind.TEXT]
    assert (first.amount.files, first.amount.file_bytes, first.amount.chunks) == (1, 21, 1)
    assert (first.amount.text_bytes, first.amount.vectors) == (21, 1)
    dimension = library.engine.status().spaces[0].dimension
    assert first.amount.vector_bytes == 2 * dimension
    assert (copy.amount.files, copy.amount.file_bytes) == (1, 21)
    assert (copy.amount.chunks, copy.index_bytes) == (0, 0), "a content is kept once, and counted once"
    assert rows[library.folder, Kind.IMAGE].amount.chunks == 0
    index = report.parts["catalogue"] + report.parts["segments"]
    assert abs(sum(row.index_bytes for row in report.rows) - index) <= len(report.rows)
    on_disk = sum(path.stat().st_size for path in library.profile.rglob("*") if path.is_file())
    assert sum(report.parts.values()) == on_disk


def test_an_empty_profile_has_a_size_report_without_rows(library: Library) -> None:
    assert library.engine.sizes().rows == ()
