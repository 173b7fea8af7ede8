import json
import os
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Client
from pathlib import Path

import pytest

from app import instance
from app.instance import (
    AlreadyRunningError,
    InstanceError,
    InstanceServer,
    Message,
    NotRunningError,
    address_of,
    ask,
)

posix = pytest.mark.skipif(sys.platform == "win32", reason="sockets are files on POSIX only")


def echo(request: Message) -> Iterator[Message]:
    yield {"item": request}
    yield {"end": 0}


@pytest.fixture(autouse=True)
def runtime_dir(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:  # the path of a socket must be short
        monkeypatch.setenv("XDG_RUNTIME_DIR", folder)
        yield Path(folder)


Serve = Callable[[instance.Handler], InstanceServer]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    started: list[InstanceServer] = []

    def start(handler: instance.Handler) -> InstanceServer:
        server = InstanceServer(tmp_path, handler)
        server.start()
        started.append(server)
        return server

    yield start
    for server in started:
        server.close()


def test_a_request_is_answered_message_by_message(tmp_path: Path, serve: Serve) -> None:
    serve(echo)
    request = {"verb": "search", "query": "日本語 \udcff"}
    assert list(ask(tmp_path, request)) == [{"item": request}, {"end": 0}]


def test_without_an_instance_the_client_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(NotRunningError):
        ask(tmp_path, {"verb": "status"})


def test_a_closed_instance_is_not_running_and_can_be_followed_by_another(tmp_path: Path) -> None:
    for _ in range(2):
        server = InstanceServer(tmp_path, echo)
        server.start()
        assert list(ask(tmp_path, {"verb": "x"}))[-1] == {"end": 0}
        server.close()
        with pytest.raises(NotRunningError):
            ask(tmp_path, {"verb": "x"})


def test_a_second_instance_of_a_profile_is_refused(tmp_path: Path, serve: Serve) -> None:
    serve(echo)
    with pytest.raises(AlreadyRunningError):
        InstanceServer(tmp_path, echo).start()
    assert list(ask(tmp_path, {"verb": "x"}))[-1] == {"end": 0}


def test_two_profiles_have_an_instance_each(tmp_path: Path, serve: Serve) -> None:
    serve(echo)
    other = InstanceServer(tmp_path / "other", echo)
    other.start()
    other.close()


def test_every_spelling_of_a_profile_leads_to_the_same_instance(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    assert address_of(tmp_path / "link") == address_of(tmp_path) == address_of(tmp_path / "a" / "..")


@posix
def test_the_socket_lies_in_a_folder_that_only_its_user_can_enter(
    tmp_path: Path, runtime_dir: Path, serve: Serve
) -> None:
    serve(echo)
    folder = runtime_dir / "cognate"
    assert Path(address_of(tmp_path)).parent == folder
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@posix
def test_a_long_runtime_folder_still_gives_an_address_that_fits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / ("x" * 120)))
    assert len(address_of(tmp_path)) <= instance.MAX_ADDRESS_BYTES


@posix
def test_a_folder_that_is_a_link_is_not_trusted(tmp_path: Path, runtime_dir: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (runtime_dir / "cognate").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InstanceError, match="belongs to someone else"):
        InstanceServer(tmp_path, echo).start()


KILLED = """
import os, signal, sys
from pathlib import Path
from app.instance import InstanceServer
server = InstanceServer(Path(sys.argv[1]), lambda request: iter([{"end": 0}]))
server.start()
print("ready", flush=True)
signal.pause()
"""


@posix
def test_a_killed_instance_is_recognised_and_replaced(tmp_path: Path, serve: Serve) -> None:
    with subprocess.Popen([sys.executable, "-c", KILLED, tmp_path], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        assert list(ask(tmp_path, {"verb": "x"})) == [{"end": 0}]
        with pytest.raises(AlreadyRunningError):
            InstanceServer(tmp_path, echo).start()
        os.kill(process.pid, signal.SIGKILL)
    assert Path(address_of(tmp_path)).exists()
    with pytest.raises(NotRunningError):
        ask(tmp_path, {"verb": "x"})
    serve(echo)
    assert list(ask(tmp_path, {"verb": "x"}))[-1] == {"end": 0}


@posix
def test_clients_that_send_nothing_or_half_a_message_hold_nobody_up(
    tmp_path: Path, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(instance, "REQUEST_SECONDS", 0.3)
    serve(echo)
    silent = [socket.socket(socket.AF_UNIX) for _ in range(5)]
    for each in silent:
        each.connect(address_of(tmp_path))
    silent[0].sendall(b"\x00\x00\x00\x64{")
    assert list(ask(tmp_path, {"verb": "x"}))[-1] == {"end": 0}
    for each in silent:
        each.settimeout(30)
        assert each.recv(1) == b""  # the instance hangs up
        each.close()


@posix
def test_more_clients_than_places_are_hung_up_on_not_queued(tmp_path: Path, serve: Serve) -> None:
    serve(echo)
    crowd = [socket.socket(socket.AF_UNIX) for _ in range(instance.MAX_CONNECTIONS + 1)]
    for each in crowd:
        each.connect(address_of(tmp_path))
    crowd[-1].settimeout(30)
    assert crowd[-1].recv(1) == b""
    for each in crowd:
        each.close()


@pytest.mark.parametrize("request_bytes", [b"", b"\xff", b"[]", b"{}", b'{"verb": 3}', b"[" * 100_000, b"null"])
def test_what_is_no_request_is_refused_with_a_reason(tmp_path: Path, serve: Serve, request_bytes: bytes) -> None:
    serve(echo)
    with Client(address_of(tmp_path)) as client:
        client.send_bytes(request_bytes)
        answer = json.loads(client.recv_bytes())
    assert answer["end"] == 2
    assert "not a request" in answer["error"]
    assert list(ask(tmp_path, {"verb": "x"}))[-1] == {"end": 0}


def test_an_enormous_message_is_not_read(tmp_path: Path, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(instance, "MAX_MESSAGE_BYTES", 1000)
    serve(echo)
    with pytest.raises(InstanceError):
        list(ask(tmp_path, {"verb": "x", "text": "x" * 5000}))
    assert list(ask(tmp_path, {"verb": "x"}))[-1] == {"end": 0}


def test_a_failing_handler_is_logged_and_the_instance_goes_on(
    tmp_path: Path, serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(request: Message) -> Iterator[Message]:
        yield {"item": 1}
        if request["verb"] == "fail":
            raise KeyError("oops")
        yield {"end": 0}

    serve(fail)
    messages = list(ask(tmp_path, {"verb": "fail"}))
    assert messages[0] == {"item": 1}
    assert messages[-1]["end"] == 3
    assert "request 'fail' failed" in caplog.text
    assert list(ask(tmp_path, {"verb": "go"}))[-1] == {"end": 0}


def test_a_client_that_leaves_ends_its_own_request_only(tmp_path: Path, serve: Serve) -> None:
    left = threading.Event()

    def count(request: Message) -> Iterator[Message]:
        try:
            number = 0
            while True:
                yield {"item": number}
                number += 1
        finally:
            left.set()

    serve(count)
    messages = ask(tmp_path, {"verb": "x"})
    assert next(messages) == {"item": 0}
    messages.close()  # type: ignore[attr-defined]
    assert left.wait(60)


def test_a_client_that_never_reads_is_cut_off(tmp_path: Path, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(instance, "REQUEST_SECONDS", 1.0)
    left = threading.Event()

    def flood(request: Message) -> Iterator[Message]:
        try:
            while True:
                yield {"item": "x" * 10_000}
        finally:
            left.set()

    serve(flood)
    messages = ask(tmp_path, {"verb": "x"})
    next(messages)
    assert left.wait(60)


def test_a_silent_instance_does_not_hold_the_client_for_ever(tmp_path: Path, serve: Serve) -> None:
    gate = threading.Event()

    def sleep(request: Message) -> Iterator[Message]:
        gate.wait(60)
        yield {"end": 0}

    serve(sleep)
    with pytest.raises(InstanceError, match="has not answered"):
        list(ask(tmp_path, {"verb": "x"}, patience_seconds=0.1))
    gate.set()


def test_many_clients_are_answered_at_once(tmp_path: Path, serve: Serve) -> None:
    all_there = threading.Barrier(8)

    def meet(request: Message) -> Iterator[Message]:
        all_there.wait(60)
        yield {"end": 0}

    serve(meet)
    answers: list[Message] = []
    threads = [threading.Thread(target=lambda: answers.extend(ask(tmp_path, {"verb": "x"}))) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(30)
    assert answers == [{"end": 0}] * 8


def test_whoever_asks_while_an_instance_ends_is_answered_or_told_that_none_runs(tmp_path: Path) -> None:
    told: list[str] = []

    def keep_asking() -> None:
        try:
            while list(ask(tmp_path, {"verb": "x"})) == [{"item": {"verb": "x"}}, {"end": 0}]:
                told.append("answered")
        except NotRunningError:
            told.append("none runs")
        except InstanceError as error:
            told.append(str(error))

    for _ in range(20):
        server = InstanceServer(tmp_path, echo)
        server.start()
        clients = [threading.Thread(target=keep_asking) for _ in range(6)]
        for client in clients:
            client.start()
        while told.count("answered") < 20:
            time.sleep(0.001)
        server.close()
        for client in clients:
            client.join(30)
        assert set(told) == {"answered", "none runs"}
        told.clear()


def test_an_instance_that_ends_waits_for_the_answer_in_hand_and_takes_no_other(tmp_path: Path) -> None:
    begun, end = threading.Event(), threading.Event()

    def slowly(request: Message) -> Iterator[Message]:
        begun.set()
        end.wait(30)
        yield {"end": 0}

    server = InstanceServer(tmp_path, slowly)
    server.start()
    answers: list[Message] = []
    client = threading.Thread(target=lambda: answers.extend(ask(tmp_path, {"verb": "x"})))
    client.start()
    assert begun.wait(30)
    draining = threading.Thread(target=server.drain)
    draining.start()
    while True:  # asked while the instance waits for its last answer
        try:
            connection = Client(address_of(tmp_path))
        except (FileNotFoundError, ConnectionRefusedError):
            break
        connection.close()
    end.set()
    draining.join(30)
    client.join(30)
    server.close()
    assert answers == [{"end": 0}]
