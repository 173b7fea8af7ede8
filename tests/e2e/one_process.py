from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from indexer import indexing, segments, spaces
from indexer.catalogue.database import connect
from indexer.catalogue.records import SegmentRecord, Space
from indexer.catalogue.spaces import Spaces
from indexer.document import Document
from indexer.extract import Limits, extract

SetAttr = Callable[[object, str, object], None]


class ThreadPool:
    """Reads files as the workers do, in a thread."""

    is_busy = False
    is_cold = False

    def __init__(self, workers: int, limits: Limits, *_: object) -> None:
        self._threads = ThreadPoolExecutor(1)
        self._limits = limits

    def submit(self, path: Path) -> "Future[Document]":
        return self._threads.submit(extract, path, self._limits)

    def close(self) -> None:
        self._threads.shutdown(cancel_futures=True)


class ThreadBuild:
    """Builds a segment as its worker does, in a thread."""

    def __init__(
        self, catalogue: Path, folder: Path, space: Space, prefix: int, low: int, high: int, replaced: list[str]
    ) -> None:
        self.low, self.high, self.replaced = low, high, replaced
        self._threads = ThreadPoolExecutor(1)
        self._future = self._threads.submit(_build, catalogue, folder, space, low, high, prefix)

    def finished(self) -> bool:
        return self._future.done()

    def result(self) -> SegmentRecord | None:
        return self._future.result()

    def close(self) -> None:
        self._threads.shutdown()


def _build(catalogue: Path, folder: Path, space: Space, low: int, high: int, prefix: int) -> SegmentRecord | None:
    connection = connect(catalogue, read_only=True)
    try:
        return segments.build(Spaces(connection), space, folder, low, high, prefix)
    finally:
        connection.close()


def work_in_one_process(setattr: SetAttr = setattr) -> None:
    """From now on engines do everything in their own process: no step waits for another one to start.

    Replaced is only where `extract` and `segments.build` run. A test hands over its `monkeypatch.setattr`.
    """
    setattr(indexing, "ExtractionPool", ThreadPool)
    setattr(spaces, "SegmentBuild", ThreadBuild)
