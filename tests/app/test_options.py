import stat
from dataclasses import replace
from pathlib import Path

import pytest

from app.options import AppOptions, Options, Theme, load_options, save_options
from indexer.settings import Settings

DARK = Options(app=AppOptions(theme=Theme.DARK))


def write(profile: Path, text: str) -> None:
    (profile / "settings.toml").write_text(text, encoding="utf-8")


def test_a_profile_without_a_file_has_the_defaults(tmp_path: Path) -> None:
    loaded = load_options(tmp_path)
    assert loaded.options == Options()
    assert loaded.warnings == ()
    assert list(tmp_path.iterdir()) == []


def test_what_is_saved_is_loaded_again(tmp_path: Path) -> None:
    options = Options(
        Settings(model="Qwen/Qwen3-Embedding-0.6B", exclude=("*.bak", "tmp/"), extraction_workers=3),
        AppOptions(theme=Theme.LIGHT, language="fr", shortcut="", pause_on_battery=False),
    )
    save_options(tmp_path, options)
    assert load_options(tmp_path).options == options


def test_only_what_differs_from_the_defaults_is_written(tmp_path: Path) -> None:
    save_options(tmp_path, DARK)
    assert (tmp_path / "settings.toml").read_text() == '[app]\ntheme = "dark"\n'


def test_an_option_can_go_back_to_its_default(tmp_path: Path) -> None:
    save_options(tmp_path, DARK)
    save_options(tmp_path, Options())
    assert load_options(tmp_path).options == Options()


def test_comments_and_unknown_keys_are_kept(tmp_path: Path) -> None:
    write(tmp_path, '# mine\n[indexing]\nfuture = 1  # who knows\nmodel = "a"  # keep\n[plugin]\nx = [1, 2]\n')
    save_options(tmp_path, replace(load_options(tmp_path).options, indexing=Settings(model="b")))
    text = (tmp_path / "settings.toml").read_text()
    assert text == '# mine\n[indexing]\nfuture = 1  # who knows\nmodel = "b"  # keep\n[plugin]\nx = [1, 2]\n'


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("[app]\ntheme = 'neon'", "app.theme"),
        ("[app]\ntheme = []", "app.theme"),
        ("[app]\nstart_in_tray = 1", "app.start_in_tray"),
        ("[app]\nlanguage = true", "app.language"),
        ("[indexing]\nmax_file_bytes = 0", "indexing.max_file_bytes"),
        ("[indexing]\nmax_file_bytes = true", "indexing.max_file_bytes"),
        ("[indexing]\nexclude = '*.o'", "indexing.exclude"),
        ("[indexing]\nexclude = [1]", "indexing.exclude"),
        ("app = 3", "app is no table"),
    ],
)
def test_a_bad_value_is_named_and_ignored(tmp_path: Path, line: str, told: str) -> None:
    write(tmp_path, line)
    loaded = load_options(tmp_path)
    assert loaded.options == Options()
    assert len(loaded.warnings) == 1
    assert told in loaded.warnings[0]


def test_good_values_beside_a_bad_one_count(tmp_path: Path) -> None:
    write(tmp_path, "[indexing]\ndebounce_ms = -1\nflush_chunks = 99\n")
    assert load_options(tmp_path).options.indexing == Settings(flush_chunks=99)


@pytest.mark.parametrize("content", [b"[app\n", b"\xff\xfe", b"a = 1\na = 2\n", b"x = " + b"[" * 100_000])
def test_a_damaged_file_is_set_aside_and_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "settings.toml").write_bytes(content)
    loaded = load_options(tmp_path)
    assert loaded.options == Options()
    assert "settings.toml.damaged" in loaded.warnings[0]
    assert (tmp_path / "settings.toml.damaged").read_bytes() == content
    save_options(tmp_path, DARK)
    assert load_options(tmp_path).options == DARK


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").mkdir()
    loaded = load_options(tmp_path)
    assert loaded.options == Options()
    assert "can't be read" in loaded.warnings[0]


def test_a_bad_section_is_replaced_when_options_are_saved(tmp_path: Path) -> None:
    write(tmp_path, "app = 3\n")
    save_options(tmp_path, DARK)
    assert load_options(tmp_path).options == DARK


def test_a_linked_file_stays_a_link_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    profile, dotfiles = tmp_path / "profile", tmp_path / "dotfiles"
    profile.mkdir()
    dotfiles.mkdir()
    (profile / "settings.toml").symlink_to(dotfiles / "cognate.toml")
    save_options(profile, DARK)
    assert (profile / "settings.toml").is_symlink()
    assert [each.name for each in dotfiles.iterdir()] == ["cognate.toml"]
    assert load_options(profile).options == DARK


def test_only_its_user_can_read_the_file(tmp_path: Path) -> None:
    save_options(tmp_path, DARK)
    assert stat.S_IMODE((tmp_path / "settings.toml").stat().st_mode) == 0o600
