"""A real llama.cpp server with a tiny Qwen3, where one is installed: `pip install "llama-cpp-python[server]"`."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import gguf
import numpy as np
import pytest
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer

from model.remote.embedder import RemoteEmbedder
from model.remote.errors import OutageError
from model.remote.findings import Level
from model.remote.probe import Report, Wish, probe
from model.remote.profiles import ServerKind
from tests.model.tiny_gguf import write_gguf
from tests.model.tiny_qwen3 import TERMINATOR, reference_vectors, save_embedder, trained_tokenizer

PYTHON = os.environ.get("COGNATE_LLAMA_PYTHON", sys.executable)  # may be one of another virtual environment
START_SECONDS = 180
TEXTS = ["Dogs have to be kept on a leash.", "北京是中国的首都。", "7", "Die Straße ist naß. " * 20]


def has_server() -> bool:
    command = [PYTHON, "-c", "import llama_cpp, fastapi, uvicorn, sse_starlette, starlette_context, pydantic_settings"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


pytestmark = pytest.mark.skipif(
    not has_server(), reason=f"{PYTHON} has no llama.cpp server: COGNATE_LLAMA_PYTHON may name one that has"
)


class LlamaServer:
    """A process of `llama_cpp.server`."""

    def __init__(self, model: Path, tokens: int = 4096) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        room = [word for name in ("n_ctx", "n_batch", "n_ubatch") for word in (f"--{name}", str(tokens))]
        self._command = [PYTHON, "-m", "llama_cpp.server", "--model", str(model), "--embedding", "true", *room]
        self._command += ["--host", "127.0.0.1", "--port", str(self.port), "--verbose", "false"]
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and self._process.poll() is None:
            try:
                urllib.request.urlopen(f"{self.url}/v1/models", timeout=10).close()
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
            else:
                return
        self.stop()
        raise AssertionError("the server did not start")

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny Qwen3 that, like a trained one, looks closely, and whose terminator has little of its own."""
    folder = tmp_path_factory.mktemp("llama") / "tiny-qwen3-embedding"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COGNATE_QWEN3_TOKENIZER", str(folder / "none"))
        save_embedder(folder)
    weights = load_file(folder / "model.safetensors")
    terminator = trained_tokenizer_id(TERMINATOR)
    for name, tensor in weights.items():
        if name.endswith(("q_norm.weight", "k_norm.weight")):
            tensor.mul_(2)
        if name.endswith("embed_tokens.weight"):
            tensor[terminator] *= 0.05
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    return folder


def trained_tokenizer_id(token: str) -> int:
    return int(Tokenizer.from_str(trained_tokenizer()).token_to_id(token))


@pytest.fixture
def serve(folder: Path, tmp_path: Path) -> Iterator[Callable[..., LlamaServer]]:
    servers: list[LlamaServer] = []

    def served(tokens: int = 4096, **wrong: object) -> LlamaServer:
        servers.append(LlamaServer(write_gguf(folder, tmp_path / "tiny-qwen3-embedding.gguf", **wrong), tokens))
        return servers[-1]

    yield served
    for server in servers:
        server.stop()


def subjects(report: Report, level: Level) -> list[str]:
    return [finding.subject for finding in report.findings if finding.level is level]


def test_vectors_are_those_of_transformers_and_an_outage_passes(
    serve: Callable[..., LlamaServer], folder: Path
) -> None:
    server = serve()
    report = probe(Wish(server.url, model=model_of(server)))
    assert report.server.kind is ServerKind.LLAMA_CPP_PYTHON
    assert report.is_sound, report.findings
    assert {"terminator", "pooling", "length"} <= set(subjects(report, Level.SOUND))
    assert any("not normalised" in finding.text for finding in report.findings)
    assert not report.server.shortens
    with closing(RemoteEmbedder(report.server)) as embedder:
        vectors = embedder.embed_documents(TEXTS)
        assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
        cosines = np.sum(vectors * reference_vectors(folder, TEXTS, 4096), axis=1)
        assert cosines.min() > 0.9999
        assert embedder.embed_documents(TEXTS, 32).shape == (len(TEXTS), 32)
        server.stop()
        with pytest.raises(OutageError, match="can't be reached"):
            embedder.embed_queries(["dogs"])
        server.start()
        assert np.allclose(embedder.embed_documents(TEXTS), vectors, atol=1e-4)


def model_of(server: LlamaServer) -> str:
    with urllib.request.urlopen(f"{server.url}/v1/models", timeout=30) as answer:
        return str(json.load(answer)["data"][0]["id"])


def test_a_file_without_the_terminator_is_told_and_so_is_a_short_context(serve: Callable[..., LlamaServer]) -> None:
    server = serve(tokens=512, adds_terminator=False)
    report = probe(Wish(server.url, model=model_of(server)))
    assert subjects(report, Level.FAULT) == ["terminator"]
    assert "get a new one" in report.findings[-1].remedy
    assert subjects(report, Level.WARNING) == ["length"]
    assert "cuts long texts after 512 tokens" in " ".join(finding.text for finding in report.findings)
    assert report.server.max_tokens == 512


def test_a_file_with_another_pooling_is_told(serve: Callable[..., LlamaServer]) -> None:
    server = serve(pooling=gguf.PoolingType.MEAN)
    report = probe(Wish(server.url, model=model_of(server)))
    assert subjects(report, Level.FAULT) == ["pooling"]
    assert "the mean of all tokens" in report.findings[-1].text
