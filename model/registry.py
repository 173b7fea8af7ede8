"""Models by name: which there are, where they are installed, how to get them and to get rid of them."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from model.errors import ModelError

BUILT_IN = "built-in"
HUB_NAME = re.compile(r"[\w.-]+/[\w.-]+")
# weights, tokenizer, configuration; no code, no pickles, no other formats of the same weights
PATTERNS = (
    "*.safetensors",
    "*.safetensors.index.json",
    "*.json",
    "*/config.json",
    "vocab.txt",
    "merges.txt",
    "*.model",
)
TOKENIZER_BYTES = 16_000_000  # tokenizer.json, vocab.json and merges.txt of Qwen3


class ModelKind(StrEnum):
    """What a model does."""

    EMBEDDING = "embedding"
    RERANKER = "reranker"


@dataclass(frozen=True, slots=True)
class KnownModel:
    """A model that Cognate knows to work."""

    name: str
    kind: ModelKind
    download_bytes: int  # 0: comes with Cognate
    revision: str = "main"  # the one that was tested, where it is known
    hashes: tuple[tuple[str, str], ...] = ()  # SHA-256 of files, as published


def _qwen(kind: ModelKind, size: str, weight_bytes: int, revision: str = "main", sha256: str = "") -> KnownModel:
    name = f"Qwen/Qwen3-{kind.capitalize()}-{size}"
    hashes = (("model.safetensors", sha256),) if sha256 else ()
    return KnownModel(name, kind, weight_bytes + TOKENIZER_BYTES, revision, hashes)


KNOWN = (
    KnownModel(BUILT_IN, ModelKind.EMBEDDING, 0),
    _qwen(
        ModelKind.EMBEDDING,
        "0.6B",
        1_191_586_416,
        "97b0c614be4d77ee51c0cef4e5f07c00f9eb65b3",
        "0437e45c94563b09e13cb7a64478fc406947a93cb34a7e05870fc8dcd48e23fd",
    ),
    _qwen(ModelKind.EMBEDDING, "4B", 8_043_592_088, "5cf2132abc99cad020ac570b19d031efec650f2b"),
    _qwen(ModelKind.EMBEDDING, "8B", 15_134_590_976, "1d8ad4ca9b3dd8059ad90a75d4983776a23d44af"),
    _qwen(ModelKind.RERANKER, "0.6B", 1_191_553_024),
    _qwen(ModelKind.RERANKER, "4B", 8_043_569_152),
    _qwen(ModelKind.RERANKER, "8B", 16_377_096_192),
)


def canonical(name: str) -> str:
    """The full name of a known model, however it was written; any other name as it is."""
    for known in KNOWN:
        if name.casefold() in (known.name.casefold(), known.name.rpartition("/")[2].casefold()):
            return known.name
    return name


def known(name: str) -> KnownModel | None:
    """The known model of that name."""
    return next((each for each in KNOWN if each.name == name), None)


def locate(name: str, models: Path | None) -> Path | None:
    """Folder of a whole model: in `models`, in the Hugging Face cache, or where the name, a path, says."""
    if Path(name).is_absolute():
        return Path(name) if is_complete(Path(name)) else None
    installed_here = [_folder(name, models)] if models else []
    return next((folder for folder in (*installed_here, *_cached(name)) if is_complete(folder)), None)


def installed(models: Path) -> Iterator[str]:
    """Names of what `install` has put into a folder."""
    folders = sorted(models.iterdir()) if models.is_dir() else []
    return (each.name.replace("--", "/", 1) for each in folders if "--" in each.name and is_complete(each))


def is_complete(folder: Path) -> bool:
    """Whether a folder holds a configuration, a tokenizer and all the weights."""
    if not (folder / "config.json").is_file() or not any(folder.glob("tokenizer*.json")):
        return False
    index = folder / "model.safetensors.index.json"
    if not index.is_file():
        return (folder / "model.safetensors").is_file()
    try:
        shards = set(json.loads(index.read_bytes())["weight_map"].values())
    except (ValueError, KeyError, TypeError, AttributeError, OSError):
        return False
    return all((folder / shard).is_file() for shard in shards)


def install(name: str, models: Path, show_progress: bool = False) -> Path:
    """Download a model; what an interrupted download has fetched is not fetched again. Blocks.

    Raises:
        ModelError: there is no such model, no network, no room, or what came is damaged.
    """
    if not HUB_NAME.fullmatch(name):
        raise ModelError(f'"{name}" is no model of the Hugging Face hub: their names read like {KNOWN[1].name}')
    models.mkdir(parents=True, exist_ok=True)
    _check_room(name, models)
    partial = models / f".{_folder(name, models).name}.partial"
    _download(name, partial, show_progress)
    _verify(name, partial)
    if not is_complete(partial):
        raise ModelError(f"{name} can't be used: it has no safetensors weights, no tokenizer or no config.json")
    target = _folder(name, models)
    shutil.rmtree(target, ignore_errors=True)
    os.replace(partial, target)
    return target


def remove(name: str, models: Path) -> None:
    """Delete an installed model, or what an interrupted download has left of it.

    Raises:
        ModelError: it is not installed, or not by Cognate.
    """
    folder = _folder(name, models)
    remains = [each for each in (folder, models / f".{folder.name}.partial") if each.is_dir()]
    if not remains and locate(name, models):
        raise ModelError(
            f"{name} is in the Hugging Face cache, which other programs use, too: `hf cache rm` deletes it"
        )
    if not remains:
        raise ModelError(f'"{name}" is not installed')
    for each in remains:
        shutil.rmtree(each)


def _folder(name: str, models: Path) -> Path:
    return models / name.replace("/", "--")


def _cached(name: str) -> Iterator[Path]:
    """Snapshots of a model in the Hugging Face cache, the tested one first."""
    if not HUB_NAME.fullmatch(name):
        return
    from huggingface_hub.constants import HF_HUB_CACHE

    repository = Path(HF_HUB_CACHE, f"models--{name.replace('/', '--')}")
    tested = known(name)
    if tested is not None:
        yield repository / "snapshots" / tested.revision
    yield from sorted(repository.glob("snapshots/*"))


def _check_room(name: str, models: Path) -> None:
    tested = known(name)
    free_bytes = shutil.disk_usage(models).free
    if tested is not None and free_bytes < tested.download_bytes:
        needed, free = (f"{count / 1e9:.1f} GB" for count in (tested.download_bytes, free_bytes))
        raise ModelError(f"{name} needs {needed} on the disk of {models}, where {free} are free")


def _download(name: str, folder: Path, show_progress: bool) -> None:
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")  # read when huggingface_hub is imported
    from huggingface_hub import HfApi, errors, snapshot_download
    from huggingface_hub.utils.tqdm import disable_progress_bars, enable_progress_bars

    (enable_progress_bars if show_progress else disable_progress_bars)()
    tested = known(name)
    revision = tested.revision if tested else "main"
    try:
        HfApi().model_info(name, revision=revision, timeout=15)  # the download itself would retry for half a minute
        snapshot_download(name, revision=revision, local_dir=folder, allow_patterns=list(PATTERNS))
    except errors.GatedRepoError as error:
        raise ModelError(f"{name} is given only to people who have accepted its terms on the hub") from error
    except errors.RepositoryNotFoundError as error:
        raise ModelError(f'there is no model "{name}" on the hub') from error
    except (errors.HTTPError, errors.LocalEntryNotFoundError, ConnectionError, TimeoutError) as error:  # type: ignore[attr-defined]
        raise ModelError(
            f"{name} could not be downloaded ({_first_line(error)}): is there a network? The same command goes on later"
        ) from error
    except OSError as error:
        raise ModelError(f"{name} could not be stored in {folder}: {_first_line(error)}") from error


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def _verify(name: str, folder: Path) -> None:
    """Compare each file with the hash that the hub gave, and the one known here, and delete what differs."""
    tested = known(name)
    hashes = dict(tested.hashes) if tested else {}
    cache = folder / ".cache" / "huggingface" / "download"
    for metadata in sorted(cache.rglob("*.metadata")):
        path = metadata.relative_to(cache).with_suffix("")
        lines = metadata.read_text().splitlines()
        told = (lines[1].strip() if len(lines) > 1 else "", hashes.get(path.as_posix(), ""))
        wanted = [each for each in told if re.fullmatch("[0-9a-f]{40}|[0-9a-f]{64}", each)]
        if (folder / path).is_file() and any(_hash(folder / path, len(each)) != each for each in wanted):
            (folder / path).unlink()
            metadata.unlink()
            raise ModelError(f"{path.as_posix()} of {name} arrived damaged: install it once more")


def _hash(path: Path, length: int) -> str:
    """SHA-256 for 64 digits, as the hub gives of large files; otherwise git's hash of it, as it gives of small ones."""
    with path.open("rb") as file:
        if length == 64:
            return hashlib.file_digest(file, "sha256").hexdigest()
        content = file.read()
    return hashlib.sha1(b"blob %d\0%s" % (len(content), content)).hexdigest()
