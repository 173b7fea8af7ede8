"""The tray by itself, in a process of its own: it prints what is asked of it."""

from __future__ import annotations

import sys
from typing import cast

from PySide6.QtWidgets import QApplication

from app.bridge import Bridge
from app.theme import Theme
from app.tray import Tray
from indexer.engine import Engine
from tests.app.still_engine import StillEngine


def say(word: str) -> None:
    print(word, flush=True)


def main() -> int:
    application = QApplication(sys.argv)
    application.setQuitOnLastWindowClosed(False)
    Theme(application)
    bridge = Bridge()
    tray = Tray(bridge)
    tray.search_requested.connect(lambda: say("search"))
    tray.folders_requested.connect(lambda: say("folders"))
    tray.quit_requested.connect(application.quit)
    tray.presence_changed.connect(lambda is_present: say(f"present {is_present}"))
    bridge.open(lambda: cast(Engine, StillEngine()))
    tray.show_if_possible()
    status = application.exec()
    tray.hide()
    bridge.close()
    return status


if __name__ == "__main__":
    sys.exit(main())
