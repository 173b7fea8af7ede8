"""Kills a process that indexes at random instants and checks what is left: `python -m tests.e2e.kill --kills 50`."""

import argparse
import random
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from indexer.engine import Engine
from indexer.results import FileState, Mode, SearchRequest
from indexer.settings import Settings

SETTINGS = Settings(debounce_ms=20, flush_chunks=25)
FILES = 40


def token(number: int, version: int) -> str:
    """A word that stands in one version of one file alone."""
    return f"word{number}x{version}"


def work(home: Path, first_version: int) -> None:
    """The child: changes files for ever, and prints each change once the engine has said that it is done."""
    engine = Engine.open(home / "profile", SETTINGS)
    engine.start()
    if not engine.folders():
        engine.add_folder(home / "files")
    chance = random.Random(first_version)
    version = first_version
    while True:
        version += 1
        number = chance.randrange(FILES)
        path = home / "files" / f"{number}.txt"
        print(f"begin {number}", flush=True)
        if path.exists() and chance.random() < 0.2:
            path.unlink()
            done = f"gone {number}"
        else:
            paragraphs = [f"{token(number, version)} paragraph {place} on subject {place}." for place in range(3)]
            beside = path.with_suffix(".new~")
            beside.write_text("\n\n".join(paragraphs))
            beside.replace(path)
            done = f"here {number} {version}"
        engine.index()
        if engine.wait(60):
            print(done, flush=True)


@dataclass
class Expectation:
    """What the child has acknowledged: the version of each file, None for one that is gone."""

    versions: dict[int, int | None] = field(default_factory=dict)
    every: dict[int, set[int]] = field(default_factory=dict)
    under_way: int | None = None

    def read(self, line: str) -> None:
        """One line of the child's output."""
        word, number, *version = line.split()
        if word == "begin":
            self.under_way = int(number)
            return
        self.under_way = None
        self.versions[int(number)] = int(version[0]) if version else None
        self.every.setdefault(int(number), set()).update(map(int, version))


def violations(home: Path, expected: Expectation) -> list[str]:
    """What is wrong right after a kill, and after the engine has caught up."""
    engine = Engine.open(home / "profile", SETTINGS)
    try:
        found = [f"catalogue: {problem}" for problem in engine.check()]
        found += [f"half-written: {path.name}" for path in (home / "profile" / "segments").glob("*.tmp")]
        found += _wrong_answers(engine, expected, skip=expected.under_way)
        engine.start()
        if not engine.wait(120):
            found.append("did not catch up in 120 s")
        rows = [row for row in engine.files() if row.path.suffix == ".txt"]  # not the half-written ones of the child
        found += [f"left {row.state}: {row.path.name}" for row in rows if row.state is not FileState.INDEXED]
        found += _wrong_answers(engine, expected, skip=expected.under_way)
        on_disk = {path.name for path in (home / "files").glob("*.txt")}
        if {row.path.name for row in rows} != on_disk:
            found.append("rows and files differ")
        return found
    finally:
        engine.close()


def _wrong_answers(engine: Engine, expected: Expectation, skip: int | None) -> list[str]:
    wrong: list[str] = []
    for number, current in expected.versions.items():
        if number == skip:
            continue
        for version in expected.every[number]:
            hits = engine.search(SearchRequest(f'"{token(number, version)}"', mode=Mode.WORDS)).hits
            names = [hit.path.name for hit in hits]
            if names != ([f"{number}.txt"] if version == current else []):
                wrong.append(f"file {number} version {version}, acknowledged {current}: found {names}")
        if current is not None:
            hits = engine.search(
                SearchRequest(f"{token(number, current)} paragraph", mode=Mode.MEANING, limit=100)
            ).hits
            if any(word in hit.passage for hit in hits for word in _stale(expected, skip)):
                wrong.append(f"stale passage found for file {number}")
    return wrong


def _stale(expected: Expectation, skip: int | None) -> set[str]:
    return {
        f"{token(number, version)} "
        for number, versions in expected.every.items()
        if number != skip
        for version in versions - {expected.versions[number]}
    }


def torture(home: Path, kills: int, seed: int) -> tuple[int, list[str]]:
    """Kill `kills` children; how many changes they acknowledged, and every violation."""
    chance, expected = random.Random(seed), Expectation()
    (home / "files").mkdir(parents=True)
    acknowledged, found = 0, []
    for kill in range(kills):
        child = subprocess.Popen(
            [sys.executable, "-m", "tests.e2e.kill", "--work", str(home), str(kill * 10_000)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        assert child.stdout is not None
        lines = [child.stdout.readline()]
        if kill % 2:  # every other one dies with something acknowledged, however slow the machine is
            lines.append(child.stdout.readline())
        time.sleep(chance.uniform(0, 2))
        child.kill()
        lines += child.stdout.read().splitlines(keepends=True)
        child.wait()
        child.stdout.close()
        for line in lines:
            if line.endswith("\n"):
                expected.read(line)
                acknowledged += not line.startswith("begin")
        found += [f"kill {kill + 1}: {violation}" for violation in violations(home, expected)]
        if expected.under_way is not None:
            _settle(home, expected)
    return acknowledged, found


def _settle(home: Path, expected: Expectation) -> None:
    """The change that was under way has been caught up with: what is on disk is what counts from now on."""
    number = expected.under_way
    assert number is not None
    path = home / "files" / f"{number}.txt"
    version = int(path.read_text().split(maxsplit=1)[0].partition("x")[2]) if path.exists() else None
    expected.versions[number] = version
    expected.every.setdefault(number, set()).update([] if version is None else [version])
    expected.under_way = None


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--work", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        work(Path(options.work[0]), int(options.work[1]))
    with tempfile.TemporaryDirectory() as home:
        acknowledged, found = torture(Path(home), options.kills, options.seed)
    print(*found, f"{options.kills} kills, {acknowledged} acknowledged changes, {len(found)} violations", sep="\n")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
