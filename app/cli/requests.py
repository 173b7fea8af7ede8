"""What the user asked for on the command line."""

from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path


class Exit(IntEnum):
    """Exit statuses, stable for scripts."""

    FOUND = 0
    NOTHING = 1
    WRONG_USE = 2
    FAILED = 3
    INTERRUPTED = 130  # as a shell reports Ctrl-C


@dataclass(frozen=True, slots=True)
class Start:
    """Start the window, or raise the running one."""


@dataclass(frozen=True, slots=True)
class Show:
    """Raise the window; start it when there is none."""


@dataclass(frozen=True, slots=True)
class Quit:
    """End the running instance."""


@dataclass(frozen=True, slots=True)
class Search:
    """Search for a query, or for each line of standard input."""

    query: str | None  # None: the lines of standard input
    limit: int
    mode: str  # both, meaning, words
    rerank: bool
    explain: bool  # what is looked for by meaning


@dataclass(frozen=True, slots=True)
class Similar:
    """Search for the like of a file, or of standard input."""

    path: Path | None  # absolute; None: standard input
    limit: int
    window: bool  # show the answer there


@dataclass(frozen=True, slots=True)
class FolderList:
    """List the watched folders."""


@dataclass(frozen=True, slots=True)
class FolderAdd:
    """Watch a folder."""

    path: Path  # absolute


@dataclass(frozen=True, slots=True)
class FolderRemove:
    """Forget a folder."""

    path: Path  # absolute
    erase: bool


@dataclass(frozen=True, slots=True)
class Index:
    """Scan all folders now."""

    wait: bool


@dataclass(frozen=True, slots=True)
class Status:
    """Say how things stand."""


@dataclass(frozen=True, slots=True)
class Why:
    """Say why a file is, or is not, found."""

    path: Path  # absolute
    query: str
    retry: bool


@dataclass(frozen=True, slots=True)
class Sizes:
    """Say what takes the room."""


@dataclass(frozen=True, slots=True)
class Backup:
    """Back the profile up, or check a backup."""

    path: Path  # absolute: where it is to lie, or the one to check
    check: bool


@dataclass(frozen=True, slots=True)
class Restore:
    """Put a backup in the place of the profile."""

    backup: Path  # absolute
    window: bool  # show the progress, and the window afterwards


@dataclass(frozen=True, slots=True)
class Move:
    """Move the profile to another folder."""

    path: Path  # absolute
    window: bool  # show the progress, and the window afterwards


@dataclass(frozen=True, slots=True)
class Models:
    """List, install, use, remove, forget or check models."""

    action: str
    name: str  # empty for list, and to check the one in use
    all: bool = False  # check every one that is installed


@dataclass(frozen=True, slots=True)
class Connect:
    """Connect a server that has a model."""

    url: str
    name: str  # empty: after the model
    model: str  # empty: the one that it serves
    kind: str  # empty: found out
    dimensions: int  # 0: all
    asks_key: bool
    is_reranker: bool
    is_qwen3: bool
    despite_faults: bool


@dataclass(frozen=True, slots=True)
class StartCommand:
    """Show how a server is started."""

    kind: str
    model: str  # empty: the smallest Qwen3
    is_reranker: bool
    is_open: bool


@dataclass(frozen=True, slots=True)
class Ocr:
    """Show or choose whether the text in scans and pictures is recognised."""

    action: str  # show, on, off
    languages: tuple[str, ...]  # as Tesseract calls them; empty: as before


@dataclass(frozen=True, slots=True)
class Doctor:
    """Check everything that can be wrong, and mend what can be mended."""

    mend: bool = False


Command = (
    Start
    | Show
    | Quit
    | Search
    | Similar
    | FolderList
    | FolderAdd
    | FolderRemove
    | Index
    | Status
    | Why
    | Sizes
    | Backup
    | Restore
    | Move
    | Models
    | Connect
    | StartCommand
    | Ocr
    | Doctor
)


@dataclass(frozen=True, slots=True)
class Invocation:
    """A whole command line."""

    profile: Path  # absolute
    command: Command
    json: bool = False
