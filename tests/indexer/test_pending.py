import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.watching.pending import Pending, Reporter


def test_a_path_is_due_once_it_has_been_quiet() -> None:
    pending = Pending(quiet_seconds=1)
    pending.add("/a", False, now=10.0)
    pending.add("/a", False, now=10.5)
    assert pending.take(now=11.4) == []
    assert pending.next_due() == 11.5
    assert pending.take(now=11.5) == ["/a"]
    assert pending.next_due() is None


def test_a_path_that_never_is_quiet_is_due_all_the_same() -> None:
    pending = Pending(quiet_seconds=1, max_wait_seconds=5)
    for tenth in range(60):
        pending.add("/log", False, now=tenth / 10)
        assert pending.take(now=tenth / 10) == (["/log"] if tenth == 50 else [])


def test_what_lies_below_a_tree_that_is_due_goes_with_it() -> None:
    pending = Pending(quiet_seconds=1)
    for path, is_tree in (("/a/b/c", False), ("/a", True), ("/ab", False), ("/b", False), ("/b/c", False)):
        pending.add(path, is_tree, now=0)
    assert pending.take(now=1) == ["/a", "/ab", "/b", "/b/c"]


def test_what_is_dropped_is_not_due() -> None:
    pending = Pending(quiet_seconds=1)
    for path in ("/a", "/a/b", "/ab"):
        pending.add(path, True, now=0)
    pending.drop("/a")
    assert pending.take(now=9) == ["/ab"]


@given(
    events=st.lists(st.tuples(st.sampled_from("abc"), st.booleans(), st.floats(0, 2)), min_size=1),
    quiet=st.floats(0, 1),
)
def test_no_change_is_lost_and_none_waits_too_long(events: list[tuple[str, bool, float]], quiet: float) -> None:
    pending = Pending(quiet, max_wait_seconds=3)
    now = 0.0
    waiting: dict[str, float] = {}
    for name, is_tree, pause in events:
        now += pause
        for path in pending.take(now):
            del waiting[path]
        assert all(now - since < 3 for since in waiting.values())
        waiting.setdefault(f"/{name}", now)
        pending.add(f"/{name}", is_tree, now)
    assert set(pending.take(now + 3)) == set(waiting)


def test_a_report_that_fails_does_not_end_the_others(caplog: pytest.LogCaptureFixture) -> None:
    arrived = threading.Event()

    def on_change(path: Path) -> None:
        if path.name == "bad":
            raise RuntimeError("no")
        arrived.set()

    reporter = Reporter(on_change, lambda root, reason: None, quiet_seconds=0)
    reporter.changed("/bad")
    reporter.changed("/good")
    assert arrived.wait(10)
    reporter.close()
    assert "could not be reported" in caplog.text


def test_nothing_is_reported_after_the_end() -> None:
    seen: list[Path] = []
    reporter = Reporter(seen.append, lambda root, reason: None, quiet_seconds=0.2)
    reporter.changed("/a")
    reporter.close()
    reporter.close()
    assert seen == []
