from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest

from model.errors import ModelError
from model.remote import connection as connecting
from model.remote.connection import Connection, Patience
from model.remote.embedder import RemoteEmbedder
from model.remote.errors import AccessError, OutageError, ServerError, SlowError
from model.remote.probe import Wish, probe
from model.remote.server import Server
from tests.model.quirky_server import QuirkyServer, drops, is_cut, refuses, says

TEXTS = [f"Report {number} on the weather of day {number}." for number in range(100)]
PROBED: dict[tuple[object, ...], Server] = {}  # it takes a while, and the outcome is the same
KEY = "sk-very-secret-0123456789"


@pytest.fixture(autouse=True)
def _no_long_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connecting, "FIRST_WAIT_SECONDS", 0.01)


@pytest.fixture
def served() -> Iterator[QuirkyServer]:
    with QuirkyServer() as server:
        yield server


@pytest.fixture
def connect() -> Iterator[Callable[..., RemoteEmbedder]]:
    made: list[RemoteEmbedder] = []

    def connected(server: QuirkyServer, document_task: str = "", dimensions: int = 0) -> RemoteEmbedder:
        manners = (server.kind, server.model, server.normalises, server.shortens, server.most_texts, dimensions)
        if manners not in PROBED:
            PROBED[manners] = probe(Wish(server.url, dimensions=dimensions)).server
        made.append(RemoteEmbedder(replace(PROBED[manners], url=server.url), document_task))
        server.requests.clear()
        server.most_at_once = 0
        return made[-1]

    yield connected
    for embedder in made:
        embedder.close()


Connect = Callable[..., RemoteEmbedder]


@pytest.mark.parametrize("kind", ["vllm", "sglang", "tei", "llama.cpp", "llama-cpp-python", "ollama", "other"])
def test_vectors_are_those_of_their_texts_in_order_and_of_length_one(kind: str, connect: Connect) -> None:
    with QuirkyServer(kind) as server:
        server.normalises = kind != "llama-cpp-python"
        server.most_texts = 8 if kind == "tei" else 10_000
        embedder = connect(server)
        vectors = embedder.embed_documents(TEXTS)
        expected = np.stack([server._vector(server._tokens(text)) for text in TEXTS])
        expected /= np.linalg.norm(expected, axis=1, keepdims=True)
        assert vectors.dtype == np.float32
        assert np.allclose(vectors, expected, atol=1e-6)
        assert embedder.embed_documents([]).shape == (0, 64)


def test_a_query_goes_under_its_instruction_and_a_passage_as_it_is(served: QuirkyServer, connect: Connect) -> None:
    embedder = connect(served)
    embedder.embed_queries(["dogs"], "Find dogs")
    embedder.embed_documents(["dogs"])
    assert served.texts[0] == "Instruct: Find dogs\nQuery:dogs"
    assert served.texts[-2] == "dogs"  # the last one tells whether the model is still the same
    assert embedder.spec.takes_task


def test_passages_under_an_instruction_are_a_space_of_their_own(served: QuirkyServer, connect: Connect) -> None:
    embedder = connect(served, "Find alike")
    embedder.embed_documents(["dogs"])
    assert served.texts[0] == "Instruct: Find alike\nQuery:dogs"
    assert embedder.spec.revision != RemoteEmbedder(embedder._server).spec.revision


def test_another_model_gets_its_queries_as_they_are(connect: Connect) -> None:
    with QuirkyServer(model="BAAI/bge-m3") as server:
        connect(server).embed_queries(["dogs"], "Find dogs")
        assert server.texts[0] == "dogs"


def test_special_tokens_in_a_text_are_plain_characters(served: QuirkyServer, connect: Connect) -> None:
    connect(served).embed_documents(["a <|endoftext|> b <|im_end|> <|notes|> \udc80", ""])
    assert served.texts[:2] == ["a < |endoftext|> b < |im_end|> <|notes|> \ufffd", " "]


@pytest.mark.parametrize("manner", ["honours", "ignores", "refuses"])
def test_fewer_dimensions_are_the_same_whoever_cuts(manner: str, served: QuirkyServer, connect: Connect) -> None:
    served.shortens = manner
    whole = connect(served).embed_documents(TEXTS[:3])
    short = connect(served, dimensions=32)
    expected = whole[:, :32] / np.linalg.norm(whole[:, :32], axis=1, keepdims=True)
    assert short.spec.dimensions == 32
    assert np.allclose(short.embed_documents(TEXTS[:3]), expected, atol=1e-6)
    assert np.allclose(short.embed_documents(TEXTS[:3], 16)[:, 0] > 0, expected[:, 0] > 0)
    with pytest.raises(ModelError, match="not 64"):
        short.embed_documents(TEXTS[:1], 64)


def test_requests_run_side_by_side_but_not_too_many(served: QuirkyServer, connect: Connect) -> None:
    embedder = connect(served)
    embedder._batch, served.delay = 5, 0.05
    embedder.embed_documents(TEXTS)
    assert served.most_at_once == 4


def test_a_query_does_not_wait_for_passages(served: QuirkyServer, connect: Connect) -> None:
    embedder = connect(served)
    embedder.embed_documents(["warm"])
    embedder._batch = 1
    held = [threading.Event() for _ in range(4)]
    for event in held:
        served.faults.append(lambda handler, event=event: (event.wait(20), drops(handler)))
    backlog = threading.Thread(target=embedder.embed_documents, args=(TEXTS[:4],))
    backlog.start()
    while served.faults:
        time.sleep(0.01)
    assert embedder.embed_queries(["dogs"]).shape == (1, 64)
    assert backlog.is_alive()
    for event in held:
        event.set()
    backlog.join(20)
    assert not backlog.is_alive()


@pytest.mark.parametrize(
    "fault", [drops, is_cut, refuses(429), refuses(500, "out of luck"), refuses(503), refuses(429, Retry_After="0")]
)
def test_what_passes_is_asked_again(fault: Callable[..., None], served: QuirkyServer, connect: Connect) -> None:
    embedder = connect(served)
    served.faults.extend([fault, fault])
    assert np.linalg.norm(embedder.embed_documents(["dogs"])) == pytest.approx(1)
    assert not served.faults


def test_a_server_that_names_a_time_is_not_asked_before(served: QuirkyServer, connect: Connect) -> None:
    embedder = connect(served)
    served.faults.append(refuses(429, Retry_After="1"))
    began = time.monotonic()
    embedder.embed_documents(["dogs"])
    assert time.monotonic() - began >= 1


def test_a_server_that_names_a_long_time_is_an_outage_until_then(served: QuirkyServer, connect: Connect) -> None:
    embedder = connect(served)
    served.faults.append(refuses(429, "slow down", Retry_After="3600"))
    with pytest.raises(OutageError, match="too busy.*slow down"):
        embedder.embed_documents(["dogs"])
    asked = len(served.requests)
    with pytest.raises(OutageError, match="too busy"):
        embedder.embed_queries(["dogs"])
    assert len(served.requests) == asked


def test_waits_grow_and_differ(served: QuirkyServer, caplog: pytest.LogCaptureFixture) -> None:
    connection = Connection(served.url)
    served.faults.extend([refuses(503)] * 3)
    with caplog.at_level(logging.INFO, "model.remote"):
        connection.get("/v1/models", Patience(5, 4, 1))
    connection.close()
    assert len(caplog.messages) == 3


def test_a_slow_server_is_an_outage_and_gets_smaller_requests(
    served: QuirkyServer, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedder = connect(served)
    embedder.embed_documents(["warm"])
    monkeypatch.setattr("model.remote.embedder.DOCUMENTS", replace(connecting.DOCUMENTS, seconds=0.05))
    before = embedder._batch
    served.delay = 0.3
    with pytest.raises(SlowError, match=r"did not answer within 0\.05 s"):
        embedder.embed_documents(["dogs"])
    assert embedder._batch == before // 2


def test_after_an_outage_queries_fail_at_once_until_the_server_is_back(
    served: QuirkyServer, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedder = connect(served)
    embedder.embed_queries(["dogs"])
    served.stop()
    with pytest.raises(OutageError, match="can't be reached"):
        embedder.embed_queries(["dogs"])
    served.start()
    with pytest.raises(OutageError, match="can't be reached"):
        embedder.embed_queries(["dogs"])
    embedder.embed_documents(["dogs"])  # indexing does not rest, and what it finds out counts for queries
    assert embedder.embed_queries(["dogs"]).shape == (1, 64)


def test_another_model_behind_the_same_name_is_noticed_after_an_outage(served: QuirkyServer, connect: Connect) -> None:
    embedder = connect(served)
    embedder.embed_documents(["dogs"])
    served.faults.append(drops)
    served.salt = "another"
    with pytest.raises(ServerError, match=r"its model was exchanged\. Connect it again: cognate models connect"):
        embedder.embed_documents(["dogs"])


def test_another_size_of_vectors_is_told(served: QuirkyServer, connect: Connect) -> None:
    embedder = connect(served)
    served.size = 48
    with pytest.raises(ServerError, match="48 dimensions now, and gave 64"):
        embedder.embed_documents(["dogs"])


def test_a_request_that_is_too_much_is_taken_apart(served: QuirkyServer, connect: Connect) -> None:
    embedder = connect(served)
    served.most_texts = 7
    assert embedder.embed_documents(TEXTS).shape == (100, 64)


def test_a_text_that_is_too_long_is_represented_by_its_beginning(served: QuirkyServer, connect: Connect) -> None:
    embedder = connect(served)
    served.context = 60
    text = "dogs " * 100
    vectors = embedder.embed_documents(["short", text, "short"])
    assert np.allclose(vectors[0], vectors[2])
    assert np.linalg.norm(vectors[1]) == pytest.approx(1)
    assert text[:250] in served.texts


@pytest.mark.parametrize("illness", ["poison", "blank"])
def test_one_text_that_breaks_the_server_does_not_hold_up_the_others(
    illness: str, served: QuirkyServer, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    embedder = connect(served)
    setattr(served, illness, "venom")
    vectors = embedder.embed_documents([*TEXTS[:9], "some venom here", *TEXTS[9:20]])
    lengths = np.linalg.norm(vectors, axis=1)
    assert lengths[9] == 0
    assert np.allclose(np.delete(lengths, 9), 1)
    assert "gets no vector" in caplog.text
    assert "venom" not in caplog.text


def test_a_server_that_answers_everything_with_an_error_is_no_reason_to_store_nothing(
    served: QuirkyServer, connect: Connect
) -> None:
    embedder = connect(served)
    served.poison = "e"  # the sentence that a sound server knows holds one, too
    with pytest.raises(ServerError, match="500"):
        embedder.embed_documents(["dogs here"])


@pytest.mark.parametrize(
    ("fault", "says_so"),
    [
        (says(b"<html>Hello</html>"), "is no JSON"),
        (says(b'{"object": "list"}'), "holds no vectors"),
        (says(b'{"data": [{"index": 0, "embedding": "%%%"}]}'), "holds no vectors"),
        (says(b'{"data": []}'), "gave 0 vectors for 1 texts"),
        (says(b'{"data": [{"index": 0, "embedding": [[1.0, 2.0], [3.0, 4.0]]}]}'), "a vector for each token"),
        (refuses(404, "model not found, try pulling it first"), "nothing at /v1/embeddings.*try pulling it first"),
        (refuses(401, "no"), r"refuses the key \(401\)"),
    ],
)
def test_what_can_not_pass_is_told_at_once(
    fault: Callable[..., None], says_so: str, served: QuirkyServer, connect: Connect
) -> None:
    embedder = connect(served)
    served.faults.append(fault)
    with pytest.raises(ServerError, match=says_so) as raised:
        embedder.embed_documents(["dogs"])
    assert not isinstance(raised.value, OutageError)


def test_no_redirect_is_followed(served: QuirkyServer, connect: Connect) -> None:
    embedder = connect(served)
    with QuirkyServer() as elsewhere:
        served.faults.append(refuses(307, Location=f"{elsewhere.url}/v1/embeddings"))
        with pytest.raises(AccessError, match="only the host that you named is contacted"):
            embedder.embed_documents(["dogs"])
        assert not elsewhere.requests


def test_no_proxy_is_used(served: QuirkyServer, monkeypatch: pytest.MonkeyPatch) -> None:
    with QuirkyServer() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        connection = Connection(served.url)
        connection.get("/v1/models")
        connection.close()
        assert not proxy.requests


def test_the_key_goes_to_the_server_and_nowhere_else(
    served: QuirkyServer, connect: Connect, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    served.key = KEY
    caplog.set_level(logging.DEBUG)
    report = probe(Wish(served.url, key=KEY))
    assert KEY not in repr(report)
    monkeypatch.setenv("COGNATE_SERVER_KEY_QWEN3_EMBEDDING", KEY)
    embedder = RemoteEmbedder(report.server)
    embedder.embed_documents(["dogs"])
    served.faults.append(refuses(400, f"The key {KEY} may not do that"))
    with pytest.raises(ServerError) as raised:
        embedder.embed_queries(["dogs"])
    embedder.close()
    assert "The key … may not do that" in str(raised.value)
    assert KEY not in caplog.text


def test_what_a_server_says_is_not_told_where_it_quotes_a_text(served: QuirkyServer, connect: Connect) -> None:
    embedder = connect(served)
    served.faults.append(refuses(400, "I can't embed: my secret diary of today"))
    with pytest.raises(ServerError) as raised:
        embedder.embed_queries(["my secret diary of today"], "x")
    assert "diary" not in str(raised.value)


def test_closing_gives_up_what_is_under_way(served: QuirkyServer, connect: Connect) -> None:
    embedder = connect(served)
    arrived, ended = threading.Event(), threading.Event()
    served.faults.append(lambda handler: (arrived.set(), ended.wait(20)))
    problems: list[str] = []

    def work() -> None:
        try:
            embedder.embed_documents(["dogs"])
        except ServerError as error:
            problems.append(str(error))

    worker = threading.Thread(target=work)
    worker.start()
    assert arrived.wait(20)
    embedder.close()
    worker.join(20)
    ended.set()
    assert "closed" in problems[0]
    with pytest.raises(ServerError, match="closed"):
        embedder.embed_documents(["dogs"])


def test_an_answer_of_any_size_does_not_fill_the_memory(served: QuirkyServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connecting, "LARGEST_ANSWER", 1000)
    connection = Connection(served.url)
    served.faults.append(says(json.dumps(["x"] * 1000).encode()))
    with pytest.raises(ServerError, match="larger than"):
        connection.get("/v1/models")
    connection.close()
