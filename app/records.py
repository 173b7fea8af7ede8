"""The JSON forms of what Cognate answers: stable, for scripts and between the running instance and its clients.

Paths are texts in which a byte that is not UTF-8 stands as a lone surrogate (`os.fsencode` gives it back).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NotRequired, TypedDict, final

if TYPE_CHECKING:  # a client of the running instance must not load the indexer
    from collections.abc import Iterator

    from indexer.results import EmbeddedQuery, Explanation, FolderRow, Hit, Status
    from indexer.upkeep.backup import Backup
    from indexer.upkeep.sizes import SizeReport


@final
class HitRecord(TypedDict):
    """A hit of a search."""

    query: str
    rank: int
    path: str
    score: float
    matched: list[str]
    title: str
    passage: str
    highlight: list[int]
    page: int | None
    line: int | None
    language: str
    places: list[str]
    part: NotRequired[str]  # only where a file holds several documents
    member: NotRequired[str]  # only for what is inside an archive or a message: where in it
    rank_before: NotRequired[int]  # only where a reranker has changed the order


@final
class EmbeddedRecord(TypedDict):
    """What was looked for by meaning."""

    query: str
    model: str
    dimension: int
    subject: str  # what is searched: files, code or mail
    task: str  # the instruction; empty for a model that takes none
    embedded: str  # the text exactly as the model gets it


class FolderRecord(TypedDict):
    """A watched folder."""

    path: str
    state: str
    note: str
    files: dict[str, int]


class SpaceRecord(TypedDict):
    """A vector space."""

    model: str
    dimension: int
    chunks: int
    total: int
    active: bool
    size_bytes: int  # of its vectors
    eta_seconds: float | None  # until it is whole
    precision: str  # of the model's weights
    document_task: str  # instruction for passages
    kept: bool  # to go back to


class StatusRecord(TypedDict):
    """How things stand."""

    running: bool  # a process watches and indexes
    activity: str
    detail: str
    files: dict[str, int]
    chunks: int
    done: int
    files_per_second: float
    eta_seconds: float | None
    spaces: list[SpaceRecord]
    catalogue_bytes: int
    segment_bytes: int
    last_indexed: str | None
    last_indexed_at: float | None
    warnings: list[str]


class MemberRecord(TypedDict):
    """A document inside a file."""

    path: str
    state: str
    reason: str
    chunks: int


class ExplanationRecord(TypedDict):
    """Why a file is, or is not, found."""

    path: str
    state: str | None
    reason: str
    chunks: int
    queue_place: int | None
    rank: int | None
    rank_words: int | None
    rank_meaning: int | None
    eta_seconds: float | None  # until it is read
    waits_for: str  # why nothing is read now
    folder: FolderRecord | None  # the watched one that it lies in
    depth: int  # how many results were looked through
    member: NotRequired[str]  # only for what is inside an archive or a message: where in it
    members: NotRequired[list[MemberRecord]]  # only for archives and messages


class SizeRecord(TypedDict):
    """What one kind of file in one folder takes, or, with a part in place of both, a part of the profile."""

    folder: NotRequired[str]
    kind: NotRequired[str]
    files: NotRequired[int]
    file_bytes: NotRequired[int]
    chunks: NotRequired[int]
    text_bytes: NotRequired[int]
    vectors: NotRequired[int]
    vector_bytes: NotRequired[int]
    index_bytes: NotRequired[int]
    part: NotRequired[str]
    bytes: NotRequired[int]


class BackupRecord(TypedDict):
    """A backup that was read back."""

    backup: str
    made: str
    bytes: int
    indexed_files: int
    chunks: int


class ModelRecord(TypedDict):
    """A model that can be used."""

    name: str
    kind: str  # embedding or reranker
    download_bytes: int
    installed: bool
    location: str  # folder; empty when it is not installed or built in
    in_use: bool
    memory_bytes: int  # while it works, with weights of 16 bits; 0: not known
    fits: str  # where it can run: "gpu", "reduced" (there, in 8 or 4 bits), "cpu" or "no"; empty: not known
    recommended: bool  # for this machine
    device: str  # what large models run on here


class QualityRecord(TypedDict):
    """What a check of a model measured; shares are from 0 to 1, by language of what was asked."""

    name: str
    dimensions: int
    ready_seconds: float
    sentences_per_second: float
    translations_found: float
    translations: dict[str, float]
    questions_answered: float
    questions: dict[str, float]
    published_deviation: float | None  # from the similarities that its makers print; None: they print none
    reproduced: bool | None
    ok: bool


class FindingRecord(TypedDict):
    """One thing that the probe of a server has found."""

    subject: str
    level: str  # sound, warning or fault
    text: str
    remedy: str


class ServerRecord(TypedDict):
    """A server with a model, as a probe has found it."""

    name: str
    url: str
    server: str  # vllm, ollama and so on
    kind: str  # embedding or reranker
    model: str
    dimensions: int
    max_tokens: int
    ok: bool
    connected: bool
    findings: list[FindingRecord]
    start: list[str]  # command lines


class OcrRecord(TypedDict):
    """Whether the text in scans and pictures is recognised."""

    on: bool
    tesseract: str  # its version; empty when it is not installed
    installed: list[str]  # languages, as Tesseract calls them
    languages: list[str]  # in which it is recognised


class CheckRecord(TypedDict):
    """One line of the doctor."""

    check: str
    ok: bool
    detail: str


def hit_record(query: str, hit: Hit) -> HitRecord:
    """The hit of a query."""
    record = HitRecord(
        query=query,
        rank=hit.rank,
        path=str(hit.path),
        score=round(float(hit.score), 4),
        matched=[str(each) for each in hit.matched],
        title=hit.title,
        passage=hit.passage,
        highlight=list(hit.highlight),
        page=hit.page,
        line=hit.line,
        language=hit.language,
        places=[str(each) for each in hit.places],
    )
    if hit.part:
        record["part"] = hit.part
    if hit.member:
        record["member"] = hit.member
    if hit.rank_before is not None:
        record["rank_before"] = hit.rank_before
    return record


def embedded_record(query: str, embedded: EmbeddedQuery) -> EmbeddedRecord:
    """What was looked for by meaning."""
    return EmbeddedRecord(
        query=query,
        model=embedded.model,
        dimension=embedded.dimension,
        subject=str(embedded.subject),
        task=embedded.task,
        embedded=embedded.text,
    )


def folder_record(row: FolderRow) -> FolderRecord:
    """A watched folder."""
    files = {str(state): count for state, count in row.files.items()}
    return FolderRecord(path=str(row.path), state=str(row.state), note=row.note, files=files)


def status_record(status: Status, running: bool) -> StatusRecord:
    """A status, of a process that watches and indexes or of one that only looks."""
    return StatusRecord(
        running=running,
        activity=str(status.activity),
        detail=status.detail,
        files={str(state): count for state, count in status.files.items()},
        chunks=status.chunks,
        done=status.done,
        files_per_second=round(status.files_per_second, 2),
        eta_seconds=status.eta_seconds,
        spaces=[
            SpaceRecord(
                model=each.model,
                dimension=each.dimension,
                chunks=each.chunks,
                total=each.total,
                active=each.active,
                size_bytes=each.size_bytes,
                eta_seconds=None if each.eta_seconds is None else round(each.eta_seconds),
                precision=str(each.precision),
                document_task=each.document_task,
                kept=each.is_kept,
            )
            for each in status.spaces
        ],
        catalogue_bytes=status.catalogue_bytes,
        segment_bytes=status.segment_bytes,
        last_indexed=None if status.last_indexed is None else str(status.last_indexed),
        last_indexed_at=status.last_indexed_at,
        warnings=list(status.warnings),
    )


def size_records(report: SizeReport) -> Iterator[SizeRecord]:
    """What takes the room, folder by folder and kind by kind, then the parts of the profile."""
    for row in report.rows:
        each = row.amount
        yield SizeRecord(
            folder=str(each.folder),
            kind=str(each.kind),
            files=each.files,
            file_bytes=each.file_bytes,
            chunks=each.chunks,
            text_bytes=each.text_bytes,
            vectors=each.vectors,
            vector_bytes=each.vector_bytes,
            index_bytes=row.index_bytes,
        )
    for part, size_bytes in report.parts.items():
        yield SizeRecord(part=part, bytes=size_bytes)


def backup_record(backup: Backup) -> BackupRecord:
    """A backup that was read back."""
    return BackupRecord(
        backup=str(backup.folder),
        made=backup.made,
        bytes=backup.size_bytes,
        indexed_files=backup.indexed_files,
        chunks=backup.chunks,
    )


def explanation_record(explanation: Explanation) -> ExplanationRecord:
    """Why a file is, or is not, found."""
    record = ExplanationRecord(
        path=str(explanation.path),
        state=None if explanation.state is None else str(explanation.state),
        reason=explanation.reason,
        chunks=explanation.chunks,
        queue_place=explanation.queue_place,
        rank=explanation.rank,
        rank_words=explanation.rank_words,
        rank_meaning=explanation.rank_meaning,
        eta_seconds=explanation.eta_seconds,
        waits_for=explanation.waits_for,
        folder=None if explanation.folder is None else folder_record(explanation.folder),
        depth=explanation.depth,
    )
    if explanation.member:
        record["member"] = explanation.member
    if explanation.members:
        record["members"] = [
            MemberRecord(path=one.path, state=str(one.state), reason=one.reason, chunks=one.chunks)
            for one in explanation.members
        ]
    return record
