from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from app.global_shortcut import GlobalShortcut, parse
from app.xcb import Connection, Modifier

on_x11 = pytest.mark.skipif(
    not os.environ.get("DISPLAY") or not shutil.which("xdotool"), reason="needs an X11 display and xdotool"
)


@pytest.fixture
def shortcut(qtbot: QtBot) -> Iterator[GlobalShortcut]:
    made = GlobalShortcut()
    yield made
    made.close()


def press(keys: str) -> None:
    subprocess.run(["xdotool", "key", keys], check=True)


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ("Ctrl+Alt+Space", (0x20, Modifier.CONTROL | Modifier.ALT)),
        ("Meta+A", (ord("a"), Modifier.SUPER)),
        ("Ctrl+Shift+.", (ord("."), Modifier.CONTROL | Modifier.SHIFT)),
        ("F12", (0xFFC9, Modifier(0))),
        ("Alt+PgUp", (0xFF55, Modifier.ALT)),
        ("A", None),
        ("Shift+A", None),
        ("Ctrl+A, Ctrl+B", None),
        ("", None),
        ("nonsense", None),
    ],
)
def test_a_combination_is_understood(keys: str, expected: tuple[int, Modifier] | None) -> None:
    assert parse(keys) == expected


@on_x11
def test_the_key_is_noticed_whoever_has_the_focus(qtbot: QtBot, shortcut: GlobalShortcut) -> None:
    assert shortcut.set("Ctrl+Alt+Space")
    with qtbot.waitSignal(shortcut.pressed):
        press("ctrl+alt+space")


@on_x11
def test_only_the_latest_combination_counts(qtbot: QtBot, shortcut: GlobalShortcut) -> None:
    shortcut.set("Ctrl+Alt+Space")
    assert shortcut.set("Ctrl+Alt+K")
    pressed: list[str] = []
    shortcut.pressed.connect(lambda: pressed.append("one"))
    press("ctrl+alt+space")
    press("ctrl+alt+k")
    qtbot.waitUntil(lambda: bool(pressed))
    assert pressed == ["one"]


@on_x11
def test_a_key_that_another_program_has_is_refused(qtbot: QtBot, shortcut: GlobalShortcut) -> None:
    other = GlobalShortcut()
    assert other.set("Ctrl+Alt+J")
    assert not shortcut.set("Ctrl+Alt+J")
    other.close()
    assert shortcut.set("Ctrl+Alt+J")


def test_without_a_display_there_is_no_shortcut(
    qtbot: QtBot, shortcut: GlobalShortcut, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISPLAY", ":987")
    assert not shortcut.set("Ctrl+Alt+Space")
    assert shortcut.set("")


@on_x11
def test_nothing_fills_an_empty_screen() -> None:
    connection = Connection()
    assert not connection.is_full_screen()
    connection.close()
