from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer.instructions import CODE_TASK, MAIL_TASK, Instructions, subject_of
from indexer.query import parse
from indexer.results import EmbeddedQuery, Mode, SearchRequest, Subject
from indexer.settings import Settings
from model import load_embedder
from model.embedder import SEARCH_TASK
from tests.indexer.library import Library


@pytest.mark.parametrize(
    ("query", "subject"),
    [
        ("retry a request", Subject.FILES),
        ("retry a request kind:code", Subject.CODE),
        ("retry a request kind:code,notebook", Subject.CODE),
        ("retry a request ext:py,js", Subject.CODE),
        ("retry a request ext:py,txt", Subject.FILES),
        ("retry a request kind:code,pdf", Subject.FILES),
        ("retry a request -kind:code", Subject.FILES),
        ("train tickets kind:mail", Subject.MAIL),
        ("train tickets ext:eml", Subject.MAIL),
        ("train tickets ext:zip", Subject.FILES),
    ],
)
def test_the_subject_follows_from_what_is_searched(query: str, subject: Subject) -> None:
    assert subject_of(parse(query).only) is subject


def test_an_instruction_of_ones_own_is_one_line_and_an_empty_one_the_usual() -> None:
    own = Instructions(files=" Find the letter\n that says it ", code=" ")
    assert own.task(Subject.FILES) == "Find the letter that says it"
    assert own.task(Subject.CODE) == CODE_TASK
    assert own.task(Subject.MAIL) == MAIL_TASK


@pytest.fixture
def library(tmp_path: Path, qwen3_folder: Path) -> Iterator[Library]:
    library = Library(tmp_path, Settings(model=str(qwen3_folder), device="cpu", debounce_ms=50, task_mail="Find mail"))
    library.write("boats.txt", "Sailing boats lie in the harbour.")
    library.index()
    yield library
    library.engine.close()


def embedded(library: Library, query: str, mode: Mode = Mode.BOTH) -> EmbeddedQuery | None:
    return library.engine.search(SearchRequest(query, mode=mode)).embedded


def test_what_is_embedded_is_told_to_the_letter(library: Library, qwen3_folder: Path) -> None:
    assert embedded(library, "boats -lamp kind:text") == EmbeddedQuery(
        str(qwen3_folder), 64, Subject.FILES, SEARCH_TASK, f"Instruct: {SEARCH_TASK}\nQuery:boats"
    )
    assert embedded(library, "boats", Mode.WORDS) is None
    assert embedded(library, "kind:text") is None


def test_the_settings_and_a_word_to_the_engine_change_the_instruction(library: Library) -> None:
    mail = embedded(library, "boats kind:mail")
    assert mail and mail.text == "Instruct: Find mail\nQuery:boats"
    library.engine.instruct(Settings(task_files="Find boats"))
    files = embedded(library, "boats")
    assert files and files.text == "Instruct: Find boats\nQuery:boats"


def test_the_instruction_reaches_the_vector(library: Library) -> None:
    """A passage that reads as the query does under its instruction has the query's own vector."""
    library.write("same.txt", "Instruct: Find boats\nQuery:boats")
    library.index()
    library.engine.instruct(Settings(task_files="Find boats"))
    assert score(library, "same.txt") == pytest.approx(1, abs=1e-3)
    library.engine.instruct(Settings())
    assert score(library, "same.txt") < 0.999


def score(library: Library, name: str) -> float:
    """Of a file by meaning alone; 0 when it is not found."""
    hits = library.engine.search(SearchRequest("boats", mode=Mode.MEANING)).hits
    return next((hit.score for hit in hits if hit.path.name == name), 0.0)


def test_the_built_in_model_says_that_it_takes_no_instruction(tmp_path: Path) -> None:
    library = Library(tmp_path)
    told = embedded(library, "boats kind:code")
    library.engine.close()
    assert told == EmbeddedQuery("built-in", load_embedder("built-in").spec.dimensions, Subject.CODE, "", "boats")
