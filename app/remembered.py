import json
import logging
import os
from base64 import b64decode, b64encode
from dataclasses import dataclass
from pathlib import Path

log = logging.getLogger(__name__)
FILE_NAME = "window.json"


@dataclass(frozen=True, slots=True)
class WindowState:
    """What the window remembers from one start to the next."""

    geometry: bytes = b""
    splitter: bytes = b""
    history: tuple[str, ...] = ()  # of queries, latest first


def load_state(profile: Path) -> WindowState:
    """What the window remembered at its last end; nothing when there is no such file, or a damaged one."""
    try:
        kept = json.loads((profile / FILE_NAME).read_text(encoding="utf-8"))
        geometry, splitter = (b64decode(kept[name], validate=True) for name in ("geometry", "splitter"))
        return WindowState(geometry, splitter, tuple(str(query) for query in kept["history"]))
    except FileNotFoundError:
        return WindowState()
    except (OSError, ValueError, KeyError, TypeError) as error:
        log.warning("%s is ignored: %s", profile / FILE_NAME, error)
        return WindowState()


def save_state(profile: Path, state: WindowState) -> None:
    """Keep it for the next start; only the user can read the file, for it holds queries."""
    kept = {
        "geometry": b64encode(state.geometry).decode(),
        "splitter": b64encode(state.splitter).decode(),
        "history": list(state.history),
    }
    beside = profile / f".{FILE_NAME}.new"
    try:
        with open(beside, "w", encoding="utf-8", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
            json.dump(kept, file, ensure_ascii=False)
        os.replace(beside, profile / FILE_NAME)
    except OSError as error:
        log.warning("%s can't be written: %s", profile / FILE_NAME, error)
