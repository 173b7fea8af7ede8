"""Leaving no byte of what was deleted in any file of a profile.

A mark in the profile says that it has yet to be done, so that what a kill cuts short is made up for at the next start.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from indexer.catalogue.copying import scrub
from indexer.catalogue.writer import CatalogueWriter
from indexer.spaces import SpaceKeeper
from indexer.upkeep.copies import remove, write, written

MARK = "erase-pending"
COPIES = ("catalogue.db.damaged-*", "restoring", "replaced", ".replaced", "opened/*")  # of files, or of the index


def mark(profile: Path) -> None:
    """Note that what is about to be deleted is to be erased. Raises StoreError."""
    with written(profile):
        write(profile / MARK, "")


def is_marked(profile: Path) -> bool:
    """Whether something was deleted that has yet to be erased."""
    return (profile / MARK).exists()


def unmark(profile: Path) -> None:
    """Note that everything is erased. Raises StoreError."""
    with written(profile):
        remove(profile / MARK)


def erase_deleted(
    profile: Path, catalogue: CatalogueWriter, keepers: Sequence[SpaceKeeper], stop: Callable[[], bool]
) -> bool:
    """Free segments, catalogue and what was set aside from all that was deleted; False: `stop` broke it off.

    By the thread that writes; blocks for minutes where a large segment is concerned. Raises StoreError.
    """
    for keeper in keepers:
        if not keeper.renew(keeper.holds_deleted, stop):
            return False
    with catalogue.change():
        unused = catalogue.spaces.forget_others([keeper.index.space for keeper in keepers])
    scrub(catalogue.path)
    with written(profile):
        for path in [profile / "segments" / name for name in unused] + [
            path for pattern in COPIES for path in profile.glob(pattern)
        ]:
            remove(path)
    return True
