import hashlib
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PAGES = sorted(ROOT.glob("*.md")) + sorted((ROOT / "docs").glob("*.md"))
posix_only = pytest.mark.skipif(sys.platform == "win32", reason="run by a POSIX shell")


def normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pinned() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pairs = [line.split("==") for line in lines if not line.startswith("#")]
    return {normalised(name): version for name, version in pairs}


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["make", *arguments], cwd=ROOT, capture_output=True, text=True)


def test_every_dependency_has_one_exact_version() -> None:
    wanted = [
        *PROJECT["dependencies"],
        *PROJECT["optional-dependencies"]["train"],
        *(one for one in PROJECT["optional-dependencies"]["dev"] if one != "cognate[train]"),
        "pip",
        "setuptools",
        "wheel",
        "pybind11",
    ]
    names = {normalised(re.split(r"[<>=]", line)[0]) for line in wanted}
    assert names <= pinned().keys()
    assert all(re.fullmatch(r"[0-9][0-9a-z.]*", version) for version in pinned().values()), "no local versions"


def test_the_licence_is_the_whole_agpl() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    digest = hashlib.sha256(text.encode()).hexdigest()
    assert digest == "0d96a4ff68ad6d4b6f1f30f713b18d5184912ba8dd389f86aa7710db079abcb0"


@pytest.mark.parametrize(
    "page", sorted(ROOT.glob("*.md")) + sorted((ROOT / "docs").glob("*.md")), ids=lambda page: page.name
)
def test_documents_link_only_to_what_is_there(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)[^)]*\)", page.read_text(encoding="utf-8"))
    assert not [link for link in links if not (page.parent / link).exists()]


@posix_only
def test_make_says_what_it_can_do() -> None:
    told = make("help").stdout
    assert all(f"make {target} " in told for target in ("run", "test", "lint", "format", "bench", "clean", "help"))


@posix_only
def test_an_old_python_is_refused_with_a_way_out(tmp_path: Path) -> None:
    for name in ("Makefile", "constraints.txt", "pyproject.toml", "packaging"):
        source, copy = ROOT / name, tmp_path / name
        shutil.copytree(source, copy) if source.is_dir() else shutil.copy(source, copy)
    old_python = tmp_path / "python2"
    old_python.write_text("#!/bin/sh\nexit 1\n")
    old_python.chmod(0o755)
    done = subprocess.run(
        ["make", ".venv/python", f"PYTHON={old_python}"], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode != 0
    assert "needs Python 3.11 or newer" in done.stderr
    assert not (tmp_path / ".venv").exists()


@posix_only
@pytest.mark.parametrize("script", sorted(ROOT.glob("packaging/*.sh")) + [ROOT / ".ci/run"], ids=lambda path: path.name)
def test_scripts_can_be_run_and_parsed(script: Path) -> None:
    assert os.access(script, os.X_OK)
    assert subprocess.run(["bash", "-n", script]).returncode == 0


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a display")
def test_without_a_display_the_samples_are_searched_in_the_terminal() -> None:
    surroundings = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    done = subprocess.run(
        [ROOT / "packaging" / "run.sh", Path(sys.executable).parent],
        cwd=ROOT,
        env=surroundings,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    assert "There is no display" in done.stdout
    for found in ("Réclamation retard de train.odt", "retry.py", "Solar panels at home.pdf"):
        assert found in done.stdout
