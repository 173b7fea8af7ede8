"""Changes very many files at once, by unpacking and by `git checkout`: `python -m tests.e2e.burst --files 50000`.

Each file must be read once for each text that it gets, and not at all when only its time changes or its folder is
renamed; in the end every file must be there with its last text.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

from indexer.document import Document
from indexer.engine import Engine
from indexer.results import Activity, FileState, Mode, SearchRequest
from indexer.settings import Settings
from tests.e2e.one_process import SetAttr, work_in_one_process

PER_FOLDER = 10
LEFT_OUT = "node_modules"
BRANCH = "okapis"
PATIENCE_SECONDS = 3600


@dataclass(frozen=True)
class Burst:
    """What came of one."""

    name: str
    written_seconds: float
    settled_seconds: float  # until all is indexed, counted from when all was written
    read: int  # files

    def __str__(self) -> str:
        return (
            f"{self.name}: written in {self.written_seconds:.1f} s, settled {self.settled_seconds:.1f} s later, "
            f"{self.read} files read"
        )


class Bursts:
    """A watched folder with files, and an engine that counts what it reads."""

    def __init__(self, home: Path, files: int) -> None:
        self.folder = home / "files"
        self.project = self.folder / "project"
        self.project.mkdir(parents=True)
        self.paths = [self.project / name for name in names(files)]
        self.read = 0
        self.engine = Engine.open(home / "profile", Settings())
        pool = self.engine._indexing.pool
        submit = pool.submit

        def counted(path: Path) -> "Future[Document]":
            self.read += 1
            return submit(path)

        pool.submit = counted  # type: ignore[method-assign]
        self.engine.start()
        self.engine.add_folder(self.folder)
        assert self.engine.wait(PATIENCE_SECONDS)

    def after(self, name: str, write: Callable[[], None], word: str) -> Burst:
        """Change files and wait until they are all found by the word that they have then; nobody asks for a scan."""
        before, begun = self.read, time.monotonic()
        write()
        written = time.monotonic()
        while not self._is_settled(word):
            assert time.monotonic() < written + PATIENCE_SECONDS
            time.sleep(0.2)
        return Burst(name, written - begun, time.monotonic() - written, self.read - before)

    def unpack(self, archive: Path) -> None:
        """Unpack a zip archive that holds them all."""
        with zipfile.ZipFile(archive) as packed:
            packed.extractall(self.project)

    def check_out(self, repository: Path) -> None:
        """Have git replace them all by those of its branch."""
        git(repository, "--work-tree", str(self.project), "checkout", "--quiet", "--force", BRANCH)

    def touch(self) -> None:
        """Give each file another time."""
        for path in self.paths:
            os.utime(path, (1, 1))

    def rename(self) -> None:
        """Rename the folder that they are all in."""
        renamed = self.project.rename(self.folder / "renamed")
        self.paths = [renamed / path.relative_to(self.project) for path in self.paths]

    def install(self) -> None:
        """Fill a folder that the rules leave out."""
        for number in range(len(self.paths)):
            path = self.folder / LEFT_OUT / str(number // PER_FOLDER) / f"{number}.txt"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"module.exports = {number};")

    def _is_settled(self, word: str) -> bool:
        status = self.engine.status()
        if status.activity is not Activity.IDLE or status.files.get(FileState.INDEXED) != len(self.paths):
            return False
        last = len(self.paths) - 1
        hits = self.engine.search(SearchRequest(f'"{word} grazes near tree {last}"', mode=Mode.WORDS)).hits
        return [hit.path for hit in hits] == [self.paths[-1]] and self._have_their_times()

    def _have_their_times(self) -> bool:
        """Whether the catalogue knows each file as it is on the disk."""
        times = {row.path: row.modified for row in self.engine.files(state=FileState.INDEXED, limit=len(self.paths))}
        return times == {path: path.stat().st_mtime_ns / 1e9 for path in self.paths}


def names(files: int) -> list[str]:
    """Where each file lies."""
    return [f"{number // PER_FOLDER}/{number}.txt" for number in range(files)]


def text(word: str, number: int) -> str:
    """What a file says."""
    return f"The {word} grazes near tree {number}."


def packed(archive: Path, files: int, word: str) -> Path:
    """A zip archive of all files."""
    with zipfile.ZipFile(archive, "w") as into:
        for number, name in enumerate(names(files)):
            into.writestr(name, text(word, number))
    return archive


def committed(repository: Path, files: int, word: str) -> Path:
    """A bare repository with a branch of all files."""
    git(repository, "init", "--quiet", "--bare", str(repository))
    commit = [f"commit refs/heads/{BRANCH}", "committer Bursts <bursts@localhost> 0 +0000", "data 0"]
    for number, name in enumerate(names(files)):
        said = text(word, number)
        commit += [f"M 100644 inline {name}", f"data {len(said)}", said]
    git(repository, "fast-import", "--quiet", said="\n".join(commit) + "\n")
    git(repository, "config", "core.bare", "false")
    return repository


def git(repository: Path, *arguments: str, said: str = "") -> None:
    """Run git on a repository."""
    command = ["git", "--git-dir", str(repository), *arguments]
    subprocess.run(command, input=said, text=True, check=True, cwd=repository.parent)


def run(
    home: Path, files: int, one_process: bool, tell: Callable[[Burst], None], setattr: SetAttr = setattr
) -> list[str]:
    """What is wrong."""
    if one_process:
        work_in_one_process(setattr)
    archive, repository = packed(home / "zebras.zip", files, "zebra"), committed(home / "okapis.git", files, "okapi")
    bursts, wrong = Bursts(home, files), list[str]()
    try:
        for name, write, word, wanted in (
            ("new folders, unpacked", lambda: bursts.unpack(archive), "zebra", files),
            ("other texts, checked out by git", lambda: bursts.check_out(repository), "okapi", files),
            ("other times", bursts.touch, "okapi", 0),
            ("a renamed folder", bursts.rename, "okapi", 0),
            ("a folder that is left out, as npm install fills it", bursts.install, "okapi", 0),
        ):
            burst = bursts.after(name, write, word)
            tell(burst)
            if burst.read != wanted:
                wrong.append(f"{name}: {wanted} files were to be read")
        bursts.engine.index()
        assert bursts.engine.wait(PATIENCE_SECONDS)
        if bursts.read != 2 * files:
            wrong.append(f"{bursts.read} files were read in all")
        return wrong + [f"catalogue: {problem}" for problem in bursts.engine.check()]
    finally:
        bursts.engine.close()


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=50_000)
    parser.add_argument("--one-process", action="store_true", help="no worker processes")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        wrong = run(Path(home), options.files, options.one_process, lambda burst: print(burst, flush=True))
    print(*wrong, f"{len(wrong)} violations", sep="\n")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
