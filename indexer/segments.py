import hashlib
import logging
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from indexer import codes, graphs, resident
from indexer.catalogue.records import SegmentRecord, Space
from indexer.catalogue.spaces import Spaces
from indexer.codes import STEP, Scored
from indexer.durable import publish
from indexer.errors import StoreError
from indexer.resident import ResidentVectors
from indexer.upkeep.copies import remove
from model.embedder import shorten
from model.registry import BUILT_IN

log = logging.getLogger(__name__)

PREFIX = 256  # MRL dimensions in segments; what is found by them is compared at full dimension
SAMPLES = 16  # batches spread over all the vectors of a segment, which its codes are fitted to
SAMPLE_ROWS = 2048
TIER = 4  # times as many vectors are in a segment of the next size tier
MERGE_AT = {codes.SUFFIX: 2, graphs.SUFFIX: 4}  # segments of one tier; of 100,000 vectors codes take seconds to build
IDLE_SHARE = 4  # of the vectors that a segment is built of are enough when nothing else is to be done
MAX_SEGMENTS = 8  # the cost of a query grows with their number

Batch = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]  # numbers, chunks and vectors


class Searched(Protocol):
    """Vectors of a segment, ready to be searched."""

    def nearest(self, query: NDArray[np.float32], limit: int) -> Scored:
        """Candidates for a query [dimension], best first."""
        ...

    def scores(self, query: NDArray[np.float32], chunks: NDArray[np.int64]) -> Scored:
        """Scores of those among the chunks (sorted, without repeats) that are here."""
        ...


@dataclass(frozen=True, slots=True)
class Segment:
    """An immutable file, in memory."""

    record: SegmentRecord
    vectors: Searched
    resident: ResidentVectors | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What one query searches: immutable segments, and the vectors that are newer, in memory."""

    segments: tuple[Segment, ...]
    delta_chunks: NDArray[np.int64]
    delta: NDArray[np.float32]  # [n, dimension of the prefix]

    @property
    def count(self) -> int:
        """How many vectors are searched."""
        return sum(segment.record.count for segment in self.segments) + len(self.delta_chunks)

    def nearest(self, query: NDArray[np.float32], limit: int) -> Scored:
        """Candidates for a unit query [prefix], to be compared in full: their order is nearly right.

        Chunks that were deleted may be among them.
        """
        found = [segment.vectors.nearest(query, limit) for segment in self.segments]
        found.append((self.delta_chunks, self.delta @ query))
        return _best(found, limit)

    def cosines(self, query: NDArray[np.float32], chunks: NDArray[np.int64]) -> Scored:
        """Cosines with a unit query [dimension] of those among the chunks (sorted, without repeats) that are in memory.

        Deleted chunks may be among them.
        """
        cosines = np.full(len(chunks), np.nan, np.float32)
        for segment in self.segments:
            if segment.resident:
                segment.resident.compare(query, chunks, cosines)
        if len(self.delta_chunks) and len(query) == self.delta.shape[1]:
            places = np.searchsorted(chunks[:-1], self.delta_chunks)
            wanted = chunks[places] == self.delta_chunks
            cosines[places[wanted]] = self.delta[wanted] @ query
        found = ~np.isnan(cosines)
        return chunks[found], cosines[found]

    def nearest_of(self, query: NDArray[np.float32], chunks: NDArray[np.int64], limit: int) -> Scored:
        """Candidates among the given chunks (sorted, without repeats), every one of which is looked at."""
        found = [segment.vectors.scores(query, chunks) for segment in self.segments]
        wanted = np.isin(self.delta_chunks, chunks)
        found.append((self.delta_chunks[wanted], self.delta[wanted] @ query))
        return _best(found, limit)


def _best(found: Sequence[Scored], limit: int) -> Scored:
    chunks, scores = _joined(found)
    if len(scores) > limit:
        best = np.argpartition(-scores, limit)[:limit]
        chunks, scores = chunks[best], scores[best]
    order = np.argsort(-scores, kind="stable")
    return chunks[order], scores[order]


def _joined(found: Sequence[Scored]) -> Scored:
    return np.concatenate([one[0] for one in found]), np.concatenate([one[1] for one in found])


class VectorIndex:
    """Vectors of one space: segments on disk and in memory, and the delta. Only the indexing thread changes it."""

    def __init__(self, folder: Path, space: Space, dimension: int = 0) -> None:
        """Vectors are compared by their first `dimension` components; 0: by all."""
        self.space = space
        self.dimension = min(dimension or space.dimension, space.dimension)
        self.prefix = prefix_of(self.dimension)
        self._folder = folder
        self._lock = threading.Lock()
        self._segments: tuple[Segment, ...] = ()
        self._coming: ResidentVectors | None = None
        self._buffer = np.empty((1024, self.prefix), np.float32)
        self._chunks = np.empty(1024, np.int64)
        self._numbers = np.empty(1024, np.int64)
        self._count = 0

    def snapshot(self) -> Snapshot:
        """Any thread may call this."""
        with self._lock:
            return Snapshot(self._segments, self._chunks[: self._count], self._buffer[: self._count])

    @property
    def delta_count(self) -> int:
        """Vectors that are searched exactly."""
        return self._count

    @property
    def records(self) -> list[SegmentRecord]:
        """Of the segments in use."""
        return [segment.record for segment in self._segments]

    def is_damaged(self, record: SegmentRecord) -> bool:
        """Whether the file of a segment is not what was written, or not there."""
        path = self._folder / record.name
        try:
            return path.stat().st_size != record.size_bytes or checksum(path) != record.checksum
        except OSError:
            return True

    def load(self, spaces: Spaces, records: Iterable[SegmentRecord]) -> list[str]:
        """Load segments and the vectors that none of them holds; names of segments that are damaged or missing."""
        sound, bad = [], []
        for record in records:
            try:
                sound.append(self._read(record))
            except (OSError, RuntimeError, StoreError) as error:
                log.warning("segment %s is rebuilt: %s", record.name, error)
                bad.append(record.name)
        self._segments = tuple(sound)
        starts = [0, *(record.high + 1 for record in self.records)]
        ends = [*(record.low - 1 for record in self.records), 2**62]
        for low, high in zip(starts, ends, strict=True):
            for numbers, chunks, vectors in spaces.vectors(self.space, low, high):
                self.add(numbers.tolist(), chunks.tolist(), vectors)
        return bad

    def add(self, numbers: Sequence[int], chunks: Sequence[int], vectors: NDArray[np.float32]) -> None:
        """Add committed vectors [n, full dimension] to the delta."""
        if not len(numbers):
            return
        with self._lock:
            end = self._count + len(numbers)
            if end > len(self._buffer):
                self._grow(end)
            rows = slice(self._count, end)
            self._buffer[rows] = shorten(vectors, self.prefix)
            self._chunks[rows] = chunks
            self._numbers[rows] = numbers
            self._count = end

    def adopt(self, record: SegmentRecord, replaced: Sequence[str]) -> None:
        """Search a segment that has been published, in place of others and of the delta that it holds."""
        segment = self._read(record)
        with self._lock:
            kept = [old for old in self._segments if old.record.name not in replaced]
            self._segments = tuple(sorted([*kept, segment], key=lambda one: one.record.low))
            self._drop_delta(record.low, record.high)

    def drop(self, names: Sequence[str], low: int, high: int) -> None:
        """Search segments no more, nor newer vectors numbered low to high; none of them is in the catalogue."""
        with self._lock:
            self._segments = tuple(old for old in self._segments if old.record.name not in names)
            self._drop_delta(low, high)

    def _drop_delta(self, low: int, high: int) -> None:
        kept = self._numbers[: self._count] > high
        kept |= self._numbers[: self._count] < low
        chunks, numbers = self._chunks[: self._count][kept], self._numbers[: self._count][kept]
        self._buffer = np.array(self._buffer[: self._count][kept])
        self._chunks, self._numbers, self._count = chunks, numbers, len(chunks)

    def make_resident(self, spaces: Spaces, most_bytes: int) -> bool:
        """Read some of the vectors that are to stay in memory; False: there are no more, or no room for them."""
        coming, self._coming = self._coming, None
        if coming is None or coming.record not in self.records:
            coming = self._next_resident(most_bytes)
        if coming is None:
            return False
        if coming.read(spaces, self.space):
            self._coming = coming
            return True
        with self._lock:
            self._segments = tuple(
                replace(one, resident=coming) if one.record == coming.record else one for one in self._segments
            )
        return True

    def _next_resident(self, most_bytes: int) -> ResidentVectors | None:
        taken = sum(resident.size_bytes(one.record, self.dimension) for one in self._segments if one.resident)
        for one in self._segments:
            if not one.resident and taken + resident.size_bytes(one.record, self.dimension) <= most_bytes:
                return ResidentVectors(one.record, self.dimension)
        return None

    def due(self, flush_at: int, is_idle: bool) -> tuple[int, int, list[str]] | None:
        """Range of vector numbers to build the next segment from, and the segments that it replaces.

        A merge of graphs takes minutes at a hundred thousand vectors, while new ones pile up: so it waits for quiet
        times, unless there are so many segments that searching them costs more. In quiet times fewer new vectors are
        enough.
        """
        if self._count >= (max(1, flush_at // IDLE_SHARE) if is_idle else flush_at):
            numbers = self._numbers[: self._count]
            low = int(numbers.min())
            end = min((record.low for record in self.records if record.low > low), default=2**62)
            return low, int(numbers[numbers < end].max()), []
        if not is_idle and len(self._segments) < MAX_SEGMENTS:
            return None
        for tier in sorted({_tier(record.count, flush_at) for record in self.records}):
            same = [record for record in self.records if _tier(record.count, flush_at) == tier]
            if len(same) >= MERGE_AT[suffix_of(self.space)]:
                return self._span(same)
        return None

    def _span(self, same: list[SegmentRecord]) -> tuple[int, int, list[str]]:
        low, high = min(one.low for one in same), max(one.high for one in same)
        return low, high, [one.name for one in self.records if low <= one.low and one.high <= high]

    def _grow(self, size: int) -> None:
        room = max(size, 2 * len(self._buffer))
        for name in ("_buffer", "_chunks", "_numbers"):
            old = getattr(self, name)
            new = np.empty((room, *old.shape[1:]), old.dtype)
            new[: self._count] = old[: self._count]
            setattr(self, name, new)

    def _read(self, record: SegmentRecord) -> Segment:
        path = self._folder / record.name
        if record.dimension != self.prefix or record.space != self.space.id:
            raise StoreError(f"{path}: this segment belongs to another vector space")
        if path.suffix != suffix_of(self.space):
            raise StoreError(f"{path}: segments of this vector space are of another kind now")
        if self.is_damaged(record):
            raise StoreError(f"{path}: the file was damaged")
        if path.suffix == graphs.SUFFIX:
            return Segment(record, graphs.read(path, self.prefix))
        return Segment(record, codes.read(path, self.prefix, record.count))


def _tier(count: int, flush_at: int) -> int:
    return int(np.log(max(1.0, count / flush_at)) / np.log(TIER) + 0.5)


def suffix_of(space: Space) -> str:
    """The kind of segment that serves a space: an HNSW graph, but for the built-in model.

    It has no context, so short queries lie far from all its documents, and a walk through a graph loses its way:
    docs/benchmarks.md.
    """
    return codes.SUFFIX if space.model == BUILT_IN else graphs.SUFFIX


def prefix_of(dimension: int) -> int:
    """How many of so many dimensions are in segments."""
    return min(PREFIX, max(STEP, dimension // STEP * STEP))


def build(spaces: Spaces, space: Space, folder: Path, low: int, high: int, prefix: int) -> SegmentRecord | None:
    """Build a segment from the vectors numbered low to high and put its file safely on disk; None when there are none.

    The first `prefix` dimensions of the vectors are in it. For a worker process, as it keeps a processor busy.
    """
    sample = _sample(spaces, space, low, high, prefix)
    if not len(sample):
        return None
    name = f"{uuid4().hex}{suffix_of(space)}"
    temporary = folder / f"{name}.tmp"
    vectors = _shortened(spaces.vectors(space, low, high), prefix)
    try:
        if suffix_of(space) == graphs.SUFFIX:
            count = graphs.write(temporary, prefix, vectors)
        else:
            count = codes.write(temporary, sample, vectors)
        if not count:  # all were deleted meanwhile
            temporary.unlink()
            return None
        size, digest = temporary.stat().st_size, checksum(temporary)
        publish(temporary, folder / name)
    except (OSError, RuntimeError) as error:  # hnswlib raises RuntimeError
        temporary.unlink(missing_ok=True)
        raise StoreError(
            f"{folder}: a segment could not be written whole. Free some space; indexing goes on by itself."
        ) from error
    return SegmentRecord(name, space.id, low, high, count, size, prefix, digest)


def _sample(spaces: Spaces, space: Space, low: int, high: int, prefix: int) -> NDArray[np.float32]:
    """Vectors [m, prefix] from all over the range."""
    step = max(SAMPLE_ROWS, -(-(high - low + 1) // SAMPLES))
    firsts = [next(spaces.vectors(space, start, high, SAMPLE_ROWS), None) for start in range(low, high + 1, step)]
    parts = [shorten(first[2], prefix) for first in firsts if first]
    return np.concatenate(parts) if parts else np.empty((0, prefix), np.float32)


def _shortened(batches: Iterable[Batch], prefix: int) -> Iterator[Scored]:
    return ((chunks, shorten(vectors, prefix)) for _, chunks, vectors in batches)


def checksum(path: Path) -> bytes:
    """BLAKE2b of a file, 16 bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).digest()


def sweep(folder: Path, known: Iterable[str]) -> None:
    """Delete files that no row names: leftovers of a crash, and segments that were merged away."""
    names = set(known)
    for path in folder.iterdir():
        if path.name not in names:
            remove(path)
