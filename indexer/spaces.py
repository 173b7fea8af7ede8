import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer import resident
from indexer.catalogue.contents import packed, unpacked
from indexer.catalogue.records import SegmentRecord, Space
from indexer.catalogue.writer import CatalogueWriter
from indexer.durable import make_folder
from indexer.errors import StoreError
from indexer.segment_worker import SegmentBuild
from indexer.segments import VectorIndex, sweep
from indexer.settings import WholeFiles
from indexer.upkeep.copies import remove
from model.embedder import Closable, Embedder, LongEmbedder

log = logging.getLogger(__name__)

FIRST_STRIDE = 32  # chunks embedded at first; then as many as take about a second
MAX_STRIDE = 512
STRIDE_SECONDS = 1.0  # that one stride should take at most
RENEWAL_SECONDS = 0.05  # between looks at a segment that is being built


class SpaceKeeper:
    """Keeps the index of one space level with the catalogue: segments flushed and merged, missing vectors added."""

    def __init__(
        self,
        catalogue: CatalogueWriter,
        folder: Path,
        space: Space,
        embedder: Embedder,
        flush_chunks: int,
        dimension: int = 0,
        whole_files: WholeFiles = WholeFiles.NEVER,
    ) -> None:
        self.index = VectorIndex(folder, space, dimension)
        self.embedder = embedder
        self._catalogue = catalogue
        self._folder = folder
        self._flush_chunks = flush_chunks
        self._whole_files = whole_files
        self._build: SegmentBuild | None = None
        self._missing: deque[int] = deque()  # chunks to embed, as far as they were looked up
        self._most_resident_bytes = resident.most_bytes()
        self.stride = FIRST_STRIDE  # chunks to embed in one go

    def load(self) -> None:
        """Load what is on disk; damaged segments are forgotten and rebuilt."""
        spaces = self._catalogue.spaces
        with self._catalogue.read():
            bad = self.index.load(spaces, spaces.segments(self.index.space))
        if bad:
            with self._catalogue.change():
                spaces.forget(bad)

    def make_resident(self) -> bool:
        """Read some of the vectors that are to stay in memory; False when there are no more, or that can't be done."""
        try:
            with self._catalogue.read():
                return self.index.make_resident(self._catalogue.spaces, self._most_resident_bytes)
        except (StoreError, ValueError, MemoryError) as error:  # a damaged one is told of where it is needed
            log.warning("vectors stay on the disk: %s", error)
            self._most_resident_bytes = 0
            return False

    def fill(self) -> bool:
        """Embed some of the chunks that have no vector in this space yet; False when there are none."""
        contents, space = self._catalogue.contents, self.index.space
        missing = self._next_missing()
        if not missing:
            return False
        rows = self.embed([text for _, text, _ in missing])
        chunks = [chunk for chunk, _, _ in missing]
        with self._catalogue.change():
            numbers = contents.put_vectors(space, chunks, rows)
        self.index.add(numbers, chunks, unpacked(rows, space))
        return True

    def _next_missing(self) -> list[tuple[int, str, bytes]]:
        """Number, text and hash of the next chunks to embed, those of the files that changed last first."""
        contents, space = self._catalogue.contents, self.index.space
        with self._catalogue.read():
            if not self._missing:
                self._missing.extend(contents.without_vector(space))
            while self._missing:
                count = min(self.stride, len(self._missing))
                if found := contents.to_embed(space, [self._missing.popleft() for _ in range(count)]):
                    return found
        return []

    def fill_whole(self) -> bool:
        """Embed the whole of one more file, newest first; False when there is none, or it is not to be done."""
        if not self._reads_wholes:
            return False
        assert isinstance(self.embedder, LongEmbedder)
        with self._catalogue.read():
            missing = self._catalogue.wholes.missing(self.index.space)
        if missing is None:
            return False
        whole = self.embedder.embed_whole(missing.text, self.index.space.dimension)
        with self._catalogue.change():
            (vector,) = packed(whole.vector[np.newaxis])
            self._catalogue.wholes.put(self.index.space, missing.content, vector, whole.is_cut)
        return True

    def whole_of(self, text: str) -> NDArray[np.float32] | None:
        """The vector of a whole text, [dimension]; None where files are compared by their passages alone."""
        if not self._reads_wholes:
            return None
        assert isinstance(self.embedder, LongEmbedder)
        return self.embedder.embed_whole(text, self.index.space.dimension).vector

    @cached_property
    def _reads_wholes(self) -> bool:
        if self._whole_files is WholeFiles.NEVER or not isinstance(self.embedder, LongEmbedder):
            return False
        return self._whole_files is WholeFiles.ALWAYS or self.embedder.reads_wholes

    def embed(self, texts: Sequence[str]) -> list[bytes]:
        """float16 vectors of at most `stride` texts; models differ a thousandfold in speed, and others wait for it."""
        started = time.monotonic()
        rows = packed(self.embedder.embed_documents(texts, self.index.space.dimension))
        seconds = time.monotonic() - started
        if seconds > STRIDE_SECONDS:
            self.stride = max(1, self.stride // 2)
        elif seconds < STRIDE_SECONDS / 2 and len(texts) == self.stride:
            self.stride = min(MAX_STRIDE, 2 * self.stride)
        return rows

    def keep(self, is_idle: bool) -> bool:
        """Publish a segment that was built, begin one that is due; whether one is being built."""
        if self._build and self._build.finished():
            build, self._build = self._build, None
            self._publish(build)
        if not self._build and (due := self.index.due(self._flush_chunks, is_idle)):
            self._build = SegmentBuild(self._catalogue.path, self._folder, self.index.space, self.index.prefix, *due)
        return self._build is not None

    def damaged_segments(self) -> list[SegmentRecord]:
        """Those in use whose file is not what was written. Reads them all."""
        damaged = [record for record in self.index.records if self.index.is_damaged(record)]
        in_use = self.index.records  # still: one may have been merged away meanwhile
        return [record for record in damaged if record in in_use]

    def holds_deleted(self, record: SegmentRecord) -> bool:
        """Whether a segment has vectors of deleted chunks."""
        with self._catalogue.read():
            living = self._catalogue.spaces.count_between(self.index.space, record.low, record.high)
        return living < record.count

    def renew(self, is_due: Callable[[SegmentRecord], bool], stop: Callable[[], bool]) -> bool:
        """Build segments anew that are due; blocks until none is, or `stop` says so: False."""
        while not stop():
            if self._build is None and not self._begin_renewal(is_due):
                return True
            if self._build and self._build.finished():
                build, self._build = self._build, None
                self._publish(build)
            time.sleep(RENEWAL_SECONDS)
        return False

    def _begin_renewal(self, is_due: Callable[[SegmentRecord], bool]) -> bool:
        record = next(filter(is_due, self.index.records), None)
        if record:
            span = (record.low, record.high, [record.name])
            self._build = SegmentBuild(self._catalogue.path, self._folder, self.index.space, self.index.prefix, *span)
        return record is not None

    def interrupt(self) -> None:
        """Have a model on a server give up what is under way, which may take minutes. From any thread."""
        if isinstance(self.embedder, Closable):
            self.embedder.close()

    def close(self) -> None:
        """Give up a build under way."""
        if self._build:
            self._build.close()

    def _publish(self, build: SegmentBuild) -> None:
        record = build.result()
        with self._catalogue.change():
            if record is None:
                self._catalogue.spaces.forget(build.replaced)
            else:
                self._catalogue.spaces.publish(record, build.replaced)
        if record is None:
            self.index.drop(build.replaced, build.low, build.high)
        else:
            self.index.adopt(record, build.replaced)
        for name in build.replaced:
            remove(self._folder / name)


def sweep_segments(catalogue: CatalogueWriter, folder: Path) -> None:
    """Make the folder of segments; delete files that no row names, which a crash left behind."""
    try:
        make_folder(folder)
        with catalogue.read():
            named = [record.name for record in catalogue.spaces.segments()]
        sweep(folder, named)
    except OSError as error:
        raise StoreError(f"{folder}: can't be written ({error.strerror}). Check its permissions.") from error
