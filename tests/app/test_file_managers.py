from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGING = Path(__file__).parent.parent.parent / "packaging"
OWN_ACTION = "<actions><action><name>Mine</name><unique-id>1</unique-id><command>true %f</command></action></actions>"


def run(home: Path, *arguments: str) -> None:
    places = {"XDG_DATA_HOME": str(home / "data"), "XDG_CONFIG_HOME": str(home / "config")}
    script = PACKAGING / "file-managers" / "install.py"
    subprocess.run([sys.executable, script, *arguments], env={**os.environ, **places}, check=True)


def test_entries_come_once_and_go_without_a_trace(tmp_path: Path) -> None:
    run(tmp_path)
    run(tmp_path)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) == 6
    assert all("cognate" in path.read_text() and "similar" in path.read_text() for path in files)
    assert (tmp_path / "config/Thunar/uca.xml").read_text().count("cognate-find-similar") == 1
    run(tmp_path, "--remove")
    left = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path.name for path in left] == ["uca.xml"]
    assert "cognate" not in left[0].read_text()


def test_the_users_own_actions_in_thunar_stay(tmp_path: Path) -> None:
    actions = tmp_path / "config/Thunar/uca.xml"
    actions.parent.mkdir(parents=True)
    actions.write_text(OWN_ACTION)
    run(tmp_path)
    assert "<name>Mine</name>" in actions.read_text()
    run(tmp_path, "--remove")
    assert "<name>Mine</name>" in actions.read_text()


@pytest.mark.skipif(not shutil.which("desktop-file-validate"), reason="desktop-file-utils is not installed")
def test_the_desktop_file_is_valid() -> None:
    subprocess.run(["desktop-file-validate", PACKAGING / "org.cognate.Cognate.desktop"], check=True)


@pytest.mark.skipif(not shutil.which("appstreamcli"), reason="appstream is not installed")
def test_the_metainfo_is_valid() -> None:
    metainfo = PACKAGING / "org.cognate.Cognate.metainfo.xml"
    subprocess.run(["appstreamcli", "validate", "--no-net", metainfo], check=True, capture_output=True)
