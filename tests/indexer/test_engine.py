import os
import shutil
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from indexer import candidates, indexing
from indexer.catalogue.writer import CatalogueWriter
from indexer.engine import Engine
from indexer.errors import DamagedError, DocumentError, QueryError, StoreError
from indexer.mending import set_aside
from indexer.reconcile import Reconciler
from indexer.results import Activity, FileState, FolderState, Matched, Mode, SearchRequest, SimilarRequest, Status
from indexer.settings import Settings
from tests.indexer.inside import zipped
from tests.indexer.library import Library, eventually

BOILER = "The pressure of the heating must stay above one bar. Fill up water when the gauge shows less.\n"
DOGS = "Dogs have to be kept on a leash in the park. Please clean up after your dog.\n"


def test_a_file_is_found_by_its_words_and_by_its_name(library: Library) -> None:
    library.write("boiler manual.txt", BOILER)
    library.index()
    assert library.search("gauge") == ["boiler manual.txt"]
    assert library.search("boiler") == ["boiler manual.txt"]
    assert library.hits("gauge")[0].matched == (Matched.WORDS,) or Matched.WORDS in library.hits("gauge")[0].matched


def test_a_file_is_found_by_meaning_across_languages(library: Library) -> None:
    library.write("heating.txt", BOILER)
    library.write("park.txt", DOGS)
    library.index()
    [first, *_] = library.hits("Hunde im Park an der Leine", Mode.MEANING)
    assert first.path.name == "park.txt"
    assert first.matched == (Matched.MEANING,)
    assert first.passage[slice(*first.highlight)] == "Dogs have to be kept on a leash in the park."


def test_a_hit_opens_at_the_line_of_its_best_sentence(library: Library) -> None:
    library.write(
        "long.txt", "\n".join(f"Line {number} about nothing in particular." for number in range(1, 80)) + "\n\n" + DOGS
    )
    library.index()
    assert library.hits("dogs leash park")[0].line == 81


def test_a_saved_file_is_found_without_being_asked_for(library: Library) -> None:
    library.write("new.txt", "zebras graze quietly")
    assert eventually(lambda: library.search("zebras") == ["new.txt"])
    library.write("new.txt", "giraffes look down")
    assert eventually(lambda: library.search("giraffes") == ["new.txt"])
    assert "new.txt" not in library.search("zebras", Mode.WORDS)


def test_a_deleted_file_is_gone_from_the_next_search(library: Library) -> None:
    path = library.write("a.txt", "zebras graze quietly")
    library.index()
    path.unlink()
    assert eventually(lambda: library.search("zebras") == [])
    assert library.engine.status().chunks == 0 or eventually(lambda: library.engine.status().chunks == 0)


def test_a_renamed_file_and_a_moved_folder_are_found_without_embedding(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.write("old/a.txt", "zebras graze quietly")
    library.write("b.txt", DOGS)
    library.index()

    def refuse(*_: object) -> None:
        raise AssertionError("nothing may be embedded or extracted")

    monkeypatch.setattr(library.engine._indexing.pool, "submit", refuse)
    (library.folder / "old").rename(library.folder / "new")
    (library.folder / "b.txt").rename(library.folder / "c.txt")
    library.index()
    [hit] = library.hits("zebras", Mode.WORDS)
    assert hit.path == library.folder / "new" / "a.txt"
    assert library.search("leash", Mode.WORDS) == ["c.txt"]
    assert library.search("name:b.txt") == []


def test_a_copy_is_one_hit_with_its_places(library: Library) -> None:
    library.write("a.txt", DOGS)
    library.write("copies/b.txt", DOGS)
    library.index()
    [hit] = library.hits("leash")
    assert {path.name for path in hit.places} == {"a.txt", "b.txt"}
    (library.folder / "a.txt").unlink()
    library.index()
    [hit] = library.hits("leash")
    assert [path.name for path in hit.places] == ["b.txt"]


def test_an_edit_embeds_only_the_chunks_that_changed(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    sections = [f"# Section {number}\n\n" + f"Sentence {number} about topic {number}. " * 30 for number in range(6)]
    library.write("a.md", "\n\n".join(sections))
    library.index()
    embedder = library.engine._active.embedder
    embedded: list[str] = []
    original = embedder.embed_documents

    def recording(texts, dimension=None):  # noqa: ANN001, ANN202
        embedded.extend(texts)
        return original(texts, dimension)

    monkeypatch.setattr(embedder, "embed_documents", recording)
    sections[3] = sections[3].replace("topic 3", "zebras")
    library.write("a.md", "\n\n".join(sections))
    library.index()
    assert embedded
    assert all("zebras" in text for text in embedded)


def test_an_excluded_file_has_a_row_that_names_the_rule(library: Library) -> None:
    library.write(".gitignore", "*.secret\n")
    path = library.write("key.secret", "zebras")
    library.index()
    assert library.search("zebras") == []
    explanation = library.engine.why(path)
    assert explanation.state is FileState.EXCLUDED
    assert "*.secret" in explanation.reason


def test_every_file_of_a_folder_has_a_state(library: Library) -> None:
    library.write("good.txt", DOGS)
    library.write("empty.txt", "")
    library.write("binary.bin", "x")
    (library.folder / "broken.pdf").write_bytes(b"%PDF-1.7 nothing else")
    library.index()
    states = {row.path.name: row.state for row in library.engine.files()}
    assert states == {
        "good.txt": FileState.INDEXED,
        "empty.txt": FileState.NO_TEXT,
        "binary.bin": FileState.NO_TEXT,
        "broken.pdf": FileState.FAILED,
    }
    assert library.search("broken") == ["broken.pdf"]


def test_a_file_above_the_size_cap_is_found_by_name_only(tmp_path: Path) -> None:
    library = Library(tmp_path, Settings(max_file_bytes=100))
    library.write("huge.txt", "zebras " * 1000)
    library.index()
    assert library.search("zebras", Mode.WORDS) == []
    assert library.search("huge") == ["huge.txt"]
    library.engine.close()


def test_a_file_of_two_gigabytes_costs_nothing(library: Library) -> None:
    path = library.folder / "disk.txt"
    with path.open("wb") as file:
        file.truncate(2 * 1024**3)
    library.index()
    [row] = library.engine.files()
    assert row.state is FileState.NO_TEXT
    assert "larger than" in row.reason


def test_a_folder_that_vanishes_keeps_its_index_and_says_so(library: Library) -> None:
    library.write("a.txt", DOGS)
    library.index()
    told: list[Status] = []
    library.engine.subscribe(told.append)
    away = library.folder.with_name("away")
    library.folder.rename(away)
    assert eventually(lambda: library.engine.folders()[0].state is FolderState.ABSENT)
    assert eventually(lambda: bool(told) and "is not there" in "".join(told[-1].warnings))
    assert library.search("leash") == ["a.txt"]
    away.rename(library.folder)
    assert eventually(lambda: library.engine.folders()[0].state is FolderState.WATCHED)
    assert eventually(lambda: told[-1].warnings == ())
    assert library.search("leash") == ["a.txt"]


def test_files_of_a_folder_that_vanishes_wait_in_the_queue_and_keep_their_index(library: Library) -> None:
    path = library.write("a.txt", DOGS)
    library.index()
    library.engine.close()
    with closing(sqlite3.connect(library.profile / "catalogue.db")) as catalogue:  # as an update of the chunker does
        catalogue.execute("UPDATE files SET priority = 50")
        catalogue.execute("UPDATE contents SET chunker = 0")
        catalogue.commit()
    away = library.folder.rename(library.folder.with_name("away"))
    library.restart()
    assert library.engine.folders()[0].state is FolderState.ABSENT
    assert library.search("leash") == ["a.txt"]
    [row] = library.engine.files()
    assert (row.path, row.state) == (path, FileState.QUEUED)
    assert library.engine.status().searchable == 1
    away.rename(library.folder)
    library.index()
    [row] = library.engine.files()
    assert (row.path, row.state) == (path, FileState.INDEXED)
    assert library.search("leash") == ["a.txt"]


def test_a_queued_file_is_only_forgotten_while_its_folder_is_there(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    path = folder / "a.txt"
    path.write_text(DOGS)
    with closing(CatalogueWriter(tmp_path / "catalogue.db")) as catalogue:
        with catalogue.change():
            catalogue.files.add_folder(folder)
        reconciler = Reconciler(catalogue, Settings(), lambda: False)
        reconciler.scan(folder)
        [record] = catalogue.files.queued(10)
        away = folder.rename(tmp_path / "away")
        for forget in (lambda: reconciler.lost(record, FileNotFoundError()), lambda: reconciler.changed([path])):
            with catalogue.change():
                catalogue.files.set_folder_state(folder, FolderState.WATCHED, "")
            forget()
            assert catalogue.files.at(path) == record
            assert [state for _, _, state in catalogue.files.folders()] == [FolderState.ABSENT]
            assert catalogue.files.queued(10) == []
        away.rename(folder)
        path.unlink()
        reconciler.scan(folder)
        assert catalogue.files.at(path) is None
        path.write_text(DOGS)
        reconciler.scan(folder)
        [record] = catalogue.files.queued(10)
        path.unlink()
        reconciler.lost(record, FileNotFoundError())
        assert catalogue.files.at(path) is None


def test_a_folder_is_stale_until_it_has_been_compared_with_the_disk(library: Library) -> None:
    library.engine.close()
    library.engine = Engine.open(library.profile, library.settings)
    may_begin = threading.Event()
    library.engine._indexing.order(lambda: may_begin.wait(60))
    (before,) = library.engine.folders()
    assert (before.state, "does not watch it now" in before.note) == (FolderState.STALE, True)
    library.engine.start()
    (meanwhile,) = library.engine.folders()
    assert (meanwhile.state, "has yet to be compared" in meanwhile.note) == (FolderState.STALE, True)
    may_begin.set()
    assert library.engine.wait(60)
    assert [(row.state, row.note) for row in library.engine.folders()] == [(FolderState.WATCHED, "")]


def test_a_removed_folder_is_forgotten_completely(library: Library) -> None:
    library.write("a.txt", DOGS)
    library.index()
    library.engine.remove_folder(library.folder)
    assert library.search("leash") == []
    assert library.engine.files() == ()
    assert library.engine.check() == ()
    with pytest.raises(StoreError, match="not watched"):
        library.engine.remove_folder(library.folder)


def test_folders_that_overlap_or_do_not_exist_are_refused(library: Library) -> None:
    (library.folder / "sub").mkdir()
    for folder, word in (
        (library.folder, "already"),
        (library.folder / "sub", "lies in"),
        (library.folder / "no", "not a folder"),
    ):
        with pytest.raises(StoreError, match=word):
            library.engine.add_folder(folder)
    with pytest.raises(StoreError, match="Remove that one first"):
        library.engine.add_folder(library.folder.parent)


def test_a_second_engine_on_a_profile_is_refused(library: Library) -> None:
    with pytest.raises(StoreError, match="another process of Cognate holds this profile"):
        Engine.open(library.profile)


def test_everything_is_there_after_a_restart(library: Library) -> None:
    library.write("a.txt", DOGS)
    library.index()
    library.restart()
    assert library.search("leash") == ["a.txt"]
    library.engine.close()
    library.write("b.txt", "zebras graze quietly")
    (library.folder / "a.txt").unlink()
    library.engine = Engine.open(library.profile, library.settings)
    library.engine.start()
    assert library.engine.wait(60)
    assert library.search("zebras") == ["b.txt"]
    assert library.search("leash", Mode.WORDS) == []


def test_a_profile_without_its_segments_answers_as_before(tmp_path: Path) -> None:
    library = Library(tmp_path, Settings(flush_chunks=20))
    for number in range(60):
        library.write(f"{number}.txt", f"Report {number} on the weather of day {number}.")
    library.write("dogs.txt", DOGS)
    library.index()
    assert eventually(lambda: library.engine.status().segment_bytes > 0 or bool(library.engine._active.index.records))
    library.engine.close()
    shutil.rmtree(library.profile / "segments")
    library.engine = Engine.open(library.profile, library.settings)
    assert library.search("Hunde im Park an der Leine", Mode.MEANING)[0] == "dogs.txt"
    library.engine.close()


def test_filters_narrow_what_is_found(library: Library) -> None:
    library.write("letters/a.txt", DOGS)
    library.write("b.md", DOGS + "More text.")
    os.utime(library.folder / "b.md", (0, 86400 * 365 * 40))
    library.index()
    assert set(library.search("leash")) == {"a.txt", "b.md"}
    for narrow, name in (
        ("ext:md", "b.md"),
        ("-ext:md", "a.txt"),
        ("in:letters", "a.txt"),
        (f"in:{library.folder / 'letters'}", "a.txt"),
        ("date:<2015", "b.md"),
        ("kind:markdown", "b.md"),
        ("name:a", "a.txt"),
        ("-more", "a.txt"),
        ('"more text"', "b.md"),
    ):
        assert library.search(f"leash {narrow}") == [name], narrow
    assert library.search("ext:md") == ["b.md"]
    [hit] = library.hits("ext:md")
    assert hit.passage.startswith(DOGS.split(".")[0])
    assert hit.highlight == (0, 0)  # nothing was looked for in it


def test_a_language_narrows_what_is_found_by_its_name_or_by_nothing_else(library: Library) -> None:
    library.write("dogs.txt", DOGS)
    library.write("dogs in german.txt", "Hunde müssen im Park an der Leine geführt werden, damit sie niemanden stören.")
    library.write("dogs.mp3", "-")
    inner = zipped({"dogs one.txt": DOGS, "dogs two.txt": "Hunde sind im Park an der Leine zu führen, auch im Winter."})
    (library.folder / "pets.zip").write_bytes(inner)
    library.index()
    for number, name in enumerate(("dogs in german.txt", "dogs.txt", "dogs.mp3", "pets.zip")):
        os.utime(library.folder / name, (number, number))
    library.index()
    assert library.search("lang:de") == ["dogs in german.txt"]
    assert set(library.search("-lang:en")) >= {"dogs.mp3", "dogs in german.txt"}
    assert "dogs.txt" not in library.search("-lang:en")
    assert library.search("dogs.txt lang:de", Mode.WORDS) == []
    names = {(hit.path.name, hit.member) for hit in library.hits("dogs lang:de", Mode.WORDS)}
    assert names == {("dogs in german.txt", ""), ("pets.zip", "dogs two.txt")}


def test_a_filter_that_lets_much_through_finds_what_comparing_everything_finds(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(60):
        library.write(f"{number}.{'md' if number % 2 else 'txt'}", f"Dog number {number} is on a leash. {DOGS}")
    library.index()
    monkeypatch.setattr(candidates, "SCANNED", 25)
    for overfetch in (4000, 0):
        exact = library.hits("dogs on a leash ext:md", Mode.MEANING)
        assert len(exact) == 20
        assert {hit.path.suffix for hit in exact} == {".md"}
        monkeypatch.setattr(candidates, "OVERFETCH", overfetch)
        assert [hit.path for hit in library.hits("dogs on a leash ext:md", Mode.MEANING)] == [hit.path for hit in exact]


def test_nothing_close_enough_is_said_instead_of_noise(library: Library) -> None:
    library.write("a.txt", DOGS)
    library.index()
    response = library.engine.search(SearchRequest("quarterly tax declaration of the company"))
    assert response.hits == ()
    assert response.notice


def test_a_question_finds_the_word_that_tells_most_when_nothing_else_is_close(library: Library) -> None:
    for number in range(5):
        library.write(f"{number}.txt", f"Report {number}: the boiler of house {number} was serviced. " * 9)
    library.write("pie.txt", "Mum's apple pie: flour, butter, sugar, apples. Bake for an hour.")
    library.index()
    hits = library.hits("who looks after the boiler")
    assert {hit.path.name for hit in hits} == {f"{number}.txt" for number in range(5)}
    assert {hit.matched for hit in hits} == {(Matched.WORDS,)}
    assert not library.hits("who looks after the zebra")


def test_a_query_that_cant_be_understood_is_refused(library: Library) -> None:
    with pytest.raises(QueryError):
        library.engine.search(SearchRequest("date:someday"))


def test_similar_files_are_found_for_indexed_and_other_files_and_for_text(library: Library, tmp_path: Path) -> None:
    dogs = library.write("dogs.txt", DOGS)
    library.write(
        "hunde.txt", "Hunde müssen im Park an der Leine geführt werden. Bitte räumen Sie hinter Ihrem Hund auf."
    )
    library.write("heating.txt", BOILER)
    library.index()
    assert library.similar(dogs)[0] == "hunde.txt"
    outside = tmp_path / "outside.txt"
    outside.write_text("Please keep your dog on a leash when you walk in the park, and clean up after it.")
    assert set(library.similar(outside)[:2]) == {"dogs.txt", "hunde.txt"}
    hits = library.engine.similar(SimilarRequest(text="Dogs must be on a leash in the park")).hits
    assert {hit.path.name for hit in hits[:2]} == {"dogs.txt", "hunde.txt"}
    with pytest.raises(DocumentError):
        library.engine.similar(SimilarRequest(tmp_path / "missing.txt"))


def test_what_many_files_share_does_not_make_them_similar(library: Library) -> None:
    clauses = " ".join(
        f"{number}. The licensee may use, copy and distribute the software under the terms of clause {number} provided "
        "that this notice is kept in all copies and that no warranty of any kind is given by the authors."
        for number in range(1, 16)
    )
    topics = {"boiler": BOILER, "bread": "Knead the dough and bake it in a hot oven.", "tax": "Pay the tax in May."}
    for name, text in topics.items():
        library.write(f"{name}.md", f"# Licence\n\n{clauses}\n\n# {name}\n\n{text}\n")
    dogs = library.write("dogs.md", f"# Licence\n\n{clauses}\n\n# Dogs\n\n{DOGS}\n")
    library.write("leash.txt", "Keep your dog on a leash in the park and clean up after your dog.")
    library.index()
    assert library.similar(dogs)[0] == "leash.txt"


def test_copies_of_a_document_are_still_its_likest(library: Library) -> None:
    first = library.write("first.txt", DOGS)
    library.write("second.txt", DOGS + " Thank you.")
    library.write("third.txt", DOGS + " The council.")
    library.write("leash.txt", "A leash for the cat.")
    library.index()
    assert set(library.similar(first)[:2]) == {"second.txt", "third.txt"}


def test_paused_indexing_reads_nothing_until_it_resumes(library: Library) -> None:
    library.engine.pause("paused by you")
    library.write("a.txt", DOGS)
    library.engine.index()
    assert eventually(lambda: library.engine.why(library.folder / "a.txt").queue_place == 1)
    assert library.search("leash", Mode.WORDS) == []
    library.engine.resume()
    assert eventually(lambda: library.search("leash", Mode.WORDS) == ["a.txt"])


def test_a_failed_file_is_read_again_on_request(library: Library) -> None:
    path = library.folder / "a.pdf"
    path.write_bytes(b"%PDF-1.7 broken")
    library.index()
    done = library.engine.status().done
    library.engine.retry([path])
    assert eventually(lambda: library.engine.status().done > done)
    assert library.engine.why(path).state is FileState.FAILED


def test_why_tells_the_rank_of_a_file_by_words_and_by_meaning(library: Library, tmp_path: Path) -> None:
    path = library.write("dogs.txt", DOGS)
    library.index()
    explanation = library.engine.why(path, "leash")
    assert (explanation.state, explanation.chunks, explanation.rank_words) == (FileState.INDEXED, 1, 1)
    assert library.engine.why(tmp_path / "elsewhere.txt").state is None


def test_the_text_of_a_file_is_kept_for_the_preview(library: Library) -> None:
    path = library.write("a.md", "# Title\n\nFirst paragraph.\n\nSecond paragraph.\n")
    library.index()
    text = library.engine.text(path)
    assert "First paragraph." in text
    assert "Second paragraph." in text


def test_a_catalogue_with_rows_gone_is_mended(library: Library) -> None:
    path = library.write("a.txt", DOGS)
    library.write("b.txt", "zebras graze quietly")
    library.index()
    library.engine.close()
    connection = sqlite3.connect(library.profile / "catalogue.db")
    connection.execute("DELETE FROM vectors WHERE id = (SELECT min(id) FROM vectors)")
    connection.execute("INSERT INTO words (words) VALUES ('delete-all')")
    connection.commit()
    connection.close()
    library.engine = Engine.open(library.profile, library.settings)
    assert library.engine.check() == ("2 chunks without words", "1 chunks without a vector")
    assert library.engine.mend() == ()
    assert library.search("leash", Mode.WORDS) == ["a.txt"]
    assert library.similar(path) == library.similar(path)


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        ("DELETE FROM vectors", "chunks without a vector"),
        ("UPDATE vectors SET chunk = chunk + 100", "vectors without a chunk"),
        ("INSERT INTO words (words) VALUES ('delete-all')", "chunks without words"),
        ("INSERT INTO words (rowid, text) VALUES (99, 'x')", "words without a chunk"),
        ("INSERT INTO names (names) VALUES ('delete-all')", "files that are not found by their name"),
        ("UPDATE files SET content = NULL", "indexed files without a content"),
        ("UPDATE files SET content = NULL", "contents without a file"),
        ("UPDATE files SET content = content + 100", "refers to nothing"),
        ("UPDATE files SET folder = 99", "refers to nothing"),
        ("UPDATE chunks SET content = content + 100", "refers to nothing"),
        ("UPDATE chunks SET member = 99", "refers to nothing"),
        ("DELETE FROM chunks WHERE id = 1", "contents without all their chunks"),
        ("DELETE FROM blocks", "contents whose text has changed on the disk"),
        ("UPDATE chunks SET place = 9", "contents whose text has changed on the disk"),
        ("UPDATE vectors SET space = 99", "refers to nothing"),
        ("DELETE FROM contents", "refers to nothing"),
        ("DELETE FROM folders", "refers to nothing"),
    ],
)
def test_whatever_the_check_names_is_mended_and_every_file_found_again(
    library: Library, damage: str, problem: str
) -> None:
    library.write("a.txt", DOGS)
    library.write("b.txt", "zebras graze quietly")
    library.index()
    library.engine.close()
    with closing(sqlite3.connect(library.profile / "catalogue.db")) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(damage)
        connection.commit()
    library.engine = Engine.open(library.profile, library.settings)
    assert any(problem in found for found in library.engine.check())
    library.engine.mend()
    library.engine.start()
    if not library.engine.folders():
        library.engine.add_folder(library.folder)
    library.index()
    assert library.engine.check() == ()
    assert library.search("leash", Mode.WORDS) == ["a.txt"]
    assert library.search("zebras", Mode.MEANING)[0] == "b.txt"
    assert library.search("b", Mode.WORDS) == ["b.txt"]


def test_a_damaged_catalogue_is_set_aside_with_its_folders_remembered(library: Library) -> None:
    library.write("a.txt", DOGS)
    library.index()
    library.engine.close()
    catalogue = library.profile / "catalogue.db"
    aside, folders = set_aside(library.profile)
    assert folders == [library.folder]
    assert aside.exists()
    assert not catalogue.exists()
    catalogue.write_bytes(b"no database at all" * 1000)
    with pytest.raises(DamagedError, match="doctor --mend"):
        Engine.open(library.profile)
    assert set_aside(library.profile)[1] == []
    library.engine = Engine.open(library.profile, library.settings)


def test_a_full_disk_pauses_indexing_and_loses_nothing(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    library.write("before.txt", DOGS)
    library.index()
    monkeypatch.setattr(indexing, "RETRY_SECONDS", 0.3)
    connection = library.engine._catalogue._connection
    library.engine._call(lambda: connection.execute("PRAGMA max_page_count = 1").fetchone())  # SQLite's own full disk
    for number in range(30):
        library.write(f"{number}.txt", f"zebra number {number} " * 400)
    assert eventually(lambda: "the disk is full" in library.engine.status().detail)
    assert library.engine.status().activity is Activity.PAUSED
    assert library.search("leash") == ["before.txt"]
    library.engine._call(lambda: connection.execute("PRAGMA max_page_count = 1000000").fetchone())
    assert eventually(lambda: len(library.hits("zebra", Mode.WORDS)) == 20)
    assert library.engine.wait(60)
    assert library.engine.check() == ()
    assert library.engine.status().files == {FileState.INDEXED: 31}


def test_an_update_of_the_built_in_model_embeds_everything_anew(library: Library) -> None:
    library.write("dogs.txt", DOGS)
    library.index()
    library.engine.close()
    connection = sqlite3.connect(library.profile / "catalogue.db")
    connection.execute("UPDATE spaces SET revision = 'of an earlier release'")
    connection.execute("UPDATE contents SET chunker = 0")
    connection.commit()
    connection.close()
    library.engine = Engine.open(library.profile, library.settings)
    assert library.search("leash", Mode.WORDS) == ["dogs.txt"]
    library.engine.start()
    assert library.engine.wait(60)
    assert library.search("Hunde im Park an der Leine", Mode.MEANING) == ["dogs.txt"]
    assert len(library.engine.status().spaces) == 1
    assert library.engine.check() == ()


def test_an_error_of_ours_is_said_and_leaves_nobody_waiting(library: Library, caplog: pytest.LogCaptureFixture) -> None:
    indexing, may_fail = library.engine._indexing, threading.Event()

    def fail() -> None:
        assert may_fail.wait(60)
        raise AssertionError("a mistake")

    indexing.order(fail)
    with ThreadPoolExecutor(1) as thread:
        asked = thread.submit(library.engine.remove_folder, library.folder)
        assert eventually(lambda: indexing._pending == 2)
        may_fail.set()
        with pytest.raises(StoreError, match="Do it again after its next start"):
            asked.result(60)
    assert library.engine.wait(None)
    indexing.join(60)
    assert indexing.call(lambda: None).cancelled()
    assert library.engine.wait(None)
    status = library.engine.status()
    assert (status.activity, "a mistake" in status.detail) == (Activity.STOPPED, True)
    assert "indexing stopped" in caplog.text


def test_what_fails_by_a_mistake_of_ours_fails_for_who_asked_for_it(library: Library) -> None:
    with pytest.raises(ZeroDivisionError):
        library.engine._indexing.call(lambda: 1 // 0).result(60)
    library.engine._indexing.join(60)


def test_a_phrase_must_stand_in_what_is_found_by_meaning_alone(library: Library) -> None:
    library.write("a.txt", DOGS)
    library.write("b.txt", DOGS.replace("leash", "lead"))
    library.index()
    assert set(library.search("dogs in the park", Mode.MEANING)) == {"a.txt", "b.txt"}
    assert library.search('dogs in the park "a lead"', Mode.MEANING) == ["b.txt"]
    assert library.search('dogs in the park "no such words"', Mode.MEANING) == []


def test_what_is_quoted_is_shown_though_nothing_else_of_the_query_is_there(library: Library) -> None:
    library.write("bread.txt", "Hydration is the weight of the water. At 80 % the dough sticks to everything.\n" * 3)
    library.write("dogs.txt", DOGS)
    library.index()
    [hit] = library.hits('elephants and their taxes "the dough"')
    assert Matched.WORDS in hit.matched
    start, end = hit.highlight
    assert "the dough" in hit.passage[start:end]
    assert "the dough" in [hit.passage[start:end] for start, end in hit.words]
