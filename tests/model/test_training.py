import json
import lzma
import random
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from model.builtin import train as training
from model.builtin.batches import Bags, Batch, Mix, Sampler
from model.builtin.corpus import Kind, read_pairs
from model.builtin.encoder import BuiltinEmbedder
from model.builtin.evaluate import Closest, calibrate, write_calibration
from model.builtin.parts import ngram_parts, ngrams
from model.builtin.store import Store, build_store
from model.builtin.tokenizer import PieceTokenizer
from model.builtin.train import Options, train
from model.builtin.trainer import Hyper, contrast, same_texts
from model.builtin.vocabulary import spelled, train_tokenizer

pytestmark = pytest.mark.filterwarnings("ignore:Sparse CSR tensor support")

SYLLABLES = ["ka", "lo", "mi", "ne", "tu", "ra", "so", "ve", "pi", "da"]
UNSEEN = 50
SMALL = Mix(sizes=dict.fromkeys(Kind, 128))


def words() -> list[str]:
    return [a + b + c for a in SYLLABLES for b in SYLLABLES for c in SYLLABLES[:2]]


def translated(sentence: str) -> str:
    """The other language of these tests writes each word backwards."""
    return " ".join(word[::-1] for word in sentence.split())


def sentences(count: int) -> list[str]:
    chance = random.Random(3)
    return [" ".join(chance.sample(words(), 5)) for _ in range(count)]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    rows = ["source_id\tlang_a\ttext_a\tlang_b\ttext_b"]
    rows += [f"made\ten\t{s}\txx\t{translated(s)}" for s in sentences(600)[UNSEEN:]]
    rows += [f"made\ten\t{s}\tyy\t{s.upper()} yy" for s in sentences(600)[UNSEEN:]]
    (folder / "parallel.tsv.xz").write_bytes(lzma.compress("\n".join(rows).encode()))
    rows = ["lang_a\tterm_a\tlang_b\tterm_b\tsource_id"] + [f"en\t{w}\txx\t{w[::-1]}\tmade" for w in words()]
    (folder / "dictionary.tsv.xz").write_bytes(lzma.compress("\n".join(rows).encode()))
    passage = {"query_lang": "en", "query": "kaloka", "text_lang": "xx", "text": "akolak " * 9, "source": "made"}
    (folder / "passages.jsonl.xz").write_bytes(lzma.compress(json.dumps(passage).encode()))
    return folder


@pytest.fixture(scope="module")
def options(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Options:
    folder = tmp_path_factory.mktemp("run")
    hyper = Hyper(dim=64, short_dims=(16, 32), warmup=5, lr=2e-2)
    return Options(corpus, folder / "out", folder / "work", 700, 64, steps=80, mix=SMALL, hyper=hyper)


@pytest.fixture(scope="module")
def trained(options: Options) -> BuiltinEmbedder:
    train(options)
    return BuiltinEmbedder(options.out)


def accuracy(embedder: BuiltinEmbedder, dimension: int) -> float:
    unseen = sentences(600)[:UNSEEN]
    left = embedder.embed_queries(unseen, dimension=dimension)
    right = embedder.embed_documents([translated(sentence) for sentence in unseen], dimension)
    return float(((left @ right.T).argmax(axis=1) == np.arange(UNSEEN)).mean())


@pytest.mark.parametrize("dimension", [16, 64])
def test_training_learns_to_translate_unseen_sentences(trained: BuiltinEmbedder, dimension: int) -> None:
    assert accuracy(trained, dimension) >= 0.8


def test_a_finished_run_leaves_no_checkpoint(trained: BuiltinEmbedder, options: Options) -> None:
    assert not (options.work / "checkpoint.pt").exists()


def test_equal_seeds_give_equal_models_even_across_an_interruption(
    trained: BuiltinEmbedder, options: Options, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "CHECKPOINT_STEPS", 10)
    taken = 0
    step = training.Trainer.step

    def stumbling(self: training.Trainer, batch: Batch, rate: float) -> float:
        nonlocal taken
        taken += 1
        if taken == 35:
            raise KeyboardInterrupt
        return step(self, batch, rate)

    again = replace(options, out=tmp_path)
    with monkeypatch.context() as interrupted, pytest.raises(KeyboardInterrupt):
        interrupted.setattr(training.Trainer, "step", stumbling)
        train(again)
    train(again)
    assert BuiltinEmbedder(tmp_path).spec.revision == trained.spec.revision


def test_a_checkpoint_of_other_settings_is_left_alone(trained: BuiltinEmbedder, options: Options) -> None:
    other = replace(options, seed=2)
    trainer = training.new_trainer(options, Store.load(options.work / "store"), training.prepared_tokenizer(options))
    sampler = Sampler(Store.load(options.work / "store"), SMALL, 1)
    path = options.work / "checkpoint.pt"
    training.save_checkpoint(path, options, 7, trainer, sampler)
    assert training.resume(path, other, trainer, sampler) == 0
    assert training.resume(path, options, trainer, sampler) == 7
    path.unlink()


def test_the_gradient_is_that_of_autograd() -> None:
    sums = torch.randn(8, 5, generator=torch.Generator().manual_seed(0), requires_grad=True)
    unit = torch.nn.functional.normalize(sums)
    cells = unit[:4] @ unit[4:].T * 3
    cells = cells.masked_fill(torch.eye(4)[[1, 0, 2, 3]].bool() & torch.tensor([[1], [1], [0], [0]]).bool(), -torch.inf)
    target = torch.arange(4)
    loss = torch.nn.functional.cross_entropy(cells, target) + torch.nn.functional.cross_entropy(cells.T, target)
    (loss / 2).backward()
    found, gradient = contrast(sums.detach(), (torch.tensor([0, 1]), torch.tensor([1, 0])), 3)
    assert found == pytest.approx(loss.item() / 2, abs=0.02)
    assert sums.grad is not None
    assert torch.allclose(gradient, sums.grad, atol=0.01)


def test_texts_that_occur_twice_are_no_negatives() -> None:
    bags = Bags(np.zeros(0, np.int64), np.zeros(0, np.float32), np.zeros(4, np.int64))
    batch = Batch(Kind.TERM, bags, bags, np.array([5, 6, 5], np.int32), np.array([1, 2, 2], np.int32))
    rows, columns = same_texts(batch)
    assert set(zip(rows.tolist(), columns.tolist(), strict=True)) == {(0, 2), (2, 0), (1, 2), (2, 1)}


def test_a_store_keeps_each_text_once_and_counts_its_pieces(corpus: Path, tmp_path: Path) -> None:
    tokenizer = PieceTokenizer(spelled([("<unk>", 0.0), ("▁", -1.0), ("ak", -2.0), ("ol", -2.0), ("k", -3.0)]))
    pairs = [pair for pair in read_pairs(corpus) if pair.kind is Kind.PASSAGE]
    build_store(pairs * 3, tokenizer).save(tmp_path)
    store = Store.load(tmp_path)
    assert len(store.offsets) - 1 == 2
    assert store.first.tolist() == [0, 0, 0]
    passage = slice(*store.offsets[1:])
    assert dict(zip(store.tokens[passage].tolist(), store.counts[passage].tolist(), strict=True)) == {1: 9, 2: 18, 3: 9}


def test_pieces_share_rows_for_the_ngrams_they_share() -> None:
    shared = {"trai", "rain", "tra*", "trai*"}
    assert ngrams("▁train") & ngrams("▁trainer") == shared
    assert not ngrams("▁cat")
    parts = ngram_parts(["<unk>", "▁train", "▁trainer", "▁cat"], 10_000)
    rows, starts = parts.of(np.array([1, 2, 3]))
    train_rows, trainer_rows, cat_rows = (set(own.tolist()) for own in np.split(rows, starts[1:-1]))
    assert len(train_rows & trainer_rows) == len(shared)
    assert cat_rows == {3}


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [
        ("▁putin", "▁путин", "=putin"),
        ("語言", "语言", "=yuyan"),
        ("政府", "政治", "政"),
        ("▁הממשלה", "▁ממשלה", "=ממשלה"),
        ("▁netanyahu", "▁נתניהו", "~ntnh"),
    ],
)
def test_related_words_of_two_scripts_or_forms_share_a_row(one: str, other: str, shared: str) -> None:
    assert shared in ngrams(one) & ngrams(other)


def test_the_vocabulary_of_a_corpus_is_always_the_same(corpus: Path) -> None:
    assert train_tokenizer(corpus, 500) == train_tokenizer(corpus, 500)


def test_calibration_parts_right_from_wrong_and_is_read_by_the_embedder(
    trained: BuiltinEmbedder, options: Options, tmp_path: Path
) -> None:
    right = np.array([0.5, 0.6, 0.7, 0.3], np.float32)
    wrong = np.array([0.1, 0.2, 0.25, 0.4], np.float32)
    noise, match = calibrate(Closest(right, wrong))
    assert noise == pytest.approx(0.225)
    assert 0.25 < match <= 0.3 or 0.4 < match <= 0.5
    folder = shutil.copytree(options.out, tmp_path / "model")
    write_calibration(folder / "config.json", noise, match)
    spec = BuiltinEmbedder(folder).spec
    assert (spec.noise_cosine, spec.match_cosine) == (noise, match)
    assert spec.revision == trained.spec.revision
