from pathlib import Path
from typing import Protocol

from indexer.rules import Rules

GIVE_UP_SECONDS = 2.0  # a share that does not answer must not hold up the end of the program


class TreeListener(Protocol):
    """What a watched tree tells; called from its threads, and must return at once."""

    def changed(self, path: str, is_tree: bool = False) -> None:
        """A path may have changed; of a tree: whatever lies below it, too."""

    def failed(self, error: Exception) -> None:
        """The tree can't be watched any longer, and waits to be closed."""

    def is_leaving(self) -> bool:
        """Whether a long walk is to be broken off."""


class Tree(Protocol):
    """A folder that is watched with all below it, from its construction on, which blocks and may raise OSError."""

    def __init__(self, root: Path, rules: Rules, listener: TreeListener, leave_out: frozenset[str]) -> None:
        """Tell the rules what changes in their files; don't enter the folders to leave out."""

    def walk(self, folder: str) -> None:
        """See to it that a folder in the tree is watched as the rules are now. Raises OSError at the system's limit."""

    def close(self) -> None:
        """Watch no longer; blocks until no call is made any more. Not for a thread of the tree."""
