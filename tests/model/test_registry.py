import hashlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from model import registry
from model.errors import ModelError
from model.registry import BUILT_IN, canonical, installed, is_complete, locate, remove

ROOT = Path(__file__).parents[2]
NAME = "someone/small-model"
COMMIT = "c" * 40
FILES = {
    "config.json": b"{}",
    "tokenizer.json": b"{}",
    "1_Pooling/config.json": b"{}",
    "model.safetensors": b"weights" * 1000,
    "pytorch_model.bin": b"a pickle",
    "modeling_evil.py": b"code",
    "README.md": b"words",
}


def git_hash(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


class Hub(BaseHTTPRequestHandler):
    """As much of the hub's protocol as a download needs."""

    def __init__(self, files: Mapping[str, bytes], damaged: str, asked: list[str], *arguments: object) -> None:
        self.files, self.damaged, self.asked = files, damaged, asked
        super().__init__(*arguments)  # type: ignore[arg-type]

    def do_HEAD(self) -> None:
        self.reply()

    def do_GET(self) -> None:
        self.reply()

    def reply(self) -> None:
        path = urlsplit(self.path).path
        self.asked.append(path)
        if path == f"/api/models/{NAME}/revision/main":
            siblings = [{"rfilename": name} for name in self.files]
            self.send(json.dumps({"_id": "1", "id": NAME, "sha": COMMIT, "siblings": siblings}).encode(), {})
        elif path.startswith(f"/api/models/{NAME}/tree/"):
            entries = [
                {"type": "file", "path": name, "size": len(content), "oid": git_hash(content)}
                for name, content in self.files.items()
            ]
            self.send(json.dumps(entries).encode(), {})
        elif path.startswith(f"/{NAME}/resolve/") and (name := path.split("/", 5)[5]) in self.files:
            content = self.files[name]
            big = name.endswith(".safetensors")
            tag = hashlib.sha256(content).hexdigest() if big else git_hash(content)
            sent = content[::-1] if name == self.damaged else content
            self.send(sent, {"ETag": f'"{tag}"', "X-Repo-Commit": COMMIT})
        else:
            self.send_response(404)
            self.send_header("X-Error-Code", "RepoNotFound")
            self.send_header("Content-Length", "0")
            self.end_headers()

    def send(self, content: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        for key, value in headers.items():
            self.send_header(key, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(content)

    def log_message(self, format: str, *arguments: object) -> None:
        pass


StartHub = Callable[..., tuple[str, list[str]]]


@pytest.fixture
def start_hub() -> Iterator[StartHub]:
    servers: list[ThreadingHTTPServer] = []

    def start(files: Mapping[str, bytes] = FILES, damaged: str = "") -> tuple[str, list[str]]:
        asked: list[str] = []
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Hub, files, damaged, asked))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}", asked

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def install(name: str, models: Path, hub: str) -> str:
    """Install in a process of its own, for the client reads the hub's address when it is imported; what went wrong."""
    code = (
        "import sys; from pathlib import Path\n"
        "from model.errors import ModelError; from model.registry import install\n"
        "try: install(sys.argv[1], Path(sys.argv[2]))\n"
        "except ModelError as error: print(error)"
    )
    environment = dict(os.environ, HF_ENDPOINT=hub, HF_HUB_DISABLE_XET="1")
    done = subprocess.run(
        [sys.executable, "-c", code, name, models],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def make(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"{}")
    return folder


def test_a_model_is_downloaded_as_a_whole_without_code_and_pickles(tmp_path: Path, start_hub: StartHub) -> None:
    hub, asked = start_hub()
    assert install(NAME, tmp_path, hub) == ""
    folder = tmp_path / "someone--small-model"
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert {name for name in files if not name.startswith(".cache")} == {
        "config.json",
        "tokenizer.json",
        "1_Pooling/config.json",
        "model.safetensors",
    }
    assert not [path for path in asked if path.endswith((".bin", ".py"))]
    assert locate(NAME, tmp_path) == folder
    assert list(installed(tmp_path)) == [NAME]


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json", "1_Pooling/config.json"])
def test_a_damaged_file_is_refused_and_fetched_again_by_the_next_try(
    tmp_path: Path, start_hub: StartHub, name: str
) -> None:
    files = FILES | {"tokenizer.json": b'{"version": 1}', "1_Pooling/config.json": b'{"mean": 1}'}
    damaged, _ = start_hub(files, damaged=name)
    assert install(NAME, tmp_path, damaged) == f"{name} of {NAME} arrived damaged: install it once more"
    assert locate(NAME, tmp_path) is None
    sound, _ = start_hub(files)
    assert install(NAME, tmp_path, sound) == ""
    assert (tmp_path / "someone--small-model" / name).read_bytes() == files[name]


def test_what_has_no_weights_to_load_is_not_installed(tmp_path: Path, start_hub: StartHub) -> None:
    hub, _ = start_hub({"config.json": b"{}", "tokenizer.json": b"{}"})
    assert "no safetensors weights" in install(NAME, tmp_path, hub)
    assert locate(NAME, tmp_path) is None


def test_a_model_that_the_hub_has_not_is_named(tmp_path: Path, start_hub: StartHub) -> None:
    hub, _ = start_hub()
    assert install("someone/other", tmp_path, hub) == 'there is no model "someone/other" on the hub'


def test_without_a_network_the_user_is_told_so(tmp_path: Path) -> None:
    assert "is there a network?" in install(NAME, tmp_path, "http://127.0.0.1:9")


def test_what_is_no_name_of_a_model_is_refused_before_any_download(tmp_path: Path) -> None:
    for name in ("model", "../../etc", "a/b/c", ""):
        with pytest.raises(ModelError, match="is no model of the Hugging Face hub"):
            registry.install(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_complete_with_all_shards_only(tmp_path: Path) -> None:
    folder = make(tmp_path / "m", "config.json", "tokenizer.json", "a.safetensors")
    assert not is_complete(folder)
    index = {"weight_map": {"x": "a.safetensors", "y": "b.safetensors"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    assert not is_complete(folder)
    (folder / "b.safetensors").write_bytes(b"")
    assert is_complete(folder)
    (folder / "model.safetensors.index.json").write_text("[]")
    assert not is_complete(folder)


def test_a_model_is_found_by_the_path_of_its_folder(tmp_path: Path) -> None:
    folder = make(tmp_path / "mine", "config.json", "tokenizer.json", "model.safetensors")
    assert locate(str(folder), tmp_path / "models") == folder
    assert locate(str(tmp_path / "other"), tmp_path / "models") is None


def test_a_model_in_the_hugging_face_cache_is_found_and_not_deleted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    name = "Qwen/Qwen3-Embedding-0.6B"
    known = registry.known(name)
    assert known is not None
    snapshot = tmp_path / "hub" / "models--Qwen--Qwen3-Embedding-0.6B" / "snapshots" / known.revision
    make(snapshot, "config.json", "tokenizer.json", "model.safetensors")
    assert locate(name, tmp_path / "models") == snapshot
    with pytest.raises(ModelError, match="other programs use"):
        remove(name, tmp_path / "models")
    assert snapshot.is_dir()


def test_an_installed_model_and_an_interrupted_download_are_removed(tmp_path: Path) -> None:
    make(tmp_path / "someone--small-model", "config.json")
    make(tmp_path / ".someone--small-model.partial", "config.json")
    remove(NAME, tmp_path)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ModelError, match="is not installed"):
        remove(NAME, tmp_path)


@pytest.mark.parametrize("name", ["Qwen/Qwen3-Embedding-0.6B", "qwen3-embedding-0.6b", "QWEN/qwen3-embedding-0.6b"])
def test_a_known_model_is_recognised_however_it_is_written(name: str) -> None:
    assert canonical(name) == "Qwen/Qwen3-Embedding-0.6B"


def test_the_built_in_model_is_known_and_costs_no_download() -> None:
    known = registry.known(BUILT_IN)
    assert known is not None
    assert known.download_bytes == 0
