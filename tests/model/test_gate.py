"""Steps of a long batch wait for the device, and for what is urgent."""

import threading
import time

import pytest

from model.gate import Gate
from model.packing import FIRST_TOKENISED, MOST_TOKENISED, Budget, longest_first
from model.precedence import PATIENCE_SECONDS, Precedence
from tests.indexer.library import eventually


class Mark:
    """A place in the work of a device that has done nothing yet."""

    def __init__(self, marks: list["Mark"]) -> None:
        self.is_done = threading.Event()
        self.is_awaited = threading.Event()
        marks.append(self)

    def record(self) -> None:
        pass

    def synchronize(self) -> None:
        self.is_awaited.set()
        assert self.is_done.wait(60)


def test_the_device_is_given_no_more_steps_in_advance_than_it_may_have() -> None:
    marks: list[Mark] = []
    gate = Gate(Precedence(), lambda: Mark(marks), ahead=2)
    passed = threading.Semaphore(0)

    def batch() -> None:
        for _ in range(4):
            gate()
            passed.release()

    thread = threading.Thread(target=batch)
    thread.start()
    assert passed.acquire(timeout=60) and passed.acquire(timeout=60)
    eventually(lambda: len(marks) == 3 and marks[0].is_awaited.is_set())
    assert not passed.acquire(blocking=False)
    for mark in marks[:2]:
        mark.is_done.set()
    assert passed.acquire(timeout=60)
    eventually(lambda: len(marks) == 4)
    thread.join(60)
    assert not thread.is_alive()


def test_steps_wait_until_nothing_urgent_is_under_way() -> None:
    precedence = Precedence()
    gate = Gate(precedence, lambda: Mark([]), ahead=100)
    with precedence.urgent():
        with pytest.raises(ValueError, match="failed"), precedence.urgent():
            raise ValueError("a query that has failed")
        thread = threading.Thread(target=gate)
        thread.start()
        thread.join(0.1)
        assert thread.is_alive()
    thread.join(60)
    assert not thread.is_alive()


def test_what_is_urgent_does_not_wait_for_itself_or_for_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("model.precedence.PATIENCE_SECONDS", 600)
    precedence = Precedence()

    def search() -> None:
        with precedence.urgent():
            precedence.give_way()

    with precedence.urgent():
        thread = threading.Thread(target=search)
        thread.start()
        thread.join(60)
        assert not thread.is_alive()
        precedence.give_way()


def test_long_work_takes_turns_with_what_never_ends() -> None:
    precedence = Precedence()
    waited: list[float] = []

    def work() -> None:
        for _ in range(3):
            began = time.monotonic()
            precedence.give_way()
            waited.append(time.monotonic() - began)

    with precedence.urgent():
        thread = threading.Thread(target=work)
        thread.start()
        thread.join(60)
        assert not thread.is_alive()
    assert waited[0] >= 0.9 * PATIENCE_SECONDS
    assert sum(waited[1:]) < PATIENCE_SECONDS


def test_searches_one_after_the_other_do_not_keep_long_work_from_going_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("model.precedence.PATIENCE_SECONDS", 0.2)
    precedence, ends = Precedence(), threading.Event()

    def searches() -> None:
        while not ends.is_set():
            with precedence.urgent():
                time.sleep(0.01)

    thread = threading.Thread(target=searches)
    thread.start()
    work = threading.Thread(target=precedence.give_way)
    work.start()
    work.join(60)
    assert not work.is_alive()
    ends.set()
    thread.join(60)


def test_a_packed_batch_is_filled_up_with_what_comes_later_and_fits() -> None:
    assert Budget(100, is_padded=False).chosen([60, 50, 30, 20, 10, 9]) == [0, 2, 4]
    assert Budget(100, is_padded=False).chosen([500, 1]) == [0]


def test_a_padded_batch_counts_the_longest_text_for_each() -> None:
    assert Budget(100, is_padded=True).chosen([40, 30, 20, 1]) == [0, 1]
    assert Budget(100, is_padded=True).chosen([500, 1]) == [0]


def test_the_first_texts_are_tokenised_a_few_at_once_so_that_the_device_need_not_wait() -> None:
    parts = longest_first(["a" * n for n in range(1000)])
    assert [len(part) for part in parts][:2] == [FIRST_TOKENISED, 2 * FIRST_TOKENISED]
    assert max(map(len, parts)) == MOST_TOKENISED
    assert [place for part in parts for place in part] == list(range(999, -1, -1))
