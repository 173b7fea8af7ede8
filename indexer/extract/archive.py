"""Zip archives that are documents: what they may expand to, and their XML."""

import lzma
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from xml.parsers import expat

from indexer.errors import DocumentError
from indexer.extract.limits import Limits
from indexer.extract.source import open_regular

_MAX_ENTRIES = 20_000
_STEP = 1 << 20
_MAX_DEPTH = 300
_ENCRYPTED = 0x1


def check_zip(path: Path, limits: Limits) -> list[str]:
    """The names in an archive, after everything in it was expanded once to see that it is whole and not a bomb."""
    try:
        with open_regular(path) as file, zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            declared = sum(entry.file_size for entry in entries)
            if len(entries) > _MAX_ENTRIES or declared > limits.archive_bytes:
                raise DocumentError(path, f"would expand to more than {limits.archive_bytes >> 20} MB")
            if any(entry.flag_bits & _ENCRYPTED for entry in entries):
                raise DocumentError(path, "is protected with a password")
            for entry in entries:
                _expand(archive, entry)
            return [entry.filename for entry in entries]
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, RuntimeError, ValueError) as error:
        raise DocumentError(path, "is damaged: it is not a complete zip archive") from error


def _expand(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """Read to the end: zipfile stops at the declared size and compares the checksum, so that no entry can lie."""
    with archive.open(entry) as content:
        while content.read(_STEP):
            pass


def entry_names(path: Path) -> set[str]:
    """The names in an archive that `check_zip` has passed."""
    with open_regular(path) as file, zipfile.ZipFile(file) as archive:
        return set(archive.namelist())


def read_entry(path: Path, name: str) -> bytes:
    """One entry of an archive that `check_zip` has passed."""
    with open_regular(path) as file, zipfile.ZipFile(file) as archive:
        return archive.read(name)


def check_depth(path: Path, data: bytes) -> None:
    """Refuse XML that is nested so deeply that a reader which calls itself for each level would run out of stack."""
    depth = 0

    def on_start(*_: object) -> None:
        nonlocal depth
        depth += 1
        if depth > _MAX_DEPTH:
            raise DocumentError(path, "is refused: its XML is nested deeper than any document")

    def on_end(_: str) -> None:
        nonlocal depth
        depth -= 1

    parser = expat.ParserCreate()
    parser.StartElementHandler = on_start
    parser.EndElementHandler = on_end
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise DocumentError(path, "is damaged: its XML is broken") from error


def parse_xml(
    path: Path,
    data: bytes,
    on_start: Callable[[str, dict[str, str]], None],
    on_end: Callable[[str], None],
    on_text: Callable[[str], None],
) -> None:
    """Parse XML into events, names without namespace; a document type, with which entity attacks come, is refused."""

    def refuse(*_: object) -> None:
        raise DocumentError(path, "is refused: its XML declares a document type, as office documents never do")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = lambda name, attributes: on_start(
        name.rpartition(" ")[2], {key.rpartition(" ")[2]: value for key, value in attributes.items()}
    )
    parser.EndElementHandler = lambda name: on_end(name.rpartition(" ")[2])
    parser.CharacterDataHandler = on_text
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise DocumentError(path, "is damaged: its XML is broken") from error
