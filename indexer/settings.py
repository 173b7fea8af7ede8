import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from model.precision import Precision


class WholeFiles(StrEnum):
    """Whether a model of long texts reads each file once more, in one piece."""

    AUTO = "auto"  # where a graphics card does it
    ALWAYS = "always"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Settings:
    """What the user can choose about indexing and search. Read at start, passed down, replaced as a whole."""

    model: str = "built-in"  # another model starts a vector space of its own
    reranker: str = ""  # judges the best passages on request; empty: the smallest one that is installed
    device: str = ""  # of both, like "cuda:1" or "cpu"; empty: the fastest one there is
    precision: Precision = Precision.FULL  # of the weights on the device; another one starts a vector space of its own
    idle_minutes: int = 10  # without use, after which a large model leaves the memory; 0: never
    dimension: int = 0  # of the vectors that are compared; 0: all there is. They are stored whole: nothing is made anew
    document_task: str = ""  # instruction for passages; it starts a vector space of its own. Empty: as they are
    whole_files: WholeFiles = WholeFiles.AUTO  # one vector of a whole file, to compare files by
    task_files: str = ""  # what a query is embedded under, for a model that takes instructions; empty: the usual one
    task_code: str = ""  # where only code is searched
    task_mail: str = ""  # where only e-mail is searched
    max_file_bytes: int = 256 * 1024**2  # larger files are found by name only
    exclude: tuple[str, ...] = ()  # gitignore patterns on top of the built-in ones
    use_gitignore: bool = True
    extraction_workers: int = field(default_factory=lambda: max(1, min(4, (os.cpu_count() or 2) - 1)))
    ocr: bool = False  # recognise the text in scanned pages and pictures, with the system's Tesseract
    ocr_languages: tuple[str, ...] = ()  # as Tesseract calls them; empty: that of the system, and English
    debounce_ms: int = 500  # a file is read this long after its last change
    flush_chunks: int = 8192  # chunks newer than the last segment are searched exactly: 0.4 ms at 10,000 x 256

    def __post_init__(self) -> None:
        for name in ("max_file_bytes", "extraction_workers", "flush_chunks"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, not {getattr(self, name)}")
        for name in ("debounce_ms", "idle_minutes", "dimension"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} must not be negative, not {getattr(self, name)}")

    def with_tasks(self, tasks: Mapping[str, str]) -> "Settings":
        """With other instructions: for "files", "code" or "mail"."""
        changed: dict[str, Any] = {f"task_{subject}": task for subject, task in tasks.items()}
        return replace(self, **changed)
