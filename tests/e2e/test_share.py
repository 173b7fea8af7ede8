import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e import share

NAMESPACE = ("unshare", "--user", "--map-root-user", "--mount")


@pytest.mark.parametrize("options", [[], ["--inside"], ["--dies"], ["--inside", "--dies"]])
def test_a_share_that_goes_holds_nothing_up_and_loses_nothing(options: list[str]) -> None:
    can_mount = shutil.which("sshfs") and Path(share.SERVER).exists()
    if not can_mount or subprocess.run([*NAMESPACE, "true"], check=False).returncode:
        pytest.skip("needs sshfs, an SFTP server, and a namespace with mounts of its own")
    command = [*NAMESPACE, sys.executable, "-m", share.__name__, *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=400, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
