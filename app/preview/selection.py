from PySide6.QtCore import QCoreApplication, SignalInstance
from PySide6.QtWidgets import QMenu

from app.icons import icon

LINE_ENDS = str.maketrans("\u2028\u2029", "\n\n")  # what Qt puts between the lines of a selection


def extend_menu(menu: QMenu, selected: str, similar_wanted: SignalInstance) -> None:
    """Let a text's own context menu begin with finding what is about the same as the selected text."""
    text = selected.translate(LINE_ENDS).strip()
    if not text:
        return
    first = menu.actions()[0] if menu.actions() else None
    similar = menu.addAction(icon("similar"), QCoreApplication.translate("Preview", "Find similar to selection"))
    similar.triggered.connect(lambda: similar_wanted.emit(text))
    if first is not None:
        menu.insertAction(first, similar)
        menu.insertSeparator(first)
