import json
import os
import select
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from indexer.sandbox import seccomp

ROOT = Path(__file__).parents[2]
HIT_KEYS = {
    "query",
    "rank",
    "path",
    "score",
    "matched",
    "title",
    "passage",
    "highlight",
    "page",
    "line",
    "language",
    "places",
}
TEXTS = {
    b"boats.txt": "Sailing boats cross the lake when the wind is strong. The harbour is small and quiet.",
    b"copy.txt": "Sailing boats cross the lake when the wind is strong. The harbour is small and quiet.",
    b"plants.md": "# Plants\n\nPhotosynthesis turns the light of the sun into energy for the leaves.",
    b"bread.txt": "Knead the dough of flour and water, let it rise, and bake the bread in a hot oven.",
    b"caf\xe9.txt": "The espresso machine stands on the counter next to the sugar.",
}


@dataclass(frozen=True)
class Cognate:
    """The command line with a profile of its own."""

    profile: Path
    docs: Path
    environment: Mapping[str, str]

    def arguments(self, *arguments: str | Path) -> list[str]:
        return [sys.executable, "-m", "app.main", "--profile", str(self.profile), *map(str, arguments)]

    def run(self, *arguments: str | Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.arguments(*arguments),
            cwd=ROOT,
            env=self.environment,
            input=stdin,
            capture_output=True,
            encoding="utf-8",
            errors="surrogateescape",
            timeout=120,
        )

    def records(self, *arguments: str | Path, stdin: str = "") -> list[dict[str, Any]]:
        done = self.run(*arguments, "--json", stdin=stdin)
        assert not done.stderr, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    @contextmanager
    def started(self, *command: str, ready: str) -> Iterator[subprocess.Popen[str]]:
        """A process that keeps the profile until its standard input ends."""
        with subprocess.Popen(
            command, cwd=ROOT, env=self.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            if ready:
                process.stdin.write(ready)
                process.stdin.flush()
            assert process.stdout.readline()
            yield process
            process.stdin.close()


RUNNING = """
import sys
from pathlib import Path
from app.headless import OwnEngine
engine = OwnEngine(Path(sys.argv[1]), running=True)
print("ready", flush=True)
sys.stdin.read()
engine.close()
"""


@pytest.fixture(scope="module")
def environment() -> Iterator[dict[str, str]]:
    with tempfile.TemporaryDirectory() as runtime:  # the path of a socket must be short
        environment = dict(os.environ, XDG_RUNTIME_DIR=runtime, NO_COLOR="")
        for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
            environment.pop(name, None)
        yield environment


def library(folder: Path, environment: Mapping[str, str]) -> Cognate:
    docs = folder / "docs"
    docs.mkdir()
    for name, text in TEXTS.items():
        (docs / os.fsdecode(name)).write_text(text, encoding="utf-8")
    return Cognate(folder / "profile", docs, environment)


@pytest.fixture(scope="module")
def cognate(tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]) -> Cognate:
    """An indexed library; tests that use it leave it as it is."""
    made = library(tmp_path_factory.mktemp("library"), environment)
    assert made.run("folder", "add", made.docs).returncode == 0
    done = made.run("index", "--wait")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "Up to date: 5 indexed\n"
    return made


@pytest.fixture
def empty(tmp_path: Path, environment: dict[str, str]) -> Cognate:
    return library(tmp_path, environment)


@pytest.fixture
def served(cognate: Cognate) -> Iterator[Cognate]:
    """The library with an instance that answers for it."""
    with cognate.started(sys.executable, "-c", RUNNING, str(cognate.profile), ready=""):
        yield cognate


def test_a_file_is_found_by_its_meaning(cognate: Cognate) -> None:
    done = cognate.run("search", "energy from the light of the sun")
    assert done.returncode == 0
    assert done.stderr == ""
    assert "plants.md" in done.stdout.splitlines()[1]


def test_what_the_model_reads_is_explained_first(cognate: Cognate) -> None:
    first, *hits = cognate.records("search", "--explain", "energy kind:code,markdown")
    assert first == {
        "query": "energy kind:code,markdown",
        "model": "built-in",
        "dimension": first["dimension"],
        "subject": "files",
        "task": "",
        "embedded": "energy",
    }
    assert hits and HIT_KEYS <= set(hits[0])
    done = cognate.run("search", "--explain", "energy")
    assert "this model takes no instruction" in done.stdout


def test_a_hit_has_exactly_the_keys_of_the_contract(cognate: Cognate) -> None:
    hits = cognate.records("search", "sailing boats", "--limit", "1")
    assert len(hits) == 1
    assert hits[0].keys() == HIT_KEYS
    assert hits[0]["query"] == "sailing boats"
    assert hits[0]["rank"] == 1
    assert sorted(hits[0]["places"]) == [str(cognate.docs / "boats.txt"), str(cognate.docs / "copy.txt")]
    start, end = hits[0]["highlight"]
    assert hits[0]["passage"][start:end] == "Sailing boats cross the lake when the wind is strong."
    assert "words" in hits[0]["matched"]
    assert 0 < hits[0]["score"] <= 1


def test_nothing_found_is_exit_status_1(cognate: Cognate) -> None:
    done = cognate.run("search", "xylophonist", "--mode", "words")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr


def test_a_query_that_cannot_be_understood_is_exit_status_2(cognate: Cognate) -> None:
    done = cognate.run("search", "boats date:yesteryear")
    assert (done.returncode, done.stdout) == (2, "")
    assert "yesteryear" in done.stderr


def test_each_line_of_standard_input_is_answered_in_order(cognate: Cognate) -> None:
    queries = "\ufeffdough\n\n  \nxylophonist\nespresso\n"
    done = cognate.run("search", "--stdin", "--json", "--mode", "words", stdin=queries)
    hits = [json.loads(line) for line in done.stdout.splitlines()]
    assert "xylophonist: " in done.stderr
    assert [(hit["query"], hit["path"]) for hit in hits] == [
        ("dough", str(cognate.docs / "bread.txt")),
        ("espresso", os.fsdecode(os.fsencode(cognate.docs) + b"/caf\xe9.txt")),
    ]


def test_standard_input_without_any_hit_is_exit_status_1(cognate: Cognate) -> None:
    assert cognate.run("search", "--stdin", "--mode", "words", stdin="xylophonist\n").returncode == 1


def test_a_name_that_is_not_utf8_is_printed_as_the_bytes_it_has(cognate: Cognate) -> None:
    done = subprocess.run(
        cognate.arguments("search", "espresso", "--mode", "words"),
        cwd=ROOT,
        env=cognate.environment,
        capture_output=True,
        timeout=120,
    )
    assert b"caf\xe9.txt" in done.stdout
    path = os.fsdecode(os.fsencode(cognate.docs) + b"/caf\xe9.txt")
    assert cognate.run("why", path).returncode == 0


def test_files_like_a_file_and_like_a_text_are_found(cognate: Cognate, tmp_path: Path) -> None:
    like_text = cognate.records("similar", "-", stdin="The sun gives energy to the leaves of plants.")
    assert like_text[0]["path"] == str(cognate.docs / "plants.md")
    stranger = tmp_path / "stranger.txt"
    stranger.write_text("Bake a loaf of bread from dough in the oven.")
    assert cognate.records("similar", stranger)[0]["path"] == str(cognate.docs / "bread.txt")


def test_a_file_that_cannot_be_read_is_exit_status_3(cognate: Cognate) -> None:
    done = cognate.run("similar", cognate.docs / "missing.txt")
    assert done.returncode == 3
    assert "missing.txt" in done.stderr
    assert "Traceback" not in done.stderr


def test_empty_standard_input_is_wrong_use(cognate: Cognate) -> None:
    assert cognate.run("similar", "-", stdin=" \n").returncode == 2


def test_why_explains_a_file(cognate: Cognate, tmp_path: Path) -> None:
    [found] = cognate.records("why", cognate.docs / "bread.txt", "--query", "dough")
    assert (found["state"], found["rank"], found["rank_words"]) == ("indexed", 1, 1)
    done = cognate.run("why", tmp_path / "elsewhere.txt")
    assert done.returncode == 1
    assert "in no watched folder" in done.stdout
    done = cognate.run("why", cognate.docs / "never written.txt")
    assert done.returncode == 1
    assert "no such file" in done.stdout
    assert "no watched folder" not in done.stdout


def test_status_counts_the_files(cognate: Cognate) -> None:
    [status] = cognate.records("status")
    assert status["files"]["indexed"] == 5
    assert not status["running"]
    assert status["spaces"][0]["active"]


def test_folders_are_added_listed_and_removed(empty: Cognate) -> None:
    done = empty.run("folder", "list")
    assert (done.returncode, done.stdout) == (1, "")
    assert empty.run("folder", "add", empty.docs).returncode == 0
    assert stat.S_IMODE(empty.profile.stat().st_mode) == 0o700
    [folder] = empty.records("folder", "list")
    assert folder["path"] == str(empty.docs)
    again = empty.run("folder", "add", empty.docs)
    assert again.returncode == 3
    assert str(empty.docs) in again.stderr
    assert empty.records("folder", "remove", empty.docs) == [{"removed": str(empty.docs)}]
    assert empty.run("folder", "remove", empty.docs).returncode == 3


def test_index_without_an_instance_indexes_here_and_reports_in_json(empty: Cognate) -> None:
    empty.run("folder", "add", empty.docs)
    done = empty.run("index", "--json")
    assert done.returncode == 0
    last = json.loads(done.stdout.splitlines()[-1])
    assert last["files"]["indexed"] == 5
    assert last["running"]


def test_a_running_instance_answers_without_the_heavy_libraries(served: Cognate) -> None:
    code = """
import sys
from app.cli.run import run
status = run(sys.argv[1:])
heavy = {"indexer", "numpy", "torch", "PySide6", "sqlite3", "filelock", "tomlkit"} & sys.modules.keys()
sys.exit(f"loaded {heavy}" if heavy else status)
"""
    for command in (["search", "boats"], ["status"], ["why", str(served.docs / "boats.txt")], ["folder", "list"]):
        done = subprocess.run(
            [sys.executable, "-c", code, "--profile", str(served.profile), *command],
            cwd=ROOT,
            env=served.environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert (done.returncode, done.stderr) == (0, "")


def test_a_running_instance_answers_as_the_command_itself_would(cognate: Cognate) -> None:
    commands = (["search", "boats"], ["similar", str(cognate.docs / "bread.txt")])
    alone = [cognate.run(*command, "--json").stdout for command in commands]
    with cognate.started(sys.executable, "-c", RUNNING, str(cognate.profile), ready=""):
        assert [cognate.run(*command, "--json").stdout for command in commands] == alone
        assert cognate.records("status")[0]["running"]
        assert cognate.run("search", "date:yesteryear boats").returncode == 2
        assert cognate.run("search", "xylophonist", "--mode", "words").returncode == 1
        assert cognate.run("index", "--wait").stdout == "Up to date: 5 indexed\n"
        assert cognate.run("search", "--stdin", stdin="boats\nbread\n").returncode == 0


def test_a_search_that_waits_for_queries_answers_others_meanwhile(cognate: Cognate) -> None:
    waiting = cognate.arguments("search", "--stdin", "--json")
    with cognate.started(*waiting, ready="boats\n"):
        assert cognate.records("search", "dough", "--mode", "words")[0]["path"] == str(cognate.docs / "bread.txt")


def test_searches_at_the_same_time_all_succeed(cognate: Cognate) -> None:
    searches = [
        subprocess.Popen(
            cognate.arguments("search", "boats"), cwd=ROOT, env=cognate.environment, stdout=subprocess.PIPE
        )
        for _ in range(3)
    ]
    outputs = [search.communicate(timeout=120)[0] for search in searches]
    assert [search.returncode for search in searches] == [0, 0, 0]
    assert len(set(outputs)) == 1


def test_a_killed_instance_is_no_obstacle(cognate: Cognate) -> None:
    with cognate.started(sys.executable, "-c", RUNNING, str(cognate.profile), ready="") as process:
        process.kill()
        process.wait()
        assert cognate.run("search", "boats").returncode == 0


def test_quit_ends_the_process_that_has_the_profile(cognate: Cognate) -> None:
    waiting = cognate.arguments("search", "--stdin", "--json")
    with cognate.started(*waiting, ready="boats\n") as process:
        assert cognate.run("quit").returncode == 0
        assert process.wait(60) == 130
    assert cognate.run("quit").returncode == 1


def test_the_window_waits_for_a_command_that_has_the_profile(cognate: Cognate) -> None:
    with cognate.started(*cognate.arguments("search", "--stdin", "--json"), ready="boats\n") as process:
        done = cognate.run("show")
        assert done.returncode == 3
        assert f"process {process.pid}" in done.stderr


def test_without_a_display_the_terminal_is_explained(cognate: Cognate) -> None:
    done = cognate.run()
    assert done.returncode == 0
    assert "There is no display" in done.stderr
    assert "cognate search" in done.stderr
    assert "5 indexed" in done.stdout


def test_a_reader_that_has_enough_ends_the_command_quietly(cognate: Cognate) -> None:
    with subprocess.Popen(
        cognate.arguments("search", "--stdin", "--json"),
        cwd=ROOT,
        env=cognate.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
        _, errors = process.communicate(b"boats\n" * 2000, timeout=120)
    assert errors == b""


def test_ctrl_c_ends_the_command_quietly(cognate: Cognate) -> None:
    with cognate.started(*cognate.arguments("search", "--stdin", "--json"), ready="boats\n") as process:
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130


def test_progress_is_shown_on_a_terminal(empty: Cognate) -> None:
    empty.run("folder", "add", empty.docs)
    controller, terminal = os.openpty()
    with subprocess.Popen(
        empty.arguments("index", "--wait"), cwd=ROOT, env=empty.environment, stdout=terminal, stderr=terminal
    ) as process:
        os.close(terminal)
        shown = read_all(controller)
        assert process.wait(60) == 0
    assert b"\r\x1b[K" in shown
    assert b"Up to date: 5 indexed" in shown


def read_all(controller: int) -> bytes:
    shown = b""
    while select.select([controller], [], [], 60)[0]:
        try:
            shown += os.read(controller, 65536)
        except OSError:  # the other end is closed
            break
    os.close(controller)
    return shown


def test_a_profile_that_cannot_be_made_is_exit_status_3(empty: Cognate) -> None:
    empty.profile.write_text("a file is in the way")
    done = empty.run("status")
    assert done.returncode == 3
    assert str(empty.profile) in done.stderr
    assert "Traceback" not in done.stderr


def test_bad_settings_are_told_but_do_not_stop_a_search(cognate: Cognate) -> None:
    settings = cognate.profile / "settings.toml"
    settings.write_text("[app]\ntheme = 'neon'\n")
    done = cognate.run("search", "boats")
    settings.unlink()
    assert done.returncode == 0
    assert "app.theme" in done.stderr


def test_the_doctor_finds_nothing_wrong_with_a_sound_profile(cognate: Cognate) -> None:
    checks = cognate.records("doctor")
    assert {check["check"] for check in checks} >= {
        "profile",
        "settings",
        "catalogue",
        "folder",
        "model",
        "readers",
        "display",
    }
    assert [check for check in checks if not check["ok"] and check["check"] != "watches"] == []


@pytest.mark.skipif(not seccomp.is_available(), reason="needs seccomp to hide what the kernel can do")
def test_the_doctor_says_when_the_system_cannot_confine_readers() -> None:
    code = "from tests.indexer.hostile_reader import hide_protection; hide_protection()\n"
    code += "from app.cli.doctor import _readers; print(*_readers())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert "doesn't keep a hostile document from your other files and the network" in done.stdout


def test_the_doctor_names_a_folder_that_is_gone(empty: Cognate) -> None:
    empty.run("folder", "add", empty.docs)
    empty.docs.rename(empty.docs.with_name("moved"))
    done = empty.run("doctor")
    assert done.returncode == 3
    assert f"BAD  folder: {empty.docs}" in done.stdout


@pytest.mark.parametrize("arguments", [["--help"], ["search", "--help"], ["folder", "add", "--help"], ["--version"]])
def test_help_is_printed(empty: Cognate, arguments: list[str]) -> None:
    done = empty.run(*arguments)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout
    assert not empty.profile.exists()


def test_wrong_use_is_exit_status_2(empty: Cognate) -> None:
    done = empty.run("serch", "boats")
    assert (done.returncode, done.stdout) == (2, "")
    assert "did you mean search?" in done.stderr
