"""The process that decodes pictures; nothing that it says is trusted.

A request names a path, whose open file follows, and the width and height that the picture is to fit into. The answer is
followed by the pixels, 4 bytes each (red, green, blue, alpha, the colours multiplied by it), row by row.
"""

import re
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

from app.preview.page_worker import Answer, Request, answer_all, confine
from indexer.extract.handing import taken_over
from indexer.extract.source import mapped

if TYPE_CHECKING:
    from PySide6.QtCore import QIODevice

_HEAD_BYTES = 4096
_DRAWING = re.compile(rb"<(?:\w+:)?svg\b")
_WRITTEN = re.compile(rb"<(?:\w+:)?text")


def serve(connection: Connection, folder: Path) -> None:
    """Answer requests until the other end is closed. `folder` is an empty one for temporary files."""
    confine(folder)
    answer_all(connection, {"picture": partial(_picture, connection)})


def _picture(connection: Connection, request: Request) -> tuple[Answer, bytes]:
    path = Path(request["path"])
    with taken_over(path, connection), mapped(path) as data:
        file, room = bytes(data), (request["width"], request["height"])
    is_written = _DRAWING.search(file, 0, _HEAD_BYTES) and _WRITTEN.search(file)
    return _drawn(file, *room) if is_written else _decoded(file, *room)


def _drawn(file: bytes, width: int, height: int) -> tuple[Answer, bytes]:
    """A drawing with text in it, for which Qt would need a display and the system's fonts."""
    import pymupdf

    page = pymupdf.open(stream=file, filetype="svg")[0]
    own = page.rect
    scale = min(1.0, width / own.width, height / own.height)
    pixels = page.get_pixmap(matrix=pymupdf.Matrix(scale, scale), alpha=True, colorspace=pymupdf.csRGB)
    told = {"width": pixels.width, "height": pixels.height, "stride": pixels.stride}
    return {**told, "own_width": round(own.width), "own_height": round(own.height)}, pixels.samples


def _decoded(file: bytes, width: int, height: int) -> tuple[Answer, bytes]:
    from PySide6.QtCore import QBuffer

    buffer = QBuffer()
    buffer.setData(file)
    buffer.open(QBuffer.OpenModeFlag.ReadOnly)
    return _read(buffer, width, height)


def _read(device: "QIODevice", width: int, height: int) -> tuple[Answer, bytes]:
    """The device must outlive this: some decoders still look at it when their reader goes."""
    from PySide6.QtCore import QSize, Qt
    from PySide6.QtGui import QImage, QImageReader

    reader = QImageReader(device)
    reader.setAutoTransform(True)
    reader.setDecideFormatFromContent(True)
    size = reader.size()
    if not size.isValid():
        return {"error": "it is no picture that can be shown"}, b""
    if size.width() > width or size.height() > height:
        reader.setScaledSize(size.scaled(QSize(width, height), Qt.AspectRatioMode.KeepAspectRatio))
    image = reader.read().convertToFormat(QImage.Format.Format_RGBA8888_Premultiplied)
    if image.isNull():
        return {"error": reader.errorString()}, b""
    told = {"width": image.width(), "height": image.height(), "stride": image.bytesPerLine()}
    return {**told, "own_width": size.width(), "own_height": size.height()}, bytes(image.constBits())
