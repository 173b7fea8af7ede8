import contextlib
import itertools
import os
import random
import re
import shutil
import signal
import sqlite3
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from multiprocessing import get_context, resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from indexer import chosen_models
from indexer.engine import Engine
from indexer.extract import Limits, extract
from indexer.results import Activity, FileState, Mode, SearchRequest
from indexer.settings import Settings
from tests.e2e.one_process import SetAttr, work_in_one_process

SETTINGS = Settings(debounce_ms=20, flush_chunks=6, extraction_workers=1)
FILES = 20
SECTIONS = 3
REPEATED = 9  # sentences of a section: shorter ones are put together
ACKNOWLEDGED_AT_MOST = 16  # changes before a kill
OLD_VERSIONS = 10  # looked for after each kill: the newest, and as many by chance
CHANGES = ("save", "save", "save", "write", "rename", "copy", "remove", "touch", "settle")
ALL = 10_000  # vectors; more than there ever are
CHECKPOINT_PAGES = 60  # often enough to be struck, too
PATIENCE_SECONDS = 600  # with a change, on a machine that has better things to do
TOLD_EVERY = 10  # kills


Message = set[int] | dict[int, int | None]  # files about to change; files with their versions, None where there is none


def word_of(version: int) -> str:
    """A word that no other version has or begins with: the last word of a query may be the beginning of one."""
    return f"word{version:09}"


def text_of(version: int) -> str:
    """A file whose sections all tell the version, which no other text has; each is a chunk of its own."""
    sentences = [f"{word_of(version)} stands in part {part} of it. " * REPEATED for part in range(SECTIONS)]
    return "\n\n".join(f"# Part {part}\n\n{sentence}" for part, sentence in enumerate(sentences))


def path_of(home: Path, number: int) -> Path:
    return home / "files" / f"{number}.md"


def version_in(path: Path) -> int | None:
    """None: the file is not there, or was being written when the child died."""
    text = path.read_text() if path.exists() else ""
    found = re.search(r"word(\d+)", text)
    return int(found[1]) if found and text == text_of(int(found[1])) else None


def work(tell: Callable[[Message], None], home: Path, versions: Iterable[int]) -> None:
    """Change files, once for each version, and tell what is about to change and what is done."""
    engine = Engine.open(home / "profile", SETTINGS)
    engine._catalogue._connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
    engine.start()
    if not engine.folders():
        engine.add_folder(home / "files")
    for version in versions:
        chance = random.Random(version)
        numbers = chance.sample(range(FILES), 2)
        tell(set(numbers))
        _change(home, chance.choice(CHANGES), *(path_of(home, number) for number in numbers), version, engine)
        engine.index()
        assert engine.wait(PATIENCE_SECONDS)
        assert engine.status().activity is not Activity.PAUSED
        tell({number: version_in(path_of(home, number)) for number in numbers})
    engine.close()


def _work_for_ever(sender: Connection, home: Path, first_version: int) -> None:
    work(sender.send, home, itertools.count(first_version))


def _change(home: Path, kind: str, one: Path, other: Path, version: int, engine: Engine) -> None:
    if kind == "settle":
        while engine._indexing._is_building or engine._active.index.due(SETTINGS.flush_chunks, is_idle=True):
            time.sleep(0.01)
    elif kind == "write" or not one.exists():
        one.write_text(text_of(version))
    elif kind == "save":
        beside = home / "files" / "beside~"
        beside.write_text(text_of(version))
        beside.replace(one)
    elif kind == "rename":
        one.replace(other)
    elif kind == "copy":
        shutil.copyfile(one, other)
    elif kind == "remove":
        one.unlink()
    else:
        one.touch()


@dataclass
class Expectation:
    """What the child has acknowledged: the version in each file, None for one that is gone."""

    versions: dict[int, int | None] = field(default_factory=dict)
    every: list[int] = field(default_factory=list)
    under_way: set[int] = field(default_factory=set)
    acknowledged: int = 0

    def read(self, message: Message) -> None:
        """What `work` has told."""
        if isinstance(message, set):
            self.under_way = message
            return
        self.under_way = set()
        self.acknowledged += 1
        for number, version in message.items():
            self.hold(number, version)

    def hold(self, number: int, version: int | None) -> None:
        """From now on a file has this version."""
        self.versions[number] = version
        if version is not None:
            self.every.append(version)

    def names(self, version: int) -> set[str]:
        """Names of the files that have a version, those under way left out."""
        return {
            f"{number}.md" for number, one in self.versions.items() if one == version and number not in self.under_way
        }

    def unsure(self) -> set[str]:
        """Names of the files under way."""
        return {f"{number}.md" for number in self.under_way}

    def asked_for(self, chance: random.Random) -> set[int]:
        """Versions to look for: those that are there, and some that are not any more."""
        there = {version for version in self.versions.values() if version is not None}
        return {*there, *self.every[-OLD_VERSIONS:], *chance.sample(self.every, min(OLD_VERSIONS, len(self.every)))}


@dataclass
class Outcome:
    """Of some kills."""

    kills: int = 0
    acknowledged: int = 0
    violations: list[str] = field(default_factory=list)
    segments: dict[str, int] = field(default_factory=dict)  # that were published, with the number of their vectors

    def __add__(self, other: "Outcome") -> "Outcome":
        return Outcome(
            self.kills + other.kills,
            self.acknowledged + other.acknowledged,
            self.violations + other.violations,
            self.segments | other.segments,
        )

    def __str__(self) -> str:
        merged = sum(count >= 2 * SETTINGS.flush_chunks for count in self.segments.values())
        return (
            f"{self.kills} kills, {self.acknowledged} acknowledged changes, {len(self.segments)} segments seen, "
            f"{merged} of them merged, {len(self.violations)} violations"
        )


def torture(home: Path, kills: int, seed: int, one_process: bool, keep: Path | None = None) -> Outcome:
    """Kill `kills` children, one after another; in a process without threads, which is forked.

    The first profile with a violation is copied to `keep`.
    """
    (home / "files").mkdir(parents=True)
    prepare(home, one_process)
    chance, expected, outcome = random.Random(seed), Expectation(), Outcome()
    for kill in range(1, kills + 1):
        found = _run_and_kill(home, kill * 10_000, chance, expected)
        receiver, checker = _forked(_check, home, expected, chance.random())
        try:
            violations, segments = receiver.recv()
        except EOFError:
            violations, segments = ["the profile could not be checked"], {}
        checker.join()
        new = [f"seed {seed}, kill {kill}: {violation}" for violation in found + violations]
        if new and keep and not outcome.violations:
            shutil.copytree(home, keep / f"{seed}-{kill}")
        outcome.violations += new
        outcome.segments |= segments
        outcome.kills, outcome.acknowledged = kill, expected.acknowledged
        _settle(home, expected)
        if new or kill % TOLD_EVERY == 0:
            print(*new, f"seed {seed}: {outcome}", sep="\n", file=sys.stderr, flush=True)
    return outcome


def prepare(home: Path, one_process: bool, setattr: SetAttr = setattr) -> None:
    """Load once what every engine of this process and its children needs."""
    setattr(chosen_models, "BuiltinEmbedder", cache(chosen_models.BuiltinEmbedder))
    chosen_models.BuiltinEmbedder()
    if one_process:
        work_in_one_process(setattr)
        sample = home / "sample.md"
        sample.write_text(text_of(0))
        extract(sample, Limits())
    else:
        resource_tracker.ensure_running()


def _forked(function: Callable[..., None], *values: object) -> tuple[Connection, BaseProcess]:
    """A process that runs a function, and what it sends."""
    context: Any = get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=function, args=(sender, *values))
    process.start()
    sender.close()
    return receiver, process


def _run_and_kill(home: Path, first_version: int, chance: random.Random, expected: Expectation) -> list[str]:
    """Processes that outlive the child by more than they may."""
    receiver, child = _forked(_work_for_ever, home, first_version)
    assert child.pid is not None
    patience = chance.choice((0, chance.randrange(ACKNOWLEDGED_AT_MOST)))  # half of them die in the first second
    try:
        for _ in range(2 * patience):
            expected.read(receiver.recv())
        time.sleep(chance.uniform(0, 0.3 if patience else 1))
        os.kill(child.pid, signal.SIGSTOP)  # so that it starts no process between these two lines
        workers = psutil.Process(child.pid).children(recursive=True)
        os.kill(child.pid, signal.SIGKILL)
        while True:
            expected.read(receiver.recv())
    except (EOFError, OSError):  # it is dead, perhaps in the middle of a message
        child.join()
    if child.exitcode != -signal.SIGKILL:
        return [f"the child ended by itself: {child.exitcode}"]
    return [f"{worker} outlived the engine" for worker in psutil.wait_procs(workers, timeout=30)[1]]


def _check(sender: Connection, home: Path, expected: Expectation, seed: float) -> None:
    """Sends what is wrong right after a kill and after a new engine has caught up, and the segments that were there."""
    chance = random.Random(seed)
    engine, found = opened(home / "profile")
    found += wrong_in(engine, expected, chance)
    segments = {record.name: record.count for record in engine._active.index.records}
    engine.start()
    if not engine.wait(PATIENCE_SECONDS):
        found.append("did not catch up")
    found += _wrong_rows(engine, home, expected)
    found += _wrong_answers(engine, expected, expected.asked_for(chance))
    engine.close()
    sender.send((found, segments))


def opened(profile: Path) -> tuple[Engine, list[str]]:
    """An engine on a profile that had a mishap, and the segments with a row that it could not load."""
    with_row: set[str] = set()
    if (catalogue := profile / "catalogue.db").exists():
        connection = sqlite3.connect(catalogue)
        with contextlib.suppress(sqlite3.OperationalError):  # it has no tables yet
            with_row = {row[0] for row in connection.execute("SELECT name FROM segments")}
        connection.close()
    engine = Engine.open(profile, SETTINGS)
    lost = with_row - {record.name for record in engine._active.index.records}
    return engine, [f"segment with a row and without a whole file: {name}" for name in lost]


def wrong_in(engine: Engine, expected: Expectation, chance: random.Random) -> list[str]:
    """What is wrong in a profile that was opened after a mishap, before it catches up with the disk."""
    found = [f"catalogue: {problem}" for problem in engine.check()]
    if expected.versions and not engine.folders():
        found.append("the watched folder is forgotten")
    return found + _wrong_segments(engine) + _wrong_answers(engine, expected, expected.asked_for(chance))


def _wrong_segments(engine: Engine) -> list[str]:
    """Files without a row, chunks that are not in the index once."""
    index, reader = engine._active.index, engine._reader
    on_disk = {path.name for path in (engine.profile / "segments").iterdir()}
    found = [f"file without a row: {name}" for name in on_disk - {record.name for record in index.records}]
    chunks = [row[0] for row in reader._all("SELECT id FROM chunks")]
    held, vectors = reader.vectors(index.space, chunks)
    if set(held) != set(chunks):
        found.append("chunks without a vector")
    snapshot = index.snapshot()
    for chunk, vector in zip(held, vectors[:, : index.prefix], strict=True):
        in_index, _ = snapshot.nearest(vector / np.linalg.norm(vector), ALL)
        if np.count_nonzero(in_index == chunk) != 1:
            segments = [(record.low, record.high, record.count) for record in index.records]
            times = np.count_nonzero(in_index == chunk)
            found.append(f"chunk {chunk} is {times} times in {segments} and {snapshot.delta_chunks.tolist()}")
    return found


def _wrong_rows(engine: Engine, home: Path, expected: Expectation) -> list[str]:
    rows = {row.path.name: row for row in engine.files() if row.path.suffix == ".md"}
    on_disk = {path.name for path in (home / "files").glob("*.md")}
    sure = {name: row for name, row in rows.items() if name not in expected.unsure()}
    found = [f"left {row.state}: {name}" for name, row in sure.items() if row.state is not FileState.INDEXED]
    return found + ([f"rows and files differ: {sorted(rows.keys() ^ on_disk)}"] if rows.keys() != on_disk else [])


def _wrong_answers(engine: Engine, expected: Expectation, versions: set[int]) -> list[str]:
    wrong: list[str] = []
    for version in versions:
        hits = engine.search(SearchRequest(word_of(version), mode=Mode.WORDS)).hits
        found = {path.name for hit in hits for path in hit.places} - expected.unsure()
        if found != expected.names(version):
            wrong.append(f"version {version} is in {expected.names(version)}, found in {found}")
    for hit in engine.search(SearchRequest("stands in part 1 of it", mode=Mode.MEANING, limit=FILES)).hits:
        told = re.search(r"word(\d+)", hit.passage)
        for name in {path.name for path in hit.places} - expected.unsure():
            if told is None or name not in expected.names(int(told[1])):
                wrong.append(f"stale passage of {name}: {hit.passage}")
    return wrong


def _settle(home: Path, expected: Expectation) -> None:
    """The change that was under way has been caught up with: what is on disk is what counts from now on."""
    for number in expected.under_way:
        path = path_of(home, number)
        expected.hold(number, version_in(path))
        if expected.versions[number] is None:
            path.unlink(missing_ok=True)  # half-written
    expected.under_way = set()
