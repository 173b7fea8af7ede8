"""Patterns of .gitignore files, asked about one file or folder at a time and in time linear in its path.

Pathspec's GitIgnoreSpec is not used: it answers about files only (after "*" and "!*/" it excludes every folder, where
git enters them), and its expressions backtrack: a downloaded pattern of six stars holds the interpreter for seconds.
"""

import logging
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

log = logging.getLogger(__name__)

MAX_PATTERN_CHARS = 1000
_FLAGS = re.DOTALL | (re.IGNORECASE if sys.platform in ("win32", "darwin") else re.NOFLAG)
_NAMED_CLASSES = {
    "alpha": "a-zA-Z",
    "digit": "0-9",
    "alnum": "a-zA-Z0-9",
    "upper": "A-Z",
    "lower": "a-z",
    "xdigit": "0-9a-fA-F",
    "space": r"\s",
    "blank": r" \t",
    "punct": r"!-.:-@\[-`{-~",
    "print": " -.0-~",
    "graph": "!-.0-~",
    "cntrl": r"\x00-\x1f\x7f",
}


@dataclass(frozen=True, slots=True)
class Pattern:
    """One line of a .gitignore file."""

    text: str
    is_negated: bool
    is_for_folders: bool
    is_for_paths: bool  # matched against the path below the file's folder, not against the name
    expression: str


class Patterns:
    """The patterns of one file in their order; the last one that matches decides."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._patterns = tuple(_parse_all(lines))
        self._names = tuple(p for p in self._patterns if not p.is_for_paths)
        self._paths = tuple(p for p in self._patterns if p.is_for_paths)
        self._any_name = _union(self._names)
        self._any_path = _union(self._paths)
        self._expressions = {p.expression: re.compile(p.expression, _FLAGS) for p in self._patterns}

    def __len__(self) -> int:
        return len(self._patterns)

    def last_match(self, path: str, name: str, is_folder: bool) -> Pattern | None:
        """The pattern that decides about one entry, its ancestors left aside.

        Args:
            path: below the folder that the patterns belong to, with "/" between names and none at the ends
            name: the last name of the path
            is_folder: patterns that end in "/" match nothing else
        """
        if not (self._names and self._any_name.fullmatch(name) or self._paths and self._any_path.fullmatch(path)):
            return None
        for pattern in reversed(self._patterns):
            if pattern.is_for_folders and not is_folder:
                continue
            if self._expressions[pattern.expression].fullmatch(path if pattern.is_for_paths else name):
                return pattern
        return None


def _union(patterns: Iterable[Pattern]) -> re.Pattern[str]:
    return re.compile("|".join({p.expression: None for p in patterns}), _FLAGS)


def _parse_all(lines: Iterable[str]) -> Iterator[Pattern]:
    for line in lines:
        try:
            if pattern := _parse(line):
                yield pattern
        except ValueError:  # git passes over what can't match, without a word
            log.debug("not a valid ignore pattern: %s", ascii(line[:MAX_PATTERN_CHARS]))


def _parse(line: str) -> Pattern | None:
    if len(line) > MAX_PATTERN_CHARS:
        raise ValueError("too long")
    text = _without_trailing_spaces(line)
    if not text or text.startswith("#"):
        return None
    is_negated = text.startswith("!")
    glob = text[1:] if is_negated else text
    is_for_folders = glob.endswith("/")
    glob = glob.removesuffix("/")
    if not glob:
        return None
    is_for_paths = "/" in glob
    expression = _path_expression(glob.removeprefix("/")) if is_for_paths else _name_expression(glob)
    return Pattern(text, is_negated, is_for_folders, is_for_paths, expression)


def _without_trailing_spaces(line: str) -> str:
    end = 0  # one past the last character that is kept
    i = 0
    while i < len(line):
        step = 2 if line[i] == "\\" else 1
        if line[i] != " ":
            end = i + step
        i += step
    return line[:end]


def _path_expression(glob: str) -> str:
    """Segments between "**" are matched at the first place where they fit, which is never worse than a later one."""
    runs: list[list[str]] = [[]]
    for segment in glob.split("/"):
        if len(segment) < 2 or segment.strip("*"):
            runs[-1].append(_name_expression(segment))
        elif runs[-1] or len(runs) == 1:
            runs.append([])
    if len(runs) == 1:
        return "/".join(runs[0])
    first, *middle, last = runs
    head = "".join(f"{segment}/" for segment in first)
    body = "".join(f"(?>(?:.+?/)??{''.join(f'{segment}/' for segment in run)})" for run in middle)
    return head + body + ("(?:.+/)?" + "/".join(last) if last else ".+")


def _name_expression(glob: str) -> str:
    """A part between two stars is matched at the first place where it fits: no backtracking but for the last part."""
    parts = [""]
    for token in _tokens(glob):
        if token == "*":
            parts.append("")
        else:
            parts[-1] += token
    if len(parts) == 1:
        return parts[0]
    first, *middle, last = parts
    return first + "".join(f"(?>[^/]*?{part})" for part in middle if part) + f"[^/]*{last}"


def _tokens(glob: str) -> Iterator[str]:
    """Expressions for one character each, and "*" as it is."""
    i = 0
    while i < len(glob):
        char = glob[i]
        if char == "[":
            expression, i = _bracket(glob, i + 1)
            yield expression
            continue
        if char == "\\":
            i += 1
            if i == len(glob):
                raise ValueError("ends in a backslash")
            yield re.escape(glob[i])
        else:
            yield {"*": "*", "?": "[^/]"}.get(char) or re.escape(char)
        i += 1


def _bracket(glob: str, i: int) -> tuple[str, int]:
    """The expression of a character class, and the index one past its end; `i` is one past its opening bracket."""
    is_negated = glob[i : i + 1] in ("!", "^")
    i += is_negated
    items = ""
    is_first = True
    while is_first or glob[i : i + 1] != "]":
        item, i = _bracket_item(glob, i)
        items += item
        is_first = False
    if is_negated:
        return f"[^/{items}]", i + 1
    return (f"(?!/)[{items}]" if items else "(?!)"), i + 1


def _bracket_item(glob: str, i: int) -> tuple[str, int]:
    if glob.startswith("[:", i) and (end := glob.find(":]", i)) > 0:
        if (name := glob[i + 2 : end]) not in _NAMED_CLASSES:
            raise ValueError(f"no character class {name}")
        return _NAMED_CLASSES[name], end + 2
    first, i = _bracket_char(glob, i)
    if glob[i : i + 1] != "-" or glob[i + 1 : i + 2] in ("]", ""):
        return re.escape(first), i
    last, i = _bracket_char(glob, i + 1)
    return (f"{re.escape(first)}-{re.escape(last)}" if first <= last else ""), i


def _bracket_char(glob: str, i: int) -> tuple[str, int]:
    i += glob[i : i + 1] == "\\"
    if i >= len(glob):
        raise ValueError("a character class without an end")
    return glob[i], i + 1
