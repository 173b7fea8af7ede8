"""What a file is by its first bytes."""

import re

_HTML_START = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.{0,500}?-->\s*)?<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL
)
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x7fELF", "program"),
    (b"PK\x03\x04", "zip archive"),
    (b"PK\x05\x06", "zip archive"),
    (b"\x1f\x8b", "gzip archive"),
    (b"\x89PNG", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF8", "image"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Office document"),
    (b"{\\rtf", "RTF document"),
    (b"SQLite format 3\0", "database"),
    (b"BZh", "bzip2 archive"),
    (b"\xfd7zXZ", "xz archive"),
    (b"7z\xbc\xaf\x27\x1c", "7z archive"),
    (b"MZ\x90", "program"),
    (b"!<arch>", "library"),
    (b"\xca\xfe\xba\xbe", "program"),
    (b"OggS", "media file"),
    (b"ID3", "media file"),
    (b"RIFF", "media file"),
    (b"fLaC", "media file"),
)


def content_name(head: bytes) -> str:
    """What a file's first bytes show it to be, in the user's words; "" where they show nothing."""
    if b"%PDF-" in head[:1024]:
        return "PDF document"
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return name
    return "HTML page" if _HTML_START.match(head[:2048]) else ""


_INTERPRETERS = {
    b"python": "python",
    b"sh": "bash",
    b"bash": "bash",
    b"dash": "bash",
    b"zsh": "bash",
    b"ksh": "bash",
    b"node": "javascript",
    b"nodejs": "javascript",
    b"ruby": "ruby",
    b"php": "php",
    b"lua": "lua",
}
_ROFF = re.compile(rb"^[.'](?:TH|SH|Sh|Dd|Dt|so|\\\")(?:[ \t]|$)", re.MULTILINE)
_MAILBOX = re.compile(rb"From \S+.*\d{4}\r?\n(?:[!-9;-~]+:.*\r?\n)")


def shebang_language(head: bytes) -> str | None:
    """The tree-sitter grammar for a script's first line, "" for an unknown interpreter, None where it is no script."""
    match = re.match(rb"#!\s*(\S+)(?:[ \t]+(?:-S[ \t]+)?(\S+))?", head)
    if not match:
        return None
    program = match[1].rsplit(b"/", 1)[-1]
    if program == b"env" and match[2]:
        program = match[2].rsplit(b"/", 1)[-1]
    return _INTERPRETERS.get(program.rstrip(b"0123456789."), "")


def is_roff(head: bytes) -> bool:
    """Whether a text is the source of a manual page."""
    return bool(_ROFF.search(head))


def is_mailbox(head: bytes) -> bool:
    """Whether a text is a mailbox in the mbox format."""
    return bool(_MAILBOX.match(head))
