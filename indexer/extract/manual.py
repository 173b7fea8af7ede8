"""Manual pages: roff source (the man and mdoc macros) to readable text."""

import re
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path

from indexer.document import Kind
from indexer.extract.draft import Draft, DraftBuilder
from indexer.extract.limits import Limits
from indexer.extract.plain import read_text

_PARAGRAPHS = frozenset("PP P LP HP IP TP TQ Pp sp It Bl El Bd Ed RS RE D1 Dl SY YS UR MT".split())
_FONTS = {"B", "I", "SM", "SB", "R"}
_ALTERNATING = {"BR", "RB", "BI", "IB", "IR", "RI", "OP"}
_TEXT = _FONTS | _ALTERNATING
_DEFINITIONS = {"de", "de1", "am", "am1"}
_BLOCK_REQUESTS = _DEFINITIONS | {"dei", "ami", "ig"}
_CONDITIONS = {"if", "ie", "el", "while"}
_CONDITION = re.compile(r"[.'][ \t]*(?:if|ie)[ \t]+(!?[nt])(?![^ \t\\])[ \t]*")
_TERMINAL = {"n", "!t"}  # conditions that hold where a page is read on a screen
_MDOC_SETTINGS = frozenset("Dd Os Bf Bk Db Es Hf Sm Tg".split())  # say nothing, nor do their arguments
_MDOC_SILENT = _MDOC_SETTINGS | frozenset(
    "Bl El Bd Ed Ek Ef Pp Ns Rs Re Oo Oc Xo Xc Po Pc Ao Ac Bo Bc Bro Brc Do Dc Qo Qc So Sc Eo Ec Fc Ap Rv Ex Bt "
    "Ud".split()
)
_MDOC_CALLABLE = _MDOC_SILENT | frozenset(
    "Ad An Aq Ar Bq Brq Cd Cm Dq Dv Em Er Ev Fa Fl Fn Ft Ic In Li Lk Ms Mt Nd Nm No Op Pa Pq Ql Qq Sq St Sx Sy Tn Va "
    "Vt Xr Ux Bx Fx Nx Ox At Bsx Dx En Fd Fo Fr Lb Ot Pf Ta".split()
)
_MDOC_BEFORE = {"Fl": "-", "Nd": "- "}
_MDOC_WRAPPED = {
    **dict.fromkeys(("Op", "Bq"), ("[", "]")),
    **dict.fromkeys(("Dq", "Qq"), ('"', '"')),
    **dict.fromkeys(("Sq", "Ql"), ("'", "'")),
    "Aq": ("<", ">"),
    "In": ("#include <", ">"),
    "Brq": ("{", "}"),
    "Pq": ("(", ")"),
}
_CHARACTER_NAMES = (  # name and character in turn
    "em — en – hy - mi - aq ' oq ‘ cq ’ lq “ rq ” dq \" bu • co © rg ® tm ™ rs \\ ti ~ ha ^ ga ` mu × +- ± -> → <- ← "
    "<= ≤ >= ≥ != ≠ de ° sc § ss ß :a ä :o ö :u ü :A Ä :O Ö :U Ü 'e é `e è ^e ê 'a á `a à 'o ó 'i í 'u ú ,c ç oA Å "
    "oa å /o ø /O Ø ~n ñ at @ sh # Do $ ba | br | lB [ rB ] lC { rC }"
).split()
_CHARACTERS = dict(zip(_CHARACTER_NAMES[::2], _CHARACTER_NAMES[1::2], strict=True))
_NAMED = r"\[[^\]\n]{0,99}\]"  # what is longer is no name; looking for its end would take the square of a line
_ESCAPE = re.compile(
    rf"\\(?:f(?:\([^\n]{{2}}|{_NAMED}|.)|s[+-]?(?:\d+|\([^\n]{{2}})|\((?P<two>[^\n]{{2}})|(?P<long>{_NAMED})"
    rf"|\*(?:\((?P<string>[^\n]{{2}})|(?P<named>{_NAMED})|(?P<short>.))|[hvwbDlLoNXZ]'[^'\n]{{0,999}}'|[mM]{_NAMED}"
    rf"|[nkgY](?:\([^\n]{{2}}|{_NAMED}|.)|(?P<one>.))"
)
_ONE = {
    "-": "-",
    "e": "\\",
    "\\": "\\",
    " ": " ",
    "~": " ",
    "0": " ",
    "t": "\t",
    "'": "'",
    "`": "`",
    ".": ".",
    "E": "\\",
}
_STRINGS = {"lq": "“", "rq": "”", "Aq": "'", 'L"': "“", 'R"': "”", "C+": "C++", "--": "-", "PI": "π"}
_ARGUMENT = re.compile(r'"((?:[^"]|"")*)"?|((?:\\ |[^\s"])(?:\\ |\S)*)')
_COMMENT = re.compile(r'\\["#].*')
_PARAMETER = re.compile(rf"\\\$(?:(\d)|([*@])|{_NAMED}|\([^\n]{{2}})")
_TAB = re.compile(r"tab *\((.)\)")
_MOST_CALLED = 20_000  # lines of a page's own macros, which may call each other
_DEEPEST_CALL = 8
_LONGEST_STRING = 1_000  # that stands for a name: a page may use it on every line


def read_manual(path: Path, limits: Limits) -> Draft:
    """A manual page."""
    source, note = read_text(path, limits)
    builder = DraftBuilder(limits.text_characters)
    page = _Page(builder)
    page.take_all(_whole_lines(source.split("\n")))
    page.end_paragraph()
    return builder.draft(Kind.TEXT, page.title, note)


def _whole_lines(lines: Iterable[str]) -> Iterator[str]:
    """Lines, each with those that continue it."""
    parts: list[str] = []
    for line in lines:
        if (len(line) - len(line.rstrip("\\"))) % 2 and not _COMMENT.search(line):
            parts.append(line[:-1])
        else:
            yield "".join([*parts, line])
            parts.clear()
    yield "".join(parts)


def _live_lines(lines: Iterable[str], macros: dict[str, list[str]]) -> Iterator[str]:
    """The lines outside of definitions, which become `macros`, and of conditional blocks, which concern a typesetter.

    Of single lines under a condition those for a screen.
    """
    ending, definition = "", list[str]()
    depth, otherwise = 0, False  # whether an "el" is carried out
    for line in lines:
        if ending:
            ending = "" if line.startswith(ending) else ending
            definition += [line] if ending else []
            continue
        request = _request(line)
        if depth or (request in _CONDITIONS and r"\{" in line):
            depth, otherwise = max(depth + line.count(r"\{") - line.count(r"\}"), 0), False
        elif request == "el":
            if otherwise:
                yield line.split("el", 1)[1].strip()
        elif request in _CONDITIONS:
            holds, rest = _under_condition(line)
            otherwise = request == "ie" and holds is False
            if holds:
                yield rest
        elif request in _BLOCK_REQUESTS:
            _, name, *end = [*_COMMENT.sub("", line[1:]).split(), ""]
            ending = "." + ((end[0] or ".") if end and request != "ig" else ".")
            definition = macros.get(name, []) if request.startswith("am") else []
            if request in _DEFINITIONS:
                macros[name] = definition
        else:
            yield line


def _under_condition(line: str) -> tuple[bool | None, str]:
    """Whether a condition holds on a screen, None where that is not known, and what is under it."""
    condition = _CONDITION.match(line)
    return (condition[1] in _TERMINAL, line[condition.end() :]) if condition else (None, "")


def _request(line: str) -> str:
    match = re.match(r"[.'][ \t]*(%?\w+)", line)
    return match[1] if match else ""


class _Page:
    def __init__(self, builder: DraftBuilder) -> None:
        self.title = ""
        self._builder = builder
        self._words: list[str] = []
        self._name = ""
        self._verbatim = False
        self._table = ""  # what stands between its columns
        self._is_layout = False  # of a table
        self._macros: dict[str, list[str]] = {}
        self._strings = dict(_STRINGS)
        self._called = self._depth = 0

    def take_all(self, lines: Iterable[str]) -> None:
        for line in _live_lines(lines, self._macros):
            self._take(line)

    def _take(self, line: str) -> None:
        line = _COMMENT.sub("", line)
        if line[:1] not in (".", "'"):
            self._text(line)
        elif request := _request(line):
            arguments = [one.replace('""', '"') or two for one, two in _ARGUMENT.findall(line.split(request, 1)[1])]
            self._macro(request, arguments)

    def end_paragraph(self) -> None:
        text = ("\n" if self._verbatim else " ").join(self._words)
        self._words.clear()
        text = text if self._verbatim else " ".join(text.split())
        self._builder.add(text.replace(" \n ", "\n").strip("\n"))

    def _text(self, line: str) -> None:
        if self._table:
            self._row(line)
        elif not line.strip() and not self._verbatim:
            self.end_paragraph()
        else:
            self._words.append(self._plain(line))

    def _row(self, line: str) -> None:
        """A line of a table as the preprocessor tbl takes it: how it looks, or what is in it."""
        if self._is_layout:
            if tab := _TAB.search(line):
                self._table = tab[1]
            self._is_layout = not line.rstrip().endswith(".")
        elif line.strip() not in {"_", "="}:
            cells = (cell.removeprefix("T{").removeprefix("T}").strip() for cell in line.split(self._table))
            if row := "  ".join(filter(None, map(self._plain, cells))):
                self._words.append(row)

    def _macro(self, request: str, arguments: list[str]) -> None:
        if request in {"TH", "Dt"} and not self.title:
            name, section = [*map(self._plain, arguments), "", ""][:2]
            self.title = f"{name.lower()}({section})" if section else name.lower()
        elif request in {"SH", "SS", "Sh", "Ss"}:
            self._verbatim, self._table = self._change_verbatim(False), ""
            self._builder.heading(1 if request in {"SH", "Sh"} else 2, self._plain(" ".join(arguments)))
        elif request in {"nf", "EX", "Bd", "TS"} or request in {"fi", "EE", "Ed", "TE"}:
            self._verbatim = self._change_verbatim(request in {"nf", "EX", "Bd", "TS"})
            self._table, self._is_layout = ("\t", True) if request == "TS" else ("", False)
        elif request == "T" and self._table:
            self._is_layout = True
        elif request in _PARAGRAPHS:
            self._begin_paragraph(request, arguments)
        elif request == "ds" and arguments:
            self._strings[arguments[0]] = self._plain(" ".join(arguments[1:]))[:_LONGEST_STRING]
        elif request in self._macros and request not in _TEXT:
            self._call(self._macros[request], arguments)
        elif request in {"UE", "ME"} and self._words:
            self._words[-1] += self._plain("".join(arguments))
        elif text := self._said(request, arguments):
            self._words.append(text)

    def _said(self, request: str, arguments: list[str]) -> str:
        """What a macro says within a paragraph."""
        if request in _FONTS or request[0] == "%":  # a part of a reference
            return self._plain(" ".join(arguments))
        if request in _ALTERNATING:
            return self._plain("".join(arguments))
        if request == "so":
            return f"See {' '.join(arguments)}"
        if request in {"URL", "MTO"}:
            address, text, after = [*map(self._plain, arguments), "", "", ""][:3]
            return f"{text} <{address}>{after}".strip()
        is_setting = request in _MDOC_SETTINGS or (request == "An" and arguments in (["-split"], ["-nosplit"]))
        return self._mdoc([request, *arguments]) if request in _MDOC_CALLABLE and not is_setting else ""

    def _call(self, body: list[str], arguments: list[str]) -> None:
        """Carry out a macro that the page defines."""

        def argument(match: re.Match[str]) -> str:
            number = int(match[1] or 0)
            return arguments[number - 1] if 0 < number <= len(arguments) else " ".join(arguments) if match[2] else ""

        self._called += len(body)
        if self._called <= _MOST_CALLED and self._depth < _DEEPEST_CALL:
            self._depth += 1
            self.take_all(_PARAMETER.sub(argument, line.replace("\\\\", "\\")) for line in tuple(body))
            self._depth -= 1

    def _change_verbatim(self, verbatim: bool) -> bool:
        self.end_paragraph()
        return verbatim

    def _begin_paragraph(self, request: str, arguments: list[str]) -> None:
        if not self._verbatim:
            self.end_paragraph()
        if request == "IP" and arguments and self._plain(arguments[0]) not in {"•", "-", "*", "·"}:
            self._words.append(self._plain(arguments[0]))
        elif request in {"It", "D1", "Dl"} and arguments:
            self._words.append(self._mdoc(arguments))
        elif request in {"UR", "MT"} and arguments:
            self._words.append(self._plain(arguments[0]))

    def _mdoc(self, words: list[str]) -> str:
        """Words with the macros among them carried out."""
        said: list[str] = []
        before = after = ""  # what stands before the next word, and behind the last one
        rest = deque(words)
        while rest:
            word = rest.popleft()
            if word not in _MDOC_CALLABLE:
                said.append(before + self._plain(word))
                before = ""
            elif word == "Nm" and (not rest or rest[0] in _MDOC_CALLABLE or rest[0] in {",", "."}):
                said.append(before + self._name)
                before = ""
            elif word == "Nm":
                self._name = self._name or self._plain(rest[0])
            elif word == "Xr" and len(rest) > 1:
                said.append(f"{before}{rest.popleft()}({rest.popleft()})")
                before = ""
            elif word in _MDOC_BEFORE:
                before += _MDOC_BEFORE[word]
            elif word in _MDOC_WRAPPED:
                before, after = before + _MDOC_WRAPPED[word][0], _MDOC_WRAPPED[word][1] + after
        text = " ".join(filter(None, said)) + before + after
        return text.replace(" ,", ",").replace(" .", ".")

    def _plain(self, text: str) -> str:
        """Text with its escapes carried out."""
        return _ESCAPE.sub(self._character, text) if "\\" in text else text

    def _character(self, match: re.Match[str]) -> str:
        if name := match["two"] or (match["long"] or "")[1:-1]:
            if re.fullmatch(r"u[0-9A-F]{4,6}", name):
                return chr(min(int(name[1:], 16), 0x10FFFF))
            return _CHARACTERS.get(name, "")
        if name := match["string"] or (match["named"] or "")[1:-1] or match["short"]:
            return self._strings.get(name, "")
        return _ONE.get(match["one"] or "", "")
