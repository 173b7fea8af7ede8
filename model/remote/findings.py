"""What a probe finds."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is."""

    SOUND = "sound"
    WARNING = "warning"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a probe has found."""

    subject: str  # access, model, size, numbers, batch, terminator, pooling, length, dimensions, reranking
    level: Level
    text: str
    remedy: str = ""
