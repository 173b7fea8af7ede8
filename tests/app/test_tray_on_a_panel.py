from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
TOOLS = ("dbus-run-session", "dbus-send")


@pytest.mark.window
@pytest.mark.skipif(
    not os.environ.get("DISPLAY") or not all(map(shutil.which, TOOLS)), reason="needs an X11 display and D-Bus"
)
def test_a_panel_shows_the_tray_its_menu_and_passes_on_what_is_chosen(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    environment = {**os.environ, "XDG_RUNTIME_DIR": str(tmp_path), "HOME": str(tmp_path), "LANG": "C.UTF-8"}
    command = ["dbus-run-session", "--", sys.executable, "-m", "tests.app.panel_story"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=240)
    assert done.stdout.endswith("the story ended well\n"), done.stderr
