import logging
import os
from logging.handlers import RotatingFileHandler
from pathlib import Path

from app.profile import ProfileError

MAX_BYTES = 1_000_000  # of one log file; days of work
OLD_FILES = 3


def open_log(profile: Path) -> logging.Handler:
    """Keep what the program logs in the profile, whose holder alone may do so; undone by `close_log`.

    Raises:
        ProfileError: the profile can't be written.
    """
    path = profile / "log" / "cognate.log"
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        handler = RotatingFileHandler(path, "a", MAX_BYTES, OLD_FILES, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise ProfileError(f"{path} can't be written ({error.strerror}): choose another --profile DIR") from error
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    return handler


def empty_log(profile: Path) -> None:
    """Drop what was logged so far; a process that logs goes on doing so. Raises OSError."""
    for path in (profile / "log").glob("cognate.log*"):
        if path.name == "cognate.log":
            os.truncate(path, 0)  # whoever logs appends
        else:
            path.unlink(missing_ok=True)


def close_log(handler: logging.Handler) -> None:
    """End what `open_log` began."""
    logging.getLogger().removeHandler(handler)
    handler.close()
