"""Functions killed at each of the points where they touch the disk."""

import os
import signal
import sys
from collections.abc import Callable, Iterator

EVENTS = ("open", "os.", "shutil.", "sqlite3.connect")


def killed_everywhere(prepare: Callable[[], None], function: Callable[[], object]) -> Iterator[int]:
    """Prepare, call the function in a child and kill that before its first touch of the disk; then before its second...

    Yields after each kill, until the child lives to its end.
    """
    point = 0
    while True:
        point += 1
        prepare()
        child = os.fork()
        if child == 0:
            _die_at(point)
            try:
                function()
            finally:
                os._exit(sys.exc_info()[0] is not None)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            assert os.WEXITSTATUS(status) == 0
            return
        yield point


def _die_at(point: int) -> None:
    left = [point]

    def hook(event: str, arguments: object) -> None:
        if event.startswith(EVENTS):
            left[0] -= 1
            if not left[0]:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)
