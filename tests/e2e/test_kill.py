import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has neither fork nor SIGKILL")
def test_nothing_acknowledged_is_lost_and_nothing_stale_is_found_after_kill_9() -> None:
    command = [sys.executable, "-m", "tests.e2e.kill", "--kills", "6", "--seed", "7"]
    done = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert " 0 violations" in done.stdout
    assert " 0 acknowledged" not in done.stdout
