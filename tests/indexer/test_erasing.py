"""What is erased is gone from every byte of the profile, not only from what is found."""

from __future__ import annotations

import random
import sqlite3
import string
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from indexer.catalogue.contents import packed
from indexer.catalogue.texts import plain_text
from indexer.engine import Engine
from indexer.results import Mode
from indexer.settings import Settings
from indexer.upkeep import erasing
from tests.indexer.library import Library, eventually

chance = random.Random(5)


def secret() -> str:
    """A word like no other: with whatever the full-text tables leave out because the word before began like it."""
    return "".join(chance.choices(string.ascii_lowercase, k=24))


def visible(secret: str) -> bytes:
    return secret[4:].encode()


def places_of(profile: Path, parts: list[bytes]) -> set[str]:
    """Files of a profile in which one of the parts stands."""
    files = [path for path in profile.rglob("*") if path.is_file()]
    return {path.relative_to(profile).parts[0] for path in files if any(part in path.read_bytes() for part in parts)}


@pytest.fixture
def traces() -> list[str]:
    return []


@pytest.fixture
def library(tmp_path: Path, traces: list[str]) -> Iterator[Library]:
    """Two folders that share a text, with segments of both."""
    library = Library(tmp_path, Settings(debounce_ms=50, flush_chunks=20))
    library.engine._forget_traces = lambda: traces.append("forgotten")
    yield library
    library.engine.close()


SECRETS = [secret() for _ in range(80)]


def fill_both(library: Library, private: Path) -> None:
    private.mkdir()
    for number in range(30):
        library.write(f"{number}.txt", f"Report {number} on the weather of day {number}, with {secret()} as its word.")
    library.write("shared.txt", "The shared text stays where it lies twice.")
    (private / "shared too.txt").write_text("The shared text stays where it lies twice.")
    for number, word in enumerate(SECRETS):
        (private / f"{word}.md").write_text(
            f"# Title {word}\n\nAbout {word}, paragraph {number}, about {word}.\n", encoding="utf-8"
        )
    library.engine.add_folder(private)
    library.index()
    index = library.engine._active.index
    assert eventually(lambda: len(index.records) > 0 and index.delta_count < 20, 120)


def test_no_byte_of_an_erased_folder_is_left_in_the_profile(library: Library, traces: list[str]) -> None:
    private = library.folder.parent / "private"
    fill_both(library, private)
    words = [visible(word) for word in SECRETS]
    vectors, texts = stored_vectors(library, private), stored_texts(library)
    segments = set((library.profile / "segments").iterdir())
    assert "catalogue.db-wal" in places_of(library.profile, words)
    for rows in (vectors, texts):
        assert places_of(library.profile, rows) & {"catalogue.db", "catalogue.db-wal"}
    (library.profile / "catalogue.db.damaged-20260101-000000").write_bytes(b"old " + words[0])

    library.engine.remove_folder(private, erase=True)

    assert places_of(library.profile, [*words, *vectors, *texts, private.name.encode() + b"/"]) == set()
    assert len(segments - set((library.profile / "segments").iterdir())) > 0, "those that held vectors of it"
    assert len(library.engine._active.index.records) > 0
    assert traces == ["forgotten"]
    assert not erasing.is_marked(library.profile)
    assert library.engine.check() == ()
    assert library.search("shared text", Mode.WORDS) == ["shared.txt"]
    assert "7.txt" in library.search("weather of day 7")
    library.restart()
    assert places_of(library.profile, words) == set()
    assert library.search(SECRETS[0], Mode.WORDS) == []


def stored_vectors(library: Library, folder: Path) -> list[bytes]:
    """Vectors of a folder's chunks as the catalogue holds them."""
    engine = library.engine
    chunks = [
        chunk
        for row in engine.files(folder)
        if (content := engine._reader.content_at(row.path)) is not None and row.path.suffix == ".md"
        for chunk in engine._reader.chunks_of(content)
    ]
    return packed(engine._reader.vectors(engine._active.index.space, chunks)[1])


def stored_texts(library: Library) -> list[bytes]:
    """Texts of the secret chunks as the catalogue holds them, compressed."""
    with closing(sqlite3.connect(library.profile / "catalogue.db")) as connection:
        texts = [text for (text,) in connection.execute("SELECT texts FROM blocks") if isinstance(text, bytes)]
    kept = [text for text in texts if any(word in plain_text(text) for word in SECRETS)]
    assert len(kept) == len(SECRETS)
    return kept


def test_removing_without_erasing_is_quick_and_leaves_remains(library: Library) -> None:
    private = library.folder.parent / "private"
    fill_both(library, private)
    library.engine.remove_folder(private)
    assert places_of(library.profile, [visible(word) for word in SECRETS])
    assert library.search(SECRETS[0], Mode.WORDS) == []


def test_what_a_kill_cuts_short_is_erased_at_the_next_start(library: Library) -> None:
    private = library.folder.parent / "private"
    fill_both(library, private)
    erasing.mark(library.profile)  # as `remove_folder` does first
    library.engine.remove_folder(private)
    library.engine.close()
    words = [visible(word) for word in SECRETS]
    assert places_of(library.profile, words)
    forgotten: list[str] = []
    library.engine = Engine.open(library.profile, library.settings, lambda: forgotten.append("forgotten"))
    library.engine.start()
    assert library.engine.wait(60)
    assert eventually(lambda: not erasing.is_marked(library.profile))
    assert places_of(library.profile, words) == set()
    assert forgotten
