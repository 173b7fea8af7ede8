"""Another model takes over from the one that answers, without a gap."""

import os
import shutil
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from indexer.engine import Engine
from indexer.errors import StoreError
from indexer.results import Activity, Mode, SearchRequest
from indexer.settings import Settings
from model.builtin.encoder import BuiltinEmbedder
from model.errors import ModelError
from model.precision import Precision
from model.qwen3.embedder import Qwen3Embedder
from tests.indexer.library import Library, eventually

FILES = 10
DOGS = "Dogs have to be kept on a leash in the park. Please clean up after your dog."


class Gate:
    """Lets so many calls of the model pass, and keeps the texts that it was given."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.passing = threading.Semaphore(0)
        self.waiting = threading.Event()

    def __call__(self, embed: object) -> object:
        def gated(embedder: Qwen3Embedder, texts: Sequence[str], dimension: int | None = None) -> np.ndarray:
            if not self.passing.acquire(blocking=False):
                self.waiting.set()
                assert self.passing.acquire(timeout=60)
                self.waiting.clear()
            self.texts.extend(texts)
            return embed(embedder, texts, dimension)

        return gated


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Gate:
    gate = Gate()
    monkeypatch.setattr(Qwen3Embedder, "embed_documents", gate(Qwen3Embedder.embed_documents))
    monkeypatch.setattr("indexer.spaces.FIRST_STRIDE", 4)
    monkeypatch.setattr("indexer.spaces.MAX_STRIDE", 4)
    monkeypatch.setattr("indexer.spaces.STRIDE_SECONDS", 600)  # however long it stands at the gate
    return gate


@pytest.fixture
def filled(tmp_path: Path) -> Iterator[Library]:
    """A library that the built-in model has filled, closed."""
    library = Library(tmp_path)
    for number in range(FILES - 1):
        library.write(f"{number}.txt", f"Report {number} on the weather of day {number}.")
    library.write("dogs.txt", DOGS)
    library.index()
    library.engine.close()
    yield library
    library.engine.close()


def reopen(library: Library, model: str) -> None:
    library.settings = Settings(model=model, device="cpu", debounce_ms=50)
    library.engine = Engine.open(library.profile, library.settings)
    library.engine.start()


def answering(library: Library) -> str:
    return library.engine._active.embedder.spec.name


def held(library: Library) -> dict[str, int]:
    """Chunks in each space, by its model."""
    return {space.model: space.chunks for space in library.engine.status().spaces}


def in_index(library: Library) -> int:
    """Chunks that a search by meaning can find."""
    index = library.engine._active.index
    query = np.zeros(index.prefix, np.float32)
    return len(set(index.snapshot().nearest(query, 100)[0].tolist()))


def test_the_old_space_answers_until_the_new_one_is_whole(filled: Library, qwen3_folder: Path, gate: Gate) -> None:
    reopen(filled, str(qwen3_folder))
    assert gate.waiting.wait(60)
    assert answering(filled) == "built-in"
    assert filled.search("dogs on a leash in the park", Mode.MEANING)[0] == "dogs.txt"
    gate.passing.release(20)
    assert filled.engine.wait(60)
    assert answering(filled) == str(qwen3_folder)
    assert sorted(gate.texts) == sorted(set(gate.texts))
    assert held(filled) == {"built-in": FILES, str(qwen3_folder): FILES}
    assert in_index(filled) == FILES


def test_what_is_embedded_waits_in_the_middle_of_a_batch_for_a_search(
    filled: Library, qwen3_folder: Path, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("model.precedence.PATIENCE_SECONDS", 600)
    is_asked, is_found = threading.Event(), threading.Event()
    embed = BuiltinEmbedder.embed_queries

    def slow(embedder: BuiltinEmbedder, texts: Sequence[str], *more: object) -> np.ndarray:
        is_asked.set()
        assert is_found.wait(60)
        return embed(embedder, texts, *more)

    reopen(filled, str(qwen3_folder))
    assert gate.waiting.wait(60)
    monkeypatch.setattr(BuiltinEmbedder, "embed_queries", slow)
    found: list[str] = []
    search = threading.Thread(target=lambda: found.extend(filled.search("dogs on a leash", Mode.MEANING)))
    search.start()
    assert is_asked.wait(60)
    gate.passing.release(20)
    assert not eventually(lambda: held(filled)[str(qwen3_folder)] > 0, seconds=0.5)
    is_found.set()
    search.join(60)
    assert found[0] == "dogs.txt"
    assert filled.engine.wait(60)
    assert held(filled)[str(qwen3_folder)] == FILES


def test_the_files_that_changed_last_are_embedded_first(tmp_path: Path, qwen3_folder: Path, gate: Gate) -> None:
    library = Library(tmp_path)
    for number in range(FILES):
        library.write(f"{number}.txt", f"Report {number} on the weather of day {number}.")
        when = 1_700_000_000 + (number * 7) % FILES
        os.utime(library.folder / f"{number}.txt", (when, when))
    library.index()
    library.engine.close()
    gate.passing.release(2)
    reopen(library, str(qwen3_folder))
    assert eventually(lambda: len(gate.texts) == 8 and gate.waiting.is_set())
    latest_first = sorted(range(FILES), key=lambda number: (number * 7) % FILES, reverse=True)
    days = [int(text.rpartition("day ")[2].removesuffix(".")) for text in gate.texts]
    assert (set(days[:4]), set(days[4:])) == (set(latest_first[:4]), set(latest_first[4:8]))
    gate.passing.release(20)
    assert library.engine.wait(60)
    library.engine.close()


def test_a_restart_in_the_middle_goes_on(filled: Library, qwen3_folder: Path, gate: Gate) -> None:
    gate.passing.release(1)
    reopen(filled, str(qwen3_folder))
    assert gate.waiting.wait(60)
    closing = threading.Thread(target=filled.engine.close)
    closing.start()
    assert eventually(filled.engine._indexing._stopping.is_set)
    gate.passing.release(1)
    closing.join(60)
    assert len(gate.texts) == 8
    gate.passing.release(20)
    reopen(filled, str(qwen3_folder))
    assert filled.engine.wait(60)
    assert len(gate.texts) == FILES
    assert answering(filled) == str(qwen3_folder)
    assert in_index(filled) == FILES


def test_files_that_come_while_a_space_fills_are_in_both(filled: Library, qwen3_folder: Path, gate: Gate) -> None:
    reopen(filled, str(qwen3_folder))
    assert gate.waiting.wait(60)
    filled.write("new.txt", "zebras graze quietly")
    (filled.folder / "0.txt").unlink()
    gate.passing.release(30)
    assert eventually(lambda: filled.search("zebras", Mode.WORDS) == ["new.txt"])
    assert filled.engine.wait(60)
    assert held(filled)[str(qwen3_folder)] == FILES
    assert {"new.txt", "dogs.txt"} <= set(names_by_vector(filled))
    assert "0.txt" not in names_by_vector(filled)


def names_by_vector(library: Library) -> list[str]:
    """Files like one of them, by the vectors that are stored."""
    vectors = np.eye(64, dtype=np.float32)[:1]
    with library.engine._searcher._lock:
        closest = library.engine._searcher._closest(library.engine._active, vectors[0])
    with library.engine._reader_lock:
        rows = [row for row in library.engine._reader.files(None, None, "", 100, 0)]
        contents = {library.engine._reader.content_at(row.path): row.path.name for row in rows}
    return [contents[content] for content, member in closest if content in contents and not member]


def test_going_back_embeds_nothing(filled: Library, qwen3_folder: Path, gate: Gate) -> None:
    gate.passing.release(100)
    reopen(filled, str(qwen3_folder))
    assert filled.engine.wait(60)
    filled.engine.close()
    reopen(filled, "built-in")
    assert filled.engine.wait(60)
    assert answering(filled) == "built-in"
    filled.engine.close()
    embedded = len(gate.texts)
    reopen(filled, str(qwen3_folder))
    assert filled.engine.wait(60)
    assert answering(filled) == str(qwen3_folder)
    assert len(gate.texts) == embedded


def test_a_space_that_is_kept_can_be_deleted_and_one_in_use_can_not(
    filled: Library, qwen3_folder: Path, gate: Gate
) -> None:
    gate.passing.release(1)
    reopen(filled, str(qwen3_folder))
    assert gate.waiting.wait(60)
    numbers = {space.model: space.id for space in filled.engine.status().spaces}
    assert not any(space.is_kept for space in filled.engine.status().spaces)
    gate.passing.release(100)
    assert filled.engine.wait(60)
    assert [space.model for space in filled.engine.status().spaces if space.is_kept] == ["built-in"]
    filled.engine.remove_space(numbers["built-in"])
    assert held(filled) == {str(qwen3_folder): FILES}
    with pytest.raises(StoreError, match="in use"):
        filled.engine.remove_space(numbers[str(qwen3_folder)])
    assert in_index(filled) == FILES
    filled.engine.close()
    reopen(filled, "built-in")
    assert filled.engine.wait(60)
    assert answering(filled) == "built-in"
    assert held(filled) == {"built-in": FILES, str(qwen3_folder): FILES}


def test_the_end_of_the_program_waits_for_one_step_of_a_slow_model(
    filled: Library, qwen3_folder: Path, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate.passing.release(3)
    reopen(filled, str(qwen3_folder))
    assert filled.engine.wait(60)
    assert len(gate.texts) == FILES
    monkeypatch.setattr("indexer.pipeline.EMBED_SECONDS", 0.0001)
    filled.write("long.md", "\n\n".join(f"# Section {number}\n\n{DOGS * 10}" for number in range(20)))
    assert gate.waiting.wait(60)
    closing = threading.Thread(target=filled.engine.close)
    closing.start()
    assert eventually(filled.engine._indexing._stopping.is_set)
    gate.passing.release(1)
    closing.join(60)
    assert not closing.is_alive()
    assert len(gate.texts) == FILES + 4
    gate.passing.release(100)
    reopen(filled, str(qwen3_folder))
    assert filled.engine.wait(60)
    assert filled.search("section 19", Mode.WORDS) == ["long.md"]


def test_a_model_that_is_not_there_is_replaced_by_the_built_in_one(filled: Library) -> None:
    reopen(filled, "Qwen/Qwen3-Embedding-8B")
    assert filled.engine.wait(60)
    [warning] = filled.engine.status().warnings
    assert "The built-in model is used: Qwen/Qwen3-Embedding-8B is not installed" in warning
    assert filled.search("dogs on a leash in the park", Mode.MEANING)[0] == "dogs.txt"


def test_a_model_that_fails_while_its_space_fills_holds_nothing_up(
    filled: Library, qwen3_folder: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(qwen3_folder, copy)
    drop_a_layer(copy)
    reopen(filled, str(copy))
    assert eventually(lambda: any("weights lack" in one for one in filled.engine.status().warnings))
    filled.write("new.txt", "zebras graze quietly")
    assert eventually(lambda: filled.search("zebras", Mode.WORDS) == ["new.txt"])
    assert answering(filled) == "built-in"


def test_a_model_that_fails_leaves_the_search_by_words(filled: Library, qwen3_folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(qwen3_folder, copy)
    reopen(filled, str(copy))
    assert filled.engine.wait(60)
    filled.engine.close()
    filled.engine = Engine.open(filled.profile, filled.settings)
    (copy / "model.safetensors").unlink()
    response = filled.engine.search(SearchRequest("leash"))
    assert [hit.path.name for hit in response.hits] == ["dogs.txt"]
    assert response.notice.startswith("Found by words alone: ")


def drop_a_layer(folder: Path) -> None:
    from safetensors.torch import load_file, save_file

    tensors = load_file(folder / "model.safetensors")
    del tensors["layers.1.mlp.up_proj.weight"]
    save_file(tensors, folder / "model.safetensors")


def test_a_model_that_fails_is_stood_in_for_by_the_built_in_one(
    filled: Library, qwen3_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("indexer.indexing.RETRY_SECONDS", 0.5)
    reopen(filled, str(qwen3_folder))
    assert filled.engine.wait(60)
    assert answering(filled) == str(qwen3_folder)
    embed = Qwen3Embedder._embed

    def fail(self: Qwen3Embedder, *arguments: object, **more: object) -> np.ndarray:
        raise ModelError("the card is gone")

    monkeypatch.setattr(Qwen3Embedder, "_embed", fail)
    filled.write("new.txt", "zebras graze quietly")
    assert eventually(lambda: filled.search("zebras", Mode.WORDS) == ["new.txt"])
    assert answering(filled) == "built-in"
    assert eventually(lambda: filled.search("dogs on a leash in the park", Mode.MEANING)[:1] == ["dogs.txt"])
    told = "The built-in model is used meanwhile: the card is gone"
    assert eventually(lambda: told in filled.engine.status().warnings)
    monkeypatch.setattr(Qwen3Embedder, "_embed", embed)
    assert eventually(lambda: answering(filled) == str(qwen3_folder), 60)
    assert eventually(lambda: not filled.engine.status().warnings)
    assert filled.engine.wait(60)
    assert in_index(filled) == FILES + 1


def test_a_search_that_fails_calls_the_built_in_model(
    filled: Library, qwen3_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reopen(filled, str(qwen3_folder))
    assert filled.engine.wait(60)

    def fail(self: Qwen3Embedder, *arguments: object, **more: object) -> np.ndarray:
        raise ModelError("the card is gone")

    monkeypatch.setattr(Qwen3Embedder, "_embed", fail)
    response = filled.engine.search(SearchRequest("leash"))
    assert response.notice == "Found by words alone: the card is gone"
    assert eventually(lambda: answering(filled) == "built-in")


@pytest.mark.parametrize("change", [{"precision": Precision.EIGHT}, {"document_task": "Retrieve similar text"}])
def test_other_vectors_of_the_same_model_fill_a_space_of_their_own(
    filled: Library, qwen3_folder: Path, gate: Gate, change: dict[str, object]
) -> None:
    gate.passing.release(3)
    reopen(filled, str(qwen3_folder))
    assert filled.engine.wait(60)
    filled.engine.close()
    before = len(gate.texts)
    settings = replace(filled.settings, **change)
    filled.engine = Engine.open(filled.profile, settings)
    filled.engine.start()
    assert gate.waiting.wait(60)
    old = filled.engine._active
    assert old.embedder.spec.revision == old.index.space.revision
    assert in_index(filled) == FILES  # the space of before answers
    gate.passing.release(20)
    assert filled.engine.wait(60)
    assert len(gate.texts) == before + FILES
    new = filled.engine._active.index.space
    assert (new.precision, new.document_task) == (settings.precision, settings.document_task)
    assert new.id != old.index.space.id


def test_fewer_dimensions_need_no_new_vectors(filled: Library, qwen3_folder: Path, gate: Gate) -> None:
    gate.passing.release(3)
    reopen(filled, str(qwen3_folder))
    assert filled.engine.wait(60)
    filled.engine.close()
    before = len(gate.texts)
    filled.engine = Engine.open(filled.profile, replace(filled.settings, dimension=32))
    filled.engine.start()
    assert filled.engine.wait(60)
    assert len(gate.texts) == before
    index = filled.engine._active.index
    assert (index.dimension, index.space.dimension) == (32, 64)
    assert filled.search("dogs on a leash in the park", Mode.MEANING) is not None
    assert len(filled.engine.status().spaces) == 2


def test_a_space_tells_its_size_and_how_long_it_takes(filled: Library, qwen3_folder: Path, gate: Gate) -> None:
    reopen(filled, str(qwen3_folder))
    for given in (4, 8):
        gate.passing.release(1)
        assert eventually(lambda given=given: len(gate.texts) == given and gate.waiting.is_set())
        filled.engine._indexing._refresh(Activity.INDEXING, "")
    filling = next(space for space in filled.engine.status().spaces if space.model == str(qwen3_folder))
    assert 0 < filling.chunks < FILES == filling.total
    assert filling.size_bytes == filling.chunks * 64 * 2
    assert filling.eta_seconds is not None and filling.eta_seconds > 0
    gate.passing.release(20)
    assert filled.engine.wait(60)


def test_a_notice_of_a_model_is_shown_until_it_is_over(filled: Library, qwen3_folder: Path) -> None:
    reopen(filled, str(qwen3_folder))
    assert filled.engine.wait(60)
    filled.engine._notify("some model", "It runs on the processor.")
    assert eventually(lambda: "It runs on the processor." in filled.engine.status().warnings)
    filled.engine._notify("some model", "")
    assert eventually(lambda: not filled.engine.status().warnings)
