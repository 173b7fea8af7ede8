from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from filelock import FileLock, Timeout

from indexer.board import StatusBoard
from indexer.catalogue.reader import CatalogueReader
from indexer.catalogue.records import Space
from indexer.catalogue.writer import CatalogueWriter
from indexer.chunk import CHUNKER_VERSION
from indexer.errors import DocumentError, StoreError
from indexer.indexing import Indexing
from indexer.instructions import Instructions
from indexer.rerank import SecondStage
from indexer.results import (
    Activity,
    Explanation,
    FileRow,
    FileState,
    FolderRow,
    SearchRequest,
    SearchResponse,
    SimilarRequest,
    Status,
)
from indexer.search import ActiveSpace, Searcher, sample
from indexer.settings import Settings
from indexer.spaces import SpaceKeeper, sweep_segments
from indexer.watch import Watcher
from indexer.why import explain
from model import load_embedder
from model.embedder import Embedder
from model.errors import ModelError

log = logging.getLogger(__name__)

BUILT_IN = "built-in"
LOCK_SECONDS = 2  # a process that was asked to end has so long to let go of the profile


class Engine:
    """The one door to indexing and search. Its methods may be called from any thread; those that say so block."""

    def __init__(self, profile: Path, settings: Settings, lock: FileLock) -> None:
        self.profile = profile
        self._settings = settings
        self._lock = lock
        self._segments = profile / "segments"
        self._models = profile / "models"
        self._catalogue = CatalogueWriter(profile / "catalogue.db")
        sweep_segments(self._catalogue, self._segments)
        self._builtin = load_embedder(BUILT_IN)
        self._warnings: tuple[str, ...] = ()
        keepers = self._keepers()
        for keeper in keepers:
            keeper.load()
        self._active = ActiveSpace(keepers[0].index, keepers[0].embedder)
        second_stage = SecondStage(self._models, settings.reranker, settings.device)
        self._searcher = Searcher(self._catalogue.path, lambda: self._active, self._builtin, second_stage)
        self.instruct(settings)
        self._reader = CatalogueReader(self._catalogue.path)
        self._reader_lock = threading.Lock()
        self._board = StatusBoard(self._catalogue.path, self._segments, self._warnings)
        self._listeners: list[Callable[[Status], None]] = []
        self._indexing = Indexing(
            self._catalogue, settings, keepers, self._board, on_whole=self._take_over, on_change=self._tell
        )
        self._watcher: Watcher | None = None

    @classmethod
    def open(cls, profile: Path, settings: Settings | None = None) -> Engine:
        """Open or create a profile folder; threads start with `start`.

        Raises:
            StoreError: another process holds it, a newer version wrote it, or it can't be written.
            ModelError: the built-in model is damaged.
        """
        lock = FileLock(profile / "lock", thread_local=False)  # closed by whichever thread is last
        try:
            profile.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock.acquire(timeout=LOCK_SECONDS)
        except Timeout:
            raise StoreError(
                f"{profile}: another process of Cognate holds this profile. Use its window, end it, or name another "
                "profile with --profile."
            ) from None
        except OSError as error:
            reason = error.strerror or error
            raise StoreError(f"{profile}: the profile can't be written ({reason}). Check its permissions.") from error
        try:
            return cls(profile, settings or Settings(), lock)
        except BaseException:
            lock.release()
            raise

    def start(self) -> None:
        """Begin to watch, scan and index in background threads. Without it the engine only searches."""
        self._indexing.start()
        self._watcher = Watcher(self._indexing.notice, self._on_trouble, self._settings.debounce_ms)
        for row in self.folders():
            self._indexing.order(partial(self._watch, row.path))
        self.index()

    def close(self) -> None:
        """Stop the threads and worker processes; blocks until they have ended."""
        if self._watcher:
            self._watcher.close()
        if self._indexing.is_alive():
            self._indexing.stop()
        else:
            self._indexing.pool.close()
        self._searcher.close()
        with self._reader_lock:
            self._reader.close()
        self._board.close()
        self._catalogue.close()
        self._lock.release()

    # Search

    def search(self, request: SearchRequest, is_cancelled: Callable[[], bool] = lambda: False) -> SearchResponse:
        """Blocks for some milliseconds, for seconds with a reranker, which asks time and again if it is cancelled.

        Raises:
            QueryError: the query can't be understood.
            CancelledError: it was cancelled.
        """
        return self._searcher.search(request, is_cancelled)

    def instruct(self, settings: Settings) -> None:
        """Put the queries from now on under the instructions of other settings."""
        self._searcher.instructions = Instructions.of(settings)

    def similar(self, request: SimilarRequest) -> SearchResponse:
        """Blocks; reads the file first when it is not indexed. Raises DocumentError when that fails."""
        content, texts = None, [request.text]
        if request.path is not None:
            known = self._searcher.vectors_of(request.path)
            if known:
                content, vectors, text = known
                return self._searcher.similar(vectors, text, content, request.limit)
            texts = self._read(request.path)
        space = self._active
        vectors = space.embedder.embed_documents(sample(texts), space.index.space.dimension)
        return self._searcher.similar(vectors, texts[0], content, request.limit)

    def why(self, path: Path, query: str = "") -> Explanation:
        """Blocks like a search."""
        with self._reader_lock:
            return explain(path, query, self._reader, self._searcher)

    def text(self, path: Path) -> str:
        """Extracted text of an indexed file, for the preview; empty when there is none. Blocks."""
        with self._reader_lock:
            content = self._reader.content_at(path)
            return self._reader.text_of(content) if content is not None else ""

    # Folders and files

    def folders(self) -> tuple[FolderRow, ...]:
        """Blocks for a query of the catalogue."""
        with self._reader_lock:
            return self._reader.folders()

    def add_folder(self, folder: Path) -> None:
        """Watch a folder and all below it. Raises StoreError: it is no folder, or lies in one that is watched."""
        folder = folder.expanduser().resolve()
        if not folder.is_dir():
            raise StoreError(f"{folder}: this is not a folder. Choose one that exists.")
        for row in self.folders():
            if row.path == folder:
                raise StoreError(f"{folder}: this folder is watched already.")
            if row.path in folder.parents:
                raise StoreError(f"{folder}: it lies in {row.path}, which is watched already.")
            if folder in row.path.parents:
                raise StoreError(f"{folder}: {row.path} in it is watched already. Remove that one first.")
        self._change(lambda: self._catalogue.files.add_folder(folder))
        if self._watcher:
            self._indexing.order(lambda: self._watch(folder))
            self._indexing.order(lambda: self._indexing.scan([folder]))

    def remove_folder(self, folder: Path) -> None:
        """Forget a folder and everything indexed below it. Raises StoreError: it is not watched."""
        if folder not in {row.path for row in self.folders()}:
            folder = folder.expanduser().resolve()
        if folder not in {row.path for row in self.folders()}:
            raise StoreError(f"{folder}: this folder is not watched.")
        if self._watcher:
            self._watcher.remove(folder)
        self._change(lambda: self._catalogue.files.remove_folder(folder))

    def files(
        self,
        folder: Path | None = None,
        state: FileState | None = None,
        name: str = "",
        limit: int = 1000,
        offset: int = 0,
    ) -> tuple[FileRow, ...]:
        """Rows ordered by path. Blocks for a query of the catalogue."""
        with self._reader_lock:
            return self._reader.files(folder, state, name, limit, offset)

    # Indexing

    def index(self) -> None:
        """Scan every folder now, in the background."""
        folders = [row.path for row in self.folders()]
        self._indexing.order(lambda: self._indexing.scan(folders))

    def wait(self, timeout: float | None = None) -> bool:
        """Block until nothing is queued, or nothing can be done; False when the time ran out."""
        return self._indexing.wait(timeout)

    def pause(self, reason: str = "paused by you") -> None:
        """Stop indexing after the batch in hand; search goes on."""
        self._indexing.pause(reason)

    def resume(self) -> None:
        """Go on indexing."""
        self._indexing.resume()

    def retry(self, paths: Sequence[Path]) -> None:
        """Queue files again, whatever their state."""
        self._indexing.order(lambda: self._indexing.retry(paths))

    def status(self) -> Status:
        """Never blocks while the engine runs."""
        if not self._indexing.is_alive():
            return self._board.refresh(Activity.IDLE)
        return self._board.latest

    def subscribe(self, listener: Callable[[Status], None]) -> Callable[[], None]:
        """Have `listener` called from an engine thread when the activity or the folders change; returns the undo."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def check(self) -> tuple[str, ...]:
        """What is wrong with the catalogue; empty when it is sound. Blocks for seconds at a million chunks."""
        with self._reader_lock:
            return tuple(self._reader.problems())

    def mend(self) -> tuple[str, ...]:
        """Put right what `check` finds; what it finds afterwards. Blocks for a minute at 100,000 chunks."""
        self._change(self._catalogue.contents.mend)
        self._change(self._catalogue.files.mend)
        self._call(self._refill)
        return self.check()

    # Inside

    def _keepers(self) -> list[SpaceKeeper]:
        """The space that answers, then the one that the settings ask for where that has yet to be filled."""
        embedder = self._wanted()
        spec, spaces = embedder.spec, self._catalogue.spaces
        with self._catalogue.change():
            wanted = spaces.ensure(spec.name, spec.revision, spec.dimensions, CHUNKER_VERSION)
            active = next(space for space in spaces.all() if space.active)
            old = self._embedder_of(active) if active.id != wanted.id else None
            if active.id != wanted.id and old is None:
                spaces.activate(wanted)
                if active.model == BUILT_IN:
                    spaces.remove(active)  # of an earlier release, whose model is gone for good
            self._catalogue.files.enqueue_outdated(CHUNKER_VERSION)
        chosen = [(active, old)] if old else []
        return [
            SpaceKeeper(self._catalogue, self._segments, space, one, self._settings.flush_chunks)
            for space, one in [*chosen, (wanted, embedder)]
        ]

    def _embedder_of(self, space: Space) -> Embedder | None:
        """The model that made a space; None when it is not to be had any more."""
        try:
            embedder = self._load(space.model)
        except ModelError as error:
            log.warning("the model of the old vectors can't be loaded: %s", error)
            return None
        return embedder if embedder.spec.revision == space.revision else None

    def _wanted(self) -> Embedder:
        """The model that the settings name; without it the built-in one, with a warning."""
        try:
            return self._load(self._settings.model)
        except ModelError as error:
            log.error("the built-in model is used instead: %s", error)
            self._warnings = (f"The built-in model is used: {error}",)
            return self._builtin

    def _load(self, model: str) -> Embedder:
        """Raises ModelError."""
        return self._builtin if model == BUILT_IN else load_embedder(model, self._models, self._settings.device)

    def _take_over(self, keeper: SpaceKeeper) -> None:
        self._active = ActiveSpace(keeper.index, keeper.embedder)

    def _tell(self) -> None:
        for listener in list(self._listeners):
            listener(self._board.latest)

    def _change(self, change: Callable[[], None]) -> None:
        """One transaction, by the thread that may write."""

        def committed() -> None:
            with self._catalogue.change():
                change()

        self._call(committed)
        self._tell()

    def _call(self, function: Callable[[], None]) -> None:
        """Have the thread that may write do something, and wait."""
        if self._indexing.is_alive():
            self._indexing.call(function).result()
        else:
            function()

    def _refill(self) -> None:
        while self._indexing.spaces[0].fill():
            pass

    def _watch(self, folder: Path) -> None:
        """A command for the indexing thread: its rules decide what is watched."""
        assert self._watcher is not None
        state = self._watcher.add(folder, self._indexing.reconciler.rules_of(folder))
        with self._catalogue.change():
            self._catalogue.files.set_folder_state(folder, state, "")

    def _on_trouble(self, folder: Path, reason: str) -> None:
        """From the watcher's thread: how a folder is watched has changed, with the remedy."""
        self._indexing.order(lambda: self._show_trouble(folder, reason))

    def _show_trouble(self, folder: Path, reason: str) -> None:
        assert self._watcher is not None
        try:
            state = self._watcher.state(folder)
        except KeyError:
            return  # removed meanwhile
        with self._catalogue.change():
            self._catalogue.files.set_folder_state(folder, state, reason)

    def _read(self, path: Path) -> list[str]:
        """Texts of a file that is not indexed. Raises DocumentError."""
        document = self._indexing.pool.submit(path).result()
        if not document.chunks:
            raise DocumentError(path, "no text was found in it")
        return [chunk.embedding_text for chunk in document.chunks]
