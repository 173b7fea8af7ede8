from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

P = TypeVar("P")
R = TypeVar("R")

DEPTH = 2  # results that wait to be used


def ahead(work: Callable[[P], R], parts: Sequence[P]) -> Iterator[R]:
    """Results of `work` on each part, in order, made in a thread of its own while the ones before are used."""
    if len(parts) < 2:
        yield from map(work, parts)
        return
    with ThreadPoolExecutor(1, thread_name_prefix="ahead") as pool:
        waiting = deque(pool.submit(work, part) for part in parts[:DEPTH])
        for place in range(len(parts)):
            result = waiting.popleft().result()
            waiting.extend(pool.submit(work, part) for part in parts[place + DEPTH : place + DEPTH + 1])
            yield result
