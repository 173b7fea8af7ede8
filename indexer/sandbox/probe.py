"""What confining a process comes to on this system, found out by trying."""

import json
import multiprocessing
import socket
import tempfile
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from indexer import sandbox

_SECONDS = 60.0
_MEMORY_BYTES = 1 << 30


@dataclass(frozen=True, slots=True)
class Confinement:
    """What a reader of documents can't do, even if a document takes it over."""

    files: bool  # see or change any but those of the system, of Cognate, and the document
    network: bool  # use it


def try_out() -> Confinement:
    """Have a process confine itself and see what it can do still.

    Raises:
        EOFError: it ended early.
    """
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    with tempfile.TemporaryDirectory(prefix="cognate-probe-") as outer:
        process = context.Process(target=_try_out, args=(sender, Path(outer)), name="cognate-probe", daemon=True)
        process.start()
        sender.close()
        try:
            if not receiver.poll(_SECONDS):
                raise EOFError
            return Confinement(**json.loads(receiver.recv_bytes()))
        finally:
            receiver.close()
            process.kill()
            process.join()


def _try_out(sender: Connection, outer: Path) -> None:
    private, folder = outer / "private", outer / "folder"
    private.write_bytes(b"")
    folder.mkdir()
    sandbox.confine(folder, _MEMORY_BYTES, _MEMORY_BYTES)
    found = Confinement(files=_is_refused(private), network=_is_offline())
    sender.send_bytes(json.dumps(asdict(found)).encode())


def _is_refused(path: Path) -> bool:
    try:
        path.read_bytes()
    except PermissionError:
        return True
    return False


def _is_offline() -> bool:
    try:
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close()
    except PermissionError:
        return True
    return False
