from pathlib import Path

from PySide6.QtCore import QMimeData


def dropped_paths(data: QMimeData) -> list[Path]:
    """The local files and folders that are dragged; the disk is not looked at."""
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
