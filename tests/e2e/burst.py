"""Changes very many files at once, as unpacking and `git checkout` do: `python -m tests.e2e.burst --files 50000`.

Each file must be read once for each text that it gets, and not at all when only its time changes or its folder is
renamed; in the end every file must be there with its last text.
"""

import argparse
import os
import sys
import tempfile
import time
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
        self.folder.mkdir()
        self.paths = [self.folder / f"project/{number // PER_FOLDER}/{number}.txt" for number in range(files)]
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

    def write(self, word: str) -> None:
        """Give each file a text of its own, as `git checkout` does: the old file goes, and a new one comes."""
        for number, path in enumerate(self.paths):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.unlink(missing_ok=True)
            path.write_text(f"The {word} grazes near tree {number}.")

    def touch(self) -> None:
        """Give each file another time."""
        for path in self.paths:
            os.utime(path, (1, 1))

    def rename(self) -> None:
        """Rename the folder that they are all in."""
        (self.folder / "project").rename(self.folder / "renamed")
        self.paths = [self.folder / "renamed" / path.relative_to(self.folder / "project") for path in self.paths]

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


def run(
    home: Path, files: int, one_process: bool, tell: Callable[[Burst], None], setattr: SetAttr = setattr
) -> list[str]:
    """What is wrong."""
    if one_process:
        work_in_one_process(setattr)
    bursts, wrong = Bursts(home, files), list[str]()
    try:
        for name, write, word, wanted in (
            ("new folders, as unzip makes them", lambda: bursts.write("zebra"), "zebra", files),
            ("other texts, as git checkout writes them", lambda: bursts.write("okapi"), "okapi", files),
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
