"""What people do with the window, with keys and mouse, in a real window on a desktop of its own."""

from __future__ import annotations

import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.app.shelf import SENTENCE, fill
from tests.e2e.desktop import PATIENCE_SECONDS, Desktop, desktop, missing

LACKING = missing()
pytestmark = [
    pytest.mark.window,
    pytest.mark.skipif(bool(LACKING), reason=f"a real window needs {LACKING}"),
]


@pytest.fixture(scope="module")
def screen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desktop]:
    with desktop(tmp_path_factory.mktemp("desktop")) as screen:
        yield screen


@pytest.fixture
def profile(screen: Desktop, qapp: object) -> Iterator[Path]:
    """A profile in which a shelf of files is indexed."""
    library, profile = screen.home / "library", screen.home / "profile"
    fill(library)
    assert screen.command(profile, "folder", "add", str(library)).returncode == 0
    assert screen.command(profile, "index", "--wait").returncode == 0
    yield profile
    screen.command(profile, "quit")
    shutil.rmtree(profile)
    shutil.rmtree(library)


@pytest.fixture
def running(screen: Desktop, profile: Path) -> Iterator[subprocess.Popen[str]]:
    """The program with its window up and its index open."""
    process = screen.start(profile)
    screen.wait_for_window("Cognate")
    screen.wait_for_name("ready to search")
    yield process
    process.terminate()
    _, complaints = process.communicate(timeout=PATIENCE_SECONDS)
    assert "Traceback" not in complaints


def look_for(screen: Desktop, query: str) -> None:
    screen.key("ctrl+l")
    screen.type(query)


def focused(screen: Desktop) -> list[str]:
    return [node["name"] for node in screen.tree() if node["focused"] and node["name"]]


def test_from_first_start_to_the_first_result(screen: Desktop) -> None:
    profile = screen.home / "new profile"
    process = screen.start(profile)
    button = screen.wait_for_name("Start searching")
    left, top, width, height = button["box"]
    screen.click(left + width // 2, top + height // 2)
    screen.wait_for_name("files are ready to search")
    screen.wait_for_name("Up to date")
    screen.type("solar panels")
    screen.wait_for_name("Solar panels at home", "list item")
    screen.wait_for_name("Pages of the file")
    screen.key("ctrl+q")
    _, complaints = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 0
    assert "Traceback" not in complaints


def test_a_pdf_opens_at_its_page(screen: Desktop, running: subprocess.Popen[str]) -> None:
    look_for(screen, "oldest well oasis")
    row = screen.wait_for_name("desert.pdf", "list item")
    assert "p. 3" in row["name"]
    assert SENTENCE in row["name"]
    screen.wait(lambda: any(node["name"] == "Page" and node["text"] == "3" for node in screen.tree()), "page 3")


def test_the_keyboard_goes_from_the_box_to_the_list_and_back(screen: Desktop, running: subprocess.Popen[str]) -> None:
    look_for(screen, "harbou")
    screen.wait_for_name("boats.txt", "list item")
    screen.key("Down")
    screen.wait(lambda: "Search" not in focused(screen), "the list to be focused")
    screen.type("r")
    screen.wait(lambda: "Search" in focused(screen), "the box to be focused")
    assert any(node["name"] == "Search" and node["text"] == "harbour" for node in screen.tree())


def test_find_similar_and_back(screen: Desktop, running: subprocess.Popen[str]) -> None:
    look_for(screen, "harbour name:boats")
    screen.wait_for_name("boats.txt", "list item")
    screen.key("ctrl+d")
    screen.wait_for_name("Similar to boats.txt")
    screen.key("Escape")
    screen.wait_for_name("boats.txt", "list item")
    assert not any("Similar to" in name for name in screen.names())


def test_a_saved_file_appears_in_the_results(screen: Desktop, running: subprocess.Popen[str]) -> None:
    look_for(screen, '"rhubarb"')
    screen.wait_for_name("No results")
    (screen.home / "library" / "new.txt").write_text("Rhubarb wants shade.")
    screen.wait_for_name("new.txt", "list item")


def test_a_second_start_raises_the_window(screen: Desktop, profile: Path, running: subprocess.Popen[str]) -> None:
    assert screen.command(profile).returncode == 0
    assert running.poll() is None
    shown = screen.command(profile, "similar", str(screen.home / "library" / "boats.txt"), "--window")
    assert shown.returncode == 0
    screen.wait_for_name("Similar to boats.txt")


def test_all_keys_are_on_a_sheet(screen: Desktop, running: subprocess.Popen[str]) -> None:
    screen.key("F1")
    screen.wait_for_window("Keyboard shortcuts")
    screen.key("Escape")
    screen.wait(lambda: "Keyboard shortcuts" not in screen.titles(), "the sheet to close")


def test_folders_and_settings_open_by_key(screen: Desktop, running: subprocess.Popen[str]) -> None:
    screen.key("ctrl+shift+f")
    screen.wait_for_window("Folders")
    screen.close_window("Folders")
    screen.wait(lambda: "Folders" not in screen.titles(), "the folders to close")
    screen.key("ctrl+comma")
    screen.wait_for_window("Settings")
    screen.key("Escape")
    screen.wait(lambda: "Settings" not in screen.titles(), "the settings to close")


@pytest.mark.parametrize("way", ["key", "window", "command", "signal"])
def test_it_ends_cleanly_and_leaves_no_process(
    screen: Desktop, profile: Path, running: subprocess.Popen[str], way: str
) -> None:
    look_for(screen, "oldest well")
    screen.wait_for_name("Pages of the file")
    children = psutil.Process(running.pid).children(recursive=True)
    assert children
    if way == "key":
        screen.key("ctrl+q")
    elif way == "window":
        screen.close_window("Cognate")
    elif way == "command":
        assert screen.command(profile, "quit").returncode == 0
    else:
        running.send_signal(signal.SIGTERM)
    assert running.wait(PATIENCE_SECONDS) == 0
    assert psutil.wait_procs(children, timeout=PATIENCE_SECONDS)[1] == []
