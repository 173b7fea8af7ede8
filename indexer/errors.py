from pathlib import Path

from model.errors import CognateError


class DocumentError(CognateError):
    """One file can't be read; it keeps its row, with the reason, and is tried again when it changes or on request."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason  # one line for the user


class StoreError(CognateError):
    """The profile can't be used: locked, damaged, full disk, or written by a newer version."""


class DamagedError(StoreError):
    """The catalogue is damaged; what is in it was made from files and can be made again."""


class QueryError(CognateError):
    """A search can't be understood; the message names the part of the query."""
