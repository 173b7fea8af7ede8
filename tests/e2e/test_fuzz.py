from itertools import islice
from pathlib import Path

import pytest

from indexer.errors import DocumentError
from indexer.extract import Limits, extract
from tests.e2e.fuzz import Findings, broken_documents, run, whole_documents
from tests.e2e.hostile import hostile_documents, write_all


@pytest.mark.parametrize("name", [name for name in hostile_documents() if name.startswith("foreign.")])
def test_no_document_brings_in_another_file(tmp_path: Path, name: str) -> None:
    (path,) = write_all(tmp_path, [name])
    try:
        document = extract(path, Limits())
    except DocumentError:
        return
    assert not any("root:" in chunk.text for chunk in document.chunks)


@pytest.mark.parametrize("name", ["cut.fb2", "deep.odt", "deep.fodt"])
def test_xml_that_crashed_its_reader_is_refused(tmp_path: Path, name: str) -> None:
    (path,) = write_all(tmp_path, [name])
    with pytest.raises(DocumentError, match="its XML"):
        extract(path, Limits())


def test_broken_documents_are_read_or_refused_with_a_reason(tmp_path: Path) -> None:
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    whole.mkdir()
    broken.mkdir()
    findings = Findings()
    run(islice(broken_documents(whole_documents(whole), broken, seed=3), 40), Limits(), findings)
    assert findings.violations == []
    assert findings.read.total() + findings.refused.total() == 40
