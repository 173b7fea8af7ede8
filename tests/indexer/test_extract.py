"""Text formats, and what holds for all of them."""

import gzip
import json
import os
from pathlib import Path

import pytest

from indexer.document import Document, Kind
from indexer.errors import DocumentError
from indexer.extract import Limits, extract, kind_of

LIMITS = Limits()


def read(path: Path, content: str | bytes = "", limits: Limits = LIMITS) -> Document:
    """The document in a file that is written first, where content is given."""
    if content:
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return extract(path, limits)


def text_of(document: Document) -> str:
    return "\n".join(chunk.text for chunk in document.chunks)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.txt", Kind.TEXT),
        ("README", Kind.OTHER),
        ("a.md", Kind.MARKDOWN),
        ("A.HTML", Kind.HTML),
        ("a.pdf", Kind.PDF),
        ("a.epub", Kind.EBOOK),
        ("a.docx", Kind.DOCUMENT),
        ("a.doc", Kind.DOCUMENT),
        ("a.odp", Kind.PRESENTATION),
        ("a.ppt", Kind.PRESENTATION),
        ("a.xls", Kind.SPREADSHEET),
        ("a.csv", Kind.TABLE),
        ("a.msg", Kind.MAIL),
        ("a.mbox", Kind.MAIL),
        ("a.ipynb", Kind.NOTEBOOK),
        ("a.rs", Kind.CODE),
        ("Makefile", Kind.CODE),
        ("a.jpeg", Kind.IMAGE),
        ("ls.1.gz", Kind.TEXT),
        ("changelog.Debian.gz", Kind.OTHER),
        ("a.so.1.2", None),
        ("a.exe", None),
        ("a.tar.gz", Kind.ARCHIVE),
        ("a.zip", Kind.ARCHIVE),
        ("a.pdf.xz", Kind.ARCHIVE),
        ("a.iso.gz", None),
        ("a.mp4", None),
        (".bashrc", Kind.OTHER),
    ],
)
def test_a_name_tells_the_kind(name: str, kind: Kind | None) -> None:
    assert kind_of(Path("/anywhere") / name) is kind


def test_an_empty_file_is_a_document_without_chunks(tmp_path: Path) -> None:
    (tmp_path / "empty.pdf").touch()
    assert extract(tmp_path / "empty.pdf", LIMITS) == Document(Kind.PDF, ())


def test_an_image_is_a_document_without_chunks(tmp_path: Path) -> None:
    assert read(tmp_path / "a.png", b"\x89PNG\r\n\x1a\n") == Document(Kind.IMAGE, (), scan="")


def test_the_same_file_gives_the_same_document(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    assert read(path, "# A\n\nSome words.\n") == read(path)


def test_markdown_is_cut_at_its_headings(tmp_path: Path) -> None:
    body = "Boats lie in the harbour all winter and wait for spring. " * 8
    document = read(tmp_path / "a.md", f"# Boats\n\n{body}\n\n## Care *and* use\n\n{body}\n\n### Sails\n\n{body}\n")
    assert document.title == "Boats"
    assert document.language == "en"
    assert [(chunk.context, chunk.line) for chunk in document.chunks] == [
        ("Boats", 1),
        ("Boats > Care and use", 5),
        ("Boats > Care and use > Sails", 9),
    ]


def test_a_hash_sign_in_fenced_code_is_no_heading(tmp_path: Path) -> None:
    document = read(tmp_path / "a.md", "# Title\n\n```sh\n# a comment\nls\n```\n\nMore words here.\n")
    assert [chunk.context for chunk in document.chunks] == ["Title"]


def test_markdown_takes_its_title_from_the_front_matter(tmp_path: Path) -> None:
    assert read(tmp_path / "a.md", '---\ntitle: "Winter plan"\ntags: x\n---\n\nText.\n').title == "Winter plan"


def test_underlined_headings_of_restructured_text_are_found(tmp_path: Path) -> None:
    body = "Boats lie in the harbour all winter and wait for spring. " * 8
    text = f"======\nManual\n======\n\n{body}\n\nInstalling\n==========\n\n{body}\n\nOn Windows\n----------\n\n{body}\n"
    contexts = [chunk.context for chunk in read(tmp_path / "a.rst", text).chunks]
    assert contexts == ["Manual", "Manual > Installing", "Manual > Installing > On Windows"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.org", "* Winter\n\n{}\n\n** Boats\n\n{}\n"),
        ("a.adoc", "== Winter\n\n{}\n\n=== Boats\n\n{}\n"),
        ("a.wiki", "= Winter =\n\n{}\n\n== Boats ==\n\n{}\n"),
        ("a.tex", "\\section{{Winter}}\n\n{}\n\n\\subsection{{Boats}}\n\n{}\n"),
    ],
)
def test_headings_of_other_markup_are_found(tmp_path: Path, name: str, text: str) -> None:
    body = "Boats lie in the harbour all winter and wait for spring. " * 8
    contexts = [chunk.context for chunk in read(tmp_path / name, text.format(body, body)).chunks]
    assert contexts == ["Winter", "Winter > Boats"]


def test_control_characters_are_spaces(tmp_path: Path) -> None:
    assert text_of(read(tmp_path / "a.txt", "bell\x07 and form\x0cfeed " + "and words " * 20)).startswith(
        "bell  and form feed"
    )


def test_lines_are_those_of_the_file_with_windows_newlines(tmp_path: Path) -> None:
    document = read(tmp_path / "a.txt", "\r\n\r\nThird line.\r\n")
    assert [(chunk.text, chunk.line) for chunk in document.chunks] == [("Third line.", 3)]


def test_html_gives_title_headings_and_text_without_scripts(tmp_path: Path) -> None:
    body = "The harbour &amp; its boats are closed to visitors for the whole winter. " * 6
    document = read(
        tmp_path / "a.html",
        f"<html><head><title>The  Harbour</title><style>p {{}}</style></head><body><script>var x = '<p>';</script>"
        f"<h1>Winter</h1><p>{body}<h2>Boats</h2><ul><li>one<li>two</ul><table><tr><td>a<td>b</table>"
        f"<pre>x = 1\n  y = 2</pre><!-- hidden --><p title='a > b'>{body}</body></html>",
    )
    assert document.title == "The Harbour"
    assert [chunk.context for chunk in document.chunks] == ["The Harbour > Winter", "The Harbour > Winter > Boats"]
    assert "The harbour & its boats" in document.chunks[0].text
    assert "one\ntwo" in document.chunks[1].text
    assert "a | b" in document.chunks[1].text
    assert "x = 1\n  y = 2" in document.chunks[1].text
    assert not any(word in text_of(document) for word in ("var x", "hidden", "title="))


def test_html_in_the_encoding_that_it_declares(tmp_path: Path) -> None:
    page = '<html><head><meta charset="windows-1251"></head><body><p>Зима</p></body></html>'
    assert text_of(read(tmp_path / "a.html", page.encode("cp1251"))) == "Зима"


@pytest.mark.parametrize(
    "page", ["<p>a<b>c</p></i></div>d", "<", "a < b <p", "<!-- never closed", "<p title='x>y", "&#xd800;&#0;x"]
)
def test_broken_html_is_read_as_far_as_it_goes(tmp_path: Path, page: str) -> None:
    document = read(tmp_path / "a.html", page)
    assert document.kind is Kind.HTML
    text_of(document).encode()


def test_a_drawing_is_what_is_written_in_it(tmp_path: Path) -> None:
    drawing = """<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "svg11.dtd">
        <svg:svg xmlns:svg="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><svg:title>Harbour plan</svg:title>
        <style>text { fill: red }</style><path d="M 1 2 L 3 4 > 5"/><!-- <text>old</text> -->
        <g><desc>Where <b>ships</b> lie</desc></g>
        <text x="1" y="/"><tspan>North</tspan><tspan>quay &amp; pier</tspan></text>
        <text/><text><script>alert("no")</script><![CDATA[Depth < 5 m]]></text><g>unseen</g><title>Second</title>
        </svg:svg>"""
    document = read(tmp_path / "plan.svg", drawing)
    assert (document.kind, document.title) == (Kind.IMAGE, "Harbour plan")
    assert text_of(document) == "Harbour plan\n\nWhere ships lie\n\nNorth quay & pier\n\nDepth < 5 m\n\nSecond"


@pytest.mark.parametrize(
    "drawing",
    [
        "<svg><path d='M 0 0 L 1 1'/></svg>",
        "<svg><text>",
        "<svg></text></text><g/>",
        "<svg " + "<text a='" * 20_000 + ">",
        "<text " * 20_000 + ">",
        "<!-- " * 20_000,
        "<![CDATA[ " * 20_000,
        "<a/" * 50_000 + ">",
    ],
)
def test_a_drawing_without_words_has_no_text(tmp_path: Path, drawing: str) -> None:
    assert read(tmp_path / "drawing.svg", drawing).chunks == ()


def test_a_drawing_that_is_cut_short_gives_what_there_is(tmp_path: Path) -> None:
    drawing = "<svg><title>Plan</title><text>North</text><text>Sou"
    assert text_of(read(tmp_path / "drawing.svg", drawing)) == "Plan\n\nNorth"


def test_a_manual_page_is_readable(tmp_path: Path) -> None:
    source = (
        '.\\" a comment\n.TH SAIL 1 2024-01-01\n.de XX\nnever shown\n..\n.if n \\{\\\n.never shown\n.\\}\n'
        '.SH NAME\nsail \\- move a boat\n.SH OPTIONS\n.TP\n.BR \\-v ", " \\-\\-verbose\nSay \\fBmore\\fR about\\&.\n'
        ".PP\nSecond paragraph \\(em with a dash. " + "Wind fills the sails and the boat moves on. " * 10 + "\n"
    )
    document = read(tmp_path / "sail.1.gz", gzip.compress(source.encode()))
    assert document.title == "sail(1)"
    text = text_of(document)
    assert "sail - move a boat" in text
    assert "-v, --verbose Say more about." in text
    assert "Second paragraph — with a dash." in text
    assert "never shown" not in text
    assert [chunk.context for chunk in document.chunks] == ["sail(1) > NAME", "sail(1) > OPTIONS"]
    assert document.chunks[0].line is None


def test_a_manual_page_that_a_program_has_made_is_readable(tmp_path: Path) -> None:
    source = r'''.de Sp \" Vertical space
.if t .sp .5v
.if n .sp
..
.de Vb
.ft CW
.nf
.ne \\$1
..
.de Ve \" End verbatim text
.fi
..
.de FN
.ie t \fB\\$1\fR
.el `\\$1'
..
.ds xL Xlib \- C Language
.TH SAIL 1
.IX Title "SAIL 1"
.SH "OPTIONS"
.IX Header "OPTIONS"
.ie n .IP """wind""" 4
.el .IP "never shown" 4
.IX Item "wind"
From where it blows, see \*(xL and
.FN /etc/wind
.Sp
.Vb 2
\&  sail \-\-wind=north
\&  sail \-\-wind=south
.Ve
.PD 0
.INDENT 3.5
See \
also
.UR https://example.org/wind
the winds
.UE .
'''
    text = text_of(read(tmp_path / "sail.1", source))
    assert text.split("\n\n") == [
        "OPTIONS",
        '"wind" From where it blows, see Xlib - C Language and `/etc/wind\'',
        "  sail --wind=north\n  sail --wind=south",
        "See also",
        "https://example.org/wind the winds.",
    ]


def test_a_table_of_a_manual_page_is_its_rows(tmp_path: Path) -> None:
    source = (
        ".TH SAIL 1\n.SH SAILS\n.TS\nallbox tab(;);\nlb lb\nl l.\nName;Area\n_\nT{\n.BR jib ()\nT};small\n"
        ".T&\nc c.\nmain;large\n.TE\nThat is all.\n"
    )
    text = text_of(read(tmp_path / "sail.1", source))
    assert text.split("\n\n")[1:] == ["Name  Area\njib()\nsmall\nmain  large", "That is all."]


def test_a_table_of_a_manual_page_that_does_not_end_takes_no_other_section_with_it(tmp_path: Path) -> None:
    source = ".TH SAIL 1\n.SH SAILS\n.TS\nlb lb\nName\n.SH WIND\nFrom the north.\n"
    assert "From the north." in text_of(read(tmp_path / "sail.1", source))


def test_macros_of_a_manual_page_that_call_each_other_come_to_an_end(tmp_path: Path) -> None:
    calls = ".XX\n" * 100
    source = f".TH SAIL 1\n.SH NAME\n.de XX\nwind\n.am XX\nrain\n..\n{calls}..\n.XX\nThe end.\n"
    text = text_of(read(tmp_path / "sail.1", source))
    assert text.endswith("The end.")
    assert len(text) < 1_000_000


def test_the_other_kind_of_manual_page_is_readable(tmp_path: Path) -> None:
    source = (
        ".Dd July 1, 2024\n.Dt SAIL 8\n.Os\n.Sh NAME\n.Nm sail\n.Nd move a boat\n.Sh SYNOPSIS\n.Nm\n.Op Fl v\n"
        ".Ar boat\n.Sh DESCRIPTION\nThe\n.Nm\nutility moves a boat, see\n.Xr row 1 .\n"
    )
    text = text_of(read(tmp_path / "sail.8", source))
    assert "sail - move a boat" in text
    assert "sail [-v] boat" in text
    assert "The sail utility moves a boat, see row(1)" in text


def test_a_long_line_of_a_manual_page_is_read_to_its_end(tmp_path: Path) -> None:
    source = f".Dd July 1, 2024\n.Dt SAIL 8\n.Sh NAME\n.Nm sail\n.Nd {'wind and rain ' * 5000}.\n"
    text = text_of(read(tmp_path / "sail.8", source))
    assert text.count("rain") == 5000
    assert text.endswith("rain.")


def test_a_log_named_like_a_manual_page_is_text(tmp_path: Path) -> None:
    assert text_of(read(tmp_path / "daemon.log.1", "12:00 started\n")) == "12:00 started"


def test_csv_rows_stand_under_their_header(tmp_path: Path) -> None:
    rows = "".join(f'Ada {number},"London, {number}\nsecond line",{number}\n' for number in range(120))
    document = read(tmp_path / "a.csv", f"name,city,age\n{rows}")
    assert document.kind is Kind.TABLE
    assert len(document.chunks) > 2
    assert {chunk.context for chunk in document.chunks} == {"name, city, age"}
    assert all(chunk.text.startswith(("name,", "Ada ")) for chunk in document.chunks)
    second = document.chunks[1]
    assert second.line == 2 + 2 * int(second.text.split(",")[0].removeprefix("Ada "))


def test_a_stray_quotation_mark_does_not_swallow_a_table(tmp_path: Path) -> None:
    document = read(tmp_path / "a.csv", "name;note\n" + 'x;"inch\n' + "y;plain\n" * 500)
    assert len(document.chunks) > 2


def test_only_the_beginning_of_a_long_table_is_read_and_it_is_said(tmp_path: Path) -> None:
    document = read(tmp_path / "a.csv", "a,b\n" + "one,two\n" * 1000, Limits(table_characters=2000))
    assert sum(len(chunk.text) for chunk in document.chunks) <= 2000
    assert document.note == "only the first 2,000 characters are indexed"


def test_only_the_beginning_of_a_long_text_is_read_and_it_is_said(tmp_path: Path) -> None:
    document = read(tmp_path / "a.txt", "word " * 1000, Limits(text_characters=1000))
    assert document.chunks[-1].end <= 1000
    assert document.note == "only the first 1,000 characters are indexed"


def test_a_notebook_gives_its_cells_and_what_they_printed(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "markdown", "source": ["# Tides\n", "\n", "How the water moves."]},
        {
            "cell_type": "code",
            "source": "height(3)",
            "outputs": [{"output_type": "stream", "text": ["4.2 m", "\ud800"]}],
        },
        {
            "cell_type": "code",
            "source": "plot()",
            "outputs": [{"data": {"text/plain": "<Figure>", "image/png": "AAAA"}}],
        },
    ]
    document = read(tmp_path / "a.ipynb", json.dumps({"cells": cells, "nbformat": 4}))
    assert document.title == "Tides"
    assert {chunk.context for chunk in document.chunks} == {"Tides"}
    text = text_of(document)
    assert all(words in text for words in ("How the water moves.", "height(3)", "4.2 m", "<Figure>"))
    assert "AAAA" not in text


@pytest.mark.parametrize("content", ["{}", "[1]", "null", '{"cells": 3}', '{"cells": [1]}', "{", "[" * 100_000])
def test_a_notebook_that_is_none_is_said_to_be_none(tmp_path: Path, content: str) -> None:
    with pytest.raises(DocumentError, match="is not a Jupyter notebook"):
        read(tmp_path / "a.ipynb", content)


def test_a_script_without_an_ending_is_code(tmp_path: Path) -> None:
    document = read(tmp_path / "backup", "#!/usr/bin/env python3\n\ndef copy(a, b):\n" + "    a.copy_to(b)\n" * 10)
    assert document.kind is Kind.CODE
    assert document.chunks[-1].context == "copy"


def test_a_program_without_an_ending_has_no_text(tmp_path: Path) -> None:
    assert read(tmp_path / "program", b"\x7fELF\x02\x01\x01" + bytes(200)) == Document(Kind.OTHER, ())


def test_a_readme_is_text(tmp_path: Path) -> None:
    assert read(tmp_path / "README", "Read this first.\n").kind is Kind.TEXT


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.txt", bytes(range(256)) * 20, "is not text"),
        ("a.txt", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "is not text, but a PDF document"),
        ("a.py", b"PK\x03\x04" + bytes(100), "is not text, but a zip archive"),
        ("a.pdf", b"<!DOCTYPE html><html><body>Not found</body></html>", "is not a PDF, but a HTML page"),
        ("a.pdf", b"just words", "is not a PDF"),
        ("a.pdf", b"%PDF-1.4\nbroken", "is damaged"),
        ("a.epub", b"PK\x03\x04 broken", "is not a complete zip archive"),
        ("a.docx", b"PK\x03\x04 broken", "is not a complete zip archive"),
        ("a.docx", b"words", "is not what its name says"),
        ("a.odp", b"words", "is not a complete zip archive"),
        ("a.txt.gz", b"\x1f\x8b\x08\x00broken", "is not a complete gzip archive"),
        ("a.mbox", b"no messages", "is not a mailbox"),
    ],
)
def test_a_file_that_is_not_what_it_is_called_is_said_to_be_none(
    tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    with pytest.raises(DocumentError) as caught:
        read(tmp_path / name, content)
    assert reason in caught.value.reason
    assert "\n" not in caught.value.reason
    assert caught.value.path == tmp_path / name


def test_a_gzip_bomb_is_read_up_to_the_limit(tmp_path: Path) -> None:
    content = gzip.compress(b"boom " * 400_000)
    document = read(tmp_path / "a.txt.gz", content, Limits(text_characters=100_000))
    assert document.note == "only the first 100,000 characters are indexed"


def test_a_long_line_is_cut(tmp_path: Path) -> None:
    document = read(tmp_path / "a.json", '{"key": "' + "a" * 2_000_000 + '"}')
    assert max(len(chunk.text) for chunk in document.chunks) <= 2000


def test_a_few_zero_bytes_are_white_space(tmp_path: Path) -> None:
    assert (
        text_of(read(tmp_path / "a.log", b"started\0 and went on for quite some time after that" * 3)).count("\0") == 0
    )


def test_a_few_broken_bytes_do_not_change_the_encoding(tmp_path: Path) -> None:
    text = text_of(read(tmp_path / "a.txt", "Grüße aus München, für alle schönen Bücher. ".encode() * 5 + b"\xff end"))
    assert "Grüße aus München" in text
    assert text.endswith("\ufffd end")


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.txt")
    with pytest.raises(DocumentError, match="is not a regular file"):
        extract(tmp_path / "a.txt", LIMITS)


def test_a_file_that_is_gone_is_said_to_be_gone(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="No such file"):
        extract(tmp_path / "gone.txt", LIMITS)
