"""One vector of each whole file, by which similar files are compared."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from indexer.catalogue.reader import CUT, CatalogueReader
from indexer.results import SimilarRequest
from indexer.settings import Settings, WholeFiles
from model.embedder import Whole
from model.errors import ModelError
from model.qwen3.embedder import Qwen3Embedder
from tests.indexer.library import Library, eventually

BOILER = "The boiler in the cellar loses water.\n\n" + "Its valve drips, and the pressure falls every winter.\n\n" * 40
BAKERY = "Bread rises overnight in a cool place.\n\n" + "Knead the dough, then let it rest for an hour.\n\n" * 40


@pytest.fixture
def library(tmp_path: Path, qwen3_folder: Path) -> Iterator[Library]:
    settings = Settings(model=str(qwen3_folder), device="cpu", whole_files=WholeFiles.ALWAYS, debounce_ms=50)
    library = Library(tmp_path, settings)
    yield library
    library.engine.close()


def wholes(library: Library) -> dict[str, np.ndarray]:
    """Vectors of whole files by their names."""
    reader = CatalogueReader(library.profile / "catalogue.db")
    contents = {reader.content_at(row.path): row.path.name for row in library.engine.files()}
    space = next(space for space, _ in reader.space_counts() if space.active)
    found = reader.wholes(space, [content for content in contents if content is not None])
    reader.close()
    return {contents[content]: vector for content, vector in found.items()}


def test_every_file_gets_a_vector_of_its_whole_text(library: Library) -> None:
    library.write("boiler.txt", BOILER)
    library.write("bakery.txt", BAKERY)
    library.index()
    found = wholes(library)
    assert set(found) == {"boiler.txt", "bakery.txt"}
    text = library.engine.text(library.folder / "boiler.txt")
    assert len(library.engine.files()[0].reason) == 0
    expected = library.engine._active.embedder.embed_documents([text.replace("\n\n\n", "\n\n")])[0]
    assert float(found["boiler.txt"] @ expected) > 0.999


def test_whole_files_are_compared_and_their_closest_passage_is_shown(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    def by_first_word(self: Qwen3Embedder, text: str, dimension: int | None = None) -> Whole:
        vector = np.zeros(64, np.float32)
        vector[len(text.split()[0])] = 1
        return Whole(vector, is_cut=False)

    monkeypatch.setattr(Qwen3Embedder, "embed_whole", by_first_word)
    library.write("a.txt", f"Boil. {BOILER}")
    library.write("near.txt", f"Bake. {BAKERY}")
    library.write("far.txt", f"Boiling. {BOILER}")
    library.index()
    hits = library.engine.similar(SimilarRequest(library.folder / "a.txt")).hits
    assert hits[0].path.name == "near.txt"
    assert hits[0].score == 1.0
    assert hits[0].passage in f"Bake. {BAKERY}"
    assert "far.txt" not in [hit.path.name for hit in hits]
    outside = library.folder.parent / "outside.txt"
    outside.write_text(f"Bake. {BOILER}", encoding="utf-8")
    assert {hit.path.name for hit in library.engine.similar(SimilarRequest(outside)).hits} == {"a.txt", "near.txt"}


def test_a_file_that_is_cut_is_marked(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    embed = Qwen3Embedder.embed_whole

    def cut(self: Qwen3Embedder, text: str, dimension: int | None = None) -> Whole:
        return Whole(embed(self, text, dimension).vector, is_cut=len(text) > 1000)

    monkeypatch.setattr(Qwen3Embedder, "embed_whole", cut)
    library.write("long.txt", BOILER)
    library.write("short.txt", "Bread rises overnight.")
    library.index()
    reasons = {row.path.name: row.reason for row in library.engine.files()}
    assert reasons == {"long.txt": CUT, "short.txt": ""}
    assert library.engine.why(library.folder / "long.txt").reason == CUT


def test_a_file_that_changes_gets_another_vector_and_one_that_goes_leaves_none(library: Library) -> None:
    library.write("a.txt", BOILER)
    library.write("b.txt", BOILER + "once more")
    library.index()
    before = wholes(library)
    library.write("a.txt", BAKERY)
    (library.folder / "b.txt").unlink()
    library.index()
    after = wholes(library)
    assert set(after) == {"a.txt"}
    assert float(after["a.txt"] @ before["a.txt"]) < 0.999


def test_a_model_that_can_not_read_whole_files_now_holds_nothing_up(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: Qwen3Embedder, text: str, dimension: int | None = None) -> Whole:
        raise ModelError("not now")

    monkeypatch.setattr(Qwen3Embedder, "embed_whole", broken)
    library.write("a.txt", BOILER)
    library.index()
    assert eventually(lambda: library.search("boiler") == ["a.txt"])
    assert wholes(library) == {}


def test_they_can_be_switched_off(tmp_path: Path, qwen3_folder: Path) -> None:
    settings = Settings(model=str(qwen3_folder), device="cpu", whole_files=WholeFiles.NEVER, debounce_ms=50)
    library = Library(tmp_path, settings)
    library.write("a.txt", BOILER)
    library.index()
    assert wholes(library) == {}
    library.engine.close()


def test_on_a_processor_files_are_compared_by_their_passages(tmp_path: Path, qwen3_folder: Path) -> None:
    library = Library(tmp_path, Settings(model=str(qwen3_folder), device="cpu", debounce_ms=50))
    library.write("a.txt", BOILER)
    library.write("b.txt", BOILER + "once more")
    library.index()
    assert wholes(library) == {}
    assert library.similar(library.folder / "a.txt") == ["b.txt"]
    library.engine.close()
