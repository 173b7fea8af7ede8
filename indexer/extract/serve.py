"""The extraction worker: its own process, which reads one file after another and never takes more than it may."""

import contextlib
import ctypes
import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import psutil

from indexer.errors import DocumentError
from indexer.extract import extract
from indexer.extract.answer import document_messages, error_message
from indexer.extract.limits import MIB, Limits

READY = b"ready"
_MAX_WRITTEN_BYTES = 128 * MIB  # no reader writes; py3langid unpacks its model to a temporary file of 65 MB
_PR_SET_PDEATHSIG = 1
_M_ARENA_MAX = -8
_SPARE_SECONDS = 2


def serve(connection: Connection, limits: Limits, parent: int, messages: str) -> None:
    """Answer each path that comes, as JSON, with the messages of `indexer.extract.answer`, until the connection closes.

    `parent` is the process that this one must not outlive, `messages` an existing file for what libraries print.
    """
    _stand_back()
    _bind_to(parent)
    _redirect_output(messages)
    _confine(limits)
    with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError):
        connection.send_bytes(READY)
        while True:
            path = Path(json.loads(connection.recv_bytes()))
            _allow_seconds(limits.seconds)
            for message in _answer(path, limits):
                connection.send_bytes(message)


def _answer(path: Path, limits: Limits) -> Iterator[bytes]:
    try:
        document = extract(path, limits)
    except DocumentError as error:
        yield error_message(error.reason)
    except MemoryError:
        yield error_message(limits.memory_reason)
    except Exception as error:  # the border of the process: a reader's mistake costs one file
        yield error_message(f"the reader failed on it ({type(error).__name__} in {_place(error)})")
    else:
        yield from document_messages(document)


def _place(error: BaseException) -> str:
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else "an unknown place"


def _stand_back() -> None:
    """Leave processor and disk to everything else."""
    process = psutil.Process()
    if sys.platform == "win32":
        process.nice(psutil.IDLE_PRIORITY_CLASS)
        process.ionice(psutil.IOPRIO_VERYLOW)
        return
    os.nice(19)
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


def _redirect_output(messages: str) -> None:
    descriptor = os.open(messages, os.O_WRONLY | os.O_APPEND)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    os.close(descriptor)


def _confine(limits: Limits) -> None:
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # numpy's threads reserve address space
    if sys.platform == "win32":
        return  # the parent watches what the worker takes
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_MAX_WRITTEN_BYTES, _MAX_WRITTEN_BYTES))
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 2)  # 64 MB of address space each
        size = psutil.Process().memory_info().vms + limits.memory_bytes
        resource.setrlimit(resource.RLIMIT_AS, (size, size))


def _allow_seconds(seconds: float) -> None:
    """The system ends this process should the parent not have done so."""
    if sys.platform != "win32":
        import resource

        until = int(time.process_time() + seconds) + _SPARE_SECONDS
        resource.setrlimit(resource.RLIMIT_CPU, (until, resource.getrlimit(resource.RLIMIT_CPU)[1]))
