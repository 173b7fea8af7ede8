import logging
import queue
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import NamedTuple, TypeVar

from indexer.board import StatusBoard
from indexer.catalogue.recognised import RecognisedTexts
from indexer.catalogue.writer import CatalogueWriter
from indexer.errors import StoreError
from indexer.extract import NOT_READ, RECOGNISABLE, Limits
from indexer.pipeline import Pipeline
from indexer.reconcile import PICTURES, URGENT, Reconciler
from indexer.results import Activity, FileState
from indexer.rules import Rules
from indexer.settings import Settings
from indexer.spaces import SpaceKeeper
from indexer.upkeep.erasing import erase_deleted
from indexer.workers import ExtractionPool
from model.errors import CognateError, ModelError
from model.precedence import Precedence
from model.registry import BUILT_IN
from model.remote.errors import ServerError

log = logging.getLogger(__name__)

PROBE = "Does it work again?"
RETRY_SECONDS = 30  # after a full disk or a lost device
STATUS_SECONDS = 0.5
LOOK_SECONDS = 0.1  # between looks at another process at work: a segment that is built, a reader that starts

T = TypeVar("T")


class _Command(NamedTuple):
    obey: Callable[[], None]
    refuse: Callable[[], object]  # where the thread ends first


class Indexing(threading.Thread):
    """The one writer: obeys commands, reads what is queued, keeps the vector index. Ends on `stop`."""

    def __init__(
        self,
        catalogue: CatalogueWriter,
        settings: Settings,
        spaces: Sequence[SpaceKeeper],
        board: StatusBoard,
        on_whole: Callable[[SpaceKeeper], None],
        on_change: Callable[[], None],
        spare: Callable[[], SpaceKeeper],
        languages: str,
        recognised: RecognisedTexts,
        precedence: Precedence,
    ) -> None:
        super().__init__(name="indexing", daemon=True)
        self._catalogue = catalogue
        self.spaces = list(spaces)  # the one that answers, then those that are filled behind it
        self._precedence = precedence
        self._board = board
        self._on_whole = on_whole
        self._on_change = on_change
        self._spare = spare  # opens the space of the built-in model, for when the one that answers fails
        board.filled = self._filled()
        self._stopping = threading.Event()
        self._languages = languages  # in which the text in pictures is recognised
        self.reconciler = Reconciler(catalogue, settings, self._stopping.is_set, bool(languages))
        self.pool = ExtractionPool(settings.extraction_workers, Limits(ocr_languages=languages), recognised)
        width, lost = settings.extraction_workers, self.reconciler.lost
        self._pipeline = Pipeline(catalogue, self.pool, spaces[0], width, lost, precedence, languages)
        self._commands: queue.SimpleQueue[_Command] = queue.SimpleQueue()
        self._changed: set[Path] = set()
        self.stale: set[Path] = set()  # folders that were not compared with the disk as a whole since the start
        self._state = threading.Condition()
        self._pending = 0  # commands that were given and not yet obeyed
        self._is_working = True
        self._has_ended = False
        self._is_building = False
        self._rest_seconds = 0.0  # until there may be something to do though no command has come
        self._paused = ""
        self._trouble = ""
        self._deferred: list[Callable[[], None]] = []  # orders that failed, until the trouble is over
        self._retry_at = 0.0
        self._fill_trouble = ""
        self._fill_prefix = ""  # of it
        self._is_partial = True  # the space that answers may lack vectors, after an update of its model
        self._fill_at = 0.0
        self._whole_at = 0.0
        self._refresh_at = 0.0

    # Called from any thread

    def call(self, function: Callable[[], T]) -> "Future[T]":
        """Have something done by this thread, between two batches, by a caller who looks at the result.

        It is cancelled when the thread ends first.
        """
        future: Future[T] = Future()

        def command() -> None:
            try:
                future.set_result(function())
            except Exception as error:
                future.set_exception(error)
                if not isinstance(error, CognateError):
                    raise

        self._give(command, future.cancel)
        return future

    def order(self, function: Callable[[], object]) -> None:
        """Have something done by this thread; when the surroundings fail (a full disk), again a while later."""

        def command() -> None:
            try:
                function()
            except CognateError as error:
                self._deferred.append(command)
                self._suspend(error)

        self._give(command)

    def _give(self, command: Callable[[], None], refuse: Callable[[], object] = lambda: None) -> None:
        with self._state:
            if not self._has_ended:
                self._pending += 1
                self._commands.put(_Command(command, refuse))
                return
        refuse()

    def notice(self, path: Path) -> None:
        """A path may have changed."""
        with self._state:
            is_first = not self._changed
            self._changed.add(path)
        if is_first:
            self.order(self._look_at_changes)

    def expect(self, path: Path, rules: Rules) -> None:
        """Something happens to a path: have a reader started while it comes to rest. Returns at once."""
        is_resting = self._paused or self._trouble or self._stopping.is_set()
        if self.pool.is_cold and not is_resting and self.reconciler.may_be_read(path, rules):
            self.pool.warm_up()

    def pause(self, reason: str) -> None:
        """Stop reading after the batch in hand."""
        self.order(lambda: self._set_paused(reason))

    def resume(self) -> None:
        """Go on reading."""
        self.order(lambda: self._set_paused(""))

    def wait(self, timeout: float | None) -> bool:
        """Block until there is nothing to do, or nothing can be done."""
        with self._state:
            return self._state.wait_for(lambda: not self.is_alive() or not (self._pending or self._is_working), timeout)

    def stop(self) -> None:
        """End the thread after the batch in hand, and its processes; what is queued stays queued."""
        self._stopping.set()
        for keeper in self.spaces:
            keeper.interrupt()
        self.order(lambda: None)
        self.join()

    # The thread

    def run(self) -> None:
        """Until `stop`."""
        activity, detail = Activity.IDLE, ""
        try:
            while not self._stopping.is_set():
                self._turn()
        except Exception as error:  # a thread must not die unseen
            log.exception("indexing stopped")
            activity, detail = Activity.STOPPED, f"Indexing stopped by an error of ours: {error}. Restart Cognate."
        finally:
            try:
                self.pool.close()
                for keeper in self.spaces:
                    keeper.close()
                self._refresh(activity, detail)
            finally:
                self._refuse_what_is_left()

    def _turn(self) -> None:
        self._obey()
        if self._paused or (self._trouble and time.monotonic() < self._retry_at):
            self._rest_seconds = RETRY_SECONDS
            self._rest(Activity.PAUSED, self._paused or self._trouble)
            return
        self._precedence.give_way()
        try:
            is_working = self._pipeline.step() or self._fill() or self._fill_whole() or self._tidy()
            self._is_building = self.spaces[0].keep(is_idle=not is_working)
            if not is_working:
                self._rest_seconds = self._make_resident()
            self._trouble = ""
        except CognateError as error:
            if not self.fall_back(error):
                self._suspend(error)
            return
        while self._deferred:
            self._give(self._deferred.pop())
        if not is_working:
            self._rest(Activity.IDLE, "")
            return
        with self._state:
            self._is_working = True
        if time.monotonic() >= self._refresh_at:
            self._refresh(Activity.INDEXING, str(self._pipeline.current or ""))

    def _suspend(self, error: CognateError) -> None:
        if not self._stopping.is_set():
            log.error("indexing pauses: %s", error)
        self._trouble, self._retry_at = str(error), time.monotonic() + RETRY_SECONDS

    def _obey(self) -> None:
        """Commands go before files; without files the thread sleeps until a command comes."""
        can_sleep = not self._is_working and self._commands.empty()
        try:
            command = self._commands.get(block=can_sleep, timeout=self._rest_seconds)
            if not self._is_working:  # a saved file is not kept waiting for numbers
                self._refresh_at = time.monotonic() + STATUS_SECONDS
            while True:
                command.obey()
                with self._state:
                    self._pending -= 1
                    self._is_working = True
                command = self._commands.get_nowait()
        except queue.Empty:
            return

    def _refuse_what_is_left(self) -> None:
        """So that nobody waits for it."""
        with self._state:
            self._has_ended, self._is_working, self._pending = True, False, 0
            self._state.notify_all()
        while not self._commands.empty():
            self._commands.get_nowait().refuse()

    def _rest(self, activity: Activity, detail: str) -> None:
        was_working = self._is_working
        if was_working:
            self._refresh(activity, detail)
        with self._state:
            self._is_working = False
            self._state.notify_all()

    def _refresh(self, activity: Activity, detail: str) -> None:
        before = self._board.latest
        self._refresh_at = time.monotonic() + STATUS_SECONDS
        warnings = (self._fill_trouble,) if self._fill_trouble else ()
        self._board.filled = self._filled()
        now = self._board.refresh(activity, detail, self._pipeline.done, self._pipeline.last, warnings)
        if before.facts != now.facts:
            self._on_change()

    def _filled(self) -> frozenset[int]:
        return frozenset(keeper.index.space.id for keeper in self.spaces)

    def _look_at_changes(self) -> None:
        with self._state:
            changed, self._changed = self._changed, set()
        try:
            self.reconciler.changed(sorted(changed))
        except CognateError:
            with self._state:
                self._changed |= changed
            raise

    def _set_paused(self, reason: str) -> None:
        self._paused = reason

    def scan(self, folders: Iterable[Path]) -> None:
        """Compare folders with the disk. For `order`."""
        for folder in folders:
            if not self._stopping.is_set():
                self._refresh(Activity.SCANNING, str(folder))
                try:
                    self.reconciler.scan(folder)
                except CognateError:
                    self.stale.add(folder)
                    raise
                if not self._stopping.is_set():
                    self.stale.discard(folder)

    def erase(self, profile: Path) -> bool:
        """Leave no byte of what was deleted in the index; False: the thread is to end. For `call` and `order`."""
        self._refresh(Activity.ERASING, "")
        return erase_deleted(profile, self._catalogue, self.spaces, self._stopping.is_set)

    def make_up(self) -> None:
        """Make the vectors that are missing, and segments whose files are damaged. For `call`."""
        while self.spaces[0].fill():
            pass
        for keeper in self.spaces:
            keeper.renew(keeper.index.is_damaged, self._stopping.is_set)

    def look_at_pictures(self) -> None:
        """Queue what has text in pictures that was not recognised in the languages of now. For `order`."""
        with self._catalogue.change():
            self._catalogue.files.enqueue_scans(self._languages, RECOGNISABLE, NOT_READ, PICTURES)

    def retry(self, paths: Sequence[Path]) -> None:
        """Queue files before all others. For `order`."""
        with self._catalogue.change():
            for path in paths:
                record = self._catalogue.files.at(path)
                if record and record.state is not FileState.EXCLUDED:
                    self._catalogue.files.enqueue(record, URGENT)

    def remove_space(self, number: int) -> list[str]:
        """Delete a space that is kept to go back to; its segments. For `call`. Raises StoreError: it is in use."""
        if number in self._filled():
            raise StoreError("These vectors are in use: choose another model first.")
        with self._catalogue.change():
            names = self._catalogue.spaces.remove(number)
        self.refresh()
        return names

    def fall_back(self, error: CognateError) -> bool:
        """Where a model on this computer has failed, have the built-in one answer and index until it works again."""
        failed = self.spaces[0]
        if not isinstance(error, ModelError) or isinstance(error, ServerError) or failed.index.space.model == BUILT_IN:
            return False
        log.error("the built-in model takes over: %s", error)
        keeper = self._spare()
        with self._catalogue.change():
            self._catalogue.spaces.activate(keeper.index.space)
        self.spaces = [keeper, self.spaces[-1]]  # the one that is wanted
        self._pipeline.use(keeper)
        self._is_partial = True
        self._fill_prefix = "The built-in model is used meanwhile: "
        self._fill_trouble = f"{self._fill_prefix}{error}"
        self._fill_at = time.monotonic() + RETRY_SECONDS
        self._on_whole(keeper)
        return True

    def refresh(self) -> None:
        """Show what has changed besides the files. For `order`."""
        latest = self._board.latest
        self._refresh(latest.activity, latest.detail)
        self._on_change()

    def _fill_whole(self) -> bool:
        """Embed a whole file; what the model can't do now is tried again later."""
        if time.monotonic() < self._whole_at:
            return False
        try:
            return self.spaces[0].fill_whole()
        except ModelError as error:
            log.warning("no vectors of whole files are made now: %s", error)
            self._whole_at = time.monotonic() + RETRY_SECONDS
            return False

    def _tidy(self) -> bool:
        """Merge a part of the index of words where that is due, as deleted words stay in it until then, or give a part
        of the room that is free back to the disk.
        """
        contents = self._catalogue.contents
        with self._catalogue.read():
            is_due = contents.has_scattered_words()
        if is_due:
            with self._catalogue.change():
                contents.merge_words()
        return is_due or self._catalogue.shrink()

    def _make_resident(self) -> float:
        """Read some vectors into memory, but not while a reader starts: somebody waits for a file that was saved.

        How many seconds to rest then.
        """
        if self.pool.is_busy:
            return LOOK_SECONDS
        if self.spaces[0].make_resident():
            return 0.0
        return LOOK_SECONDS if self._is_building else RETRY_SECONDS

    def _fill(self) -> bool:
        """Embed for a space that is not whole yet; the first that is whole answers from then on."""
        for keeper in self.spaces if self._is_partial else self.spaces[1:]:
            if keeper is not self.spaces[0] and time.monotonic() < self._fill_at:
                return False
            try:
                if keeper.fill():
                    return True
                if self._fill_trouble and keeper is not self.spaces[0]:
                    keeper.embedder.embed_queries([PROBE])  # it lacks no vector, and yet it may not work
            except ModelError as error:  # the space that answers is none the worse: files go on into it
                log.error("the vectors of the new model are not made: %s", error)
                self._fill_trouble = f"{self._fill_prefix}{error}"
                self._fill_at = time.monotonic() + RETRY_SECONDS
                return False
            self._is_partial = False  # the space that answers is looked at once: its new chunks come with their vectors
            if keeper is self.spaces[0]:
                continue
            with self._catalogue.change():
                self._catalogue.spaces.activate(keeper.index.space)
            old, self.spaces = self.spaces, [keeper]
            self._pipeline.use(keeper)
            self._on_whole(keeper)
            for one in old:
                if one is not keeper:
                    one.close()
            self._fill_prefix = self._fill_trouble = ""
            return True
        return False
