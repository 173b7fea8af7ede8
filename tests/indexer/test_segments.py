from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from indexer import segments
from indexer.candidates import rescored
from indexer.catalogue.contents import packed, unpacked
from indexer.catalogue.reader import CatalogueReader
from indexer.catalogue.writer import CatalogueWriter
from indexer.document import Chunk, Document, Kind
from indexer.resident import size_bytes
from indexer.segment_worker import SegmentBuild
from indexer.segments import VectorIndex, build, checksum, suffix_of, sweep
from indexer.spaces import SpaceKeeper
from model.builtin.encoder import BuiltinEmbedder
from model.embedder import shorten
from model.registry import BUILT_IN
from tests.indexer.library import eventually

DIMENSION = 64


class Store:
    """A catalogue with random unit vectors, and an index over them."""

    def __init__(self, folder: Path, model: str) -> None:
        self.folder = folder
        self.writer = CatalogueWriter(folder / "catalogue.db")
        with self.writer.change():
            self.space = self.writer.spaces.ensure(model, "1", DIMENSION, 1)
        self.index = VectorIndex(folder, self.space)
        self.random = np.random.default_rng(7)
        self.vectors: dict[int, NDArray[np.float32]] = {}

    def add(self, count: int) -> None:
        vectors = self.random.normal(size=(count, DIMENSION)).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        texts = tuple(Chunk(0, 1, f"{len(self.vectors)} {number}") for number in range(count))
        with self.writer.change():
            digest = self.random.bytes(16)
            _, chunks = self.writer.contents.put(digest, Document(Kind.TEXT, texts), 1)
            numbers = self.writer.contents.put_vectors(self.space, chunks, packed(vectors))
        self.index.add(numbers, chunks, unpacked(packed(vectors), self.space))
        self.vectors.update(zip(chunks, vectors, strict=True))

    def flush(self, low: int, high: int, replaced: list[str] | None = None) -> None:
        record = build(self.writer.spaces, self.space, self.folder, low, high, self.index.prefix)
        assert record is not None
        with self.writer.change():
            self.writer.spaces.publish(record, replaced or [])
        self.index.adopt(record, replaced or [])

    def exact(self, query: NDArray[np.float32], limit: int) -> list[int]:
        chunks = np.array(list(self.vectors))
        scores = np.stack(list(self.vectors.values())) @ query
        return [int(chunk) for chunk in chunks[np.argsort(-scores)[:limit]]]

    def recall(self, index: VectorIndex | None = None) -> float:
        """Share of the ten nearest among the hundred that are to be compared in full."""
        snapshot = (index or self.index).snapshot()
        found = []
        for query in list(self.vectors.values())[::50]:
            exact = self.exact(query, 10)
            found.append(len(set(snapshot.nearest(query, 100)[0].tolist()) & set(exact)) / len(exact))
        return float(np.mean(found))


def make_resident(index: VectorIndex, store: Store, most_bytes: int = 1 << 30) -> None:
    while index.make_resident(store.writer.spaces, most_bytes):
        pass


@pytest.fixture(params=[BUILT_IN, "another model"])
def store(tmp_path: Path, request: pytest.FixtureRequest):  # noqa: ANN201
    store = Store(tmp_path, request.param)
    yield store
    store.writer.close()


def test_the_delta_is_searched_exactly(store: Store) -> None:
    store.add(700)
    assert store.recall() == 1


def test_segments_and_delta_together_find_what_exact_search_finds(store: Store) -> None:
    store.add(800)
    store.flush(1, 800)
    store.add(300)
    assert store.index.delta_count == 300
    assert store.recall() > 0.95


def test_an_index_loads_from_disk_as_it_was(store: Store) -> None:
    store.add(500)
    store.flush(1, 500)
    store.add(100)
    loaded = VectorIndex(store.folder, store.space)
    assert loaded.load(store.writer.spaces, store.writer.spaces.segments()) == []
    assert loaded.delta_count == 100
    assert store.recall(loaded) == store.recall()


@pytest.mark.parametrize("damage", ["truncated", "flipped", "missing", "other dimension"])
def test_a_damaged_segment_is_named_and_its_vectors_are_searched_exactly(store: Store, damage: str) -> None:
    store.add(300)
    store.flush(1, 300)
    [record] = store.writer.spaces.segments()
    path = store.folder / record.name
    data = bytearray(path.read_bytes())
    if damage == "truncated":
        path.write_bytes(data[:-100])
    elif damage == "flipped":
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
    elif damage == "missing":
        path.unlink()
    else:
        record = replace(record, dimension=32)
    loaded = VectorIndex(store.folder, store.space)
    assert loaded.load(store.writer.spaces, [record]) == [record.name]
    assert loaded.delta_count == 300
    assert store.recall(loaded) == 1


def test_a_space_whose_segments_are_of_another_kind_gets_new_ones(tmp_path: Path) -> None:
    store = Store(tmp_path, "another model")
    store.add(300)
    store.flush(1, 300)
    [record] = store.writer.spaces.segments()
    static = VectorIndex(store.folder, replace(store.space, model=BUILT_IN))
    assert record.name.endswith(suffix_of(store.space)) and not record.name.endswith(suffix_of(static.space))
    assert static.load(store.writer.spaces, [record]) == [record.name]
    assert static.delta_count == 300
    store.writer.close()


def test_two_segments_of_codes_or_four_of_graphs_are_merged_where_they_are_of_one_size(store: Store) -> None:
    many = 2 if store.space.model == BUILT_IN else 4
    for _ in range(many):
        assert store.index.due(100, is_idle=True) is None
        store.add(100)
        due = store.index.due(100, is_idle=True)
        assert due is not None
        store.flush(*due)
    due = store.index.due(100, is_idle=True)
    assert due is not None
    low, high, replaced = due
    assert (low, high, len(replaced)) == (1, many * 100, many)
    store.flush(low, high, replaced)
    assert [record.count for record in store.index.records] == [many * 100]
    assert store.index.due(100, is_idle=True) is None
    assert store.recall() > 0.95


def test_a_merge_waits_until_there_is_nothing_else_to_do(store: Store) -> None:
    for _ in range(4):
        store.add(20)
        due = store.index.due(20, is_idle=False)
        assert due is not None
        store.flush(*due)
    assert store.index.due(20, is_idle=False) is None
    assert store.index.due(20, is_idle=True) is not None


def test_new_vectors_get_a_segment_sooner_when_there_is_nothing_else_to_do(store: Store) -> None:
    assert store.index.due(3, is_idle=True) is None
    store.add(24)
    assert store.index.due(100, is_idle=True) is None
    store.add(1)
    assert store.index.due(100, is_idle=False) is None
    assert store.index.due(100, is_idle=True) == (1, 25, [])


def test_the_nearest_of_chosen_chunks_are_found_among_them_alone(store: Store) -> None:
    store.add(400)
    store.flush(1, 400)
    store.add(100)
    allowed = np.array(sorted(store.vectors)[350:450])
    query = store.vectors[10]
    chunks, scores = store.index.snapshot().nearest_of(query, allowed, 40)
    expected = sorted(allowed.tolist(), key=lambda chunk: -float(store.vectors[chunk] @ query))
    assert set(expected[:5]) <= set(chunks.tolist()) <= set(allowed.tolist())
    assert scores == pytest.approx([float(store.vectors[chunk] @ query) for chunk in chunks.tolist()], abs=0.25)


def test_scanning_all_codes_and_looking_at_chosen_ones_give_the_same_scores(store: Store) -> None:
    store.add(500)
    store.flush(1, 500)
    query = store.vectors[10]
    snapshot = store.index.snapshot()
    scanned = dict(zip(*(array.tolist() for array in snapshot.nearest(query, 500)), strict=True))
    chosen = dict(zip(*(array.tolist() for array in snapshot.nearest_of(query, np.arange(1, 501), 500)), strict=True))
    assert scanned == pytest.approx(chosen, abs=0.02)


def test_cosines_of_vectors_in_memory_are_those_of_the_catalogue(store: Store) -> None:
    store.add(1500)
    store.flush(1, 1500)
    store.add(100)
    query = store.vectors[10]
    asked = np.array([1, 2, 700, 1500, 1501, 1600, 9999])
    chunks, _ = store.index.snapshot().cosines(query, asked)
    assert set(chunks.tolist()) == {1501, 1600}  # the newest, which are always there
    make_resident(store.index, store)
    chunks, cosines = store.index.snapshot().cosines(query, asked)
    assert set(chunks.tolist()) == {1, 2, 700, 1500, 1501, 1600}
    with closing(CatalogueReader(store.folder / "catalogue.db")) as reader:
        stored, vectors = reader.vectors(store.space, chunks.tolist())
        exact = dict(zip(stored, (shorten(vectors, None) @ query).tolist(), strict=True))
        near = rescored(reader, store.index, query, asked)
    found = dict(zip(chunks.tolist(), cosines.tolist(), strict=True))
    assert found == pytest.approx(exact, abs=1e-6)
    assert near == pytest.approx(exact, abs=1e-6)


def test_vectors_that_are_compared_by_some_dimensions_are_in_memory_by_these(store: Store) -> None:
    store.add(300)
    store.flush(1, 300)
    index = VectorIndex(store.folder, store.space, dimension=18)
    index.load(store.writer.spaces, [])
    record = build(store.writer.spaces, store.space, store.folder, 1, 300, index.prefix)
    assert record
    index.adopt(record, [])
    query, asked = shorten(store.vectors[10][np.newaxis], 18)[0], np.array(sorted(store.vectors))
    with closing(CatalogueReader(store.folder / "catalogue.db")) as reader:
        before = rescored(reader, index, query, asked)
        make_resident(index, store)
        assert len(index.snapshot().cosines(query, asked)[0]) == 300
        assert rescored(reader, index, query, asked) == pytest.approx(before, abs=1e-6)


def test_vectors_take_no_more_memory_than_they_may(store: Store) -> None:
    store.add(100)
    store.flush(1, 100)
    store.add(50)
    store.flush(101, 150)
    room = size_bytes(store.index.records[1], DIMENSION)
    make_resident(store.index, store, room)
    asked = np.array(sorted(store.vectors))
    assert store.index.snapshot().cosines(store.vectors[1], asked)[0].tolist() == list(range(101, 151))


def test_of_a_segment_that_is_merged_away_nothing_stays_in_memory(store: Store) -> None:
    store.add(1300)
    store.flush(1, 1300)
    assert store.index.make_resident(store.writer.spaces, 1 << 30)  # a part of it
    store.add(100)
    store.flush(1, 1400, [record.name for record in store.index.records])
    asked = np.array(sorted(store.vectors))
    assert not len(store.index.snapshot().cosines(store.vectors[1], asked)[0])
    make_resident(store.index, store)
    assert len(store.index.snapshot().cosines(store.vectors[1], asked)[0]) == 1400


def test_what_was_deleted_before_its_vector_was_read_is_not_in_memory(store: Store) -> None:
    store.add(200)
    store.flush(1, 200)
    with store.writer.change():
        store.writer._connection.execute("DELETE FROM vectors WHERE chunk <= 150")
    make_resident(store.index, store)
    asked = np.array(sorted(store.vectors))
    assert store.index.snapshot().cosines(store.vectors[1], asked)[0].tolist() == list(range(151, 201))
    with store.writer.change():
        store.writer._connection.execute("DELETE FROM vectors")
    [record] = store.index.records
    store.index.adopt(record, [record.name])
    make_resident(store.index, store)
    assert not len(store.index.snapshot().cosines(store.vectors[1], asked)[0])


def test_no_segment_is_built_of_what_is_deleted_meanwhile(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    sample = np.eye(8, DIMENSION, dtype=np.float32)
    monkeypatch.setattr(segments, "_sample", lambda *_: sample)
    assert build(store.writer.spaces, store.space, store.folder, 1, 100, store.index.prefix) is None
    assert not [path for path in store.folder.iterdir() if "catalogue" not in path.name]


def test_where_there_is_no_memory_for_them_vectors_stay_on_the_disk(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.add(30)
    store.flush(1, 30)
    keeper = SpaceKeeper(store.writer, store.folder, store.space, BuiltinEmbedder(), 20)
    keeper.load()
    with monkeypatch.context() as patched:
        patched.setattr(np, "empty", lambda *_: (_ for _ in ()).throw(MemoryError("no room")))
        assert not keeper.make_resident()
    assert not keeper.make_resident()
    query, asked = store.vectors[10], np.array(sorted(store.vectors))
    with closing(CatalogueReader(store.folder / "catalogue.db")) as reader:
        assert len(rescored(reader, keeper.index, query, asked)) == 30


def test_new_vectors_that_were_all_deleted_are_let_go_of(store: Store) -> None:
    store.add(30)
    keeper = SpaceKeeper(store.writer, store.folder, store.space, BuiltinEmbedder(), 20)
    keeper.load()
    assert keeper.index.delta_count == 30
    with store.writer.change():
        store.writer._connection.execute("DELETE FROM vectors")
    assert eventually(lambda: not keeper.keep(is_idle=True), 30)
    assert keeper.index.delta_count == 0
    assert keeper.index.records == []


@pytest.mark.parametrize("count", [1, 15, 17])
def test_a_segment_may_be_tiny(store: Store, count: int) -> None:
    store.add(count)
    store.flush(1, count)
    assert store.index.delta_count == 0
    assert store.recall() == 1


def test_a_segment_of_an_older_version_is_made_anew(store: Store) -> None:
    store.add(300)
    store.flush(1, 300)
    [record] = store.writer.spaces.segments()
    (store.folder / "old.hnsw").write_bytes(b"graph" * 1000)
    older = replace(record, name="old.hnsw", size_bytes=5000, checksum=checksum(store.folder / "old.hnsw"))
    loaded = VectorIndex(store.folder, store.space)
    assert loaded.load(store.writer.spaces, [older]) == ["old.hnsw"]
    assert store.recall(loaded) == 1


def test_a_segment_is_built_in_a_process_of_its_own(store: Store) -> None:
    store.add(200)
    building = SegmentBuild(store.writer.path, store.folder, store.space, store.index.prefix, 1, 200, [])
    record = building.result()
    assert record is not None
    assert record.count == 200
    assert (store.folder / record.name).stat().st_size == record.size_bytes


def test_leftovers_of_a_crash_are_swept_away(tmp_path: Path) -> None:
    for name in ("kept.opq", "half.opq.tmp", "orphan.opq"):
        (tmp_path / name).write_bytes(b"x")
    sweep(tmp_path, ["kept.opq"])
    assert [path.name for path in tmp_path.iterdir()] == ["kept.opq"]
