import os
import signal
from pathlib import Path

import pymupdf  # noqa: F401  # before faiss: SWIG shares types among modules, and those of the latest count
import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # before the first import of Qt; window stories bring their Xvfb
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as in a background job, whose children inherit it
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def qwen3_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny Qwen3-Embedding."""
    from tests.model.tiny_qwen3 import save_embedder

    return save_embedder(tmp_path_factory.mktemp("models") / "tiny-embedding")


@pytest.fixture(scope="session")
def reranker_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny Qwen3-Reranker that shares its head with its embedding."""
    from tests.model.tiny_qwen3 import save_reranker

    return save_reranker(tmp_path_factory.mktemp("models") / "tiny-reranker")
