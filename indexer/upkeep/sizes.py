from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from indexer.catalogue.amounts import Amount, amounts
from indexer.upkeep.copies import files_below

INDEX = ("catalogue", "segments")


@dataclass(frozen=True, slots=True)
class SizeRow:
    """What one kind of file in one folder takes."""

    amount: Amount
    index_bytes: int  # its share of the catalogue, by text and vectors, and of the segments, by vectors


@dataclass(frozen=True, slots=True)
class SizeReport:
    """What takes the room."""

    rows: tuple[SizeRow, ...]  # by folder, largest kind first
    parts: Mapping[str, int]  # bytes of catalogue, segments, models, log and other files in the profile


def size_report(profile: Path) -> SizeReport:
    """Blocks: reads the whole catalogue. Raises StoreError."""
    found = amounts(profile / "catalogue.db")
    parts = _parts(profile)
    rows = zip(found, _index_bytes(found, parts), strict=True)
    ordered = sorted((SizeRow(*row) for row in rows), key=lambda row: (row.amount.folder, -row.index_bytes))
    return SizeReport(tuple(ordered), parts)


def _index_bytes(found: Sequence[Amount], parts: Mapping[str, int]) -> list[int]:
    stored = sum(each.text_bytes + each.vector_bytes for each in found) or 1
    vectors = sum(each.vectors for each in found) or 1
    return [
        round(
            parts["catalogue"] * (each.text_bytes + each.vector_bytes) / stored
            + parts["segments"] * each.vectors / vectors
        )
        for each in found
    ]


def _parts(profile: Path) -> dict[str, int]:
    parts = dict.fromkeys((*INDEX, "models", "log", "other"), 0)
    for path in files_below(profile):
        top = path.parts[0].partition(".db")[0]
        try:
            parts[top if top in parts else "other"] += (profile / path).stat().st_size
        except FileNotFoundError:
            continue  # merged away just now
    return parts
