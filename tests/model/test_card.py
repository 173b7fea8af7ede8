"""A real card: the vectors of the processor, without room, and beside a backlog."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import torch

from model import load_embedder
from model.embedder import SEARCH_TASK
from model.qwen3.embedder import Qwen3Embedder, instructed
from model.running import Running
from tests.model.tiny_qwen3 import reference_vectors, save_embedder

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no card"),
]
WORDS = "time year people way day man thing woman life child".split()
SAME = 0.002
LENGTHS = (1, 3, 17, 64, 100, 127, 128, 129, 250, 1000, 6000)  # words


def texts_of(lengths: tuple[int, ...]) -> list[str]:
    generator = np.random.default_rng(0)
    return ["", "北京", *[" ".join(generator.choice(WORDS, length)) for length in lengths]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    shape = {"hidden_size": 512, "intermediate_size": 1024, "num_attention_heads": 8, "num_key_value_heads": 4}
    return save_embedder(tmp_path_factory.mktemp("card") / "m", 4, head_dim=128, initializer_range=0.05, **shape)


@pytest.fixture
def embedder(folder: Path) -> Iterator[Qwen3Embedder]:
    embedder = load_embedder(folder, running=Running("cuda"))
    assert isinstance(embedder, Qwen3Embedder)
    yield embedder
    embedder._runtime._resident.drop()


@contextmanager
def room_for(more: int) -> Iterator[None]:
    """Torch may take no more than so many bytes more."""
    torch.cuda.empty_cache()
    total = torch.cuda.mem_get_info()[1]
    torch.cuda.set_per_process_memory_fraction((torch.cuda.memory_allocated() + more) / total)
    yield
    torch.cuda.set_per_process_memory_fraction(1.0)


def test_vectors_and_ranking_are_those_of_the_reference(folder: Path, embedder: Qwen3Embedder) -> None:
    texts = texts_of(LENGTHS)
    wanted = reference_vectors(folder, texts, 32_768, "sdpa")
    together = embedder.embed_documents(texts)
    alone = np.concatenate([embedder.embed_documents([text]) for text in texts])
    for found in (together, alone):
        assert (found * wanted).sum(axis=1).min() >= 0.999
        for row, order in zip(wanted @ wanted.T, np.argsort(-found @ found.T), strict=True):
            assert np.diff(row[order]).max() < SAME  # the same ranking, but for what is equal in 16 bits
    questions = texts[:8]
    wanted = reference_vectors(folder, [instructed(text, SEARCH_TASK) for text in questions], 32_768, "sdpa")
    found = np.concatenate([embedder.embed_queries([text]) for text in questions])
    assert (found * wanted).sum(axis=1).min() >= 0.999


def test_a_full_card_is_given_smaller_batches(embedder: Qwen3Embedder) -> None:
    texts = texts_of((1000,) * 60)
    wanted = embedder.embed_documents(texts)
    with embedder._runtime._resident.use() as decoder, room_for(150_000_000):
        full = decoder.budget.tokens
        found = embedder.embed_documents(texts)
        assert decoder.budget.tokens < full
        assert decoder.device.type == "cuda"
    assert (found * wanted).sum(axis=1).min() >= 0.999


def test_a_card_without_room_leaves_the_work_to_the_processor(folder: Path) -> None:
    notices: list[str] = []
    embedder = load_embedder(folder, running=Running("cuda", notify=notices.append))
    assert isinstance(embedder, Qwen3Embedder)
    embedder.embed_documents(["ready?"])
    texts = texts_of((6000,))
    with room_for(20_000_000):
        found = embedder.embed_documents(texts)
    assert "does not fit into the memory of cuda" in notices[0]
    assert (found * reference_vectors(folder, texts, 32_768, "sdpa")).sum(axis=1).min() >= 0.999
    embedder._runtime._resident.drop()


def test_queries_beside_a_backlog_get_their_own_vectors(embedder: Qwen3Embedder) -> None:
    texts, questions = texts_of((200,) * 1000), texts_of(LENGTHS[:6])
    wanted, passages = embedder.embed_queries(questions), embedder.embed_documents(texts)
    found: list[np.ndarray] = []
    backlog = threading.Thread(target=lambda: found.append(embedder.embed_documents(texts)))
    backlog.start()
    asked = 0
    while backlog.is_alive() or not asked:
        again = np.concatenate([embedder.embed_queries([question]) for question in questions])
        assert (again * wanted).sum(axis=1).min() >= 0.999
        asked += 1
    backlog.join()
    assert (found[0] * passages).sum(axis=1).min() >= 0.999
