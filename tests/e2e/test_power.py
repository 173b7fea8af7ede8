import sys
from pathlib import Path

import pytest

from tests.e2e.power import replay
from tests.e2e.sqlite_calls import is_supported


@pytest.mark.skipif(sys.platform != "linux" or not is_supported(), reason="file operations can't be recorded here")
def test_nothing_acknowledged_is_lost_and_nothing_stale_is_found_after_a_power_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events, checked, violations = replay(tmp_path, changes=6, each=1, seed=1, share=0.02, setattr=monkeypatch.setattr)
    assert violations == []
    assert events > 200
    assert checked > 5
