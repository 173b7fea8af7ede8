import json
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import AutoModel, BertConfig, BertModel

from model import load_embedder
from model.embedder import SEARCH_TASK
from model.errors import ModelError
from model.packing import Budget
from model.sentence_transformer import SentenceTransformer

WORDS = (
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    *"query passage : the boiler pressure must stay above one bar dogs".split(),
)
TEXTS = ["", "the boiler", "dogs must stay", "the pressure must stay above one bar", "unknown words", "dogs " * 50]
HIDDEN = 32
LIMIT = 24  # tokens
SWITCHES = ("cls_token", "mean_tokens", "max_tokens", "mean_sqrt_len_tokens", "weightedmean_tokens", "lasttoken")


def write(path: Path, content: object) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")


def save_bert(folder: Path) -> None:
    tokenizer = Tokenizer(models.WordLevel({word: number for number, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing("[CLS] $A [SEP]", None, [("[CLS]", 2), ("[SEP]", 3)])
    tokenizer.add_special_tokens(list(WORDS[:4]))
    tokenizer.save(str(folder / "tokenizer.json"))
    names = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    write(folder / "tokenizer_config.json", {"tokenizer_class": "PreTrainedTokenizerFast", **names})
    torch.manual_seed(2)
    config = BertConfig(
        vocab_size=len(WORDS),
        hidden_size=HIDDEN,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=48,
        max_position_embeddings=64,
        initializer_range=0.3,
    )
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)


def save_model(folder: Path, pooling: dict[str, object], modules: Sequence[str] = ("Pooling", "Normalize")) -> Path:
    """A tiny BERT with what sentence-transformers writes beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    save_bert(folder)
    paths = {"Transformer": ""} | {kind: f"{place}_{kind}" for place, kind in enumerate(modules, start=1)}
    listed = [
        {"idx": place, "name": str(place), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for place, (kind, path) in enumerate(paths.items())
    ]
    write(folder / "modules.json", listed)
    write(folder / paths["Pooling"] / "config.json", {"word_embedding_dimension": HIDDEN} | pooling)
    write(folder / "sentence_bert_config.json", {"max_seq_length": LIMIT, "do_lower_case": False})
    return folder


def switches(*chosen: str) -> dict[str, object]:
    return {f"pooling_mode_{name}": name in chosen for name in SWITCHES}


def states_of(folder: Path, text: str) -> np.ndarray:
    """Hidden states of one text by itself, [tokens, hidden]."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_truncation(LIMIT)
    model = AutoModel.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
    with torch.inference_mode():
        return model(torch.tensor([tokenizer.encode(text).ids])).last_hidden_state[0].numpy()


def unit(vector: np.ndarray) -> np.ndarray:
    return vector / np.linalg.norm(vector)


POOLED = {
    "cls_token": lambda states: states[0],
    "mean_tokens": lambda states: states.mean(axis=0),
    "max_tokens": lambda states: states.max(axis=0),
    "mean_sqrt_len_tokens": lambda states: states.sum(axis=0) / len(states) ** 0.5,
    "weightedmean_tokens": lambda states: np.average(states, axis=0, weights=np.arange(1, len(states) + 1)),
    "lasttoken": lambda states: states[-1],
}


@pytest.mark.parametrize("tokens", [1, 40, 10_000])
@pytest.mark.parametrize("mode", SWITCHES)
def test_each_pooling_gives_what_one_text_alone_gives(tmp_path: Path, mode: str, tokens: int) -> None:
    folder = save_model(tmp_path / "model", switches(mode))
    embedder = load_embedder(folder, device="cpu")
    assert isinstance(embedder, SentenceTransformer)
    with embedder._runtime._resident.use() as encoder:
        encoder.budget = Budget(tokens, is_padded=True)
    expected = [unit(POOLED[mode](states_of(folder, text))) for text in TEXTS]
    np.testing.assert_allclose(embedder.embed_documents(TEXTS), expected, atol=1e-5)


def test_the_newer_form_of_the_pooling_file_is_read(tmp_path: Path) -> None:
    older = load_embedder(save_model(tmp_path / "older", switches("cls_token")), device="cpu")
    newer = load_embedder(save_model(tmp_path / "newer", {"pooling_mode": "cls"}), device="cpu")
    np.testing.assert_array_equal(older.embed_documents(TEXTS), newer.embed_documents(TEXTS))


def test_poolings_stand_side_by_side(tmp_path: Path) -> None:
    folder = save_model(tmp_path / "model", switches("cls_token", "mean_tokens"))
    embedder = load_embedder(folder, device="cpu")
    assert embedder.spec.dimensions == 2 * HIDDEN
    states = states_of(folder, TEXTS[2])
    expected = unit(np.concatenate([states[0], states.mean(axis=0)]))
    np.testing.assert_allclose(embedder.embed_documents([TEXTS[2]])[0], expected, atol=1e-5)


@pytest.mark.parametrize(
    "modules", [("Pooling", "Dense", "Normalize"), ("Pooling", "Normalize", "Dense"), ("Pooling", "Dense")]
)
def test_dense_layers_and_normalisations_follow_the_pooling_in_their_order(
    tmp_path: Path, modules: tuple[str, ...]
) -> None:
    folder = save_model(tmp_path / "model", switches("mean_tokens"), modules)
    place = folder / f"{modules.index('Dense') + 1}_Dense"
    generator = np.random.default_rng(3)
    weight = generator.normal(size=(8, HIDDEN)).astype(np.float32)
    bias = generator.normal(size=8).astype(np.float32)
    activation = "torch.nn.modules.activation.Tanh"
    write(
        place / "config.json",
        {"in_features": HIDDEN, "out_features": 8, "bias": True, "activation_function": activation},
    )
    tensors = {"linear.weight": torch.from_numpy(weight), "linear.bias": torch.from_numpy(bias)}
    save_file(tensors, place / "model.safetensors")
    embedder = load_embedder(folder, device="cpu")
    assert embedder.spec.dimensions == 8
    pooled = [states_of(folder, text).mean(axis=0) for text in TEXTS]
    pooled = [unit(one) for one in pooled] if modules[1] == "Normalize" else pooled
    expected = [unit(np.tanh(weight @ one + bias)) for one in pooled]
    np.testing.assert_allclose(embedder.embed_documents(TEXTS), expected, atol=1e-5)


def test_queries_and_passages_get_the_prompts_of_the_model(tmp_path: Path) -> None:
    folder = save_model(tmp_path / "model", switches("mean_tokens"))
    write(folder / "config_sentence_transformers.json", {"prompts": {"query": "query: ", "passage": "passage: "}})
    embedder = load_embedder(folder, device="cpu")
    [query], [passage] = embedder.embed_queries(["dogs"]), embedder.embed_documents(["dogs"])
    np.testing.assert_allclose(query, unit(states_of(folder, "query: dogs").mean(axis=0)), atol=1e-5)
    np.testing.assert_allclose(passage, unit(states_of(folder, "passage: dogs").mean(axis=0)), atol=1e-5)


def test_the_task_takes_the_place_of_the_instruction_in_the_model_s_own_prompt(tmp_path: Path) -> None:
    folder = save_model(tmp_path / "model", switches("mean_tokens"))
    prompts = {"query": f"Instruct: {SEARCH_TASK} Query: "}
    write(folder / "config_sentence_transformers.json", {"prompts": prompts})
    embedder = load_embedder(folder, device="cpu")
    assert embedder.spec.takes_task
    assert embedder.query_text("dogs", "the boiler") == "Instruct: the boiler Query: dogs"
    [query] = embedder.embed_queries(["dogs"], "the boiler")
    np.testing.assert_allclose(
        query, unit(states_of(folder, "Instruct: the boiler Query: dogs").mean(axis=0)), atol=1e-5
    )


def test_a_prompt_is_left_out_of_the_mean_where_the_model_says_so(tmp_path: Path) -> None:
    folder = save_model(tmp_path / "model", switches("mean_tokens") | {"include_prompt": False})
    write(folder / "config_sentence_transformers.json", {"prompts": {"query": "query: "}})
    [query] = load_embedder(folder, device="cpu").embed_queries(["dogs"])
    states = states_of(folder, "query: dogs")  # [CLS] query : dogs [SEP]
    np.testing.assert_allclose(query, unit(states[3:].mean(axis=0)), atol=1e-5)


def test_a_model_without_modules_is_pooled_by_the_mean(tmp_path: Path) -> None:
    folder = save_model(tmp_path / "model", {})
    os.unlink(folder / "modules.json")
    [vector] = load_embedder(folder, device="cpu").embed_documents(["dogs"])
    np.testing.assert_allclose(vector, unit(states_of(folder, "dogs").mean(axis=0)), atol=1e-5)


def test_modules_that_are_not_known_are_refused(tmp_path: Path) -> None:
    for modules in (("Pooling", "LSTM"), ("WordWeights", "Pooling")):
        folder = save_model(tmp_path / modules[0], switches("mean_tokens"), modules)
        with pytest.raises(ModelError, match=f"its modules are Transformer, {', '.join(modules)}"):
            load_embedder(folder)


def test_a_pooling_that_is_not_known_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="its pooling is attention"):
        load_embedder(save_model(tmp_path / "model", {"pooling_mode": "attention"}))


def test_weights_that_could_run_code_are_refused(tmp_path: Path) -> None:
    folder = save_model(tmp_path / "model", switches("mean_tokens"))
    os.rename(folder / "model.safetensors", folder / "pytorch_model.bin")
    with pytest.raises(ModelError, match="only weights as safetensors"):
        load_embedder(folder)


def test_smaller_dimensions_are_cut_and_others_refused(tmp_path: Path) -> None:
    embedder = load_embedder(save_model(tmp_path / "model", switches("mean_tokens")), device="cpu")
    assert embedder.embed_documents([], 8).shape == (0, 8)
    assert embedder.embed_documents(TEXTS, 8).shape == (len(TEXTS), 8)
    with pytest.raises(ModelError, match=f"1 to {HIDDEN} dimensions"):
        embedder.embed_documents(TEXTS, HIDDEN + 1)
