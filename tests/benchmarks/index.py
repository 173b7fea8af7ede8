"""Indexes folders into a new profile and measures it: `python -m tests.benchmarks.index DIR [DIR ...]`."""

import argparse
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

import numpy as np
import psutil

from indexer.engine import Engine
from indexer.results import Mode, SearchRequest

QUERIES = (
    "how to compress a folder",
    "regular expression syntax",
    "mount a network drive",
    "set environment variable",
    "password forgotten",
    "wie entpacke ich ein Archiv",
    "копировать файлы рекурсивно",
    "如何修改文件权限",
    "ネットワークの設定",
    "comment supprimer un utilisateur",
    "LD_LIBRARY_PATH",
    "print the last lines of a file",
    "kernel module parameters",
    "schedule a job every night",
    "permission denied error",
    "difference between two files",
    "convert image format",
    "list open ports",
    "حذف ملف",
    "cambiar la zona horaria",
)


class MemoryMeter(threading.Thread):
    """Peak resident memory, in bytes, of this process and of each kind of its children."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peaks: Counter[str] = Counter()
        self._done = threading.Event()

    def run(self) -> None:
        me = psutil.Process()
        while not self._done.wait(0.2):
            self._note("engine", me)
            for child in me.children(recursive=True):
                self._note("largest worker", child)

    def stop(self) -> None:
        self._done.set()
        self.join()

    def _note(self, name: str, process: psutil.Process) -> None:
        try:
            self.peaks[name] = max(self.peaks[name], process.memory_info().rss)
        except psutil.NoSuchProcess:
            return


def row(what: str, value: object) -> None:
    """One line of a Markdown table."""
    print(f"| {what} | {value} |", flush=True)


def index(engine: Engine, folders: list[Path]) -> float:
    """Seconds until everything in the folders is done."""
    started = time.perf_counter()
    engine.start()
    for folder in folders:
        engine.add_folder(folder)
    while not engine.wait(10):
        status = engine.status()
        print(f"<!-- {status.files} {status.chunks} chunks, {status.files_per_second:.0f} files/s -->", flush=True)
    return time.perf_counter() - started


def latencies(engine: Engine, mode: Mode, rounds: int) -> tuple[float, float]:
    """Median and 95th percentile, in milliseconds, of every query `rounds` times."""
    taken = []
    for _ in range(rounds):
        for query in QUERIES:
            started = time.perf_counter()
            engine.search(SearchRequest(query, mode=mode))
            taken.append((time.perf_counter() - started) * 1000)
    return float(np.percentile(taken, 50)), float(np.percentile(taken, 95))


def size_of(folder: Path) -> int:
    """Bytes of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--profile", type=Path, help="keep the profile here; it must be new")
    parser.add_argument("--rounds", type=int, default=5, help="how often each query is asked")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        profile = options.profile or Path(temporary)
        meter = MemoryMeter()
        meter.start()
        engine = Engine.open(profile)
        seconds = index(engine, options.folders)
        meter.stop()
        status = engine.status()
        files = sum(status.files.values())
        print("| what | measured |\n|---|---|")
        row("files", f"{files:,}: " + ", ".join(f"{count:,} {state}" for state, count in status.files.items()))
        row("chunks", f"{status.chunks:,}")
        row("time", f"{seconds:.0f} s, {files / seconds:.0f} files/s")
        for name, peak in meter.peaks.items():
            row(f"peak memory, {name}", f"{peak / 1e6:.0f} MB")
        row("profile", f"{size_of(profile) / 1e6:.0f} MB")
        for mode in Mode:
            median, slow = latencies(engine, mode, options.rounds)
            row(f"query by {mode}, p50 / p95", f"{median:.1f} / {slow:.1f} ms")
        engine.close()


if __name__ == "__main__":
    main()
