import time
from pathlib import Path

from indexer.catalogue.database import salvaged_folders
from indexer.errors import StoreError


def set_aside(profile: Path) -> tuple[Path, list[Path]]:
    """Rename a damaged catalogue, so that a new one can be made: its new name, and the watched folders it still tells.

    Raises:
        StoreError: it can't be renamed.
    """
    catalogue = profile / "catalogue.db"
    folders = salvaged_folders(catalogue)
    aside = profile / f"catalogue.db.damaged-{time.strftime('%Y%m%d-%H%M%S')}"
    try:
        catalogue.rename(aside)
        for suffix in ("-wal", "-shm"):
            (profile / f"catalogue.db{suffix}").unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(f"{catalogue}: can't be set aside ({error.strerror}). Check the permissions.") from error
    return aside, folders
