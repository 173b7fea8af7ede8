from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon, QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.icons import Tint, icon, kind_icon, tray_icon
from app.options import Theme as Appearance
from app.theme import DARK, LIGHT, Colors, Theme, colors, is_dark
from indexer.document import Kind
from indexer.results import Matched

THEMES = pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])


@pytest.fixture
def light(qapp: QApplication) -> Iterator[Theme]:
    theme = Theme(qapp, Appearance.LIGHT)
    yield theme
    theme.set_appearance(Appearance.LIGHT)


def luminance(color: QColor) -> float:
    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4

    return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF()) + 0.0722 * linear(color.blueF())


def contrast(first: QColor, second: QColor) -> float:
    """As WCAG 2.2 defines it."""
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


def colours_in(image: QImage) -> set[str]:
    pixels = (image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height()))
    return {pixel.name() for pixel in pixels if pixel.alpha() == 255}


@THEMES
def test_text_can_be_read_on_every_ground(theme: Colors) -> None:
    for ground in (theme.window, theme.base, theme.raised, theme.hover, theme.selection, theme.mark, theme.word):
        assert contrast(theme.text, ground) >= 4.5


@THEMES
def test_quiet_text_and_states_can_be_read_in_windows_and_lists(theme: Colors) -> None:
    for text in (theme.muted, theme.accent, theme.good, theme.warning, theme.trouble):
        for ground in (theme.window, theme.base, theme.raised, theme.hover, theme.selection):
            assert contrast(text, ground) >= 4.5, (text.name(), ground.name())
    assert contrast(theme.on_accent, theme.accent) >= 4.5


@THEMES
def test_badges_and_kinds_can_be_read(theme: Colors) -> None:
    for badge in (theme.meaning, theme.words, theme.both, theme.neutral):
        assert contrast(badge.text, badge.ground) >= 4.5
    for kind in Kind:
        for ground in (theme.base, theme.selection):
            assert contrast(theme.kinds[kind], ground) >= 4.5, (kind, ground.name())


def test_the_badge_says_why_a_hit_was_found() -> None:
    assert LIGHT.badge((Matched.MEANING,)) is LIGHT.meaning
    assert LIGHT.badge((Matched.WORDS,)) is LIGHT.words
    assert LIGHT.badge((Matched.MEANING, Matched.WORDS)) is LIGHT.both


def test_the_users_choice_changes_the_palette_and_says_so(qtbot: QtBot, light: Theme) -> None:
    assert not is_dark()
    with qtbot.waitSignal(light.changed):
        light.set_appearance(Appearance.DARK)
    assert is_dark()
    assert colors() is DARK
    with qtbot.waitSignal(light.changed):
        light.set_appearance(Appearance.LIGHT)
    assert colors() is LIGHT


def test_every_drawing_can_be_painted(qapp: QApplication) -> None:
    drawings = [entry.name.removesuffix(".svg") for entry in (files("resources") / "icons").iterdir()]
    assert len(drawings) > 40
    for name in drawings:
        assert colours_in(icon(name).pixmap(24, 24).toImage()), name


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_has_an_icon_in_its_colour(light: Theme, kind: Kind) -> None:
    image = kind_icon(kind).pixmap(QSize(64, 64)).toImage()
    assert LIGHT.kinds[kind].name() in colours_in(image)


def test_an_icon_follows_the_theme_it_was_made_before(light: Theme) -> None:
    folder = icon("folder")
    assert LIGHT.text.name() in colours_in(folder.pixmap(48, 48).toImage())
    light.set_appearance(Appearance.DARK)
    assert DARK.text.name() in colours_in(folder.pixmap(48, 48).toImage())
    assert DARK.accent.name() in colours_in(icon("folder", Tint.ACCENT).pixmap(48, 48).toImage())


def test_an_icon_is_sharp_on_a_dense_screen_and_pale_when_disabled(light: Theme) -> None:
    dense = icon("folder").pixmap(QSize(24, 24), 2.0)
    assert dense.size() == QSize(48, 48)
    assert dense.devicePixelRatio() == 2.0
    pale = icon("folder").pixmap(QSize(48, 48), QIcon.Mode.Disabled).toImage()
    assert LIGHT.text.name() not in colours_in(pale)


@pytest.mark.parametrize("state", ["idle", "working", "paused", "trouble"])
def test_the_trays_states_differ_and_fit_both_panels(qapp: QApplication, state: str) -> None:
    others = {other for other in ("idle", "working", "paused", "trouble") if other != state}
    image = tray_icon(state, on_dark=True).pixmap(22, 22).toImage()
    assert all(image != tray_icon(other, on_dark=True).pixmap(22, 22).toImage() for other in others)
    assert image != tray_icon(state, on_dark=False).pixmap(22, 22).toImage()
