"""Documents made to harm who reads them: bombs, endless depth, lies about sizes, things that are no files."""

import gzip
import json
import os
import socket
import struct
import zipfile
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

import pymupdf

from tests.indexer.files import (
    write_docx,
    write_epub,
    write_odp,
    write_ods,
    write_odt,
    write_pptx,
    write_xlsx,
    write_zip,
)

Maker = Callable[[Path], object]

_DEPTH = 50_000
_MEGABYTE = 1 << 20
_BAIT = 300_000
_PASSWORDS = Path("/etc/passwd")
_LAUGHS = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
_LAUGHING = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e0 "ha">{_LAUGHS}]>'
_QUADRATIC = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e9 "{"ha" * 50_000}">]>'
_FOREIGN = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e9 SYSTEM "file://{_PASSWORDS}">]>'


@cache
def hostile_documents() -> dict[str, Maker]:
    """By name, which tells the reader, what writes each to a path."""
    return {**_texts(), **_markup(), **_archives(), **_pdfs(), **_mails(), **_no_files()}


def _bytes(data: bytes | str) -> Maker:
    content = data.encode() if isinstance(data, str) else data
    return lambda path: path.write_bytes(content)


def _texts() -> dict[str, Maker]:
    line = "boats and nets " * (_MEGABYTE // 15)
    found: dict[str, Maker] = {
        f"long line.{suffix}": _bytes(line)
        for suffix in (
            "txt",
            "md",
            "rst",
            "csv",
            "tsv",
            "html",
            "py",
            "js",
            "rs",
            "json",
            "tex",
            "org",
            "1",
            "log",
            "eml",
            "xml",
        )
    }
    found |= {
        f"long word.{suffix}": _bytes("x" * 3 * _MEGABYTE) for suffix in ("txt", "md", "csv", "html", "py", "1", "rtf")
    }
    found |= {
        f"{name}.{suffix}": _bytes(pattern * (_BAIT // len(pattern)))
        for suffix, patterns in _BAITS.items()
        for name, pattern in patterns.items()
    }
    deep = "([{"
    found |= {
        f"deep {number}.{suffix}": _bytes((sign + "\n") * _DEPTH)
        for suffix in ("py", "js", "ts", "c", "cpp", "rs", "go", "java", "rb", "php", "json", "sql", "sh")
        for number, sign in enumerate((*deep, deep))
    }
    found |= {
        "deep.ipynb": _bytes('{"cells":' + "[" * _DEPTH),
        "wide.ipynb": _bytes(
            json.dumps({"cells": [{"cell_type": "code", "source": ["x"] * 9, "outputs": [{}]}] * 20_000})
        ),
        "odd.ipynb": _bytes(json.dumps({"cells": [None, 3, [], {"source": {"a": []}, "outputs": {"x": 1}}]})),
        "columns.csv": _bytes(",".join(f"c{n}" for n in range(200_000)) + "\n"),
        "nul.txt": _bytes(b"\0" * _MEGABYTE),
        "bom.txt": _bytes(b"\xff\xfe\x00"),
        "surrogates.txt": _bytes(b"\xff\xfe" + b"\x00\xd8" * 200_000),
        "every byte.txt": _bytes(bytes(range(256)) * 4000),
        "not quite.txt": _bytes(("Grüße " * 9000).encode()[:-3] + b"\xe4\xff"),
        "controls.md": _bytes("".join(map(chr, range(32))) * 20_000),
        "marks.txt": _bytes("a" + "\u0301" * _MEGABYTE),
        "bidirectional.md": _bytes("\u202e\u2066" * 300_000),
        "deep.rtf": _bytes("{\\rtf1" + "{" * _DEPTH),
        "lengths.rtf": _bytes("{\\rtf1 \\bin2147483647 x\\u-99999999 ?\\'zz}" * 1000),
        "bomb.txt.gz": lambda path: path.write_bytes(gzip.compress(b"\0" * (100 << 20), 6)),
        "cut.txt.gz": lambda path: path.write_bytes(gzip.compress(os.urandom(9000))[:4000]),
        "parts.txt.gz": lambda path: path.write_bytes(gzip.compress(b"boats ") * 20_000),
    }
    return found


_BAITS = {  # for the expressions that take each format apart
    "html": {
        "opening": "<", "hidden": "<script>", "comments": "<!--", "quotes": '<a b="', "titles": "<title", "tags": "<a ",
        "references": "&#x110000;", "apostrophes": "<p '\"", "declarations": "<!", "instructions": "<?x",
    },
    "md": {
        "fences": "```\n", "tildes": "~~~~", "brackets": "[", "links": "[a](", "stars": "*_`", "rules": "---\n",
        "headings": "# ", "underlines": "a\n=", "front": "---\ntitle:",
    },
    "rst": {"rules": "===\n", "titles": "=\n=\n", "long rules": "=" * 1000 + "\n"},
    "org": {"stars": "*"}, "adoc": {"equals": "== "}, "wiki": {"equals": "=a"}, "tex": {"sections": "\\subsubsub"},
    "1": {
        "fonts": "\\f(", "strings": "\\*[", "macros": ".de x\n", "conditions": ".if \\{", "arguments": '.B "',
        "escapes": "\\", "calls": ".Op Fl Ar Op ", "spaces": ".SH  ",
        "own": ".de x\n.x\n.x\n..\n.x\n", "appended": ".am x\n.x\n..\n.x\n", "doubled": ".ds x \\*x\\*xx\n\\*x\n",
        "parameters": ".de x\n\\\\$*\\\\$*\n..\n.x a a\n", "tables": ".TS\nl.\n\t", "ends": ".el .ie n .el ",
    },
    "csv": {"quotes": '"', "commas": ",", "mixed": '",\n;'},
    "mbox": {"froms": "From a b 2020\n\n", "headers": "From a b 2020\nSubject: x\n\n"},
    "eml": {"headers": "A: b\n", "words": "Subject: =?x?b?", "to": "To: <a@", "folds": "To:\n ", "dates": "Date: ("},
    "rtf": {"groups": "{\\rtf1{", "objects": "{\\rtf1\\*\\objdata 0", "tables": "{\\rtf1\\trowd\\cell"},
}  # fmt: skip


def _markup() -> dict[str, Maker]:
    """XML that swells, points elsewhere, or never comes to an end, in every format that is made of it."""
    bodies = {
        "laughs": _LAUGHING + "{open}&e9;{close}",
        "swelling": _QUADRATIC + "{open}" + "&e9;" * 10_000 + "{close}",
        "foreign": _FOREIGN + "{open}&e9;{close}",
        "deep": "{open}" + "<x>" * _DEPTH,
        "attribute": "{open}<x a='" + "y" * 3 * _MEGABYTE + "'/>{close}",
        "attributes": "{open}<x " + " ".join(f"a{n}=''" for n in range(50_000)) + "/>{close}",
        "cut": "{open}<x",
    }
    return {
        f"{name}.{suffix}": _in_format(suffix, body)
        for name, body in bodies.items()
        for suffix in (
            "docx",
            "xlsx",
            "pptx",
            "odt",
            "ods",
            "odp",
            "epub",
            "fodt",
            "fb2",
            "svg",
            "xml",
            "html",
            "xhtml",
        )
    }


def _in_format(suffix: str, body: str) -> Maker:
    roots = {
        "docx": ("w:document", 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"', "w:body"),
        "xlsx": ("worksheet", 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"', "sheetData"),
        "pptx": ("p:sld", 'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"', "p:cSld"),
        "fb2": ("FictionBook", 'xmlns="http://www.gribuser.ru/xml/fictionbook/2.0"', "body"),
        "epub": ("html", 'xmlns="http://www.w3.org/1999/xhtml"', "body"),
    }
    office = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
    name, space, inner = roots.get(suffix, ("office:document-content", f'xmlns:office="{office}"', "office:body"))
    text = body.replace("{open}", f"<{name} {space}><{inner}>").replace("{close}", f"</{inner}></{name}>")

    def replaced(entry: str, write: Maker) -> Maker:
        def make(path: Path) -> None:
            write(path)
            with zipfile.ZipFile(path) as archive:
                entries = {each: archive.read(each) for each in archive.namelist()}
            write_zip(path, {**entries, entry: text})

        return make

    match suffix:
        case "docx":
            return replaced("word/document.xml", lambda path: write_docx(path, ("x", "")))
        case "xlsx":
            return replaced("xl/worksheets/sheet1.xml", lambda path: write_xlsx(path, {"a": [["b"]]}))
        case "pptx":
            return replaced("ppt/slides/slide1.xml", lambda path: write_pptx(path, [("a", "b", "")]))
        case "odt":
            return replaced("content.xml", lambda path: write_odt(path, [(0, "a")]))
        case "ods":
            return replaced("content.xml", lambda path: write_ods(path, {"a": [["b"]]}))
        case "odp":
            return replaced("content.xml", lambda path: write_odp(path, [("a", "b")]))
        case "epub":
            return replaced("c0.xhtml", lambda path: write_epub(path, "a", {"b": "c"}))
    return _bytes(text)


def _archives() -> dict[str, Maker]:
    main = "word/document.xml"
    found: dict[str, Maker] = {
        "bomb.docx": lambda path: write_zip(path, {main: b"\0" * (300 << 20)}),
        "text bomb.docx": lambda path: write_docx(path, xml=_word("<w:t>" + "ha " * (30 << 20) + "</w:t>")),
        "paragraphs.docx": lambda path: write_docx(path, xml=_word("<w:p/>" * 3_000_000)),
        "bomb.epub": lambda path: write_zip(path, {"mimetype": "application/epub+zip", "a": b" " * (300 << 20)}),
        "entries.docx": lambda path: write_zip(path, {f"{n}": b"" for n in range(21_000)}),
        "names.docx": lambda path: write_zip(
            path, {name: b"x" for name in ("../../x", "/x", "a\\b", "x" * 60_000, "\u202e")}
        ),
        "lie.docx": _lie,
        "overlap.docx": _overlap,
        "empty.zip": lambda path: write_zip(path, {}),
        "nested.zip": _nested,
        "cells.xlsx": lambda path: write_xlsx(path, {"a": [["x"] * 26] * 20_000}),
        "far cell.xlsx": lambda path: write_zip_from(path, "xl/worksheets/sheet1.xml", b'r="A1"', b'r="XFD1048576"'),
        "repeated.ods": lambda path: write_repeated(path, 'table:number-columns-repeated="16384"'),
        "spaces.odt": lambda path: write_odt(path, [(0, '<text:s text:c="2147483647"/>')]),
    }
    found |= {f"compound {n}.{suffix}": _compound(n) for n in range(3) for suffix in ("doc", "xls", "ppt", "msg")}
    return found


def _word(inner: str) -> str:
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    return f'<w:document xmlns:w="{space}"><w:body><w:p><w:r>{inner}</w:r></w:p></w:body></w:document>'


def write_zip_from(path: Path, entry: str, old: bytes, new: bytes) -> None:
    write_xlsx(path, {"a": [["b"]]})
    with zipfile.ZipFile(path) as archive:
        entries = {each: archive.read(each) for each in archive.namelist()}
    write_zip(path, {**entries, entry: entries[entry].replace(old, new)})


def write_repeated(path: Path, attribute: str) -> None:
    write_ods(path, {"a": [["b"]]})
    with zipfile.ZipFile(path) as archive:
        entries = {each: archive.read(each) for each in archive.namelist()}
    content = entries["content.xml"].replace(b"<table:table-cell", f"<table:table-cell {attribute}".encode())
    rows = content.replace(b"<table:table-row>", b'<table:table-row table:number-rows-repeated="1048576">')
    write_zip(path, {**entries, "content.xml": rows})


def _lie(path: Path) -> None:
    """An entry that is larger than it says."""
    write_docx(path, xml=_word("<w:t>" + "ha " * _MEGABYTE + "</w:t>"))
    data = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        start = data.find(mark)
        while start >= 0:
            struct.pack_into("<I", data, start + offset, 10)
            start = data.find(mark, start + 1)
    path.write_bytes(data)


def _overlap(path: Path) -> None:
    """Thousands of entries that are all the same bytes."""
    write_zip(path, {"word/document.xml": b"\0" * _MEGABYTE})
    data = path.read_bytes()
    start = data.find(b"PK\x01\x02")
    end = data.find(b"PK\x05\x06")
    count = 9_000
    directory = data[start:end] * count
    tail = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, count, count, len(directory), start, 0)
    path.write_bytes(data[:start] + directory + tail)


def _nested(path: Path) -> None:
    inner = path.with_name("inner.zip")
    write_zip(inner, {"0.txt": b"\0" * (30 << 20)})
    for _ in range(6):
        data = inner.read_bytes()
        write_zip(inner, {f"{n}.zip": data for n in range(10)})
    inner.rename(path)


def _compound(variant: int) -> Maker:
    """An OLE file: 0 with chains of sectors in circles, 1 with everything beyond its end, 2 with nothing but zeros."""
    header = bytearray(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(512, b"\0"))
    struct.pack_into("<HHHHH", header, 24, 0x3E, 3, 0xFFFE, 9, 6)
    struct.pack_into("<IIIIIII", header, 44, 1, 1 if variant == 0 else 0x7FFFFFF0, 0, 4096, 0, 1, 0xFFFFFFFE)
    circles = struct.pack("<I", 0) * 128 if variant == 0 else struct.pack("<I", 0xFFFFFFF0) * 128
    names = ("Root Entry", "WordDocument", "Workbook", "PowerPoint Document")
    entries = b"".join(
        name.encode("utf-16-le").ljust(64, b"\0")
        + struct.pack("<HBBIII", 2 * len(name) + 2, 5 if not number else 2, 1, number, number, number)
        + b"\0" * 36
        + struct.pack("<IQ", 1, 1 << 31)
        for number, name in enumerate(names)
    )
    return _bytes(bytes(header) + (b"\0" * 2048 if variant == 2 else circles + entries * 10))


def _pdfs() -> dict[str, Maker]:
    operators = b"BT /F1 12 Tf 10 10 Td (boats) Tj ET "
    return {
        "10,000 pages.pdf": _many_pages,
        "count.pdf": _pdf({2: b"<</Type/Pages/Kids[3 0 R]/Count 2147483647>>"}),
        "circle.pdf": _pdf({2: b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 9>>"}),
        "deep array.pdf": _pdf({3: b"[" * _DEPTH}),
        "deep form.pdf": _pdf({4: _stream(b"/X Do", b"/Type/XObject/Subtype/Form/Resources<</XObject<</X 4 0 R>>>>")}),
        "bomb.pdf": lambda path: _pdf({4: _deflated(b"\0" * (200 << 20))})(path),
        "operators.pdf": lambda path: _pdf({4: _deflated(operators * 300_000)})(path),
        "filters.pdf": _pdf({4: _stream(b"x", b"/Filter[" + b"/ASCIIHexDecode" * 5000 + b"]")}),
        "length.pdf": _pdf({4: b"<</Length 99999999999>>stream\nBT ET"}),
        "box.pdf": _pdf({3: b"<</Type/Page/Parent 2 0 R/MediaBox[-1e30 -1e30 1e30 1e30]/Contents 4 0 R>>"}),
        "parents.pdf": _pdf({3: b"<</Type/Page/Parent 3 0 R/Contents 4 0 R>>"}),
        "outline.pdf": _pdf({1: b"<</Type/Catalog/Pages 2 0 R/Outlines 5 0 R>>", 5: b"<</First 5 0 R/Next 5 0 R>>"}),
        "unmapped.pdf": _unmapped,
        "previous.pdf": lambda path: path.write_bytes(b"%PDF-1.4\nxref\n0 0\ntrailer<</Prev 9>>startxref\n9\n" * 50),
        "objects.pdf": lambda path: path.write_bytes(b"%PDF-1.4\n" + b"1 0 obj<</A 1 0 R>>endobj\n" * 200_000),
        "head.pdf": _bytes(b"%PDF-"),
        "scan.pdf": lambda path: _scan(path),
    }


def _many_pages(path: Path) -> None:
    kids = b" ".join(b"%d 0 R" % number for number in range(5, 10_005))
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Contents 4 0 R>>"
    objects = {number: page for number in range(5, 10_005)}
    _pdf({2: b"<</Type/Pages/Kids[" + kids + b"]/Count 10000>>", **objects})(path)


def _pdf(objects: dict[int, bytes]) -> Maker:
    """A PDF of one page with some of its objects replaced; its table of offsets is left to be found anew."""
    font = b"<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>/XObject<</X 4 0 R>>>>"
    whole = {
        1: b"<</Type/Catalog/Pages 2 0 R>>",
        2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Contents 4 0 R/Resources" + font + b">>",
        4: _stream(b"BT /F1 12 Tf 10 10 Td (boats) Tj ET /X Do", b""),
        **objects,
    }
    body = b"".join(b"%d 0 obj\n%b\nendobj\n" % (number, content) for number, content in whole.items())
    return _bytes(b"%PDF-1.7\n" + body + b"trailer<</Root 1 0 R>>\nstartxref\n0\n%%EOF")


def _stream(data: bytes, more: bytes) -> bytes:
    return b"<</Length %d%b>>stream\n%b\nendstream" % (len(data), more, data)


def _deflated(data: bytes) -> bytes:
    import zlib

    return _stream(zlib.compress(data, 6), b"/Filter/FlateDecode")


def _unmapped(path: Path) -> None:
    """Text in a font that doesn't say which letters it shows."""
    shapes = b"".join(b"/q%d 6 0 R" % number for number in range(65, 91))
    names = b"".join(b"/q%d" % number for number in range(65, 91))
    font = b"<</Type/Font/Subtype/Type3/FontBBox[0 0 9 9]/FontMatrix[.1 0 0 .1 0 0]/CharProcs<<%b>>" % shapes
    font += b"/Encoding<</Differences[65%b]>>/FirstChar 65/LastChar 90/Widths[%b]>>" % (names, b"9 " * 26)
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>"
    text = _stream(b"BT /F1 12 Tf 9 9 Td (BOATSANDNETS) Tj ET", b"")
    _pdf({3: page, 4: text, 5: font, 6: _stream(b"9 0 d0 0 0 5 5 re f", b"")})(path)


def _scan(path: Path) -> None:
    with pymupdf.open() as document:
        page = document.new_page()
        picture = pymupdf.Pixmap(pymupdf.csGRAY, pymupdf.IRect(0, 0, 3000, 3000), False)
        picture.clear_with(200)
        page.insert_image(page.rect, pixmap=picture)
        document.save(path)


def _mails() -> dict[str, Maker]:
    nested = "".join(f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(3000))
    messages = "Content-Type: message/rfc822\n\n" * 3000
    parts = "Content-Type: multipart/mixed; boundary=b\n\n" + "--b\n\nboats\n" * 50_000
    return {
        "nested.eml": _bytes("Subject: x\n" + nested),
        "forwarded.eml": _bytes("Subject: x\n" + messages),
        "parts.eml": _bytes("Subject: x\n" + parts),
        "charset.eml": _bytes('Subject: x\nContent-Type: text/plain; charset="\0zz"\n\n\xff\xfe'),
        "encoding.eml": _bytes("Subject: x\nContent-Transfer-Encoding: base64\n\n" + "=" * 300_000),
        "header.eml": _bytes("Subject: " + "=?utf-8?q?x?= " * 20_000 + "\n\nx"),
        "addresses.eml": _bytes("Subject: x\nTo: " + "a@b.c, " * 100_000 + "\n\nx"),
        "comments.eml": _bytes("Subject: x\nTo: " + "(" * 20_000 + "\n\nx"),
        "parameters.eml": _bytes(
            "Subject: x\nContent-Type: a/b" + "".join(f"; name*{n}=x" for n in range(20_000)) + "\n\nx"
        ),
    }


def _no_files() -> dict[str, Maker]:
    found: dict[str, Maker] = {
        "pipe.txt": os.mkfifo,
        "pipe.pdf": os.mkfifo,
        "folder.pdf": os.mkdir,
        "socket.txt": _socket,
    }
    found |= {"zeros.txt": lambda path: path.symlink_to("/dev/zero"), "gone.txt": lambda path: path.symlink_to("/none")}
    found |= {
        f"hole.{suffix}": lambda path: (path.touch(), os.truncate(path, 1 << 42))
        for suffix in ("txt", "pdf", "docx", "eml", "mbox", "html", "csv", "ipynb", "doc", "epub", "py", "rtf", "zip")
    }
    return found


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as each:
        folder = os.getcwd()
        os.chdir(path.parent)  # a socket's path is short
        each.bind(path.name)
        os.chdir(folder)


def write_all(folder: Path, names: Iterable[str]) -> list[Path]:
    """Write these documents, and give their paths."""
    makers = hostile_documents()
    paths = []
    for name in names:
        paths.append(folder / name)
        makers[name](folder / name)
    return paths
