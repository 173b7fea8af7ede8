"""Reads files with what is inside them, as a worker does, in a thread of this process."""

import io
import multiprocessing
import tarfile
import threading
import zipfile
from pathlib import Path

import py7zr

from indexer.document import Document
from indexer.extract.answer import MAX_MESSAGE_BYTES, AnswerReader, Recognised
from indexer.extract.converse import Converser
from indexer.extract.limits import Limits


def read_inside(path: Path, limits: Limits | None = None, recognised: Recognised | None = None) -> Document | str:
    """The document with its members, or the error."""
    limits = limits or Limits()
    ours, theirs = multiprocessing.Pipe()
    reader = AnswerReader(limits, path, recognised)
    request = {"path": str(path), "skip": 0}
    worker = threading.Thread(target=lambda: Converser(theirs, limits, lambda: None).answer(request), daemon=True)
    worker.start()
    while (answer := reader.take(ours.recv_bytes(MAX_MESSAGE_BYTES))) is None:
        if (reply := reader.reply()) is not None:
            ours.send_bytes(reply)
    worker.join()
    ours.close()
    theirs.close()
    return answer


def members(path: Path, limits: Limits | None = None) -> dict[str, str]:
    """The text, or else the reason, of each member by its path."""
    document = read_inside(path, limits)
    assert isinstance(document, Document), document
    return {
        one.path: "\n".join(chunk.text for chunk in one.document.chunks) or one.error or one.document.note
        for one in document.members
    }


def zipped(files: dict[str, str | bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return data.getvalue()


def tarred(files: dict[str, str | bytes]) -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            raw = content.encode() if isinstance(content, str) else content
            info.size = len(raw)
            archive.addfile(info, io.BytesIO(raw))
    return data.getvalue()


def seven_zipped(files: dict[str, str | bytes], password: str | None = None) -> bytes:
    data = io.BytesIO()
    with py7zr.SevenZipFile(data, "w", password=password) as archive:
        for name, content in files.items():
            archive.writestr(content, name)
    return data.getvalue()
