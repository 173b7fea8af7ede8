"""A key that works from anywhere.

How to wire: `shortcut = GlobalShortcut(parent)`, connect `pressed` to raising the window, and if `is_possible()`, call
`shortcut.set(options.app.shortcut)` now and whenever the options change; `close()` at the end.
"""

from __future__ import annotations

import logging

from PySide6.QtCore import QKeyCombination, QObject, QSocketNotifier, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QKeySequence

from app.xcb import KEY_PRESS, MAPPING_NOTIFY, Connection, Modifier

log = logging.getLogger(__name__)

MODIFIERS = {
    Qt.KeyboardModifier.ShiftModifier: Modifier.SHIFT,
    Qt.KeyboardModifier.ControlModifier: Modifier.CONTROL,
    Qt.KeyboardModifier.AltModifier: Modifier.ALT,
    Qt.KeyboardModifier.MetaModifier: Modifier.SUPER,
}
KEYSYMS = {  # X11's keysymdef.h
    Qt.Key.Key_Backspace: 0xFF08,
    Qt.Key.Key_Tab: 0xFF09,
    Qt.Key.Key_Return: 0xFF0D,
    Qt.Key.Key_Pause: 0xFF13,
    Qt.Key.Key_ScrollLock: 0xFF14,
    Qt.Key.Key_Escape: 0xFF1B,
    Qt.Key.Key_Home: 0xFF50,
    Qt.Key.Key_Left: 0xFF51,
    Qt.Key.Key_Up: 0xFF52,
    Qt.Key.Key_Right: 0xFF53,
    Qt.Key.Key_Down: 0xFF54,
    Qt.Key.Key_PageUp: 0xFF55,
    Qt.Key.Key_PageDown: 0xFF56,
    Qt.Key.Key_End: 0xFF57,
    Qt.Key.Key_Print: 0xFF61,
    Qt.Key.Key_Insert: 0xFF63,
    Qt.Key.Key_Menu: 0xFF67,
    Qt.Key.Key_Delete: 0xFFFF,
    Qt.Key.Key_Search: 0x1008FF1B,
}
F1 = 0xFFBE


class GlobalShortcut(QObject):
    """One key combination of the whole desktop; on X11, for other systems bind it themselves."""

    pressed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._connection: Connection | None = None
        self._notifier: QSocketNotifier | None = None
        self._keys = ""

    @staticmethod
    def is_possible() -> bool:
        """Whether programs can take keys from anywhere here."""
        return QGuiApplication.platformName() == "xcb"

    def set(self, keys: str) -> bool:
        """Take this combination, like "Ctrl+Alt+Space", instead of the one before; none for "".

        Returns:
            False when it can't be had: another program has it, it is no combination, or the display can't do it.
        """
        self._keys = keys
        if self._connection is not None:
            self._connection.ungrab_all()
        if not keys:
            return True
        combination = parse(keys)
        if combination is None or not self._connect():
            return False
        assert self._connection is not None
        is_ours = self._connection.grab(*combination)
        if not is_ours:
            log.warning("the shortcut %s is taken by another program", keys)
        QTimer.singleShot(0, self._on_activity)  # an event that came with the answers wakes no notifier
        return is_ours

    def close(self) -> None:
        """Give the key back."""
        if self._notifier is not None:
            self._notifier.setEnabled(False)
            self._notifier = None
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _connect(self) -> bool:
        if self._connection is not None:
            return True
        try:
            self._connection = Connection()
        except OSError as error:
            log.info("no global shortcut: %s", error)
            return False
        self._notifier = QSocketNotifier(self._connection.file_descriptor, QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._on_activity)
        return True

    def _on_activity(self) -> None:
        if self._connection is None:
            return
        kinds = list(self._connection.events())
        if self._connection.is_broken:
            self.close()
            return
        if MAPPING_NOTIFY in kinds:
            self.set(self._keys)
        if KEY_PRESS in kinds:
            self.pressed.emit()


def parse(keys: str) -> tuple[int, Modifier] | None:
    """The keysym and modifiers of a combination; None when there is no such key on X11, or it has no modifier."""
    sequence = QKeySequence(keys, QKeySequence.SequenceFormat.PortableText)
    if sequence.count() != 1:
        return None
    combination: QKeyCombination = sequence[0]  # type: ignore[index]  # the stub lacks __getitem__
    key, held = combination.key(), combination.keyboardModifiers()
    keysym = keysym_of(key)
    modifiers = Modifier(0)
    for modifier, number in MODIFIERS.items():
        if held & modifier:
            modifiers |= number
    is_function_key = Qt.Key.Key_F1 <= key <= Qt.Key.Key_F35
    if keysym is None or not (modifiers & ~Modifier.SHIFT or is_function_key):
        return None  # a bare letter would be lost to all other programs
    return keysym, modifiers


def keysym_of(key: Qt.Key) -> int | None:
    """X11's number of a key."""
    if key in KEYSYMS:
        return KEYSYMS[key]
    if Qt.Key.Key_F1 <= key <= Qt.Key.Key_F35:
        return F1 + key - Qt.Key.Key_F1
    if 0x20 <= key <= 0xFF:  # Latin-1: X11 and Qt number it alike, but for capitals
        return ord(chr(key).lower())
    return None
