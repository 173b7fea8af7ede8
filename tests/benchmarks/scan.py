"""How long a first scan, scans of unchanged files, and watching take, on a generated tree or on a folder."""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from indexer.catalogue.writer import CatalogueWriter
from indexer.reconcile import Reconciler
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


def told(what: str, work: Callable[[], object]) -> None:
    """Do something, and print how long it took."""
    started, before = time.perf_counter(), time.process_time()
    result = work()
    used = time.process_time() - before
    print(f"{what}: {result or ''} {time.perf_counter() - started:.2f} s, {used:.2f} s of processor", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--root", type=Path, help="scan this folder instead of a generated one")
    parser.add_argument("--repeat", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        root = arguments.root or Path(scratch) / "files"
        if not arguments.root:
            grow(root, arguments.files)
        rules = Rules(root, Settings())
        told("entries listed", lambda: sum(1 for _ in scan(root, rules, lambda: False)))
        catalogue = CatalogueWriter(Path(scratch) / "catalogue.db")
        with catalogue.change():
            catalogue.files.add_folder(root)
        reconciler = Reconciler(catalogue, Settings(), lambda: False)
        told("first scan", lambda: reconciler.scan(root))
        for _ in range(arguments.repeat):
            told("scan of unchanged files", lambda: reconciler.scan(root))
        catalogue.close()
        watcher = Watcher(lambda path: None, lambda folder, reason: print(reason), debounce_ms=500)
        told("watched", lambda: watcher.add(root, rules))
        watcher.close()


if __name__ == "__main__":
    main()
