import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Signal

ROOT = Path(__file__).parent.parent
LAYERS = ("app", "indexer", "model")
HOMES = {  # library: how the path of each file that imports it begins
    "PySide6": "app/",
    "shiboken6": "app/",
    "torch": "model/",
    "transformers": "model/",
    "faiss": "indexer/codes",
    "hnswlib": "indexer/graphs",
    "sqlite3": "indexer/catalogue",
}
RUN_CODE_WHEN_READING = {"pickle", "dill", "joblib", "marshal", "shelve"}
SLOW_TO_IMPORT = {"torch", "transformers"}


def sources(*layers: str) -> Iterator[tuple[str, set[str]]]:
    """Path below the root, with slashes, and imported packages of every file in some layers."""
    for layer in layers:
        for path in sorted((ROOT / layer).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), imported_names(path, layer)


def imported_names(path: Path, layer: str) -> set[str]:
    """Top-level packages that a file imports, at any depth of its code."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names.add(layer if node.level else str(node.module).partition(".")[0])
    return names


def loaded_after(statement: str) -> set[str]:
    """Modules that a fresh interpreter holds after a statement."""
    code = f"{statement}; import sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize(("layer", "above"), [("model", {"indexer", "app"}), ("indexer", {"app"})])
def test_no_layer_imports_one_above_it(layer: str, above: set[str]) -> None:
    assert not [path for path, names in sources(layer) if names & above]


@pytest.mark.parametrize(("library", "home"), HOMES.items())
def test_a_library_is_imported_only_where_it_lives(library: str, home: str) -> None:
    assert not [path for path, names in sources(*LAYERS) if library in names and not path.startswith(home)]


def test_no_file_format_that_runs_code_is_read() -> None:
    assert not [path for path, names in sources(*LAYERS) if names & RUN_CODE_WHEN_READING]


def test_resources_hold_no_code() -> None:
    assert not [path for path, _ in sources("resources") if "/samples/" not in path and path != "resources/__init__.py"]


@pytest.mark.parametrize("module", ["model", "indexer.engine", "app.main"])
def test_starting_up_loads_no_torch(module: str) -> None:
    assert not loaded_after(f"import {module}") & SLOW_TO_IMPORT


@pytest.mark.parametrize("module", ["model", "indexer.engine", "app.main"])
def test_the_engine_and_the_command_line_load_no_qt(module: str) -> None:
    assert "PySide6" not in loaded_after(f"import {module}")


@pytest.mark.parametrize(("given", "left"), [("", None), ("3", "3")])
def test_numpy_has_one_thread_unless_told_otherwise_and_opened_programs_as_many_as_they_like(
    given: str, left: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    if given:
        monkeypatch.setenv("OPENBLAS_NUM_THREADS", given)
    code = f"""
import os, pathlib, sys
import app.main, app.gui, indexer.engine
before = os.environ["OPENBLAS_NUM_THREADS"]
indexer.engine.Engine.open(pathlib.Path({str(tmp_path)!r})).close()
print(before, os.environ.get("OPENBLAS_NUM_THREADS"), *sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    before, after, *modules = done.stdout.split()
    assert (before, after) == (given or "1", str(left))
    assert modules.index("indexer") < modules.index("numpy")


class Emitter(QObject):
    fired = Signal()


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="True and None are immortal since Python 3.12")
def test_signals_do_not_drop_references_that_they_do_not_own() -> None:
    """PySide6 6.12.0 drops one to True at each emit; after some hundred the process aborts."""
    emitter = Emitter()
    before = sys.getrefcount(True)
    for _ in range(200):
        emitter.fired.emit()
    assert sys.getrefcount(True) > before - 100
