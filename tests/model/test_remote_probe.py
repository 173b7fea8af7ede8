from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import keyring
import keyring.backend
import keyring.errors
import pytest

from model import load_embedder, load_reranker
from model.errors import ModelError
from model.registry import ModelKind
from model.remote.connecting import connect, disconnect, examine
from model.remote.embedder import RemoteEmbedder
from model.remote.errors import AccessError, OutageError, ServerError
from model.remote.findings import Finding, Level
from model.remote.keys import find_key, variable_of
from model.remote.probe import Report, Wish, probe
from model.remote.profiles import PROFILES, ServerKind
from model.remote.reranker import RemoteReranker
from model.remote.server import Server, address_of, connected_servers, is_readable_by_others
from model.remote.starting import start_commands
from tests.model.quirky_server import QuirkyServer, refuses

KEY = "sk-very-secret-0123456789"
KINDS = ("vllm", "sglang", "tei", "llama.cpp", "llama-cpp-python", "ollama", "other")


class MemoryKeyring(keyring.backend.KeyringBackend):
    """A keyring that forgets."""

    priority = 5

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.kept.pop((service, username), None) is None:
            raise keyring.errors.PasswordDeleteError


class NoKeyring(MemoryKeyring):
    """What `keyring` has where there is none, or only a plain file."""

    priority = 0.5


@pytest.fixture
def ring() -> Iterator[MemoryKeyring]:
    before = keyring.get_keyring()
    ring = MemoryKeyring()
    keyring.set_keyring(ring)
    yield ring
    keyring.set_keyring(before)


@pytest.fixture
def served() -> Iterator[QuirkyServer]:
    with QuirkyServer() as server:
        yield server


def worst(report: Report) -> list[tuple[str, Level]]:
    return [(one.subject, one.level) for one in report.findings if one.level is not Level.SOUND]


def only_fault(report: Report) -> Finding:
    faults = [one for one in report.findings if one.level is Level.FAULT]
    assert len(faults) == 1, report.findings
    return faults[0]


@pytest.mark.parametrize("kind", KINDS)
def test_a_sound_server_is_recognised_and_has_no_fault(kind: str) -> None:
    with QuirkyServer(kind) as server:
        report = probe(Wish(server.url))
        assert report.server.kind == kind
        assert report.is_sound
        assert worst(report) == []
        assert (report.server.dimensions, report.server.name) == (64, "qwen3-embedding")


@pytest.mark.parametrize(
    ("quirk", "subject", "says_so", "remedy"),
    [
        ({"pooling": "mean"}, "pooling", "the mean of all tokens", "--runner pooling"),
        ({"pooling": "first"}, "pooling", "the first token", "--runner pooling"),
        ({"pooling": "none"}, "pooling", "a vector for each token", "--runner pooling"),
        ({"terminator": ""}, "terminator", r"puts no <\|endoftext\|>", "download them again"),
        ({"mixes": True}, "batch", "mixes up the texts", "Update the server"),
        ({"blank": "lighthouse"}, "numbers", "no number", "vllm serve"),
        ({"poison": "lighthouse"}, "numbers", "500", "vllm serve"),
    ],
)
def test_a_fault_is_told_apart_with_its_remedy(
    quirk: dict[str, object], subject: str, says_so: str, remedy: str, served: QuirkyServer
) -> None:
    for name, value in quirk.items():
        setattr(served, name, value)
    report = probe(Wish(served.url))
    fault = only_fault(report)
    assert fault.subject == subject
    assert re.search(says_so, fault.text)
    assert remedy in fault.remedy


def test_the_size_of_a_known_model_is_known() -> None:
    with QuirkyServer(model="Qwen/Qwen3-Embedding-4B") as server:
        server.size = 1024
        fault = only_fault(probe(Wish(server.url)))
        assert fault.subject == "size"
        assert "has 2560" in fault.text


def test_another_model_under_a_known_name_is_told_by_its_similarities() -> None:
    with QuirkyServer(model="Qwen/Qwen3-Embedding-0.6B") as server:
        server.size = 1024
        fault = only_fault(probe(Wish(server.url)))
        assert fault.subject == "model"
        assert "published similarities" in fault.text


def test_another_terminator_is_told_by_token_ids() -> None:
    with QuirkyServer(model="Qwen/Qwen3-Embedding-0.6B") as server:
        server.size, server.terminator = 1024, "<|im_end|>"
        fault = only_fault(probe(Wish(server.url)))
        assert fault.subject == "terminator"
        assert "another token" in fault.text


def test_where_tokens_are_not_counted_the_terminator_is_an_open_question(served: QuirkyServer) -> None:
    served.counts = False
    report = probe(Wish(served.url))
    assert worst(report) == [("terminator", Level.WARNING)]
    assert report.is_sound


@pytest.mark.parametrize("cuts", [True, False])
def test_a_short_context_is_a_warning(cuts: bool, served: QuirkyServer) -> None:
    served.context, served.cuts = 600, cuts
    report = probe(Wish(served.url))
    assert worst(report) == [("length", Level.WARNING)]
    assert report.server.max_tokens == (600 if cuts else 8192)


def test_a_cut_is_told_even_where_tokens_are_not_counted(served: QuirkyServer) -> None:
    served.context, served.cuts, served.counts, served.terminator = 600, True, False, ""
    assert ("length", Level.WARNING) in worst(probe(Wish(served.url)))


@pytest.mark.parametrize(("manner", "word"), [("honours", "by itself"), ("ignores", "ignores"), ("refuses", "refuses")])
def test_what_becomes_of_fewer_dimensions_is_told(manner: str, word: str, served: QuirkyServer) -> None:
    served.shortens = manner
    report = probe(Wish(served.url, dimensions=32))
    finding = next(one for one in report.findings if one.subject == "dimensions")
    assert word in finding.text
    assert (report.server.dimensions, report.server.shortens) == (32, manner == "honours")
    assert only_fault(probe(Wish(served.url, dimensions=128))).subject == "size"


def test_a_model_that_is_not_served_is_a_fault(served: QuirkyServer) -> None:
    fault = only_fault(probe(Wish(served.url, model="other/model")))
    assert (fault.subject, fault.remedy) == ("model", "--model tiny/qwen3-embedding")
    with QuirkyServer("ollama") as ollama:
        assert only_fault(probe(Wish(ollama.url, model="bge-m3"))).remedy == "ollama pull bge-m3"


def test_an_embedding_is_not_taken_for_a_reranker_nor_the_other_way_round(served: QuirkyServer) -> None:
    assert "--reranker" in only_fault(probe(Wish(served.url, purpose=ModelKind.RERANKER))).remedy
    with QuirkyServer(model="Qwen/Qwen3-Reranker-0.6B") as other:
        assert only_fault(probe(Wish(other.url))).remedy == "Connect it with --reranker."


@pytest.mark.parametrize("kind", ["vllm", "sglang", "llama.cpp", "tei"])
@pytest.mark.parametrize("template", [True, False])
@pytest.mark.parametrize("logits", [True, False])
def test_a_reranker_judges_whoever_puts_the_template(kind: str, template: bool, logits: bool) -> None:
    with QuirkyServer(kind, "Qwen/Qwen3-Reranker-0.6B") as server:
        server.template, server.logits = template, logits
        report = probe(Wish(server.url, purpose=ModelKind.RERANKER))
        assert report.is_sound, report.findings
        reranker = RemoteReranker(report.server)
        scores = reranker.score("Where do dogs sleep?", ["Stones are hard.", "Dogs sleep anywhere.", "Cats"])
        reranker.close()
        assert scores.argmax() == 1
        assert ((scores >= 0) & (scores <= 1)).all()
        assert reranker.score("x", []).shape == (0,)


def test_a_reranker_that_does_not_judge_is_a_fault() -> None:
    with QuirkyServer("vllm", "other/reranker") as server:
        server.template = False
        fault = only_fault(probe(Wish(server.url, purpose=ModelKind.RERANKER)))
        assert fault.subject == "reranking"
    with QuirkyServer("ollama", "other/reranker") as server:
        assert "has no reranking" in only_fault(probe(Wish(server.url, purpose=ModelKind.RERANKER))).text


def test_nobody_there_is_told(served: QuirkyServer) -> None:
    served.close()
    with pytest.raises(OutageError, match="can't be reached"):
        probe(Wish(served.url))


def test_several_models_have_to_be_chosen_from(served: QuirkyServer, monkeypatch: pytest.MonkeyPatch) -> None:
    entries = [{"id": name, "owned_by": "library"} for name in ("llama3", "mistral")]
    monkeypatch.setattr("tests.model.quirky_server.models_of", lambda kind, model: {"data": entries})
    with pytest.raises(ServerError, match="serves llama3, mistral. Name one"):
        probe(Wish(served.url))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("purpose", list(ModelKind))
def test_the_commands_name_the_model_and_open_only_on_request(kind: str, purpose: ModelKind) -> None:
    model = f"Qwen/Qwen3-{purpose.capitalize()}-4B"
    lines = start_commands(ServerKind(kind), model, purpose)
    can_serve = kind != "other" and (purpose is ModelKind.EMBEDDING or kind in ("vllm", "sglang", "llama.cpp"))
    assert bool(lines) == can_serve
    if lines:
        assert "4b" in " ".join(lines).lower()
        assert "0.0.0.0" not in " ".join(lines)
        opened = " ".join(start_commands(ServerKind(kind), model, purpose, is_open=True))
        assert "YOUR-KEY" in opened or kind == "ollama"


def test_every_kind_has_a_profile() -> None:
    assert set(PROFILES) == set(ServerKind)


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("localhost:8000", "http://localhost:8000"),
        (" https://GPU.example.org/ ", "https://gpu.example.org"),
        ("http://localhost:11434/v1", "http://localhost:11434"),
        ("http://a.b/prefix/v1/embeddings", "http://a.b/prefix"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_an_address_is_understood_as_it_is_usually_written(typed: str, address: str) -> None:
    assert address_of(typed) == address


@pytest.mark.parametrize("typed", ["", "ftp://a", "http://", "http://a?x=1", "http://a:port", "http://me:pw@a"])
def test_what_is_no_address_is_refused_without_repeating_a_password(typed: str) -> None:
    with pytest.raises(ModelError) as raised:
        address_of(typed)
    assert "pw" not in str(raised.value)


@pytest.mark.parametrize(
    ("url", "is_readable"),
    [
        ("http://192.168.1.5:8000", True),
        ("http://gpu:8000", True),
        ("https://gpu:8000", False),
        ("http://localhost:8000", False),
        ("http://127.0.0.1", False),
        ("http://[::1]:8000", False),
    ],
)
def test_what_crosses_a_network_unencrypted_is_known(url: str, is_readable: bool) -> None:
    assert is_readable_by_others(url) is is_readable


def test_a_connected_server_is_loaded_without_being_contacted(served: QuirkyServer, tmp_path: Path) -> None:
    assert connect(Wish(served.url, name="office"), tmp_path)[1]
    served.close()
    embedder = load_embedder("server:office", tmp_path)
    assert isinstance(embedder, RemoteEmbedder)
    assert embedder.spec.name == "server:office"
    with pytest.raises(ModelError, match="and not for reranker"):
        load_reranker("server:office", tmp_path)
    with pytest.raises(ModelError, match="is not connected: cognate models connect URL --name home"):
        load_embedder("server:home", tmp_path)
    with pytest.raises(ModelError, match="no server"):
        load_embedder("server:../../etc", tmp_path)


def test_a_server_that_is_connected_again_keeps_its_vectors(served: QuirkyServer, tmp_path: Path) -> None:
    first = connect(Wish(served.url), tmp_path)[0].server
    assert connect(Wish(served.url), tmp_path)[0].server.revision == first.revision
    served.salt = "another"
    assert connect(Wish(served.url), tmp_path)[0].server.revision != first.revision


def test_a_faulty_server_is_connected_only_on_purpose(served: QuirkyServer, tmp_path: Path) -> None:
    served.pooling = "mean"
    assert not connect(Wish(served.url), tmp_path)[1]
    assert not list(connected_servers(tmp_path))
    assert connect(Wish(served.url), tmp_path, despite_faults=True)[1]
    served.pooling = "none"
    assert not connect(Wish(served.url, name="other"), tmp_path, despite_faults=True)[1]


def test_a_name_is_not_taken_away_from_another_server(served: QuirkyServer, tmp_path: Path) -> None:
    connect(Wish(served.url), tmp_path)
    with QuirkyServer() as other, pytest.raises(ModelError, match="--name"):
        connect(Wish(other.url), tmp_path)


def test_a_damaged_file_is_told_and_does_not_hide_the_others(served: QuirkyServer, tmp_path: Path) -> None:
    connect(Wish(served.url), tmp_path)
    (tmp_path / "servers" / "broken.json").write_text('{"kind": "vllm"')
    assert [server.name for server in connected_servers(tmp_path)] == ["qwen3-embedding"]
    with pytest.raises(ModelError, match="connect the server again"):
        load_embedder("server:broken", tmp_path)


def test_a_key_is_kept_in_the_keyring_for_its_host_alone(
    served: QuirkyServer, ring: MemoryKeyring, tmp_path: Path
) -> None:
    served.key = KEY
    with pytest.raises(AccessError, match=r"refuses the key \(401\)"):
        connect(Wish(served.url), tmp_path)
    server: Server = connect(Wish(served.url, key=KEY), tmp_path)[0].server
    assert ring.kept == {("Cognate", served.url): KEY}
    assert not any(KEY.encode() in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    embedder = load_embedder(server.full_name, tmp_path)
    assert isinstance(embedder, RemoteEmbedder)
    assert embedder.embed_documents(["dogs"]).shape == (1, 64)
    embedder.close()
    assert examine(server.full_name, tmp_path).is_sound
    connect(Wish(served.url, name="second"), tmp_path)  # the same host: the same key
    disconnect("second", tmp_path)
    assert ring.kept
    disconnect(server.name, tmp_path)
    assert not ring.kept
    assert not list(connected_servers(tmp_path))


def test_without_a_keyring_the_environment_may_hold_a_key(
    served: QuirkyServer, ring: MemoryKeyring, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyring.set_keyring(NoKeyring())
    served.key = KEY
    with pytest.raises(AccessError, match="no keyring.*COGNATE_SERVER_KEY_MY_GPU") as raised:
        connect(Wish(served.url, name="my-gpu", key=KEY), tmp_path)
    assert KEY not in str(raised.value)
    assert not list(connected_servers(tmp_path))
    monkeypatch.setenv(variable_of("my-gpu"), KEY)
    assert connect(Wish(served.url, name="my-gpu"), tmp_path)[1]
    assert find_key("my-gpu", served.url) == KEY


def test_a_locked_keyring_is_told(served: QuirkyServer, ring: MemoryKeyring, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(*_: object) -> str:
        raise keyring.errors.KeyringLocked

    monkeypatch.setattr(ring, "get_password", locked)
    with pytest.raises(AccessError, match="KeyringLocked.*Unlock it"):
        find_key("office", served.url)


def test_a_refusal_of_the_key_never_repeats_it(served: QuirkyServer) -> None:
    served.faults.append(refuses(401, f"Incorrect API key provided: {KEY}"))
    with pytest.raises(AccessError) as raised:
        probe(Wish(served.url, key=KEY))
    assert KEY not in str(raised.value)
