"""Extraction in worker processes that may crash, hang or be taken over without harm to this one."""

import contextlib
import multiprocessing
import os
import queue
import shutil
import signal
import sys
import threading
import time
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import psutil

from indexer import sandbox
from indexer.document import Document
from indexer.effort import Effort
from indexer.errors import DocumentError
from indexer.extract.answer import (
    MAX_MESSAGE_BYTES,
    Answer,
    AnswerReader,
    BrokenAnswerError,
    MemberCopy,
    Recognised,
)
from indexer.extract.handing import hand_over
from indexer.extract.limits import MIB, Limits
from indexer.extract.serve import MESSAGES, READY, serve
from indexer.extract.source import open_descriptor
from model.errors import CognateError

MAX_FILES = 500  # after which a worker is replaced, whatever its libraries have leaked by then
MAX_KEPT_BYTES = 400 * MIB  # a worker that holds more than this after a file is replaced
IDLE_SECONDS = 60.0  # after which an idle worker is ended: it holds some 100 MB
_WATCH_SECONDS = 0.2
_STARTS = 3  # it may be ended from outside while it starts
_CLOSE_SECONDS = 5.0
_SAID_BYTES = 4096
_OUT_OF_MEMORY = (b"memory allocation of", b"bad_alloc", b"MemoryError")
_PROCESS_LOCK = threading.Lock()  # `Process.start` reaps other children, which must not meet a `join` in another thread

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class _Task:
    path: Path
    answer: Answer[Any]
    future: "Future[Any]"


class ExtractionPool:
    """Reads files in up to `workers` processes, which are started when there is work and ended when there is none."""

    def __init__(self, workers: int, limits: Limits, recognised: Recognised | None = None) -> None:
        self._limits = limits
        self._recognised = recognised
        self._tasks: queue.SimpleQueue[_Task | None] = queue.SimpleQueue()
        self._keepers = [_Keeper(self._tasks, limits, f"extraction-{number}") for number in range(workers)]
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

    def _submit(self, path: Path, answer: Answer[Result]) -> "Future[Result]":
        future: Future[Result] = Future()
        with self._lock:
            if self._is_closed:
                future.cancel()
                return future
            self._pending += 1
            self._lock.notify()
            if self._started < min(self._pending, len(self._keepers)):
                self._keepers[self._started].start()
                self._started += 1
            if not self._watcher.ident:
                self._watcher.start()
        future.add_done_callback(self._count_down)
        self._tasks.put(_Task(path, answer, future))
        return future

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
                if task := self._tasks.get_nowait():
                    task.future.cancel()
        for _ in started:
            self._tasks.put(None)
        for keeper in started:
            keeper.join(_CLOSE_SECONDS)

    def _count_down(self, _: "Future[Any]") -> None:
        with self._lock:
            self._pending -= 1

    def _watch(self) -> None:
        """End workers that take too much, for as long as anything is being read."""
        while True:
            with self._lock:
                self._lock.wait_for(lambda: self._pending or self._is_closed)
                if self._is_closed:
                    return
            for keeper in self._keepers:
                keeper.check()
            time.sleep(_WATCH_SECONDS)


class _Keeper(threading.Thread):
    """Keeps one worker process busy. It only ever waits: for a task, then for the worker's answer."""

    def __init__(self, tasks: "queue.SimpleQueue[_Task | None]", limits: Limits, name: str) -> None:
        super().__init__(name=name, daemon=True)
        self._tasks = tasks
        self._limits = limits
        self._lock = threading.Lock()
        self._worker: _Worker | None = None
        self._is_abandoned = False

    def run(self) -> None:
        while (task := self._next_task()) is not None:
            if not task.future.set_running_or_notify_cancel():
                continue
            try:
                result = self._ask(task)
            except Exception as error:  # handed to whoever waits for the file
                task.future.set_exception(error)
            else:
                task.future.set_result(result)
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

    def _next_task(self) -> _Task | None:
        try:
            return self._tasks.get(timeout=IDLE_SECONDS)
        except queue.Empty:
            self._end_worker()
            return self._tasks.get()

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
        return answer

    def _ready_worker(self) -> "_Worker":
        if self._worker and not self._worker.is_alive:
            self._end_worker()
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
                self._worker = worker = _Worker(self._limits)
            worker.wait_until_ready()
        except (EOFError, OSError):
            self._end_worker()

    def _end_worker(self) -> str:
        with self._lock:
            worker, self._worker = self._worker, None
        return worker.end() if worker else ""


class _Worker:
    """One process that runs `serve`. `check` and `kill` may come from other threads."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._verdict = ""
        self._files = 0
        self._lock = threading.Lock()  # so that the verdict on one file never strikes the next
        self._effort: Effort | None = None  # None: it does nothing
        self._folder = sandbox.new_folder()
        self._messages = os.open(self._folder / MESSAGES, os.O_RDONLY | os.O_CREAT | os.O_EXCL, 0o600)
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=serve, args=(theirs, limits, os.getpid(), self._folder), daemon=True)
        with _PROCESS_LOCK:
            self._process.start()
            self._gauge = psutil.Process(self._process.pid)
        theirs.close()

    @property
    def is_alive(self) -> bool:
        with _PROCESS_LOCK:
            return not self._verdict and self._process.is_alive()

    @property
    def is_worn(self) -> bool:
        """Whether it should be replaced before the next file."""
        return self._files >= MAX_FILES or self._memory_bytes() > MAX_KEPT_BYTES

    def wait_until_ready(self) -> None:
        self._begin(Limits())
        try:
            if self._connection.recv_bytes(len(READY)) != READY:
                raise EOFError
        finally:
            self._rest()

    def ask(self, answer: Answer[Result], descriptor: int) -> Result | str:
        """What comes of a question about a file that is open, or why nothing does.

        Raises:
            EOFError, OSError, BrokenAnswerError: the worker is gone or must go; `end` says why.
        """
        self._files += 1
        self._begin(self._limits)
        try:
            self._connection.send_bytes(answer.request())
            hand_over(self._connection, descriptor, self._gauge.pid)
            while (result := answer.take(self._connection.recv_bytes(MAX_MESSAGE_BYTES))) is None:
                self._begin(self._limits)  # of messages there are only so many
                if (reply := answer.reply()) is not None:
                    self._connection.send_bytes(reply)
        finally:
            self._rest()
        return result

    def _begin(self, limits: Limits) -> None:
        effort = Effort(limits, self._processor_seconds(), time.monotonic())
        with self._lock:
            self._effort = effort

    def _rest(self) -> None:
        with self._lock:
            self._effort = None

    def check(self) -> None:
        """End the process if its file takes too much."""
        with self._lock:
            if self._effort is None or self._verdict:
                return
            used = self._processor_seconds()
            self._verdict = self._effort.verdict(used, time.monotonic(), self._memory_bytes(), self._is_runnable())
            if self._verdict:
                self._process.kill()

    def kill(self) -> None:
        self._process.kill()

    def end(self) -> str:
        """Kill it if it still runs, clear up, and say in one line what became of its file."""
        self._connection.close()
        with _PROCESS_LOCK:
            self._process.kill()  # does nothing to one that has ended by itself
            self._process.join()
            exit_code = self._process.exitcode
        said = self._said()
        shutil.rmtree(self._folder, ignore_errors=True)
        if self._verdict:
            return self._verdict
        if exit_code == -getattr(signal, "SIGXCPU", 0):
            return self._limits.time_reason
        if any(sign in said for sign in _OUT_OF_MEMORY):
            return self._limits.memory_reason
        return "the reader crashed on it"

    def _said(self) -> bytes:
        """The end of what its libraries printed; read through what was opened before it could replace the file."""
        with os.fdopen(self._messages, "rb") as file:
            file.seek(max(os.fstat(self._messages).st_size - _SAID_BYTES, 0))
            return file.read(_SAID_BYTES)

    def _memory_bytes(self) -> int:
        """What would be free without it: files that it has mapped are left aside where the system tells them apart."""
        with contextlib.suppress(psutil.Error):
            memory = self._gauge.memory_info()
            return int(memory.rss - getattr(memory, "shared", 0))
        return 0

    def _is_runnable(self) -> bool:
        """Whether it computes or waits for a processor. Only Linux tells that apart from sleep."""
        with contextlib.suppress(psutil.Error):
            return sys.platform == "linux" and self._gauge.status() == psutil.STATUS_RUNNING
        return False

    def _processor_seconds(self) -> float:
        with contextlib.suppress(psutil.Error):
            times = self._gauge.cpu_times()
            return float(times.user + times.system)
        return 0.0
