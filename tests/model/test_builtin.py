import re
import shutil
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from model import load_embedder
from model.builtin.encoder import FOLDER, BuiltinEmbedder, count_weights, mapped_tensors
from model.builtin.tokenizer import TOKENIZER_FILE, PieceTokenizer
from model.embedder import shorten
from model.errors import ModelError
from model.precedence import Precedence

MEGABYTE = 1_000_000
ENGLISH = [
    "The train to the airport leaves every twenty minutes.",
    "She baked a chocolate cake for her son's birthday.",
    "The doctor says that I should sleep more.",
    "Our garden is full of flowers in spring.",
    "The company sold more cars than last year.",
    "Please close the window, it is cold outside.",
]
TRANSLATIONS = {
    "de": [
        "Der Zug zum Flughafen fährt alle zwanzig Minuten.",
        "Sie hat zum Geburtstag ihres Sohnes einen Schokoladenkuchen gebacken.",
        "Der Arzt sagt, dass ich mehr schlafen soll.",
        "Im Frühling ist unser Garten voller Blumen.",
        "Das Unternehmen hat mehr Autos verkauft als im letzten Jahr.",
        "Bitte mach das Fenster zu, draußen ist es kalt.",
    ],
    "fr": [
        "Le train pour l'aéroport part toutes les vingt minutes.",
        "Elle a préparé un gâteau au chocolat pour l'anniversaire de son fils.",
        "Le médecin dit que je devrais dormir davantage.",
        "Notre jardin est plein de fleurs au printemps.",
        "L'entreprise a vendu plus de voitures que l'année dernière.",
        "Ferme la fenêtre s'il te plaît, il fait froid dehors.",
    ],
    "ru": [
        "Поезд в аэропорт отправляется каждые двадцать минут.",
        "Она испекла шоколадный торт на день рождения сына.",
        "Врач говорит, что мне нужно больше спать.",
        "Весной наш сад полон цветов.",
        "Компания продала больше машин, чем в прошлом году.",
        "Закрой, пожалуйста, окно, на улице холодно.",
    ],
    "zh": [
        "去机场的火车每二十分钟一班。",
        "她为儿子的生日烤了一个巧克力蛋糕。",
        "医生说我应该多睡觉。",
        "春天我们的花园里开满了花。",
        "这家公司卖出的汽车比去年多。",
        "请把窗户关上，外面很冷。",
    ],
    "es": [
        "El tren al aeropuerto sale cada veinte minutos.",
        "Ella horneó un pastel de chocolate para el cumpleaños de su hijo.",
        "El médico dice que debería dormir más.",
        "En primavera nuestro jardín está lleno de flores.",
        "La empresa vendió más coches que el año pasado.",
        "Por favor, cierra la ventana, hace frío afuera.",
    ],
}


@pytest.fixture(scope="module")
def embedder() -> BuiltinEmbedder:
    return BuiltinEmbedder()


def test_load_embedder_knows_the_built_in_model() -> None:
    assert load_embedder("built-in").spec.name == "built-in"


def test_an_unknown_name_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(ModelError, match="built-in"):
        load_embedder("no-such-model")


def test_a_damaged_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=re.escape(str(tmp_path))):
        BuiltinEmbedder(tmp_path)


@pytest.mark.parametrize("damaged", ["config.json", "model.safetensors", "tokenizer.model"])
@pytest.mark.parametrize("content", [b"", b"{}", b"\xff" * 40])
def test_a_damaged_file_is_reported_with_its_folder(tmp_path: Path, damaged: str, content: bytes) -> None:
    for name in {"config.json", "model.safetensors", "tokenizer.model"} - {damaged}:
        shutil.copy(FOLDER / name, tmp_path)
    (tmp_path / damaged).write_bytes(content)
    with pytest.raises(ModelError, match=re.escape(str(tmp_path))):
        BuiltinEmbedder(tmp_path)


def test_a_cut_off_table_is_reported(tmp_path: Path) -> None:
    shutil.copytree(FOLDER, tmp_path, dirs_exist_ok=True)
    with (tmp_path / "model.safetensors").open("r+b") as file:
        file.truncate(1_000_000)
    with pytest.raises(ModelError):
        BuiltinEmbedder(tmp_path)


def test_rows_have_length_one(embedder: BuiltinEmbedder) -> None:
    vectors = embedder.embed_documents(ENGLISH + TRANSLATIONS["zh"])
    assert vectors.dtype == np.float32
    assert vectors.shape == (12, embedder.spec.dimensions)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(12), abs=1e-5)


def test_a_text_has_the_same_vector_alone_and_in_any_batch(embedder: BuiltinEmbedder) -> None:
    texts = ENGLISH + TRANSLATIONS["ru"]
    together = embedder.embed_documents(texts)
    assert np.array_equal(together[::-1], embedder.embed_documents(texts[::-1]))
    assert np.array_equal(together[3], embedder.embed_queries(texts[3:4])[0])


def test_a_second_embedder_gives_the_same_vectors(embedder: BuiltinEmbedder) -> None:
    assert np.array_equal(embedder.embed_documents(ENGLISH), BuiltinEmbedder().embed_documents(ENGLISH))


def test_passages_give_way_to_what_is_urgent_and_queries_do_not() -> None:
    precedence = Precedence()
    embedder, found = BuiltinEmbedder(precedence=precedence), list[np.ndarray]()
    passages = threading.Thread(target=lambda: found.append(embedder.embed_documents(ENGLISH * 20)))
    with precedence.urgent():
        passages.start()
        with ThreadPoolExecutor(1) as another:
            query = another.submit(embedder.embed_queries, ENGLISH).result(60)
        passages.join(0.1)
        assert passages.is_alive()
    passages.join(60)
    assert np.array_equal(found[0], np.tile(query, (20, 1)))


def test_a_sum_is_exact_so_that_no_processor_can_round_it_differently(embedder: BuiltinEmbedder) -> None:
    text = " ".join([*ENGLISH, *(sentence for own in TRANSLATIONS.values() for sentence in own)] * 5)
    ids = PieceTokenizer.from_file(FOLDER / TOKENIZER_FILE).encode(text)[: embedder.spec.max_tokens]
    pieces, counts = np.unique(ids, return_counts=True)
    tensors = mapped_tensors(FOLDER / "model.safetensors")
    weights = [round(w * 2**16) for w in count_weights(embedder.spec.max_tokens)[counts].tolist()]
    scales = [round(s * 2**24) for s in tensors["scales"][pieces].tolist()]
    rows = tensors["rows"][pieces].astype(object)  # of Python's integers, which never round
    whole = sum(w * s * row for w, s, row in zip(weights, scales, rows, strict=True))
    assert len(ids) == embedder.spec.max_tokens
    exact = (whole / 2**40).astype(np.float32)
    assert np.array_equal(embedder.embed_documents([text]), shorten(exact[np.newaxis], None))


def test_the_longest_text_of_the_longest_rows_is_still_summed_exactly(embedder: BuiltinEmbedder) -> None:
    tensors = mapped_tensors(FOLDER / "model.safetensors")
    largest = 127 * float(tensors["scales"].max()) * embedder.spec.max_tokens
    assert largest * 2**40 < 2**53


@pytest.mark.parametrize("dimension", [32, 64, 128, 256])
def test_a_short_vector_is_the_prefix_of_the_long_one(embedder: BuiltinEmbedder, dimension: int) -> None:
    whole = embedder.embed_documents(ENGLISH)
    short = embedder.embed_documents(ENGLISH, dimension)
    assert short.shape == (len(ENGLISH), dimension)
    assert short == pytest.approx(shorten(whole, dimension), abs=1e-6)


def test_a_query_that_is_embedded_again_has_its_own_vector_at_each_dimension(embedder: BuiltinEmbedder) -> None:
    for text in (ENGLISH[0], ENGLISH[0], ENGLISH[1], ENGLISH[0]):
        for dimension in (None, 64, 64, None):
            expected = embedder.embed_documents([text], dimension)
            assert np.array_equal(embedder.embed_queries([text], dimension=dimension), expected)
    with pytest.raises(ValueError, match="read-only"):
        embedder.embed_queries(ENGLISH[:1])[0, 0] = 1


def test_no_texts_give_no_rows(embedder: BuiltinEmbedder) -> None:
    assert embedder.embed_documents([], 64).shape == (0, 64)
    assert embedder.embed_queries([]).shape == (0, embedder.spec.dimensions)


@pytest.mark.parametrize("text", ["", "  \n\t", "...", "\U0001f9ff\U000e0041", "\x00"])
@pytest.mark.parametrize("dimension", [32, 256])
def test_a_text_without_words_has_a_finite_vector_of_length_one(
    embedder: BuiltinEmbedder, text: str, dimension: int
) -> None:
    vector = embedder.embed_documents([text], dimension)[0]
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)


def test_a_very_long_text_counts_as_far_as_max_tokens(embedder: BuiltinEmbedder) -> None:
    long = " ".join(ENGLISH * 2000)
    assert np.isfinite(embedder.embed_documents([long])).all()
    beginning = "sailing boats " * embedder.spec.max_tokens
    assert np.array_equal(embedder.embed_documents([beginning]), embedder.embed_documents([beginning + "tax law"]))


def test_case_form_and_camel_case_do_not_count(embedder: BuiltinEmbedder) -> None:
    same = embedder.embed_documents(
        ["open file handle", "OPEN File ｈａｎｄｌｅ", "openFileHandle", "open_file_handle"]
    )
    assert np.array_equal(same, np.broadcast_to(same[0], same.shape))


@pytest.mark.parametrize("lang", TRANSLATIONS)
def test_the_translation_of_a_sentence_is_nearest(embedder: BuiltinEmbedder, lang: str) -> None:
    cosines = embedder.embed_queries(ENGLISH) @ embedder.embed_documents(TRANSLATIONS[lang]).T
    assert cosines.argmax(axis=1).tolist() == list(range(len(ENGLISH)))
    assert cosines.argmax(axis=0).tolist() == list(range(len(ENGLISH)))


def test_short_vectors_still_find_translations(embedder: BuiltinEmbedder) -> None:
    cosines = embedder.embed_queries(ENGLISH, dimension=64) @ embedder.embed_documents(TRANSLATIONS["de"], 64).T
    assert (cosines.argmax(axis=1) == np.arange(len(ENGLISH))).mean() >= 5 / 6


def test_calibrated_cosines_part_related_from_unrelated(embedder: BuiltinEmbedder) -> None:
    spec = embedder.spec
    cosines = embedder.embed_queries(ENGLISH) @ embedder.embed_documents(TRANSLATIONS["de"]).T
    unrelated = cosines[~np.eye(len(ENGLISH), dtype=bool)]
    assert 0 < spec.noise_cosine <= spec.match_cosine < 1
    assert np.median(unrelated) < spec.noise_cosine < np.median(np.diag(cosines))


def test_the_folder_is_small_and_says_whose_text_it_learned_from() -> None:
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) <= 40 * MEGABYTE
    assert {"README.md", "NOTICE"} <= {path.name for path in FOLDER.iterdir()}


def test_loading_and_embedding_need_no_torch() -> None:
    program = "import sys; from model import load_embedder; load_embedder('built-in').embed_queries(['hello'])"
    subprocess.run([sys.executable, "-c", f"{program}; sys.exit('torch' in sys.modules)"], check=True)


def test_importing_the_package_loads_no_library() -> None:
    program = "import sys, model; sys.exit(bool({'numpy', 'tokenizers', 'safetensors'} & set(sys.modules)))"
    subprocess.run([sys.executable, "-c", program], check=True)
