from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from indexer import rerank
from indexer.document import Kind
from indexer.results import Hit, SearchRequest
from indexer.settings import Settings
from model import load_reranker
from model.qwen3.reranker import Qwen3Reranker
from tests.indexer.library import Library

QUERY = "weather report"
REPORTS = 8


def open_library(home: Path, reranker: str = "") -> Library:
    library = Library(home, Settings(reranker=reranker, device="cpu", debounce_ms=50))
    for number in range(REPORTS):
        library.write(f"{number}.txt", f"Weather report {number}: {'rain and wind ' * number} in the north.")
    library.index()
    return library


@pytest.fixture
def library(tmp_path: Path, reranker_folder: Path) -> Iterator[Library]:
    library = open_library(tmp_path, str(reranker_folder))
    yield library
    library.engine.close()


def judged(library: Library, query: str = QUERY) -> tuple[Hit, ...]:
    response = library.engine.search(SearchRequest(query, rerank=True))
    assert response.notice == ""
    return response.hits


def test_the_order_is_that_of_the_reranker(library: Library, reranker_folder: Path) -> None:
    hits = judged(library)
    scores = load_reranker(reranker_folder, device="cpu").score(QUERY, [hit.passage for hit in hits])
    assert [hit.score for hit in hits] == pytest.approx(scores.tolist(), abs=1e-3)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert len(hits) == REPORTS


def test_nothing_is_judged_unless_it_is_asked_for(library: Library) -> None:
    before = library.engine.search(SearchRequest(QUERY)).hits
    judged(library)
    assert library.engine.search(SearchRequest(QUERY)).hits == before


def test_the_operators_of_a_query_are_not_judged(library: Library) -> None:
    assert [hit.score for hit in judged(library, f"{QUERY} ext:txt")] == [hit.score for hit in judged(library)]


def test_a_file_found_by_its_name_alone_is_kept(library: Library) -> None:
    (library.folder / "weather report.bin").write_bytes(b"\0\1")
    library.index()
    assert "weather report.bin" in {hit.path.name for hit in judged(library)}


def test_each_hit_tells_its_rank_before(library: Library) -> None:
    before = [hit.path for hit in library.engine.search(SearchRequest(QUERY)).hits]
    hits = judged(library)
    assert [hit.rank_before for hit in hits] == [before.index(hit.path) + 1 for hit in hits]
    assert [hit.rank_before for hit in hits] != [hit.rank for hit in hits]
    assert {hit.rank_before for hit in library.engine.search(SearchRequest(QUERY)).hits} == {None}


def test_when_the_time_is_up_the_rest_keeps_its_order(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = library.engine.search(SearchRequest(QUERY)).hits
    monkeypatch.setattr(rerank, "SECONDS", -1.0)
    response = library.engine.search(SearchRequest(QUERY, rerank=True))
    assert response.notice == "Only the best 1 passages could be judged in time."
    assert response.judged == 1
    assert [hit.path for hit in response.hits[1:]] == [hit.path for hit in plain[1:]]
    assert [hit.score for hit in response.hits[1:]] == [hit.score for hit in plain[1:]]


def test_a_judgement_that_is_cancelled_ends_before_its_next_step(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rerank, "STEP_SECONDS", 0.0)  # steps of one passage
    judge = Qwen3Reranker.score
    texts: list[str] = []

    def counted(reranker: Qwen3Reranker, query: str, passages: Sequence[str], task: str) -> NDArray[np.float32]:
        texts.extend(passages)
        return judge(reranker, query, passages, task)

    monkeypatch.setattr(Qwen3Reranker, "score", counted)
    with pytest.raises(CancelledError):
        library.engine.search(SearchRequest(QUERY, rerank=True), lambda: len(texts) == 3)
    assert len(texts) == 3
    library.engine.search(SearchRequest(QUERY, rerank=True))
    assert len(texts) == 3 + REPORTS


def test_the_smallest_reranker_is_not_asked_about_code(library: Library, reranker_folder: Path, tmp_path: Path) -> None:
    library.write("weather.py", "def weather_report():\n    return 'weather report of the north'\n")
    library.index()
    plain = {hit.path.name: hit for hit in library.engine.search(SearchRequest(QUERY)).hits}
    assert plain["weather.py"].kind is Kind.CODE
    link = tmp_path / "Qwen3-Reranker-0.6B"
    link.symlink_to(reranker_folder, target_is_directory=True)
    library.engine.close()
    library.settings = Settings(reranker=str(link), device="cpu", debounce_ms=50)
    library.restart()
    scores = {hit.path.name: hit.score for hit in judged(library)}
    assert scores["weather.py"] == plain["weather.py"].score
    assert scores["0.txt"] != plain["0.txt"].score
    only_code = library.engine.search(SearchRequest("weather report kind:code", rerank=True))
    assert [hit.path.name for hit in only_code.hits] == ["weather.py"]
    assert only_code.hits[0].rank_before is None
    assert only_code.notice == f"{link} puts code in a worse order, so the order is that of the search."


def test_without_a_reranker_the_notice_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))
    library = open_library(tmp_path)
    plain = library.engine.search(SearchRequest(QUERY))
    response = library.engine.search(SearchRequest(QUERY, rerank=True))
    library.engine.close()
    assert response.hits == plain.hits
    assert "cognate models install Qwen/Qwen3-Reranker-0.6B" in response.notice


def test_an_installed_reranker_is_found_without_a_setting(tmp_path: Path, reranker_folder: Path) -> None:
    models = tmp_path / "profile" / "models"
    models.mkdir(parents=True)
    (models / "Qwen--Qwen3-Reranker-4B").symlink_to(reranker_folder, target_is_directory=True)
    library = open_library(tmp_path)
    assert judged(library)
    library.engine.close()
