"""Handing files to other programs: their own, the file manager, the clipboard."""

import subprocess
import sys
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, QUrl
from PySide6.QtDBus import QDBusConnection, QDBusMessage, QDBusPendingCall, QDBusPendingCallWatcher
from PySide6.QtGui import QDesktopServices, QGuiApplication

from app.tasks import Tasks
from indexer.results import Hit

PDF_VIEWERS = {  # desktop file of the viewer to how it is told a page
    "org.gnome.Evince.desktop": ("evince", "--page-index={page}"),
    "evince.desktop": ("evince", "--page-index={page}"),
    "org.gnome.Papers.desktop": ("papers", "--page-index={page}"),
    "atril.desktop": ("atril", "--page-index={page}"),
    "xreader.desktop": ("xreader", "--page-index={page}"),
    "org.kde.okular.desktop": ("okular", "--page={page}"),
    "okularApplication_pdf.desktop": ("okular", "--page={page}"),
    "org.pwmt.zathura.desktop": ("zathura", "--page={page}"),
    "qpdfview.desktop": ("qpdfview", "{path}#{page}"),
}
FILE_MANAGER = ("org.freedesktop.FileManager1", "/org/freedesktop/FileManager1", "org.freedesktop.FileManager1")


class Opener(QObject):
    """Opens and reveals files without waiting for anybody."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = Tasks(1, "open", self)
        self._calls: dict[QDBusPendingCallWatcher, Path] = {}  # a watcher that nobody holds never tells

    def open(self, hit: Hit) -> None:
        """Open a file in its own program, a PDF at its page where the viewer is known."""
        if hit.page is not None and hit.path.suffix.lower() == ".pdf" and sys.platform == "linux":
            page = hit.page
            self._tasks.submit(lambda: (hit.path, _viewer_command(hit.path, page)), self._on_viewer)
        else:
            self.open_path(hit.path)

    def open_path(self, path: Path) -> None:
        """Open a file or folder in its own program."""
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))

    def reveal(self, path: Path) -> None:
        """Show a file selected in its folder, or at least the folder."""
        if sys.platform == "win32":
            QProcess.startDetached("explorer", ["/select,", str(path)])
        elif sys.platform == "darwin":
            QProcess.startDetached("open", ["-R", str(path)])
        else:
            self._reveal_by_bus(path)

    def close(self) -> None:
        """End the thread."""
        self._tasks.close()

    def _reveal_by_bus(self, path: Path) -> None:
        bus = QDBusConnection.sessionBus()
        if not bus.isConnected():
            self.open_path(path.parent)
            return
        message = QDBusMessage.createMethodCall(*FILE_MANAGER, "ShowItems")
        message.setArguments(
            [[QUrl.fromLocalFile(str(path)).toString(QUrl.ComponentFormattingOption.FullyEncoded)], ""]
        )
        call: QDBusPendingCall = bus.asyncCall(message)
        watcher = QDBusPendingCallWatcher(call, self)
        self._calls[watcher] = path
        watcher.finished.connect(self._on_revealed)

    def _on_revealed(self, watcher: QDBusPendingCallWatcher) -> None:
        path = self._calls.pop(watcher)
        if watcher.isError():
            self.open_path(path.parent)
        watcher.deleteLater()

    def _on_viewer(self, answer: tuple[Path, list[str]]) -> None:
        path, command = answer
        if not command or not QProcess.startDetached(command[0], command[1:])[0]:
            self.open_path(path)


def copy_text(text: str) -> None:
    """Put a text on the clipboard."""
    QGuiApplication.clipboard().setText(text)


def _viewer_command(path: Path, page: int) -> list[str]:
    """How the user's PDF viewer opens a page, or nothing when it is not a known one."""
    try:
        asked = subprocess.run(
            ["xdg-mime", "query", "default", "application/pdf"], capture_output=True, text=True, timeout=3, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return []
    viewer = PDF_VIEWERS.get(asked.stdout.strip())
    if viewer is None:
        return []
    program, argument = viewer
    option = argument.format(page=page, path=path)
    return [program, option] if "{path}" in argument else [program, option, str(path)]
