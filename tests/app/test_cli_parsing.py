import tomllib
from pathlib import Path

import pytest

from app.cli import requests
from app.cli.parsing import WrongUseError, parse
from app.cli.requests import Command, Invocation
from app.profile import default_profile
from app.version import VERSION

HERE = Path.cwd()


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("", requests.Start()),
        ("show", requests.Show()),
        ("quit", requests.Quit()),
        ("search boats", requests.Search("boats", 20, "both", False, False)),
        ("search sailing boats --limit 3", requests.Search("sailing boats", 3, "both", False, False)),
        ("search --mode words --rerank boats", requests.Search("boats", 20, "words", True, False)),
        ("search -- -sail boats", requests.Search("-sail boats", 20, "both", False, False)),
        ("search --stdin", requests.Search(None, 20, "both", False, False)),
        ("search boats --explain", requests.Search("boats", 20, "both", False, True)),
        ("similar a.txt --limit 5", requests.Similar(HERE / "a.txt", 5, False)),
        ("similar -", requests.Similar(None, 20, False)),
        ("similar /a/b --window", requests.Similar(Path("/a/b"), 20, True)),
        ("folder", requests.FolderList()),
        ("folder list", requests.FolderList()),
        ("folder add docs", requests.FolderAdd(HERE / "docs")),
        ("folder remove /a/../b", requests.FolderRemove(Path("/b"), erase=False)),
        ("folder remove --erase /b", requests.FolderRemove(Path("/b"), erase=True)),
        ("index", requests.Index(wait=False)),
        ("index --wait", requests.Index(wait=True)),
        ("status", requests.Status()),
        ("why a --query q", requests.Why(HERE / "a", "q", retry=False)),
        ("models", requests.Models("list", "")),
        ("models list", requests.Models("list", "")),
        ("models use built-in", requests.Models("use", "built-in")),
        ("models check", requests.Models("check", "")),
        ("models check some/model", requests.Models("check", "some/model")),
        ("models check --all", requests.Models("check", "", all=True)),
        ("doctor", requests.Doctor()),
    ],
)
def test_a_command_line_becomes_its_request(line: str, command: Command) -> None:
    assert parse(line.split()) == Invocation(default_profile(), command)


@pytest.mark.parametrize(
    "line", ["--profile /p status --json", "status --profile /p --json", "status --json --profile=/p"]
)
def test_the_profile_stands_before_or_after_the_command(line: str) -> None:
    assert parse(line.split()) == Invocation(Path("/p"), requests.Status(), json=True)


@pytest.mark.parametrize(
    "line",
    [
        "folder",
        "folder list",
        "folder add a",
        "index",
        "status",
        "why a",
        "models",
        "models list",
        "models check",
        "doctor",
    ],
)
def test_every_command_with_an_answer_takes_json(line: str) -> None:
    assert parse([*line.split(), "--json"]).json


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("serch boats", "did you mean search?"),
        ("folder ad x", "did you mean add?"),
        ("search a --limt 3", "unknown option --limt, did you mean --limit?"),
        ("search a -draft", "Put the whole query in quotes"),
        ("--profle x", "unknown option --profle, did you mean --profile?"),
        ("search a --mode word", "did you mean words?"),
        ("search a --limit 0", "no number from 1"),
        ("search a --limit many", "no number from 1"),
        ("search", "what shall be found?"),
        ("search a --stdin", "not both"),
        ("similar", "FILE"),
        ("similar a b", "'b' is one too many"),
        ("similar - --window", "--window needs a file"),
        ("models use", "NAME"),
        ("--profile", "--profile"),
    ],
)
def test_wrong_use_is_explained(line: str, told: str) -> None:
    with pytest.raises(WrongUseError) as error:
        parse(line.split())
    assert told in str(error.value)


def test_an_empty_path_or_query_is_wrong_use() -> None:
    for arguments in (["search", " "], ["folder", "add", ""], ["status", "--profile", ""]):
        with pytest.raises(WrongUseError):
            parse(arguments)


def test_a_path_that_is_not_utf8_is_kept(tmp_path: Path) -> None:
    invocation = parse(["why", "/a/caf\udce9"])
    assert invocation.command == requests.Why(Path("/a/caf\udce9"), "", retry=False)


def test_the_version_is_the_one_of_the_package() -> None:
    project = tomllib.loads(Path(__file__).parents[2].joinpath("pyproject.toml").read_text())["project"]
    assert project["version"] == VERSION
