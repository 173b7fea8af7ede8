import time
from collections.abc import Callable
from pathlib import Path

from indexer.engine import Engine
from indexer.results import Hit, Mode, SearchRequest, SimilarRequest
from indexer.settings import Settings


class Library:
    """A folder of files and a running engine that watches it."""

    def __init__(self, home: Path, settings: Settings | None = None) -> None:
        self.folder = home / "files"
        self.profile = home / "profile"
        self.folder.mkdir(exist_ok=True)
        self.settings = settings or Settings(debounce_ms=50)
        self.engine = Engine.open(self.profile, self.settings)
        self.engine.start()
        if not self.engine.folders():
            self.engine.add_folder(self.folder)
        self.index()

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def index(self) -> None:
        """Scan, and wait until nothing is queued."""
        self.engine.index()
        assert self.engine.wait(60)

    def restart(self) -> None:
        self.engine.close()
        self.engine = Engine.open(self.profile, self.settings)
        self.engine.start()
        assert self.engine.wait(60)

    def search(self, query: str, mode: Mode = Mode.BOTH) -> list[str]:
        """Names of the files found."""
        return [hit.path.name for hit in self.hits(query, mode)]

    def hits(self, query: str, mode: Mode = Mode.BOTH) -> tuple[Hit, ...]:
        return self.engine.search(SearchRequest(query, mode=mode)).hits

    def similar(self, path: Path) -> list[str]:
        return [hit.path.name for hit in self.engine.similar(SimilarRequest(path)).hits]


def eventually(holds: Callable[[], bool], seconds: float = 60) -> bool:
    """Whether a condition comes true in time."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True
