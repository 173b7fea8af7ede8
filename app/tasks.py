import logging
from collections.abc import Callable
from concurrent.futures import CancelledError, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal
from shiboken6 import isValid

from app.reasons import problem_text
from model.errors import CognateError

log = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass(eq=False, slots=True)
class _Task:
    """A piece of work on its way to a thread and, with its outcome, back."""

    work: Callable[[], Any] | None
    done: Callable[[Any], None] | None
    failed: Callable[[str], None] | None
    result: object = None
    problem: str | None = None


class Tasks(QObject):
    """A few background threads whose outcomes come back to the thread that this object lives in."""

    _ended = Signal(object)  # _Task

    def __init__(self, threads: int, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._is_closed = False
        self._ended.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def submit(
        self, work: Callable[[], T], done: Callable[[T], None], failed: Callable[[str], None] | None = None
    ) -> None:
        """Run `work` in the background, then hand its result to `done`, or one sentence to `failed`.

        When they are methods of a QObject that is destroyed meanwhile, they are not called.
        """
        if not self._is_closed:  # a timer may fire once more while the program ends
            self._pool.submit(self._run, _Task(work, done, failed))

    def close(self) -> None:
        """Drop what has not begun and wait for the rest."""
        self._is_closed = True
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _run(self, task: _Task) -> None:
        assert task.work is not None
        try:
            task.result = task.work()
        except CancelledError:
            return
        except (CognateError, OSError) as error:
            task.problem = problem_text(error)
        except Exception as error:  # a pool would swallow it: the log gets the traceback, the user a sentence
            log.exception("background work failed")
            task.problem = _unexpected(error)
        self._ended.emit(task)

    def _deliver(self, task: _Task) -> None:
        done, failed = task.done, task.failed
        task.work = task.done = task.failed = None  # else widgets they hold might be destroyed in the other thread
        if self._is_closed:
            return
        if task.problem is None:
            _call(done, task.result)
        else:
            _call(failed, task.problem)


def _call(function: Callable[[Any], None] | None, value: object) -> None:
    owner = getattr(function, "__self__", None)
    if function is not None and not (isinstance(owner, QObject) and not isValid(owner)):
        function(value)


def _unexpected(error: Exception) -> str:
    text = QCoreApplication.translate("Task", "Something went wrong ({name}). The log has the details.")
    return text.format(name=type(error).__name__)
