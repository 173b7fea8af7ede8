from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from indexer.document import INSIDE, Kind
from model.precision import Precision


class Mode(StrEnum):
    """How a query is matched."""

    BOTH = "both"
    MEANING = "meaning"
    WORDS = "words"


class Subject(StrEnum):
    """What a query searches."""

    FILES = "files"
    CODE = "code"
    MAIL = "mail"


class Matched(StrEnum):
    """Why a hit was found; a match in the file's name counts as words."""

    MEANING = "meaning"
    WORDS = "words"


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """A query as typed, with its operators: "phrase", -word, ext:, in:, date:, size:, lang:, name:, kind:."""

    query: str
    limit: int = 20
    mode: Mode = Mode.BOTH
    rerank: bool = False


@dataclass(frozen=True, slots=True)
class SimilarRequest:
    """What to find the like of: a file, indexed or not, or a text."""

    path: Path | None = None
    text: str = ""
    limit: int = 20
    member: str = ""  # of the file


@dataclass(frozen=True, slots=True)
class Hit:
    """A file, or a part of one, with its best passage."""

    rank: int  # from 1
    path: Path
    score: float  # 0 to 1, higher is better; comparable between queries
    matched: tuple[Matched, ...]
    kind: Kind
    title: str
    passage: str
    highlight: tuple[int, int]  # best sentence, in characters of the passage; (0, 0) when there is none
    words: tuple[tuple[int, int], ...]  # literal matches, in characters of the passage
    context: str  # heading path, qualified name or table header of the passage
    part: str  # message of a mailbox and the like
    page: int | None
    line: int | None  # of the highlight
    language: str
    places: tuple[Path, ...]  # every path with the same content, this one first
    size_bytes: int
    modified: float  # seconds since the epoch
    member: str = ""  # where it is inside the file, for what an archive holds or a message carries
    rank_before: int | None = None  # in the order that a reranker has changed

    @property
    def name(self) -> str:
        """The name of the file, or of what is found inside it."""
        return self.member.rpartition(INSIDE)[2].rpartition("/")[2] or self.path.name


@dataclass(frozen=True, slots=True)
class EmbeddedQuery:
    """What was looked for by meaning."""

    model: str
    dimension: int
    subject: Subject
    task: str  # the instruction; empty for a model that takes none
    text: str  # exactly as it was given to the model


@dataclass(frozen=True, slots=True)
class SearchResponse:
    """Hits, best first, and what to tell the user about them."""

    hits: tuple[Hit, ...]
    seconds: float
    notice: str = ""  # why there is nothing, or what limits the answer
    embedded: EmbeddedQuery | None = None  # None: nothing was looked for by meaning
    judged: int = 0  # passages that a reranker has put in order


class FileState(StrEnum):
    """Where a file stands; each has a reason where one is needed."""

    INDEXED = "indexed"
    QUEUED = "queued"
    NO_TEXT = "no text"  # found by name only
    EXCLUDED = "excluded"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class FileRow:
    """One file or excluded folder in the list of the folders page."""

    path: Path
    state: FileState
    reason: str
    size_bytes: int
    modified: float
    chunks: int


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A document inside a file."""

    path: str
    state: FileState  # indexed, no text or failed
    reason: str
    chunks: int


class FolderState(StrEnum):
    """How changes in a watched folder are noticed."""

    WATCHED = "watched"
    POLLED = "polled"
    STALE = "stale"  # not compared with the disk since nobody watched it
    ABSENT = "absent"  # unplugged or deleted; its index is kept


@dataclass(frozen=True, slots=True)
class FolderRow:
    """One watched folder."""

    path: Path
    state: FolderState
    note: str  # what is wrong and the remedy
    files: Mapping[FileState, int]


class Activity(StrEnum):
    """What the engine is doing."""

    STARTING = "starting"
    IDLE = "idle"
    SCANNING = "scanning"
    INDEXING = "indexing"
    ERASING = "erasing"  # what was deleted, from every file of the profile
    PAUSED = "paused"
    STOPPED = "stopped"  # by an error that the status names


@dataclass(frozen=True, slots=True)
class SpaceStatus:
    """One vector space: a model at a dimension, and how much of the catalogue it holds."""

    model: str
    dimension: int
    chunks: int
    total: int
    active: bool  # answers queries
    size_bytes: int = 0  # of its vectors
    eta_seconds: float | None = None  # until it holds all; None: it does, or nobody knows
    precision: Precision = Precision.FULL  # of the model's weights
    document_task: str = ""  # instruction for passages
    id: int = 0
    is_kept: bool = False  # to go back to: new passages get no vectors in it


@dataclass(frozen=True, slots=True)
class Status:
    """A snapshot; cheap to take, immutable."""

    activity: Activity
    detail: str  # the file in work, the reason of a pause, or the error
    files: Mapping[FileState, int]
    searchable: int  # files that are found by their text, also while they wait to be read again
    chunks: int
    done: int  # files finished since the start
    files_per_second: float
    eta_seconds: float | None
    spaces: tuple[SpaceStatus, ...]
    catalogue_bytes: int
    segment_bytes: int
    last_indexed: Path | None
    last_indexed_at: float | None  # seconds since the epoch
    warnings: tuple[str, ...]

    @property
    def facts(self) -> tuple[object, ...]:
        """What is shown of folders and files may have changed when these have."""
        return self.activity, self.warnings, self.files, self.done

    @property
    def filling(self) -> SpaceStatus | None:
        """The space that is being filled behind the files, once none of them is queued."""
        if self.files.get(FileState.QUEUED, 0):
            return None
        return next((one for one in self.spaces if not one.is_kept and one.chunks < one.total), None)


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a file is, or is not, found."""

    path: Path
    state: FileState | None  # None: the index knows nothing of it
    reason: str
    chunks: int
    queue_place: int | None  # from 1
    rank: int | None  # for the query asked about, by words and meaning
    rank_words: int | None
    rank_meaning: int | None
    eta_seconds: float | None = None  # until it is read, at the present speed
    waits_for: str = ""  # why nothing is read now
    folder: FolderRow | None = None  # the watched one that it lies in
    depth: int = 0  # how many results were looked through
    member: str = ""  # inside the file, when the question was about one
    members: tuple[MemberRow, ...] = ()
