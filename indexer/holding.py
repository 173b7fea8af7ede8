from pathlib import Path

from filelock import FileLock, Timeout

from indexer.durable import make_folder
from indexer.errors import StoreError

LOCK_SECONDS = 2  # a process that was asked to end has so long to let go of the profile


def hold(profile: Path) -> FileLock:
    """Take a profile for this process alone, until the lock is released; its folder is made where there is none.

    Raises:
        StoreError: another process holds it, or it can't be written.
    """
    lock = FileLock(profile / "lock", thread_local=False)  # closed by whichever thread is last
    try:
        make_folder(profile, mode=0o700)
        lock.acquire(timeout=LOCK_SECONDS)
    except Timeout:
        raise StoreError(
            f"{profile}: another process of Cognate holds this profile. Use its window, end it, or name another "
            "profile with --profile."
        ) from None
    except OSError as error:
        reason = error.strerror or error
        raise StoreError(f"{profile}: the profile can't be written ({reason}). Check its permissions.") from error
    return lock
