"""A model on a server that comes and goes."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer.engine import Engine
from indexer.results import Activity, Mode, SearchRequest
from indexer.settings import Settings
from model.remote.connecting import connect
from model.remote.probe import Wish
from tests.indexer.library import Library, eventually
from tests.model.quirky_server import QuirkyServer

DOGS = "Dogs have to be kept on a leash in the park."
MODEL = "server:qwen3-embedding"


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("model.remote.connection.FIRST_WAIT_SECONDS", 0.01)
    monkeypatch.setattr("model.remote.connection.RESTING_SECONDS", 0.2)
    monkeypatch.setattr("indexer.indexing.RETRY_SECONDS", 0.3)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[QuirkyServer]:
    """A server that is connected."""
    with QuirkyServer() as server:
        report, is_saved = connect(Wish(server.url), tmp_path / "profile" / "models")
        assert is_saved, report.findings
        assert report.server.full_name == MODEL
        yield server


@pytest.fixture
def library(served: QuirkyServer, tmp_path: Path) -> Iterator[Library]:
    library = Library(tmp_path, Settings(model=MODEL, debounce_ms=50))
    yield library
    library.engine.close()


def answering(library: Library) -> str:
    return library.engine._active.embedder.spec.name


def test_the_queue_waits_for_a_server_that_is_unplugged(library: Library, served: QuirkyServer) -> None:
    library.write("dogs.txt", DOGS)
    library.index()
    assert answering(library) == MODEL
    assert library.search("dogs on a leash in the park", Mode.MEANING) == ["dogs.txt"]

    served.stop()
    library.write("zebras.txt", "zebras graze quietly in the morning sun")
    assert eventually(lambda: library.engine.status().activity is Activity.PAUSED)
    assert "the server can't be reached" in library.engine.status().detail
    response = library.engine.search(SearchRequest("dogs on a leash"))
    assert [hit.path.name for hit in response.hits] == ["dogs.txt"]
    assert "Found by words alone" in response.notice
    assert "the server can't be reached" in response.notice

    served.start()
    assert eventually(
        lambda: library.search("zebras graze quietly in the morning sun", Mode.MEANING)[:1] == ["zebras.txt"]
    )
    assert library.engine.wait(60)
    assert library.engine.status().activity is Activity.IDLE


def test_the_old_model_answers_until_the_server_has_read_everything(served: QuirkyServer, tmp_path: Path) -> None:
    library = Library(tmp_path)
    library.write("dogs.txt", DOGS)
    library.index()
    library.engine.close()
    served.stop()
    library.engine = Engine.open(library.profile, Settings(model=MODEL, debounce_ms=50))
    library.engine.start()
    assert eventually(lambda: any("can't be reached" in one for one in library.engine.status().warnings))
    assert answering(library) == "built-in"
    assert library.search("dogs on a leash in the park", Mode.MEANING) == ["dogs.txt"]
    served.start()
    assert eventually(lambda: answering(library) == MODEL)
    assert library.search("dogs on a leash in the park", Mode.MEANING) == ["dogs.txt"]
    library.engine.close()


def test_a_server_that_hangs_does_not_hold_up_the_end(library: Library, served: QuirkyServer) -> None:
    library.write("dogs.txt", DOGS)
    library.index()
    arrived, ended = threading.Event(), threading.Event()
    served.faults.append(lambda handler: (arrived.set(), ended.wait(60)))
    library.write("zebras.txt", "zebras graze quietly in the morning sun")
    assert arrived.wait(30)
    began = time.monotonic()
    library.engine.close()
    ended.set()
    assert time.monotonic() - began < 30


def test_another_model_on_the_server_adds_nothing_to_the_old_vectors(library: Library, served: QuirkyServer) -> None:
    library.write("dogs.txt", DOGS)
    library.index()
    served.stop()
    served.salt = "another"
    served.start()
    library.write("zebras.txt", "zebras graze quietly in the morning sun")
    assert eventually(lambda: "its model was exchanged" in library.engine.status().detail)
    assert library.search("zebras graze quietly in the morning sun", Mode.MEANING) == []
