"""Takes a network share away and gives it back: `unshare --user --map-root-user --mount python -m tests.e2e.share`.

Between these its server does not answer, as when the cable is pulled or it sleeps: whatever touches a file of the share
then waits. Meanwhile a search, what changes in other folders, and the end of the program must not wait; what was
indexed on the share stays, and is not read again once it is back.

The share is a folder of this computer that sshfs mounts, for which it needs a namespace of its own. Any other is tried
with `python -m tests.e2e.share HERE THERE --away COMMAND --back COMMAND`: HERE is an empty folder of a share that is
mounted, THERE the same folder as its server has it. For a server in another network namespace, at the other end of a
pair of veth, the commands are `ip link set near down` and `ip link set near up`.
"""

import argparse
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

from indexer import shares
from indexer.document import Document
from indexer.engine import Engine
from indexer.results import FileState, FolderState, SearchRequest
from indexer.watch import Watcher

T = TypeVar("T")

BOILERS = tuple(f"boiler {number}.txt" for number in range(20))
SERVER = "/usr/lib/openssh/sftp-server"
SOON_SECONDS = 2.0  # for what waits for nothing
PATIENCE_SECONDS = 120.0


@dataclass
class Trial:
    """A profile with a folder on a share and one on this computer."""

    here: Path
    there: Path
    home: Path
    wrong: list[str] = field(default_factory=list)
    read: list[Path] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.local = self.home / "local"
        self.local.mkdir(exist_ok=True)
        self.is_inside = self.local in self.here.parents
        self.watched = [self.local] if self.is_inside else [self.local, self.here]
        (self.local / "garden.txt").write_text("Tomatoes grow in the garden in summer.")
        for name in BOILERS:
            (self.there / name).write_text(f"The {name[:-4]} heats the house with warm water.")
        self.engine = self._opened()

    def run(self, away: Callable[[], object], back: Callable[[], object]) -> list[str]:
        """What is wrong; the calls take the share away and give it back."""
        self.engine.start()
        for folder in self.watched:
            self.engine.add_folder(folder)
        self._expect_share(True)
        self._expect("has been read", lambda: self._indexed() == len(BOILERS))
        self._change(self.there, "elephant", "a change made on the server")
        self.engine.index()
        self._go_on_without(away)
        self._change(self.local, "violin", "a change in another folder")
        self._end("while the share is away")
        self.engine = self._opened()
        self._in_time("to start", lambda: self.engine.start() or True)
        self._in_time("a search", self._finds_all)
        self._change(self.local, "glacier", "a change in another folder, after a start without the share")
        back()
        self._expect_share(True)
        self._change(self.there, "lighthouse", "a change made on the server, afterwards")
        wanted = Counter(path.name for path in self.there.iterdir())
        read = Counter(path.name for path in self.read if self.here in path.parents)
        if read != wanted:
            self.wrong.append(f"read more than once: {read - wanted}, or not at all: {wanted - read}")
        self.engine.retry([self.here / name for name in BOILERS])
        self._go_on_without(away)
        back()
        self._expect("has lost nothing", lambda: self._indexed() == len(wanted))
        self.engine.wait(PATIENCE_SECONDS)
        if failed := self.engine.files(state=FileState.FAILED):
            self.wrong.append(f"failed: {failed}")
        self._end("at last")
        return self.wrong

    def _go_on_without(self, away: Callable[[], object]) -> None:
        """The share goes while it is compared, or its files are read."""
        away()
        self._expect_share(False)
        self._in_time("a search", self._finds_all)
        self._in_time("the folders", self.engine.folders)

    def _opened(self) -> Engine:
        engine = Engine.open(self.home / "profile")
        pool = engine._indexing.pool
        submit = pool.submit

        def counted(path: Path) -> "Future[Document]":
            self.read.append(path)
            return submit(path)

        pool.submit = counted  # type: ignore[method-assign]
        return engine

    def _expect_share(self, is_there: bool) -> None:
        """Its folder tells so; one that only holds a share goes on as it is."""

        def is_told() -> bool:
            row = next(row for row in self.engine.folders() if row.path == self.watched[-1])
            state = FolderState.WATCHED if self.is_inside else FolderState.POLLED if is_there else FolderState.ABSENT
            return row.state is state and (row.note.startswith("network share") or not is_there)

        self._expect("is told to be " + ("there" if is_there else "away"), is_told)

    def _indexed(self) -> int:
        return sum(self.here in row.path.parents for row in self.engine.files(state=FileState.INDEXED))

    def _finds_all(self) -> bool:
        return set(self._found("warm water for the house")) == set(BOILERS)

    def _found(self, query: str) -> list[str]:
        return [hit.path.name for hit in self.engine.search(SearchRequest(query, limit=len(BOILERS))).hits]

    def _change(self, folder: Path, word: str, what: str) -> None:
        """A new file appears as a whole."""
        beside = folder.parent / "new"
        beside.write_text(f"There is a {word} in this text.")
        name = f"{len(list(folder.iterdir()))}.txt"
        beside.rename(folder / name)
        self._expect(f"has {what}", lambda: self._found(word)[:1] == [name])

    def _expect(self, what: str, is_so: Callable[[], bool]) -> None:
        began = time.monotonic()
        while not is_so():
            if time.monotonic() > began + PATIENCE_SECONDS:
                self.wrong.append(f"not so: {what}")
                return
            time.sleep(0.05)
        print(f"{what}, after {time.monotonic() - began:.1f} s", flush=True)

    def _in_time(self, what: str, call: Callable[[], T], seconds: float = SOON_SECONDS) -> None:
        done: list[T] = []
        began = time.monotonic()
        thread = threading.Thread(target=lambda: done.append(call()), daemon=True)
        thread.start()
        thread.join(PATIENCE_SECONDS)
        taken = time.monotonic() - began
        print(f"{what}: {taken:.1f} s", flush=True)
        if not (done and done[0]) or taken > seconds:
            self.wrong.append(f"{what}: {taken:.1f} s, {done}")

    def _end(self, when: str) -> None:
        self._in_time(f"to close {when}", lambda: self.engine.close() or True, shares.PATIENCE_SECONDS + SOON_SECONDS)


def run(
    here: Path, there: Path, home: Path, away: Callable[[], object], back: Callable[[], object], poll_seconds: float
) -> list[str]:
    """What is wrong."""
    Watcher.__init__.__kwdefaults__["poll_seconds"] = poll_seconds
    return Trial(here, there, home).run(away, back)


class Mounted:
    """A folder of this computer as a share, served by a program of its own. Needs a namespace in which it may mount."""

    def __init__(self, here: Path, there: Path) -> None:
        self.here, self.there = here, there
        for folder in (here, there):
            folder.mkdir(parents=True)
        self.begin()

    def begin(self) -> None:
        """Serve and mount it, again where the server had died."""
        subprocess.run(["umount", "--lazy", self.here], check=False, stderr=subprocess.DEVNULL)
        one, other = socket.socketpair()
        self.server = subprocess.Popen([SERVER], stdin=one, stdout=one)
        options = "passive,dir_cache=no,attr_timeout=0,entry_timeout=0"
        command = ["sshfs", "-f", "-o", options, f":{self.there}", self.here]
        self._mount = subprocess.Popen(command, stdin=other, stdout=other)
        one.close()
        other.close()
        while not self.here.is_mount():
            time.sleep(0.05)

    def stop(self) -> None:
        """The server does not answer."""
        self.server.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """It does again."""
        self.server.send_signal(signal.SIGCONT)

    def die(self) -> None:
        """What touches the share gets an error."""
        self.server.kill()
        self.server.wait()
        self._mount.wait()

    def end(self) -> None:
        """Leave nothing behind."""
        self.go_on()
        subprocess.run(["umount", "--lazy", self.here], check=False)
        for process in (self._mount, self.server):
            process.terminate()
            process.wait()


def run_with_sshfs(is_inside: bool, dies: bool) -> list[str]:
    """The same with a folder of this computer, whose server stops or dies, in a watched folder or beside it."""
    shares.PATIENCE_SECONDS = 2.0
    with tempfile.TemporaryDirectory() as base:
        home = Path(base) / "home"
        mounted = Mounted(home / "local" / "share" if is_inside else home / "share", Path(base) / "there" / "files")
        away, back = (mounted.die, mounted.begin) if dies else (mounted.stop, mounted.go_on)
        try:
            return run(mounted.here, mounted.there, home, away, back, poll_seconds=1)
        finally:
            mounted.end()


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("here", type=Path, nargs="?")
    parser.add_argument("there", type=Path, nargs="?")
    parser.add_argument("--away", help="a command after which the server does not answer")
    parser.add_argument("--back", help="and one after which it does")
    parser.add_argument("--inside", action="store_true", help="a folder is watched in which it is mounted")
    parser.add_argument("--dies", action="store_true", help="the server dies instead, and is started again")
    options = parser.parse_args()
    if options.here:
        away, back = (partial(subprocess.run, line, shell=True, check=True) for line in (options.away, options.back))
        with tempfile.TemporaryDirectory() as home:
            wrong = run(options.here, options.there, Path(home), away, back, poll_seconds=3)
    else:
        wrong = run_with_sshfs(options.inside, options.dies)
    print(*wrong, f"{len(wrong)} violations", sep="\n")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
