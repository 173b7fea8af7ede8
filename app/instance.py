"""One instance per profile: the one that holds the lock answers the others over a socket that only its user can open.

A request is one JSON object with a "verb"; the answer is any number of JSON objects, the last of which has "end", the
exit status of the command. Each connection carries one request.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import socket
import stat
import struct
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Generator, Iterator
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path
from typing import TYPE_CHECKING, Any

from model.errors import CognateError

if TYPE_CHECKING:
    from filelock import FileLock

log = logging.getLogger(__name__)

Message = dict[str, Any]  # a JSON object
Handler = Callable[[Message], Iterator[Message]]  # runs in a thread of its connection; must not yield an "end" twice

MAX_MESSAGE_BYTES = 16 * 1024**2
MAX_ADDRESS_BYTES = 100  # sun_path holds 104 bytes on macOS and BSD, 108 on Linux
MAX_CONNECTIONS = 64  # a thread each; more than that is a client gone wild
REQUEST_SECONDS = 10.0  # within which a client has sent its request, and within which it takes each answer
CLOSE_SECONDS = 5.0  # what requests in hand get when the instance ends


class NotRunningError(Exception):
    """No instance listens for this profile."""


class AlreadyRunningError(Exception):
    """Another process serves this profile."""


class InstanceError(CognateError):
    """The running instance did not answer as it should; the message is for the user."""


def address_of(profile: Path) -> str:
    """Where the instance of a profile listens; the same for every spelling of the profile's path."""
    real = os.fsencode(os.path.realpath(profile))
    if sys.platform == "win32":
        user = os.environ.get("USERNAME", "").encode()  # names of pipes are shared by all users
        return rf"\\.\pipe\cognate-{hashlib.sha256(user + real).hexdigest()[:24]}"
    digest = hashlib.sha256(real).hexdigest()[:24]
    folder = _runtime_folder() / "cognate"
    if len(os.fsencode(folder)) + len(digest) + len("/.lock") > MAX_ADDRESS_BYTES or not folder.parent.is_dir():
        folder = Path(tempfile.gettempdir(), f"cognate-{os.getuid()}")
    return str(folder / f"{digest}.sock")


def _runtime_folder() -> Path:
    """The user's own folder for sockets, also without a session's variables, as under cron; it need not be there."""
    if sys.platform == "darwin":
        import platformdirs

        return platformdirs.user_runtime_path()
    return Path(os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}")


def ask(profile: Path, request: Message, patience_seconds: float = 120.0) -> Iterator[Message]:
    """Hand a request to the running instance; yields its messages, the one with "end" last.

    Raises:
        NotRunningError: at once, when nothing listens.
        InstanceError: on the way, when it is silent for `patience_seconds` or goes away.
    """
    address = address_of(profile)
    try:
        if sys.platform != "win32" and os.lstat(os.path.dirname(address)).st_uid != os.getuid():
            raise InstanceError(f"{os.path.dirname(address)} belongs to someone else: set XDG_RUNTIME_DIR")
        connection = Client(address)
    except (FileNotFoundError, ConnectionRefusedError, NotADirectoryError) as error:
        raise NotRunningError from error
    except OSError as error:
        raise InstanceError(f"the running Cognate can't be reached: {error.strerror or error}") from error
    return _messages(connection, request, patience_seconds)


def _messages(connection: Connection, request: Message, patience_seconds: float) -> Iterator[Message]:
    with connection:
        try:
            connection.send_bytes(json.dumps(request).encode())
            while True:
                if not connection.poll(patience_seconds):
                    raise InstanceError(
                        f"the running Cognate has not answered for {patience_seconds:.0f} s: end it and start it again"
                    )
                message: Message = json.loads(connection.recv_bytes(MAX_MESSAGE_BYTES))
                yield message
                if "end" in message:
                    return
        except (EOFError, OSError) as error:
            raise InstanceError("the running Cognate ended before it had answered: try again") from error


def is_taken(profile: Path) -> bool:
    """Whether a process has the profile, be it only to end."""
    from filelock import FileLock, Timeout

    path = _lock_path(address_of(profile))
    if not path.exists():
        return False
    try:
        with FileLock(path, timeout=0):
            return False
    except Timeout:
        return True


class InstanceServer:
    """Serves one profile until it is closed. `handler` answers requests; what it raises is logged, never fatal."""

    def __init__(self, profile: Path, handler: Handler) -> None:
        self._address = address_of(profile)
        self._handler = handler
        self._places = threading.BoundedSemaphore(MAX_CONNECTIONS)
        self._threads: set[threading.Thread] = set()
        self._closing = False
        self._listener: Listener | None = None
        self._lock: FileLock | None = None

    def start(self) -> None:
        """Take the profile and listen.

        Raises:
            AlreadyRunningError: another process serves it.
            InstanceError: the folder for the socket is not safe or can't be made.
        """
        if sys.platform != "win32":
            _private_folder(Path(self._address).parent)
        self._take_lock()
        if sys.platform != "win32":
            Path(self._address).unlink(missing_ok=True)  # a killed process left it: the lock is ours
        try:
            self._listener = Listener(self._address, backlog=MAX_CONNECTIONS)
        except OSError as error:
            self.close()
            raise InstanceError(f"{self._address} can't be used: {error.strerror or error}") from error
        self._acceptor = threading.Thread(target=self._accept, args=(self._listener,), name="instance", daemon=True)
        self._acceptor.start()

    def drain(self) -> None:
        """Stop listening and give requests in hand some seconds; the profile stays taken while the engine closes."""
        listener, self._listener = self._listener, None
        if listener is None:
            return
        self._closing = True
        hidden = self._hide()
        with contextlib.suppress(OSError), Client(hidden):
            pass  # wakes `accept`
        self._acceptor.join(CLOSE_SECONDS)
        listener.close()
        if hidden != self._address:
            Path(hidden).unlink(missing_ok=True)
        deadline = time.monotonic() + CLOSE_SECONDS
        for thread in tuple(self._threads):
            if thread is not threading.current_thread():
                thread.join(max(0.0, deadline - time.monotonic()))

    def _hide(self) -> str:
        """Let nobody come in any more who would not be heard; the new address."""
        if sys.platform == "win32":
            return self._address
        hidden = f"{self._address.removesuffix('.sock')}.last"
        try:
            os.rename(self._address, hidden)
            Path(self._address).touch()  # for `Listener.close` to delete
        except OSError:
            return self._address
        return hidden

    def close(self) -> None:
        """Stop listening and let go of the profile."""
        self.drain()
        if self._lock is not None:
            self._lock.release()

    def _take_lock(self) -> None:
        from filelock import FileLock, Timeout  # here: clients have no use for it

        lock = FileLock(_lock_path(self._address), thread_local=False)
        try:
            lock.acquire(timeout=0)
        except Timeout as error:
            raise AlreadyRunningError from error
        self._lock = lock

    def _accept(self, listener: Listener) -> None:
        while True:
            try:
                connection = listener.accept()
            except OSError as error:
                if self._closing:
                    return
                log.warning("a client could not connect: %s", error)
                time.sleep(0.05)  # out of file descriptors: this must not become a busy loop
                continue
            if self._closing:
                if not self._serve(connection):
                    return  # it was `drain`, whom all that wanted something have come before
            elif not self._places.acquire(blocking=False):
                connection.close()
            else:
                thread = threading.Thread(
                    target=self._serve_beside, args=(connection,), name="instance-client", daemon=True
                )
                self._threads.add(thread)
                thread.start()

    def _serve_beside(self, connection: Connection) -> None:
        try:
            self._serve(connection)
        finally:
            self._threads.discard(threading.current_thread())
            self._places.release()

    def _serve(self, connection: Connection) -> bool:
        """Whether the client wanted anything."""
        try:
            with connection:
                if _is_own_user(connection) and (request := _receive(connection)) is not None:
                    self._answer(connection, request)
        except EOFError:
            return False
        except OSError as error:
            log.debug("a client went away: %s", error)
        return True

    def _answer(self, connection: Connection, request: Message) -> None:
        with contextlib.closing(self._guarded(request)) as messages:
            for message in messages:
                connection.send_bytes(json.dumps(message).encode())

    def _guarded(self, request: Message) -> Generator[Message, None, None]:
        try:
            yield from self._handler(request)
        except Exception:  # a request must never end the instance
            log.exception("request %r failed", request["verb"])
            yield {"end": 3, "error": "Cognate met an error of its own: its log has the details"}


def _lock_path(address: str) -> Path:
    if sys.platform == "win32":
        return Path(tempfile.gettempdir(), address.rpartition("\\")[2] + ".lock")
    return Path(address).with_suffix(".lock")


def _private_folder(folder: Path) -> None:
    """Make sure of a folder that nobody else can look into. Raises InstanceError."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = folder.lstat()
        if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid():
            raise InstanceError(f"{folder} belongs to someone else: set XDG_RUNTIME_DIR to a folder of your own")
        folder.chmod(0o700)
    except OSError as error:
        raise InstanceError(f"the folder {folder} can't be used: {error.strerror}") from error


def _is_own_user(connection: Connection) -> bool:
    """Whether the client runs as this user; elsewhere than on Linux the private folder alone sees to it."""
    if sys.platform != "linux":
        return True
    with socket.socket(fileno=os.dup(connection.fileno())) as peer:
        _, user, _ = struct.unpack("3i", peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i")))
    if user != os.getuid():
        log.warning("refused a client that runs as user %d", user)
    return bool(user == os.getuid())


def _receive(connection: Connection) -> Message | None:
    """The client's request, or None when it is none or does not come in time."""
    with _deadline(connection):
        try:
            request = json.loads(connection.recv_bytes(MAX_MESSAGE_BYTES))
        except (ValueError, RecursionError) as error:
            connection.send_bytes(json.dumps({"end": 2, "error": f"not a request: {error}"}).encode())
            return None
    if isinstance(request, dict) and isinstance(request.get("verb"), str):
        return request
    connection.send_bytes(json.dumps({"end": 2, "error": "not a request: no verb"}).encode())
    return None


@contextlib.contextmanager
def _deadline(connection: Connection) -> Iterator[None]:
    """Cut a connection whose request does not arrive in time, however slowly it drips, and bound each later write."""
    if sys.platform == "win32":  # a pipe hands over whole messages: there is no half of one to wait for
        if not connection.poll(REQUEST_SECONDS):
            raise TimeoutError("no request")
        yield
        return
    with socket.socket(fileno=os.dup(connection.fileno())) as peer:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", int(REQUEST_SECONDS), 0))
        timer = threading.Timer(REQUEST_SECONDS, _hang_up, (peer,))
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()


def _hang_up(peer: socket.socket) -> None:
    with contextlib.suppress(OSError):  # the client was faster
        peer.shutdown(socket.SHUT_RDWR)
