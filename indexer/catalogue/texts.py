"""The texts of chunks, and what they stand under.

Those of neighbours are compressed together, as blocks: each by itself would hold again what the others have.
"""

import hashlib
import sqlite3
import threading
import zlib
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from pathlib import Path

import zstandard

import resources
from indexer.document import Chunk
from indexer.errors import StoreError
from indexer.words import indexed_words

DICTIONARY = Path(resources.__file__).parent / "text-dictionary" / "1.zstd"
BLOCKS = 128  # that stay unpacked, those of two queries: with each key typed the same come back
BLOCK_BYTES = 4000  # of texts together; with 8000 they would take .02 less, and a query a fifth more
DIGEST = "49cc22896621913cdcbad7a64d469b76"  # BLAKE2b of the dictionary: no profile can be read with another one

_FIRST_DICTIONARY = b"\x01"  # begins a text compressed with it; "x" begins one of zlib, as earlier versions wrote them
_MAGIC = b"\x28\xb5\x2f\xfd"  # begins what zstd writes, and is left out
_LEVEL = 9  # of 12, texts would be 1 % smaller and take half as long again


def blocks(chunks: Iterable[Chunk]) -> Iterator[list[Chunk]]:
    """Neighbours whose texts are to be compressed together."""
    block: list[Chunk] = []
    size = 0
    for chunk in chunks:
        added = len(chunk.text.encode("utf-8", "surrogatepass"))
        if block and size + added > BLOCK_BYTES:
            yield block
            block, size = [], 0
        block.append(chunk)
        size += added
    if block:
        yield block


def packed_block(chunks: Sequence[Chunk]) -> bytes | str:
    """Contexts and texts of chunks as the column holds them."""
    return _packed_pieces([piece for chunk in chunks for piece in (chunk.context, chunk.text)])


class PackedChunks:
    """The same in SQL: packed_chunks(place, context, text) over the rows of a block, which come in any order."""

    def __init__(self) -> None:
        self._rows: list[tuple[int, str, str]] = []

    def step(self, place: int, context: str, text: str) -> None:
        """Called for each row."""
        self._rows.append((place, context, text))

    def finalize(self) -> bytes | str:
        """Called after the last row."""
        return _packed_pieces([piece for _, *pieces in sorted(self._rows) for piece in pieces])


def pieces_in(block: bytes | str | None, place: int) -> tuple[str, str]:
    """Context and text of a chunk in a block; empty when its bytes have changed on the disk, which its hash tells."""
    plain = _unpacked(block) if block else ""
    head = plain.find("\n")
    try:
        sizes = list(map(int, plain[:head].split(" ")))
        context, text = sizes[2 * place : 2 * place + 2]
    except ValueError:
        return "", ""
    start = head + 1 + sum(sizes[: 2 * place])
    return plain[start : start + context], plain[start + context : start + context + text]


def context_in(block: bytes | str | None, place: int) -> str:
    """The first of `pieces_in`."""
    return pieces_in(block, place)[0]


def text_in(block: bytes | str | None, place: int) -> str:
    """The second of `pieces_in`."""
    return pieces_in(block, place)[1]


def _packed_pieces(pieces: Sequence[str]) -> bytes | str:
    return packed_text("\n".join([" ".join(str(len(piece)) for piece in pieces), "".join(pieces)]))


@lru_cache(maxsize=BLOCKS)
def _unpacked(block: bytes | str) -> str:
    return plain_text(block)


def packed_text(text: str) -> bytes | str:
    """A text as the column holds it: compressed, or as it is where that is not shorter."""
    plain = text.encode("utf-8", "surrogatepass")
    frame = _contexts().compressor.compress(plain)
    compressed = _FIRST_DICTIONARY + frame.removeprefix(_MAGIC)
    return compressed if len(compressed) < len(plain) else text


def plain_text(stored: bytes | str) -> str:
    """What `packed_text` was given; empty when its bytes have changed on the disk, which its hash tells."""
    if isinstance(stored, str):
        return stored
    try:
        if stored.startswith(_FIRST_DICTIONARY):
            plain = _contexts().decompressor.decompress(_MAGIC + stored[1:])
        else:
            plain = zlib.decompress(stored)
        return plain.decode("utf-8", "surrogatepass")
    except (zstandard.ZstdError, zlib.error, UnicodeDecodeError, MemoryError):  # the last for a length that has changed
        return ""


def teach(connection: sqlite3.Connection) -> None:
    """Let SQL call these functions on this connection. Raises StoreError: the dictionary is not as it was shipped."""
    _dictionary()
    for function in (packed_text, plain_text, indexed_words):
        connection.create_function(function.__name__, 1, function, deterministic=True)
    for in_block in (context_in, text_in):
        connection.create_function(in_block.__name__, 2, in_block, deterministic=True)
    connection.create_aggregate("packed_chunks", 3, PackedChunks)  # type: ignore[arg-type]  # typed for one number


class _Contexts(threading.local):
    """Of each thread its own. To make them anew, as the standard library does for each text, takes half of a read."""

    def __init__(self) -> None:
        dictionary = _dictionary()
        self.compressor = zstandard.ZstdCompressor(
            level=_LEVEL, dict_data=dictionary, write_checksum=True, write_dict_id=False
        )
        self.decompressor = zstandard.ZstdDecompressor(dict_data=dictionary)


@cache
def _contexts() -> _Contexts:
    return _Contexts()


@cache
def _dictionary() -> zstandard.ZstdCompressionDict:
    try:
        content = DICTIONARY.read_bytes()
    except OSError as error:
        raise StoreError(
            f"{DICTIONARY}: {error.strerror}. Without it no text can be read. Install Cognate again."
        ) from error
    if hashlib.blake2b(content, digest_size=16).hexdigest() != DIGEST:
        raise StoreError(f"{DICTIONARY}: it is not as it was shipped, so no text can be read. Install Cognate again.")
    dictionary = zstandard.ZstdCompressionDict(content)
    dictionary.precompute_compress(level=_LEVEL)
    return dictionary
