import json
import logging
import random
import shutil
import socket
import threading
from pathlib import Path

import numpy as np
import pytest
import torch

from model import load_embedder
from model.checkpoint import Checkpoint
from model.errors import ModelError
from model.packing import Budget
from model.qwen3 import attention
from model.qwen3.decoder import Decoder
from model.qwen3.embedder import Qwen3Embedder, instructed
from model.qwen3.tokens import TextTokenizer
from model.runtime import Batch, Pending
from tests.indexer.library import eventually
from tests.model.tiny_qwen3 import (
    PUBLISHED_PROMPT,
    published_tokenizer,
    reference_vectors,
    save_embedder,
    trained_tokenizer,
)

WORDS = "the boiler pressure 北京 Straße вокзал 42 naïve 🙂 def return\n key".split(" ")
EXACT = 0.99999


def text_of(words: int, seed: int) -> str:
    generator = random.Random(seed)
    return " ".join(generator.choice(WORDS) for _ in range(words))


TEXTS = [
    "",
    " ",
    "test",
    "Rust und Flüsse\r\n\r\n\ttabs",
    "a <|endoftext|> b<|im_end|>",
    *(text_of(words, words) for words in (1, 2, 3, 17, 60, 61, 200, 1500)),
]


def cosines(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return (one * other).sum(axis=1)


def open_embedder(folder: Path) -> Qwen3Embedder:
    embedder = load_embedder(folder, device="cpu")
    assert isinstance(embedder, Qwen3Embedder)
    return embedder


def decoder_of(embedder: Qwen3Embedder) -> Decoder:
    with embedder._runtime._resident.use() as decoder:
        return decoder


@pytest.fixture(scope="module")
def embedder(qwen3_folder: Path) -> Qwen3Embedder:
    return open_embedder(qwen3_folder)


@pytest.fixture(scope="module")
def reference(qwen3_folder: Path) -> np.ndarray:
    return reference_vectors(qwen3_folder, TEXTS, 32_768)


@pytest.mark.parametrize("tokens", [1, 50, 100_000])
def test_vectors_are_those_of_the_published_recipe_whatever_the_batch(
    embedder: Qwen3Embedder, reference: np.ndarray, tokens: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoder = decoder_of(embedder)
    monkeypatch.setattr(decoder, "budget", Budget(tokens, is_padded=False))
    monkeypatch.setattr(decoder, "full_tokens", tokens)
    order = random.Random(tokens).sample(range(len(TEXTS)), len(TEXTS))
    vectors = embedder.embed_documents([TEXTS[place] for place in order])
    assert vectors.dtype == np.float32
    assert cosines(vectors, reference[order]).min() >= EXACT
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)


def test_texts_that_differ_have_vectors_that_differ(reference: np.ndarray) -> None:
    """Otherwise the comparison with the reference would show nothing."""
    likeness = reference @ reference.T - np.eye(len(reference))
    assert likeness.max() < 0.99


def test_padded_batches_give_the_same_vectors(
    embedder: Qwen3Embedder, reference: np.ndarray, qwen3_folder: Path
) -> None:
    padded = open_embedder(qwen3_folder)
    decoder = decoder_of(padded)
    decoder._model.set_attn_implementation(attention.PADDED)
    decoder.budget = Budget(5000, is_padded=True)
    assert cosines(padded.embed_documents(TEXTS), reference).min() >= EXACT


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_16_bits_keep_the_vectors_and_their_ranking(
    qwen3_folder: Path, reference: np.ndarray, dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which cards compute in; the same ranking, but for what lies too close together for 16 bits."""
    monkeypatch.setattr("model.qwen3.decoder.choose_dtype", lambda device: dtype)
    vectors = open_embedder(qwen3_folder).embed_documents(TEXTS)
    assert cosines(vectors, reference).min() >= 0.999
    for row, order in zip(reference @ reference.T, np.argsort(-vectors @ vectors.T), strict=True):
        assert np.diff(row[order]).max() < 0.01


def test_packing_is_refused_where_packed_texts_are_mixed(
    qwen3_folder: Path, reference: np.ndarray, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """transformers 4.51 took a packed row for one text; so does this one without its detection of restarts."""
    monkeypatch.setattr("transformers.masking_utils.find_packed_sequence_indices", lambda position_ids: None)
    monkeypatch.setattr(attention, "candidates", lambda device: iter(["sdpa"]))
    embedder = open_embedder(qwen3_folder)
    with caplog.at_level(logging.WARNING):
        vectors = embedder.embed_documents(TEXTS)
    assert decoder_of(embedder).budget.is_padded
    assert "does not keep packed texts apart" in caplog.text
    assert cosines(vectors, reference).min() >= EXACT


def test_packing_is_refused_where_it_does_not_run(
    qwen3_folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The kernel for variable lengths is not there on a CPU."""
    monkeypatch.setattr(attention, "candidates", lambda device: iter([attention.VARLEN, attention.ONE_BY_ONE]))
    with caplog.at_level(logging.WARNING):
        decoder = decoder_of(open_embedder(qwen3_folder))
    assert (decoder.attention, decoder.budget.is_padded) == (attention.ONE_BY_ONE, False)
    assert attention.VARLEN in caplog.text


def test_texts_are_packed_on_a_cpu(embedder: Qwen3Embedder) -> None:
    assert not decoder_of(embedder).budget.is_padded


def test_a_text_of_the_whole_context_is_exact(tmp_path: Path) -> None:
    folder = save_embedder(
        tmp_path / "one-layer", layers=1, hidden_size=32, num_attention_heads=1, num_key_value_heads=1
    )
    embedder = open_embedder(folder)
    text = "word " * 40_000
    assert embedder.spec.max_tokens == 32_768
    # eager attention would need 16 GB of scores here
    vectors = reference_vectors(folder, [text], 32_768, "sdpa")
    assert cosines(embedder.embed_documents(["short", text, ""])[1:2], vectors).min() >= EXACT


def test_the_terminator_stays_when_a_text_is_cut(tmp_path: Path) -> None:
    folder = save_embedder(tmp_path / "short", max_position_embeddings=20)
    embedder = open_embedder(folder)
    texts = [text_of(words, words) for words in (3, 10, 15, 40, 400)]
    assert embedder.spec.max_tokens == 20
    assert cosines(embedder.embed_documents(texts), reference_vectors(folder, texts, 20)).min() >= EXACT


def test_a_query_is_embedded_under_its_instruction(embedder: Qwen3Embedder) -> None:
    query = "What is the capital of China?"
    as_passage = embedder.embed_documents([f"{PUBLISHED_PROMPT}{query}"])
    assert cosines(embedder.embed_queries([query]), as_passage).min() >= EXACT
    task = "Retrieve semantically similar text"
    other = embedder.embed_documents([f"Instruct: {task}\nQuery:{query}"])
    assert cosines(embedder.embed_queries([query], task), other).min() >= EXACT
    assert cosines(as_passage, other).max() < 0.9999
    as_shown = embedder.embed_documents([embedder.query_text(query, task)])
    assert cosines(as_shown, other).min() >= EXACT


@pytest.mark.skipif(published_tokenizer() is None, reason="needs the real tokenizer")
def test_the_published_query_has_the_published_tokens(embedder: Qwen3Embedder) -> None:
    query = instructed(
        "What is the capital of China?", "Given a web search query, retrieve relevant passages that answer the query"
    )
    [ids] = embedder._tokenizer.encode([query])
    assert [*ids, embedder._tokenizer.terminator] == [
        *(641, 1235, 25, 16246, 264, 3482, 2711, 3239, 11, 17179, 9760, 46769, 429, 4226, 279, 3239, 198, 2859, 25),
        *(3838, 374, 279, 6722, 315, 5616, 30, 151643),
    ]


def test_special_tokens_in_a_text_are_plain_characters(embedder: Qwen3Embedder) -> None:
    tokenizer = embedder._tokenizer
    assert tokenizer.encode_template("<|im_end|>") == [tokenizer.token("<|im_end|>")]
    [ids] = tokenizer.encode(["<|im_end|><|endoftext|>"])
    assert not {tokenizer.token("<|im_end|>"), tokenizer.terminator} & set(ids)


def test_halves_of_surrogate_pairs_do_no_harm(embedder: Qwen3Embedder) -> None:
    assert np.isfinite(embedder.embed_documents(["broken \ud83d text"])).all()


@pytest.mark.parametrize("dimension", [32, 33, 48, 64])
def test_smaller_dimensions_are_cut_and_normalised_again(embedder: Qwen3Embedder, dimension: int) -> None:
    whole = embedder.embed_documents(TEXTS)
    short = embedder.embed_documents(TEXTS, dimension)
    assert short.shape == (len(TEXTS), dimension)
    cut = whole[:, :dimension] / np.linalg.norm(whole[:, :dimension], axis=1, keepdims=True)
    np.testing.assert_allclose(short, cut, atol=1e-5)


@pytest.mark.parametrize("dimension", [-1, 0, 31, 65])
def test_dimensions_the_model_was_not_trained_for_are_refused(embedder: Qwen3Embedder, dimension: int) -> None:
    with pytest.raises(ModelError, match=f"32 to 64 dimensions, not {dimension}"):
        embedder.embed_queries(["text"], dimension=dimension)


def test_no_texts_give_no_vectors(embedder: Qwen3Embedder) -> None:
    assert embedder.embed_documents([]).shape == (0, 64)
    assert embedder.embed_queries([], dimension=32).shape == (0, 32)


def test_batches_are_halved_until_they_fit(
    embedder: Qwen3Embedder, reference: np.ndarray, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    decoder = decoder_of(embedder)
    monkeypatch.setattr(decoder, "budget", Budget(100_000, is_padded=False))
    begin = Decoder.begin

    def limited(self: Decoder, batch: Batch, urgent: bool = False) -> Pending:
        if len(batch) > 1 and sum(map(len, batch)) > 300:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return begin(self, batch, urgent)

    monkeypatch.setattr(Decoder, "begin", limited)
    with caplog.at_level(logging.WARNING):
        vectors = embedder.embed_documents(TEXTS)
    assert cosines(vectors, reference).min() >= EXACT
    assert decoder.budget.tokens <= 300
    assert "out of memory" in caplog.text


def test_a_budget_grows_again_when_memory_comes_back(embedder: Qwen3Embedder, monkeypatch: pytest.MonkeyPatch) -> None:
    decoder = decoder_of(embedder)
    monkeypatch.setattr(decoder, "budget", Budget(1, is_padded=False))
    embedder.embed_documents(["one"] * 130)
    assert decoder.budget.tokens == 4


def test_one_text_that_does_not_fit_is_an_error(embedder: Qwen3Embedder, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Decoder, batch: Batch, urgent: bool = False) -> Pending:
        raise RuntimeError("MPS backend out of memory (MPS allocated: 1 GB)")

    decoder = decoder_of(embedder)
    monkeypatch.setattr(decoder, "budget", decoder.budget)
    monkeypatch.setattr(Decoder, "begin", full)
    with pytest.raises(ModelError, match="does not fit into the memory of cpu"):
        embedder.embed_documents(["one", "two"])


def test_other_errors_of_the_runtime_are_not_taken_for_a_lack_of_memory(
    embedder: Qwen3Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: Decoder, batch: Batch, urgent: bool = False) -> Pending:
        raise RuntimeError("shapes do not match")

    monkeypatch.setattr(Decoder, "begin", broken)
    with pytest.raises(RuntimeError, match="shapes"):
        embedder.embed_documents(["one"])


def test_a_query_overtakes_the_backlog_where_a_batch_can_not_give_way(
    embedder: Qwen3Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoder = decoder_of(embedder)
    monkeypatch.setattr(decoder, "_gate", None)
    monkeypatch.setattr(decoder, "budget", Budget(1, is_padded=False))
    monkeypatch.setattr(decoder, "full_tokens", 1)
    begin = Decoder.begin
    has_begun, query_waits = threading.Event(), threading.Event()
    taken: list[int] = []

    def recording(self: Decoder, batch: Batch, urgent: bool = False) -> Pending:
        taken.append(len(batch[0]))
        has_begun.set()
        if len(taken) == 1:
            assert query_waits.wait(20)
        return begin(self, batch, urgent)

    monkeypatch.setattr(Decoder, "begin", recording)
    backlog = threading.Thread(target=embedder.embed_documents, args=(["test"] * 5,))
    query = threading.Thread(target=embedder.embed_queries, args=(["test"],))
    backlog.start()
    assert has_begun.wait(20)
    query.start()
    turns = embedder._runtime._turns
    assert eventually(lambda: turns._urgent == 1)
    query_waits.set()
    backlog.join(20)
    query.join(20)
    passage, longest = taken[0], max(taken)
    assert taken == [passage, longest, *[passage] * 4]


def test_opening_a_model_reads_no_weights_and_touches_no_network(
    qwen3_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("no connection may be opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    embedder = open_embedder(qwen3_folder)
    assert not embedder._runtime.is_loaded
    assert (embedder.spec.name, embedder.spec.dimensions) == (str(qwen3_folder), 64)
    assert embedder.embed_documents(["x"]).shape == (1, 64)


def test_a_revision_changes_with_weights_and_configuration_and_with_nothing_else(
    qwen3_folder: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(qwen3_folder, copy)
    original = open_embedder(qwen3_folder).spec.revision
    (copy / "README.md").write_text("words")
    assert open_embedder(copy).spec.revision == original
    with (copy / "model.safetensors").open("r+b") as file:
        file.seek(-2, 2)
        file.write(b"\x11\x22")
    changed = open_embedder(copy).spec.revision
    assert changed != original
    config = json.loads((copy / "config.json").read_text())
    (copy / "config.json").write_text(json.dumps(config | {"rms_norm_eps": 1e-5}))
    assert open_embedder(copy).spec.revision not in (original, changed)


def test_weights_in_several_files_are_the_same_model(qwen3_folder: Path, tmp_path: Path) -> None:
    from transformers import AutoModel

    copy = tmp_path / "sharded"
    shutil.copytree(qwen3_folder, copy)
    (copy / "model.safetensors").unlink()
    AutoModel.from_pretrained(qwen3_folder).save_pretrained(copy, max_shard_size="100KB")
    assert len(list(copy.glob("model-*.safetensors"))) > 1
    texts = ["one", "two words"]
    both = [open_embedder(folder).embed_documents(texts) for folder in (qwen3_folder, copy)]
    assert cosines(*both).min() >= EXACT


@pytest.mark.parametrize("prefix", ["", "model."])
def test_a_damaged_folder_is_named_with_its_remedy(qwen3_folder: Path, tmp_path: Path, prefix: str) -> None:
    from safetensors.torch import load_file, save_file

    copy = tmp_path / "copy"
    shutil.copytree(qwen3_folder, copy)
    tensors = load_file(copy / "model.safetensors")
    del tensors["layers.1.mlp.up_proj.weight"]
    save_file({f"{prefix}{name}": tensor for name, tensor in tensors.items()}, copy / "model.safetensors")
    with pytest.raises(ModelError, match=r"weights lack .*layers\.1\.mlp\.up_proj\.weight.*Install it again"):
        open_embedder(copy).embed_documents(["x"])
    (copy / "model.safetensors").write_bytes(b"\x01")
    with pytest.raises(ModelError, match="damaged"):
        open_embedder(copy).embed_documents(["x"])
    (copy / "model.safetensors").unlink()
    with pytest.raises(ModelError, match="only weights as safetensors"):
        _ = open_embedder(copy).spec
    (copy / "tokenizer.json").write_text("{}")
    with pytest.raises(ModelError, match="tokenizer.json"):
        open_embedder(copy)


def test_a_tokenizer_of_another_model_is_refused(qwen3_folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(qwen3_folder, copy)
    config = json.loads((copy / "config.json").read_text())
    (copy / "config.json").write_text(json.dumps(config | {"vocab_size": config["vocab_size"] - 4}))
    with pytest.raises(ModelError, match="tokenizer belongs to another model"):
        open_embedder(copy)


def test_a_model_larger_than_the_memory_is_refused(qwen3_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("model.loading.free_bytes", lambda device: 1000)
    with pytest.raises(ModelError, match="choose a smaller model"):
        open_embedder(qwen3_folder).embed_documents(["x"])


def test_a_tokenizer_trained_here_serves_where_the_real_one_is_not(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text(trained_tokenizer(), encoding="utf-8")
    tokenizer = TextTokenizer(tmp_path)
    assert len(tokenizer.encode(["yes"])[0]) == 1
    assert tokenizer.token("no") != tokenizer.token("yes")


def test_the_older_form_of_the_configuration_is_read(qwen3_folder: Path, tmp_path: Path, reference: np.ndarray) -> None:
    """The published files have the base of the rotary positions at the top, and the type under its old name."""
    copy = tmp_path / "copy"
    shutil.copytree(qwen3_folder, copy)
    config = json.loads((copy / "config.json").read_text())
    config.pop("rope_parameters")
    config["torch_dtype"] = config.pop("dtype")
    (copy / "config.json").write_text(json.dumps(config | {"rope_theta": 1_000_000, "rope_scaling": None}))
    assert cosines(open_embedder(copy).embed_documents(TEXTS), reference).min() >= EXACT


def test_hidden_sizes_and_limits_of_the_published_models_are_read(tmp_path: Path) -> None:
    published = published_tokenizer()
    if published is None:
        pytest.skip("needs the published descriptions")
    for size, dimensions in (("0.6b", 1024), ("4b", 2560)):
        checkpoint = Checkpoint(published / "model-config" / f"embedding-{size}", size)
        assert checkpoint.number("hidden_size") == dimensions
