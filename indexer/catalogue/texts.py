"""The texts of chunks, of which the catalogue keeps half the bytes."""

import sqlite3
import zlib

from indexer.words import indexed_words


def packed_text(text: str) -> bytes | str:
    """A text as the column holds it: compressed, or as it is where that is not shorter."""
    plain = text.encode("utf-8", "surrogatepass")
    compressed = zlib.compress(plain)
    return compressed if len(compressed) < len(plain) else text


def plain_text(stored: bytes | str) -> str:
    """What `packed_text` was given; empty when its bytes have changed on the disk, which its hash tells."""
    if isinstance(stored, str):
        return stored
    try:
        return zlib.decompress(stored).decode("utf-8", "surrogatepass")
    except (zlib.error, UnicodeDecodeError):
        return ""


def teach(connection: sqlite3.Connection) -> None:
    """Let SQL call these functions on this connection."""
    for function in (packed_text, plain_text, indexed_words):
        connection.create_function(function.__name__, 1, function, deterministic=True)
