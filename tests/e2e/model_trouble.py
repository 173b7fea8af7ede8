"""Records what Cognate says when a model runs into trouble: `python -m tests.e2e.model_trouble`.

A tiny Qwen3 model is used for real; the lack of memory is raised where torch raises it, the damage is done to its file.
"""

import logging
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import torch

import indexer.indexing
from indexer.engine import Engine
from indexer.results import SearchRequest
from indexer.settings import Settings
from model.qwen3.decoder import Decoder
from model.runtime import Batch, Pending
from tests.model.tiny_qwen3 import save_embedder

FILES = 24
QUERY = "who looks after the boiler"
WAIT_SECONDS = 600

begin = Decoder.begin


class Recorder:
    """A profile, and what it tells."""

    def __init__(self, home: Path) -> None:
        self.profile = home / "profile"
        self.model = save_embedder(home / "tiny-embedding")
        folder = home / "files"
        folder.mkdir()
        for number in range(FILES):
            (folder / f"{number}.txt").write_text(f"Report {number}: the boiler of house {number} was serviced. " * 9)
        with self.opened(Settings()) as engine:
            engine.add_folder(folder)
            engine.wait(WAIT_SECONDS)

    def opened(self, settings: Settings) -> "Opened":
        return Opened(self.profile, settings)

    @property
    def settings(self) -> Settings:
        return Settings(model=str(self.model), device="cpu", debounce_ms=50)


class Opened:
    def __init__(self, profile: Path, settings: Settings) -> None:
        self._engine = Engine.open(profile, settings)

    def __enter__(self) -> Engine:
        self._engine.start()
        return self._engine

    def __exit__(self, *_: object) -> None:
        self._engine.close()


def tell(engine: Engine) -> None:
    status = engine.status()
    for space in status.spaces:
        use = "answers" if space.active else "does not answer"
        print(f"  space {Path(space.model).name}: {space.chunks} of {space.total} passages, {use}")
    for warning in status.warnings or ("none",):
        print(f"  warning: {warning}")
    response = engine.search(SearchRequest(QUERY))
    print(f"  search: {len(response.hits)} hits{', ' + response.notice if response.notice else ''}", flush=True)


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + WAIT_SECONDS
    while not holds() and time.monotonic() < end:
        time.sleep(0.05)


def full(limit: int) -> Callable[[Decoder, Batch, bool], Pending]:
    """A device on which no more than so many tokens fit."""

    def limited(self: Decoder, batch: Batch, urgent: bool = False) -> Pending:
        if sum(map(len, batch)) > limit:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
        return begin(self, batch, urgent)

    return limited


def main() -> None:
    logging.basicConfig(format="  log: %(message)s", level=logging.WARNING)
    indexer.indexing.RETRY_SECONDS = 1
    with tempfile.TemporaryDirectory() as place:
        recorder = Recorder(Path(place).resolve())
        print("Out of memory for batches, while the space of a new model is filled")
        with patch.object(Decoder, "begin", full(600)), recorder.opened(recorder.settings) as engine:
            engine.wait(WAIT_SECONDS)
            tell(engine)
        print("Out of memory even for one text, with a file that has just been saved")
        with patch.object(Decoder, "begin", full(60)), recorder.opened(recorder.settings) as engine:
            (recorder.profile.parent / "files" / "new.txt").write_text("The boiler of the school is new. " * 20)
            until(lambda: engine.status().spaces[0].active and engine.status().spaces[0].chunks > FILES)
            tell(engine)
            print("The same after other programs have given their memory back")
            with patch.object(Decoder, "begin", begin):
                until(lambda: engine.status().spaces[-1].active and not engine.status().warnings)
                tell(engine)
        print("The file of the weights is cut in half")
        weights = recorder.model / "model.safetensors"
        weights.write_bytes(weights.read_bytes()[: weights.stat().st_size // 2])
        with recorder.opened(replace(recorder.settings)) as engine:
            engine.wait(WAIT_SECONDS)
            tell(engine)


if __name__ == "__main__":
    main()
