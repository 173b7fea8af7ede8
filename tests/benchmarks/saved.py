"""How long a saved file of twenty chunks takes to be found: `python -m tests.benchmarks.saved PROFILE`.

PROFILE is a made-up one of tests/benchmarks/synthetic.py, which gets a new folder. A quarter of the files are saved
after the process that reads files has ended from rest. The median time of each step counts from the save.
"""

import argparse
import json
import multiprocessing
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from indexer import workers
from indexer.engine import Engine
from indexer.results import Mode, SearchRequest
from tests.benchmarks.synthetic import Author

SAVED = 40
CHUNKS = 20
REST_EVERY = 4
REST_SECONDS = 1.0  # shorter than it is, so that nobody has to wait for minutes


class Saves:
    """A running engine that notes when each step of a saved file is reached."""

    def __init__(self, profile: Path, folder: Path) -> None:
        workers.IDLE_SECONDS = REST_SECONDS
        self._folder = folder
        self._times: dict[str, float] = {}
        self._word = f"zanzibar{secrets.token_hex(4)}"  # in no file of an earlier run, whose texts are not read again
        self._engine = Engine.open(profile)
        indexing = self._engine._indexing
        self._note("told of", indexing, "notice")
        self._note("queued, given to a reader", indexing.pool, "submit")
        self._note("read", indexing._pipeline, "_commit")
        self._engine.start()
        self._engine.add_folder(folder)
        self._engine.wait()

    def save(self, number: int, text: str) -> dict[str, float]:
        """Seconds from saving a file until each step, and until a search finds it."""
        self._times.clear()
        path, word = self._folder / f"saved {number}.txt", f"{self._word}{number:02}"
        path.write_text(f"{word}\n\n{text}", encoding="utf-8")
        saved = time.perf_counter()
        while "read" not in self._times:  # asking all the while would keep the processor from whoever is to answer
            time.sleep(0.005)
        while not any(hit.path == path for hit in self._engine.search(SearchRequest(word, mode=Mode.WORDS)).hits):
            time.sleep(0.005)
        return {step: at - saved for step, at in self._times.items()} | {"found": time.perf_counter() - saved}

    def rest(self) -> None:
        """Wait until no process is left that reads files."""
        while multiprocessing.active_children():
            time.sleep(0.1)

    def close(self) -> None:
        self._engine.close()

    def _note(self, step: str, owner: object, name: str) -> None:
        call: Callable[..., Any] = getattr(owner, name)

        def noted(*arguments: object) -> Any:  # noqa: ANN401 - whatever the call gives
            self._times.setdefault(step, time.perf_counter())
            return call(*arguments)

        setattr(owner, name, noted)


def measure(profile: Path) -> dict[str, list[dict[str, float]]]:
    """The times of each save, by whether there was a reader."""
    texts = [one.text for one in Author(7).texts(SAVED, CHUNKS)]
    taken: dict[str, list[dict[str, float]]] = {"after a rest": [], "while a reader is there": []}
    with tempfile.TemporaryDirectory() as folder:
        saves = Saves(profile, Path(folder))
        for number in range(SAVED):
            is_after_rest = number % REST_EVERY == 0
            if is_after_rest:
                saves.rest()
            times = saves.save(number, "\n\n".join(texts[CHUNKS * number : CHUNKS * (number + 1)]))
            taken["after a rest" if is_after_rest else "while a reader is there"].append(times)
        saves.close()
    return taken


def saved(profile: Path) -> dict[str, list[dict[str, float]]]:
    """`measure` in a process as Cognate's own is: what this one has imported would be imported by each reader, too."""
    code = f"from tests.benchmarks.saved import measure, Path, json; print(json.dumps(measure(Path({str(profile)!r}))))"
    answer = subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.PIPE, text=True).stdout
    taken: dict[str, list[dict[str, float]]] = json.loads(answer.splitlines()[-1])
    return taken


def percentiles(taken: Sequence[dict[str, float]]) -> list[float]:
    """Seconds until a file is found, median and 95th."""
    return [float(np.percentile([times["found"] for times in taken], part)) for part in (50, 95)]


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("profile", type=Path)
    by_reader = saved(parser.parse_args().profile)
    everything = [times for some in by_reader.values() for times in some]
    for name, some in (*by_reader.items(), ("all", everything)):
        steps = {step: float(np.median([times[step] for times in some])) for step in some[0]}
        shown = ", ".join(f"{step} {seconds:.3f}" for step, seconds in steps.items())
        middle, high = percentiles(some)
        print(f"{name}: {len(some)} saves, {middle:.2f} / {high:.2f} s; median of each step: {shown}")


if __name__ == "__main__":
    main()
