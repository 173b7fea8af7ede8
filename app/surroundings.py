"""What goes on around Cognate: power, other programs, the screen, the graphics card."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import psutil

from app.xcb import Connection

NVIDIA_SMI = "nvidia-smi"
GPU_LOADS = ("pmon", "--count", "1", "--select", "u")
GPU_QUERY = ("--query-compute-apps=pid,used_memory", "--format=csv,noheader,nounits")
GPU_MEMORY_MB = 500  # a desktop's own programs hold less
SMI_SECONDS = 5.0
WINDOWS_FULL_SCREEN = (2, 3, 4)  # QUNS_BUSY, QUNS_RUNNING_D3D_FULL_SCREEN, QUNS_PRESENTATION_MODE


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What was seen at one look."""

    on_battery: bool = False
    load: float = 0.0  # share of all processors that other programs use, 0 to 1
    is_full_screen: bool = False
    gpu_load: float = 0.0  # share of the busiest card that other programs use, 0 to 1


class Lookout:
    """Looks around. Blocks for some milliseconds; each look tells the load since the one before."""

    def __init__(self, looks_at_gpu: bool) -> None:
        self._looks_at_gpu = looks_at_gpu and can_see_gpu()
        self._before = _processor_times()
        self._display: Connection | None = None

    def look(self) -> Surroundings:
        """What goes on now."""
        gpu_load = gpu_load_of_others() if self._looks_at_gpu else 0.0
        return Surroundings(on_battery(), self._load(), self._is_full_screen(), gpu_load)

    def close(self) -> None:
        """Let go of the display."""
        if self._display is not None:
            self._display.close()
            self._display = None

    def _load(self) -> float:
        now, before = _processor_times(), self._before
        self._before = now
        all_seconds, busy, own = (new - old for new, old in zip(now, before, strict=True))
        return min(1.0, max(0.0, (busy - own) / all_seconds)) if all_seconds > 0 else 0.0

    def _is_full_screen(self) -> bool:
        if sys.platform == "win32":
            state = ctypes.c_int()
            ctypes.windll.shell32.SHQueryUserNotificationState(ctypes.byref(state))
            return state.value in WINDOWS_FULL_SCREEN
        if not can_see_screen():
            return False
        if self._display is None or self._display.is_broken:
            self.close()
            with suppress(OSError):
                self._display = Connection()
        return self._display is not None and self._display.is_full_screen()


def on_battery() -> bool:
    """Whether a battery feeds the computer."""
    with suppress(OSError):  # raised where the system shows no power supplies at all, as in a container
        battery = psutil.sensors_battery()
        return battery is not None and battery.power_plugged is False
    return False


def has_battery() -> bool:
    """Whether there is a battery at all."""
    with suppress(OSError):
        return psutil.sensors_battery() is not None
    return False


def can_see_gpu() -> bool:
    """Whether other programs' work on the GPU can be seen at all."""
    return shutil.which(NVIDIA_SMI) is not None


def can_see_screen() -> bool:
    """Whether it can be seen that a program fills the screen."""
    if sys.platform == "win32":
        return True
    # Wayland tells no program about the windows of others
    return bool(os.environ.get("DISPLAY")) and not os.environ.get("WAYLAND_DISPLAY")


def gpu_load_of_others() -> float:
    """Share of the busiest NVIDIA GPU that other programs use; 1 if any computes on one that does not tell."""
    if loads := _told(GPU_LOADS):
        return load_of_others(loads, os.getpid())
    return float(others_compute(_told(GPU_QUERY), os.getpid()))


def load_of_others(listing: str, own_pid: int) -> float:
    """The load that a listing of nvidia-smi tells, a line "card pid type percent ..." each."""
    loads: dict[str, float] = {}
    for line in listing.splitlines():
        columns = line.split()
        if len(columns) > 3 and columns[3].isdigit() and columns[1] != str(own_pid):
            loads[columns[0]] = loads.get(columns[0], 0.0) + int(columns[3]) / 100
    return min(1.0, max(loads.values(), default=0.0))


def _told(arguments: Sequence[str]) -> str:
    """What nvidia-smi prints; nothing when it fails."""
    try:
        done = subprocess.run([NVIDIA_SMI, *arguments], capture_output=True, text=True, timeout=SMI_SECONDS)
    except (OSError, subprocess.SubprocessError):
        return ""
    return "" if done.returncode else done.stdout


def others_compute(listing: str, own_pid: int) -> bool:
    """Whether a listing of nvidia-smi, a line "pid, megabytes" each, names another program of some size."""
    for line in listing.splitlines():
        pid, _, memory = line.partition(",")
        if pid.strip() != str(own_pid) and memory.strip().isdigit() and int(memory) >= GPU_MEMORY_MB:
            return True
    return False


def _processor_times() -> tuple[float, float, float]:
    """Seconds of all processors, those of them that were busy, and those of this program, at normal priority.

    What runs at low priority gives way by itself, our own worker processes among it; Windows does not tell it apart.
    """
    times = psutil.cpu_times()
    idle = times.idle + getattr(times, "iowait", 0.0) + getattr(times, "nice", 0.0)
    own = psutil.Process().cpu_times()
    return sum(times), sum(times) - idle, own.user + own.system
