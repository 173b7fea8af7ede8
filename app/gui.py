from __future__ import annotations

import logging
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication

from app.autostart import own_command
from app.bridge import Bridge
from app.garbage import GarbageCollector
from app.global_shortcut import GlobalShortcut
from app.icons import icon
from app.instance import InstanceServer
from app.logs import close_log, open_log
from app.opening import Opener
from app.options import LoadedOptions, Options, load_options, save_options
from app.profile import prepare_profile
from app.remembered import load_state, save_state
from app.requests import Requests
from app.resting import Resting
from app.theme import Theme
from app.traces import forget_traces
from app.translation import Translation
from app.tray import Tray
from app.unix_signals import UnixSignals
from app.window import MainWindow
from indexer.results import Subject

if TYPE_CHECKING:
    from app.folders import FoldersWindow
    from app.service import EngineService
    from app.storage import StorageWindow
    from indexer.engine import Engine

log = logging.getLogger(__name__)
APPLICATION_ID = "org.cognate.Cognate"
SWITCH_SECONDS = 0.001  # with Python's own 5 ms, one busy thread makes the window stutter


def run(profile: Path, similar: Path | None = None) -> int:
    """Show the window of a profile until its user quits; the exit status.

    Raises:
        AlreadyRunningError: another process has the profile.
        ProfileError: the profile folder can't be used.
    """
    sys.setswitchinterval(SWITCH_SECONDS)
    sys.excepthook = _log_exception
    prepare_profile(profile)
    requests = Requests()
    server = InstanceServer(profile, requests.answer)
    server.start()
    try:
        log_file = open_log(profile)
        application = _application()
        program = Program(application, profile, load_options(profile), requests)
        program.start(similar)
        status = application.exec()
        program.hide()
        server.drain()
        program.close()
        close_log(log_file)
    finally:
        server.close()
    if program.successor:
        start_successor(program.successor, profile)
    return status


class Program(QObject):
    """Puts the window, the tray, the engine and the requests of other processes together."""

    _erased = Signal()

    def __init__(self, application: QApplication, profile: Path, loaded: LoadedOptions, requests: Requests) -> None:
        super().__init__()
        self._application = application
        self._profile = profile
        self._loaded = loaded
        self._requests = requests
        self._service: EngineService | None = None
        self._theme = Theme(application, loaded.options.app.theme)
        self._translation = Translation(application, loaded.options.app.language)
        self._bridge = Bridge()
        self._opener = Opener()
        self._signals = UnixSignals()
        self._garbage = GarbageCollector(self)
        self.window = MainWindow(self._bridge, load_state(profile))
        self._tray = Tray(self._bridge, os.environ.get("XDG_CURRENT_DESKTOP", ""))
        self._shortcut = GlobalShortcut(self)
        self._resting = Resting(self._bridge, loaded.options)
        self._folders: FoldersWindow | None = None
        self._storage: StorageWindow | None = None
        self.successor: list[str] = []  # arguments of the command that is to follow
        self.window.page.search.reranks_always = loaded.options.app.rerank
        self._connect()

    def start(self, similar: Path | None) -> None:
        """Show the window and open the engine behind it."""
        self._tray.show_if_possible()
        if similar is not None:
            self.window.find_similar(similar)
        elif not (self._loaded.options.app.start_in_tray and self._tray.is_present):
            self.window.come_up()
        if GlobalShortcut.is_possible():
            self._shortcut.set(self._loaded.options.app.shortcut)
        self._bridge.open(self._open_engine)

    def hide(self) -> None:
        """Take everything off the screen and keep what is to be remembered."""
        save_state(self._profile, self.window.state())
        self._tray.hide()
        for window in self._application.topLevelWidgets():
            window.hide()
        if self._service is not None:
            self._service.close()

    def close(self) -> None:
        """End threads and processes: those of the window first, then the engine."""
        self.window.close_workers()
        self._opener.close()
        self._shortcut.close()
        self._resting.close()
        if self._storage is not None:
            self._storage.close_workers()
        self._bridge.close()
        self._signals.close()
        self._garbage.close()

    def _connect(self) -> None:
        window, tray, requests = self.window, self._tray, self._requests
        window.folders_wanted.connect(self._show_folders)
        window.settings_wanted.connect(self._show_settings)
        window.storage_wanted.connect(self._show_storage)
        self._erased.connect(window.forget_history)
        window.page.instructed.connect(self._instruct)
        window.page.first_start_wanted.connect(self._show_first_start)
        tray.search_requested.connect(window.come_up)
        self._shortcut.pressed.connect(window.come_up)
        tray.folders_requested.connect(self._show_folders)
        tray.settings_requested.connect(self._show_settings)
        tray.presence_changed.connect(self._on_tray)
        tray.lost.connect(window.come_up)
        requests.show_wanted.connect(self._on_show)
        requests.similar_wanted.connect(self._on_similar)
        for wanted in (window.quit_wanted, tray.quit_requested, requests.quit_wanted, self._signals.quit_wanted):
            wanted.connect(self._quit)
        self._theme.changed.connect(window.restyle)
        self._bridge.opened.connect(self._garbage.settle)
        self._bridge.broken.connect(self._on_broken)

    def _open_engine(self) -> Engine:
        """In a thread: importing the engine takes longer than showing the window."""
        from app.service import EngineService
        from indexer.engine import Engine

        service = EngineService(running=True)
        engine = Engine.open(self._profile, self._loaded.options.indexing, self._forget_traces)
        service.serve(engine)
        self._service = service
        self._requests.serve(service)
        return engine

    def _forget_traces(self) -> None:
        """From a thread of the engine."""
        forget_traces(self._profile)
        self._erased.emit()

    def _on_broken(self, problem: str) -> None:
        self._requests.serve(None)

    def _on_tray(self, is_present: bool) -> None:
        self.window.has_tray = is_present

    def _on_show(self, token: str) -> None:
        _take_activation(token)
        self.window.come_up()

    def _on_similar(self, path: str, token: str) -> None:
        _take_activation(token)
        self.window.find_similar(Path(path))

    def _show_folders(self) -> None:
        from app.folders import FoldersWindow

        if self._folders is None:
            self._folders = FoldersWindow(self._bridge)
            self._folders.open_requested.connect(self._opener.open_path)
            self._folders.reveal_requested.connect(self._opener.reveal)
        self._folders.open()

    def _show_settings(self) -> None:
        from app.preferences import Preferences

        passages = self._bridge.status.chunks if self._bridge.status else 0
        preferences = Preferences(self._profile, load_options(self._profile), self.window, passages)
        preferences.saved.connect(self._on_saved)
        preferences.model.spaces.delete_requested.connect(
            lambda number: self._bridge.call(
                lambda engine: engine.remove_space(number), failed=preferences.model.show_problem
            )
        )
        self._bridge.status_changed.connect(preferences.model.show_status)
        if self._bridge.status is not None:
            preferences.model.show_status(self._bridge.status)
        preferences.open()

    def _show_storage(self) -> None:
        from app.storage import StorageWindow

        if self._storage is None:
            self._storage = StorageWindow(self._bridge, self._profile)
            self._storage.handover_wanted.connect(self._hand_over)
        self._storage.open()

    def _hand_over(self, arguments: list[str]) -> None:
        self.successor = arguments
        self._quit()

    def _on_saved(self, options: Options) -> None:
        self._theme.set_appearance(options.app.theme)
        self.window.page.search.reranks_always = options.app.rerank
        self._bridge.call(lambda engine: engine.instruct(options.indexing), self._on_instructed)
        self._resting.set_options(options.app)
        if GlobalShortcut.is_possible():
            self._shortcut.set(options.app.shortcut)

    def _instruct(self, subject: Subject, task: str) -> None:
        """Keep another instruction, and search under it."""
        self._bridge.call(lambda engine: keep_instruction(self._profile, engine, subject, task), self._on_instructed)

    def _on_instructed(self, nothing: None) -> None:
        self.window.page.search.ask_again()

    def _show_first_start(self) -> None:
        from app.first_start import FirstStart

        if not self.window.shows_search:
            return
        first_start = FirstStart(self._bridge, self._profile)
        first_start.started.connect(self._on_started)
        self.window.show_instead(first_start)

    def _on_started(self) -> None:
        self.window.show_search()
        self.window.page.reload_folders()

    def _quit(self) -> None:
        self._application.exit(0)


def start_successor(arguments: list[str], profile: Path) -> None:
    """Start a command of Cognate in a process of its own."""
    subprocess.Popen([*own_command(), "--profile", str(profile), *arguments], start_new_session=True)


def keep_instruction(profile: Path, engine: Engine, subject: Subject, task: str) -> None:
    """Store another instruction and put queries under it. Blocks."""
    options = load_options(profile).options
    settings = options.indexing.with_tasks({subject: task})
    save_options(profile, replace(options, indexing=settings))
    engine.instruct(settings)


def _application() -> QApplication:
    application = QApplication(sys.argv[:1])
    application.setApplicationName("Cognate")
    application.setDesktopFileName(APPLICATION_ID)
    application.setWindowIcon(icon("cognate"))
    application.setQuitOnLastWindowClosed(False)
    return application


def _take_activation(token: str) -> None:
    """Let Qt raise the window with what the launcher gave the other process."""
    if token:
        os.environ["XDG_ACTIVATION_TOKEN"] = token


def _log_exception(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """A slot's exception must not end in a stream that nobody reads."""
    log.critical("unexpected error", exc_info=(kind, error, trace))
    sys.__excepthook__(kind, error, trace)
