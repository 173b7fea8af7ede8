import os
import random
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.gitignore import Patterns

NAMES = ["a", "b", "ab", "a b", "foo.txt", "foo.md", "x-y", "a]", "#c", "!d", "-"]
GLOBS = [
    *("a", "b", "ab", "*", "**", "***", "?", "[ab]", "[!a]", "[^ab]", "[]a]", "[a-c]", "[c-a]", "[[:alpha:]]", "[a-]"),
    *(
        "foo",
        "foo.txt",
        "*.txt",
        "*.m*",
        "a*b",
        "*a*",
        "\\#c",
        "\\!d",
        "a\\ b",
        "a ",
        "x-y",
        "\\*",
        "\\",
        "#c",
        "[--a]",
    ),
]


@st.composite
def pattern(draw: st.DrawFn) -> str:
    path = "/".join(draw(st.lists(st.sampled_from(GLOBS), min_size=1, max_size=3)))
    return (
        draw(st.sampled_from(["", "", "!"]))
        + draw(st.sampled_from(["", "/"]))
        + path
        + draw(st.sampled_from(["", "/"]))
    )


def matches(glob: str, path: str, is_folder: bool = False) -> bool:
    return Patterns([glob]).last_match(path, path.rsplit("/", 1)[-1], is_folder) is not None


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files and folders of all names, three deep."""
    root = tmp_path_factory.mktemp("repository")
    subprocess.run(["git", "init", "--quiet", root], check=True)
    choose = random.Random(1)
    for _ in range(60):
        *folders, name = choose.choices(NAMES, k=3)
        folder = root.joinpath(*folders)
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / name).exists():
            (folder / name).touch() if choose.random() < 0.7 else (folder / name).mkdir()
    return root


def excluded_by_git(root: Path, paths: list[str]) -> set[str]:
    command = [
        "git",
        "-C",
        str(root),
        "-c",
        "core.excludesFile=/dev/null",
        "check-ignore",
        "--no-index",
        "-z",
        "--stdin",
    ]
    answer = subprocess.run(command, input="\0".join(paths), capture_output=True, text=True, check=False)
    assert answer.returncode in (0, 1), answer.stderr
    return set(answer.stdout.split("\0")) - {""}


def excluded_by_us(root: Path, patterns: Patterns, path: str) -> bool:
    names = path.split("/")
    for depth, name in enumerate(names, 1):
        above = "/".join(names[:depth])
        match = patterns.last_match(above, name, (root / above).is_dir())
        if match and not match.is_negated:
            return True
    return False


@pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(pattern(), min_size=1, max_size=4))
def test_patterns_exclude_what_git_excludes(repository: Path, lines: list[str]) -> None:
    (repository / ".gitignore").write_text("\n".join(lines) + "\n")
    paths = [
        os.path.relpath(os.path.join(folder, name), repository)
        for folder, folders, files in os.walk(repository)
        for name in (*folders, *files)
        if ".git" not in os.path.join(folder, name)
    ]
    patterns = Patterns(lines)
    assert {path for path in paths if excluded_by_us(repository, patterns, path)} == excluded_by_git(repository, paths)


@pytest.mark.parametrize(
    ("glob", "path", "is_match"),
    [
        ("*.log", "a/b.log", True),
        ("/*.log", "a/b.log", False),
        ("doc/*.txt", "doc/a.txt", True),
        ("doc/*.txt", "x/doc/a.txt", False),
        ("**/doc/*.txt", "x/doc/a.txt", True),
        ("doc/**", "doc/a/b", True),
        ("doc/**", "doc", False),
        ("a/**/b/**/c", "a/x/b/b/c", True),
        ("a/**/b", "a/b", True),
        ("caf?", "café", True),
        ("\udcff*", "\udcff.txt", True),
        ("[", "[", False),
    ],
)
def test_one_pattern_matches(glob: str, path: str, is_match: bool) -> None:
    assert matches(glob, path) is is_match


def test_a_pattern_that_ends_in_a_slash_is_for_folders() -> None:
    assert matches("build/", "build", is_folder=True)
    assert not matches("build/", "build", is_folder=False)


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    ("glob", "path"),
    [
        ("*a" * 40 + "b", "a" * 255),
        ("[!b]*" * 40, "b" * 255),
        ("**/a/" * 40 + "b", "/".join("a" * 1000)),
        ("/".join(["*a*"] * 40) + "/b", "/".join(["a" * 40] * 41)),
    ],
)
def test_a_hostile_pattern_costs_no_time(glob: str, path: str) -> None:
    assert not matches(glob, path)
