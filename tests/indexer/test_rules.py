import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.rules import CACHE_TAG, RuleKind, Rules
from indexer.settings import Settings


def write(path: Path, text: str | bytes = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def kind(rules: Rules, path: Path, is_folder: bool = False) -> RuleKind | None:
    exclusion = rules.verdict(path, is_folder)
    return exclusion.kind if exclusion else None


@pytest.fixture
def rules(tmp_path: Path) -> Rules:
    return Rules(tmp_path, Settings())


def test_an_ordinary_file_is_let_in(tmp_path: Path, rules: Rules) -> None:
    assert rules.verdict(tmp_path / "notes" / "boat.md", is_folder=False) is None
    assert rules.verdict(tmp_path, is_folder=True) is None


@pytest.mark.parametrize(
    "name",
    ["a.swp", "report.docx~", "~$report.docx", ".~lock.a.odt#", "film.mkv.part", "x.crdownload", "Thumbs.db", "#a#"],
)
def test_temporary_files_are_left_out(tmp_path: Path, rules: Rules, name: str) -> None:
    exclusion = rules.verdict(tmp_path / name, is_folder=False)
    assert exclusion and exclusion.kind is RuleKind.BUILT_IN


@pytest.mark.parametrize("name", ["node_modules", "__pycache__", ".git", ".venv", ".Trash-1000", "lost+found"])
def test_a_file_in_a_folder_that_is_left_out_has_its_reason(tmp_path: Path, rules: Rules, name: str) -> None:
    folder = rules.verdict(tmp_path / name, is_folder=True)
    assert folder
    assert rules.verdict(tmp_path / name / "deep" / "down.txt", is_folder=False) == folder


def test_the_reason_names_the_rule_and_where_it_stands(tmp_path: Path, rules: Rules) -> None:
    write(tmp_path / "sub" / ".gitignore", "*.log\n")
    built_in = rules.verdict(tmp_path / "node_modules", is_folder=True)
    assert built_in and built_in.reason == 'excluded by "node_modules/" (built-in rule)'
    ignored = rules.verdict(tmp_path / "sub" / "a.log", is_folder=False)
    assert ignored and ignored.reason == f'excluded by "*.log" in {tmp_path}/sub/.gitignore'
    hidden = rules.verdict(tmp_path / ".config" / "a.txt", is_folder=False)
    assert hidden and hidden.reason == 'hidden: the name ".config" begins with a dot'


def test_a_file_named_like_a_folder_rule_is_let_in(tmp_path: Path, rules: Rules) -> None:
    assert rules.verdict(tmp_path / "node_modules", is_folder=False) is None


def test_the_root_may_be_hidden_or_named_like_a_rule(tmp_path: Path) -> None:
    root = tmp_path / ".cache" / "node_modules"
    root.mkdir(parents=True)
    assert Rules(root, Settings()).verdict(root / "a.txt", is_folder=False) is None


def test_a_path_outside_of_the_root_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not below"):
        Rules(tmp_path / "a", Settings()).verdict(tmp_path / "ab", is_folder=False)


def test_folders_that_people_name_too_need_a_witness(tmp_path: Path, rules: Rules) -> None:
    for name in ("target", "build", "dist", "vendor", "venv"):
        (tmp_path / "plans" / name).mkdir(parents=True)
        assert rules.verdict(tmp_path / "plans" / name, is_folder=True) is None
    write(tmp_path / "crate" / "Cargo.toml")
    (tmp_path / "crate" / "target").mkdir()
    assert kind(rules, tmp_path / "crate" / "target" / "a.txt") is RuleKind.BUILT_IN
    write(tmp_path / "python" / "my env" / "pyvenv.cfg")
    assert kind(rules, tmp_path / "python" / "my env", is_folder=True) is RuleKind.BUILT_IN


def test_a_tagged_cache_is_left_out_and_a_false_tag_is_not(tmp_path: Path, rules: Rules) -> None:
    write(tmp_path / "true" / "CACHEDIR.TAG", CACHE_TAG + b"\n# by a program")
    write(tmp_path / "false" / "CACHEDIR.TAG", "no signature")
    assert kind(rules, tmp_path / "true", is_folder=True) is RuleKind.BUILT_IN
    assert kind(rules, tmp_path / "false", is_folder=True) is None


def test_the_index_does_not_index_itself(tmp_path: Path, rules: Rules) -> None:
    profile = tmp_path / "my search"
    write(profile / "catalogue.db")
    assert kind(rules, profile, is_folder=True) is None
    (profile / "segments").mkdir()
    assert rules.forget(profile / "segments") == (profile,)
    assert kind(rules, profile / "log" / "a.log") is RuleKind.BUILT_IN


def test_the_nearest_ignore_file_wins_and_the_last_pattern_in_it(tmp_path: Path, rules: Rules) -> None:
    write(tmp_path / ".gitignore", "*.txt\n")
    write(tmp_path / "a" / ".gitignore", "!*.txt\nx*\n!xa.txt\n")
    assert kind(rules, tmp_path / "1.txt") is RuleKind.IGNORE_FILE
    assert kind(rules, tmp_path / "a" / "1.txt") is None
    assert kind(rules, tmp_path / "a" / "b" / "xb.txt") is RuleKind.IGNORE_FILE
    assert kind(rules, tmp_path / "a" / "b" / "xa.txt") is None


def test_an_ignore_file_counts_from_its_own_folder(tmp_path: Path, rules: Rules) -> None:
    write(tmp_path / "a" / ".gitignore", "/out/*.txt\n")
    assert kind(rules, tmp_path / "a" / "out" / "1.txt") is RuleKind.IGNORE_FILE
    assert kind(rules, tmp_path / "out" / "1.txt") is None
    assert kind(rules, tmp_path / "a" / "b" / "out" / "1.txt") is None


def test_ignore_files_above_the_root_do_not_count(tmp_path: Path) -> None:
    write(tmp_path / ".gitignore", "*\n")
    (tmp_path / "root").mkdir()
    assert kind(Rules(tmp_path / "root", Settings()), tmp_path / "root" / "a.txt") is None


def test_gitignore_can_be_switched_off_and_cognateignore_stays(tmp_path: Path) -> None:
    write(tmp_path / ".gitignore", "*.txt\n")
    write(tmp_path / ".cognateignore", "*.md\n")
    rules = Rules(tmp_path, Settings(use_gitignore=False))
    assert kind(rules, tmp_path / "a.txt") is None
    assert kind(rules, tmp_path / "a.md") is RuleKind.IGNORE_FILE


def test_cognateignore_overrules_gitignore_and_built_in_rules(tmp_path: Path, rules: Rules) -> None:
    write(tmp_path / ".gitignore", "*.txt\n")
    write(tmp_path / ".cognateignore", "!*.txt\n!.notes/\n!target/\n")
    write(tmp_path / "Cargo.toml")
    (tmp_path / "target").mkdir()
    assert kind(rules, tmp_path / "a.txt") is None
    assert kind(rules, tmp_path / ".notes" / "a.md") is None
    assert kind(rules, tmp_path / "target" / "a.md") is None


def test_a_gitignore_lets_nothing_in_that_is_built_in(tmp_path: Path, rules: Rules) -> None:
    write(tmp_path / ".gitignore", "!.hidden\n!node_modules/\n")
    assert kind(rules, tmp_path / ".hidden") is RuleKind.HIDDEN
    assert kind(rules, tmp_path / "node_modules", is_folder=True) is RuleKind.BUILT_IN


def test_the_users_patterns_overrule_everything(tmp_path: Path) -> None:
    write(tmp_path / ".cognateignore", "*.md\n")
    private = tmp_path / "docs" / "private"
    rules = Rules(tmp_path, Settings(exclude=("*.bak", "!.config/", "!keep.md", f"{private}/", f"!{private}/open")))
    assert kind(rules, tmp_path / "x" / "a.bak") is RuleKind.SETTINGS
    assert kind(rules, tmp_path / ".config" / "a.txt") is None
    assert kind(rules, tmp_path / "keep.md") is None
    assert kind(rules, private, is_folder=True) is RuleKind.SETTINGS
    assert kind(rules, private / "open") is RuleKind.SETTINGS  # as in git: nothing comes back below an excluded folder


def test_large_and_generated_files_are_found_by_name_only(tmp_path: Path) -> None:
    rules = Rules(tmp_path, Settings(max_file_bytes=256 * 1024**2))
    large = rules.verdict(tmp_path / "film.mkv", is_folder=False, size_bytes=256 * 1024**2 + 1)
    assert large and large.findable_by_name and large.reason == "larger than 256 MB"
    assert rules.verdict(tmp_path / "film.mkv", is_folder=False, size_bytes=256 * 1024**2) is None
    generated = rules.verdict(tmp_path / "package-lock.json", is_folder=False)
    assert generated and generated.findable_by_name


def test_an_ignore_file_that_changed_counts_once_its_event_is_told(tmp_path: Path, rules: Rules) -> None:
    file = tmp_path / "a" / "deep" / "1.txt"
    write(file)
    assert kind(rules, file) is None
    ignore = write(tmp_path / "a" / ".gitignore", "*.txt\n")
    assert rules.forget(ignore) == (tmp_path / "a",)
    assert kind(rules, file) is RuleKind.IGNORE_FILE
    ignore.unlink()
    assert rules.forget(ignore) == (tmp_path / "a",)
    assert kind(rules, file) is None


def test_a_witness_that_appears_decides_about_the_outputs_beside_it(tmp_path: Path, rules: Rules) -> None:
    (tmp_path / "target").mkdir()
    assert kind(rules, tmp_path / "target", is_folder=True) is None
    assert rules.forget(write(tmp_path / "Cargo.toml")) == (tmp_path / "target",)
    assert kind(rules, tmp_path / "target", is_folder=True) is RuleKind.BUILT_IN


def test_a_file_that_decides_about_no_other_needs_no_scan(tmp_path: Path, rules: Rules) -> None:
    assert rules.forget(tmp_path / "a" / "notes.txt") == ()
    assert rules.forget(tmp_path / "a" / "package.json") == ()


def test_a_folder_that_was_replaced_is_looked_at_again(tmp_path: Path, rules: Rules) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    assert kind(rules, folder, is_folder=True) is None
    write(folder / "pyvenv.cfg")
    rules.forget(folder)
    assert kind(rules, folder / "a.txt") is RuleKind.BUILT_IN


def test_an_ignore_file_may_be_anything(tmp_path: Path, rules: Rules) -> None:
    write(tmp_path / "windows" / ".gitignore", b"\xef\xbb\xbf*.log\r\n\r\n# no\r\n*.bak\r\n")
    (tmp_path / "folder" / ".gitignore").mkdir(parents=True)
    (tmp_path / "pipe").mkdir()
    os.mkfifo(tmp_path / "pipe" / ".gitignore")
    write(tmp_path / "bytes" / ".gitignore", b"\xff*\n\x00\n[z-\n")
    write(tmp_path / "huge" / ".gitignore", b"*.txt\n" * 100_000)
    assert kind(rules, tmp_path / "windows" / "a.log") is RuleKind.IGNORE_FILE
    assert kind(rules, tmp_path / "windows" / "a.bak") is RuleKind.IGNORE_FILE
    assert kind(rules, tmp_path / "folder" / "a.txt") is None
    assert kind(rules, tmp_path / "pipe" / "a.txt") is None
    assert kind(rules, tmp_path / "bytes" / os.fsdecode(b"\xffa.txt")) is RuleKind.IGNORE_FILE
    assert kind(rules, tmp_path / "huge" / "a.txt") is None


def test_a_reason_is_text_whatever_the_name_is(tmp_path: Path, rules: Rules) -> None:
    exclusion = rules.verdict(tmp_path / os.fsdecode(b".\xff\xfe"), is_folder=False)
    assert exclusion and exclusion.reason.encode()


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs /proc")
def test_files_of_the_system_itself_are_left_out() -> None:
    assert kind(Rules(Path("/"), Settings()), Path("/proc/self/status")) is RuleKind.SPECIAL
    assert kind(Rules(Path("/proc"), Settings()), Path("/proc"), is_folder=True) is RuleKind.SPECIAL


def test_a_path_of_a_thousand_names_has_a_verdict(tmp_path: Path, rules: Rules) -> None:
    assert kind(rules, tmp_path.joinpath(*"a" * 1500, "b.txt")) is None


@given(names=st.lists(st.binary(min_size=1).filter(lambda name: b"/" not in name), min_size=1, max_size=4))
def test_every_name_has_a_verdict(names: list[bytes]) -> None:
    if not {b".", b".."} & set(names):
        root = Path("/nowhere")
        exclusion = Rules(root, Settings()).verdict(root.joinpath(*map(os.fsdecode, names)), is_folder=False)
        assert exclusion is None or exclusion.reason.encode()
