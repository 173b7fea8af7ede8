"""seccomp: the Linux kernel refuses a process the system calls that it gives up beforehand."""

import ctypes
import errno
import platform
import struct
import sys
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from indexer.sandbox.calls import forbid_new_privileges, system_call


class Machine(NamedTuple):
    """What the calls are known by on one kind of processor."""

    architecture: int  # as the kernel tells it to the filter
    seccomp: int  # the call itself
    prlimit: int
    clone: int
    refused: Mapping[str, int]
    programs: Mapping[str, int]  # refused to who may not start any


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
_X86_64_PROGRAMS = {"fork": 57, "vfork": 58, "execve": 59, "execveat": 322}
_GENERIC_PROGRAMS = {"execve": 221, "execveat": 281}
MACHINES = {
    "x86_64": Machine(0xC000003E, 317, 302, 56, _X86_64 | _EVERYWHERE, _X86_64_PROGRAMS),
    "aarch64": Machine(0xC00000B7, 277, 261, 220, _GENERIC | _EVERYWHERE, _GENERIC_PROGRAMS),
    "riscv64": Machine(0xC00000F3, 277, 261, 220, _GENERIC | _EVERYWHERE, _GENERIC_PROGRAMS),
}
_CLONE3 = 435
_CLONE_THREAD = 0x10000
_SET_MODE_FILTER, _GET_ACTION_AVAILABLE = 1, 2
_ALL_THREADS = 1
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000
_LOAD, _IF_EQUAL, _IF_AT_LEAST, _IF_ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
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


def restrict(may_run_programs: bool) -> None:
    """From now on this process, and what it starts, opens no sockets and changes no attributes of files.

    Nor does it look into other processes, leave its namespaces, or touch parts of the kernel that no reader needs.

    Raises:
        OSError: the kernel refuses.
    """
    machine = _machine()
    if machine is None:
        raise OSError(errno.ENOSYS, "no filter for this machine")
    refused = dict.fromkeys(machine.refused.values(), errno.EPERM)
    own = [*_if_argument(machine.prlimit, _IF_EQUAL, 0)]  # the process whose limits are changed; 0: itself
    if not may_run_programs:
        refused |= dict.fromkeys(machine.programs.values(), errno.EPERM)
        refused[_CLONE3] = errno.ENOSYS  # its flags can't be seen; C libraries fall back to `clone`
        own += _if_argument(machine.clone, _IF_ANY_BIT, _CLONE_THREAD)
    install(machine, refused, own)


def install(machine: Machine, refused: Mapping[int, int], more: Sequence[bytes] = ()) -> None:
    """Have the kernel answer these calls with these error numbers, and the others as `more` says.

    Raises:
        OSError: the kernel refuses.
    """
    program = [
        _do(_LOAD, _CALL_ARCHITECTURE),
        _do(_IF_EQUAL, machine.architecture, yes=1),
        _refuse(errno.EPERM),
        _do(_LOAD, _CALL_NUMBER),
        _do(_IF_AT_LEAST, _FOREIGN_CALLS, no=1),
        _refuse(errno.EPERM),
    ]
    for number, reason in refused.items():
        program += (_do(_IF_EQUAL, number, no=1), _refuse(reason))
    program += (*more, _do(_RETURN, _ALLOW))
    instructions = ctypes.create_string_buffer(b"".join(program))
    forbid_new_privileges()
    whole = struct.pack("@HP", len(program), ctypes.addressof(instructions))
    if stray := system_call(machine.seccomp, _SET_MODE_FILTER, _ALL_THREADS, whole):
        raise OSError(errno.EBUSY, f"thread {stray} can't be confined")


def _if_argument(number: int, test: int, value: int) -> tuple[bytes, ...]:
    """Allow a call if its first argument passes a test."""
    return (
        _do(_IF_EQUAL, number, no=4),
        _do(_LOAD, _FIRST_ARGUMENT),
        _do(test, value, no=1),
        _do(_RETURN, _ALLOW),
        _refuse(errno.EPERM),
    )


def _refuse(reason: int) -> bytes:
    return _do(_RETURN, _REFUSE | reason)


def _machine() -> Machine | None:
    return MACHINES.get(platform.machine()) if sys.platform == "linux" and sys.maxsize > 2**32 else None


def _do(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
    """One instruction of classic BPF; `yes` and `no` say how many to pass over."""
    return struct.pack("=HBBI", code, yes, no, value)
