import json
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from pathlib import Path

import psutil
import pytest

from indexer import worker, workers
from indexer.document import Chunk, Document, Kind
from indexer.errors import DocumentError
from indexer.extract import Limits, extract
from indexer.extract.answer import AnswerReader, BrokenAnswerError, document_messages, error_message
from indexer.workers import ExtractionPool

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals")
LIMITS = Limits()
SECONDS = 60  # to wait for anything; the machine may be busy
PATIENT = Limits(seconds=SECONDS)


@pytest.fixture
def pool() -> Iterator[ExtractionPool]:
    pool = ExtractionPool(1, PATIENT)
    yield pool
    pool.close()


def note(path: Path, text: str = "Boats stay in the harbour.") -> Path:
    path.write_text(text)
    return path


def long_note(path: Path, sentences: int = 60_000) -> Path:
    """A text that takes a good part of a second to read, or more."""
    return note(path, "Boats stay in the harbour, and nets are mended indoors. " * sentences)


def warm_up(pool: ExtractionPool, folder: Path) -> None:
    pool.submit(note(folder / "first.txt")).result(SECONDS)


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline
        threading.Event().wait(0.01)


def only_child() -> psutil.Process:
    (child,) = multiprocessing.active_children()
    return psutil.Process(child.pid)


def child_at_work() -> psutil.Process:
    """The one worker, which was started before, as soon as it is busy with its file."""
    child = only_child()
    used = sum(child.cpu_times()[:2])
    until(lambda: sum(child.cpu_times()[:2]) > used + 0.1)
    return child


def test_a_document_comes_back_as_it_was_read(pool: ExtractionPool, tmp_path: Path) -> None:
    path = note(tmp_path / "a.md", "# Winter\n\n" + "Boats stay in the harbour. 会议 🚤\n\n" * 2000)
    assert pool.submit(path).result(SECONDS) == extract(path, LIMITS)


def test_names_that_are_no_unicode_are_read(pool: ExtractionPool, tmp_path: Path) -> None:
    path = note(Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\xfe.txt")))
    assert pool.submit(path).result(SECONDS).chunks[0].text == "Boats stay in the harbour."


def test_a_file_that_cannot_be_read_fails_with_its_reason(pool: ExtractionPool, tmp_path: Path) -> None:
    future = pool.submit(note(tmp_path / "a.pdf"))
    with pytest.raises(DocumentError, match="is not a PDF"):
        future.result(SECONDS)
    assert pool.submit(note(tmp_path / "a.txt")).result(SECONDS).kind is Kind.TEXT


def test_a_worker_is_gentle_and_loads_no_window_nor_model(pool: ExtractionPool, tmp_path: Path) -> None:
    pool.submit(note(tmp_path / "a.txt")).result(SECONDS)
    child = only_child()
    assert child.nice() == 19
    assert child.ionice().ioclass == psutil.IOPRIO_CLASS_IDLE
    loaded = Path(f"/proc/{child.pid}/maps").read_text().lower()
    assert not any(name in loaded for name in ("libtorch", "libqt6", "hnswlib", "faiss"))


def test_no_worker_is_started_without_work() -> None:
    pool = ExtractionPool(4, LIMITS)
    assert not multiprocessing.active_children()
    pool.close()


def test_a_worker_that_is_started_ahead_reads_the_next_file(tmp_path: Path) -> None:
    pool = ExtractionPool(4, PATIENT)
    try:
        assert pool.is_cold
        pool.warm_up()
        until(lambda: bool(multiprocessing.active_children()))
        child = only_child()
        pool.warm_up()
        assert pool.submit(note(tmp_path / "a.txt")).result(SECONDS).kind is Kind.TEXT  # while it may still be starting
        assert only_child() == child
        assert not pool.is_cold
    finally:
        pool.close()


def test_a_worker_that_has_rested_is_ended_and_another_one_reads_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "IDLE_SECONDS", 0.1)
    pool = ExtractionPool(4, PATIENT)
    try:
        for future in [pool.submit(note(tmp_path / f"{number}.txt")) for number in range(8)]:
            future.result(SECONDS)
        until(lambda: not multiprocessing.active_children())
        pool.warm_up()
        until(lambda: bool(multiprocessing.active_children()))
        until(lambda: not multiprocessing.active_children())
        warm_up(pool, tmp_path)
    finally:
        pool.close()


def own_bytes(process: psutil.Process) -> int:
    """Without files that are mapped."""
    memory = process.memory_info()
    return int(memory.rss - memory.shared)


@pytest.mark.skipif(sys.platform != "linux", reason="looks at the memory of a process as Linux tells it")
def test_a_worker_has_all_that_it_needs_for_texts_when_it_stands_back(tmp_path: Path) -> None:
    """At the lowest priority, loading takes minutes on a busy machine."""
    pool = ExtractionPool(1, PATIENT)
    try:
        pool.warm_up()
        until(lambda: bool(multiprocessing.active_children()))
        child = only_child()
        until(lambda: child.nice() == 19)
        ready_bytes = own_bytes(child)
        warm_up(pool, tmp_path)
        assert own_bytes(child) - ready_bytes < 5 << 20  # NumPy and the model of languages take 14 MB
    finally:
        pool.close()


def test_a_crash_costs_one_file(pool: ExtractionPool, tmp_path: Path) -> None:
    warm_up(pool, tmp_path)
    doomed, spared = pool.submit(long_note(tmp_path / "a.txt")), pool.submit(note(tmp_path / "b.txt"))
    os.kill(child_at_work().pid, signal.SIGSEGV)
    with pytest.raises(DocumentError) as caught:
        doomed.result(SECONDS)
    assert caught.value.reason == "the reader crashed on it"
    assert spared.result(SECONDS).kind is Kind.TEXT


def test_a_worker_that_still_has_to_say_something_about_a_file_reads_no_other(
    pool: ExtractionPool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise MemoryError

    long, short = long_note(tmp_path / "long.txt", 10_000), note(tmp_path / "short.txt")
    with monkeypatch.context() as patch:
        patch.setattr(AnswerReader, "take", fail)
        with pytest.raises(MemoryError):
            pool.submit(long).result(SECONDS)
    until(lambda: pool.is_cold)
    pool.warm_up()
    assert len(pool.submit(short).result(SECONDS).chunks) == 1
    assert len(multiprocessing.active_children()) == 1


def test_a_worker_that_dies_idle_costs_no_file(pool: ExtractionPool, tmp_path: Path) -> None:
    path = note(tmp_path / "a.txt")
    pool.submit(path).result(SECONDS)
    child = only_child()
    os.kill(child.pid, signal.SIGKILL)
    until(lambda: child.status() == psutil.STATUS_ZOMBIE if child.is_running() else True)
    assert pool.submit(path).result(SECONDS).kind is Kind.TEXT


def test_a_file_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    pool = ExtractionPool(1, Limits(seconds=0.2, text_characters=40_000_000))
    try:
        with pytest.raises(DocumentError) as caught:
            pool.submit(long_note(tmp_path / "a.txt", 600_000)).result(SECONDS)
        assert caught.value.reason == "took longer than 0.2 s to read"
    finally:
        pool.close()


def test_a_worker_that_stands_still_is_given_up(tmp_path: Path) -> None:
    pool = ExtractionPool(1, Limits(seconds=SECONDS, stall_seconds=5))
    try:
        warm_up(pool, tmp_path)
        future = pool.submit(long_note(tmp_path / "a.txt"))
        child_at_work().suspend()
        with pytest.raises(DocumentError, match="within 5 s"):
            future.result(SECONDS)
    finally:
        pool.close()


@pytest.mark.skipif(sys.platform != "linux", reason="other systems don't tell who waits for a processor")
def test_a_worker_that_computes_or_waits_for_a_processor_does_not_stand_still(tmp_path: Path) -> None:
    pool = ExtractionPool(1, Limits(seconds=SECONDS, stall_seconds=1))
    try:
        assert len(pool.submit(long_note(tmp_path / "a.txt")).result(SECONDS).chunks) > 1000
    finally:
        pool.close()


def test_a_file_that_takes_too_much_memory_is_given_up(tmp_path: Path) -> None:
    pool = ExtractionPool(1, Limits(seconds=SECONDS, memory_bytes=300 << 20, archive_bytes=1 << 30))
    path = tmp_path / "a.eml"
    path.write_bytes(b"Subject: x\n\n")
    os.truncate(path, 600 << 20)
    try:
        with pytest.raises(DocumentError) as caught:
            pool.submit(path).result(SECONDS)
        assert caught.value.reason == "needs more than 300 MB of memory to read"
        assert pool.submit(note(tmp_path / "b.txt")).result(SECONDS).kind is Kind.TEXT
    finally:
        pool.close()


def test_a_worker_is_replaced_after_some_files(
    pool: ExtractionPool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "MAX_FILES", 2)
    path = note(tmp_path / "a.txt")
    seen = []
    for _ in range(3):
        pool.submit(path).result(SECONDS)
        seen.append({child.pid for child in multiprocessing.active_children()})
    assert not seen[0] & seen[2]


def test_closing_ends_workers_and_cancels_what_waits(tmp_path: Path) -> None:
    pool = ExtractionPool(1, PATIENT)
    warm_up(pool, tmp_path)
    running, waiting = pool.submit(long_note(tmp_path / "a.txt")), pool.submit(note(tmp_path / "b.txt"))
    child = child_at_work()
    pool.close()
    assert waiting.cancelled()
    with pytest.raises(CancelledError):
        running.result(SECONDS)
    assert not child.is_running()
    assert not multiprocessing.active_children()
    assert pool.submit(tmp_path / "b.txt").cancelled()
    pool.close()


def test_a_pool_may_be_closed_while_a_worker_starts(tmp_path: Path) -> None:
    pool = ExtractionPool(2, LIMITS)
    futures = [pool.submit(note(tmp_path / f"{number}.txt")) for number in range(4)]
    pool.close()
    assert not multiprocessing.active_children()
    for future in futures:
        with pytest.raises(CancelledError):
            future.result(SECONDS)


PARENT = """
import multiprocessing, sys, time
from pathlib import Path
from indexer.extract import Limits
from indexer.workers import ExtractionPool
if __name__ == "__main__":
    pool = ExtractionPool(1, Limits())
    pool.submit(Path(sys.argv[1])).result()
    print(multiprocessing.active_children()[0].pid, flush=True)
    time.sleep(600)
"""


def test_a_worker_does_not_outlive_a_killed_parent(tmp_path: Path) -> None:
    script = note(tmp_path / "parent.py", PARENT)
    root = str(Path(__file__).parents[2])
    parent = subprocess.Popen(
        [sys.executable, str(script), str(note(tmp_path / "a.txt"))],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": root},
    )
    assert parent.stdout
    child = psutil.Process(int(parent.stdout.readline()))
    parent.kill()
    parent.wait(SECONDS)
    parent.stdout.close()
    until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)


DOCUMENT = Document(Kind.PDF, (Chunk(0, 5, "Boats", "Winter", "", 1, None, "en"), Chunk(6, 9, "Ice")), "T", "en", "n")


def answer(*messages: bytes, limits: Limits = LIMITS) -> Document | str | None:
    reader = AnswerReader(limits, Path("a.pdf"))
    return [reader.take(message) for message in messages][-1]


def test_an_answer_is_read_as_it_was_written() -> None:
    assert answer(*document_messages(DOCUMENT)) == DOCUMENT
    assert answer(error_message("two\nlines")) == "two lines"


def test_messages_stay_small() -> None:
    chunks = tuple(Chunk(start, start + 1000, "会" * 1000) for start in range(0, 1_000_000, 1000))
    messages = list(document_messages(Document(Kind.TEXT, chunks)))
    assert len(messages) > 10
    assert max(map(len, messages)) <= 256 * 1024 + 4096


ROW = [0, 5, "Boats", "", "", None, None, ""]


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"\xff",
        b"{}",
        b"3",
        b'{"kind": "pdf"}',
        b'{"kind": "no such kind", "title": "", "language": "", "note": ""}',
        b'{"kind": "pdf", "title": 3, "language": "", "note": ""}',
        b'{"error": ["x"]}',
        b"[" * 100_000,
        json.dumps([3]).encode(),
        json.dumps([ROW, ROW]).encode(),
        json.dumps([ROW[:7]]).encode(),
        json.dumps([[0, 4, *ROW[2:]]]).encode(),
        json.dumps([[-1, 4, *ROW[2:]]]).encode(),
        json.dumps([[0.0, 5.0, *ROW[2:]]]).encode(),
        json.dumps([[*ROW[:5], 0, None, ""]]).encode(),
        json.dumps([[*ROW[:5], True, None, ""]]).encode(),
        json.dumps([[0, 1, "\ud800", *ROW[3:]]]).encode(),
        json.dumps([[0, 9000, "x" * 9000, *ROW[3:]]]).encode(),
        json.dumps([[*ROW[:3], "x" * 9000, "", None, None, ""]]).encode(),
    ],
)
def test_an_answer_that_breaks_the_protocol_is_refused(message: bytes) -> None:
    with pytest.raises(BrokenAnswerError):
        answer(message)


def test_more_text_than_there_may_be_is_refused() -> None:
    with pytest.raises(BrokenAnswerError, match="more text"):
        answer(json.dumps([ROW]).encode(), limits=Limits(text_characters=4, table_characters=4))
