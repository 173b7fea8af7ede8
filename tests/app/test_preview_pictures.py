"""Pictures: the process that decodes them."""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from app.preview import picture_reader
from app.preview.content import ImageContent
from app.preview.page_process import PageError
from app.preview.picture_reader import PictureProcess, PictureReader
from indexer.sandbox import landlock

GREEN = "#00ff00"
ROOM = QSize(600, 500)


def wanted() -> bool:
    return True


@pytest.fixture
def process() -> Iterator[PictureProcess]:
    process = PictureProcess()
    yield process
    process.close()


def hang(connection: Connection, folder: Path) -> None:
    while True:
        connection.recv_bytes()


def painted(path: Path, color: str = "#336699") -> Path:
    picture = QImage(30, 20, QImage.Format.Format_ARGB32)
    picture.fill(QColor(color))
    assert picture.save(str(path)), path
    return path


def png(width: int, height: int) -> bytes:
    """A picture that claims to be so large."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * 1_000_000)) + chunk(b"IEND", b"")


def test_a_large_picture_comes_scaled_down_with_its_own_size_from_another_process(
    process: PictureProcess, shelf: Path
) -> None:
    picture = process.read(shelf / "near.png", ROOM, wanted)
    assert (picture.width, picture.height) == (3000, 1000)
    assert (picture.image.width(), picture.image.height()) == (600, 200)
    assert picture.image.pixelColor(7, 7).name() == "#336699"
    assert process._process is not None
    assert process._process.pid != os.getpid()


@pytest.mark.parametrize("suffix", ["png", "jpg", "bmp", "webp", "tiff", "ico", "ppm"])
def test_every_kind_of_picture_is_decoded(process: PictureProcess, tmp_path: Path, suffix: str) -> None:
    picture = process.read(painted(tmp_path / f"picture.{suffix}"), ROOM, wanted)
    assert (picture.width, picture.height) == (30, 20)
    color = picture.image.pixelColor(15, 10)
    assert [color.red(), color.green(), color.blue()] == pytest.approx([0x33, 0x66, 0x99], abs=4)


def test_what_is_transparent_stays_so(process: PictureProcess, tmp_path: Path) -> None:
    picture = process.read(painted(tmp_path / "glass.png", "#80ff0000"), ROOM, wanted)
    color = picture.image.pixelColor(15, 10)
    assert (color.alpha(), color.red(), color.green()) == (0x80, 0xFF, 0)


@pytest.mark.parametrize("words", ["", '<text x="100" y="150" font-size="40" fill="#990000">Quay</text>'])
def test_a_drawing_is_drawn_with_or_without_words(process: PictureProcess, tmp_path: Path, words: str) -> None:
    box = '<rect width="900" height="100" fill="#336699"/>'
    size = 'width="900" height="300"'
    (tmp_path / "plan.svg").write_text(f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{box}{words}</svg>')
    for _ in range(2):
        picture = process.read(tmp_path / "plan.svg", ROOM, wanted)
        image = picture.image
        assert (picture.width, picture.height) == (900, 300)
        assert (image.width(), image.height()) == (600, 200)
        assert image.pixelColor(300, 30).name() == "#336699"
        assert image.pixelColor(590, 190).alpha() == 0
        painted = any(image.pixelColor(x, y).red() > 100 for x in range(60, 140) for y in range(70, 110))
        assert painted == bool(words)


@pytest.mark.parametrize(
    "content", [b"", b"\x89PNG\r\n\x1a\n" + b"junk" * 10, b"text", png(60_000, 60_000), png(2**31 - 1, 2**31 - 1)]
)
def test_what_is_no_picture_is_an_error_and_the_next_one_is_shown(
    process: PictureProcess, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "broken.png").write_bytes(content)
    with pytest.raises(PageError):
        process.read(tmp_path / "broken.png", ROOM, wanted)
    assert process.read(painted(tmp_path / "well.png"), ROOM, wanted).width == 30


@pytest.mark.skipif(not landlock.version(), reason="nothing to confine a process with")
def test_a_drawing_under_the_name_of_a_picture_gets_no_other_file(process: PictureProcess, tmp_path: Path) -> None:
    secret = painted(tmp_path / "secret.png", GREEN)
    for name in ("drawing.svg", "drawing.png"):
        link = f'<image width="30" height="20" xmlns:x="http://www.w3.org/1999/xlink" x:href="{secret.as_uri()}"/>'
        box = '<rect width="15" height="20" fill="#336699"/>'
        source = f'<svg xmlns="http://www.w3.org/2000/svg" width="30" height="20">{link}{box}</svg>'
        (tmp_path / name).write_text(source)
        image = process.read(tmp_path / name, ROOM, wanted).image
        colors = {image.pixelColor(x, 10).name() for x in (5, 25)}
        assert "#336699" in colors
        assert GREEN not in colors


def test_a_file_that_is_gone_is_an_error(process: PictureProcess, tmp_path: Path) -> None:
    with pytest.raises(PageError, match="can't be opened"):
        process.read(tmp_path / "gone.png", ROOM, wanted)


def test_a_picture_that_takes_for_ever_does_not_hold_up_the_end(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picture_reader, "serve", hang)
    reader = PictureReader()
    reader.read("key", painted(tmp_path / "slow.png"), ROOM, lambda answer: None, wanted)
    qtbot.waitUntil(lambda: reader._process._process is not None)
    reader.close()
    assert reader._process._process is None


def test_a_picture_that_nobody_waits_for_any_more_is_not_read(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers: list[tuple[str, ImageContent | None]] = []
    reader = PictureReader()
    path = painted(tmp_path / "picture.png")
    reader.read("unwanted", path, ROOM, answers.append, lambda: False)
    reader.read("wanted", path, ROOM, answers.append, wanted)
    qtbot.waitUntil(lambda: len(answers) == 2, timeout=20_000)
    reader.close()
    assert [(key, content is not None) for key, content in answers] == [("unwanted", False), ("wanted", True)]
