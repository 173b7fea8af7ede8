from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError
from contextlib import ExitStack, closing
from dataclasses import replace
from functools import partial
from pathlib import Path

from indexer import free_other_programs, tesseract
from indexer.board import StatusBoard
from indexer.catalogue.reader import CatalogueReader
from indexer.catalogue.recognised import RecognisedTexts
from indexer.catalogue.writer import CatalogueWriter
from indexer.chosen_models import ChosenModels
from indexer.document import INSIDE
from indexer.errors import DocumentError, StoreError
from indexer.holding import hold
from indexer.indexing import Indexing
from indexer.inside import split_path
from indexer.instructions import Instructions
from indexer.rerank import SecondStage
from indexer.results import (
    Activity,
    Explanation,
    FileRow,
    FileState,
    FolderRow,
    FolderState,
    SearchRequest,
    SearchResponse,
    SimilarRequest,
    Status,
)
from indexer.search import ActiveSpace, Compared, Searcher, sample
from indexer.settings import Settings
from indexer.spaces import SpaceKeeper, sweep_segments
from indexer.unpacking import Unpacker
from indexer.upkeep import erasing, restore
from indexer.upkeep.backup import Backup, write_backup
from indexer.upkeep.copies import Stop, Tell
from indexer.upkeep.sizes import SizeReport, size_report
from indexer.watch import Watcher
from indexer.why import explain
from model.errors import ModelError
from model.precedence import Precedence

log = logging.getLogger(__name__)

RERANKER = "reranker"
NOT_WATCHED = "Cognate does not watch it now. It is compared with the disk at the next start, or now by: cognate index"
NOT_COMPARED = "It has yet to be compared with the disk since Cognate started."


class Engine:
    """The one door to indexing and search. Its methods may be called from any thread; those that say so block."""

    def __init__(self, profile: Path, settings: Settings, opened: ExitStack, forget_traces: Callable[[], None]) -> None:
        self.profile = profile
        self._opened = opened  # what is to be closed, also when the rest can't be opened
        self._forget_traces = forget_traces
        self._interrupted = threading.Event()
        self._settings = settings
        segments = profile / "segments"
        self._catalogue = opened.enter_context(closing(CatalogueWriter(profile / "catalogue.db")))
        sweep_segments(self._catalogue, segments)
        self._notices: dict[str, str] = {}  # by model
        precedence = Precedence()
        chosen = ChosenModels(self._catalogue, settings, profile, precedence, self._notify)
        keepers = chosen.keepers()
        for keeper in keepers:
            keeper.load()
        self._take_over(keepers[0])
        second_stage = SecondStage(chosen.folder, settings.reranker, chosen.running(RERANKER))
        searcher = Searcher(self._catalogue.path, lambda: self._active, chosen.builtin, second_stage, precedence)
        self._searcher = opened.enter_context(closing(searcher))
        self.instruct(settings)
        self._reader = CatalogueReader(self._catalogue.path)
        self._reader_lock = threading.Lock()
        opened.callback(self._close_reader)
        languages, warning = tesseract.languages(settings.ocr_languages) if settings.ocr else ("", "")
        warnings = (*chosen.warnings, *([warning] if warning else []))
        self._recognised = opened.enter_context(closing(RecognisedTexts(profile)))
        self._unpacker = opened.enter_context(closing(Unpacker(profile)))
        counted = opened.enter_context(closing(CatalogueReader(self._catalogue.path)))
        self._board = StatusBoard(counted, segments, warnings)
        self._listeners: list[Callable[[Status], None]] = []
        self._indexing = Indexing(
            self._catalogue,
            settings,
            keepers,
            self._board,
            on_whole=self._take_over,
            on_change=self._tell,
            spare=chosen.spare,
            languages=languages,
            recognised=self._recognised,
            precedence=precedence,
        )
        self._recognises = bool(languages)
        self._watcher: Watcher | None = None
        self._searcher.on_failure = self._on_failure

    @classmethod
    def open(
        cls, profile: Path, settings: Settings | None = None, forget_traces: Callable[[], None] = lambda: None
    ) -> Engine:
        """Open or create a profile folder; threads start with `start`.

        `forget_traces` drops what the caller keeps in the profile of queries and paths; called from an engine thread
        when a folder is erased.

        Raises:
            StoreError: another process holds it, a newer version wrote it, or it can't be written.
            ModelError: the built-in model is damaged.
        """
        free_other_programs()
        opened = ExitStack()
        try:
            opened.callback(hold(profile).release)
            restore.finish(profile)
            return cls(profile, settings or Settings(), opened, forget_traces)
        except BaseException:
            opened.close()
            raise

    def start(self) -> None:
        """Begin to watch, scan and index in background threads. Without it the engine only searches."""
        self._indexing.start()
        notice, expect = self._indexing.notice, self._indexing.expect
        self._watcher = Watcher(notice, self._on_trouble, self._settings.debounce_ms, expect=expect)
        self._indexing.reconciler.standing = self._watcher.standing
        for row in self.folders():
            self._indexing.stale.add(row.path)
            self._indexing.order(partial(self._watch, row.path))
        if erasing.is_marked(self.profile):
            self._indexing.order(self._erase)
        if self._recognises:
            self._indexing.order(self._indexing.look_at_pictures)
        self.index()

    def close(self) -> None:
        """Stop the threads and worker processes; blocks until they have ended."""
        if self._watcher:
            self._watcher.close()
        if self._indexing.is_alive():
            self._indexing.stop()
        else:
            self._indexing.pool.close()
            for keeper in self._indexing.spaces:
                keeper.interrupt()
        self._opened.close()

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
        texts = [request.text]
        if request.path is not None:
            path, member = self._place_of(request.path, request.member)
            known = self._searcher.vectors_of(path, member)
            if known:
                return self._searcher.similar(known, request.limit)
            texts = self._read(self._unpacker.copy(path, member) if member else path)
        space = self._active
        vectors = space.embedder.embed_documents(sample(texts), space.index.space.dimension)
        whole = self._keeper_in_use.whole_of("\n\n".join(texts))
        return self._searcher.similar(Compared(vectors, texts[0], None, whole), request.limit)

    def why(self, path: Path, query: str = "") -> Explanation:
        """Blocks like a search."""
        folders, status = self.folders(), self.status()
        with self._reader_lock:
            return explain(path, query, folders, status, self._settings, self._reader, self._searcher)

    def text(self, path: Path, member: str = "") -> str:
        """Extracted text of an indexed file or of a member, for the preview, or what an archive holds. Blocks."""
        with self._reader_lock:
            content = self._reader.content_at(path)
            number = self._reader.member_at(content, member) if content is not None and member else None
            if content is None or (member and number is None):
                return ""
            text = self._reader.text_of(content, number)
            start = member + INSIDE if member else ""
            held = (row.path for row in self._reader.member_rows(content) if row.path.startswith(start))
            return text or "\n".join(path.removeprefix(start) for path in held)

    def unpack(self, path: Path, member: str) -> Path:
        """A read-only copy of a member of a file, which is there until the engine closes. Blocks.

        Raises:
            DocumentError: it can't be had.
            StoreError: it can't be written.
        """
        return self._unpacker.copy(path, member)

    # Folders and files

    def folders(self) -> tuple[FolderRow, ...]:
        """Blocks for a query of the catalogue."""
        with self._reader_lock:
            rows = self._reader.folders()
        return tuple(self._as_it_is_now(row) for row in rows)

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
            self._indexing.stale.add(folder)
            self._indexing.order(lambda: self._watch(folder))
            self._indexing.order(lambda: self._indexing.scan([folder]))

    def remove_folder(self, folder: Path, erase: bool = False) -> None:
        """Forget a folder and everything indexed below it.

        To erase it, every file of the profile that may hold text of it is rewritten, which blocks for minutes at a
        million chunks; what is cut short goes on at the next start. Raises StoreError: the folder is not watched.
        """
        if folder not in {row.path for row in self.folders()}:
            folder = folder.expanduser().resolve()
        if folder not in {row.path for row in self.folders()}:
            raise StoreError(f"{folder}: this folder is not watched.")
        if self._watcher:
            self._watcher.remove(folder)
        if erase:
            erasing.mark(self.profile)
        self._change(lambda: self._catalogue.files.remove_folder(folder))
        if erase:
            self._call(self._erase)

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
        """Queue files again, whatever their state, but for those that a rule leaves out."""
        if self._indexing.is_alive():
            self._indexing.order(lambda: self._indexing.retry(paths))
        else:
            self._indexing.retry(paths)

    def status(self) -> Status:
        """Never blocks while the engine runs."""
        latest = self._board.latest
        if self._indexing.is_alive() or latest.activity is Activity.STOPPED:
            return latest
        return self._board.refresh(Activity.IDLE)

    def subscribe(self, listener: Callable[[Status], None]) -> Callable[[], None]:
        """Have `listener` called from an engine thread when activity, files or warnings change; returns the undo."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def check(self) -> tuple[str, ...]:
        """What is wrong with catalogue and segments; empty when all is sound. Blocks for seconds at a million."""
        with self._reader_lock:
            problems = self._reader.problems()
        damaged = sum(len(keeper.damaged_segments()) for keeper in self._indexing.spaces)
        return (*problems, *([f"{damaged:,} segments that have changed on the disk"] if damaged else []))

    def mend(self) -> tuple[str, ...]:
        """Put right what `check` finds; what it finds afterwards. Blocks for a minute at 100,000 chunks."""
        self._change(self._catalogue.contents.mend)
        self._change(self._catalogue.files.mend)
        self._call(self._indexing.make_up)
        return self.check()

    # Upkeep

    def remove_space(self, number: int) -> None:
        """Delete the vectors of a space that is kept to go back to. Blocks. Raises StoreError: it is in use."""

        def remove() -> None:
            for name in self._indexing.remove_space(number):
                (self.profile / "segments" / name).unlink(missing_ok=True)

        self._call(remove)

    def back_up(self, where: Path, tell: Tell, stop: Stop = lambda: False) -> Backup:
        """Back the profile up to a new folder in `where`, and read it back; indexing and search go on. Blocks.

        Raises StoreError: it could not be written whole, or `stop` said so, and nothing is left of it.
        """
        return write_backup(self.profile, where, tell, lambda: stop() or self._interrupted.is_set())

    def sizes(self) -> SizeReport:
        """What takes the room. Blocks: reads the whole catalogue."""
        return size_report(self.profile)

    def interrupt(self) -> None:
        """Have a backup in another thread break off; before `close`, which its caller may be kept from by it."""
        self._interrupted.set()

    # Inside

    def _as_it_is_now(self, row: FolderRow) -> FolderRow:
        """A folder that the catalogue calls watched may not be: nobody runs, or it has yet to be looked through."""
        if row.state is FolderState.ABSENT:
            return row
        if not self._indexing.is_alive():
            return replace(row, state=FolderState.STALE, note=row.note or NOT_WATCHED)
        if row.path in self._indexing.stale:
            return replace(row, state=FolderState.STALE, note=row.note or NOT_COMPARED)
        return row

    def _erase(self) -> None:
        if not self._indexing.erase(self.profile):
            raise StoreError("Cognate ends before all is erased; the rest follows at its next start.")
        self._recognised.clear()
        self._unpacker.clear()
        self._forget_traces()
        erasing.unmark(self.profile)

    def _notify(self, model: str, notice: str) -> None:
        """From any thread: a model has to run elsewhere, or runs where it should again."""
        self._notices = self._notices | {model: notice}
        self._board.notices = tuple(filter(None, self._notices.values()))
        self._indexing.order(self._indexing.refresh)

    def _on_failure(self, error: ModelError) -> None:
        """From a thread that searches: the model that answers does not."""
        if self._watcher:
            self._indexing.order(lambda: self._indexing.fall_back(error))

    def _take_over(self, keeper: SpaceKeeper) -> None:
        self._keeper_in_use = keeper
        self._active = ActiveSpace(keeper.index, keeper.embedder)

    def _tell(self) -> None:
        for listener in list(self._listeners):
            listener(self._board.latest)

    def _close_reader(self) -> None:
        with self._reader_lock:
            self._reader.close()

    def _change(self, change: Callable[[], None]) -> None:
        """One transaction, by the thread that may write."""

        def committed() -> None:
            with self._catalogue.change():
                change()

        self._call(committed)
        self._tell()

    def _call(self, function: Callable[[], None]) -> None:
        """Have the thread that may write do something, and wait."""
        if not self._indexing.is_alive():
            function()
            return
        try:
            self._indexing.call(function).result()
        except CancelledError:
            raise StoreError("Cognate ends before this is done. Do it again after its next start.") from None

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
        texts = [chunk.embedding_text for chunk in self._indexing.pool.submit(path).result().every_chunk]
        if not texts:
            raise DocumentError(path, "no text was found in it")
        return texts

    def _place_of(self, path: Path, member: str) -> tuple[Path, str]:
        """A file and a member of it, for a path that goes on into an indexed archive, as `why` takes it, too."""
        with self._reader_lock:
            return (path, member) if member else split_path(path, self._reader)
