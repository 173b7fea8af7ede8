from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from indexer.highlight import SentenceReader
from indexer.lexical import Words, words_of
from indexer.query import parse
from model.builtin.encoder import BuiltinEmbedder
from model.builtin.native import sentences


def split(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


NO_WORDS = Words((), ()).occurrences("")


@pytest.fixture(scope="module")
def embedder() -> BuiltinEmbedder:
    return BuiltinEmbedder()


def test_the_best_sentence_is_found_by_meaning_across_languages(embedder: BuiltinEmbedder) -> None:
    passage = "The garden is closed in winter. Dogs must be kept on a leash. Tickets cost five euros."
    [(start, end)] = SentenceReader(embedder).best_sentences([passage], "Hunde an der Leine führen", [NO_WORDS])
    assert passage[start:end] == "Dogs must be kept on a leash."


def test_words_of_the_query_make_up_for_a_cosine_that_is_a_little_lower(embedder: BuiltinEmbedder) -> None:
    passage = "The dog is on a leash. Dogs are led. Leash tickets cost five euros."
    words = words_of(parse("led"), lambda terms: (9, dict.fromkeys(terms, 1)), lambda beginning: 1)
    reader = SentenceReader(embedder)
    [(start, end)] = reader.best_sentences([passage], "dogs on a leash", [words.occurrences(passage)])
    assert passage[start:end] == "Dogs are led."


def test_an_empty_passage_has_no_sentence(embedder: BuiltinEmbedder) -> None:
    reader = SentenceReader(embedder)
    assert reader.best_sentences([""], "anything", [NO_WORDS]) == [(0, 0)]
    assert reader.best_sentences(["", "A sentence here."], "", [NO_WORDS, NO_WORDS]) == [(0, 0), (0, 16)]
    assert reader.best_cosines(["", "A sentence here."], "anything")[0] == -1
    assert reader.best_cosines([], "anything") == []


PASSAGES = [
    "The boiler has to be serviced each autumn. Call the plumber when the pressure falls below one bar. "
    "Radiators are bled from the top floor down. The garden is closed in winter. Invoices are kept for ten years.",
    "Der Kessel wird jeden Herbst gewartet. Bei Druckverlust ist der Klempner zu rufen. Rechnungen bleiben zehn Jahre.",
    "def read_config(path):\n    return json.loads(path.read_text())\n\n- first item of a list\n- second item of it",
]


@pytest.mark.parametrize("query", ["who repairs the heating", "Rechnungen aufbewahren", "read_config", "十年"])
def test_the_cosine_of_the_best_sentence_is_that_of_its_own_embedding(embedder: BuiltinEmbedder, query: str) -> None:
    about = embedder.embed_queries([query])[0]
    exact = [float((embedder.embed_documents(split(passage)) @ about).max()) for passage in PASSAGES]
    assert SentenceReader(embedder).best_cosines(PASSAGES, query) == pytest.approx(exact, abs=1e-6)


def test_a_passage_is_compared_once_with_a_query(embedder: BuiltinEmbedder, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[str] = []
    cosines = embedder.sentence_cosines

    def noted(passages: Sequence[str], vector: NDArray[np.float32]) -> list[list[float]]:
        compared.extend(passages)
        return cosines(passages, vector)

    monkeypatch.setattr(embedder, "sentence_cosines", noted)
    reader = SentenceReader(embedder)
    first, second = reader.best_cosines(["One sentence here.", "Another one here."], "one")
    assert reader.best_cosines(["Another one here.", "Something new."], "one")[0] == second
    assert reader.best_cosines(["One sentence here."], "two") != [first]
    assert reader.best_cosines(["One sentence here."], "one") == [first]
    assert compared == ["One sentence here.", "Another one here.", "Something new.", *2 * ["One sentence here."]]
