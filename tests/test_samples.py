import csv
import importlib.util
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pymupdf
import pytest

from indexer.engine import Engine
from indexer.results import FileState, SearchRequest

ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "resources" / "samples"
TABLE = (ROOT / "resources" / "sample-queries.tsv").read_text(encoding="utf-8")
ROWS = list(csv.reader(TABLE.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE))


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = Engine.open(tmp_path_factory.mktemp("profile"))
    engine.start()
    engine.add_folder(SAMPLES)
    engine.index()
    assert engine.wait(120)
    yield engine
    engine.close()


def test_every_sample_is_indexed_with_its_text(engine: Engine) -> None:
    rows = {row.path: row for row in engine.files()}
    assert set(rows) == set(SAMPLES.iterdir())
    assert {row.state for row in rows.values()} == {FileState.INDEXED}
    assert all(len(engine.text(path)) > 500 for path in rows)


def test_as_many_questions_in_another_language_find_their_sample_as_is_said(engine: Engine) -> None:
    page = (ROOT / "docs" / "samples.md").read_text(encoding="utf-8")
    said = re.search(r"\*\*(\d+) of (\d+)\*\*", page)
    assert said and int(said[2]) == len(ROWS)
    found = [SAMPLES / file in top(engine, query) for _, query, file in ROWS]
    assert sum(found) >= int(said[1]), "packaging/samples/show.py writes docs/samples.md anew"


def top(engine: Engine, query: str) -> list[Path]:
    return [hit.path for hit in engine.search(SearchRequest(query, limit=3)).hits]


def test_every_query_asks_for_a_sample_that_is_there() -> None:
    assert not [file for _, _, file in ROWS if not (SAMPLES / file).is_file()]


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_samples", ROOT / "packaging" / "samples" / "build.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def content(path: Path) -> dict[str, bytes | str]:
    """What a reader sees; compressed bytes differ between builds of zlib."""
    if path.suffix == ".pdf":
        with pymupdf.open(path) as document:
            return {str(page.number): page.get_text() for page in document}
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_generated_samples_say_what_their_sources_say(tmp_path: Path) -> None:
    generator().write_all(tmp_path)
    written = sorted(tmp_path.iterdir())
    assert {path.suffix for path in written} == {".docx", ".odt", ".pdf"}
    assert not [path.name for path in written if content(path) != content(SAMPLES / path.name)]


def test_samples_are_generated_the_same_way_every_time(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        folder.mkdir()
        generator().write_all(folder)
    assert not [path.name for path in first.iterdir() if path.read_bytes() != (second / path.name).read_bytes()]
