"""Extraction in worker processes that may crash, hang or be taken over without harm to this one."""

import contextlib
import os
import queue
import threading
import time
from collections.abc import Iterator
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from indexer.document import Document
from indexer.errors import DocumentError
from indexer.extract.answer import Answer, AnswerReader, BrokenAnswerError, MemberCopy, Recognised
from indexer.extract.limits import Limits
from indexer.extract.source import open_descriptor
from indexer.worker import Worker
from model.errors import CognateError

IDLE_SECONDS = 60.0  # after which an idle worker is ended: it holds 30 MB and more
_WATCH_SECONDS = 0.2
_STARTS = 3  # it may be ended from outside while it starts
_CLOSE_SECONDS = 5.0

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class _Task:
    path: Path
    answer: Answer[Any]
    future: "Future[Any]"


@dataclass(frozen=True, slots=True)
class _Expectation:
    """Of a task: whoever gets it sees to it that a worker is there."""

    future: "Future[Any]"


_Order = _Task | _Expectation


class ExtractionPool:
    """Reads files in up to `workers` processes, which are started when there is work and ended when there is none."""

    def __init__(self, workers: int, limits: Limits, recognised: Recognised | None = None) -> None:
        self._limits = limits
        self._recognised = recognised
        self._orders: queue.SimpleQueue[_Order | None] = queue.SimpleQueue()
        self._idle = _IdleWorkers()
        self._keepers = [_Keeper(self._orders, self._idle, limits, f"extraction-{one}") for one in range(workers)]
        self._watcher = threading.Thread(target=self._watch, name="extraction-watch", daemon=True)
        self._lock = threading.Condition()
        self._started = 0
        self._pending = 0
        self._is_closed = False

    def submit(self, path: Path) -> "Future[Document]":
        """The document in a file; from any thread, in the order of calls.

        The future raises DocumentError where there is none to be had, and CancelledError once the pool is closed.
        """
        return self._submit(path, AnswerReader(self._limits, path, self._recognised))

    def unpack(self, path: Path, member: str, target: Path) -> "Future[Path]":
        """Copy a member of a file to another file; as `submit`."""
        return self._submit(path, MemberCopy(self._limits, path, member, target))

    @property
    def is_busy(self) -> bool:
        """Whether a file is being read, or a worker is started for one."""
        return bool(self._pending)

    @property
    def is_cold(self) -> bool:
        """Whether a file that comes now has to wait until a worker has started."""
        return not (self._pending or self._idle)

    def warm_up(self) -> None:
        """Start a worker for a file that will come soon, unless there is one; returns at once."""
        if self.is_cold:
            self._give(_Expectation(Future()))

    def _submit(self, path: Path, answer: Answer[Result]) -> "Future[Result]":
        future: Future[Result] = Future()
        self._give(_Task(path, answer, future))
        return future

    def _give(self, order: _Order) -> None:
        with self._lock:
            if self._is_closed:
                order.future.cancel()
                return
            self._pending += 1
            self._lock.notify()
            if self._started < min(self._pending, len(self._keepers)):
                self._keepers[self._started].start()
                self._started += 1
            if not self._watcher.ident:
                self._watcher.start()
        order.future.add_done_callback(self._count_down)
        self._orders.put(order)

    def close(self) -> None:
        """End the workers now; whatever isn't read yet is cancelled. A second call does nothing."""
        with self._lock:
            self._is_closed = True
            self._lock.notify()
        started = self._keepers[: self._started]
        for keeper in started:
            keeper.abandon()
        with contextlib.suppress(queue.Empty):
            while True:
                if order := self._orders.get_nowait():
                    order.future.cancel()
        for _ in started:
            self._orders.put(None)
        for keeper in started:
            keeper.join(_CLOSE_SECONDS)
        self._idle.end(rested_seconds=0)

    def _count_down(self, _: "Future[Any]") -> None:
        with self._lock:
            self._pending -= 1

    def _watch(self) -> None:
        """End workers that take too much, for as long as anything is being read, and those that have rested."""
        while True:
            with self._lock:
                self._lock.wait_for(lambda: self._pending or self._is_closed, IDLE_SECONDS if self._idle else None)
                if self._is_closed:
                    return
            self._idle.end(IDLE_SECONDS)
            for keeper in self._keepers:
                keeper.check()
            time.sleep(_WATCH_SECONDS)


class _IdleWorkers:
    """Workers that wait for a file. Each keeper may take any, so that none starts one while another's is idle."""

    def __init__(self) -> None:
        self._lock = threading.Condition()
        self._workers: list[tuple[Worker, float]] = []  # since when; the one that was used last at the end
        self._coming = 0

    def __len__(self) -> int:
        return len(self._workers)

    def put(self, worker: Worker) -> None:
        with self._lock:
            self._workers.append((worker, time.monotonic()))
            self._lock.notify()

    def take(self) -> Worker | None:
        """One, as soon as there is one; None: there is none, and none is coming."""
        with self._lock:
            self._lock.wait_for(lambda: self._workers or not self._coming)
            return self._workers.pop()[0] if self._workers else None

    @contextlib.contextmanager
    def coming(self) -> Iterator[None]:
        """While one is started that will be put here."""
        with self._lock:
            self._coming += 1
        try:
            yield
        finally:
            with self._lock:
                self._coming -= 1
                self._lock.notify_all()

    def end(self, rested_seconds: float) -> None:
        """End those that have been idle for so long."""
        until = time.monotonic() - rested_seconds
        with self._lock:
            rested = [worker for worker, since in self._workers if since <= until]
            self._workers = [(worker, since) for worker, since in self._workers if since > until]
        for worker in rested:
            worker.end()


class _Keeper(threading.Thread):
    """Keeps one worker process busy. It only ever waits: for an order, then for the worker's answer."""

    def __init__(
        self, orders: "queue.SimpleQueue[_Order | None]", idle: _IdleWorkers, limits: Limits, name: str
    ) -> None:
        super().__init__(name=name, daemon=True)
        self._orders = orders
        self._idle = idle
        self._limits = limits
        self._lock = threading.Lock()
        self._worker: Worker | None = None
        self._is_abandoned = False

    def run(self) -> None:
        while (order := self._orders.get()) is not None:
            if not order.future.set_running_or_notify_cancel():
                continue
            try:
                order.future.set_result(self._obey(order))
            except Exception as error:  # handed to whoever waits for the file
                self._end_worker()  # one that was not heard out would answer the next question with the rest
                order.future.set_exception(error)
        self._end_worker()

    def check(self) -> None:
        """End the worker if it takes too much; for the watching thread."""
        with self._lock:
            if self._worker:
                self._worker.check()

    def abandon(self) -> None:
        """End the worker and start no other."""
        with self._lock:
            self._is_abandoned = True
            if self._worker:
                self._worker.kill()

    def _obey(self, order: _Order) -> object:
        if isinstance(order, _Task):
            return self._ask(order)
        with self._idle.coming():
            self._started_worker()
            self._let_go()
        return None

    def _ask(self, task: _Task) -> object:
        descriptor = open_descriptor(task.path)
        try:
            while (answer := self._ask_worker(task, descriptor)) is None:
                pass
        finally:
            os.close(descriptor)
        if isinstance(answer, str):
            raise DocumentError(task.path, answer)
        return answer

    def _ask_worker(self, task: _Task, descriptor: int) -> object:
        """What comes of a task, or None: the worker has ended over it, and another one may go on."""
        try:
            worker = self._ready_worker()
            answer = worker.ask(task.answer, descriptor)
        except (EOFError, OSError, BrokenAnswerError) as error:
            reason = self._end_worker()
            if self._is_abandoned:
                raise CancelledError from error
            return task.answer.fail(reason)
        if worker.is_worn or answer == self._limits.memory_reason:
            self._end_worker()
        else:
            self._let_go()
        return answer

    def _ready_worker(self) -> "Worker":
        worker = self._idle.take()
        with self._lock:
            self._worker = worker
            if worker and self._is_abandoned:
                worker.kill()
        if worker and worker.is_alive:
            return worker
        self._end_worker()
        return self._started_worker()

    def _started_worker(self) -> Worker:
        for _ in range(_STARTS):
            if not self._worker:
                self._start_worker()
            if self._worker:
                return self._worker
        raise CognateError("the process that reads files doesn't start; start Cognate again, or install it anew")

    def _start_worker(self) -> None:
        try:
            with self._lock:
                if self._is_abandoned:
                    raise CancelledError
                self._worker = worker = Worker(self._limits)
            worker.wait_until_ready()
        except (EOFError, OSError):
            self._end_worker()

    def _let_go(self) -> None:
        with self._lock:
            worker, self._worker = self._worker, None
        if worker:
            self._idle.put(worker)

    def _end_worker(self) -> str:
        with self._lock:
            worker, self._worker = self._worker, None
        return worker.end() if worker else ""
