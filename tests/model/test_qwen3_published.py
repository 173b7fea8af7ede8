from pathlib import Path

import pytest

from model import load_embedder
from model.qwen3.published import QUANTISED, SIMILARITIES, TOLERANCE, deviation


def test_nothing_is_compared_where_nothing_is_published(qwen3_folder: Path) -> None:
    assert deviation(load_embedder(qwen3_folder, device="cpu")) is None


def test_weights_that_are_not_those_of_their_name_are_found_out(qwen3_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "Qwen--Qwen3-Embedding-0.6B").symlink_to(qwen3_folder, target_is_directory=True)
    off = deviation(load_embedder("Qwen3-Embedding-0.6B", tmp_path, "cpu"))
    assert off is not None
    assert off > QUANTISED


@pytest.mark.gpu
@pytest.mark.parametrize("name", SIMILARITIES)
def test_real_weights_reproduce_the_published_similarities(name: str) -> None:
    from model import registry

    if registry.locate(name, None) is None:
        pytest.skip(f"{name} is not in the Hugging Face cache")
    off = deviation(load_embedder(name))
    assert off is not None
    assert off <= TOLERANCE
