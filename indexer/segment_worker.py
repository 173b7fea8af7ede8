import contextlib
import json
import multiprocessing
import os
import threading
from dataclasses import asdict
from multiprocessing.connection import Connection
from pathlib import Path

import psutil

from indexer import segments
from indexer.catalogue.database import connect
from indexer.catalogue.records import SegmentRecord, Space
from indexer.catalogue.spaces import Spaces
from indexer.errors import StoreError
from model.errors import CognateError


class SegmentBuild:
    """One segment being built in a process of its own."""

    def __init__(
        self, catalogue: Path, folder: Path, space: Space, prefix: int, low: int, high: int, replaced: list[str]
    ) -> None:
        self.low, self.high, self.replaced = low, high, replaced
        context = multiprocessing.get_context("spawn")
        self._receiver, sender = context.Pipe(duplex=False)
        arguments = (sender, str(catalogue), str(folder), asdict(space), low, high, prefix)
        self._process = context.Process(target=_build, args=arguments, name="cognate-segment", daemon=True)
        self._process.start()
        sender.close()

    def finished(self) -> bool:
        """Whether `result` returns at once."""
        return self._receiver.poll() or not self._process.is_alive()

    def result(self) -> SegmentRecord | None:
        """The segment, whose file is on disk; None when there was nothing to build.

        Raises:
            StoreError: it could not be built or written.
        """
        try:
            answer = json.loads(self._receiver.recv_bytes())
        except EOFError:
            raise StoreError("A segment of the index could not be built: its process ended early.") from None
        finally:
            self.close()
        if "error" in answer:
            raise StoreError(answer["error"])
        record = answer["record"]
        return SegmentRecord(**{**record, "checksum": bytes.fromhex(record["checksum"])}) if record else None

    def close(self) -> None:
        """Ends the process, finished or not; a file that it left half-written is swept at the next start."""
        self._process.kill()
        self._process.join()
        self._receiver.close()


def _build(
    sender: Connection, catalogue: str, folder: str, space: dict[str, object], low: int, high: int, prefix: int
) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if hasattr(os, "setpriority"):
        os.setpriority(os.PRIO_PROCESS, 0, 19)
    if psutil.LINUX:
        psutil.Process().ionice(psutil.IOPRIO_CLASS_IDLE)
    try:
        connection = connect(Path(catalogue), read_only=True)
        record = segments.build(Spaces(connection), Space(**space), Path(folder), low, high, prefix)  # type: ignore[arg-type]
        answer: dict[str, object] = {"record": _fields(record) if record else None}
    except (CognateError, OSError) as error:
        answer = {"error": str(error)}
    with contextlib.suppress(BrokenPipeError):  # nobody wants it any more
        sender.send_bytes(json.dumps(answer).encode())


def _end_with_parent() -> None:
    """Nothing is published for an engine that was killed: the next one may be at work on the same folder."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _fields(record: SegmentRecord) -> dict[str, object]:
    return asdict(record) | {"checksum": record.checksum.hex()}
