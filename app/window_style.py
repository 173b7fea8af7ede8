from app.theme import LIGHT, Colors

# What only the main window has; the rest is the application's own style sheet.
SHEET = """
QLineEdit[role="search"] {{
    border: 1px solid {border}; border-radius: 10px; padding: 8px 10px; background: {base}; font-size: {search_size}pt;
}}
QLineEdit[role="search"]:focus {{ border: 2px solid {accent}; padding: 7px 9px; }}

QToolButton[role="chip"] {{
    background: transparent; color: {muted}; border: 1px solid {border}; border-radius: 12px; padding: 3px 10px;
}}
QToolButton[role="chip"]:hover {{ background: {hover}; color: {text}; }}
QToolButton[role="chip"]:checked {{ background: {selection}; color: {text}; border-color: {selection}; }}
QToolButton[role="chip"]:focus {{ border-color: {accent}; }}
QToolButton[role="example"] {{
    background: transparent; color: {accent}; border: none; padding: 4px 6px; text-align: left; font-family: monospace;
}}
QToolButton[role="example"]:hover, QToolButton[role="example"]:focus {{ background: {hover}; }}
QToolButton[role="state"] {{ color: {muted}; padding: 3px 8px; }}
QToolButton[role="state"]:hover {{ color: {text}; }}

ResultsView, QPlainTextEdit[role="preview"], QTextBrowser[role="preview"] {{
    border: none; border-radius: 0; background: {base}; padding: 0;
}}
QTextBrowser[is_paper="true"] {{ background: {paper}; color: {ink}; }}
ResultsView {{ padding: 4px 0; }}
PreviewHeader {{ background: {base}; border: none; border-bottom: 1px solid {border}; }}
QWidget[role="panel"] {{ background: {base}; }}
QWidget[role="top"] {{ background: {window}; border-bottom: 1px solid {border}; }}
QWidget[role="bottom"] {{ background: {window}; border-top: 1px solid {border}; }}
PagesView QLineEdit {{ padding: 2px 6px; }}
QFrame[role="popup"] {{ background: {base}; border: 1px solid {border}; }}
QLabel[role="drop"] {{
    background: {base}; color: {accent}; border: 2px dashed {accent}; border-radius: 14px;
}}
"""
SEARCH_SCALE = 1.2


def window_sheet(colors: Colors, point_size: float) -> str:
    """The main window's style sheet in these colours."""
    names = ("window", "base", "hover", "selection", "border", "text", "muted", "accent")
    values = {name: getattr(colors, name).name() for name in names}
    values |= {"paper": LIGHT.base.name(), "ink": LIGHT.text.name()}
    return SHEET.format(search_size=round(point_size * SEARCH_SCALE, 1), **values)
