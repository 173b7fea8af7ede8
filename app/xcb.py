"""The little of X11 that Qt does not offer: keys grabbed from anywhere, and whether a window fills the screen.

It uses libxcb and libxcb-keysyms, which Qt's own X11 platform needs, too.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Mapping, Sequence
from ctypes import POINTER, Structure, c_char_p, c_int, c_uint8, c_uint16, c_uint32, c_void_p
from enum import IntFlag

KEY_PRESS = 2
MAPPING_NOTIFY = 34  # the keyboard's layout has changed
ASYNCHRONOUS = 1
MAX_VALUES = 64  # of a property


class Modifier(IntFlag):
    """Keys held down, as X11 numbers them."""

    SHIFT = 1
    CAPS_LOCK = 2
    CONTROL = 4
    ALT = 8
    NUM_LOCK = 16
    SUPER = 64


LOCKS = (Modifier(0), Modifier.CAPS_LOCK, Modifier.NUM_LOCK, Modifier.CAPS_LOCK | Modifier.NUM_LOCK)


class _Cookie(Structure):
    _fields_ = (("sequence", c_uint32),)


class _Screen(Structure):
    _fields_ = (("root", c_uint32),)  # and more, which is not needed


class _Screens(Structure):
    _fields_ = (("data", POINTER(_Screen)), ("remaining", c_int), ("index", c_int))


class _AtomReply(Structure):
    _fields_ = (("type", c_uint8), ("pad", c_uint8), ("sequence", c_uint16), ("length", c_uint32), ("atom", c_uint32))


class Connection:
    """A connection of its own to the display. One thread at a time may use it."""

    def __init__(self) -> None:
        """Raises OSError: there is no display, or no libxcb."""
        self._xcb, self._keysyms, self._libc = _libraries()
        self._connection = c_void_p(self._xcb.xcb_connect(None, None))
        if self._xcb.xcb_connection_has_error(self._connection):
            self._xcb.xcb_disconnect(self._connection)
            raise OSError("there is no X11 display")
        screens = self._xcb.xcb_setup_roots_iterator(self._xcb.xcb_get_setup(self._connection))
        self._root: int = screens.data.contents.root
        self.file_descriptor: int = self._xcb.xcb_get_file_descriptor(self._connection)

    def close(self) -> None:
        """Let go of the display and of all grabbed keys."""
        self._xcb.xcb_disconnect(self._connection)

    def grab(self, keysym: int, modifiers: Modifier) -> bool:
        """Have presses of a key delivered here, whoever has the focus; False when another program has it already."""
        codes = self._codes(keysym)
        checks = [
            self._xcb.xcb_grab_key_checked(
                self._connection, 0, self._root, modifiers | locks, code, ASYNCHRONOUS, ASYNCHRONOUS
            )
            for code in codes
            for locks in LOCKS
        ]
        problems = [self._xcb.xcb_request_check(self._connection, check) for check in checks]
        for problem in filter(None, problems):
            self._libc.free(problem)
        return bool(codes) and not any(problems)

    def ungrab_all(self) -> None:
        """Give all keys back."""
        self._xcb.xcb_ungrab_key(self._connection, 0, self._root, 0x8000)  # any key, any modifier
        self._xcb.xcb_flush(self._connection)

    def events(self) -> Iterator[int]:
        """The kinds of the events that have come; does not wait."""
        while event := self._xcb.xcb_poll_for_event(self._connection):
            kind = ctypes.cast(event, POINTER(c_uint8))[0] & 0x7F
            if kind == MAPPING_NOTIFY:
                self._keysyms.xcb_refresh_keyboard_mapping(self._symbols(), c_void_p(event))
            self._libc.free(event)
            yield kind

    @property
    def is_broken(self) -> bool:
        """Whether the display has gone away."""
        return bool(self._xcb.xcb_connection_has_error(self._connection))

    def is_full_screen(self) -> bool:
        """Whether the window that is in use fills the screen."""
        active = self._values(self._root, "_NET_ACTIVE_WINDOW")
        if not active or not active[0]:
            return False
        return self._atom("_NET_WM_STATE_FULLSCREEN") in self._values(active[0], "_NET_WM_STATE")

    def _codes(self, keysym: int) -> list[int]:
        codes = self._keysyms.xcb_key_symbols_get_keycode(self._symbols(), keysym)
        if not codes:
            return []
        found: list[int] = []
        while codes[len(found)]:
            found.append(codes[len(found)])
        self._libc.free(codes)
        return found

    def _symbols(self) -> c_void_p:
        if not hasattr(self, "_symbol_table"):
            self._symbol_table = c_void_p(self._keysyms.xcb_key_symbols_alloc(self._connection))
        return self._symbol_table

    def _atom(self, name: str) -> int:
        cookie = self._xcb.xcb_intern_atom(self._connection, 0, len(name), name.encode())
        reply = self._xcb.xcb_intern_atom_reply(self._connection, cookie, None)
        if not reply:
            return 0
        atom: int = reply.contents.atom
        self._libc.free(reply)
        return atom

    def _values(self, window: int, name: str) -> list[int]:
        """The 32-bit values of a window's property; none when there is no such window or property."""
        cookie = self._xcb.xcb_get_property(self._connection, 0, window, self._atom(name), 0, 0, MAX_VALUES)
        reply = self._xcb.xcb_get_property_reply(self._connection, cookie, None)
        if not reply:
            return []
        count = self._xcb.xcb_get_property_value_length(c_void_p(reply)) // 4
        values = ctypes.cast(self._xcb.xcb_get_property_value(c_void_p(reply)), POINTER(c_uint32))[:count]
        self._libc.free(reply)
        return list(values)


def _libraries() -> tuple[ctypes.CDLL, ctypes.CDLL, ctypes.CDLL]:
    xcb, keysyms, libc = ctypes.CDLL("libxcb.so.1"), ctypes.CDLL("libxcb-keysyms.so.1"), ctypes.CDLL(None)
    connection = c_void_p
    signatures = {
        "xcb_connect": (c_void_p, c_char_p, c_void_p),
        "xcb_connection_has_error": (c_int, connection),
        "xcb_disconnect": (None, connection),
        "xcb_flush": (c_int, connection),
        "xcb_get_file_descriptor": (c_int, connection),
        "xcb_get_setup": (c_void_p, connection),
        "xcb_setup_roots_iterator": (_Screens, c_void_p),
        "xcb_grab_key_checked": (*(_Cookie, connection, c_uint8, c_uint32, c_uint16, c_uint8, c_uint8, c_uint8),),
        "xcb_request_check": (c_void_p, connection, _Cookie),
        "xcb_ungrab_key": (_Cookie, connection, c_uint8, c_uint32, c_uint16),
        "xcb_poll_for_event": (c_void_p, connection),
        "xcb_intern_atom": (_Cookie, connection, c_uint8, c_uint16, c_char_p),
        "xcb_intern_atom_reply": (POINTER(_AtomReply), connection, _Cookie, c_void_p),
        "xcb_get_property": (_Cookie, connection, c_uint8, c_uint32, c_uint32, c_uint32, c_uint32, c_uint32),
        "xcb_get_property_reply": (c_void_p, connection, _Cookie, c_void_p),
        "xcb_get_property_value": (c_void_p, c_void_p),
        "xcb_get_property_value_length": (c_int, c_void_p),
    }
    _declare(xcb, signatures)
    _declare(
        keysyms,
        {
            "xcb_key_symbols_alloc": (c_void_p, connection),
            "xcb_key_symbols_get_keycode": (POINTER(c_uint8), c_void_p, c_uint32),
            "xcb_refresh_keyboard_mapping": (c_int, c_void_p, c_void_p),
        },
    )
    libc.free.argtypes = (c_void_p,)
    libc.free.restype = None
    return xcb, keysyms, libc


def _declare(library: ctypes.CDLL, signatures: Mapping[str, Sequence[object]]) -> None:
    """Tell a library's functions their types: what they return first, then what they take."""
    for name, (returned, *taken) in signatures.items():
        function = getattr(library, name)
        function.restype = returned
        function.argtypes = taken
