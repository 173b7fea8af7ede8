from indexer.effort import Effort
from indexer.extract import Limits

LIMITS = Limits(seconds=20, stall_seconds=120, clock_seconds=3600, memory_bytes=300 << 20)


def verdict(*looks: tuple[float, float], memory_bytes: int = 0, is_runnable: bool = False) -> str:
    """After looks at a worker that had used 5 s when the clock was at 100: processor time and clock of each."""
    effort = Effort(LIMITS, used=5, now=100)
    return [effort.verdict(used, now, memory_bytes, is_runnable) for used, now in looks][-1]


def test_a_file_is_read_for_as_long_as_it_may() -> None:
    assert verdict((6, 101), (25, 121)) == ""
    assert verdict((25.1, 121)) == "took longer than 20 s to read"


def test_a_worker_that_waits_for_the_processor_is_left_alone() -> None:
    assert verdict(*((5 + second / 1000, 100 + second) for second in range(100, 3600, 100))) == ""

    assert verdict((5, 3600), is_runnable=True) == ""


def test_a_worker_that_computes_nothing_is_given_up() -> None:
    assert verdict((6, 150), (6, 270)) == ""
    assert verdict((6, 150), (6, 271)) == "could not be read within 120 s"


def test_a_file_that_comes_in_drops_is_given_up_some_time() -> None:
    assert verdict(*((5 + second / 1000, 100 + second) for second in range(100, 3800, 100))) == (
        "could not be read within 3600 s"
    )


def test_a_worker_that_takes_too_much_memory_is_given_up() -> None:
    assert verdict((5, 100), memory_bytes=301 << 20) == "needs more than 300 MB of memory to read"
