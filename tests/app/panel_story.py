"""A panel that speaks StatusNotifierItem, and somebody who uses it; to be run in a session bus of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable

from PySide6.QtCore import ClassInfo, Property, QCoreApplication, QDeadlineTimer, QEventLoop, QObject, QProcess, Slot
from PySide6.QtDBus import QDBusConnection

PATIENCE_MS = 60_000
MENU = "com.canonical.dbusmenu"
ENTRY = re.compile(
    r'struct \{\s+int32 (\d+)\s+array \[(?:(?!struct \{).)*?string "label"\s+variant\s+string "([^"]*)"', re.DOTALL
)


@ClassInfo({"D-Bus Interface": "org.kde.StatusNotifierWatcher"})
class Panel(QObject):
    """What a program needs to see to believe in a tray."""

    def __init__(self) -> None:
        super().__init__()
        self.items: list[str] = []

    @Slot(str)
    def RegisterStatusNotifierItem(self, service: str) -> None:
        self.items.append(service)

    @Property(bool)
    def IsStatusNotifierHostRegistered(self) -> bool:
        return True

    @Property("QStringList")
    def RegisteredStatusNotifierItems(self) -> list[str]:
        return self.items

    @Property(int)
    def ProtocolVersion(self) -> int:
        return 0


class User:
    """Clicks on the item, reads its menu, and hears what the program says."""

    def __init__(self, panel: Panel) -> None:
        self._panel = panel
        self.heard = ""
        self.program = QProcess()
        self.program.setProcessChannelMode(QProcess.ProcessChannelMode.ForwardedErrorChannel)
        self.program.readyReadStandardOutput.connect(self._listen)
        self.program.start(sys.executable, ["-m", "tests.app.tray_program", "-platform", "xcb"])

    def wait_until(self, happened: Callable[[], bool], what: str) -> None:
        deadline = QDeadlineTimer(PATIENCE_MS)
        while not happened():
            QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 50)
            assert not deadline.hasExpired(), f"{what}; the program said: {self.heard}"

    def call(self, path: str, method: str, *arguments: str) -> str:
        command = ["dbus-send", "--session", "--print-reply", f"--dest={self._panel.items[-1]}", path, method]
        return subprocess.run([*command, *arguments], capture_output=True, text=True, check=True).stdout

    def click_on_icon(self) -> None:
        self.call("/StatusNotifierItem", "org.kde.StatusNotifierItem.Activate", "int32:0", "int32:0")

    def menu(self) -> dict[str, str]:
        """Number of each entry, by its label."""
        layout = ("int32:0", "int32:-1", "array:string:label")
        return {label: number for number, label in ENTRY.findall(self.call("/MenuBar", f"{MENU}.GetLayout", *layout))}

    def choose(self, label: str) -> None:
        event = (f"int32:{self.menu()[label]}", "string:clicked", "variant:int32:0", "uint32:0")
        self.call("/MenuBar", f"{MENU}.Event", *event)

    def _listen(self) -> None:
        self.heard += self.program.readAllStandardOutput().toStdString()


def main() -> None:
    application = QCoreApplication(sys.argv)
    bus, panel = QDBusConnection.sessionBus(), Panel()
    exported = QDBusConnection.RegisterOption.ExportAllSlots | QDBusConnection.RegisterOption.ExportAllProperties
    assert bus.registerObject("/StatusNotifierWatcher", panel, exported)
    assert bus.registerService("org.kde.StatusNotifierWatcher")
    os.environ["QT_QPA_PLATFORM"] = "xcb"
    user = User(panel)
    user.wait_until(lambda: bool(panel.items), "no icon came")
    user.wait_until(lambda: "present True" in user.heard, "the program sees no tray")
    user.click_on_icon()
    user.wait_until(lambda: "search" in user.heard, "a click did nothing")
    user.choose("Folders…")
    user.wait_until(lambda: "folders" in user.heard, "an entry did nothing")
    user.choose("Pause indexing")
    user.wait_until(lambda: "Paused: paused by you" in user.menu(), "pausing is not shown")
    user.choose("Resume indexing")
    user.wait_until(lambda: "Up to date" in user.menu(), "resuming is not shown")
    user.choose("Quit Cognate")
    user.wait_until(lambda: user.program.state() is QProcess.ProcessState.NotRunning, "it did not quit")
    assert user.program.exitCode() == 0
    print("the story ended well")
    del application


if __name__ == "__main__":
    main()
