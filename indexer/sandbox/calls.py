"""System calls that Python has no name for."""

import ctypes
import os

_PR_SET_NO_NEW_PRIVS = 38


def system_call(number: int, *arguments: int | bytes | None) -> int:
    """Call the kernel with whole numbers, bytes (passed as a pointer to them) and None (a null pointer).

    Raises:
        OSError: it says no.
    """
    words = (ctypes.c_long(each) if isinstance(each, int) else each for each in arguments)
    return _checked(ctypes.CDLL(None, use_errno=True).syscall(ctypes.c_long(number), *words))


def forbid_new_privileges() -> None:
    """Programs that this thread starts gain no rights by their owner; the kernel wants it of what is confined."""
    library = ctypes.CDLL(None, use_errno=True)
    _checked(library.prctl(_PR_SET_NO_NEW_PRIVS, *map(ctypes.c_ulong, (1, 0, 0, 0))))


def _checked(result: int) -> int:
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    return result
