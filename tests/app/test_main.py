import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.instance import NotRunningError, ask

ROOT = Path(__file__).parents[2]


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    with tempfile.TemporaryDirectory() as runtime:  # the path of a socket must be short
        monkeypatch.setenv("XDG_RUNTIME_DIR", runtime)
        yield dict(os.environ, QT_QPA_PLATFORM="offscreen")


def cognate(environment: dict[str, str], profile: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "app.main", "--profile", str(profile), *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)


def test_the_entry_point_loads_nothing_before_it_is_called() -> None:
    code = "import app.main, sys; print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert not {"PySide6", "torch", "numpy", "indexer", "model", "argparse"} & loaded


def test_a_spawned_child_can_load_the_entry_point_again() -> None:
    code = """
import multiprocessing, runpy, sys
sys.argv = ["cognate", "--version"]
if __name__ == "__main__":
    try:
        runpy.run_module("app.main", run_name="__main__", alter_sys=True)
    except SystemExit as error:
        print("status", error.code)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        print(pool.apply(abs, (-3,)))
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.stdout.split() == ["Cognate", "0.1.0", "status", "0", "3"]


def test_the_window_is_started_raised_asked_and_ended_by_commands(environment: dict[str, str], tmp_path: Path) -> None:
    profile = tmp_path / "profile"
    with subprocess.Popen(
        [sys.executable, "-m", "app.main", "--profile", str(profile)], cwd=ROOT, env=environment
    ) as window:
        wait_for_instance(profile)
        assert cognate(environment, profile).returncode == 0
        assert cognate(environment, profile, "show").returncode == 0
        assert cognate(environment, profile, "status").returncode == 0
        assert cognate(environment, profile, "folder", "list").returncode == 1
        assert cognate(environment, profile, "quit").returncode == 0
        assert window.wait(60) == 0
    with pytest.raises(NotRunningError):
        ask(profile, {"verb": "status"})


def wait_for_instance(profile: Path) -> None:
    """Until the window listens; the answer to the request itself then waits for the engine."""
    for _ in range(600):
        try:
            assert list(ask(profile, {"verb": "status"}))[-1]["end"] == 0
        except NotRunningError:
            multiprocessing.Event().wait(0.1)
        else:
            return
    raise AssertionError("the window did not start")


def test_a_profile_held_by_something_else_is_told_with_the_remedy(environment: dict[str, str], tmp_path: Path) -> None:
    profile = tmp_path / "profile"
    profile.mkdir()
    code = "import sys; from filelock import FileLock; lock = FileLock(sys.argv[1]); lock.acquire(); print(); input()"
    with subprocess.Popen(
        [sys.executable, "-u", "-c", code, profile / "lock"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        done = cognate(environment, profile, "search", "boats")
        holder.communicate(b"\n")
    assert done.returncode == 3
    assert str(profile) in done.stderr
    assert "--profile" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_log_lies_in_the_profile_and_holds_no_query(environment: dict[str, str], tmp_path: Path) -> None:
    cognate(environment, tmp_path, "search", "secret words")
    log = (tmp_path / "log" / "cognate.log").read_text()
    assert "secret" not in log
