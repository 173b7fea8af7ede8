import bz2
import gzip
import lzma
import random
import stat
import struct
import sys
import zipfile
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

from indexer.document import Document, Kind
from indexer.errors import DocumentError
from indexer.extract.limits import Limits
from indexer.extract.members import safe_name
from indexer.workers import ExtractionPool
from tests.indexer.files import write_pdf
from tests.indexer.inside import members, read_inside, seven_zipped, tarred, zipped
from tests.indexer.test_workers import PATIENT, SECONDS, child_at_work, warm_up

FILES: dict[str, str | bytes] = {
    "2024/boats.txt": "Boats stay in the harbour.",
    "ice.md": "# Winter\n\nThe ice is thick.",
}
TEXTS = {"2024/boats.txt": "Boats stay in the harbour.", "ice.md": "# Winter\n\nThe ice is thick."}
PACKERS: dict[str, Callable[[dict[str, str | bytes]], bytes]] = {
    "a.zip": zipped,
    "a.tar": tarred,
    "a.tgz": lambda files: gzip.compress(tarred(files)),
    "a.tar.gz": lambda files: gzip.compress(tarred(files)),
    "a.tar.bz2": lambda files: bz2.compress(tarred(files)),
    "a.tar.xz": lambda files: lzma.compress(tarred(files)),
    "a.tar.zst": lambda files: zstd.compress(tarred(files)),
    "a.7z": seven_zipped,
}


def written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def message(subject: str, attachments: dict[str, bytes], text: str = "See what is attached.") -> EmailMessage:
    made = EmailMessage()
    made["Subject"], made["From"] = subject, "ada@example.org"
    made.set_content(text)
    for name, data in attachments.items():
        made.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return made


@pytest.mark.parametrize("name", PACKERS)
def test_what_an_archive_holds_is_read_under_its_path(name: str, tmp_path: Path) -> None:
    path = written(tmp_path / name, PACKERS[name](FILES))
    assert members(path) == TEXTS
    document = read_inside(path)
    assert isinstance(document, Document)
    assert (document.kind, document.chunks) == (Kind.ARCHIVE, ())
    assert [one.document.kind for one in document.members] == [Kind.TEXT, Kind.MARKDOWN]


@pytest.mark.parametrize(
    ("suffix", "pack"), [("gz", gzip.compress), ("bz2", bz2.compress), ("xz", lzma.compress), ("zst", zstd.compress)]
)
def test_a_compressed_document_is_read(suffix: str, pack: Callable[[bytes], bytes], tmp_path: Path) -> None:
    pdf = write_pdf(tmp_path / "a.pdf", ["Boats stay in the harbour.", "The ice is thick."]).read_bytes()
    document = read_inside(written(tmp_path / f"a.pdf.{suffix}", pack(pdf)))
    assert isinstance(document, Document)
    (member,) = document.members
    assert member.path == "a.pdf"
    assert [(chunk.page, chunk.text) for chunk in member.document.chunks] == [
        (1, "Boats stay in the harbour."),
        (2, "The ice is thick."),
    ]


def test_archives_in_archives_are_read_to_a_depth(tmp_path: Path) -> None:
    data = zipped({"d.txt": "Deepest."})
    for name in ("c.zip", "b.zip", "a.zip"):
        data = zipped({name: data, "note.txt": f"Beside {name}."})
    assert members(written(tmp_path / "x.zip", data)) == {
        "a.zip": "",
        "a.zip › b.zip": "",
        "a.zip › b.zip › c.zip": "",
        "a.zip › b.zip › note.txt": "Beside c.zip.",
        "a.zip › note.txt": "Beside b.zip.",
        "note.txt": "Beside a.zip.",
    }


def test_attachments_of_a_message_are_read_and_its_signature_is_not(tmp_path: Path) -> None:
    mail = message("Report", {"q3.txt": b"Herring sold well.", "in.zip": zipped(FILES)})
    mail.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="logo.png", disposition="inline")
    mail.add_attachment(message("Older", {"q2.txt": b"Cod sold badly."}))
    path = written(tmp_path / "a.eml", mail.as_bytes())
    assert members(path) == {
        "q3.txt": "Herring sold well.",
        "in.zip": "",
        "in.zip › 2024/boats.txt": TEXTS["2024/boats.txt"],
        "in.zip › ice.md": TEXTS["ice.md"],
        "Older.eml": "Subject: Older\nFrom: ada@example.org\n\nSee what is attached.\n\nAttachments: q2.txt",
        "Older.eml › q2.txt": "Cod sold badly.",
    }
    document = read_inside(path)
    assert isinstance(document, Document)
    assert "See what is attached." in document.chunks[0].text


def test_attachments_in_a_mailbox_stand_under_their_message(tmp_path: Path) -> None:
    mails = [message("One", {"a.txt": b"Herring."}), message("Two", {"a.txt": b"Cod."})]
    data = b"".join(b"From ada@example.org Thu Jan  1 00:00:00 2024\n" + mail.as_bytes() + b"\n" for mail in mails)
    path = written(tmp_path / "a.mbox", data)
    assert members(path) == {"message 1: One › a.txt": "Herring.", "message 2: Two › a.txt": "Cod."}


def test_attachments_of_an_outlook_message_are_read(tmp_path: Path) -> None:
    path = written(tmp_path / "a.msg", outlook_message("Übersicht.txt", b"Herring sold well. " * 300))
    assert list(members(path)) == ["Übersicht.txt"]
    assert members(path)["Übersicht.txt"].startswith("Herring sold well.")


def test_a_member_that_cannot_be_read_costs_only_itself(tmp_path: Path) -> None:
    path = written(tmp_path / "a.zip", zipped({"bad.pdf": b"%PDF-1.4\nbroken", **FILES, "song.mp3": b"ID3"}))
    assert members(path) == {
        "bad.pdf": "is damaged or not a PDF: MuPDF can't read it",
        **TEXTS,
        "song.mp3": "This type of file is not read; it is found by its name.",
    }
    document = read_inside(path)
    assert isinstance(document, Document)
    assert document.note == "1 of its 4 members can't be read"


def test_two_members_of_one_name_are_two(tmp_path: Path) -> None:
    mail = message("Twice", {"a.txt": b"Herring."})
    mail.add_attachment(b"Cod.", maintype="text", subtype="plain", filename="a.txt")
    assert members(written(tmp_path / "a.eml", mail.as_bytes())) == {"a.txt": "Herring.", "a.txt (2)": "Cod."}


@pytest.mark.parametrize(
    "name", ["../../evil.txt", "/etc/evil.txt", "C:\\evil.txt", "..\\evil.txt", "a/../../evil.txt"]
)
@pytest.mark.parametrize("pack", ["a.zip", "a.tar"])
def test_no_name_leads_out_of_the_archive(name: str, pack: str, tmp_path: Path) -> None:
    folder = tmp_path / "in" / "here"
    folder.mkdir(parents=True)
    (shown,) = members(written(folder / pack, PACKERS[pack]({name: "Slipped."})))
    assert ".." not in shown and not shown.startswith("/") and shown.endswith("evil.txt")
    assert [path for path in tmp_path.rglob("*evil*")] == []
    assert safe_name(name).replace("C ", "") == "evil.txt"


@pytest.mark.parametrize("name", ["", "/", "..", "a/", "\x00", "con\n.txt", "💾" * 200 + ".pdf", "a" * 300, ".hidden"])
def test_a_name_is_safe_on_any_system(name: str) -> None:
    safe = safe_name(name)
    assert safe and len(safe.encode()) <= 120
    assert not set(safe) & set('/\\:*?"<>|\n\0') and not safe.startswith(".")


def test_names_from_before_unicode_are_shown_as_they_were_meant(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    name = "年度报告/关于渔业的年度总结报告.txt"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("X" * len(name.encode("gb18030")), "Herring.")
    path.write_bytes(path.read_bytes().replace(b"X" * len(name.encode("gb18030")), name.encode("gb18030")))
    assert list(members(path)) == [name]


def test_what_is_left_out_of_folders_is_left_out_of_archives(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "node_modules/a.js": "a",
        ".git/config": "b",
        "__pycache__/c.py": "c",
        "yarn.lock": "d",
    }
    found = members(written(tmp_path / "a.zip", zipped(files | FILES)))
    assert list(found) == ["yarn.lock", *TEXTS]
    assert "only its name" in found["yarn.lock"]


@pytest.mark.parametrize(
    ("limits", "note"),
    [
        (Limits(members=1), "only the first 1 members are looked at"),
        (Limits(members_bytes=30), "expands to too much, so that only its first members are read"),
        (Limits(members_seconds=0), "only the first 0 members are looked at: the rest takes too long"),
        (Limits(members_characters=10), "only the first 10 characters are indexed"),
    ],
)
@pytest.mark.parametrize("name", ["a.zip", "a.tar"])
def test_there_is_a_limit_to_all_of_them(name: str, limits: Limits, note: str, tmp_path: Path) -> None:
    document = read_inside(written(tmp_path / name, PACKERS[name](FILES)), limits)
    assert isinstance(document, Document)
    assert note in document.note
    assert len(document.members) < 2


def test_a_bomb_is_left_in_time(tmp_path: Path) -> None:
    limits = Limits(members_bytes=20 << 20, member_bytes=10 << 20)
    bomb = zipped({f"{number}.txt": bytes(8 << 20) for number in range(10)})
    for name, data in (("a.zip", bomb), ("a.tar.gz", gzip.compress(tarred({"a.txt": bytes(64 << 20)})))):
        document = read_inside(written(tmp_path / name, data), limits)
        assert isinstance(document, Document)
        assert "expands to too much" in document.note or "larger than the 10 MB" in document.note
        assert len(document.members) <= 3


@pytest.mark.parametrize("pack", [zipped, seven_zipped])
def test_what_is_too_large_is_known_by_its_name(pack: Callable[..., bytes], tmp_path: Path) -> None:
    name = "a.zip" if pack is zipped else "a.7z"
    found = members(written(tmp_path / name, pack(FILES | {"big.txt": bytes(3 << 20)})), Limits(member_bytes=2 << 20))
    assert found == TEXTS | {"big.txt": "is larger than the 2 MB that are unpacked"}


def test_a_password_is_told(tmp_path: Path) -> None:
    path = written(tmp_path / "a.7z", seven_zipped(FILES, password="x"))
    assert read_inside(path) == "is protected with a password"
    data = bytearray(zipped({"a.txt": "Herring."}))
    data[6] |= 1  # its flags say that it is encrypted, in its own header and in the directory
    data[data.index(b"PK\x01\x02") + 8] |= 1
    document = read_inside(written(tmp_path / "a.zip", bytes(data)))
    assert isinstance(document, Document)
    assert document.note == document.members[0].error == "is protected with a password"


def test_of_an_archive_that_was_cut_off_the_beginning_is_read(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"a.txt": "Herring.", "b.bin.txt": random.Random(1).randbytes(300_000).hex()}
    data = gzip.compress(tarred(files))
    document = read_inside(written(tmp_path / "a.tar.gz", data[: len(data) // 2]))
    assert isinstance(document, Document)
    assert document.members[0].document.chunks[0].text == "Herring."
    assert "damaged" in document.note + document.members[-1].error
    assert read_inside(written(tmp_path / "b.zip", zipped(files)[:-50])) == "is damaged: it is not a complete archive"


@pytest.mark.parametrize("name", PACKERS)
def test_whatever_is_done_to_an_archive_there_is_an_answer(name: str, tmp_path: Path) -> None:
    data, chance = PACKERS[name](FILES), random.Random(name)
    for number in range(12):
        damaged = bytearray(data[: chance.randrange(len(data))] if number % 3 == 0 else data)
        for _ in range(chance.randrange(1, 9)):
            if damaged:
                damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        answer = read_inside(written(tmp_path / name, bytes(damaged)), Limits(members_seconds=5))
        assert isinstance(answer, Document) or answer


@pytest.fixture
def pool() -> Iterator[ExtractionPool]:
    pool = ExtractionPool(1, PATIENT)
    yield pool
    pool.close()


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_member_that_ends_the_worker_costs_only_itself(pool: ExtractionPool, tmp_path: Path) -> None:
    long = "Boats stay in the harbour, and nets are mended indoors. " * 60_000
    path = written(tmp_path / "a.zip", zipped({"a.txt": "Herring.", "long.txt": long, "b.txt": "Cod."}))
    warm_up(pool, tmp_path)
    future = pool.submit(path)
    child_at_work().kill()
    found = {one.path: one.error for one in future.result(SECONDS).members}
    assert found == {"a.txt": "", "long.txt": "the reader crashed on it", "b.txt": ""}


def test_a_member_is_copied_as_it_is(pool: ExtractionPool, tmp_path: Path) -> None:
    data = random.Random(1).randbytes(700_000)
    inner = zipped({"song.mp3": data, "other.mp3": b"no"})
    path = written(tmp_path / "a.tgz", gzip.compress(tarred({"x/inner.zip": inner})))
    target = tmp_path / "copy"
    assert pool.unpack(path, "x/inner.zip › song.mp3", target).result(SECONDS).read_bytes() == data
    assert pool.unpack(path, "x/inner.zip", target).result(SECONDS).read_bytes() == inner
    with pytest.raises(DocumentError, match="is not in there any more"):
        pool.unpack(path, "x/none.zip", target).result(SECONDS)


def outlook_message(name: str, content: bytes) -> bytes:
    """A compound file with one attachment, as small as the format lets it be: all its streams are large ones."""
    name_data, content = name.encode("utf-16-le").ljust(4096, b"\0"), content.ljust(4096, b" ")
    streams = [("__substg1.0_37010102", content), ("__substg1.0_3707001F", name_data)]
    sectors, chains = [], []
    for _, data in streams:
        count = -(-len(data) // 512)
        chains.append((len(sectors), count))
        padded = data.ljust(count * 512, b"\0")
        sectors += [padded[start : start + 512] for start in range(0, len(padded), 512)]
    directory, table = len(sectors), len(sectors) + 2
    fat = [0xFFFFFFFF] * 128
    for first, count in [*chains, (directory, 2)]:
        fat[first : first + count] = [*range(first + 1, first + count), 0xFFFFFFFE]
    fat[table] = 0xFFFFFFFD
    none = 0xFFFFFFFF

    def entry(title: str, kind: int, child: int, right: int, first: int, size: int) -> bytes:
        raw = (title.encode("utf-16-le") + b"\0\0").ljust(64, b"\0")
        length = 2 * len(title) + 2 if title else 0
        links = struct.pack("<III", none, right, child)
        return raw + struct.pack("<HBB", length, kind, 1) + links + bytes(36) + struct.pack("<IQ", first, size)

    (at, _), (name_at, _) = chains
    entries = [
        entry("Root Entry", 5, 1, none, 0xFFFFFFFE, 0),
        entry("__attach_version1.0_#00000000", 1, 2, none, 0, 0),
        entry(streams[0][0], 2, none, 3, at, len(content)),
        entry(streams[1][0], 2, none, none, name_at, len(name_data)),
    ]
    listed = b"".join(entries).ljust(1024, b"\0")
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(10)
    header += struct.pack("<IIIIIIII", 1, directory, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    header += struct.pack("<109I", table, *[none] * 108)
    return header + b"".join(sectors) + listed + struct.pack("<128I", *fat)


def test_copies_for_other_programs_are_read_only(tmp_path: Path) -> None:
    from indexer.unpacking import Unpacker

    path = written(tmp_path / "a.zip", zipped(FILES))
    unpacker = Unpacker(tmp_path)
    try:
        copy = unpacker.copy(path, "2024/boats.txt")
        assert copy.read_text() == TEXTS["2024/boats.txt"]
        assert stat.S_IMODE(copy.stat().st_mode) == stat.S_IRUSR
        assert unpacker.copy(path, "2024/boats.txt") == copy
        path.write_bytes(zipped({"2024/boats.txt": "Sunk."}))
        assert unpacker.copy(path, "2024/boats.txt").read_text() == "Sunk."
        with pytest.raises(DocumentError):
            unpacker.copy(tmp_path / "none.zip", "a.txt")
    finally:
        unpacker.close()
    assert not copy.exists()
