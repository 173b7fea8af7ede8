from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.instance import Message
from app.service import EngineService
from indexer.engine import Engine


@pytest.fixture
def service(tmp_path: Path) -> Iterator[EngineService]:
    engine = Engine.open(tmp_path / "profile")
    service = EngineService(running=False)
    service.serve(engine)
    yield service
    service.close()
    engine.close()


def end(service: EngineService, **request: Any) -> Message:  # noqa: ANN401
    *_, last = service.answer(request)
    return last


def test_a_verb_that_is_not_served_is_refused_with_the_process(service: EngineService) -> None:
    for verb in ("show", "index", "nonsense"):
        answer = end(service, verb=verb)
        assert answer["refused"]
        assert answer["pid"] > 0


@pytest.mark.parametrize(
    "request_",
    [
        {"verb": "search"},
        {"verb": "search", "query": 3},
        {"verb": "search", "query": "a", "limit": "many"},
        {"verb": "search", "query": "a", "limit": True},
        {"verb": "search", "query": "a", "mode": "magic"},
        {"verb": "folder-add"},
        {"verb": "why", "path": None},
    ],
)
def test_a_malformed_request_is_wrong_use_and_no_crash(service: EngineService, request_: Message) -> None:
    answer = end(service, **request_)
    assert answer["end"] == 2
    assert "malformed" in answer["error"]


def test_an_error_of_the_engine_is_told_in_its_own_words(service: EngineService, tmp_path: Path) -> None:
    answer = end(service, verb="folder-add", path=str(tmp_path / "missing"))
    assert answer["end"] == 3
    assert "missing" in answer["error"]


def test_more_verbs_can_be_added() -> None:
    def show(request: Message) -> Iterator[Message]:
        yield {"end": 0, "token": request["token"]}

    service = EngineService(running=True, more={"show": show})
    assert end(service, verb="show", token="t") == {"end": 0, "token": "t"}


def test_a_service_that_closes_refuses_what_comes(service: EngineService) -> None:
    assert end(service, verb="status")["end"] == 0
    service.close()
    assert end(service, verb="status")["refused"]


def test_a_request_before_the_engine_waits_for_it_to_open_or_fail() -> None:
    service = EngineService(running=True)
    answers = service.answer({"verb": "status"})
    service.close()
    assert next(answers)["refused"]
