from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from model.registry import ModelKind
from model.remote.server import is_server, load_server
from model.running import Running

if TYPE_CHECKING:
    from model.checkpoint import Checkpoint
    from model.embedder import Embedder, Reranker

__all__ = ["load_embedder", "load_reranker"]


def load_embedder(
    name: str | Path,
    models: Path | None = None,
    device: str = "",
    *,
    running: Running | None = None,
    document_task: str = "",
) -> Embedder:
    """Open an embedding model; all but the built-in one load their weights when the first text comes.

    Args:
        name: "built-in", a model's name on its hub, a folder, or "server:" and the name of a connected server.
        models: folder of installed models; the Hugging Face cache is looked through, too.
        device: "cpu", "cuda:1" and the like; empty for the fastest one there is.
        running: more on how it runs, the device included.
        document_task: instruction for passages, where the model takes one; without it they are embedded as they are.

    Raises:
        ModelError: there is no such model, or it cannot be read.
    """
    if name == "built-in":
        from model.builtin.encoder import BuiltinEmbedder

        return BuiltinEmbedder()
    if is_server(str(name)):
        from model.remote.embedder import RemoteEmbedder

        return RemoteEmbedder(load_server(str(name), models, ModelKind.EMBEDDING), document_task)
    checkpoint = _checkpoint(name, models)
    from model.qwen3.kind import is_qwen3_embedder, is_qwen3_reranker

    if is_qwen3_reranker(checkpoint):
        raise checkpoint.unfit("it is a reranker and gives no vectors")
    if is_qwen3_embedder(checkpoint):
        from model.qwen3.embedder import Qwen3Embedder

        return Qwen3Embedder(checkpoint, running or Running(device), document_task)
    from model.sentence_transformer import SentenceTransformer

    return SentenceTransformer(checkpoint, running or Running(device))


def load_reranker(
    name: str | Path, models: Path | None = None, device: str = "", *, running: Running | None = None
) -> Reranker:
    """Open a reranker; its weights are loaded when the first passage comes. Arguments as for `load_embedder`.

    Raises:
        ModelError: there is no such reranker, or it cannot be read.
    """
    if is_server(str(name)):
        from model.remote.reranker import RemoteReranker

        return RemoteReranker(load_server(str(name), models, ModelKind.RERANKER))
    checkpoint = _checkpoint(name, models)
    from model.qwen3.kind import is_qwen3_reranker
    from model.qwen3.reranker import Qwen3Reranker

    if not is_qwen3_reranker(checkpoint):
        raise checkpoint.unfit("it is no Qwen3 reranker")
    return Qwen3Reranker(checkpoint, running or Running(device))


def _checkpoint(name: str | Path, models: Path | None) -> Checkpoint:
    from model import registry
    from model.checkpoint import Checkpoint
    from model.errors import ModelError

    folder = Path(name).expanduser()
    if folder.is_absolute() and folder.is_dir():
        return Checkpoint(folder, str(name))
    full_name = registry.canonical(str(name))
    location = registry.locate(full_name, models)
    if location is not None:
        return Checkpoint(location, full_name)
    if folder.is_dir():
        return Checkpoint(folder.absolute(), str(folder.absolute()))
    if registry.HUB_NAME.fullmatch(full_name):
        raise ModelError(f"{full_name} is not installed: cognate models install {full_name}")
    raise ModelError(f'There is no model "{name}"; choose "built-in", or see: cognate models list')
