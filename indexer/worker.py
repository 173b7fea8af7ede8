import contextlib
import multiprocessing
import os
import shutil
import signal
import sys
import threading
import time
from typing import TypeVar

import psutil

from indexer import sandbox
from indexer.effort import Effort
from indexer.extract.answer import MAX_MESSAGE_BYTES, Answer
from indexer.extract.handing import hand_over
from indexer.extract.limits import MIB, Limits
from indexer.extract.serve import MESSAGES, READY, serve

MAX_FILES = 2000  # after which a worker is replaced, whatever its libraries have leaked by then; a start costs a second
MAX_KEPT_BYTES = 400 * MIB  # a worker that holds more than this after a file is replaced
_SAID_BYTES = 4096
_OUT_OF_MEMORY = (b"memory allocation of", b"bad_alloc", b"MemoryError")
_PROCESS_LOCK = threading.Lock()  # `Process.start` reaps other children, which must not meet a `join` in another thread

Result = TypeVar("Result")


class Worker:
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
        """Whether it can be asked."""
        with _PROCESS_LOCK:
            return not self._verdict and self._process.is_alive()

    @property
    def is_worn(self) -> bool:
        """Whether it should be replaced before the next file."""
        return self._files >= MAX_FILES or self._memory_bytes() > MAX_KEPT_BYTES

    def wait_until_ready(self) -> None:
        """Block until it can be asked. Raises EOFError or OSError: it has ended before."""
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
        """End the process; `end` is still to be called."""
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
