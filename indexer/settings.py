import os
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Settings:
    """What the user can choose about indexing and search. Read at start, passed down, replaced as a whole."""

    model: str = "built-in"  # another model starts a vector space of its own
    reranker: str = ""  # judges the best passages on request; empty: the smallest one that is installed
    device: str = ""  # of both, like "cuda:1" or "cpu"; empty: the fastest one there is
    task_files: str = ""  # what a query is embedded under, for a model that takes instructions; empty: the usual one
    task_code: str = ""  # where only code is searched
    task_mail: str = ""  # where only e-mail is searched
    max_file_bytes: int = 256 * 1024**2  # larger files are found by name only
    exclude: tuple[str, ...] = ()  # gitignore patterns on top of the built-in ones
    use_gitignore: bool = True
    extraction_workers: int = field(default_factory=lambda: max(1, min(4, (os.cpu_count() or 2) - 1)))
    debounce_ms: int = 500  # a file is read this long after its last change
    flush_chunks: int = 8192  # chunks newer than the last segment are searched exactly: 0.4 ms at 10,000 x 256

    def __post_init__(self) -> None:
        for name in ("max_file_bytes", "extraction_workers", "flush_chunks"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, not {getattr(self, name)}")
        if self.debounce_ms < 0:
            raise ValueError(f"debounce_ms must not be negative, not {self.debounce_ms}")
