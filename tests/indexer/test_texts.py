import zlib
from pathlib import Path

import pytest

from indexer.catalogue import texts
from indexer.catalogue.texts import blocks, context_in, packed_block, packed_text, plain_text, text_in
from indexer.catalogue.writer import CatalogueWriter
from indexer.document import Chunk
from indexer.errors import StoreError

TEXT = "The installation guide explains how to configure the connection. " * 3
STORED = "0124c3fd0000205468656508fc9b18b2bc57aaa60c39b175352fb082c6a9d68d4dafbb880a22e56fdb"


@pytest.fixture
def another_dictionary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # noqa: ANN201
    """Where the dictionary is looked for instead."""
    path = tmp_path / "1.zstd"
    monkeypatch.setattr(texts, "DICTIONARY", path)
    texts._dictionary.cache_clear()
    yield path
    texts._dictionary.cache_clear()


@pytest.mark.parametrize("text", ["", "short", "鸡 " * 50, "a lone surrogate \ud800 " * 9])
def test_a_text_comes_back_as_it_was_put_in(text: str) -> None:
    assert plain_text(packed_text(text)) == text


def test_a_text_of_an_earlier_version_can_be_read() -> None:
    assert plain_text(zlib.compress(TEXT.encode())) == TEXT
    assert plain_text(bytes.fromhex(STORED)) == TEXT


def test_every_chunk_comes_back_from_its_block() -> None:
    chunks = [
        Chunk(0, 0, text, context) for text, context in (("", ""), ("3 4\n鸡", "Hühner"), (TEXT, ""), ("a", TEXT))
    ]
    block = packed_block(chunks)
    assert [(text_in(block, place), context_in(block, place)) for place in range(4)] == [
        (chunk.text, chunk.context) for chunk in chunks
    ]
    assert (text_in(block, 4), context_in(block, 4)) == ("", "")


def test_a_block_is_no_longer_than_it_takes_to_save_most() -> None:
    chunks = [Chunk(0, 0, "鸡" * 500)] * 5
    assert [len(block) for block in blocks(chunks)] == [2, 2, 1]
    assert [len(block) for block in blocks([Chunk(0, 0, "x" * texts.BLOCK_BYTES), *chunks[:1]])] == [1, 1]
    assert list(blocks([])) == []


@pytest.mark.parametrize("block", ["", "no numbers\nand a text", "5", b"\x01nothing that was packed", None])
def test_of_a_damaged_block_nothing_is_read(block: bytes | str | None) -> None:
    assert (text_in(block, 0), context_in(block, 0)) == ("", "")


def test_the_dictionary_saves_what_a_short_text_can_not_save_by_itself() -> None:
    text = "Click the button to open the settings of the application, and choose the language from the list."
    assert len(packed_text(text)) < 0.75 * len(text) < len(zlib.compress(text.encode()))


def test_no_changed_bit_gives_another_text() -> None:
    stored = packed_text(TEXT)
    assert isinstance(stored, bytes)
    for place in range(len(stored)):
        for bit in range(8):
            changed = stored[:place] + bytes([stored[place] ^ 1 << bit]) + stored[place + 1 :]
            assert plain_text(changed) in ("", TEXT)


def test_a_dictionary_that_has_changed_is_refused(another_dictionary: Path, tmp_path: Path) -> None:
    another_dictionary.write_bytes(b"another one")
    with pytest.raises(StoreError, match=r"1\.zstd.*Install Cognate again"):
        CatalogueWriter(tmp_path / "catalogue.db")


def test_a_dictionary_that_is_missing_is_named(another_dictionary: Path, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"1\.zstd.*No such file"):
        CatalogueWriter(tmp_path / "catalogue.db")
