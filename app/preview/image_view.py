from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from app.preview.content import ImageContent
from app.theme import colors

MARGIN = 16


class ImageView(QWidget):
    """A picture, as large as fits and never larger than it is."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image = QImage()
        self._size = QSize()
        self.setAccessibleName(self.tr("Picture"))

    def show_content(self, content: ImageContent) -> None:
        """Show another picture."""
        self._image = content.image
        self._size = QSize(content.width, content.height)
        self.setAccessibleDescription(
            self.tr("{width} by {height} pixels").format(width=content.width, height=content.height)
        )
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(event.rect(), colors().window)
        if self._image.isNull():
            return
        room = self.rect().adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)
        natural = self._image.size() / self.devicePixelRatioF()
        fitted = natural.scaled(room.size(), Qt.AspectRatioMode.KeepAspectRatio)
        size = fitted if fitted.width() < natural.width() else natural
        spot = QRect(QPoint(), size)
        spot.moveCenter(room.center())
        painter.fillRect(spot, Qt.GlobalColor.white)  # what is transparent was drawn for paper
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(spot, self._image)
