"""Call something unreliable again until it works."""

import random
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def backoff_delays(first: float = 0.5, factor: float = 2.0, longest: float = 30.0, attempts: int = 6) -> list[float]:
    """Seconds to wait before each further attempt: doubled every time, up to a limit."""
    return [min(longest, first * factor**attempt) for attempt in range(attempts - 1)]


def with_jitter(seconds: float) -> float:
    """Spread the waiting time, so that many clients don't come back to the server at the same instant."""
    return random.uniform(seconds / 2, seconds)


def retry(call: Callable[[], T], errors: tuple[type[Exception], ...] = (OSError, TimeoutError)) -> T:
    """Run `call` until it succeeds or the attempts are used up; the last error is raised to the caller.

    Only for requests that may safely be sent twice: reading a page, not charging a credit card.
    """
    for delay in backoff_delays():
        try:
            return call()
        except errors:
            time.sleep(with_jitter(delay))
    return call()
