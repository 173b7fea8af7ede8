from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QObject, QSize, QTimer
from PySide6.QtGui import QImage

from app.preview.content import ImageContent
from app.preview.page_process import ConfinedProcess, PageError
from app.preview.picture_worker import serve
from app.tasks import Tasks

IDLE_MS = 300_000  # after which the process gives its memory back

Key = TypeVar("Key")
Done = Callable[[tuple[Key, ImageContent | None]], None]


class PictureProcess(ConfinedProcess):
    """Decodes pictures, which may be made to do harm, where they can't."""

    def __init__(self) -> None:
        super().__init__(serve, "cognate-pictures")

    def read(self, path: Path, room: QSize, is_wanted: Callable[[], bool]) -> ImageContent:
        """A picture, scaled down where it is larger than the room for it. Raises PageError."""
        self.start()
        request = {"do": "picture", "path": str(path), "width": room.width(), "height": room.height()}
        answer = self.exchange(request, is_wanted, path)
        pixels = self.pixels_of(answer, 4)
        shape = (pixels.width, pixels.height, pixels.stride, QImage.Format.Format_RGBA8888_Premultiplied)
        image = QImage(pixels.data, *shape).convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)  # a copy
        try:
            return ImageContent(image, int(answer["own_width"]), int(answer["own_height"]))
        except (KeyError, TypeError, ValueError) as error:
            raise PageError("it is no picture that can be shown") from error


class PictureReader(QObject):
    """Asks the process from a thread of its own."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lane = Tasks(1, "pictures", self)
        self._process = PictureProcess()
        self._idle = QTimer(self, interval=IDLE_MS, singleShot=True)
        self._idle.timeout.connect(self._rest)
        self._is_closed = False

    def read(self, key: Key, path: Path, room: QSize, done: Done[Key], is_wanted: Callable[[], bool]) -> None:
        """Hand the key and the picture to `done`, or None where it can't be shown or is not wanted any more."""
        self._idle.start()
        self._lane.submit(partial(self._read, key, path, room, lambda: is_wanted() and not self._is_closed), done)

    def close(self) -> None:
        """End the thread and the process."""
        self._is_closed = True
        self._lane.close()
        self._process.close()

    def _read(
        self, key: Key, path: Path, room: QSize, is_wanted: Callable[[], bool]
    ) -> tuple[Key, ImageContent | None]:
        if not is_wanted():
            return key, None
        try:
            return key, self._process.read(path, room, is_wanted)
        except PageError:
            return key, None

    def _rest(self) -> None:
        self._lane.submit(self._process.close, lambda nothing: None)
