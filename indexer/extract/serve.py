"""The extraction worker: its own process, which reads one file after another and never takes more than it may."""

import contextlib
import ctypes
import json
import os
import shutil
import signal
import sys
import time
from multiprocessing.connection import Connection
from pathlib import Path

import psutil

from indexer import language, sandbox
from indexer.extract.converse import Converser
from indexer.extract.handing import taken_over
from indexer.extract.limits import MIB, Limits

READY = b"ready"
MESSAGES = "messages.log"  # in the worker's folder: what libraries print
_MAX_WRITTEN_BYTES = 128 * MIB  # members of archives are unpacked to files of up to 100 MB
_PR_SET_PDEATHSIG = 1
_M_ARENA_MAX = -8
_SPARE_SECONDS = 2


def serve(connection: Connection, limits: Limits, parent: int, folder: Path) -> None:
    """Answer each request that comes with the messages of `indexer.extract.answer`, until the connection closes.

    Except on Windows, the file itself follows the request, open: the worker may open none. `parent` is the process that
    this one must not outlive, `folder` an empty one for temporary files.
    """
    _bind_to(parent)
    _redirect_output(folder / MESSAGES)
    _confine(folder, limits)
    language.load()  # now: at the lowest priority this takes minutes on a busy machine, before the first file is read
    _stand_back()
    converser = Converser(connection, limits, lambda: _allow_seconds(limits.seconds))
    with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError):
        connection.send_bytes(READY)
        while True:
            request = json.loads(connection.recv_bytes())
            with taken_over(Path(request["path"]), connection):
                converser.answer(request)
            _clear(folder)


def _clear(folder: Path) -> None:
    """Leave nothing of one document to the next."""
    for name in os.listdir(folder):
        if name != MESSAGES:
            path = folder / name
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)


def _stand_back() -> None:
    """Leave processor and disk to everything else."""
    process = psutil.Process()
    if sys.platform == "win32":
        process.nice(psutil.IDLE_PRIORITY_CLASS)
        process.ionice(psutil.IOPRIO_VERYLOW)
        return
    os.setpriority(os.PRIO_PROCESS, 0, 19)
    if sys.platform == "linux":
        with contextlib.suppress(OSError, psutil.Error):
            process.ionice(psutil.IOPRIO_CLASS_IDLE)


def _bind_to(parent: int) -> None:
    """End with the parent even while busy; while idle, the pipe closes on any system."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(0)


def _redirect_output(messages: Path) -> None:
    descriptor = os.open(messages, os.O_WRONLY | os.O_APPEND)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    os.close(descriptor)


def _confine(folder: Path, limits: Limits) -> None:
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # numpy's threads reserve address space
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 2)  # 64 MB of address space each
    sandbox.confine(folder, limits.memory_bytes, _MAX_WRITTEN_BYTES, may_run_programs=bool(limits.ocr_languages))


def _allow_seconds(seconds: float) -> None:
    """The system ends this process should the parent not have done so."""
    if sys.platform != "win32":
        import resource

        until = int(time.process_time() + seconds) + _SPARE_SECONDS
        resource.setrlimit(resource.RLIMIT_CPU, (until, resource.getrlimit(resource.RLIMIT_CPU)[1]))
