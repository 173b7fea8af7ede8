from __future__ import annotations

import codecs
import logging
import os
import stat
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from indexer.gitignore import Pattern, Patterns
from indexer.mounts import file_system_of, is_pseudo
from indexer.settings import Settings

log = logging.getLogger(__name__)

GITIGNORE = ".gitignore"
COGNATEIGNORE = ".cognateignore"
MAX_IGNORE_FILE_BYTES = 256 * 1024
MAX_CACHED_FOLDERS = 50_000  # some 20 MB
CACHE_TAG = b"Signature: 8a477f597d28d172789f06886806bc55"  # https://bford.info/cachedir/

# Names that mean one thing wherever they stand. Names that people use too (build, target, vendor) need a witness.
BUILT_IN = (
    *(".git/", ".hg/", ".svn/", ".bzr/", ".jj/", "_darcs/"),
    *("node_modules/", "bower_components/", "jspm_packages/", ".yarn/", ".pnpm-store/", ".npm/"),
    *(
        "__pycache__/",
        "__pypackages__/",
        "site-packages/",
        ".tox/",
        ".nox/",
        ".eggs/",
        "*.egg-info/",
        ".ipynb_checkpoints/",
    ),
    *(".mypy_cache/", ".pytest_cache/", ".ruff_cache/", ".hypothesis/"),
    *(".gradle/", ".idea/", ".vscode/", ".vs/", ".terraform/", ".next/", ".nuxt/", ".svelte-kit/", ".parcel-cache/"),
    *(".stack-work/", "dist-newstyle/", "cmake-build-*/", "CMakeFiles/", "DerivedData/", ".dart_tool/"),
    *(".Trash/", ".Trash-*/", ".Trashes/", "$RECYCLE.BIN/", "System Volume Information/", "lost+found/"),
    *(".cache/", ".thumbnails/", ".Spotlight-V100/", ".fseventsd/", ".DocumentRevisions-V100/", ".TemporaryItems/"),
    *(".DS_Store", "Thumbs.db", "ehthumbs.db", "desktop.ini"),
    *("*~", "*.swp", "*.swo", "*.swx", ".#*", "\\#*#", "~$*", ".~lock.*#", "*.tmp", "*.temp"),
    *("*.part", "*.partial", "*.crdownload", "*.download/", "*.opdownload", "*.!ut", "*.aria2"),
)
# Written by tools, large, and about nothing: found by name only.
GENERATED = (
    *(
        "package-lock.json",
        "npm-shrinkwrap.json",
        "yarn.lock",
        "pnpm-lock.yaml",
        "bun.lock",
        "Cargo.lock",
        "poetry.lock",
    ),
    *("uv.lock", "pdm.lock", "Pipfile.lock", "composer.lock", "Gemfile.lock", "go.sum", "flake.lock", "Podfile.lock"),
    *("*.min.js", "*.min.css", "*.js.map", "*.css.map"),
)
# Build outputs, by a file that stands beside them.
WITNESSES = {
    "target": ("Cargo.toml", "pom.xml", "build.sbt"),
    "build": (
        "build.gradle",
        "build.gradle.kts",
        "CMakeLists.txt",
        "meson.build",
        "package.json",
        "pyproject.toml",
        "setup.py",
    ),
    "dist": ("package.json", "pyproject.toml", "setup.py"),
    "out": ("package.json", "build.gradle", "build.gradle.kts", "CMakeLists.txt"),
    "coverage": ("package.json",),
    "htmlcov": ("pyproject.toml", "setup.py"),
    "vendor": ("go.mod", "composer.json", "Gemfile"),
    "_build": ("mix.exs", "dune-project", "rebar.config"),
    "deps": ("mix.exs",),
    "_site": ("_config.yml",),
}
VENV_MARK = "pyvenv.cfg"
CACHE_MARK = "CACHEDIR.TAG"
PROFILE_MARKS = ("catalogue.db", "segments")  # indexing what indexing writes would never end
_DECIDES_ON_ITS_FOLDER = frozenset((GITIGNORE, COGNATEIGNORE, VENV_MARK, CACHE_MARK, *PROFILE_MARKS))
DECIDING_NAMES = _DECIDES_ON_ITS_FOLDER.union(*WITNESSES.values())  # `forget` has folders to name for these only


_ABSENT = -1


class RuleKind(StrEnum):
    """What decided that a file is left out."""

    BUILT_IN = "built-in"
    GENERATED = "generated"
    HIDDEN = "hidden"
    IGNORE_FILE = "ignore file"
    SETTINGS = "settings"
    SIZE = "size"
    LINK = "link"
    SPECIAL = "special"  # a device, a pipe, a socket, or a folder of the system's own
    UNREADABLE = "unreadable"  # not known what is in it: what was indexed below is better kept


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Why the text of a file is not indexed, or a folder not entered."""

    reason: str  # one line for the user, without the surrogates of names that are not Unicode
    kind: RuleKind
    findable_by_name: bool = False


@dataclass(frozen=True, slots=True)
class _IgnoreFile:
    folder: str
    shown: str
    patterns: Patterns


@dataclass(frozen=True, slots=True)
class _Folder:
    exclusion: Exclusion | None
    device: int  # _ABSENT: there is no such folder
    ours: tuple[_IgnoreFile, ...] = ()  # nearest first
    gits: tuple[_IgnoreFile, ...] = ()


class Rules:
    """Decides for one watched folder what is left out; any thread may ask.

    Strongest first: the user's patterns, .cognateignore files, built-in rules, .gitignore files. A negated pattern
    ("!name") of the first two lets in what the rest exclude. As in git, nothing below an excluded folder comes back,
    the nearest ignore file wins over those above it, and the last pattern that matches over those before it. Ignore
    files above the watched folder do not count, and the watched folder itself is never excluded by name.
    """

    def __init__(self, root: Path, settings: Settings) -> None:
        self.root = root
        self._root = str(root)
        self._max_file_bytes = settings.max_file_bytes
        self._use_gitignore = settings.use_gitignore
        self._chosen = Patterns(_relative(root, pattern) for pattern in settings.exclude)
        self._folders: dict[str, _Folder] = {}
        self._forgotten = 0  # a verdict reached while something was forgotten is not kept

    def verdict(self, path: Path, is_folder: bool, size_bytes: int | None = None) -> Exclusion | None:
        """Why a path below the root is left out, by itself or by a folder above it; None: it is let in.

        The path is absolute and normalised. Nothing is opened but ignore files and cache tags; without a size the limit
        is not checked. The file need not exist any more.

        Raises:
            ValueError: the path is not below the root.
        """
        if path != self.root and self.root not in path.parents:
            raise ValueError(f"{path} is not below {self.root}")
        if is_folder:
            return self.folder_verdict(str(path))
        return self.folder_verdict(str(path.parent)) or self.file_verdict(str(path.parent), path.name, size_bytes)

    def folder_verdict(self, folder: str) -> Exclusion | None:
        """`verdict` of a folder given as a string."""
        return self._folder(folder).exclusion

    def file_verdict(self, folder: str, name: str, size_bytes: int | None = None) -> Exclusion | None:
        """`verdict` of a file whose folder is known to be let in."""
        if exclusion := self._decide(self._folder(folder), os.path.join(folder, name), name, is_folder=False):
            return exclusion
        if size_bytes is not None and size_bytes > self._max_file_bytes:
            return Exclusion(f"larger than {readable_size(self._max_file_bytes)}", RuleKind.SIZE, findable_by_name=True)
        return None

    def forget(self, path: Path) -> tuple[Path, ...]:
        """Drop what was remembered of a path that was created, changed, moved or deleted.

        Returns:
            Folders below which verdicts may differ now, for a path that decides about others: they need a scan.
        """
        self._forgotten += 1
        decided = self._decided_by(path)
        for start in map(str, decided or (path,)):
            if decided or start in self._folders:
                below = start.rstrip(os.sep) + os.sep
                for folder in [known for known in list(self._folders) if known == start or known.startswith(below)]:
                    self._folders.pop(folder, None)
        return decided

    def _decided_by(self, path: Path) -> tuple[Path, ...]:
        if self.root not in path.parents:
            return ()
        if path.name in _DECIDES_ON_ITS_FOLDER:
            return (path.parent,)
        outputs = (path.parent / name for name, witnesses in WITNESSES.items() if path.name in witnesses)
        return tuple(output for output in outputs if output.is_dir())

    def _folder(self, folder: str) -> _Folder:
        """Ancestors first, without recursion: a path can have a thousand names."""
        if len(self._folders) >= MAX_CACHED_FOLDERS and folder not in self._folders:
            self._forgotten += 1
            self._folders.clear()  # all: `forget` counts on a known folder's ancestors to be known
        unknown, forgotten = [], self._forgotten
        while not (known := self._folders.get(folder)):
            unknown.append(folder)
            if folder == self._root:
                break
            folder = os.path.dirname(folder)
        while unknown and not (known and known.exclusion):
            folder = unknown.pop()
            known = self._examine(folder, known)
            if known.device != _ABSENT and forgotten == self._forgotten:
                self._folders[folder] = known
        assert known
        return known

    def _examine(self, folder: str, parent: _Folder | None) -> _Folder:
        """What is to be known of a folder whose parent is let in; the root has none."""
        exclusion = self._decide(parent, folder, os.path.basename(folder), is_folder=True) if parent else None
        device = _device(folder)
        if exclusion or device == _ABSENT:
            return _Folder(exclusion, device, *((parent.ours, parent.gits) if parent else ()))
        if not (parent and parent.device == device) and (exclusion := _by_file_system(folder)):
            return _Folder(exclusion, device)
        ours = (*_ignore_file(folder, COGNATEIGNORE), *(parent.ours if parent else ()))
        gits = (*(_ignore_file(folder, GITIGNORE) if self._use_gitignore else ()), *(parent.gits if parent else ()))
        return _Folder(None, device, ours, gits)

    def _decide(self, parent: _Folder, path: str, name: str, is_folder: bool) -> Exclusion | None:
        if match := self._match(self._chosen, self._root, path, name, is_folder):
            return _excluded(match, "in the settings", RuleKind.SETTINGS)
        for file in parent.ours:
            if match := self._match(file.patterns, file.folder, path, name, is_folder):
                return _excluded(match, f"in {file.shown}", RuleKind.IGNORE_FILE)
        return (
            by_name(name, is_folder)
            or self._by_gitignore(parent, path, name, is_folder)
            or (_by_witness(path, name) if is_folder else None)
        )

    def _by_gitignore(self, parent: _Folder, path: str, name: str, is_folder: bool) -> Exclusion | None:
        for file in parent.gits:
            if match := self._match(file.patterns, file.folder, path, name, is_folder):
                return _excluded(match, f"in {file.shown}", RuleKind.IGNORE_FILE)
        return None

    @staticmethod
    def _match(patterns: Patterns, base: str, path: str, name: str, is_folder: bool) -> Pattern | None:
        if not patterns:
            return None
        return patterns.last_match(path[len(base) :].replace(os.sep, "/").strip("/"), name, is_folder)


def shown(path: str) -> str:
    """A path as text that can be stored and displayed, whatever bytes its names are made of."""
    return path.encode(errors="replace").decode()


def readable_size(size_bytes: int) -> str:
    """A size in the largest unit of which there is one."""
    for unit, factor in (("GB", 1024**3), ("MB", 1024**2), ("KB", 1024)):
        if size_bytes >= factor:
            return f"{size_bytes / factor:.4g} {unit}"
    return f"{size_bytes} bytes"


def _excluded(match: Pattern, where: str, kind: RuleKind) -> Exclusion | None:
    return None if match.is_negated else Exclusion(f'excluded by "{shown(match.text)}" {where}', kind)


_BUILT_IN = Patterns(BUILT_IN)
_GENERATED = Patterns(GENERATED)


def by_name(name: str, is_folder: bool) -> Exclusion | None:
    """What built-in rules say of a name, wherever it stands."""
    if match := _BUILT_IN.last_match(name, name, is_folder):
        return _excluded(match, "(built-in rule)", RuleKind.BUILT_IN)
    if name.startswith("."):
        return Exclusion(f'hidden: the name "{shown(name)}" begins with a dot', RuleKind.HIDDEN)
    if not is_folder and (match := _GENERATED.last_match(name, name, is_folder)):
        reason = f'written by a tool, so only its name is indexed: "{match.text}" (built-in rule)'
        return Exclusion(reason, RuleKind.GENERATED, findable_by_name=True)
    return None


def _by_witness(folder: str, name: str) -> Exclusion | None:
    """Costs three system calls for most folders."""
    if os.path.lexists(os.path.join(folder, VENV_MARK)):
        return Exclusion(f'"{shown(name)}" is a Python virtual environment (built-in rule)', RuleKind.BUILT_IN)
    if _is_tagged_cache(os.path.join(folder, CACHE_MARK)):
        return Exclusion(f'"{shown(name)}" is marked as a cache by its {CACHE_MARK} (built-in rule)', RuleKind.BUILT_IN)
    if all(os.path.lexists(os.path.join(folder, mark)) for mark in PROFILE_MARKS):
        return Exclusion(f'"{shown(name)}" holds the index itself (built-in rule)', RuleKind.BUILT_IN)
    for witness in WITNESSES.get(name, ()):
        if os.path.lexists(os.path.join(os.path.dirname(folder), witness)):
            reason = f'"{name}" is the output of the {witness} beside it (built-in rule)'
            return Exclusion(reason, RuleKind.BUILT_IN)
    return None


def _by_file_system(folder: str) -> Exclusion | None:
    file_system = file_system_of(Path(folder))
    if not is_pseudo(file_system):
        return None
    return Exclusion(f"a view of the running system ({file_system}), not a folder of files", RuleKind.SPECIAL)


def _device(folder: str) -> int:
    try:
        return os.stat(folder).st_dev
    except (OSError, ValueError):  # ValueError: a null character in it
        return _ABSENT


def _is_tagged_cache(path: str) -> bool:
    return _read_start(path, len(CACHE_TAG)) == CACHE_TAG


def _ignore_file(folder: str, name: str) -> tuple[_IgnoreFile, ...]:
    path = os.path.join(folder, name)
    content = _read_start(path, MAX_IGNORE_FILE_BYTES + 1)
    if len(content) > MAX_IGNORE_FILE_BYTES:
        log.warning("%s is not read: it is larger than %s", shown(path), readable_size(MAX_IGNORE_FILE_BYTES))
        return ()
    lines = content.removeprefix(codecs.BOM_UTF8).decode(errors="surrogateescape").split("\n")
    patterns = Patterns(line.removesuffix("\r") for line in lines)
    return (_IgnoreFile(folder, shown(path), patterns),) if patterns else ()


def _read_start(path: str, size_bytes: int) -> bytes:
    """The first bytes of a regular file; nothing of what is no file, can't be read, or would block."""
    try:
        if not stat.S_ISREG(os.lstat(path).st_mode):
            return b""
        with open(path, "rb") as file:
            return file.read(size_bytes)
    except (OSError, ValueError):
        return b""


def _relative(root: Path, pattern: str) -> str:
    """A pattern of the settings; one that names the root in full is cut to what comes after it."""
    text, negation = (pattern[1:], "!") if pattern.startswith("!") else (pattern, "")
    prefix = root.as_posix().rstrip("/") + "/"
    return f"{negation}/{text.removeprefix(prefix)}" if text.startswith(prefix) else pattern
