from __future__ import annotations

import argparse
import difflib
import os
import re
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from app.cli import requests
from app.cli.requests import Command, Invocation
from app.profile import default_profile, located
from app.version import VERSION
from model.errors import CognateError

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction["_Parser"]

DEFAULT_LIMIT = 20
MAX_LIMIT = 10_000
MODES = ("both", "meaning", "words")

DESCRIPTION = """\
Find your own files by meaning, in any language, on your own machine.
Without a command: start Cognate, or raise its window when it runs."""

EXAMPLES = """\
examples:
  cognate folder add ~/Documents        watch a folder
  cognate index --wait                  bring the index up to date now
  cognate search "how do plants eat"    find files by what they say
  cognate similar letter.odt            find files about the same thing
  cognate why notes.md                  why is this file not found?

exit status: 0 found, 1 nothing found, 2 wrong use, 3 failed
`cognate COMMAND --help` tells more about a command."""

SEARCH_EXAMPLES = """\
examples:
  cognate search "how do plants eat"
  cognate search 'tax -draft "annual report" ext:pdf date:2024 in:~/Documents size:>1M lang:de'
  cognate search --stdin --json < queries.txt > hits.jsonl

A byte of a path that is not UTF-8 appears in JSON as \\udc80 to \\udcff;
Python's os.fsencode(json.loads(line)["path"]) gives the exact name back."""

SIMILAR_EXAMPLES = """\
examples:
  cognate similar letter.odt            the file need not be indexed
  pbpaste | cognate similar -           or any text on standard input"""

WHY_EXAMPLES = """\
examples:
  cognate why report.pdf
  cognate why report.pdf --query "annual balance"

exit status 0: it is indexed, and found for the query if one is given; 1: it is not"""

SERVERS = ("vllm", "sglang", "tei", "llama.cpp", "llama-cpp-python", "ollama", "other")

CONNECT_EXAMPLES = """\
examples:
  cognate models connect http://localhost:8000
  cognate models connect https://gpu.example.org --key
  cognate models connect http://localhost:11434 --model qwen3-embedding:0.6b
  cognate models connect http://localhost:8080 --reranker

It is probed first: what is wrong is said, with the remedy. Only the host that you name is ever contacted.
A key is kept in the keyring of the system; COGNATE_SERVER_KEY_ and the name (in capitals) may hold it instead."""

MODELS_EXAMPLES = """\
examples:
  cognate models                        what there is, what each needs, and what runs here
  cognate models install Qwen/Qwen3-Embedding-0.6B
  cognate models use Qwen/Qwen3-Embedding-0.6B
  cognate models use built-in
  cognate models check                  is it well, and how fast and how good is it here?
  cognate models check --all            every installed model, to compare
  cognate models connect URL            use a model on a server of your own

Nothing is downloaded but by `install`."""


BACKUP_EXAMPLES = """\
examples:
  cognate backup /media/disk
  cognate backup --check /media/disk/cognate-backup-20260101-120000
  cognate restore /media/disk/cognate-backup-20260101-120000"""


OCR_EXAMPLES = """\
examples:
  cognate ocr                           is it done, and which languages are installed?
  cognate ocr on                        in the language of the system, and English
  cognate ocr on --languages deu+fra

It is done by Tesseract, on this computer: apt install tesseract-ocr tesseract-ocr-deu"""


class WrongUseError(CognateError):
    """The command line can't be understood; the message is for the user."""


def parse(arguments: Sequence[str]) -> Invocation:
    """Understand a command line.

    Raises:
        WrongUseError: it can't be understood.
        SystemExit: help or the version was asked for, and printed.
    """
    parser = _parser()
    first = arguments[0].partition("=")[0] if arguments else ""
    if first.startswith("-") and first not in parser._option_string_actions:
        raise WrongUseError(_unexpected(first, parser))  # or its value would be taken for a command
    values, extra = parser.parse_known_args(arguments)
    if extra:
        raise WrongUseError(_unexpected(extra[0], values.parser))
    command: Command = values.make(values)
    profile = _path(os.path.expanduser(values.profile)) if "profile" in values else default_profile()
    return Invocation(located(profile), command, getattr(values, "json", False))


class _Parser(argparse.ArgumentParser):
    """Errors are raised, with a suggestion; every command takes --profile."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - as argparse has them
        options |= {"formatter_class": argparse.RawDescriptionHelpFormatter, "allow_abbrev": False}
        super().__init__(**options)
        self.add_argument("--profile", metavar="DIR", default=argparse.SUPPRESS, help="folder of settings and index")

    def error(self, message: str) -> NoReturn:
        raise WrongUseError(f"{message}\nTry `{self.prog} --help`.")

    def _check_value(self, action: argparse.Action, value: object) -> None:
        if action.choices is not None and value not in action.choices:
            names = [str(choice) for choice in action.choices]
            raise argparse.ArgumentError(
                None, f"there is no {str(value)!r} here{_meant(str(value), names)} (known: {', '.join(names)})"
            )


def _meant(given: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(given, list(known), n=1)
    return f", did you mean {close[0]}?" if close else ""


def _unexpected(extra: str, parser: argparse.ArgumentParser) -> str:
    advice = f"Try `{parser.prog} --help`."
    if parser.prog.endswith(" search"):
        advice = f"Put the whole query in quotes: cognate search 'boats -sail'. {advice}"
    if not extra.startswith("-"):
        return f"{extra!r} is one too many\n{advice}"
    name = extra.partition("=")[0]
    return f"unknown option {name}{_meant(name, parser._option_string_actions)}\n{advice}"


def _limit(text: str) -> int:
    if text.isascii() and text.isdigit() and 1 <= int(text) <= MAX_LIMIT:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 to {MAX_LIMIT}")


def _path(text: str) -> Path:
    if not text:
        raise WrongUseError("a path must not be empty")
    return Path(os.path.abspath(text))


def _parser() -> _Parser:
    parser = _Parser(prog="cognate", description=DESCRIPTION, epilog=EXAMPLES)
    parser.add_argument("--version", action="version", version=f"Cognate {VERSION}")
    parser.set_defaults(parser=parser, make=lambda _: requests.Start())
    commands = parser.add_subparsers(metavar="COMMAND", title="commands", parser_class=_Parser)
    for add in (_search, _similar, _folder, _index, _status, _why, *UPKEEP, _models, _ocr, _doctor, _show, _quit):
        add(commands)
    return parser


def _command(
    commands: Commands,
    name: str,
    purpose: str,
    make: Callable[[argparse.Namespace], Command],
    *,
    epilog: str = "",
    json: bool = True,
) -> _Parser:
    description = f"{purpose[0].upper()}{purpose[1:]}."
    parser = commands.add_parser(name, help=purpose, description=description, epilog=epilog)
    parser.set_defaults(parser=parser, make=make)
    if json:
        parser.add_argument("--json", action="store_true", help="print one JSON object a line")
    return parser


def _search(commands: Commands) -> None:
    parser = _command(commands, "search", "find files by meaning and words", _make_search, epilog=SEARCH_EXAMPLES)
    parser.add_argument("query", metavar="QUERY", nargs="*", help="words, or a whole question, in any language")
    parser.add_argument("--limit", metavar="N", type=_limit, default=DEFAULT_LIMIT, help="at most N hits (%(default)s)")
    parser.add_argument("--mode", choices=MODES, default=MODES[0], help="how to match (%(default)s)")
    parser.add_argument("--rerank", action="store_true", help="judge the best hits once more, with the reranker")
    parser.add_argument("--explain", action="store_true", help="show first what exactly the model gets to read")
    parser.add_argument("--stdin", action="store_true", help="search for each line of standard input")


def _make_search(values: argparse.Namespace) -> Command:
    query = " ".join(values.query).strip()
    if values.stdin and values.query:
        raise WrongUseError("give either a query or --stdin, not both")
    if not values.stdin and not query:
        raise WrongUseError('what shall be found? For example: cognate search "how do plants eat"')
    return requests.Search(None if values.stdin else query, values.limit, values.mode, values.rerank, values.explain)


def _similar(commands: Commands) -> None:
    parser = _command(
        commands, "similar", "find files about the same thing as a file", _make_similar, epilog=SIMILAR_EXAMPLES
    )
    parser.add_argument("file", metavar="FILE", help="a file, indexed or not; - for standard input")
    parser.add_argument("--limit", metavar="N", type=_limit, default=DEFAULT_LIMIT, help="at most N hits (%(default)s)")
    parser.add_argument("--window", action="store_true", help="show the hits in the window")


def _make_similar(values: argparse.Namespace) -> Command:
    path = None if values.file == "-" else _path(values.file)
    if values.window and path is None:
        raise WrongUseError("--window needs a file")
    return requests.Similar(path, values.limit, values.window)


def _folder(commands: Commands) -> None:
    group = _command(commands, "folder", "list, add or remove the watched folders", lambda _: requests.FolderList())
    actions = group.add_subparsers(metavar="ACTION", title="actions", parser_class=_Parser)
    add = _command(actions, "add", "watch a folder and all below it", lambda v: requests.FolderAdd(_path(v.folder)))
    add.add_argument("folder", metavar="DIR")
    remove = _command(
        actions,
        "remove",
        "forget a folder and what was indexed below it; its files stay untouched",
        lambda v: requests.FolderRemove(_path(v.folder), v.erase),
    )
    remove.add_argument("folder", metavar="DIR")
    remove.add_argument("--erase", action="store_true", help="rewrite the index, so that no byte of it is left there")
    for at, name in ((actions, "list"), (commands, "folders")):
        _command(at, name, "list the watched folders with their state", lambda _: requests.FolderList())


def _index(commands: Commands) -> None:
    parser = _command(commands, "index", "look for changes in all folders now", lambda v: requests.Index(v.wait))
    parser.add_argument("--wait", action="store_true", help="show progress, and return when nothing is queued")


def _status(commands: Commands) -> None:
    _command(commands, "status", "show counts, queue, speed, sizes and warnings", lambda _: requests.Status())


def _why(commands: Commands) -> None:
    parser = _command(
        commands,
        "why",
        "say why a file is, or is not, found",
        lambda v: requests.Why(_path(v.file), v.query.strip(), v.retry),
        epilog=WHY_EXAMPLES,
    )
    parser.add_argument("file", metavar="FILE")
    parser.add_argument("--query", metavar="Q", default="", help="and at which rank, for this query")
    parser.add_argument("--retry", action="store_true", help="have it read again, before all others")


def _sizes(commands: Commands) -> None:
    _command(commands, "sizes", "show what takes the room, by folder and kind", lambda _: requests.Sizes())


def _backup(commands: Commands) -> None:
    parser = _command(
        commands,
        "backup",
        "write a backup of settings, index and models, while indexing goes on",
        lambda v: requests.Backup(_path(v.folder), v.check),
        epilog=BACKUP_EXAMPLES,
    )
    parser.add_argument("folder", metavar="DIR", help="where the backup, a folder with the date in its name, is to lie")
    parser.add_argument("--check", action="store_true", help="DIR is a backup: read it and say whether it is whole")


def _restore(commands: Commands) -> None:
    parser = _command(
        commands,
        "restore",
        "put a backup in the place of settings, index and models",
        lambda v: requests.Restore(_path(v.backup), v.window),
        epilog=BACKUP_EXAMPLES,
    )
    parser.add_argument("backup", metavar="BACKUP", help="a folder that `cognate backup` has written")
    parser.add_argument("--window", action="store_true", help="show progress in a window, and Cognate afterwards")


def _move(commands: Commands) -> None:
    parser = _command(
        commands,
        "move",
        "move settings, index and models to another folder, such as one on another disk",
        lambda v: requests.Move(_path(v.folder), v.window),
    )
    parser.add_argument("folder", metavar="DIR", help="a folder that is new or empty; it is found from the old place")
    parser.add_argument("--window", action="store_true", help="show progress in a window, and Cognate afterwards")


def _models(commands: Commands) -> None:
    purpose = "list, install, connect, use, remove, forget or check models"
    group = _command(commands, "models", purpose, lambda _: requests.Models("list", ""), epilog=MODELS_EXAMPLES)
    actions = group.add_subparsers(metavar="ACTION", title="actions", parser_class=_Parser)
    _command(actions, "list", "list the models that can be used", lambda _: requests.Models("list", ""))
    for name, purpose in (
        ("install", "download a model into the profile"),
        ("use", "search and index with a model from the next start on"),
        ("remove", "delete an installed model"),
        ("forget", "delete the index of a model that is kept to go back to it"),
    ):
        parser = _command(actions, name, purpose, partial(_make_models, name))
        parser.add_argument("name", metavar="NAME", help="as `cognate models list` shows it")
    check = _command(
        actions,
        "check",
        "load a model, and measure its speed and quality",
        lambda values: requests.Models("check", values.name or "", values.all),
    )
    which = check.add_mutually_exclusive_group()
    which.add_argument("name", metavar="NAME", nargs="?", help="an installed one; without a name, the one in use")
    which.add_argument("--all", action="store_true", help="every embedding model that is installed")
    _connect(actions)
    _start_command(actions)


def _connect(actions: Commands) -> None:
    parser = _command(actions, "connect", "use a model on a server of your own", _make_connect, epilog=CONNECT_EXAMPLES)
    parser.add_argument("url", metavar="URL", help="like http://localhost:8000")
    parser.add_argument("--name", default="", help="how you call it (after its model)")
    parser.add_argument("--model", default="", help="which of the models that it serves")
    parser.add_argument("--kind", choices=SERVERS, default="", help="which program it is (found out)")
    parser.add_argument("--dimensions", metavar="N", type=_dimensions, default=0, help="of the vectors (all)")
    parser.add_argument("--key", action="store_true", help="ask for its key, or read it from standard input")
    parser.add_argument("--reranker", action="store_true", help="it serves a reranker")
    parser.add_argument("--qwen3", action="store_true", help="its model is a Qwen3, whatever it is called")
    parser.add_argument("--anyway", action="store_true", help="connect it even where something is wrong")


def _make_connect(values: argparse.Namespace) -> Command:
    return requests.Connect(
        values.url,
        values.name,
        values.model,
        values.kind,
        values.dimensions,
        values.key,
        values.reranker,
        values.qwen3,
        values.anyway,
    )


def _start_command(actions: Commands) -> None:
    parser = _command(
        actions,
        "command",
        "show the command that starts a server so that Cognate can use it",
        lambda values: requests.StartCommand(values.kind, values.model, values.reranker, values.open),
    )
    parser.add_argument("kind", metavar="PROGRAM", choices=SERVERS, help=", ".join(SERVERS))
    parser.add_argument("model", metavar="MODEL", nargs="?", default="", help="like Qwen/Qwen3-Embedding-4B")
    parser.add_argument("--reranker", action="store_true", help="for a reranker")
    parser.add_argument("--open", action="store_true", help="for other machines, too, with a key")


def _dimensions(text: str) -> int:
    if text.isascii() and text.isdigit() and int(text) >= 1:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is no number of dimensions")


UPKEEP = (_sizes, _backup, _restore, _move)


def _make_models(action: str, values: argparse.Namespace) -> Command:
    return requests.Models(action, values.name)


def _ocr(commands: Commands) -> None:
    parser = _command(
        commands, "ocr", "recognise the text in scanned pages and pictures, or not", _make_ocr, epilog=OCR_EXAMPLES
    )
    parser.add_argument("action", choices=("show", "on", "off"), nargs="?", default="show", help="(%(default)s)")
    parser.add_argument("--languages", metavar="L", default="", help="as Tesseract calls them, like deu+eng")


def _make_ocr(values: argparse.Namespace) -> Command:
    languages = tuple(filter(None, re.split(r"[+,\s]+", values.languages)))
    if languages and values.action != "on":
        raise WrongUseError("--languages goes with: cognate ocr on")
    return requests.Ocr(values.action, languages)


def _doctor(commands: Commands) -> None:
    parser = _command(
        commands, "doctor", "check everything that can be wrong", lambda values: requests.Doctor(values.mend)
    )
    parser.add_argument("--mend", action="store_true", help="put right what is wrong with the catalogue")


def _show(commands: Commands) -> None:
    _command(commands, "show", "raise the window; start it when there is none", lambda _: requests.Show(), json=False)


def _quit(commands: Commands) -> None:
    _command(commands, "quit", "end the running Cognate", lambda _: requests.Quit(), json=False)
