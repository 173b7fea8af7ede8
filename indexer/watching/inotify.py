"""Watches on folders of Linux, one for each folder that is let in.

Watchdog's recursive watch is not used here. It can't leave folders out, so that one node_modules of 50,000 folders eats
a budget that all programs of the user share; it passes over the limit in silence below the root; it does not tell that
events were lost; and a watch of its own for each folder would take a thread for each.
"""

import ctypes
import errno
import logging
import math
import os
import select
import struct
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from indexer.rules import DECIDING_NAMES, Rules, shown
from indexer.shares import touch
from indexer.watching.tree import GIVE_UP_SECONDS, TreeListener

log = logging.getLogger(__name__)

IN_MODIFY = 0x2
IN_ATTRIB = 0x4
IN_CLOSE_WRITE = 0x8
IN_MOVED_FROM = 0x40
IN_MOVED_TO = 0x80
IN_CREATE = 0x100
IN_DELETE = 0x200
IN_DELETE_SELF = 0x400
IN_MOVE_SELF = 0x800
IN_UNMOUNT = 0x2000
IN_Q_OVERFLOW = 0x4000
IN_IGNORED = 0x8000
IN_ONLYDIR = 0x1000000
IN_DONT_FOLLOW = 0x2000000
IN_EXCL_UNLINK = 0x4000000
IN_ISDIR = 0x40000000

# Nothing that reading a file causes: the indexer must not hear itself.
CHANGES = IN_MODIFY | IN_ATTRIB | IN_CLOSE_WRITE | IN_MOVED_FROM | IN_MOVED_TO | IN_CREATE | IN_DELETE
MASK = CHANGES | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR | IN_EXCL_UNLINK
READ_BYTES = 256 * 1024
MOVE_MS = 20  # in which the other half of a move comes
_LIMITS = (errno.ENOSPC, errno.ENOMEM)  # errors of the system's, which concern no folder by itself
OVERFLOW_SECONDS = 60.0  # events that are lost twice within it come faster than they can be followed

_HEADER = struct.Struct("iIII")  # watch, mask, cookie, length of the name with its padding


class Event(NamedTuple):
    """What the kernel tells."""

    watch: int
    mask: int
    cookie: int  # the same where something was moved away and where it was moved to
    name: bytes  # within the watched folder; empty: of that itself


class Inotify:
    """The kernel's interface. Any thread may add and remove; one reads."""

    def __init__(self) -> None:
        """Raises OSError: EMFILE when the user has as many of these as is allowed (fs.inotify.max_user_instances)."""
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._inotify = self._checked(self._libc.inotify_init1(os.O_CLOEXEC | os.O_NONBLOCK))
        self._wake_read, self._wake_write = os.pipe()

    def add(self, folder: str, mask: int) -> int:
        """Watch a folder, or change its watch. Raises OSError: ENOSPC at the limit fs.inotify.max_user_watches."""
        return self._checked(self._libc.inotify_add_watch(self._inotify, os.fsencode(folder), mask))

    def remove(self, watch: int) -> None:
        """End a watch, which may have ended already."""
        self._libc.inotify_rm_watch(self._inotify, watch)

    def read(self, timeout_ms: int | None = None) -> Iterator[Event]:
        """Block for events; nothing when there are none in time, or once `wake` was called."""
        poll = select.poll()
        poll.register(self._inotify, select.POLLIN)
        poll.register(self._wake_read, select.POLLIN)
        if self._wake_read in dict(poll.poll(timeout_ms)):
            return
        try:
            buffer = os.read(self._inotify, READ_BYTES)
        except BlockingIOError:
            return
        offset = 0
        while offset < len(buffer):
            watch, mask, cookie, length = _HEADER.unpack_from(buffer, offset)
            offset += _HEADER.size
            yield Event(watch, mask, cookie, buffer[offset : offset + length].rstrip(b"\0"))
            offset += length

    def wake(self) -> None:
        """Let `read` return from now on."""
        os.write(self._wake_write, b"!")

    def close(self) -> None:
        """Give everything back; nobody may read any more."""
        for descriptor in (self._inotify, self._wake_read, self._wake_write):
            os.close(descriptor)

    @staticmethod
    def _checked(result: int) -> int:
        if result == -1:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
        return result


class WatchTable:
    """Which watch stands for which folder; a folder that was moved away is forgotten with all below it."""

    def __init__(self, inotify: Inotify) -> None:
        self._inotify = inotify
        self._lock = threading.Lock()  # a watch that was added is in the table before an event of it is handled
        self._paths: dict[int, str] = {}
        self._watches: dict[str, int] = {}
        self._below: dict[str, set[str]] = {}

    def folders(self) -> frozenset[str]:
        """All that are watched."""
        with self._lock:
            return frozenset(self._watches)

    def __contains__(self, folder: str) -> bool:
        return folder in self._watches

    def path(self, watch: int) -> str | None:
        """The folder of a watch."""
        return self._paths.get(watch)

    def add(self, folder: str, mask: int) -> None:
        """Watch a folder. Raises OSError."""
        with self._lock:
            watch = self._inotify.add(folder, mask)
            known = self._paths.get(watch, folder)
            if known != folder and self._watches.get(known) == watch:
                self._forget(known)  # moved, and found before the event of its move was read
            self._paths[watch] = folder
            self._watches[folder] = watch
            self._below.setdefault(os.path.dirname(folder), set()).add(folder)

    def ended(self, watch: int) -> None:
        """The kernel has ended a watch."""
        with self._lock:
            if (folder := self._paths.pop(watch, None)) and self._watches.get(folder) == watch:
                self._forget(folder)

    def remove_tree(self, folder: str) -> None:
        """End the watches of a folder and of all below it."""
        with self._lock:
            folders = [folder]
            while folders:
                path = folders.pop()
                folders += self._below.get(path, ())
                if (watch := self._forget(path)) is not None:
                    del self._paths[watch]
                    self._inotify.remove(watch)

    def _forget(self, folder: str) -> int | None:
        parent = os.path.dirname(folder)
        if beside := self._below.get(parent):
            beside.discard(folder)
            if not beside:
                del self._below[parent]
        return self._watches.pop(folder, None)


class InotifyTree:
    """Watches a folder and the folders below it that its rules let in."""

    def __init__(self, root: Path, rules: Rules, listener: TreeListener, leave_out: frozenset[str]) -> None:
        """Raises OSError: ENOSPC or EMFILE at the system's limits; nothing is watched then."""
        self._root, self._rules, self._listener, self._leave_out = str(root), rules, listener, leave_out
        self._is_closed = False
        self._lost_at = -math.inf  # when events were lost last
        self._moved_away: tuple[int, str] | None = None  # a folder with its cookie, until it is known where to
        self._inotify = Inotify()
        self.table = WatchTable(self._inotify)
        self._thread = threading.Thread(target=self._run, name="watch-inotify", daemon=True)
        self._thread.start()  # before the walk: the events of a busy folder must not pile up
        try:
            self.walk(self._root)
        except OSError:
            self.close()
            raise

    def walk(self, folder: str) -> None:
        """Watch a folder and all below it that is let in, and no longer what is left out."""
        folders = [folder]
        while folders and not (self._is_closed or self._listener.is_leaving()):
            path = folders.pop()
            if path in self._leave_out:
                self.table.remove_tree(path)
                continue
            try:
                folders += touch(path, partial(self._enter, path))
            except OSError as error:
                if path == self._root or error.errno in _LIMITS:
                    raise

    def close(self) -> None:
        """End all watches."""
        self._is_closed = True
        self._inotify.wake()
        self._thread.join(GIVE_UP_SECONDS)
        if not self._thread.is_alive():
            self._inotify.close()

    def _enter(self, folder: str) -> list[str]:
        """Watch a folder that is let in; the folders in it."""
        if self._rules.folder_verdict(folder):
            self.table.remove_tree(folder)
            return []
        return _folders_in(folder) if self._watch(folder) else []  # after that, what is made has its event

    def _watch(self, folder: str) -> bool:
        """False: there is no such folder, or it can't be read."""
        try:
            self.table.add(folder, MASK if folder == self._root else MASK | IN_DONT_FOLLOW)
        except OSError as error:
            if folder == self._root or error.errno in _LIMITS:
                raise
            self.table.remove_tree(folder)
            return False
        return True

    def _run(self) -> None:
        try:
            while not self._is_closed:
                events = list(self._inotify.read(MOVE_MS if self._moved_away else None))
                for event in events:
                    self._handle(event)
                if not events:
                    self._tell_of_move()
        except OSError as error:
            self._listener.failed(error)
        except Exception as error:  # changes must not stay unseen because of a mistake of ours
            log.exception("%s is not watched any more", shown(self._root))
            self._listener.failed(error)

    def _handle(self, event: Event) -> None:
        if event.mask & IN_MOVED_TO and self._moved_away and event.cookie == self._moved_away[0]:
            self._take(event)  # which walks through the folder
            self._tell_of_move()
        else:
            self._tell_of_move()
            self._take(event)

    def _tell_of_move(self) -> None:
        """A folder is told to be gone once it is known where it is now: else all in it would be forgotten first."""
        if self._moved_away:
            (_, folder), self._moved_away = self._moved_away, None
            self._listener.changed(folder, is_tree=True)

    def _take(self, event: Event) -> None:
        if event.mask & IN_Q_OVERFLOW:
            self._make_up_for_lost_events()
            return
        folder = self.table.path(event.watch)
        if folder is None:
            return
        if event.mask & IN_IGNORED:
            self.table.ended(event.watch)
        elif not event.name:
            self._changed_itself(folder, event.mask)
        else:
            self._changed_below(os.path.join(folder, os.fsdecode(event.name)), event)

    def _make_up_for_lost_events(self) -> None:
        """Have everything compared with the disk. Raises OSError where that would have to be done over and over."""
        before, self._lost_at = self._lost_at, time.monotonic()
        if self._lost_at - before < OVERFLOW_SECONDS:
            raise OSError(errno.ENOBUFS, "changes come faster than they can be followed")
        self._changed_tree(self._root)

    def _changed_itself(self, folder: str, mask: int) -> None:
        if mask & IN_UNMOUNT or folder == self._root:  # elsewhere the folder above tells the same
            self._listener.changed(folder, is_tree=True)

    def _changed_below(self, path: str, event: Event) -> None:
        if event.mask & IN_ISDIR:
            self._changed_folder(path, event)
        else:
            self._listener.changed(path)
        if os.path.basename(path) in DECIDING_NAMES:
            for decided in self._rules.forget(Path(path)):
                self._changed_tree(str(decided))

    def _changed_folder(self, folder: str, event: Event) -> None:
        mask = event.mask
        if mask & (IN_MOVED_FROM | IN_DELETE):
            self.table.remove_tree(folder)
            self._rules.forget(Path(folder))
            if mask & IN_DELETE:
                self._listener.changed(folder, is_tree=True)
            else:
                self._moved_away = (event.cookie, folder)
        elif not mask & IN_ATTRIB or (folder in self.table) != os.access(folder, os.R_OK | os.X_OK, effective_ids=True):
            self._changed_tree(folder)  # new, or opened or closed to us: another time of a folder is no news

    def _changed_tree(self, folder: str) -> None:
        self._rules.forget(Path(folder))
        self.walk(folder)
        self._listener.changed(folder, is_tree=True)  # after the walk: what changed before it is seen by a scan


def _folders_in(folder: str) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return [entry.path for entry in entries if _is_folder(entry)]
    except OSError:
        return []  # gone, or can't be read: the scan says so


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False
