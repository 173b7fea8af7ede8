"""seccomp: the Linux kernel refuses a process the system calls that it gives up beforehand."""

import ctypes
import errno
import platform
import struct
import sys
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from indexer.sandbox.calls import forbid_new_privileges, system_call


class Machine(NamedTuple):
    """What the calls are known by on one kind of processor."""

    architecture: int  # as the kernel tells it to the filter
    seccomp: int  # the call itself
    prlimit: int
    refused: Mapping[str, int]


# Names are kept beside the numbers so that these can be compared with the kernel's headers.
_EVERYWHERE = {
    "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427,
    "open_tree": 428, "move_mount": 429, "fsopen": 430, "fsconfig": 431, "fsmount": 432, "fspick": 433,
    "pidfd_open": 434, "pidfd_getfd": 438, "process_madvise": 440, "mount_setattr": 442, "memfd_secret": 447,
    "process_mrelease": 448, "fchmodat2": 452, "setxattrat": 463, "removexattrat": 466, "file_setattr": 469,
}  # fmt: skip
_X86_64 = {
    "socket": 41, "connect": 42, "accept": 43, "bind": 49, "listen": 50, "accept4": 288,
    "chmod": 90, "fchmod": 91, "fchmodat": 268, "chown": 92, "fchown": 93, "lchown": 94, "fchownat": 260,
    "setxattr": 188, "lsetxattr": 189, "fsetxattr": 190, "removexattr": 197, "lremovexattr": 198, "fremovexattr": 199,
    "utime": 132, "utimes": 235, "futimesat": 261, "utimensat": 280, "truncate": 76,
    "memfd_create": 319, "shmget": 29, "semget": 64, "msgget": 68, "mq_open": 240,
    "ptrace": 101, "process_vm_readv": 310, "process_vm_writev": 311, "kcmp": 312,
    "add_key": 248, "request_key": 249, "keyctl": 250,
    "mount": 165, "umount2": 166, "pivot_root": 155, "chroot": 161, "unshare": 272, "setns": 308,
    "name_to_handle_at": 303, "open_by_handle_at": 304, "bpf": 321, "perf_event_open": 298, "userfaultfd": 323,
}  # fmt: skip
_GENERIC = {  # the numbers of every architecture that came after 2011
    "socket": 198, "bind": 200, "listen": 201, "accept": 202, "connect": 203, "accept4": 242,
    "fchmod": 52, "fchmodat": 53, "fchownat": 54, "fchown": 55,
    "setxattr": 5, "lsetxattr": 6, "fsetxattr": 7, "removexattr": 14, "lremovexattr": 15, "fremovexattr": 16,
    "utimensat": 88, "truncate": 45,
    "memfd_create": 279, "shmget": 194, "semget": 190, "msgget": 186, "mq_open": 180,
    "ptrace": 117, "process_vm_readv": 270, "process_vm_writev": 271, "kcmp": 272,
    "add_key": 217, "request_key": 218, "keyctl": 219,
    "mount": 40, "umount2": 39, "pivot_root": 41, "chroot": 51, "unshare": 97, "setns": 268,
    "name_to_handle_at": 264, "open_by_handle_at": 265, "bpf": 280, "perf_event_open": 241, "userfaultfd": 282,
}  # fmt: skip
MACHINES = {
    "x86_64": Machine(0xC000003E, 317, 302, _X86_64 | _EVERYWHERE),
    "aarch64": Machine(0xC00000B7, 277, 261, _GENERIC | _EVERYWHERE),
    "riscv64": Machine(0xC00000F3, 277, 261, _GENERIC | _EVERYWHERE),
}
_SET_MODE_FILTER, _GET_ACTION_AVAILABLE = 1, 2
_ALL_THREADS = 1
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000
_LOAD, _IF_EQUAL, _IF_AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_CALL_NUMBER, _CALL_ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16  # offsets in what the filter sees
_FOREIGN_CALLS = 0x40000000  # and above: x86-64's second set of numbers for the same calls


def is_available() -> bool:
    """Whether the running kernel filters system calls and this module knows its numbers."""
    machine = _machine()
    if machine is None:
        return False
    try:
        system_call(machine.seccomp, _GET_ACTION_AVAILABLE, 0, struct.pack("=I", _REFUSE))
    except OSError:
        return False
    return True


def restrict() -> None:
    """From now on this process, and what it starts, opens no sockets and changes no attributes of files.

    Nor does it look into other processes, leave its namespaces, or touch parts of the kernel that no reader needs.

    Raises:
        OSError: the kernel refuses.
    """
    machine = _machine()
    if machine is None:
        raise OSError(errno.ENOSYS, "no filter for this machine")
    install(machine, machine.refused.values(), errno.EPERM)


def install(machine: Machine, refused: Iterable[int], reason: int) -> None:
    """Have the kernel answer these calls with an error number.

    Raises:
        OSError: the kernel refuses.
    """
    program = _program(machine, list(refused), reason)
    instructions = ctypes.create_string_buffer(b"".join(program))
    forbid_new_privileges()
    whole = struct.pack("@HP", len(program), ctypes.addressof(instructions))
    if stray := system_call(machine.seccomp, _SET_MODE_FILTER, _ALL_THREADS, whole):
        raise OSError(errno.EBUSY, f"thread {stray} can't be confined")


def _machine() -> Machine | None:
    return MACHINES.get(platform.machine()) if sys.platform == "linux" and sys.maxsize > 2**32 else None


def _program(machine: Machine, refused: list[int], reason: int) -> list[bytes]:
    refuse, allow = _do(_RETURN, _REFUSE | reason), _do(_RETURN, _ALLOW)
    to_refuse = range(len(refused) + 3, 3, -1)
    return [
        _do(_LOAD, _CALL_ARCHITECTURE),
        _do(_IF_EQUAL, machine.architecture, yes=1),
        refuse,
        _do(_LOAD, _CALL_NUMBER),
        _do(_IF_AT_LEAST, _FOREIGN_CALLS, yes=len(refused) + 4),
        *(_do(_IF_EQUAL, number, yes=steps) for number, steps in zip(refused, to_refuse, strict=True)),
        _do(_IF_EQUAL, machine.prlimit, no=2),
        _do(_LOAD, _FIRST_ARGUMENT),  # the process whose limits are changed; 0: its own
        _do(_IF_EQUAL, 0, no=1),
        allow,
        refuse,
    ]


def _do(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
    """One instruction of classic BPF; `yes` and `no` say how many to pass over."""
    return struct.pack("=HBBI", code, yes, no, value)
