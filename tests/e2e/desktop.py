"""A desktop of its own for window stories: X server, window manager, session bus, accessibility; nothing is shared."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
NEEDED = ("Xvfb", "openbox", "xdotool", "dbus-daemon", "import", "wmctrl")
LAUNCHER = Path("/usr/libexec/at-spi-bus-launcher")
SYSTEM_PYTHON = "/usr/bin/python3"  # pyatspi is the distribution's own
PATIENCE_SECONDS = 90.0  # the machine may be busy; what is waited for comes within one or two
SIZE = "1280x860"


def missing() -> str:
    """What a window story needs and this machine lacks; empty when it can be told."""
    lacking = [name for name in NEEDED if shutil.which(name) is None]
    if not LAUNCHER.exists():
        lacking.append("at-spi2-core")
    has_reader = (
        Path(SYSTEM_PYTHON).exists()
        and not subprocess.run([SYSTEM_PYTHON, "-c", "import pyatspi"], capture_output=True, check=False).returncode
    )
    if not has_reader:
        lacking.append("python3-pyatspi")
    return ", ".join(lacking)


class Desktop:
    """Keys, pictures and the accessible tree of what runs here."""

    def __init__(self, environment: Mapping[str, str], home: Path) -> None:
        self.environment = dict(environment)
        self.home = home

    def start(self, profile: Path, *arguments: str) -> subprocess.Popen[str]:
        """Start the program with a profile."""
        command = [sys.executable, "-m", "app.main", "--profile", str(profile), *arguments]
        return subprocess.Popen(
            command, cwd=ROOT, env=self.environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    def command(self, profile: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the program to its end."""
        command = [sys.executable, "-m", "app.main", "--profile", str(profile), *arguments]
        return subprocess.run(
            command,
            cwd=ROOT,
            env=self.environment,
            text=True,
            capture_output=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )

    def key(self, *keys: str) -> None:
        """Press keys, by their names in X."""
        self._run("xdotool", "key", "--clearmodifiers", *keys)

    def type(self, text: str) -> None:
        """Type a text, in any script."""
        self._run("xdotool", "type", "--delay", "30", text)

    def click(self, x: int, y: int) -> None:
        """Click at a place on the screen."""
        self._run("xdotool", "mousemove", str(x), str(y), "click", "1")

    def close_window(self, title: str) -> None:
        """Ask a window to close, as its close button does."""
        self._run("wmctrl", "-F", "-c", title)

    def picture(self, path: Path) -> None:
        """Save what is on the screen."""
        self._run("import", "-window", "root", str(path))

    def titles(self) -> list[str]:
        """Titles of the windows that can be seen."""
        found = self._run("xdotool", "search", "--onlyvisible", "--name", ".", check=False).split()
        return [self._run("xdotool", "getwindowname", window, check=False).strip() for window in found]

    def tree(self) -> list[dict[str, Any]]:
        """All that the program shows, as a screen reader gets it: role, name, text, place."""
        reader = str(Path(__file__).with_name("accessible.py"))
        lines = self._run(SYSTEM_PYTHON, reader, check=False).splitlines()
        return [json.loads(line) for line in lines]

    def names(self, role: str = "") -> list[str]:
        """Names of what is shown, of one role or of all."""
        return [node["name"] for node in self.tree() if not role or node["role"] == role]

    def wait_for_name(self, part: str, role: str = "") -> dict[str, Any]:
        """Wait until something shows whose name has a part; it as in `tree`."""
        found: list[dict[str, Any]] = []

        def is_there() -> bool:
            found[:] = [n for n in self.tree() if part in n["name"] and (not role or n["role"] == role)]
            return bool(found)

        self.wait(is_there, f"{part!r} to be shown")
        return found[0]

    def wait_for_window(self, title: str) -> None:
        """Wait until a window with a title can be seen."""
        self.wait(lambda: title in self.titles(), f"a window called {title!r}")

    def wait(self, holds: Callable[[], bool], what: str) -> None:
        """Wait until a condition holds; AssertionError when it does not in time."""
        end = time.monotonic() + PATIENCE_SECONDS
        while not holds():
            if time.monotonic() > end:
                self.picture(self.home / "failed.png")
                raise AssertionError(f"waited in vain for {what}: {self.home}/failed.png shows the screen")
            time.sleep(0.1)

    def _run(self, *command: str, check: bool = True) -> str:
        return subprocess.run(
            command, env=self.environment, text=True, capture_output=True, timeout=PATIENCE_SECONDS, check=check
        ).stdout


@contextmanager
def desktop(home: Path) -> Iterator[Desktop]:
    """Start a desktop whose files are all below `home`; it ends with the block."""
    runtime = home / "run"
    for folder in (home, runtime):
        folder.mkdir(mode=0o700, exist_ok=True)
    with ExitStack() as stack:
        display = _start_server(stack)
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "XDG_RUNTIME_DIR": str(runtime),
            "DISPLAY": display,
            "LANG": "C.UTF-8",
            "QT_QPA_PLATFORM": "xcb",
            "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
        }
        environment["DBUS_SESSION_BUS_ADDRESS"] = _start_bus(stack, environment)
        _start(stack, ["openbox"], environment)
        _start(stack, [str(LAUNCHER), "--launch-immediately"], environment)
        yield Desktop(environment, home)


def _start(stack: ExitStack, command: list[str], environment: Mapping[str, str]) -> None:
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    stack.callback(_end, process)


def _start_server(stack: ExitStack) -> str:
    """An X server on a display that is free."""
    reader, writer = os.pipe()
    command = ["Xvfb", "-displayfd", str(writer), "-screen", "0", f"{SIZE}x24", "-nolisten", "tcp"]
    process = subprocess.Popen(command, pass_fds=[writer], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    stack.callback(_end, process)
    os.close(writer)
    with open(reader, encoding="ascii") as numbers:
        return f":{numbers.readline().strip()}"


def _start_bus(stack: ExitStack, environment: Mapping[str, str]) -> str:
    command = ["dbus-daemon", "--session", "--nofork", "--print-address=1"]
    process = subprocess.Popen(command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    stack.callback(_end, process)
    assert process.stdout is not None
    return process.stdout.readline().strip()


def _end(process: subprocess.Popen[Any]) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            stream.close()
