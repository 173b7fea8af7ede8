import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from indexer import resident
from indexer.engine import Engine
from indexer.results import Activity, Mode
from indexer.settings import Settings
from indexer.worker import Worker
from tests.indexer.library import Library, eventually

DOGS = "Dogs have to be kept on a leash in the park. Please clean up after your dog.\n"


def all_resident(library: Library) -> bool:
    """Whether all the vectors of segments are in memory."""
    segments = library.engine._active.index.snapshot().segments
    return bool(segments) and all(segment.resident for segment in segments)


def filled(home: Path) -> Library:
    """With a segment."""
    library = Library(home, Settings(flush_chunks=20))
    for number in range(30):
        library.write(f"{number}.txt", f"Report {number} on the weather of day {number}.")
    library.write("dogs.txt", DOGS)
    library.index()
    assert eventually(lambda: all_resident(library))
    return library


def test_vectors_come_into_memory_when_there_is_nothing_else_to_do(tmp_path: Path) -> None:
    library = filled(tmp_path)
    assert library.engine.status().activity is Activity.IDLE
    assert library.search("Hunde im Park an der Leine", Mode.MEANING)[0] == "dogs.txt"
    library.engine.pause("because")
    assert library.engine.wait(10)
    spent = time.process_time()
    time.sleep(0.5)
    assert time.process_time() - spent < 0.4  # it does not look for more all the time
    library.engine.close()


def test_vectors_are_left_on_the_disk_while_a_reader_starts_and_come_into_memory_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = filled(tmp_path)
    with monkeypatch.context() as without_room:
        without_room.setattr(resident, "most_bytes", lambda: 0)
        library.restart()
    is_starting, may_start, wait_until_ready = threading.Event(), threading.Event(), Worker.wait_until_ready

    def wait_longer(worker: Worker) -> None:
        is_starting.set()
        may_start.wait()
        wait_until_ready(worker)

    monkeypatch.setattr(Worker, "wait_until_ready", wait_longer)
    indexing = library.engine._indexing
    indexing.pool.warm_up()
    assert is_starting.wait(60)
    indexing.spaces[0]._most_resident_bytes = 1 << 20
    indexing.call(lambda: None).result()
    time.sleep(0.5)
    assert not all_resident(library)
    may_start.set()
    assert eventually(lambda: all_resident(library), 10)
    library.engine.close()


@pytest.mark.parametrize("in_memory", [True, False])
def test_what_is_left_is_found_when_very_much_that_was_nearer_is_deleted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_memory: bool
) -> None:
    if not in_memory:
        monkeypatch.setattr(resident, "most_bytes", lambda: 0)
    library = Library(tmp_path, Settings(flush_chunks=400))
    left = [library.write(f"left {number}.txt", f"My cat {number} sleeps under the oven.") for number in range(50)]
    near = [library.write(f"near {number}.txt", f"Dogs on a leash in the park, {number}.") for number in range(400)]
    library.index()
    assert eventually(lambda: all_resident(library) if in_memory else bool(library.engine._active.index.records))
    question = "wo meine Katze schläft, Hund an der Leine im Park"
    assert not set(library.search(question, Mode.MEANING)) & {path.name for path in left}
    for path in near:
        path.unlink()
    library.index()
    assert len(library.search(question, Mode.MEANING)) == 20
    assert library.similar(left[0])
    library.engine.close()


def test_a_vector_that_was_damaged_on_the_disk_stops_nothing(tmp_path: Path) -> None:
    library = filled(tmp_path)
    library.engine.close()
    with closing(sqlite3.connect(library.profile / "catalogue.db")) as database, database:
        database.execute("UPDATE vectors SET vector = x'00' WHERE id = 5")
    library.engine = Engine.open(library.profile, library.settings)
    library.engine.start()
    assert library.engine.wait(60)
    library.write("zebras.txt", "zebras graze quietly")
    assert eventually(lambda: library.search("zebras", Mode.WORDS) == ["zebras.txt"])
    assert library.engine.status().activity is not Activity.STOPPED
    assert not all_resident(library)
    library.engine.close()
