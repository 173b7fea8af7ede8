from pathlib import Path

from tests.e2e import burst


def test_a_burst_of_changes_settles_and_no_file_is_read_twice(tmp_path: Path) -> None:
    assert burst.run(tmp_path, 600, one_process=False, tell=print) == []
