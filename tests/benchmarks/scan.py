"""Files per second of a scan, and how long it takes to watch the folders, on a generated tree."""

import argparse
import tempfile
import time
from pathlib import Path

from indexer.rules import Rules
from indexer.scan import scan
from indexer.settings import Settings
from indexer.watch import Watcher

FILES_PER_FOLDER = 20
IGNORED = "\n".join(
    f"*.{name}\n/{name}/out\n{name}-*" for name in ("log", "bak", "cache", "obj", "dump", "trace", "old")
)


def grow(root: Path, files: int) -> None:
    """A tree of folders four deep, each of 20 files, with a .gitignore in every hundredth folder."""
    for number in range(files // FILES_PER_FOLDER):
        folder = root / str(number // 1000) / str(number // 100) / str(number // 10) / str(number)
        folder.mkdir(parents=True)
        for file in range(FILES_PER_FOLDER):
            (folder / f"report {file}.txt").touch()
        if number % 100 == 0:
            (folder.parents[1] / ".gitignore").write_text(IGNORED)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--root", type=Path, help="scan this folder instead of a generated one")
    parser.add_argument("--repeat", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        root = arguments.root or Path(scratch)
        if not arguments.root:
            grow(root, arguments.files)
        rules = Rules(root, Settings())
        for _ in range(arguments.repeat):
            start = time.perf_counter()
            found = sum(1 for _ in scan(root, rules, lambda: False))
            seconds = time.perf_counter() - start
            print(f"scan: {found} entries in {seconds:.2f} s, {found / seconds:,.0f} per second")
        watcher = Watcher(lambda path: None, lambda folder, reason: print(reason), debounce_ms=500)
        start = time.perf_counter()
        state = watcher.add(root, rules)
        print(f"watch: {state} after {time.perf_counter() - start:.2f} s")
        watcher.close()


if __name__ == "__main__":
    main()
