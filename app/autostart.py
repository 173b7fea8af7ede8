"""Starting Cognate when its user logs in, by the means of each platform."""

from __future__ import annotations

import os
import plistlib
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSettings

RUN_KEY = r"HKEY_CURRENT_USER\Software\Microsoft\Windows\CurrentVersion\Run"
NAME = "Cognate"
LABEL = "org.cognate.Cognate"
RESERVED = "\"'\\><~|&;$*?#()`"  # characters that the Desktop Entry Specification wants quoted, besides blanks
ESCAPED = '"`$\\'  # inside quotes


def own_command() -> list[str]:
    """How this program is started: a packaged one by its own file, any other by its script or its interpreter."""
    if getattr(sys, "frozen", False):
        return [os.environ.get("APPIMAGE", sys.executable)]  # an AppImage is mounted somewhere else at each start
    script = shutil.which("cognate", path=str(Path(sys.executable).parent)) or shutil.which("cognate")
    return [script] if script else [sys.executable, "-m", "app.main"]


def is_enabled() -> bool:
    """Whether Cognate starts at login."""
    if sys.platform == "win32":
        return _registry().contains(NAME)
    return _file().exists()


def enable(command: Sequence[str]) -> None:
    """Start a command at each login from now on. Raises OSError."""
    if sys.platform == "win32":
        _registry().setValue(NAME, subprocess.list2cmdline(command))
        return
    path = _file()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(launch_agent(command) if sys.platform == "darwin" else desktop_entry(command))


def disable() -> None:
    """Start nothing at login. Raises OSError."""
    if sys.platform == "win32":
        _registry().remove(NAME)
    else:
        _file().unlink(missing_ok=True)


def desktop_entry(command: Sequence[str]) -> bytes:
    """A file for the XDG autostart folder."""
    lines = [
        "[Desktop Entry]",
        "Type=Application",
        f"Name={NAME}",
        f"Exec={' '.join(map(_quoted, command))}",
        "Icon=cognate",
        "Terminal=false",
        "X-GNOME-Autostart-enabled=true",
    ]
    return "".join(f"{line}\n" for line in lines).encode()


def launch_agent(command: Sequence[str]) -> bytes:
    """A file for the LaunchAgents folder of macOS."""
    return plistlib.dumps({"Label": LABEL, "ProgramArguments": list(command), "RunAtLoad": True})


def _file() -> Path:
    if sys.platform == "darwin":
        return Path.home() / "Library/LaunchAgents" / f"{LABEL}.plist"
    base = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(base, "autostart", "cognate.desktop")


def _quoted(word: str) -> str:
    """A word of an Exec key: quoted where the specification wants it, then escaped as a string of the file."""
    word = word.replace("%", "%%")
    if any(character.isspace() or character in RESERVED for character in word):
        word = '"' + "".join(f"\\{each}" if each in ESCAPED else each for each in word) + '"'
    return word.replace("\\", "\\\\")


def _registry() -> QSettings:
    return QSettings(RUN_KEY, QSettings.Format.NativeFormat)
