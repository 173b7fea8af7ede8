import logging
from collections.abc import Callable
from concurrent.futures import CancelledError, ThreadPoolExecutor
from typing import Any, TypeVar

from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal

from model.errors import CognateError

log = logging.getLogger(__name__)
T = TypeVar("T")


class Task(QObject):
    """One piece of work for a background thread; its outcome comes back to the thread that made it."""

    done = Signal(object)
    failed = Signal(str)
    ended = Signal(object)  # the task itself, after either

    def __init__(self, work: Callable[[], Any]) -> None:
        super().__init__()
        self._work = work

    def run(self) -> None:
        """Do the work, in whichever thread calls."""
        try:
            self.done.emit(self._work())
        except CancelledError:
            log.debug("background work was given up because the program closes")
        except (CognateError, OSError) as error:
            self.failed.emit(str(error))
        except Exception as error:  # a pool would swallow it: the log gets the traceback, the user a sentence
            log.exception("background work failed")
            self.failed.emit(self._unexpected(error))
        finally:
            self.ended.emit(self)

    @staticmethod
    def _unexpected(error: Exception) -> str:
        text = QCoreApplication.translate("Task", "Something went wrong ({name}). The log has the details.")
        return text.format(name=type(error).__name__)


class Tasks(QObject):
    """A few background threads. `done` and `failed` are bound methods of QObjects and run in their thread."""

    def __init__(self, threads: int, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._running: set[Task] = set()  # a task must outlive its signals

    def submit(
        self, work: Callable[[], T], done: Callable[[T], None], failed: Callable[[str], None] | None = None
    ) -> None:
        """Run `work` in the background and hand its result to `done`, or one sentence to `failed`."""
        task = Task(work)
        task.done.connect(done, Qt.ConnectionType.QueuedConnection)
        if failed is not None:
            task.failed.connect(failed, Qt.ConnectionType.QueuedConnection)
        task.ended.connect(self._forget, Qt.ConnectionType.QueuedConnection)
        self._running.add(task)
        self._pool.submit(task.run)

    def close(self) -> None:
        """Drop what has not begun and wait for the rest."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _forget(self, task: Task) -> None:
        self._running.discard(task)
