"""What the user chose, in `settings.toml` of the profile: unknown keys are kept, bad values are named and ignored."""

from __future__ import annotations

import os
import tempfile
import tomllib
from collections.abc import MutableMapping
from contextlib import suppress
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

import tomlkit

from indexer.settings import Settings

FILE_NAME = "settings.toml"


class Theme(StrEnum):
    """Colours of the window."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True, slots=True)
class AppOptions:
    """What the user can choose about the program itself."""

    theme: Theme = Theme.SYSTEM
    language: str = ""  # of the interface, ISO 639-1; empty: the system's
    start_in_tray: bool = False
    shortcut: str = "Ctrl+Alt+Space"  # raises the window from anywhere; empty: none
    pause_on_battery: bool = True
    pause_under_load: bool = True  # other programs keep the processor busy
    pause_for_full_screen: bool = True
    pause_for_gpu: bool = True  # other programs work on the GPU
    gpu_limit_percent: int = 30  # of the card, from which on their work counts
    rerank: bool = False  # judge the top hits with the reranker, too


@dataclass(frozen=True, slots=True)
class Options:
    """Everything that `settings.toml` holds."""

    indexing: Settings = field(default_factory=Settings)
    app: AppOptions = field(default_factory=AppOptions)


Record = TypeVar("Record", Settings, AppOptions)


@dataclass(frozen=True, slots=True)
class LoadedOptions:
    """The options in force, and one sentence for each thing in the file that is not."""

    options: Options
    warnings: tuple[str, ...] = ()


def load_options(profile: Path) -> LoadedOptions:
    """Read the options of a profile; what is missing or bad has its default. A damaged file is set aside."""
    warnings: list[str] = []
    tables = _read(profile / FILE_NAME, warnings)
    indexing = _chosen(Settings(), "indexing", tables, warnings)
    app = _chosen(AppOptions(), "app", tables, warnings)
    return LoadedOptions(Options(indexing, app), tuple(warnings))


def save_options(profile: Path, options: Options) -> None:
    """Write what differs from the file, which keeps its comments, its order and the keys that are unknown here.

    Raises:
        OSError: the profile can't be written; the old file is whole.
    """
    in_force = load_options(profile).options
    path = profile / FILE_NAME
    document = tomlkit.parse(path.read_bytes()) if path.exists() else tomlkit.document()
    _change(document, "indexing", options.indexing, in_force.indexing)
    _change(document, "app", options.app, in_force.app)
    _replace(path, tomlkit.dumps(document).encode())


def _read(path: Path, warnings: list[str]) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_bytes().decode())
    except FileNotFoundError:
        return {}
    except OSError as error:
        warnings.append(f"{path} can't be read ({error.strerror}): the defaults are used")
    except (ValueError, RecursionError) as error:
        damaged = path.with_name(f"{path.name}.damaged")
        with suppress(OSError):
            os.replace(path, damaged)
        warnings.append(f"{path} was damaged ({error}): it is now {damaged.name}, and the defaults are used")
    return {}


def _chosen(record: Record, section: str, tables: dict[str, Any], warnings: list[str]) -> Record:
    """The record with the values of a table that are good."""
    table = tables.get(section, {})
    if not isinstance(table, dict):
        warnings.append(f"{FILE_NAME}: {section} is no table: the defaults are used")
        return record
    for each in fields(record):
        if each.name in table:
            try:
                record = replace(record, **{each.name: _from_toml(table[each.name], getattr(record, each.name))})
            except ValueError as error:
                default = getattr(record, each.name)
                warnings.append(f"{FILE_NAME}: {section}.{each.name} is ignored ({error}): {default!s} is used")
    return record


def _from_toml(value: Any, default: Any) -> Any:  # noqa: ANN401 - options have many types
    """The value as the type of its default. Raises ValueError."""
    if isinstance(default, StrEnum):
        if value in tuple(type(default)):
            return type(default)(value)
        raise ValueError(f"it must be one of {', '.join(type(default))}, not {value!r}")
    if isinstance(default, tuple):
        if isinstance(value, list) and all(isinstance(each, str) for each in value):
            return tuple(value)
    elif type(value) is type(default):  # a bool is no int here
        return value
    wanted = {bool: "true or false", int: "a whole number", str: "a text in quotes", tuple: "a list of texts"}
    raise ValueError(f"it must be {wanted[type(default)]}, not {value!r}")


def _change(document: tomlkit.TOMLDocument, section: str, new: Record, old: Record) -> None:
    changes = {
        each.name: value for each in fields(new) if (value := getattr(new, each.name)) != getattr(old, each.name)
    }
    if not changes:
        return
    if not isinstance(document.get(section), MutableMapping):
        document[section] = tomlkit.table()
    table = document[section]
    assert isinstance(table, MutableMapping)
    for name, value in changes.items():
        table[name] = list(value) if isinstance(value, tuple) else str(value) if isinstance(value, StrEnum) else value


def _replace(path: Path, content: bytes) -> None:
    """Replace a file as a whole; where it is a link, what it links to."""
    target = path.resolve()
    handle, beside = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with open(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(beside)
        raise
