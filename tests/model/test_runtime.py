"""A model that runs out of memory, loses its device, or is not used for a while."""

import gc
import logging
import threading
import weakref
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from model import load_embedder, load_reranker
from model.errors import NoRoomError
from model.packing import Budget
from model.precedence import Precedence
from model.qwen3.decoder import Decoder
from model.qwen3.embedder import Qwen3Embedder
from model.resident import Resident
from model.running import Running
from model.runtime import Batch, Pending
from tests.indexer.library import eventually

TEXTS = ["one", "two words", "three short words", "four words are enough " * 20]
CARD = torch.device("cuda", 0)


class Card:
    """Makes decoders on a "GPU" that is the processor in truth, and fails as one does."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.failure: Callable[[Batch], Exception | None] = lambda batch: None
        self.is_full = False
        self.loaded: list[str] = []
        begin, make = Decoder.begin, Qwen3Embedder._load

        def load(embedder: Qwen3Embedder, device: torch.device) -> Decoder:
            if device.type == "cuda" and self.is_full:
                raise NoRoomError(f"tiny needs 1.0 GB of memory on {device}, and 0.1 GB are free.")
            decoder = make(embedder, torch.device("cpu"))
            if device.type == "cuda":
                monkeypatch.setattr(decoder, "begin", lambda batch, urgent=False: self._begin(decoder, batch))
                decoder.device = device
            self.loaded.append(device.type)
            return decoder

        def checked(self: Decoder, batch: Batch, urgent: bool = False) -> Pending:
            return begin(self, batch, urgent)

        self._checked = checked
        monkeypatch.setattr(Qwen3Embedder, "_load", load)
        monkeypatch.setattr(
            "model.runtime.choose_device", lambda name: CARD if name in ("", "cuda:0") else torch.device(name)
        )
        monkeypatch.setattr("model.runtime.release_memory", lambda device: None)

    def _begin(self, decoder: Decoder, batch: Batch) -> Pending:
        if (error := self.failure(batch)) is not None:
            raise error
        decoder.device = torch.device("cpu")
        try:
            return self._checked(decoder, batch)
        finally:
            decoder.device = CARD


@pytest.fixture
def card(monkeypatch: pytest.MonkeyPatch) -> Card:
    return Card(monkeypatch)


@pytest.fixture(scope="module")
def expected(qwen3_folder: Path) -> np.ndarray:
    return load_embedder(qwen3_folder, device="cpu").embed_documents(TEXTS)


def opened(folder: Path, notices: list[str]) -> Qwen3Embedder:
    embedder = load_embedder(folder, running=Running(notify=notices.append))
    assert isinstance(embedder, Qwen3Embedder)
    return embedder


def test_out_of_memory_halves_batches_and_gives_the_same_vectors(
    card: Card, qwen3_folder: Path, expected: np.ndarray, caplog: pytest.LogCaptureFixture
) -> None:
    def full(batch: Batch) -> Exception | None:
        return torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB") if len(batch) > 1 else None

    notices: list[str] = []
    card.failure = full
    with caplog.at_level(logging.WARNING):
        vectors = opened(qwen3_folder, notices).embed_documents(TEXTS)
    np.testing.assert_allclose(vectors, expected, atol=1e-5)
    assert (card.loaded, notices) == (["cuda"], [])
    assert "out of memory: batches of" in caplog.text


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            torch.OutOfMemoryError("CUDA out of memory."),
            "does not fit into the memory of cuda:0. It runs on the processor",
        ),
        (
            torch.AcceleratorError("CUDA error: unspecified launch failure"),
            "cuda:0 has failed (CUDA error: unspecified",
        ),
        (
            RuntimeError("CUDA error: device-side assert triggered\nCompile with ..."),
            "cuda:0 has failed (CUDA error: dev",
        ),
        (RuntimeError("cuDNN error: CUDNN_STATUS_INTERNAL_ERROR"), "cuda:0 has failed (cuDNN error"),
    ],
)
def test_a_card_that_gives_up_is_left_for_the_processor(
    card: Card, qwen3_folder: Path, expected: np.ndarray, error: Exception, words: str
) -> None:
    notices: list[str] = []
    card.failure = lambda batch: error
    embedder = opened(qwen3_folder, notices)
    np.testing.assert_allclose(embedder.embed_documents(TEXTS), expected, atol=1e-5)
    assert card.loaded == ["cuda", "cpu"]
    [notice] = notices
    assert words in notice
    embedder.embed_queries(["still there"])
    assert card.loaded == ["cuda", "cpu"]


def test_a_card_that_fails_in_the_middle_loses_no_text(card: Card, qwen3_folder: Path, expected: np.ndarray) -> None:
    begun: list[int] = []

    def later(batch: Batch) -> Exception | None:
        begun.append(len(batch))
        return torch.AcceleratorError("CUDA error: out of range") if len(begun) == 3 else None

    notices: list[str] = []
    embedder = opened(qwen3_folder, notices)
    embedder.embed_documents(["load"])
    with embedder._runtime._resident.use() as decoder:
        decoder.budget = Budget(1, is_padded=False)
    begun.clear()
    card.failure = later
    np.testing.assert_allclose(embedder.embed_documents(TEXTS), expected, atol=1e-5)
    assert len(notices) == 1


def test_a_full_card_is_come_back_to_when_there_is_room(
    card: Card, qwen3_folder: Path, expected: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    notices: list[str] = []
    card.is_full = True
    embedder = opened(qwen3_folder, notices)
    np.testing.assert_allclose(embedder.embed_documents(TEXTS), expected, atol=1e-5)
    assert notices[0].startswith("tiny needs 1.0 GB of memory on cuda:0") and notices[0].endswith(
        "there is room again."
    )
    monkeypatch.setattr(embedder._runtime, "_away_until", 0.001)
    embedder.embed_documents(TEXTS)
    assert card.loaded == ["cpu"]
    card.is_full = False
    monkeypatch.setattr(embedder._runtime, "_away_until", 0.001)
    np.testing.assert_allclose(embedder.embed_documents(TEXTS), expected, atol=1e-5)
    assert card.loaded == ["cpu", "cuda"]
    assert notices[1:] == [""]


def test_a_whole_text_is_cut_until_it_fits(card: Card, qwen3_folder: Path) -> None:
    def full(batch: Batch) -> Exception | None:
        return torch.OutOfMemoryError("CUDA out of memory.") if len(batch[0]) > 700 else None

    notices: list[str] = []
    embedder = opened(qwen3_folder, notices)
    text = "many words in a long text " * 300
    whole = embedder.embed_whole(text)
    assert not whole.is_cut
    np.testing.assert_allclose(whole.vector, embedder.embed_documents([text])[0], atol=1e-5)
    card.failure = full
    cut = embedder.embed_whole(text)
    assert cut.is_cut
    assert 0.5 < float(cut.vector @ whole.vector) < 0.99999
    assert (card.loaded, notices) == (["cuda"], [])


def test_a_model_leaves_the_memory_when_nobody_needs_it(qwen3_folder: Path) -> None:
    embedder = load_embedder(qwen3_folder, running=Running("cpu", idle_seconds=0.3))
    assert isinstance(embedder, Qwen3Embedder)
    vectors = embedder.embed_documents(TEXTS)
    with embedder._runtime._resident.use() as decoder:
        held = [weakref.ref(parameter) for parameter in decoder._model.parameters()]
        held += [weakref.ref(buffer) for buffer in decoder._model.buffers()]
    del decoder
    assert eventually(lambda: not embedder._runtime.is_loaded)
    assert eventually(lambda: not any(reference() is not None for reference in held))
    np.testing.assert_array_equal(embedder.embed_documents(TEXTS), vectors)
    assert embedder._runtime.is_loaded


def test_a_reranker_leaves_it_too(reranker_folder: Path) -> None:
    reranker = load_reranker(reranker_folder, running=Running("cpu", idle_seconds=0.2))
    before = reranker.score("query", TEXTS)
    assert eventually(lambda: not reranker._runtime.is_loaded)
    np.testing.assert_array_equal(reranker.score("query", TEXTS), before)


def test_what_is_in_use_stays() -> None:
    released = threading.Event()
    resident = Resident(lambda: [1], 0.05, released.set)
    with resident.use() as value:
        assert not released.wait(0.3)
        assert value == [1]
    assert released.wait(60)
    assert not resident.is_loaded


def test_the_watch_over_it_keeps_nothing_alive() -> None:
    resident = Resident(object, 1000, lambda: None)
    with resident.use():
        pass
    watchers = [thread for thread in threading.enumerate() if thread.name == "idle"]
    reference = weakref.ref(resident)
    del resident
    gc.collect()
    assert reference() is None
    assert eventually(lambda: not any(thread.is_alive() for thread in watchers))


def test_a_query_on_a_processor_overtakes_a_batch_that_waits_for_it(qwen3_folder: Path) -> None:
    precedence = Precedence()
    embedder = load_embedder(qwen3_folder, running=Running("cpu", precedence=precedence))
    wanted, query = embedder.embed_documents(TEXTS), embedder.embed_queries(["overtakes"])
    found: list[np.ndarray] = []
    backlog = threading.Thread(target=lambda: found.append(embedder.embed_documents(TEXTS)))
    with precedence.urgent():
        backlog.start()
        np.testing.assert_allclose(embedder.embed_queries(["overtakes"]), query, atol=1e-5)
        assert not found
    backlog.join(60)
    np.testing.assert_allclose(found[0], wanted, atol=1e-5)


def test_on_a_processor_a_query_waits_for_a_short_batch_only(qwen3_folder: Path) -> None:
    embedder = load_embedder(qwen3_folder, device="cpu")
    assert isinstance(embedder, Qwen3Embedder)
    embedder.embed_documents(["load"])
    runtime = embedder._runtime
    runtime._pace = 2000.0  # tokens a second
    with runtime._resident.use() as decoder:
        assert runtime._budget(decoder).tokens == 800
        runtime._pace = 1.0
        assert runtime._budget(decoder).tokens == 256
