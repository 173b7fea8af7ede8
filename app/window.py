from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QByteArray, QEvent, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QGuiApplication,
    QKeySequence,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QMenu,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.bridge import Bridge
from app.icons import Tint, icon
from app.parts import tool_button
from app.paths import dropped_paths
from app.remembered import WindowState
from app.search import Like
from app.search_page import SearchPage
from app.shortcuts import ShortcutSheet
from app.status_line import StatusLine
from app.theme import colors
from app.window_style import window_sheet
from indexer.results import SimilarRequest

DROP_MARGIN = 24


class MainWindow(QMainWindow):
    """The window: the search page between its head and the status line, and what the keys do."""

    folders_wanted = Signal()
    settings_wanted = Signal()
    storage_wanted = Signal()
    quit_wanted = Signal()

    def __init__(self, bridge: Bridge, state: WindowState | None = None) -> None:
        super().__init__()
        self.has_tray = False  # then closing only hides the window
        self.page = SearchPage(bridge)
        self.status_line = StatusLine(bridge)
        self._menu = QMenu(self)
        self._menu_button = tool_button("more", self.tr("Menu (F10)"), 20)
        self._drop_sign = QLabel(self.tr("Drop it to find similar files"), self)
        self._sheet: ShortcutSheet | None = None
        self._stack = QStackedWidget()
        self.setWindowTitle("Cognate")
        self.setWindowIcon(icon("cognate"))
        self.setAcceptDrops(True)
        self.resize(1180, 760)
        self._lay_out()
        self._make_menu()
        self._make_shortcuts()
        self.status_line.folders_wanted.connect(self.folders_wanted)
        self.restyle()
        self._restore(state or WindowState())
        self.page.box.setFocus()

    def come_up(self) -> None:
        """Show the window in front, ready to type."""
        if self.isMinimized():
            self.showNormal()
        self.show()
        self.raise_()
        self.activateWindow()
        self.page.focus_box()

    def look_for(self, query: str) -> None:
        """Come up and search."""
        self.come_up()
        self.page.look_for(query)

    def find_similar(self, path: Path) -> None:
        """Come up and look for files like this one, indexed or not."""
        self.come_up()
        self.page.search.find_similar(Like(path.name, SimilarRequest(path=path)))

    def find_similar_to_text(self, text: str) -> None:
        """Come up and look for files like a text."""
        self.come_up()
        self.page.actions_on_hits.find_like_text(text)

    @property
    def shows_search(self) -> bool:
        """Whether the search is shown, and no page in its place."""
        return self._stack.currentIndex() == 0

    def show_instead(self, page: QWidget) -> None:
        """Show a page in place of everything, until `show_search`."""
        self._stack.addWidget(page)
        self._stack.setCurrentWidget(page)
        page.setFocus()

    def show_search(self) -> None:
        """Show the search again; the page that stood in its place is dropped."""
        page = self._stack.currentWidget()
        if page is not None and self._stack.currentIndex() > 0:
            self._stack.removeWidget(page)
            page.deleteLater()
            self.page.focus_box()

    def state(self) -> WindowState:
        """What to remember."""
        return WindowState(
            bytes(self.saveGeometry().data()),
            bytes(self.page.splitter.saveState().data()),
            tuple(self.page.box.history),
        )

    def forget_history(self) -> None:
        """Forget earlier searches."""
        self.page.box.set_history([])

    def restyle(self) -> None:
        """Take on the colours in force."""
        self.setStyleSheet(window_sheet(colors(), self.font().pointSizeF()))
        self.page.repaint_colors()

    def close_workers(self) -> None:
        """End threads and processes of the window."""
        self.page.close_workers()

    def closeEvent(self, event: QCloseEvent) -> None:
        super().closeEvent(event)  # accepted: at the end of a session, one window that refuses holds up the rest
        if not self.has_tray:
            self.quit_wanted.emit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.page.repaint_colors()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._drop_sign.setGeometry(self.rect().adjusted(DROP_MARGIN, DROP_MARGIN, -DROP_MARGIN, -DROP_MARGIN))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.source() is None and dropped_paths(event.mimeData()):
            event.acceptProposedAction()
            self._drop_sign.show()
            self._drop_sign.raise_()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._drop_sign.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        self._drop_sign.hide()
        paths = dropped_paths(event.mimeData())
        if paths:
            event.acceptProposedAction()
            self.find_similar(paths[0])

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(16, 14, 12, 10)
        head.setSpacing(8)
        head.addWidget(self.page.box, 1)
        head.addWidget(self._menu_button)
        self._drop_sign.setProperty("role", "drop")
        self._drop_sign.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._drop_sign.hide()
        middle = QWidget()
        layout = QVBoxLayout(middle)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self.page, 1)
        layout.addWidget(self.status_line)
        self._stack.addWidget(middle)
        self.setCentralWidget(self._stack)
        self.setTabOrder(self.page.box, self.page.results)

    def _make_menu(self) -> None:
        entries: tuple[tuple[str, str, str, Callable[[], object]] | None, ...] = (
            ("similar", self.tr("Find similar to a file…"), "Ctrl+O", self._choose_file),
            ("paste", self.tr("Find similar to the clipboard"), "Ctrl+Shift+V", self._use_clipboard),
            None,
            ("folder", self.tr("Folders…"), "Ctrl+Shift+F", self.folders_wanted.emit),
            ("settings", self.tr("Settings…"), "Ctrl+,", self.settings_wanted.emit),
            ("info", self.tr("Storage and backup…"), "", self.storage_wanted.emit),
            None,
            ("history", self.tr("Earlier searches"), "Ctrl+H", self.page.box.show_history),
            ("remove", self.tr("Forget earlier searches"), "", self.forget_history),
            None,
            ("question", self.tr("Keyboard shortcuts"), "F1", self._show_sheet),
            ("quit", self.tr("Quit"), "Ctrl+Q", self.quit_wanted.emit),
        )
        for entry in entries:
            if entry is None:
                self._menu.addSeparator()
                continue
            drawing, text, keys, slot = entry
            action = self._menu.addAction(icon(drawing, Tint.MUTED), text)
            action.setShortcut(QKeySequence(keys))
            action.triggered.connect(slot)
            self.addAction(action)
        self._menu_button.setMenu(self._menu)
        self._menu_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)

    def _make_shortcuts(self) -> None:
        shortcuts: tuple[tuple[tuple[str, ...], Callable[[], object]], ...] = (
            (("Ctrl+L", "Ctrl+F", "Ctrl+K"), self.page.focus_box),
            (("Esc",), self._escape),
            (("Alt+Left", "Back"), self.page.search.back),
            (("Ctrl+Shift+C",), self._copy_path),
            (("Ctrl+D",), self._find_like_current),
            (("Ctrl+R",), self._rerank),
            (("Ctrl+I",), self.page.show_reading),
            (("Ctrl+W",), self.close),
            (("F6",), self._switch_pane),
            (("F10",), self._menu_button.showMenu),
        )
        for keys, slot in shortcuts:
            action = QAction(self)
            action.setShortcuts([QKeySequence(each) for each in keys])
            action.triggered.connect(slot)
            self.addAction(action)

    def _restore(self, state: WindowState) -> None:
        if state.geometry:
            self.restoreGeometry(QByteArray(state.geometry))
        if state.splitter:
            self.page.splitter.restoreState(QByteArray(state.splitter))
        self.page.box.set_history(list(state.history))

    def _escape(self) -> None:
        if self.page.step_back():
            return
        if self.has_tray:
            self.hide()
        else:
            self.showMinimized()

    def _copy_path(self) -> None:
        if (hit := self.page.current()) is not None:
            self.page.actions_on_hits.copy_path(hit)

    def _find_like_current(self) -> None:
        if (hit := self.page.current()) is not None:
            self.page.actions_on_hits.find_like_file(hit)

    def _rerank(self) -> None:
        if self.page.rerank.isVisible():
            self.page.rerank.click()

    def _choose_file(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, self.tr("Find similar to a file"), str(Path.home()))
        if path:
            self.find_similar(Path(path))

    def _use_clipboard(self) -> None:
        """A copied file stands for itself, anything else for its text."""
        data = QGuiApplication.clipboard().mimeData()
        if data is None:
            return
        paths = dropped_paths(data)
        if paths:
            self.find_similar(paths[0])
        elif data.text().strip():
            self.find_similar_to_text(data.text())

    def _switch_pane(self) -> None:
        view = self.page.preview.current_view()
        is_in_results = self.page.results.hasFocus() or self.page.box.hasFocus()
        target = view if is_in_results and view is not None else self.page.results
        target.setFocus(Qt.FocusReason.TabFocusReason)

    def _show_sheet(self) -> None:
        if self._sheet is None:
            self._sheet = ShortcutSheet(self)
        self._sheet.open()
