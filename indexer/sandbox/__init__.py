"""Keeps a process that reads untrusted documents to what reading takes, whatever a document makes of it.

On Linux it has no network, sees no files but those of the system and of Cognate, and writes to one folder alone: a
document is handed to it open. Other systems, and kernels without Landlock or seccomp, only limit memory and the size of
files; `indexer.sandbox.probe` tells.
"""

import contextlib
import os
import shutil
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil

from indexer.sandbox import landlock, seccomp

_FOLDER = "cognate-worker-"
_OPEN_FILES = 256
_SYSTEM = (
    *("/usr", "/lib", "/lib32", "/lib64", "/app", "/nix/store", "/gnu/store"),  # also where Flatpak, Nix, Guix keep it
    *("/etc/ld.so.cache", "/etc/localtime", "/etc/mime.types", "/etc/ssl/openssl.cnf"),
    *("/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/sys/devices/system/cpu"),
    *("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom"),
)
_OWN = Path(__file__).parents[2]
_PACKAGES = ("app", "indexer", "model", "resources")


def new_folder() -> Path:
    """A folder for one process's temporary files; those of Cognates that were killed before they could are removed."""
    for left in Path(tempfile.gettempdir()).glob(f"{_FOLDER}*-*"):
        owner = left.name.removeprefix(_FOLDER).partition("-")[0]
        if owner.isdecimal() and not psutil.pid_exists(int(owner)):
            shutil.rmtree(left, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"{_FOLDER}{os.getpid()}-"))


def confine(folder: Path, memory_bytes: int, written_bytes: int, may_run_programs: bool = False) -> None:
    """Give up, for good, what reading documents doesn't take; before anything of them is seen, and in the only thread.

    Args:
        folder: where temporary files may be written.
        memory_bytes: of address space, beyond what is in use now.
        written_bytes: of any one file.
        may_run_programs: those of the system, which are confined in the same way.
    """
    tempfile.tempdir = str(folder)
    os.environ.update(dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(folder)))
    sys.dont_write_bytecode = True  # it couldn't, anyway
    if sys.platform != "win32":
        _limit(memory_bytes, written_bytes)
    with contextlib.suppress(OSError):  # a container may refuse what its kernel can do: reading goes on without
        if landlock.version():
            landlock.restrict(_readable(), (folder, Path("/dev/null")))
    with contextlib.suppress(OSError):
        if seccomp.is_available():
            seccomp.restrict(may_run_programs)


def _limit(memory_bytes: int, written_bytes: int) -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (written_bytes, written_bytes))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_OPEN_FILES, _OPEN_FILES))
    if sys.platform == "linux":
        size = psutil.Process().memory_info().vms + memory_bytes
        resource.setrlimit(resource.RLIMIT_AS, (size, resource.getrlimit(resource.RLIMIT_AS)[1]))


@contextlib.contextmanager
def address_space(size_bytes: int) -> Iterator[None]:
    """Room in the address space for a file that is mapped, which takes no memory by that."""
    if sys.platform != "linux":
        yield
        return
    import resource

    before, most = resource.getrlimit(resource.RLIMIT_AS)
    if before == resource.RLIM_INFINITY:
        yield
        return
    wanted = before + size_bytes
    resource.setrlimit(resource.RLIMIT_AS, (wanted if most == resource.RLIM_INFINITY else min(wanted, most), most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (before, most))


def _readable() -> Iterator[Path]:
    """What Python, its libraries and Cognate consist of."""
    yield from map(Path, _SYSTEM)
    yield from (_OWN / package for package in _PACKAGES)
    yield from map(Path, {sys.prefix, sys.base_prefix, sys.exec_prefix, *sysconfig.get_paths().values()})
    yield from (Path(each) for each in sys.path if Path(each).name in {"site-packages", "dist-packages"})
