"""Landlock: the Linux kernel (5.13 and newer) keeps a process to the files that it names beforehand."""

import os
import stat
import struct
import sys
from collections.abc import Iterable
from pathlib import Path

from indexer.sandbox.calls import forbid_new_privileges, system_call

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same on every architecture
_VERSION = 1
_PATH_BENEATH = 1

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = (1 << bit for bit in range(4))
_MAKE_CHAR, _MAKE_SOCK, _MAKE_BLOCK = 1 << 6, 1 << 9, 1 << 11
_TRUNCATE, _IOCTL_DEV = 1 << 14, 1 << 15
_ALL_FILES = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1, 5: (1 << 16) - 1}
_ALL_TCP = 3  # binding and connecting, from version 4 on
_ALL_SCOPES = 3  # abstract sockets of and signals to other processes, from version 6 on
_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV  # rights that make sense for what is no folder
_READ = _READ_FILE | _READ_DIR | _EXECUTE
_NEVER = _EXECUTE | _MAKE_CHAR | _MAKE_SOCK | _MAKE_BLOCK | _IOCTL_DEV


def version() -> int:
    """What the running kernel can do, from 1; 0 for nothing."""
    if sys.platform != "linux":
        return 0
    try:
        return system_call(_CREATE_RULESET, None, 0, _VERSION)
    except OSError:
        return 0


def restrict(readable: Iterable[Path], writable: Iterable[Path]) -> None:
    """From now on this thread, and what it starts, only reads (or runs) and writes below these.

    What isn't there is passed over. What is open stays open.

    Raises:
        OSError: the kernel refuses.
    """
    known = version()
    files = _ALL_FILES.get(known, _ALL_FILES[max(_ALL_FILES)])
    handled = struct.pack("=3Q", files, _ALL_TCP, _ALL_SCOPES)
    size = 8 if known < 4 else 16 if known < 6 else 24
    ruleset = system_call(_CREATE_RULESET, handled, size, 0)
    try:
        for paths, allowed in ((readable, _READ), (writable, files & ~_NEVER)):
            for path in paths:
                _allow(ruleset, path, allowed)
        forbid_new_privileges()
        system_call(_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: Path, allowed: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            allowed &= _OF_FILES
        system_call(_ADD_RULE, ruleset, _PATH_BENEATH, struct.pack("=Qi", allowed, descriptor), 0)
    finally:
        os.close(descriptor)
