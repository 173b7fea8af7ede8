"""A real HTTP server with the manners, and on request the faults, of the servers that people run."""

from __future__ import annotations

import base64
import json
import re
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np
from numpy.typing import NDArray

TERMINATOR = "<|endoftext|>"
SIZE = 64
Answer = tuple[int, dict[str, str], bytes]


def models_of(kind: str, model: str) -> dict[str, Any]:
    """What GET /v1/models gives."""
    entry: dict[str, Any] = {"id": model, "object": "model"}
    extra = {
        "vllm": {"owned_by": "vllm", "max_model_len": 8192},
        "sglang": {"owned_by": "sglang", "max_model_len": 8192},
        "llama.cpp": {"owned_by": "llamacpp", "meta": {"n_ctx": 8192, "n_embd": SIZE}},
        "llama-cpp-python": {"owned_by": "me", "permissions": []},
        "ollama": {"owned_by": "library"},
        "other": {"owned_by": "someone"},
    }
    return {"object": "list", "data": [entry | extra[kind]]}


@cache
def state_of(token: str) -> NDArray[np.float32]:
    seed = int.from_bytes(token.encode()[:64].ljust(8, b"\0"), "little")
    return np.random.default_rng(seed).normal(size=SIZE).astype(np.float32)


class QuirkyServer:
    """Serves a toy of a causal model: the state of a token is its own and what is left of the one before."""

    def __init__(self, kind: str = "vllm", model: str = "tiny/qwen3-embedding") -> None:
        self.kind = kind
        self.model = model
        self.key = ""
        self.pooling = "last"  # last, mean, first, none
        self.terminator = TERMINATOR
        self.normalises = True
        self.shortens: str = "honours"  # honours, ignores, refuses
        self.context = 8192
        self.cuts = False  # else it refuses what is too long
        self.most_texts = 10_000
        self.mixes = False
        self.counts = True  # tokens, in `usage`
        self.size = SIZE
        self.salt = ""  # another one makes it another model
        self.poison = ""  # texts with this word get a 500
        self.blank = ""  # texts with this word get null
        self.template = True  # of the reranker
        self.logits = False
        self.delay = 0.0
        self.faults: deque[Callable[[_Handler], None]] = deque()  # one for each of the next requests
        self.requests: list[tuple[str, dict[str, Any], dict[str, str]]] = []
        self.most_at_once = 0
        self._at_once = 0
        self._lock = threading.Lock()
        self._server: ThreadingHTTPServer | None = None
        self.port = 0
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def texts(self) -> list[str]:
        """Every text that came, in the order of its coming."""
        return [text for path, body, _ in self.requests if path == "/v1/embeddings" for text in body["input"]]

    def start(self) -> None:
        owner = self

        class Handler(_Handler):
            quirky = owner

        server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        server.daemon_threads = True
        self.port = server.server_address[1]
        self._server = server
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def stop(self) -> None:
        """Unplug it: nobody listens any more, and what is open is cut."""
        assert self._server
        self._server.shutdown()
        self._server.server_close()
        for handler in list(_Handler.open):
            if handler.quirky is self:
                handler.drop()
        self._server = None

    def close(self) -> None:
        if self._server:
            self.stop()

    def __enter__(self) -> QuirkyServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def answer(self, method: str, path: str, body: dict[str, Any], headers: dict[str, str]) -> Answer:
        with self._lock:
            self.requests.append((path, body, headers))
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            time.sleep(self.delay)
            return self._answer(method, path, body, headers)
        finally:
            with self._lock:
                self._at_once -= 1

    def _answer(self, method: str, path: str, body: dict[str, Any], headers: dict[str, str]) -> Answer:
        if self.key and headers.get("authorization") != f"Bearer {self.key}":
            return _json(401, {"error": {"message": f"Wrong key: {headers.get('authorization')}"}})
        if path == "/v1/models" and self.kind != "tei":
            return _json(200, models_of(self.kind, self.model))
        if path == "/info" and self.kind == "tei":
            about = {"model_id": self.model, "max_input_length": 8192, "max_client_batch_size": self.most_texts}
            return _json(200, about)
        if path == "/api/version" and self.kind == "ollama":
            return _json(200, {"version": "0.20.0"})
        if path == "/v1/embeddings" and method == "POST":
            return self._embeddings(body)
        if path.endswith("/rerank") and method == "POST":
            return self._rerank(body)
        return _json(404, {"detail": "Not Found"})

    def _embeddings(self, body: dict[str, Any]) -> Answer:
        if body["model"] != self.model and self.kind not in ("tei", "llama.cpp"):
            return _json(404, {"error": {"message": f'model "{body["model"]}" not found, try pulling it first'}})
        inputs = body["input"]
        if len(inputs) > self.most_texts:
            return _json(422, {"message": f"batch size {len(inputs)} > maximum allowed batch size {self.most_texts}"})
        tokens = [self._tokens(text) for text in inputs]
        if not self.cuts and max(map(len, tokens)) > self.context:
            return _json(400, {"error": {"message": f"This model's maximum context length is {self.context} tokens."}})
        tokens = [each[: self.context] for each in tokens]
        if self.poison and any(self.poison in text for text in inputs if isinstance(text, str)):
            return _json(500, {"error": {"message": "json: unsupported value"}})
        dimensions = body.get("dimensions")
        if dimensions and self.shortens == "refuses":
            return _json(400, {"object": "error", "message": "does not support matryoshka representation"})
        vectors = self._vectors(tokens, dimensions if self.shortens == "honours" else None)
        base64_wanted = body.get("encoding_format") == "base64" and self.pooling != "none"
        data = [
            {"object": "embedding", "index": place, "embedding": _coded(vector, base64_wanted)}
            for place, vector in enumerate(vectors)
        ]
        for item, text in zip(data, inputs, strict=True):
            if self.blank and self.blank in str(text):
                item["embedding"] = [None] * self.size
        answer: dict[str, Any] = {"object": "list", "model": self.model, "data": data[::-1]}
        if self.counts:
            answer["usage"] = {"prompt_tokens": sum(map(len, tokens)), "total_tokens": sum(map(len, tokens))}
        return _json(200, answer)

    def _vectors(self, tokens: Sequence[Sequence[str]], dimensions: int | None) -> list[NDArray[np.float32]]:
        vectors = [self._vector(each)[..., :dimensions] for each in tokens]
        if self.mixes:
            vectors = [np.mean(vectors, axis=0) for _ in vectors]
        if self.normalises:
            vectors = [vector / np.linalg.norm(vector, axis=-1, keepdims=True) for vector in vectors]
        return vectors

    def _tokens(self, text: str | list[int]) -> list[str]:
        if isinstance(text, list):
            return [{1944: "test", 151643: TERMINATOR}.get(number, str(number)) for number in text]
        pieces = re.findall(rf"{re.escape(TERMINATOR)}|\d|[^\W\d]+|[^\w\s]", text)
        return [*pieces, *([self.terminator] if self.terminator else [])]

    def _vector(self, tokens: Sequence[str]) -> NDArray[np.float32]:
        states = np.stack([state_of(self.salt + token) for token in tokens])
        states[np.array([token == self.terminator for token in tokens])] *= 0.1
        for place in range(1, len(states)):
            states[place] += 0.9 * states[place - 1]
        states *= np.sqrt(SIZE) / np.linalg.norm(states, axis=1, keepdims=True)
        pooled = {"last": states[-1], "first": states[0], "mean": states.mean(axis=0), "none": states}
        return np.asarray(np.tile(pooled[self.pooling], -(-self.size // SIZE))[..., : self.size], np.float32)

    def _rerank(self, body: dict[str, Any]) -> Answer:
        wanted = "/rerank" if self.kind == "tei" else "/v1/rerank"
        passages = body["texts" if self.kind == "tei" else "documents"]
        wrapped = "<|im_start|>system" in body["query"] and all("<think>" in passage for passage in passages)
        query = set(re.findall(r"\w{4,}", body["query"].rpartition("<Query>:")[2].lower()))
        scores = []
        for passage in passages:
            if not self.template and not wrapped:
                scores.append(0.4)
                continue
            shared = len(query & set(re.findall(r"\w{4,}", passage.lower())))
            scores.append(4.0 * shared - 2 if self.logits else 0.9 if shared else 0.05)
        name = "relevance_score" if self.kind in ("vllm", "llama.cpp", "other") else "score"
        items = [{"index": place, name: score} for place, score in enumerate(scores)]
        items.sort(key=lambda item: -item[name])
        assert wanted
        return _json(200, {"results": items} if name == "relevance_score" else items)


class _Handler(BaseHTTPRequestHandler):
    quirky: QuirkyServer
    protocol_version = "HTTP/1.1"
    open: set[_Handler] = set()

    def setup(self) -> None:
        super().setup()
        self.open.add(self)

    def finish(self) -> None:
        self.open.discard(self)
        super().finish()

    def do_GET(self) -> None:
        self._obey({})

    def do_POST(self) -> None:
        self._obey(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def _obey(self, body: dict[str, Any]) -> None:
        if self.quirky.faults:
            fault = self.quirky.faults.popleft()
            self.quirky.requests.append((self.path, body, dict(self.headers)))
            fault(self)
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.reply(self.quirky.answer(self.command, self.path, body, headers))

    def reply(self, answer: Answer, length: int | None = None) -> None:
        status, headers, content = answer
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content) if length is None else length))
        self.end_headers()
        self.wfile.write(content)

    def drop(self) -> None:
        """Reset the connection, as a machine does that is switched off and on."""
        try:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.close_connection = True

    def handle(self) -> None:
        try:
            super().handle()
        except OSError:
            pass  # the other side went away, or `drop` did

    def log_message(self, *_: object) -> None:
        pass


def refuses(status: int, message: str = "", **headers: str) -> Callable[[_Handler], None]:
    """An error in place of an answer."""
    content = json.dumps({"error": {"message": message}}).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda handler: handler.reply((status, named, content))


def says(content: bytes) -> Callable[[_Handler], None]:
    """Anything else in place of an answer."""
    return lambda handler: handler.reply((200, {}, content))


def drops(handler: _Handler) -> None:
    """No answer at all."""
    handler.drop()


def is_cut(handler: _Handler) -> None:
    """The beginning of an answer."""
    handler.reply((200, {}, b'{"data": ['), length=1000)
    handler.drop()


def _json(status: int, content: object) -> Answer:
    return status, {"Content-Type": "application/json"}, json.dumps(content).encode()


def _coded(vector: NDArray[np.float32], as_base64: bool) -> object:
    return base64.b64encode(vector.astype("<f4").tobytes()).decode() if as_base64 else vector.tolist()
