"""What the store does when the disk is full, loses what was written, or gives back something else."""

import errno
import itertools
import os
import random
import shlex
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
import psutil
import pytest

from indexer import pipeline
from indexer.catalogue.contents import packed
from indexer.catalogue.migrations import FORMAT
from indexer.catalogue.reader import CatalogueReader
from indexer.catalogue.records import Space, Stamp
from indexer.catalogue.word_index import best_chunks
from indexer.catalogue.writer import CatalogueWriter
from indexer.document import Chunk, Document, Kind
from indexer.engine import Engine
from indexer.errors import DamagedError, StoreError
from indexer.mending import set_aside
from indexer.results import FileState, Mode, SearchRequest
from indexer.segments import VectorIndex, build
from indexer.settings import Settings
from model.registry import BUILT_IN
from tests.e2e import sqlite_calls
from tests.e2e.one_process import work_in_one_process
from tests.indexer.library import Library, eventually

resource = pytest.importorskip("resource", reason="the faults are those of a Unix system")
DIMENSION = 64
PAGE_BYTES = 16384
FILES = 30


def put(writer: CatalogueWriter, name: str, text: str) -> None:
    """A file with one chunk, or with another one than before."""
    with writer.change():
        writer.files.add_folder(Path("/files"))
        space = writer.spaces.ensure("model", "1", 4, 1)
        document = Document(Kind.TEXT, (Chunk(0, len(text), text),))
        content, chunks = writer.contents.put(text.encode(), document, 1)
        writer.contents.put_vectors(space, chunks, packed(np.full((1, 4), 0.5, np.float32)))
        record = writer.files.put(writer.files.folders()[0][0], Path("/files") / name, Stamp(1, 2, 3, 4), Kind.TEXT)
        writer.files.finish(record, FileState.INDEXED, "", content)


class Disk:
    """Refuses calls of one kind after the first `room`."""

    def __init__(self, kind: str, answer: int) -> None:
        self.room: float = float("inf")
        self._kind = kind
        self._answer = answer

    def observe(self, call: sqlite_calls.Call) -> int:
        if call.kind != self._kind:
            return sqlite_calls.OK
        self.room -= 1
        return sqlite_calls.OK if self.room >= 0 else self._answer


@pytest.mark.skipif(not sqlite_calls.is_supported(), reason="SQLite can't be reached from here")
@pytest.mark.parametrize(
    ("kind", "answer", "word"),
    [
        ("write", sqlite_calls.FULL, "the disk is full"),
        ("write", sqlite_calls.WRITE_FAILED, "could not be read or written"),
        ("sync", sqlite_calls.SYNC_FAILED, "could not be read or written"),
    ],
)
def test_a_disk_that_fails_at_any_write_undoes_the_change_and_nothing_else(
    tmp_path: Path, kind: str, answer: int, word: str
) -> None:
    disk = Disk(kind, answer)
    with sqlite_calls.observed(disk.observe):
        writer = CatalogueWriter(tmp_path / "catalogue.db")
        put(writer, "a.txt", "apples")
        reader = CatalogueReader(writer.path)
        for room in itertools.count():
            disk.room = room
            try:
                put(writer, "a.txt", "pears")
                break
            except StoreError as error:
                assert word in str(error)
                disk.room = float("inf")
                assert reader.problems() == []
                assert reader.words.numbers(best_chunks('"apples"', 10))
                assert not reader.words.numbers(best_chunks('"pears"', 10))
        disk.room = float("inf")
        assert room > 0
        assert reader.words.numbers(best_chunks('"pears"', 10))
        assert reader.problems() == []
        reader.close()
        writer.close()


@pytest.mark.skipif(not sqlite_calls.is_supported(), reason="SQLite can't be reached from here")
def test_indexing_goes_on_by_itself_wherever_the_disk_was_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    work_in_one_process(monkeypatch.setattr)
    monkeypatch.setattr("indexer.indexing.RETRY_SECONDS", 0.05)
    disk = Disk("write", sqlite_calls.FULL)
    with sqlite_calls.observed(disk.observe):
        library = Library(tmp_path, Settings(debounce_ms=20))
        for room in (0, 3, 9, 21, 40):
            library.write(f"{room}.txt", f"zebra number {room}")
            disk.room = room
            library.engine.index()
            while not library.engine.status().detail and disk.room > 0:
                time.sleep(0.01)
            disk.room = float("inf")
            library.engine.index()
            assert library.engine.wait(60)
            while f"{room}.txt" not in library.search(f'"number {room}"', Mode.WORDS):
                time.sleep(0.05)
        assert library.engine.check() == ()
        library.engine.close()


@contextmanager
def files_of_at_most(size_bytes: int) -> Iterator[None]:
    """The system's own limit; a write beyond it fails in the middle."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


class Segments:
    """A catalogue with random unit vectors, and two segments of equal size."""

    def __init__(self, folder: Path, model: str) -> None:
        self.folder = folder
        self.writer = CatalogueWriter(folder / "catalogue.db")
        vectors = np.random.default_rng(7).normal(size=(200, DIMENSION)).astype(np.float32)
        self.vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        with self.writer.change():
            self.space: Space = self.writer.spaces.ensure(model, "1", DIMENSION, 1)
            texts = tuple(Chunk(0, 1, str(number)) for number in range(200))
            _, self.chunks = self.writer.contents.put(b"a", Document(Kind.TEXT, texts), 1)
            self.writer.contents.put_vectors(self.space, self.chunks, packed(self.vectors))
        (folder / "segments").mkdir()
        for low, high in ((1, 100), (101, 200)):
            self.flush(low, high)

    def flush(self, low: int, high: int) -> None:
        prefix = VectorIndex(self.folder, self.space).prefix
        record = build(self.writer.spaces, self.space, self.folder / "segments", low, high, prefix)
        assert record is not None
        with self.writer.change():
            self.writer.spaces.publish(record, [])

    @property
    def paths(self) -> list[Path]:
        return [self.folder / "segments" / record.name for record in self.writer.spaces.segments()]

    def loaded(self) -> tuple[VectorIndex, list[str]]:
        index = VectorIndex(self.folder / "segments", self.space)
        return index, index.load(self.writer.spaces, self.writer.spaces.segments())

    def finds_every_chunk_once(self, index: VectorIndex) -> bool:
        snapshot = index.snapshot()
        found = [snapshot.nearest(vector[: index.prefix], 10)[0].tolist() for vector in self.vectors]
        return all(one.count(chunk) == 1 for chunk, one in zip(self.chunks, found, strict=True))


@pytest.fixture(params=[BUILT_IN, "another model"])
def segments(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Segments]:
    segments = Segments(tmp_path, request.param)
    yield segments
    segments.writer.close()


def test_a_segment_that_does_not_fit_on_the_disk_leaves_nothing_behind(segments: Segments) -> None:
    before = segments.paths
    whole = before[0].stat().st_size
    for room in (0, 1, whole // 3, whole - 4096, whole - 1):
        with files_of_at_most(room), pytest.raises(StoreError, match="could not be written whole"):
            segments.flush(1, 100)
        assert sorted((segments.folder / "segments").iterdir()) == sorted(before)
    assert segments.loaded()[1] == []


def damage_swapped(one: Path, other: Path) -> None:
    one.rename(one.with_name("x"))
    other.rename(one)
    one.with_name("x").rename(other)


def damage_emptied(one: Path, other: Path) -> None:
    one.write_bytes(b"")


def damage_removed(one: Path, other: Path) -> None:
    one.unlink()


def damage_folder(one: Path, other: Path) -> None:
    one.unlink()
    one.mkdir()


def damage_truncated(one: Path, other: Path) -> None:
    os.truncate(one, one.stat().st_size - 1)


def damage_longer(one: Path, other: Path) -> None:
    with one.open("ab") as file:
        file.write(b"\0")


def damage_zeros(one: Path, other: Path) -> None:
    one.write_bytes(bytes(one.stat().st_size))


def damage_flipped(one: Path, other: Path) -> None:
    data = bytearray(one.read_bytes())
    data[random.Random(1).randrange(len(data))] ^= 1
    one.write_bytes(data)


@pytest.mark.parametrize(
    "damage",
    [
        damage_swapped,
        damage_emptied,
        damage_removed,
        damage_folder,
        damage_truncated,
        damage_longer,
        damage_zeros,
        damage_flipped,
    ],
)
def test_a_segment_that_is_not_what_was_written_is_not_searched_and_nothing_is_missed(
    segments: Segments, damage: object
) -> None:
    one, other = segments.paths
    assert callable(damage)
    damage(one, other)
    index, bad = segments.loaded()
    assert one.name in bad
    assert (other.name in bad) == (damage is damage_swapped)
    assert segments.finds_every_chunk_once(index)


@pytest.mark.parametrize("damage", [damage_removed, damage_folder, damage_truncated, damage_flipped])
def test_a_segment_that_changes_on_the_disk_while_it_is_used_is_named_and_made_anew(
    tmp_path: Path, damage: object
) -> None:
    assert callable(damage)
    settings = Settings(debounce_ms=20, flush_chunks=2 * FILES)  # all in one, once there is nothing else to do
    library = Library(tmp_path, settings)
    for number in range(FILES):
        library.write(f"{number}.txt", f"zebra number {number} grazes.")
    library.index()
    segments = library.profile / "segments"
    assert eventually(lambda: bool(library.engine._indexing.spaces[0].index.records))
    assert library.engine.check() == ()
    found = library.search("zebra number 7", Mode.MEANING)
    (old,) = segments.iterdir()
    damage(old, old)
    assert library.engine.check() == ("1 segments that have changed on the disk",)
    assert library.engine.mend() == ()
    (new,) = segments.iterdir()
    assert new.name != old.name
    library.restart()
    assert library.engine.check() == ()
    assert library.search("zebra number 7", Mode.MEANING) == found
    library.engine.close()


def test_a_folder_in_the_place_of_a_segment_keeps_no_profile_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile = profile_of(tmp_path, monkeypatch)
    (profile / "segments" / f"{'0' * 32}.opq" / "in it").mkdir(parents=True)
    Engine.open(profile).close()
    assert list((profile / "segments").iterdir()) == []


def profile_of(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A closed profile with a few files."""
    work_in_one_process(monkeypatch.setattr)
    library = Library(home, Settings(debounce_ms=20))
    for number in range(FILES):
        library.write(f"{number}.txt", f"zebra number {number} grazes. " * 20)
    library.index()
    library.engine.close()
    return library.profile


@pytest.mark.parametrize("damage", ["zeros", "noise", "another page", "a flipped byte"])
def test_a_damaged_page_is_named_and_mended_and_never_ends_a_search_badly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    profile = profile_of(tmp_path, monkeypatch)
    whole = (profile / "catalogue.db").read_bytes()
    chance = random.Random(damage)
    for page in chance.sample(range(1, len(whole) // PAGE_BYTES), 4):
        at = slice(page * PAGE_BYTES, (page + 1) * PAGE_BYTES)
        data = bytearray(whole)
        if damage == "zeros":
            data[at] = bytes(PAGE_BYTES)
        elif damage == "noise":
            data[at] = chance.randbytes(PAGE_BYTES)
        elif damage == "another page":
            other = 1 + page % (len(whole) // PAGE_BYTES - 1)
            data[at] = whole[other * PAGE_BYTES : (other + 1) * PAGE_BYTES]
        else:
            data[at.stop - 100] ^= 0x40
        (profile / "catalogue.db").write_bytes(data)
        assert is_named(profile) or damage == "a flipped byte", page
    set_aside(profile)
    engine = Engine.open(profile)
    assert engine.check() == ()
    engine.close()


def is_named(profile: Path) -> bool:
    """Whether damage is named by opening, searching or checking, or does no harm; fails on any other error."""
    try:
        engine = Engine.open(profile)
    except DamagedError:
        return True
    try:
        found = [engine.search(SearchRequest(f'"number {one}"', mode=Mode.WORDS)).hits for one in range(FILES)]
        meant = engine.search(SearchRequest("an animal that grazes", mode=Mode.MEANING)).hits
        return bool(engine.check()) or all(len(hits) == 1 for hits in found) and bool(meant)
    except DamagedError:
        return True
    finally:
        engine.close()
        for name in ("catalogue.db-wal", "catalogue.db-shm"):
            (profile / name).unlink(missing_ok=True)


def test_damage_that_the_start_meets_is_named_and_gives_every_file_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile = profile_of(tmp_path, monkeypatch)
    catalogue = profile / "catalogue.db"
    whole = catalogue.read_bytes()
    with closing(sqlite3.connect(catalogue)) as connection:
        roots = connection.execute("SELECT rootpage FROM sqlite_master WHERE name IN ('spaces', 'segments')").fetchall()
    for (page,) in roots:
        catalogue.write_bytes(whole[: (page - 1) * PAGE_BYTES] + bytes(PAGE_BYTES) + whole[page * PAGE_BYTES :])
        with pytest.raises(DamagedError, match="doctor --mend") as caught:
            Engine.open(profile)
        held = [Path(file.path) for file in psutil.Process().open_files()]
        assert [path for path in held if profile in path.parents] == []
        assert caught.value.__traceback__  # which holds what the start had in hand, as a window's message does
    catalogue.write_bytes(whole)
    Engine.open(profile).close()


def test_a_file_that_ends_too_early_is_damaged_and_no_failing_disk(tmp_path: Path) -> None:
    writer = CatalogueWriter(tmp_path / "catalogue.db")
    put(writer, "a.txt", "zebra")
    os.truncate(tmp_path / "catalogue.db-wal", 0)
    with pytest.raises(DamagedError):
        CatalogueReader(tmp_path / "catalogue.db").count_files()
    writer.close()


def test_text_and_vectors_that_changed_on_the_disk_are_named_and_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile = profile_of(tmp_path, monkeypatch)
    writer = CatalogueWriter(profile / "catalogue.db")
    with writer.change():
        connection = writer._connection
        connection.execute("UPDATE blocks SET texts = replace(plain_text(texts), 'grazes', 'grazed') WHERE id = 3")
        vector = np.full(256, 100, np.float16).tobytes()
        connection.execute("UPDATE vectors SET vector = ? WHERE chunk = 5", (vector,))
    writer.close()
    engine = Engine.open(profile)
    assert engine.check() == (
        "1 contents whose text has changed on the disk",
        "1 vectors that have changed on the disk",
    )
    engine.mend()
    engine.start()
    assert engine.wait(60)
    assert engine.check() == ()
    hits = engine.search(SearchRequest("grazed", mode=Mode.WORDS)).hits
    assert hits == ()
    assert engine.status().files == {FileState.INDEXED: FILES}
    engine.close()


def test_a_profile_of_a_newer_version_is_refused_and_not_one_byte_of_it_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile = profile_of(tmp_path, monkeypatch)
    (profile / "segments" / "of the newer version").write_bytes(b"x")
    writer = CatalogueWriter(profile / "catalogue.db")
    writer._connection.execute(f"PRAGMA user_version = {FORMAT + 1}")
    writer.close()
    before = {path: path.read_bytes() for path in profile.rglob("*") if path.is_file()}
    with pytest.raises(StoreError, match="newer version"):
        Engine.open(profile)
    assert {path: path.read_bytes() for path in profile.rglob("*") if path.is_file()} == before


def test_a_clock_that_jumps_neither_hides_a_change_nor_stops_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work_in_one_process(monkeypatch.setattr)
    library = Library(tmp_path, Settings(debounce_ms=20))
    decade = 10 * 365 * 86400.0
    jumps = itertools.cycle([0, -decade, decade, -3600, 1])
    clock = time.time
    monkeypatch.setattr(time, "time", lambda: clock() + next(jumps))
    for version, seconds in enumerate((clock() + decade, clock() - decade, 0, clock(), clock() - 1)):
        path = library.write("a.txt", f"zebra version{version}")
        os.utime(path, (seconds, seconds))
        library.index()
        assert library.search(f"version{version}", Mode.WORDS) == ["a.txt"]
        assert version == 0 or library.search(f"version{version - 1}", Mode.WORDS) == []
    assert (library.engine.status().eta_seconds or 0) >= 0
    assert library.engine.check() == ()
    library.engine.close()


HOLDER = """
import sys
from pathlib import Path
from indexer.engine import Engine
from indexer.errors import StoreError
try:
    engine = Engine.open(Path(sys.argv[1]))
    print("opened", flush=True)
except StoreError as error:
    print(error, flush=True)
sys.stdin.read()
"""


def test_of_processes_that_start_at_once_one_gets_the_profile_and_the_others_say_why(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLDER, str(tmp_path / "profile")]
    root = Path(__file__).parents[2]
    rivals = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root) for _ in range(3)
    ]
    answers = sorted(rival.stdout.readline() for rival in rivals if rival.stdout)
    for rival in rivals:
        rival.communicate("")
    assert answers.count("opened\n") == 1
    assert all("another process of Cognate holds this profile" in answer for answer in answers if answer != "opened\n")
    engine = Engine.open(tmp_path / "profile")
    assert engine.check() == ()
    engine.close()


NAMESPACE = ["unshare", "--user", "--map-root-user", "--mount"]
READ_ONLY = "mount --bind {0} {0} && mount -o remount,bind,ro {0} && exec {1}"


@pytest.mark.skipif(
    not shutil.which("unshare")
    or bool(subprocess.run([*NAMESPACE, "true"], capture_output=True, check=False).returncode),
    reason="needs a namespace with mounts of its own",
)
def test_a_profile_on_a_read_only_disk_is_refused_with_the_reason(tmp_path: Path) -> None:
    profile, root = tmp_path / "profile", Path(__file__).parents[2]
    Engine.open(profile).close()
    opening = shlex.join([sys.executable, "-c", HOLDER, str(profile)])
    command = [*NAMESPACE, "sh", "-c", READ_ONLY.format(shlex.quote(str(profile)), opening)]
    done = subprocess.run(command, input="", capture_output=True, text=True, cwd=root, check=False)
    assert "the profile can't be written (Read-only file system). Check its permissions." in done.stdout, done
    engine = Engine.open(profile)
    assert engine.check() == ()
    engine.close()


def test_a_file_that_its_disk_fails_on_for_a_moment_keeps_its_text_and_is_read_by_the_next_scan(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = library.write("a.txt", "The zebra grazes.")
    library.index()
    failing, digest_of = [True], pipeline.digest_of

    def digest(path: Path) -> bytes:
        if failing:
            raise OSError(errno.EIO, "Input/output error")
        return digest_of(path)

    monkeypatch.setattr(pipeline, "digest_of", digest)
    library.engine.retry([path])
    assert library.engine.wait(60)
    [row] = library.engine.files()
    assert (row.state, row.reason) == (FileState.FAILED, "can't be read: Input/output error")
    assert library.search("zebra") == ["a.txt"]
    failing.clear()
    library.index()
    [row] = library.engine.files()
    assert (row.state, row.reason) == (FileState.INDEXED, "")
