"""The icon in the tray: what goes on, and the few things one wants without a window.

How to wire: make one `Tray(bridge)`, connect its four request signals, call `show_if_possible()` once the window is
set up. On closing the window, hide it only while `tray.is_present`; connect `lost` to showing the window again. The
tray looks for a panel by itself, because one may start after the program or end before it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QObject, Qt, QTimer, Signal, SignalInstance
from PySide6.QtGui import QAction, QGuiApplication, QPalette
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from app.bridge import Bridge
from app.icons import icon, tray_icon
from app.reasons import reason_text
from app.wording import wording
from indexer.results import Activity, Status

LOOK_MS = 5000  # for a panel that comes or goes
REFRESH_MS = 1000  # each change of text or icon is a message to the panel: progress at 10 Hz would flood it
MAX_ENTRY = 60  # characters of an entry of the menu
MAX_WARNINGS = 2  # in the tooltip
PANELS_ALWAYS_DARK = ("GNOME", "Unity")

STATES = {
    Activity.STARTING: "working",
    Activity.IDLE: "idle",
    Activity.SCANNING: "working",
    Activity.INDEXING: "working",
    Activity.ERASING: "working",
    Activity.PAUSED: "paused",
    Activity.STOPPED: "trouble",
}


class Tray(QObject):
    """Shows the engine's state wherever there is a tray, and is silent where there is none."""

    search_requested = Signal()
    folders_requested = Signal()
    settings_requested = Signal()
    quit_requested = Signal()
    presence_changed = Signal(bool)
    lost = Signal()  # the panel went away: the window is now the only way in

    def __init__(self, bridge: Bridge, desktop: str = "", parent: QObject | None = None) -> None:
        """`desktop` is XDG_CURRENT_DESKTOP: some desktops' panels are dark whatever the theme is."""
        super().__init__(parent)
        self.is_present = False
        self._bridge = bridge
        self._panel_is_dark = any(name in desktop.split(":") for name in PANELS_ALWAYS_DARK)
        self._icon = QSystemTrayIcon(self)
        self._icon.activated.connect(self._on_activated)
        self._menu = self._make_menu()  # kept: the icon does not own it
        self._icon.setContextMenu(self._menu)
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self._look)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._refresh)
        self._refresh_soon = QTimer(self, interval=REFRESH_MS, singleShot=True)
        self._refresh_soon.timeout.connect(self._refresh)
        bridge.status_changed.connect(self._on_status)
        self._refresh()

    def show_if_possible(self) -> None:
        """Show the icon now or as soon as there is a panel for it."""
        self._look()
        self._timer.start()

    def notify(self, text: str) -> None:
        """A desktop notification, for what the user must know while no window is open."""
        if self.is_present:
            self._icon.showMessage("Cognate", text, icon("cognate"))

    def hide(self) -> None:
        """Take the icon away, at the end of the program."""
        self._timer.stop()
        self._icon.hide()

    def _make_menu(self) -> QMenu:
        menu = QMenu()
        menu.setDefaultAction(self._entry("search", self.tr("Search"), self.search_requested, menu))
        menu.addSeparator()
        self._state = _note(menu)
        self._last = _note(menu)
        self._pause = self._entry("pause", self.tr("Pause indexing"), self._bridge.pause, menu)
        self._resume = self._entry("resume", self.tr("Resume indexing"), self._bridge.resume, menu)
        menu.addSeparator()
        self._entry("folder", self.tr("Folders…"), self.folders_requested, menu)
        self._entry("settings", self.tr("Settings…"), self.settings_requested, menu)
        menu.addSeparator()
        self._entry("quit", self.tr("Quit Cognate"), self.quit_requested, menu)
        menu.aboutToShow.connect(self._refresh)
        return menu

    def _entry(self, name: str, text: str, run: SignalInstance | Callable[[], None], menu: QMenu) -> QAction:
        action = QAction(icon(name), text, menu)
        action.triggered.connect(run)
        menu.addAction(action)
        return action

    def _look(self) -> None:
        is_present = QSystemTrayIcon.isSystemTrayAvailable()
        if is_present == self.is_present:
            return
        self.is_present = is_present
        self._icon.setVisible(is_present)
        self.presence_changed.emit(is_present)
        if not is_present:
            self.lost.emit()

    def _on_status(self, status: Status) -> None:
        if self._shown_state != state_of(status):
            self._refresh()
        elif not self._refresh_soon.isActive():
            self._refresh_soon.start()

    def _refresh(self) -> None:
        status = self._bridge.status
        self._shown_state = "working" if status is None else state_of(status)
        self._icon.setIcon(tray_icon(self._shown_state, self._is_dark()))
        line = self.tr("Starting…") if status is None else wording.activity(status)
        last = "" if status is None else wording.last_indexed(status, datetime.now())
        warnings = () if status is None else status.warnings[:MAX_WARNINGS]
        self._icon.setToolTip("\n".join(each for each in ("Cognate", line, last, *map(reason_text, warnings)) if each))
        self._state.setText(_short(line))
        self._last.setText(_short(last))
        self._last.setVisible(bool(last))
        is_paused = status is not None and status.activity is Activity.PAUSED
        self._pause.setVisible(not is_paused)
        self._resume.setVisible(is_paused)

    def _is_dark(self) -> bool:
        if self._panel_is_dark:
            return True
        scheme = QGuiApplication.styleHints().colorScheme()
        if scheme is Qt.ColorScheme.Unknown:
            return QGuiApplication.palette().color(QPalette.ColorRole.Window).lightnessF() < 0.5
        return scheme is Qt.ColorScheme.Dark

    def _on_activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason in (QSystemTrayIcon.ActivationReason.Trigger, QSystemTrayIcon.ActivationReason.DoubleClick):
            self.search_requested.emit()


def state_of(status: Status) -> str:
    """Which of the tray's icons stands for a status. Warnings are told, but a network share alone is no alarm."""
    return STATES[status.activity]


def _short(text: str) -> str:
    """Text of bearable length for a menu; a lone ampersand would underline the next letter."""
    short = text if len(text) <= MAX_ENTRY else f"{text[: MAX_ENTRY - 1]}…"
    return short.replace("&", "&&")


def _note(menu: QMenu) -> QAction:
    """An entry that only tells something."""
    action = QAction(menu)
    action.setEnabled(False)
    menu.addAction(action)
    return action
