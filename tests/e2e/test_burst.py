from pathlib import Path

import pytest

from tests.e2e import burst


def test_a_burst_of_changes_settles_and_no_file_is_read_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert burst.run(tmp_path, 1200, one_process=True, tell=print, setattr=monkeypatch.setattr) == []
