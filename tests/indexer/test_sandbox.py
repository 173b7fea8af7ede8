import multiprocessing
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from indexer import worker
from indexer.extract import Limits
from indexer.sandbox import landlock, probe, seccomp
from indexer.workers import ExtractionPool
from tests.indexer import hostile_reader

SECONDS = 200  # the machine may be busy, and workers give way
LIMITS = Limits(seconds=SECONDS)
with_landlock = pytest.mark.skipif(not landlock.version(), reason="a kernel without Landlock")
with_seccomp = pytest.mark.skipif(not seccomp.is_available(), reason="a kernel without seccomp")
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Linux confines processes")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ExtractionPool]:
    pool = hostile_pool(tmp_path_factory.mktemp("hostile"), hostile_reader.serve)
    yield pool
    pool.close()


def hostile_pool(folder: Path, serve: Callable[..., None], limits: Limits = LIMITS) -> ExtractionPool:
    pool = ExtractionPool(1, limits)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(worker, "serve", serve)
        attack(pool, folder, "")  # its one worker is there from now on
    return pool


def attack(pool: ExtractionPool, folder: Path, code: str) -> str:
    """What a document gets done that has taken over its reader."""
    path = folder / "attack.txt"
    path.write_text(code)
    return pool.submit(path).result(SECONDS).note


@with_landlock
def test_a_taken_over_reader_reads_its_document_and_no_other(hostile: ExtractionPool, tmp_path: Path) -> None:
    code = "from indexer.extract.source import read_whole; found = len(read_whole(path, 999))"
    assert attack(hostile, tmp_path, code) == str(len(code))
    private = tmp_path / "private.txt"
    private.write_text("my diary")
    for path in (private, tmp_path / "attack.txt", Path.home() / ".bashrc", Path("/etc/passwd"), Path("/etc/hostname")):
        if path.exists():
            said = attack(hostile, tmp_path, f"found = open({str(path)!r}).read()")
            assert said == "PermissionError: Permission denied"


@with_landlock
@pytest.mark.parametrize(
    "code",
    [
        "import os; found = os.listdir({folder!r})",
        "import os; found = os.listdir(os.path.expanduser('~'))",
        "import os; found = os.listdir('/proc/1')",
        "open({folder!r} + '/new.txt', 'w')",
        "open({folder!r} + '/private.txt', 'a')",
        "open('/tmp/new.txt', 'w')",
        "open('/dev/shm/new.txt', 'w')",
        "import os; os.unlink({folder!r} + '/private.txt')",
        "import os; os.rename({folder!r} + '/private.txt', {folder!r} + '/b.txt')",
        "import os; os.link({folder!r} + '/private.txt', {folder!r} + '/b.txt')",
        "import os; os.symlink('/etc/passwd', {folder!r} + '/b.txt')",
        "import os; os.mkdir({folder!r} + '/b')",
        "import os; os.mkfifo({folder!r} + '/b')",
        "import os; os.truncate({folder!r} + '/private.txt', 0)",
        "import os; open('/proc/self/fd/' + str(os.open('/usr', os.O_PATH)) + '/../etc/passwd')",
    ],
)
def test_a_taken_over_reader_touches_no_other_file(hostile: ExtractionPool, tmp_path: Path, code: str) -> None:
    (tmp_path / "private.txt").write_text("my diary")
    said = attack(hostile, tmp_path, code.format(folder=str(tmp_path)))
    assert said in {"PermissionError: Permission denied", "PermissionError: Operation not permitted"}
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} | {"attack.txt": ""} == {
        "attack.txt": "",
        "private.txt": "my diary",
    }


@with_seccomp
@pytest.mark.parametrize(
    "code",
    [
        "import socket; socket.create_connection(('127.0.0.1', {port}), 5)",
        "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', {port}))",
        "import socket; socket.socket(socket.AF_INET6)",
        "import socket; socket.socket(socket.AF_UNIX).connect('/run/dbus/system_bus_socket')",
        "import socket; socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)",
        "import os; os.chmod({folder!r}, 0o777)",
        "import os; os.utime({folder!r})",
        "import os; os.setxattr({folder!r}, 'user.x', b'')",
        "import os; os.memfd_create('x')",
        "import resource; resource.prlimit({parent}, resource.RLIMIT_CORE, (0, 0))",
        "import os; os.pidfd_open({parent})",
        "import os; os.execv('/bin/true', ['true'])",
        "import subprocess; subprocess.run(['/bin/true'])",
        "import os; os.fork()",
    ],
)
def test_a_taken_over_reader_has_no_network_and_changes_nothing(
    hostile: ExtractionPool, tmp_path: Path, code: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        code = code.format(port=server.getsockname()[1], folder=str(tmp_path), parent=os.getpid())
        assert attack(hostile, tmp_path, code) == "PermissionError: Operation not permitted"


@with_landlock
def test_a_program_that_may_be_run_is_confined_too(tmp_path: Path) -> None:
    pool = hostile_pool(tmp_path, hostile_reader.serve, Limits(seconds=SECONDS, ocr_languages="eng"))
    private = tmp_path / "private.txt"
    private.write_text("my diary")
    try:
        code = "import subprocess; found = subprocess.run({}, capture_output=True, text=True)"
        assert "returncode=0, stdout='hello" in attack(pool, tmp_path, code.format(["echo", "hello"]))
        assert "Permission denied" in attack(pool, tmp_path, code.format(["cat", str(private)]))
        assert "Permission denied" in attack(pool, tmp_path, code.format([str(tmp_path / "attack.txt")]))
    finally:
        pool.close()


@pytest.mark.skipif(landlock.version() < 6, reason="a kernel before 6.12")
def test_a_taken_over_reader_signals_no_other_process(hostile: ExtractionPool, tmp_path: Path) -> None:
    code = f"import os, signal; os.kill({os.getpid()}, signal.SIGTERM)"
    assert attack(hostile, tmp_path, code) == "PermissionError: Operation not permitted"


def test_temporary_files_are_kept_apart_and_removed(tmp_path: Path) -> None:
    pool = hostile_pool(tmp_path, hostile_reader.serve)
    folder = Path(attack(pool, tmp_path, "import tempfile; found = tempfile.gettempdir()"))
    assert folder.parent == Path(tempfile.gettempdir())
    assert folder.stat().st_mode & 0o777 == 0o700
    left = "open(tempfile.mkstemp()[1], 'w').write('of another document')"
    assert attack(pool, tmp_path, f"import tempfile\n{left}\nopen(tempfile.mkdtemp() + '/x', 'w').write('x')") == ""
    assert attack(pool, tmp_path, f"import os; found = os.listdir({str(folder)!r})") == "['messages.log']"
    pool.close()
    assert not folder.exists()


def test_what_killed_processes_left_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    (tmp_path / f"cognate-worker-{ended.pid}-abc").mkdir()
    (tmp_path / f"cognate-worker-{os.getpid()}-abc").mkdir()
    pool = ExtractionPool(1, LIMITS)
    (tmp_path / "a.txt").write_text("Boats.")
    pool.submit(tmp_path / "a.txt").result(SECONDS)
    pool.close()
    assert {path.name for path in tmp_path.iterdir()} == {"a.txt", f"cognate-worker-{os.getpid()}-abc"}


def test_a_worker_writes_no_endless_file(hostile: ExtractionPool, tmp_path: Path) -> None:
    code = "import os, signal, tempfile\nsignal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
    code += "with tempfile.TemporaryFile() as file: os.posix_fallocate(file.fileno(), 0, 1 << 32)"
    assert attack(hostile, tmp_path, code) == "OSError: File too large"


@with_seccomp
def test_every_thread_of_a_worker_is_confined() -> None:
    before = set(multiprocessing.active_children())
    pool = ExtractionPool(1, LIMITS)
    try:
        path = Path(__file__).parents[2] / "resources/samples/Mietvertrag Lindenstraße 14.docx"
        pool.submit(path).result(SECONDS)
        (worker,) = set(multiprocessing.active_children()) - before
        for thread in Path(f"/proc/{worker.pid}/task").iterdir():
            status = (thread / "status").read_text()
            assert "NoNewPrivs:\t1" in status
            assert "Seccomp:\t2" in status
    finally:
        pool.close()


def test_a_kernel_without_protection_reads_all_the_same(tmp_path: Path) -> None:
    pool = hostile_pool(tmp_path, hostile_reader.serve_on_an_old_kernel)
    try:
        (tmp_path / "private.txt").write_text("my diary")
        assert attack(pool, tmp_path, f"found = open({str(tmp_path / 'private.txt')!r}).read()") == "my diary"
        assert attack(pool, tmp_path, "import socket; found = socket.socket(socket.AF_INET).family.name") == "AF_INET"
    finally:
        pool.close()


@with_landlock
@with_seccomp
def test_trying_it_out_tells_what_holds() -> None:
    assert probe.try_out() == probe.Confinement(files=True, network=True)
