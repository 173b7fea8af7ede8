from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import resources

if TYPE_CHECKING:
    from app.theme import Colors

ICONS = Path(resources.__file__).parent / "icons"  # a style sheet reads drawings from the disk, in their own colour

# Flat, thin borders, one accent. Widgets ask for a role by a dynamic property: `button.setProperty("role", "primary")`
# and "flat" on buttons; "muted", "title", "heading" on labels; `frame.setProperty("role", "card")`.
SHEET = """
QToolTip {{ background: {raised}; color: {text}; border: 1px solid {border}; padding: 4px 6px; }}

QPushButton {{
    background: {raised}; color: {text}; border: 1px solid {border}; border-radius: 6px; padding: 5px 14px;
}}
QPushButton:hover {{ background: {hover}; }}
QPushButton:pressed, QPushButton:checked {{ background: {selection}; }}
QPushButton:focus {{ border-color: {accent}; }}
QPushButton:disabled {{ color: {muted}; background: {window}; }}
QPushButton[role="primary"], QPushButton:default {{
    background: {accent}; color: {on_accent}; border-color: {accent}; font-weight: 600;
}}
QPushButton[role="primary"]:hover, QPushButton:default:hover {{ background: {accent_hover}; }}
QPushButton[role="primary"]:focus, QPushButton:default:focus {{ border-color: {text}; }}
QPushButton[role="primary"]:disabled, QPushButton:default:disabled {{
    background: {hover}; color: {muted}; border-color: {border};
}}
QPushButton[role="flat"] {{ background: transparent; border-color: transparent; }}
QPushButton[role="flat"]:hover {{ background: {hover}; }}
QPushButton[role="flat"]:focus {{ border-color: {accent}; }}

QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; }}

QToolButton {{ background: transparent; border: 1px solid transparent; border-radius: 6px; padding: 4px; }}
QToolButton:hover {{ background: {hover}; }}
QToolButton:pressed, QToolButton:checked {{ background: {selection}; }}
QToolButton:focus {{ border-color: {accent}; }}
QToolButton::menu-indicator {{ image: none; }}

QLineEdit, QPlainTextEdit, QSpinBox, QDoubleSpinBox, QComboBox {{
    background: {base}; color: {text}; border: 1px solid {border}; border-radius: 6px; padding: 4px 8px;
    selection-background-color: {accent}; selection-color: {on_accent};
}}
QLineEdit:focus, QPlainTextEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QComboBox:focus {{
    border-color: {accent};
}}
QLineEdit:disabled, QSpinBox:disabled, QComboBox:disabled {{ color: {muted}; background: {window}; }}

QComboBox::drop-down {{ border: none; width: 22px; }}
QComboBox::down-arrow {{ image: url({icons}/arrow-down.svg); width: 12px; height: 12px; }}
QComboBox QAbstractItemView {{ padding: 4px; selection-background-color: {selection}; selection-color: {text}; }}
QSpinBox::up-button, QSpinBox::down-button {{ border: none; background: transparent; width: 20px; }}
QSpinBox::up-arrow {{ image: url({icons}/arrow-up.svg); width: 10px; height: 10px; }}
QSpinBox::down-arrow {{ image: url({icons}/arrow-down.svg); width: 10px; height: 10px; }}

QCheckBox, QRadioButton {{ spacing: 8px; }}
QCheckBox::indicator, QRadioButton::indicator {{
    width: 14px; height: 14px; background: {base}; border: 1px solid {muted}; border-radius: 4px;
}}
QRadioButton::indicator {{ border-radius: 8px; }}
QCheckBox::indicator:hover, QRadioButton::indicator:hover {{ background: {hover}; }}
QCheckBox::indicator:focus, QRadioButton::indicator:focus {{ border: 2px solid {accent}; width: 12px; height: 12px; }}
QCheckBox::indicator:checked {{ background: {accent}; border-color: {accent}; image: url({icons}/{tick}.svg); }}
QCheckBox::indicator:checked:focus {{ border-color: {text}; }}
QRadioButton::indicator:checked {{ border: 5px solid {accent}; width: 6px; height: 6px; }}
QCheckBox::indicator:disabled, QRadioButton::indicator:disabled {{ border-color: {border}; background: {window}; }}

QAbstractItemView {{ background: {base}; border: 1px solid {border}; outline: none; }}
QTableView, QTreeView, QListView {{ border-radius: 6px; }}
QTableView {{ gridline-color: transparent; }}
QTableView::item, QTreeView::item {{ border: none; padding: 3px 6px; }}
QTableView::item:selected, QTreeView::item:selected, QListView::item:selected {{
    background: {selection}; color: {text};
}}
QHeaderView {{ background: {base}; border: none; }}
QHeaderView::section {{
    background: {base}; color: {muted}; border: none; border-bottom: 1px solid {border}; padding: 5px 9px;
}}

QTabWidget::pane {{ border: none; border-top: 1px solid {border}; }}
QTabBar {{ background: transparent; qproperty-drawBase: 0; }}
QTabBar::tab {{ background: transparent; color: {muted}; padding: 7px 14px; border-bottom: 2px solid transparent; }}
QTabBar::tab:hover {{ color: {text}; }}
QTabBar::tab:selected {{ color: {text}; border-bottom-color: {accent}; }}
QTabBar::tab:focus {{ color: {accent}; }}

QMenu {{ background: {base}; color: {text}; border: 1px solid {border}; padding: 4px; }}
QMenu::item {{ padding: 5px 24px 5px 8px; border-radius: 4px; }}
QMenu::icon {{ padding-left: 6px; }}
QMenu::item:selected {{ background: {selection}; }}
QMenu::item:disabled {{ color: {muted}; background: transparent; }}
QMenu::separator {{ height: 1px; background: {border}; margin: 4px 6px; }}

QScrollBar:vertical {{ background: transparent; width: 10px; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: 10px; margin: 0; }}
QScrollBar::handle {{ background: {scroll}; border-radius: 3px; margin: 2px; }}
QScrollBar::handle:vertical {{ min-height: 28px; }}
QScrollBar::handle:horizontal {{ min-width: 28px; }}
QScrollBar::handle:hover {{ background: {muted}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}

QSplitter::handle {{ background: {border}; }}
QSplitter[role="gap"]::handle {{ background: transparent; }}
QSplitter::handle:horizontal {{ width: 1px; }}
QSplitter::handle:vertical {{ height: 1px; }}
QStatusBar {{ background: {window}; color: {muted}; }}
QStatusBar::item {{ border: none; }}
QProgressBar {{
    background: {hover}; border: none; border-radius: 3px; min-height: 6px; max-height: 6px; text-align: center;
}}
QProgressBar::chunk {{ background: {accent}; border-radius: 3px; }}

QLabel[role="muted"] {{ color: {muted}; }}
QLabel[role="trouble"] {{ color: {trouble}; }}
QLabel[role="warning"] {{ color: {warning}; }}
QLabel[role="good"] {{ color: {good}; }}
QFrame[role="card"] {{ background: {base}; border: 1px solid {border}; border-radius: 10px; }}
QFrame[role="choice"] {{ background: {base}; border: 1px solid {border}; border-radius: 10px; }}
QFrame[role="choice"]:hover {{ background: {hover}; }}
QFrame[role="choice"][chosen="true"] {{ border-color: {accent}; }}
QScrollArea[role="clear"], QScrollArea[role="clear"] > QWidget > QWidget {{ background: transparent; border: none; }}
QFrame[role="line"] {{ background: {border}; border: none; max-height: 1px; min-height: 1px; }}
"""


def stylesheet(colors: Colors) -> str:
    """The application's style sheet in these colours."""
    names = ("window", "base", "raised", "hover", "selection", "border", "text", "muted", "accent", "on_accent")
    states = ("good", "warning", "trouble")
    values = {name: getattr(colors, name).name() for name in names + states}
    is_light = colors.base.lightnessF() > 0.5
    values["accent_hover"] = (colors.accent.lighter(112) if is_light else colors.accent.lighter(108)).name()
    values["scroll"] = (colors.border.darker(115) if is_light else colors.border.lighter(135)).name()
    values["tick"] = "tick-light" if is_light else "tick-dark"
    return SHEET.format(**values, icons=ICONS.as_posix())
