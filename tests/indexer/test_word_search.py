from collections.abc import Iterator
from contextlib import closing
from datetime import datetime

import pytest

from indexer.catalogue.database import PAGE_BYTES
from indexer.catalogue.filters import chunk_filter
from indexer.catalogue.reader import CatalogueReader
from indexer.errors import StoreError
from indexer.query import parse
from indexer.results import Mode
from indexer.word_search import FoundByWords, WordSearch
from tests.indexer.library import Library

NOW = datetime(2026, 6, 1)
TEXTS = {
    "once.txt": "The boiler was looked after in spring. " + "Nothing else happened in the house that year. " * 9,
    "often.txt": "Boiler, boiler, boiler: the boiler of the house was new.",
    "boiler.txt": "What stands here has nothing to do with its name.",
    "boiler of the old house.txt": "Nor has this.",
    "other.md": "The boiler of the neighbours.",
}


@pytest.fixture
def search(library: Library) -> Iterator[WordSearch]:
    for name, text in TEXTS.items():
        library.write(name, text)
    library.index()
    with closing(WordSearch(library.profile / "catalogue.db")) as search:
        yield search


def found(search: WordSearch, text: str, mode: Mode = Mode.WORDS) -> FoundByWords:
    query = parse(text, NOW)
    return search.begin(query, mode, chunk_filter(query.only, query.never)).result()


def names(library: Library, numbers: list[int]) -> list[str]:
    with closing(CatalogueReader(library.profile / "catalogue.db")) as reader:
        passages = reader.passages(numbers)
        names = reader.names([passage.content for passage in passages.values()])
    return [names[passages[number].content][0] for number in numbers]


def test_what_holds_a_word_most_often_comes_first(library: Library, search: WordSearch) -> None:
    assert names(library, found(search, "boiler").chunks) == ["often.txt", "other.md", "once.txt"]


def test_a_filter_narrows_what_is_found(library: Library, search: WordSearch) -> None:
    assert names(library, found(search, "boiler ext:md").chunks) == ["other.md"]
    assert not found(search, "boiler ext:pdf").chunks


def test_of_names_that_hold_every_word_the_shortest_comes_first(search: WordSearch) -> None:
    both, one = found(search, "boiler").names, found(search, "house boiler").names
    assert len(both) == 2
    assert one == both[1:]


def test_for_a_search_by_meaning_only_the_words_are_made_out(search: WordSearch) -> None:
    by_words = found(search, "boiler", Mode.MEANING)
    assert [term.literal for term in by_words.words.terms] == ["boiler"]
    assert not by_words.chunks
    assert not by_words.names


def test_for_a_search_by_meaning_what_holds_a_phrase_is_found(library: Library, search: WordSearch) -> None:
    by_words = found(search, '"boiler of the" house', Mode.MEANING)
    assert names(library, by_words.chunks) == ["often.txt", "other.md"]
    assert not by_words.names


def test_beside_meaning_those_come_first_that_hold_most_of_the_words(library: Library, search: WordSearch) -> None:
    library.write("kettle.txt", "Kettle, kettle, kettle.")
    library.write("kitchen.md", "The kettle stands in the kitchen. " + "Nothing else happened there that year. " * 9)
    library.index()
    query = "kettle kitchen unheard"
    assert names(library, found(search, query).chunks) == ["kettle.txt", "kitchen.md"]  # by BM25
    assert names(library, found(search, query, Mode.BOTH).chunks) == ["kitchen.md", "kettle.txt"]
    assert names(library, found(search, f"{query} ext:md", Mode.BOTH).chunks) == ["kitchen.md"]


@pytest.mark.parametrize("mode", list(Mode))
def test_a_text_of_very_many_words_can_be_pasted(library: Library, search: WordSearch, mode: Mode) -> None:
    text = " ".join(["kettle", *(f"unheard{number}" for number in range(1200)), "kitchen"])
    library.write("kettle.txt", "Kettle, kettle, kettle.")
    library.index()
    assert names(library, found(search, text, mode).chunks) == ([] if mode is Mode.MEANING else ["kettle.txt"])


def test_nothing_is_found_for_no_words(search: WordSearch) -> None:
    by_words = found(search, "ext:md")
    assert not by_words.words
    assert not by_words.chunks
    assert not by_words.names


def test_whoever_asked_is_told_that_the_catalogue_is_damaged(library: Library) -> None:
    library.engine.close()
    path = library.profile / "catalogue.db"
    with closing(WordSearch(path)) as search:
        path.write_bytes(path.read_bytes()[:PAGE_BYTES] + b"\xff" * (path.stat().st_size - PAGE_BYTES))
        with pytest.raises(StoreError, match=r"catalogue\.db: the catalogue is damaged"):
            found(search, "boiler")


def test_closing_waits_for_the_search_in_hand(library: Library) -> None:
    search = WordSearch(library.profile / "catalogue.db")
    begun = [search.begin(parse("boiler of the house", NOW), Mode.BOTH, None) for _ in range(20)]
    search.close()
    assert all(one.done() and one.exception() is None for one in begun)


def test_after_closing_a_search_is_refused(library: Library) -> None:
    library.engine.close()
    with pytest.raises(StoreError, match="closed"):
        library.hits("boiler")
