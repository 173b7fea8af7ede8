from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional

from model import load_embedder, load_reranker
from model.checkpoint import Checkpoint
from model.errors import ModelError, NoRoomError
from model.loading import check_room
from model.matrices import FEW_ROWS, MATRICES, EightBitMatrix, FourBitMatrix, Matrix, PackedMatrix
from model.precision import Precision
from model.running import Running
from tests.model.tiny_qwen3 import save_embedder

REDUCED = [Precision.FP8, Precision.EIGHT, Precision.FOUR]
TEXTS = ["test", "Rust und Flüsse", "北京是中国的首都。", "the boiler pressure " * 60, ""]


def opened(folder: Path, precision: Precision, document_task: str = "") -> object:
    return load_embedder(folder, running=Running("cpu", precision), document_task=document_task)


def weights(rows: int = 48, columns: int = 128) -> torch.Tensor:
    return torch.randn(rows, columns, generator=torch.Generator().manual_seed(0)) * 0.02


@pytest.mark.parametrize(("kind", "error"), [(EightBitMatrix, 0.008), (FourBitMatrix, 0.11)])
def test_a_reduced_matrix_is_close_to_the_whole_one(kind: type[Matrix], error: float) -> None:
    whole = weights()
    dense = kind(whole).dense(torch.float32)
    assert dense.shape == whole.shape
    assert float((dense - whole).norm() / whole.norm()) < error


@pytest.mark.parametrize("precision", Precision)
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_products_are_those_of_the_matrix_and_sums_hold_what_is_added(precision: Precision, dtype: torch.dtype) -> None:
    whole, rows, sums = weights().to(dtype), torch.randn(2, 5, 128).to(dtype), torch.randn(2, 5, 48).to(dtype)
    matrix = MATRICES[precision](whole)
    products = matrix(rows)
    assert (products.shape, products.dtype) == ((2, 5, 48), dtype)
    expected = rows.float() @ whole.float().t()
    assert float((products.float() - expected).norm() / expected.norm()) < 0.15
    together = matrix.onto(sums.clone(), rows).float()
    assert float((together - sums.float() - products.float()).abs().max()) < 0.05


@pytest.mark.parametrize("kind", [EightBitMatrix, FourBitMatrix])
def test_another_way_makes_the_products_of_few_rows_and_of_no_more(kind: type[PackedMatrix]) -> None:
    matrix = kind(weights())
    taken: list[int] = []

    def few(rows: torch.Tensor, *parts: torch.Tensor) -> torch.Tensor:
        assert [part.data_ptr() for part in parts] == [part.data_ptr() for part in matrix.buffers()]
        taken.append(len(rows))
        return functional.linear(rows, matrix.dense(rows.dtype))

    for count in (3, FEW_ROWS // 2, FEW_ROWS):
        rows, sums = torch.randn(2, count, 128), torch.randn(2, count, 48)
        matrix.few = None
        products, together = matrix(rows), matrix.onto(sums.clone(), rows)
        matrix.few = few
        torch.testing.assert_close(matrix(rows), products)
        torch.testing.assert_close(matrix.onto(sums.clone(), rows), together)
    assert taken == [6, 6, FEW_ROWS, FEW_ROWS]


def test_a_matrix_of_zeros_stays_one() -> None:
    for precision in REDUCED:
        assert not MATRICES[precision](torch.zeros(16, 32))(torch.ones(1, 32)).any()


@pytest.mark.parametrize(
    ("precision", "share"), [(Precision.FP8, 0.26), (Precision.EIGHT, 0.27), (Precision.FOUR, 0.19)]
)
def test_reduced_weights_take_less_memory(precision: Precision, share: float) -> None:
    whole = weights(256, 1024)
    held = sum(buffer.nbytes for buffer in MATRICES[precision](whole).buffers())
    assert held < share * whole.nbytes


@pytest.mark.parametrize(
    ("precision", "least"), [(Precision.FP8, 0.97), (Precision.EIGHT, 0.995), (Precision.FOUR, 0.9)]
)
def test_a_reduced_model_gives_about_the_same_vectors(qwen3_folder: Path, precision: Precision, least: float) -> None:
    whole = opened(qwen3_folder, Precision.FULL).embed_documents(TEXTS)
    reduced = opened(qwen3_folder, precision).embed_documents(TEXTS)
    cosines = (whole * reduced).sum(axis=1)
    assert cosines.min() >= least
    assert cosines.min() < 0.999999  # or nothing was reduced
    np.testing.assert_allclose(np.linalg.norm(reduced, axis=1), 1, atol=1e-6)


@pytest.mark.parametrize("precision", REDUCED)
def test_a_reduced_model_does_not_depend_on_the_batch(qwen3_folder: Path, precision: Precision) -> None:
    embedder = opened(qwen3_folder, precision)
    alone = np.concatenate([embedder.embed_documents([text]) for text in TEXTS])
    assert (alone * embedder.embed_documents(TEXTS)).sum(axis=1).min() >= 0.9999


def test_a_reranker_can_be_reduced(reranker_folder: Path) -> None:
    whole = load_reranker(reranker_folder, device="cpu").score("capital", TEXTS)
    reduced = load_reranker(reranker_folder, running=Running("cpu", Precision.EIGHT)).score("capital", TEXTS)
    np.testing.assert_allclose(whole, reduced, atol=0.1)


def test_other_vectors_are_another_space(qwen3_folder: Path) -> None:
    """A precision and an instruction for passages change them; nothing else about how it runs does."""
    revisions = {opened(qwen3_folder, precision).spec.revision for precision in Precision}
    revisions.add(opened(qwen3_folder, Precision.FULL, "Retrieve semantically similar text").spec.revision)
    assert len(revisions) == 5
    plain = load_embedder(qwen3_folder).spec.revision
    assert load_embedder(qwen3_folder, running=Running("cpu", idle_seconds=5)).spec.revision == plain
    assert plain in revisions


def test_passages_go_under_an_instruction_if_there_is_one(qwen3_folder: Path) -> None:
    task = "Retrieve semantically similar text"
    found = opened(qwen3_folder, Precision.FULL, task).embed_documents(TEXTS)
    expected = opened(qwen3_folder, Precision.FULL).embed_queries(TEXTS, task)
    assert (found * expected).sum(axis=1).min() >= 0.99999


def test_a_model_that_is_built_differently_is_not_reduced(tmp_path: Path) -> None:
    folder = save_embedder(tmp_path / "biased", attention_bias=True)
    assert opened(folder, Precision.FULL).embed_documents(["x"]).shape == (1, 64)
    with pytest.raises(ModelError, match="layers can't be kept in 4-bit"):
        opened(folder, Precision.FOUR).embed_documents(["x"])


def test_the_room_for_fewer_bits_is_less(qwen3_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checkpoint = Checkpoint(qwen3_folder, "tiny")
    table = checkpoint.number("vocab_size") * checkpoint.number("hidden_size") * 2
    monkeypatch.setattr("model.loading.free_bytes", lambda device: table + (checkpoint.weight_bytes - table) // 3)
    cpu = torch.device("cpu")
    check_room(checkpoint, cpu, torch.bfloat16, Precision.FOUR.bits)
    with pytest.raises(NoRoomError, match="choose a smaller model"):
        check_room(checkpoint, cpu, torch.bfloat16)
