from __future__ import annotations

import asyncio
import json
import logging
import os
import random
import re
import ssl
import threading
import time
from collections.abc import Coroutine, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from model.remote.errors import AccessError, OutageError, RefusedError, ServerError, SlowError

if TYPE_CHECKING:
    import httpx2

log = logging.getLogger(__name__)

CONNECT_SECONDS = 4.0  # a host that is switched off does not answer at all
FIRST_WAIT_SECONDS = 0.5  # before the second attempt; twice as long before each further one
RESTING_SECONDS = 10.0  # after an outage, questions that can't wait are not even asked
LARGEST_ANSWER = 256 * 1024**2  # bytes
DETAIL_CHARACTERS = 200  # of what a server says about an error
QUOTED_CHARACTERS = 12  # so many of a text in a row are no coincidence
BUSY = (408, 425, 429, 502, 503, 504)
TOO_MUCH = re.compile(
    r"too (long|large|big|many)|maximum|exceed|(larger|longer|greater) than|must have less|context (length|size)", re.I
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Patience:
    """How long an answer is waited for."""

    seconds: float  # for one attempt
    attempts: int
    longest_wait: float  # seconds between two attempts, whatever a server asks for
    can_rest: bool = False  # fails at once for a while after an outage


QUERY = Patience(seconds=5, attempts=2, longest_wait=0.5, can_rest=True)
DOCUMENTS = Patience(seconds=120, attempts=4, longest_wait=20)
QUESTION = Patience(seconds=60, attempts=2, longest_wait=2)  # of a probe: a server may have to load its model first


class Connection:
    """Talks JSON to one address, several requests at a time, from a thread of its own; any thread may ask.

    Follows no redirect, uses no proxy, and so contacts nobody but the host of the address.
    """

    def __init__(self, url: str, key: str = "", parallel: int = 4) -> None:
        """Nothing is contacted yet. `parallel` limits requests that can wait; those that can't are sent at once."""
        self.url = url
        self._key = key
        self._parallel = parallel
        self._lock = threading.Lock()
        self._is_closed = False
        self._resting_until = 0.0
        self._outage = ""
        self.interruptions = 0  # each may mean that another server, or another model, answers after it
        for library in ("httpx2", "httpcore2"):  # they would log every request, which says how often one types
            logging.getLogger(library).setLevel(logging.WARNING)

    def get(self, path: str, patience: Patience = QUESTION) -> Any:  # noqa: ANN401 - JSON
        """The answer to a GET request. Raises ServerError."""
        return self._run(self._asked("GET", path, None, patience))

    def post(self, path: str, body: dict[str, Any], patience: Patience) -> Any:  # noqa: ANN401
        """The answer to a POST request. Raises ServerError."""
        return self._run(self._asked("POST", path, body, patience))

    def post_all(self, path: str, bodies: Sequence[dict[str, Any]], patience: Patience) -> list[Any]:
        """The answers to POST requests, in their order; a `RefusedError` where the server refused one of them.

        Raises:
            ServerError: the server can't answer any.
        """
        return self._run(self._all_asked(path, bodies, patience))

    def close(self) -> None:
        """Give up what is under way, whose callers get a ServerError, and end the thread."""
        with self._lock:
            was_used = not self._is_closed and "_loop" in self.__dict__
            self._is_closed = True
        if was_used:
            asyncio.run_coroutine_threadsafe(self._shut_down(), self._loop).result()
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()

    @cached_property
    def _loop(self) -> asyncio.AbstractEventLoop:
        loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=loop.run_forever, name="server", daemon=True)
        self._thread.start()
        return loop

    @cached_property
    def _turns(self) -> asyncio.Semaphore:
        return asyncio.Semaphore(self._parallel)

    @cached_property
    def _client(self) -> httpx2.AsyncClient:
        import httpx2

        return httpx2.AsyncClient(
            verify=ssl.create_default_context() if self.url.startswith("https:") else False,  # it takes 50 ms
            trust_env=False,  # no proxy, and no password from ~/.netrc
            follow_redirects=False,
            timeout=httpx2.Timeout(None, connect=CONNECT_SECONDS),
            headers={"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "cognate"},
        )

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        with self._lock:
            if self._is_closed:
                work.close()
                raise ServerError(f"{self.url}: the connection is closed.")
            future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except CancelledError:
            raise ServerError(f"{self.url}: the connection is closed.") from None

    async def _shut_down(self) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        if "_client" in self.__dict__:
            await self._client.aclose()

    async def _all_asked(self, path: str, bodies: Sequence[dict[str, Any]], patience: Patience) -> list[Any]:
        tasks = [asyncio.ensure_future(self._answer_or_refusal(path, body, patience)) for body in bodies]
        try:
            return await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()

    async def _answer_or_refusal(self, path: str, body: dict[str, Any], patience: Patience) -> Any:  # noqa: ANN401
        try:
            if patience.can_rest:
                return await self._asked("POST", path, body, patience)
            async with self._turns:
                return await self._asked("POST", path, body, patience)
        except RefusedError as error:
            return error

    async def _asked(self, method: str, path: str, body: dict[str, Any] | None, patience: Patience) -> Any:  # noqa: ANN401
        """Ask, and again a while later where that may help."""
        if patience.can_rest and time.monotonic() < self._resting_until:
            raise OutageError(self._outage)
        for attempt in range(patience.attempts):
            try:
                answer = await self._attempt(method, path, body, patience.seconds)
            except _AgainError as again:
                self.interruptions += 1
                wait = max(again.seconds, FIRST_WAIT_SECONDS * 2**attempt * random.uniform(0.75, 1.25))
                if attempt + 1 == patience.attempts or wait > patience.longest_wait:
                    raise self._given_up(again.error, again.seconds) from None
                log.info("%s; asked again in %.1f s", again.error, wait)
                await asyncio.sleep(wait)
            else:
                self._resting_until = 0.0
                return answer
        raise AssertionError("an attempt neither fails nor answers")

    def _given_up(self, error: ServerError, seconds: float = 0.0) -> ServerError:
        if isinstance(error, OutageError):
            self._outage = str(error)
            self._resting_until = time.monotonic() + max(seconds, RESTING_SECONDS)
        return error

    async def _attempt(self, method: str, path: str, body: dict[str, Any] | None, seconds: float) -> Any:  # noqa: ANN401
        import httpx2

        try:
            async with asyncio.timeout(seconds):
                status, headers, content = await self._exchange(method, path, body)
        except (TimeoutError, httpx2.TimeoutException) as error:
            if isinstance(error, httpx2.ConnectTimeout):
                raise _AgainError(OutageError(f"{self.url}: the server can't be reached (no answer).")) from None
            self.interruptions += 1  # and no other attempt, which would be as slow
            slow = SlowError(f"{self.url}: the server did not answer within {seconds:g} s.")
            raise self._given_up(slow) from None
        except httpx2.UnsupportedProtocol as error:
            raise ServerError(f"{self.url}: this is no address of a server.") from error
        except httpx2.HTTPError as error:
            raise _AgainError(OutageError(f"{self.url}: the server can't be reached ({_cause(error)}).")) from None
        if status == 200:
            return self._json(content)
        raise self._error(status, headers, self._detail(content, body), path)

    async def _exchange(self, method: str, path: str, body: dict[str, Any] | None) -> tuple[int, httpx2.Headers, bytes]:
        headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        content = b""
        async with self._client.stream(method, self.url + path, json=body, headers=headers) as response:
            async for part in response.aiter_raw():
                content += part
                if len(content) > LARGEST_ANSWER:
                    raise ServerError(f"{self.url}: the server's answer is larger than {LARGEST_ANSWER // 1024**2} MB.")
        return response.status_code, response.headers, content

    def _json(self, content: bytes) -> Any:  # noqa: ANN401
        try:
            return json.loads(content)
        except (ValueError, RecursionError):
            raise ServerError(
                f"{self.url}: the answer is no JSON. Is this the address of an OpenAI-compatible server?"
            ) from None

    def _error(self, status: int, headers: httpx2.Headers, detail: str, path: str) -> Exception:
        said = f": {detail}" if detail else ""
        if 300 <= status < 400:
            return AccessError(
                f"{self.url}: the server points to another address, and only the host that you named is contacted. "
                "Connect it by its final address."
            )
        if status in (401, 403):
            return AccessError(f"{self.url}: the server refuses the key ({status}). Connect it again with --key.")
        if status in (404, 405):
            return ServerError(f"{self.url}: the server has nothing at {path} ({status}){said}")
        if status in BUSY:
            error = OutageError(f"{self.url}: the server is too busy or not ready ({status}){said}")
            return _AgainError(error, _seconds_to_wait(headers.get("Retry-After", "")))
        is_too_much = status == 413 or bool(TOO_MUCH.search(detail))
        refusal = RefusedError(f"{self.url}: the server refuses a request ({status}){said}", is_too_much)
        return _AgainError(refusal) if status >= 500 and not is_too_much else refusal

    def _detail(self, content: bytes, body: dict[str, Any] | None) -> str:
        """What a server says about an error, without the key and without anything of the request."""
        try:
            detail = _message(json.loads(content))
        except (ValueError, RecursionError):
            return ""
        if self._key:
            detail = detail.replace(self._key, "…")
        detail = " ".join(detail.split())[:DETAIL_CHARACTERS]
        return "" if _quotes(detail, _texts(body)) else detail


class _AgainError(Exception):
    """Another attempt may help, after so many seconds."""

    def __init__(self, error: ServerError, seconds: float = 0.0) -> None:
        super().__init__(str(error))
        self.error = error
        self.seconds = seconds


def _message(answer: Any) -> str:  # noqa: ANN401
    """The sentence in an error as OpenAI, vLLM, SGLang, TEI, Ollama, llama.cpp and FastAPI word it."""
    if isinstance(answer, str):
        return answer
    if isinstance(answer, list):
        return "; ".join(filter(None, map(_message, answer[:2])))
    if isinstance(answer, dict):
        return next(
            (said for name in ("error", "message", "detail", "msg") if (said := _message(answer.get(name)))), ""
        )
    return ""


def _quotes(detail: str, texts: Sequence[str]) -> bool:
    """Whether a text of the user stands in a sentence, or a part of one does."""
    parts = {detail[start : start + QUOTED_CHARACTERS] for start in range(max(1, len(detail) - QUOTED_CHARACTERS + 1))}
    return any(part in " ".join(text.split()) for text in texts for part in parts if part)


def _texts(body: dict[str, Any] | None) -> list[str]:
    fields = [body.get(name) for name in ("input", "query", "documents", "texts")] if body else []
    return [
        text for field in fields for text in (field if isinstance(field, list) else [field]) if isinstance(text, str)
    ]


def _seconds_to_wait(header: str) -> float:
    """What a Retry-After says: seconds, or a date."""
    if header.strip().isdigit():
        return float(header)
    try:
        return max(0.0, parsedate_to_datetime(header).timestamp() - time.time())
    except ValueError:
        return 0.0


def _cause(error: BaseException) -> str:
    """The innermost reason: that of httpx2 is often empty."""
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__  # type: ignore[assignment]
    if isinstance(error, ConnectionError) and error.errno:
        return os.strerror(error.errno)
    return " ".join(str(error).split()) or type(error).__name__
