import sqlite3
from collections import Counter
from pathlib import Path
from random import Random

import numpy as np
import pytest

from indexer.catalogue import word_index
from indexer.catalogue.contents import packed, text_hash
from indexer.catalogue.database import PAGE_BYTES, connect, transaction
from indexer.catalogue.filters import chunk_filter
from indexer.catalogue.migrations import FORMAT
from indexer.catalogue.reader import CatalogueReader
from indexer.catalogue.records import Stamp
from indexer.catalogue.word_index import any_names, best_chunks, newest_chunks
from indexer.catalogue.writer import KEPT_PAGES, CatalogueWriter
from indexer.document import Chunk, Document, Kind
from indexer.errors import StoreError
from indexer.query import Filters, parse
from indexer.results import FileState

STAMP = Stamp(10, 1, 2, 3)


@pytest.fixture
def writer(tmp_path: Path):  # noqa: ANN201
    writer = CatalogueWriter(tmp_path / "catalogue.db")
    yield writer
    writer.close()


def document(*texts: str) -> Document:
    return Document(Kind.TEXT, tuple(Chunk(0, len(text), text) for text in texts))


def put(writer: CatalogueWriter, path: Path, digest: bytes, *texts: str) -> list[int]:
    """A file with its chunks in the catalogue."""
    with writer.change():
        writer.files.add_folder(path.parent)
        folder = writer.files.folders()[0][0]
        space = writer.spaces.ensure("model", "1", 4, 1)
        content, chunks = writer.contents.put(digest, document(*texts), 1)
        writer.contents.put_vectors(space, chunks, packed(np.full((len(chunks), 4), 0.5, np.float32)))
        writer.files.finish(writer.files.put(folder, path, STAMP, Kind.TEXT), FileState.INDEXED, "", content)
    return chunks


def test_chunk_numbers_are_never_used_again(writer: CatalogueWriter) -> None:
    path = Path("/files/a.txt")
    first = put(writer, path, b"a", "one", "two")
    with writer.change():
        writer.files.remove([record] if (record := writer.files.at(path)) else [])
    assert min(put(writer, path, b"b", "three")) > max(first)


def test_a_content_lives_as_long_as_a_file_has_it(writer: CatalogueWriter, tmp_path: Path) -> None:
    put(writer, Path("/files/a.txt"), b"a", "apples")
    put(writer, Path("/files/b.txt"), b"a", "apples")
    reader = CatalogueReader(writer.path)
    for name, left in (("a.txt", 1), ("b.txt", 0)):
        record = writer.files.at(Path("/files") / name)
        assert record is not None
        with writer.change():
            writer.files.remove([record])
        assert len(reader.words.numbers(best_chunks('"apples"', 10))) == left
        assert len(reader.words.numbers(any_names(f'"{name[0]}"'))) == 0
    assert reader.count_chunks() == 0
    assert reader.problems() == []
    reader.close()


def test_words_of_a_replaced_content_are_forgotten(writer: CatalogueWriter) -> None:
    put(writer, Path("/files/a.txt"), b"a", "红苹果 apples")
    put(writer, Path("/files/a.txt"), b"b", "pears")
    reader = CatalogueReader(writer.path)
    assert not reader.words.numbers(best_chunks('"apples" OR "苹果"', 10))
    assert reader.words.numbers(best_chunks('"pears"', 10))
    reader.close()


def test_deleted_words_leave_their_index_when_they_are_many(writer: CatalogueWriter) -> None:
    def size_bytes() -> int:
        return int(writer._connection.execute("SELECT sum(length(block)) FROM words_data").fetchone()[0])

    for number in range(40):
        texts = [f"a{number} " + " ".join(f"b{number * n}c{m}" for n in range(20)) for m in range(40)]
        put(writer, Path(f"/files/{number}.txt"), bytes([number]), *texts)
    before = size_bytes()
    assert not writer.contents.has_scattered_words()
    with writer.change():
        writer.files.remove([record for n in range(30) if (record := writer.files.at(Path(f"/files/{n}.txt")))])
    assert writer.contents.has_scattered_words()
    while writer.contents.has_scattered_words():
        with writer.change():
            writer.contents.merge_words()
    assert size_bytes() < before / 3
    reader = CatalogueReader(writer.path)
    assert len(reader.words.numbers(best_chunks('"a35"', 50))) == 40
    assert not reader.words.numbers(best_chunks('"a29"', 50))
    assert reader.problems() == []
    reader.close()


def test_room_of_deleted_files_is_given_back_to_the_disk(tmp_path: Path) -> None:
    writer = CatalogueWriter(tmp_path / "catalogue.db")
    for number in range(60):
        texts = [f"a{number} " + " ".join(f"w{number * 997 + n * m}" for n in range(90)) for m in range(60)]
        put(writer, Path(f"/files/{number}.txt"), bytes([number]), *texts)
    reader = CatalogueReader(writer.path)
    assert not writer.shrink()
    (pages,) = writer._connection.execute("PRAGMA page_count").fetchone()
    with writer.change():
        writer.files.remove([record for n in range(50) if (record := writer.files.at(Path(f"/files/{n}.txt")))])
    while writer.contents.has_scattered_words():
        with writer.change():
            writer.contents.merge_words()
    while writer.shrink():
        assert len(reader.words.numbers(best_chunks('"a55"', 70))) == 60
    assert writer._free_pages() <= KEPT_PAGES
    assert reader.problems() == []
    reader.close()
    writer.close()
    assert writer.path.stat().st_size < 0.8 * pages * PAGE_BYTES


def test_a_catalogue_that_can_not_shrink_is_left_as_it_is(tmp_path: Path) -> None:
    writer = CatalogueWriter(tmp_path / "catalogue.db")
    writer._connection.execute("PRAGMA auto_vacuum = NONE")
    writer._connection.execute("PRAGMA journal_mode = DELETE")
    writer._connection.execute("VACUUM")
    writer._connection.execute("CREATE TABLE filler AS SELECT zeroblob(4000000)")
    writer._connection.execute("DROP TABLE filler")
    assert writer._free_pages() > KEPT_PAGES
    assert not writer.shrink()
    writer.close()


def test_a_word_in_the_text_counts_more_than_one_above_it(writer: CatalogueWriter) -> None:
    below, within = Chunk(0, 5, "figs", context="pears"), Chunk(6, 11, "pears", context="figs")
    with writer.change():
        _, (first, second) = writer.contents.put(b"a", Document(Kind.TEXT, (below, within)), 1)
    reader = CatalogueReader(writer.path)
    assert reader.words.numbers(best_chunks('"pears"', 10)) == [second, first]
    assert reader.words.numbers(best_chunks('"figs"', 10)) == [first, second]
    reader.close()


def test_equal_texts_share_a_vector(writer: CatalogueWriter) -> None:
    put(writer, Path("/files/a.txt"), b"a", "apples")
    space = writer.spaces.all()[0]
    assert text_hash("apples") in writer.contents.vectors_of(space, [text_hash("apples"), text_hash("pears")])


def test_a_change_that_fails_leaves_nothing_behind(writer: CatalogueWriter) -> None:
    with pytest.raises(ZeroDivisionError), writer.change():
        writer.files.add_folder(Path("/files"))
        raise ZeroDivisionError
    assert writer.files.folders() == []


def test_names_that_are_not_unicode_survive(writer: CatalogueWriter) -> None:
    path = Path("/files/caf\udce9.txt")
    put(writer, path, b"a", "coffee")
    record = writer.files.at(path)
    assert record is not None
    assert record.path == path


def test_a_profile_of_a_newer_version_is_refused_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.db"
    CatalogueWriter(path).close()
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {FORMAT + 1}")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match="newer version"):
        CatalogueWriter(path)
    assert path.read_bytes() == before


def test_a_damaged_catalogue_is_named(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.db"
    path.write_bytes(b"this is not a database at all" * 1000)
    with pytest.raises(StoreError, match="catalogue.db: the catalogue is damaged"):
        CatalogueWriter(path)


def test_a_compressed_text_that_changed_on_the_disk_is_noticed(writer: CatalogueWriter) -> None:
    put(writer, Path("/files/a.txt"), b"a", "zebras graze quietly " * 20)
    [(texts,)] = writer._connection.execute("SELECT texts FROM blocks")
    writer._connection.execute("UPDATE blocks SET texts = ?", (texts[:9] + bytes([texts[9] ^ 1]) + texts[10:],))
    catalogue = CatalogueReader(writer.path)
    assert "1 contents whose text has changed on the disk" in catalogue.problems()
    catalogue.close()


def test_a_transaction_is_rolled_back_by_any_error() -> None:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute("CREATE TABLE t (x)")
    with pytest.raises(KeyboardInterrupt), transaction(connection):
        connection.execute("INSERT INTO t VALUES (1)")
        raise KeyboardInterrupt
    assert connection.execute("SELECT count(*) FROM t").fetchone() == (0,)
    connection.close()


def test_what_passes_a_filter_is_the_same_whether_or_not_all_that_pass_are_remembered(writer: CatalogueWriter) -> None:
    kept = put(writer, Path("/files/a.txt"), b"a", "one", "two")
    other = put(writer, Path("/files/b.md"), b"b", "three", "four")
    query = parse("ext:txt")
    narrow = chunk_filter(query.only, query.never)
    assert narrow
    catalogue = CatalogueReader(writer.path)
    asked = [other[1], kept[1], 10_000, kept[0], other[0]]
    for _ in range(2):
        assert catalogue.passing(asked, narrow) == [kept[1], kept[0]]
        assert catalogue.passing([], narrow) == []
        assert catalogue.allowed_chunks(narrow).tolist() == sorted(kept)
    put(writer, Path("/files/b.md"), b"c", "five")
    new = put(writer, Path("/files/c.txt"), b"d", "six")
    assert catalogue.passing([*asked, *new], narrow) == [kept[1], kept[0], *new]
    catalogue.close()


def test_frequent_words_are_counted_nearly_and_rare_ones_exactly(
    writer: CatalogueWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(word_index, "COUNTED", 50)
    put(writer, Path("/files/a.txt"), b"a", *(f"pear {'plum' if n % 2 else 'fig'} {n}" for n in range(400)))
    catalogue = CatalogueReader(writer.path)
    last, counts = catalogue.words.frequencies(["7", "pineapple", "plum", "pear", 'a "quote'])
    assert last == 400
    assert counts == {"7": 1, "pineapple": 0, "plum": pytest.approx(200, abs=10), "pear": 400, 'a "quote': 0}
    monkeypatch.setattr(word_index, "COUNTED_AT_ONCE", 2)
    assert catalogue.words.frequencies(list(counts)) == (last, counts)
    assert catalogue.words.frequencies([]) == (400, {})
    catalogue.close()


def test_words_that_begin_alike_are_counted_roughly(writer: CatalogueWriter) -> None:
    words = ["conform", "contain", "concert", "instant", "zebra", "地", "地图"]
    shares = [20, 15, 10, 5, 15, 3, 2]
    random = Random(1)
    held = Counter[str]()
    connection = connect(writer.path)
    for part in range(4):  # each becomes a segment of the index or more
        with transaction(connection):
            for number in range(10_000):
                text = f"{random.choices(words, shares)[0]} {random.randrange(100_000)} word{number % 700}"
                held.update({text[:length] for length in range(1, 5)})
                row = (10_000 * part + number + 1, text, "")
                connection.execute("INSERT INTO words (rowid, text, context) VALUES (?, ?, ?)", row)
    connection.close()
    catalogue = CatalogueReader(writer.path)
    for beginning in ("con", "cont", "inst", "z", "zebr", "地"):
        assert held[beginning] / 3 - 2400 <= catalogue.words.frequency_from(beginning) <= 2 * held[beginning] + 2400
    assert catalogue.words.frequency_from("con") > 2 * catalogue.words.frequency_from("inst")
    assert catalogue.words.frequency_from("nothing") == catalogue.words.frequency_from("龍") == 0
    catalogue.close()


def test_no_words_begin_in_any_way_where_there_are_none(writer: CatalogueWriter) -> None:
    catalogue = CatalogueReader(writer.path)
    assert catalogue.words.frequency_from("con") == 0
    catalogue.close()


def test_frequent_words_are_found_newest_first_through_a_filter(writer: CatalogueWriter) -> None:
    first = put(writer, Path("/files/a.txt"), b"a", "pears", "pears")
    second = put(writer, Path("/files/b.md"), b"b", "pears")
    catalogue = CatalogueReader(writer.path)
    only_text = chunk_filter(Filters(suffixes=("txt",)), Filters())
    assert catalogue.words.numbers(newest_chunks('"pears"', 10)) == [*second, *reversed(first)]
    assert catalogue.words.numbers(newest_chunks('"pears"', 10, only_text)) == [*reversed(first)]
    catalogue.close()


def test_what_a_filter_lets_through_is_right_after_every_change(writer: CatalogueWriter) -> None:
    catalogue = CatalogueReader(writer.path)
    only = {suffix: chunk_filter(Filters(suffixes=(suffix,)), Filters()) for suffix in ("txt", "md")}
    assert only["txt"] and only["md"]
    texts, notes = (
        put(writer, Path("/files/a.txt"), b"a", "pears", "plums"),
        put(writer, Path("/files/b.md"), b"b", "figs"),
    )
    for suffix, chunks in (("txt", texts), ("txt", texts), ("md", notes), ("txt", texts)):
        assert catalogue.allowed_chunks(only[suffix]).tolist() == chunks
    texts += put(writer, Path("/files/c.txt"), b"c", "apples")
    assert catalogue.allowed_chunks(only["txt"]).tolist() == texts
    catalogue.close()


def test_counts_that_are_kept_are_right_after_every_change(writer: CatalogueWriter) -> None:
    put(writer, Path("/files/a.txt"), b"a", "apples", "pears")
    put(writer, Path("/files/b.txt"), b"b", "plums")
    catalogue = CatalogueReader(writer.path)
    assert [held for _, held in catalogue.space_counts()] == [3]
    record = writer.files.at(Path("/files/a.txt"))
    assert record is not None
    with writer.change():
        writer.files.enqueue(record, 0)
    assert catalogue.count_files() == {FileState.INDEXED: 1, FileState.QUEUED: 1}
    assert catalogue.count_waiting(FileState.INDEXED) == 1
    assert catalogue.count_waiting(FileState.FAILED) == 0
    assert catalogue.count_chunks() == 3
    assert catalogue.count_files(Path("/files")) == catalogue.count_files()
    assert catalogue.count_files(Path("/elsewhere")) == {}
    with writer.change():
        writer.files.remove([record])
    assert [held for _, held in catalogue.space_counts()] == [1]
    assert catalogue.count_chunks() == 1
    assert catalogue.count_files() == {FileState.INDEXED: 1}
    catalogue.close()
