import hashlib
import logging
import os
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from indexer.catalogue.contents import unpacked
from indexer.catalogue.damage import text_hash
from indexer.catalogue.records import FileRecord, Space, Stamp
from indexer.catalogue.writer import CatalogueWriter
from indexer.chunk import CHUNKER_VERSION
from indexer.document import Document
from indexer.errors import DocumentError
from indexer.extract.source import open_regular
from indexer.results import FileState
from indexer.shares import each, touch
from indexer.spaces import SpaceKeeper
from indexer.workers import ExtractionPool
from model.precedence import Precedence

log = logging.getLogger(__name__)

NO_TEXT = "No text was found in it; it is found by its name."
LAST = 1000  # priority of a file that changes while it is read: a log, a download
COMMIT_FILES = 64  # files, or chunks, in one transaction: each costs a write that waits for the disk
COMMIT_CHUNKS = 512
COMMIT_SECONDS = 0.3  # a saved file is not kept waiting for others
EMBED_SECONDS = 1.0  # in one step; commands wait for it
WAIT_SECONDS = 0.05
BLOCK_BYTES = 1 << 20


@dataclass(eq=False)
class Draft:
    """A file on its way through, and after it files that turned out to have the same bytes meanwhile."""

    records: list[FileRecord]
    digest: bytes
    future: Future[Document]
    document: Document | None = None
    error: str = ""
    since: float = field(default_factory=time.monotonic)

    @cached_property
    def texts(self) -> dict[bytes, str]:
        """What has to be embedded, by text hash."""
        chunks = self.document.every_chunk if self.document else ()
        return {text_hash(chunk.embedding_text): chunk.embedding_text for chunk in chunks}

    @property
    def chunks(self) -> int:
        """How many chunks have to be stored."""
        return sum(1 for _ in self.document.every_chunk) if self.document else 0


@dataclass(frozen=True, slots=True)
class Result:
    """What a file ends with; its stamp is from before it was read."""

    record: FileRecord
    state: FileState
    reason: str
    content: int | None
    failure: OSError | None = None  # of its disk or share, or it was not there: it may be otherwise by now


class Stored(NamedTuple):
    """Vectors that were committed: their numbers, their chunks, and themselves in float16."""

    numbers: list[int]
    chunks: list[int]
    rows: list[bytes]


class Pipeline:
    """Takes files from the queue through extraction and embedding into the catalogue; for the indexing thread only."""

    def __init__(
        self,
        catalogue: CatalogueWriter,
        pool: ExtractionPool,
        keeper: SpaceKeeper,
        width: int,
        lost: Callable[[FileRecord, OSError], None],
        precedence: Precedence,
        languages: str = "",
    ) -> None:
        """`lost` is told of a queued file that can't be looked at, and why."""
        self._catalogue = catalogue
        self._pool = pool
        self.keeper = keeper  # of the space that answers queries
        self._width = width  # files in extraction at a time
        self._lost = lost
        self._precedence = precedence  # of searches: files are stored between them
        self._languages = languages  # in which the text in pictures is recognised
        self._running: dict[bytes, Draft] = {}
        self._ready: list[Draft] = []
        self._vectors: dict[bytes, bytes] = {}  # float16, by text hash, of what is ready
        self.done = 0
        self.current: Path | None = None
        self.last: tuple[Path, float] | None = None

    def step(self) -> bool:
        """Do the next bit of work, for less than a second; False when there is none."""
        has_finished_some = self._fill()
        if not (self._running or self._ready):
            return has_finished_some
        if self._running:
            futures = [draft.future for draft in self._running.values()]
            wait(futures, timeout=WAIT_SECONDS, return_when=FIRST_COMPLETED)
        self._collect()
        if self._is_time_to_commit() and (drafts := self._embed()):
            self._commit(drafts)
        return True

    def use(self, keeper: SpaceKeeper) -> None:
        """Embed for another space from now on."""
        self.keeper = keeper
        self._vectors.clear()

    def abandon(self) -> None:
        """Forget what is under way; it stays queued."""
        for draft in self._running.values():
            draft.future.cancel()
        self._running.clear()
        self._ready.clear()
        self._vectors.clear()

    def _fill(self) -> bool:
        """Keep the workers busy, with one file waiting for each; whether files were finished without reading them."""
        if len(self._ready) >= COMMIT_FILES:
            return False
        known: list[Result] = []
        end = time.monotonic() + COMMIT_SECONDS
        while (room := 2 * self._width - len(self._running)) > 0 and len(known) < COMMIT_FILES:
            waiting = self._waiting(room, {result.record.id for result in known})
            if not waiting or time.monotonic() > end:
                break
            known += [result for record in waiting if (result := self._begin(record))]
        if known:
            with self._catalogue.change():
                self._finish(result for result in known if self._is_unchanged(result.record, result.failure))
            self._count(result.record for result in known)
        return bool(known)

    def _waiting(self, limit: int, known: set[int]) -> list[FileRecord]:
        """Files that are queued, without those under way and others."""
        drafts = (*self._running.values(), *self._ready)
        under_way = known | {record.id for draft in drafts for record in draft.records}
        with self._catalogue.read():
            queued = self._catalogue.files.queued(limit + len(under_way))
        return [record for record in queued if record.id not in under_way][:limit]

    def _begin(self, record: FileRecord) -> Result | None:
        """Start reading a file; what it ends with, when that is known at once."""
        self.current = record.path
        try:
            stamp = Stamp.of(touch(record.path, partial(os.lstat, record.path)))
            digest = digest_of(record.path)
        except OSError as error:
            reason = f"can't be read: {error.strerror or error}"
            return Result(record, FileState.FAILED, reason, None, _failure(error))
        except DocumentError as error:
            return Result(record, FileState.FAILED, error.reason, None, _failure(error.__cause__))
        record = replace(record, stamp=stamp)
        known = self._catalogue.contents.known(digest, CHUNKER_VERSION, self._languages)
        if known:
            return Result(record, FileState.INDEXED if known.chunks else FileState.NO_TEXT, known.note, known.id)
        same = self._running.get(digest) or next((one for one in self._ready if one.digest == digest), None)
        if same:
            same.records.append(record)
        else:
            self._running[digest] = Draft([record], digest, self._pool.submit(record.path))
        return None

    def _collect(self) -> None:
        """Take what was read; where the file has changed meanwhile, it and its copies stay queued."""
        for draft in [draft for draft in self._running.values() if draft.future.done()]:
            del self._running[draft.digest]
            failure = None
            try:
                draft.document = draft.future.result()
            except DocumentError as error:
                draft.error, failure = error.reason, _failure(error.__cause__)
            with self._catalogue.change():
                if not self._is_unchanged(draft.records[0], failure):
                    continue  # the digest may be of other bytes than those that were read
            draft.since = time.monotonic()
            self._ready.append(draft)

    def _is_time_to_commit(self) -> bool:
        if not self._ready:
            return False
        return (
            len(self._ready) >= COMMIT_FILES
            or sum(draft.chunks for draft in self._ready) >= COMMIT_CHUNKS
            or time.monotonic() - self._ready[0].since >= COMMIT_SECONDS
            or not self._running
        )

    def _embed(self) -> list[Draft]:
        """Embed texts that are ready, for about a second; the drafts that have all their vectors now."""
        missing = [text for draft in self._ready for text in draft.texts.items() if text[0] not in self._vectors]
        with self._catalogue.read():
            known = self._catalogue.contents.vectors_of(self.keeper.index.space, [digest for digest, _ in missing])
        self._vectors.update(known)
        new = {digest: text for digest, text in missing if digest not in known}  # only new texts go to the model
        end = time.monotonic() + EMBED_SECONDS
        while new and time.monotonic() < end:
            part = list(islice(new, self.keeper.stride))
            self._vectors.update(zip(part, self.keeper.embed([new.pop(digest) for digest in part]), strict=True))
        return [draft for draft in self._ready if not new.keys() & draft.texts.keys()]

    def _commit(self, drafts: list[Draft]) -> None:
        """One transaction for some of what is ready."""
        stored: list[Stored] = []
        space = self.keeper.index.space
        with self._catalogue.change():
            for draft in drafts:
                self._precedence.give_way()
                stored += self._store(draft, space, self._vectors)
        done = [record for draft in drafts for record in draft.records]
        self._ready = [draft for draft in self._ready if draft not in drafts]
        self._vectors = self._vectors if self._ready else {}
        for numbers, chunks, rows in stored:
            self.keeper.index.add(numbers, chunks, unpacked(rows, space))
        self._count(done)

    def _store(self, draft: Draft, space: Space, vectors: dict[bytes, bytes]) -> list[Stored]:
        """Finish the files of a draft that still have its bytes; the others stay queued."""
        unchanged = [record for record in draft.records if self._is_unchanged(record)]
        if not unchanged:
            return []
        if draft.document is None:
            suffix = draft.records[0].path.suffix  # under another, the same bytes go to another reader
            alike = [record for record in unchanged if record.path.suffix == suffix]
            self._finish(Result(record, FileState.FAILED, draft.error, None) for record in alike)
            return []
        content, chunks = self._catalogue.contents.put(draft.digest, draft.document, CHUNKER_VERSION)
        rows = [vectors[text_hash(chunk.embedding_text)] for chunk in draft.document.every_chunk]
        numbers = self._catalogue.contents.put_vectors(space, chunks, rows)
        state = FileState.INDEXED if chunks else FileState.NO_TEXT
        note = draft.document.note or ("" if chunks else NO_TEXT)
        kind = draft.document.kind
        self._finish(Result(replace(record, kind=kind), state, note, content) for record in unchanged)
        return [Stored(numbers, chunks, rows)] if chunks else []

    def _is_unchanged(self, record: FileRecord, failure: OSError | None = None) -> bool:
        """Looked up once more: it may have been written to, moved or removed while it was read, or that failed."""
        current = self._catalogue.files.at(record.path)
        if current is None or current.id != record.id:
            return False
        try:
            if failure:
                raise failure
            stamp = Stamp.of(touch(record.path, partial(os.lstat, record.path)))
        except OSError as error:
            self._lost(current, error)
            return False
        if stamp != record.stamp:
            changed = self._catalogue.files.put(record.folder, record.path, stamp, record.kind)
            self._catalogue.files.enqueue(changed, LAST)
        return stamp == record.stamp

    def _finish(self, results: Iterable[Result]) -> None:
        for result in results:
            record = result.record
            current = self._catalogue.files.put(record.folder, record.path, record.stamp, record.kind)
            self._catalogue.files.finish(current, result.state, result.reason, result.content)

    def _count(self, records: Iterable[FileRecord]) -> None:
        for record in records:
            self.done += 1
            self.last = (record.path, time.time())


def _failure(error: BaseException | None) -> OSError | None:
    """An error of the disk or the share; not what keeps us from reading a file, nor what is wrong within it."""
    return error if isinstance(error, OSError) and error.errno and not isinstance(error, PermissionError) else None


def digest_of(path: Path) -> bytes:
    """BLAKE2b of a file's bytes, 16 bytes: equal content is read and embedded once."""
    digest = hashlib.blake2b(digest_size=16)
    for _ in each(path, _digested(path, digest)):
        pass
    return digest.digest()


def _digested(path: Path, digest: "hashlib.blake2b") -> Iterator[None]:
    """Block by block."""
    with open_regular(path) as file:
        while block := file.read(BLOCK_BYTES):
            digest.update(block)
            yield
