"""Answers requests with the engine: for clients of the running instance, or for the command in its own process."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Generator, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import TypeVar

from app.instance import Message
from app.records import (
    backup_record,
    embedded_record,
    explanation_record,
    folder_record,
    hit_record,
    size_records,
    status_record,
)
from indexer.engine import Engine
from indexer.errors import QueryError
from indexer.results import Activity, FileState, Mode, SearchRequest, SearchResponse, SimilarRequest
from indexer.upkeep.copies import Stop, Tell
from model.errors import CognateError

FOUND, NOTHING, WRONG_USE, FAILED = range(4)
DEFAULT_LIMIT = 20
PROGRESS_SECONDS = 0.5
OPEN_SECONDS = 60.0  # what a request waits for an engine that is just being opened

Value = TypeVar("Value", str, int, bool)
Result = TypeVar("Result")
Answer = Callable[[Message], Iterator[Message]]


class EngineService:
    """The verbs of the command line. `answer` may be called from any thread, also before there is an engine.

    Args:
        running: whether this process watches and indexes.
        more: verbs of the window, each answered in the thread of its connection.
    """

    def __init__(self, running: bool, more: Mapping[str, Answer] | None = None) -> None:
        self._running = running
        self._engine: Engine | None = None
        self._opened = threading.Event()
        self._closing = threading.Event()
        self._verbs: dict[str, Callable[[Engine, Message], Iterator[Message]]] = {
            "search": self._search,
            "similar": self._similar,
            "folders": self._folders,
            "folder-add": self._folder_add,
            "folder-remove": self._folder_remove,
            "forget-model": self._forget_model,
            "sizes": self._sizes,
            "backup": self._backup,
            "status": self._status,
            "why": self._why,
            "check": self._check,
        }
        if running:
            self._verbs["index"] = self._index
        self._more = dict(more or {})

    def serve(self, engine: Engine) -> None:
        """Answer from this engine from now on."""
        self._engine = engine
        self._opened.set()

    def close(self) -> None:
        """Let long answers end and refuse new ones; call it before the engine is closed."""
        self._closing.set()
        self._opened.set()

    def answer(self, request: Message) -> Iterator[Message]:
        """Messages that answer a request, the one with "end" last."""
        verb = request["verb"]
        if verb in self._more:
            yield from self._more[verb](request)
        elif verb not in self._verbs or self._closing.is_set():
            yield self._refusal(verb)
        elif not self._opened.wait(OPEN_SECONDS):
            yield {"end": FAILED, "error": "Cognate has not opened its index yet: try again in a moment"}
        elif self._engine is None or self._closing.is_set():
            yield self._refusal(verb)
        else:
            yield from self._answer(self._engine, request)

    def _refusal(self, verb: str) -> Message:
        error = f"process {os.getpid()} of Cognate does not answer {verb!r} now"
        return {"end": FAILED, "refused": True, "pid": os.getpid(), "error": error}

    def _answer(self, engine: Engine, request: Message) -> Iterator[Message]:
        try:
            yield from self._verbs[request["verb"]](engine, request)
        except (QueryError, _RequestError) as error:
            yield {"end": WRONG_USE, "error": str(error)}
        except CognateError as error:
            yield {"end": FAILED, "error": str(error)}

    def _search(self, engine: Engine, request: Message) -> Iterator[Message]:
        query = _value(request, "query", str)
        wanted = SearchRequest(
            query,
            _value(request, "limit", int, DEFAULT_LIMIT),
            _mode(_value(request, "mode", str, Mode.BOTH.value)),
            _value(request, "rerank", bool, False),
        )
        response = engine.search(wanted)
        if _value(request, "explain", bool, False) and response.embedded is not None:
            yield {"item": embedded_record(query, response.embedded)}
        yield from _hits(query, response)

    def _similar(self, engine: Engine, request: Message) -> Iterator[Message]:
        path = _value(request, "path", str, "")
        text = _value(request, "text", str, "")
        limit = _value(request, "limit", int, DEFAULT_LIMIT)
        yield from _hits(path, engine.similar(SimilarRequest(Path(path) if path else None, text, limit)))

    def _folders(self, engine: Engine, request: Message) -> Iterator[Message]:
        rows = engine.folders()
        yield from ({"item": folder_record(row)} for row in rows)
        yield {"end": FOUND if rows else NOTHING}

    def _folder_add(self, engine: Engine, request: Message) -> Iterator[Message]:
        engine.add_folder(Path(_value(request, "path", str)))
        yield {"end": FOUND}

    def _folder_remove(self, engine: Engine, request: Message) -> Iterator[Message]:
        folder, erase = Path(_value(request, "path", str)), _value(request, "erase", bool, False)
        yield from self._long(lambda tell, stop: engine.remove_folder(folder, erase))
        yield {"end": FOUND}

    def _forget_model(self, engine: Engine, request: Message) -> Iterator[Message]:
        model = _value(request, "model", str)
        kept = [space.id for space in engine.status().spaces if space.model == model and space.is_kept]
        for number in kept:
            engine.remove_space(number)
        yield {"end": FOUND if kept else NOTHING}

    def _sizes(self, engine: Engine, request: Message) -> Iterator[Message]:
        report = yield from self._long(lambda tell, stop: engine.sizes())
        yield from ({"item": each} for each in size_records(report))
        yield {"end": FOUND}

    def _backup(self, engine: Engine, request: Message) -> Iterator[Message]:
        where = Path(_value(request, "path", str))
        backup = yield from self._long(lambda tell, stop: engine.back_up(where, tell, stop))
        yield {"item": backup_record(backup)}
        yield {"end": FOUND}

    def _long(self, work: Callable[[Tell, Stop], Result]) -> Generator[Message, None, Result]:
        """How far long work is, now and then, so that the client knows we live; it ends when the client has gone."""
        step, share, is_unwanted = "working", 0.0, threading.Event()

        def tell(what: str, how_much: float) -> None:
            nonlocal step, share
            step, share = what, how_much

        with ThreadPoolExecutor(1, thread_name_prefix="upkeep") as pool:
            future = pool.submit(work, tell, lambda: is_unwanted.is_set() or self._closing.is_set())
            try:
                while not wait([future], PROGRESS_SECONDS).done:
                    yield {"progress": step, "share": share}
            except BaseException:
                is_unwanted.set()
                raise
        return future.result()

    def _status(self, engine: Engine, request: Message) -> Iterator[Message]:
        yield {"item": status_record(engine.status(), self._running)}
        yield {"end": FOUND}

    def _why(self, engine: Engine, request: Message) -> Iterator[Message]:
        query, path = _value(request, "query", str, ""), Path(_value(request, "path", str))
        if _value(request, "retry", bool, False):
            engine.retry([path])
        explanation = engine.why(path, query)
        found = explanation.state is FileState.INDEXED and (not query or explanation.rank is not None)
        yield {"item": explanation_record(explanation)}
        yield {"end": FOUND if found else NOTHING}

    def _check(self, engine: Engine, request: Message) -> Iterator[Message]:
        problems = engine.mend() if _value(request, "mend", bool, False) else engine.check()
        yield from ({"item": {"problem": each}} for each in problems)
        yield {"end": FAILED if problems else FOUND}

    def _index(self, engine: Engine, request: Message) -> Iterator[Message]:
        """Scan; when asked to wait, with a status now and then until nothing is queued."""
        engine.index()
        if _value(request, "wait", bool, False):
            while not engine.wait(PROGRESS_SECONDS):
                status = engine.status()
                yield {"item": status_record(status, self._running)}
                if status.activity is Activity.STOPPED or self._closing.is_set():
                    yield {"end": FAILED, "error": f"indexing stopped: {status.detail or 'Cognate was ended'}"}
                    return
        yield {"item": status_record(engine.status(), self._running)}
        yield {"end": FOUND}


def _hits(query: str, response: SearchResponse) -> Iterator[Message]:
    yield from ({"item": hit_record(query, hit)} for hit in response.hits)
    end = {"end": FOUND if response.hits else NOTHING, "seconds": round(response.seconds, 4)}
    yield end | ({"notice": response.notice} if response.notice else {})


class _RequestError(CognateError):
    """A client sent what no version of the command line sends."""


def _value(request: Message, name: str, kind: type[Value], default: Value | None = None) -> Value:
    value = request.get(name, default)
    if type(value) is kind:  # not isinstance: True is no limit
        return value
    raise _RequestError(f"the request is malformed: {name} must be of type {kind.__name__}, not {value!r}")


def _mode(name: str) -> Mode:
    if name not in tuple(Mode):
        raise _RequestError(f"the request is malformed: there is no mode {name!r}")
    return Mode(name)
