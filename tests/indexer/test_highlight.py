from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from indexer.highlight import SentenceReader, best_cosines, best_sentences, sentences
from model import load_embedder


def split(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


def test_sentences_end_at_full_stops_of_every_script() -> None:
    assert split("The boiler is old. It leaks water! Call someone?") == [
        "The boiler is old.",
        "It leaks water!",
        "Call someone?",
    ]
    assert split("今天天气非常非常非常好。我们一起去公园散步吧！") == [
        "今天天气非常非常非常好。",
        "我们一起去公园散步吧！",
    ]


def test_a_line_break_inside_a_sentence_does_not_end_it_but_a_paragraph_does() -> None:
    assert split("The pressure must\nstay above one bar.\n\nSecond paragraph here") == [
        "The pressure must\nstay above one bar.",
        "Second paragraph here",
    ]


def test_text_without_full_stops_is_taken_line_by_line() -> None:
    lines = [f"value {number} of the long table" for number in range(40)]
    assert split("\n".join(lines))[:2] == lines[:2]


@given(st.text())
def test_sentences_are_in_order_and_stripped(text: str) -> None:
    spans = sentences(text)
    assert all(text[start:end].strip() == text[start:end] != "" for start, end in spans)
    assert all(before[1] <= after[0] for before, after in zip(spans, spans[1:], strict=False))


def test_the_best_sentence_is_found_by_meaning_across_languages() -> None:
    embedder = load_embedder("built-in")
    passage = "The garden is closed in winter. Dogs must be kept on a leash. Tickets cost five euros."
    query = embedder.embed_queries(["Hunde an der Leine führen"])[0]
    [(start, end)] = best_sentences([passage], query, SentenceReader(embedder.embed_documents), lambda text: 0.0)
    assert passage[start:end] == "Dogs must be kept on a leash."


def test_an_empty_passage_has_no_sentence() -> None:
    reader = SentenceReader(lambda texts: np.zeros((len(texts), 3), np.float32))
    assert best_sentences([""], np.ones(3, np.float32), reader, lambda text: 0.0) == [(0, 0)]
    assert best_cosines(["", "A sentence."], np.ones(3, np.float32), reader) == [-1, 0]
    assert best_cosines([], np.ones(3, np.float32), reader) == []


def test_a_passage_that_comes_back_is_not_embedded_again() -> None:
    embedded: list[str] = []

    def embed(texts: Sequence[str]) -> NDArray[np.float32]:
        embedded.extend(texts)
        return np.full((len(texts), 3), len(embedded), np.float32)

    reader = SentenceReader(embed)
    first = best_cosines(["One sentence here.", "Two sentences. In this passage."], np.ones(3, np.float32), reader)
    again = best_cosines(["Two sentences. In this passage.", "Something new."], np.ones(3, np.float32), reader)
    assert again[0] == first[1]
    assert embedded == ["One sentence here.", "Two sentences.", "In this passage.", "Something new."]
