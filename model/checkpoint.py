"""A model folder as it lies on the disk: what can be known of it without loading its weights or torch."""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.errors import ModelError

HEADER_LIMIT = 100_000_000  # bytes; a longer header of a safetensors file is none
SAMPLES = 16  # blocks of each weight file that count for its hash: all of 16 GB would take a minute
SAMPLE_BYTES = 1 << 16
DESCRIPTIONS = (  # small files that vectors depend on
    "config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "vocab.txt",
    "modules.json",
    "config_sentence_transformers.json",
    "sentence_bert_config.json",
    "*/config.json",
    "*/sentence_bert_config.json",
)


@dataclass(frozen=True)
class Checkpoint:
    """A folder with config.json, a tokenizer and weights as safetensors; no other format of weights is read."""

    folder: Path
    name: str  # as the user calls it

    @cached_property
    def config(self) -> Mapping[str, Any]:
        """What config.json says. Raises ModelError."""
        config = self.json("config.json")
        if not isinstance(config, dict):
            raise self.damaged("config.json is missing" if config is None else "config.json is no table")
        return config

    def json(self, name: str) -> Any:  # noqa: ANN401 - whatever the file holds
        """Content of a JSON file of the folder; None when there is none. Raises ModelError."""
        try:
            return json.loads((self.folder / name).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise self.damaged(f"{name} can't be read: {error}") from error

    def number(self, *keys: str) -> int:
        """A positive number of config.json, under the first of its names that is there. Raises ModelError."""
        value = next((self.config[key] for key in keys if key in self.config), None)
        if not isinstance(value, int) or value < 1:
            raise self.damaged(f"config.json says no {keys[0]}")
        return value

    @cached_property
    def weights(self) -> Sequence[Path]:
        """The weight files. Raises ModelError: one is missing."""
        index = self.json("model.safetensors.index.json")
        try:
            names = sorted(set(index["weight_map"].values())) if index else ["model.safetensors"]
        except (KeyError, TypeError, AttributeError) as error:
            raise self.damaged("model.safetensors.index.json has no weight map") from error
        files = [self.folder / name for name in names]
        missing = [file.name for file in files if not file.is_file()]
        if missing:
            raise self.damaged(f"{', '.join(missing)} is missing; only weights as safetensors are read")
        return files

    @cached_property
    def tensors(self) -> Mapping[str, Path]:
        """Names of all tensors, and the files that they are in. Raises ModelError."""
        return {name: file for file in self.weights for name in self._header(file) if name != "__metadata__"}

    def check(self) -> None:
        """Compare sizes with what the files say of themselves. Raises ModelError: one is missing, cut or damaged."""
        for file in self.weights:
            self._header(file)

    @property
    def weight_bytes(self) -> int:
        """Size of the weights on the disk. Raises ModelError: they are gone."""
        try:
            return sum(file.stat().st_size for file in self.weights)
        except OSError as error:
            raise self.damaged(f"its weights can't be read ({error.strerror})") from error

    def row(self, tensor: str, row: int) -> NDArray[np.float32]:
        """One row of a matrix of weights, float32, without reading the rest. Raises ModelError."""
        from safetensors import SafetensorError, safe_open

        try:
            with safe_open(self.tensors[tensor], framework="pt") as file:
                values = file.get_slice(tensor)[row : row + 1]
        except (OSError, KeyError, IndexError, SafetensorError) as error:
            raise self.damaged(f"{tensor} has no row {row}") from error
        return np.asarray(values.float().numpy()[0], dtype=np.float32)

    def revision(self, *parts: str) -> str:
        """A hash that changes with the weights, the configuration, the tokenizer and `parts`, in milliseconds."""
        digest = hashlib.blake2b("\0".join(parts).encode(), digest_size=12)
        for file in (file for pattern in DESCRIPTIONS for file in sorted(self.folder.glob(pattern))):
            digest.update(file.relative_to(self.folder).as_posix().encode() + file.read_bytes())
        for file in (*self.weights, *sorted(self.folder.glob("*/*.safetensors"))):
            for block in _samples(file):
                digest.update(block)
        return digest.hexdigest()

    def damaged(self, what: str) -> ModelError:
        """What to raise when the folder is not what it should be."""
        return ModelError(f"The model {self.name} in {self.folder} can't be used: {what}. Install it again.")

    def unfit(self, what: str) -> ModelError:
        """What to raise when the folder is sound, and not what was asked for."""
        return ModelError(f"The model {self.name} can't be used here: {what}. Choose another one: cognate models list")

    def _header(self, file: Path) -> Mapping[str, Any]:
        try:
            with file.open("rb") as stream:
                (length,) = struct.unpack("<Q", stream.read(8))
                header: Any = json.loads(stream.read(length)) if length < HEADER_LIMIT else None
            ends = [entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__"]
            is_whole = file.stat().st_size == 8 + length + max(ends, default=0)
        except (OSError, ValueError, AttributeError, KeyError, IndexError, TypeError, struct.error) as error:
            raise self.damaged(f"{file.name} is damaged") from error
        if not is_whole:
            raise self.damaged(f"{file.name} is not whole")
        return dict(header)


def _samples(file: Path) -> Iterator[bytes]:
    """Name and size of a file, its beginning, which tells the shapes, and blocks spread over it."""
    size = file.stat().st_size
    yield f"{file.name} {size}".encode()
    with file.open("rb") as stream:
        for place in range(SAMPLES):
            stream.seek(place * max(0, size - SAMPLE_BYTES) // (SAMPLES - 1))
            yield stream.read(SAMPLE_BYTES)
