"""Manual pages: roff source (the man and mdoc macros) to readable text."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from indexer.document import Kind
from indexer.extract.draft import Draft, DraftBuilder
from indexer.extract.limits import Limits
from indexer.extract.plain import read_text

_PARAGRAPHS = frozenset("PP P LP HP IP TP TQ Pp sp It Bl El Bd Ed RS RE D1 Dl SY YS UR MT".split())
_FONTS = {"B", "I", "SM", "SB", "R"}
_ALTERNATING = {"BR", "RB", "BI", "IB", "IR", "RI", "OP"}
_BLOCK_REQUESTS = {"de", "de1", "dei", "am", "ig"}
_CONDITIONS = {"if", "ie", "el", "while"}
_MDOC_SILENT = frozenset("Dd Os Bl El Bd Ed Bk Ek Pp Ns Sm Rs Re Oo Oc Xo Xc Pc Po Ac Ao Bc Bo Brc Bro Fc".split())
_MDOC_CALLABLE = _MDOC_SILENT | frozenset(
    "Ad An Aq Ar Bq Brq Cd Cm Dq Dv Em Er Ev Fa Fl Fn Ft Ic In Li Lk Ms Mt Nd Nm No Op Pa Pq Ql Qq Sq St Sx Sy Tn Va "
    "Vt Xr Ux Bx Fx Nx Ox".split()
)
_MDOC_WRAPPED = {
    **dict.fromkeys(("Op", "Bq"), ("[", "]")),
    **dict.fromkeys(("Dq", "Qq"), ('"', '"')),
    **dict.fromkeys(("Sq", "Ql"), ("'", "'")),
    "Aq": ("<", ">"),
    "Brq": ("{", "}"),
    "Pq": ("(", ")"),
}
_CHARACTER_NAMES = (  # name and character in turn
    "em — en – hy - mi - aq ' oq ‘ cq ’ lq “ rq ” dq \" bu • co © rg ® tm ™ rs \\ ti ~ ha ^ ga ` mu × +- ± -> → <- ← "
    "<= ≤ >= ≥ != ≠ de ° sc § ss ß :a ä :o ö :u ü :A Ä :O Ö :U Ü 'e é `e è ^e ê 'a á `a à 'o ó 'i í 'u ú ,c ç oA Å "
    "oa å /o ø /O Ø ~n ñ at @ sh # Do $ ba | br | lB [ rB ] lC { rC }"
).split()
_CHARACTERS = dict(zip(_CHARACTER_NAMES[::2], _CHARACTER_NAMES[1::2], strict=True))
_ESCAPE = re.compile(
    r"\\(?:f(?:\([^\n]{2}|\[[^\]\n]*\]|.)|s[+-]?(?:\d+|\([^\n]{2})|\((?P<two>[^\n]{2})|\[(?P<long>[^\]\n]+)\]|\*(?:\((?P<string>[^\n]{2})|\[[^\]\n]*\]|.)"
    r"|[hvwbDlLoNXZ]'[^'\n]*'|[mM]\[[^\]\n]*\]|[nkgY](?:\([^\n]{2}|\[[^\]\n]*\]|.)|(?P<one>.))"
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


def read_manual(path: Path, limits: Limits) -> Draft:
    """A manual page."""
    source, note = read_text(path, limits)
    builder = DraftBuilder(limits.text_characters)
    page = _Page(builder)
    for line in _live_lines(source.split("\n")):
        page.take(line)
    page.end_paragraph()
    return builder.draft(Kind.TEXT, page.title, note)


def _live_lines(lines: Iterable[str]) -> Iterator[str]:
    """The lines outside of macro definitions and conditional blocks, which only concern the typesetter."""
    ending = ""
    depth = 0
    for line in lines:
        if ending:
            ending = "" if line.startswith(ending) else ending
            continue
        request = _request(line)
        if depth or request in _CONDITIONS:
            depth = max(depth + line.count(r"\{") - line.count(r"\}"), 0)
        elif request in _BLOCK_REQUESTS:
            arguments = line.split()
            ending = "." + (arguments[2] if request != "ig" and len(arguments) > 2 else ".")
        else:
            yield line


def _request(line: str) -> str:
    match = re.match(r"[.'][ \t]*(\w+)", line)
    return match[1] if match else ""


class _Page:
    def __init__(self, builder: DraftBuilder) -> None:
        self.title = ""
        self._builder = builder
        self._words: list[str] = []
        self._name = ""
        self._verbatim = False

    def take(self, line: str) -> None:
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
        if not line.strip() and not self._verbatim:
            self.end_paragraph()
        else:
            self._words.append(_plain(line))

    def _macro(self, request: str, arguments: list[str]) -> None:
        if request in {"TH", "Dt"} and not self.title:
            name, section = [*map(_plain, arguments), "", ""][:2]
            self.title = f"{name.lower()}({section})" if section else name.lower()
        elif request in {"SH", "SS", "Sh", "Ss"}:
            self._verbatim = self._change_verbatim(False)
            self._builder.heading(1 if request in {"SH", "Sh"} else 2, _plain(" ".join(arguments)))
        elif request in {"nf", "EX", "Bd", "TS"} or request in {"fi", "EE", "Ed", "TE"}:
            self._verbatim = self._change_verbatim(request in {"nf", "EX", "Bd", "TS"})
        elif request in _PARAGRAPHS:
            self._begin_paragraph(request, arguments)
        elif request in _FONTS:
            self._words.append(_plain(" ".join(arguments)))
        elif request in _ALTERNATING:
            self._words.append(_plain("".join(arguments)))
        elif request == "so" and arguments:
            self._words.append(f"See {arguments[0]}")
        elif request[0].isupper():
            self._words.append(self._mdoc([request, *arguments]))

    def _change_verbatim(self, verbatim: bool) -> bool:
        self.end_paragraph()
        return verbatim

    def _begin_paragraph(self, request: str, arguments: list[str]) -> None:
        if not self._verbatim:
            self.end_paragraph()
        if request == "IP" and arguments and _plain(arguments[0]) not in {"•", "-", "*", "·"}:
            self._words.append(_plain(arguments[0]))
        elif request in {"It", "D1", "Dl"} and arguments:
            self._words.append(self._mdoc(arguments))
        elif request in {"UR", "MT"} and arguments:
            self._words.append(_plain(arguments[0]))

    def _mdoc(self, words: list[str]) -> str:
        """Words with the macros among them carried out."""
        if not words:
            return ""
        macro, rest = words[0], words[1:]
        if macro not in _MDOC_CALLABLE:
            return " ".join(filter(None, [_plain(macro), self._mdoc(rest)])).replace(" ,", ",").replace(" .", ".")
        if macro == "Nm":
            if rest and rest[0] not in _MDOC_CALLABLE and rest[0] not in {",", "."}:
                self._name = self._name or _plain(rest[0])
                return self._mdoc(rest)
            return f"{self._name} {self._mdoc(rest)}".strip()
        if macro == "Fl":
            return "-" + self._mdoc(rest)
        if macro == "Nd":
            return "- " + self._mdoc(rest)
        if macro == "Xr" and len(rest) > 1:
            return f"{rest[0]}({rest[1]}) {self._mdoc(rest[2:])}".strip()
        if macro in _MDOC_WRAPPED:
            opening, closing = _MDOC_WRAPPED[macro]
            return opening + self._mdoc(rest) + closing
        return self._mdoc(rest)


def _plain(text: str) -> str:
    return _ESCAPE.sub(_character, text) if "\\" in text else text


def _character(match: re.Match[str]) -> str:
    if name := match["two"] or match["long"]:
        if re.fullmatch(r"u[0-9A-F]{4,6}", name):
            return chr(min(int(name[1:], 16), 0x10FFFF))
        return _CHARACTERS.get(name, "")
    if match["string"]:
        return _STRINGS.get(match["string"], "")
    return _ONE.get(match["one"] or "", "")
