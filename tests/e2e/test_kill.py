from pathlib import Path

from tests.e2e.kill import torture


def test_nothing_acknowledged_is_lost_and_nothing_stale_is_found_after_kill_9(tmp_path: Path) -> None:
    acknowledged, violations = torture(tmp_path, kills=4, seed=7)
    assert violations == []
    assert acknowledged > 0
