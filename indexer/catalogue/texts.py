"""The texts of chunks, of which the catalogue keeps two fifths of the bytes."""

import hashlib
import sqlite3
import sys
import zlib
from functools import cache
from pathlib import Path

import resources
from indexer.errors import StoreError
from indexer.words import indexed_words

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

DICTIONARY = Path(resources.__file__).parent / "text-dictionary" / "1.zstd"
DIGEST = "49cc22896621913cdcbad7a64d469b76"  # BLAKE2b of the dictionary: no profile can be read with another one

_FIRST_DICTIONARY = b"\x01"  # begins a text compressed with it; "x" begins one of zlib, as earlier versions wrote them
_MAGIC = b"\x28\xb5\x2f\xfd"  # begins what zstd writes, and is left out
_OPTIONS: dict[int, int] = {
    zstd.CompressionParameter.compression_level: 9,  # of 12, texts would be 1 % smaller and take half as long again
    zstd.CompressionParameter.checksum_flag: 1,
    zstd.CompressionParameter.dict_id_flag: 0,
}


def packed_text(text: str) -> bytes | str:
    """A text as the column holds it: compressed, or as it is where that is not shorter."""
    plain = text.encode("utf-8", "surrogatepass")
    frame = zstd.compress(plain, options=_OPTIONS, zstd_dict=_dictionary().as_digested_dict)
    compressed = _FIRST_DICTIONARY + frame.removeprefix(_MAGIC)
    return compressed if len(compressed) < len(plain) else text


def plain_text(stored: bytes | str) -> str:
    """What `packed_text` was given; empty when its bytes have changed on the disk, which its hash tells."""
    if isinstance(stored, str):
        return stored
    try:
        if stored.startswith(_FIRST_DICTIONARY):
            plain = zstd.decompress(_MAGIC + stored[1:], zstd_dict=_dictionary().as_digested_dict)
        else:
            plain = zlib.decompress(stored)
        return plain.decode("utf-8", "surrogatepass")
    except (zstd.ZstdError, zlib.error, UnicodeDecodeError):
        return ""


def teach(connection: sqlite3.Connection) -> None:
    """Let SQL call these functions on this connection. Raises StoreError: the dictionary is not as it was shipped."""
    _dictionary()
    for function in (packed_text, plain_text, indexed_words):
        connection.create_function(function.__name__, 1, function, deterministic=True)


@cache
def _dictionary() -> zstd.ZstdDict:
    try:
        content = DICTIONARY.read_bytes()
    except OSError as error:
        raise StoreError(
            f"{DICTIONARY}: {error.strerror}. Without it no text can be read. Install Cognate again."
        ) from error
    if hashlib.blake2b(content, digest_size=16).hexdigest() != DIGEST:
        raise StoreError(f"{DICTIONARY}: it is not as it was shipped, so no text can be read. Install Cognate again.")
    return zstd.ZstdDict(content)
