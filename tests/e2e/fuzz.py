"""Feeds broken and hostile documents to the extraction workers: `python -m tests.e2e.fuzz --documents 5000 --seed 1`.

First the documents of `tests.e2e.hostile`, then documents that were whole before they were cut, flipped, spliced or
renamed: those of the tests, the samples, and with `--from DIR` all in a folder.
"""

import argparse
import random
import shutil
import sys
import tempfile
import threading
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from itertools import islice, takewhile
from multiprocessing import resource_tracker
from pathlib import Path

import psutil

from indexer.document import Document
from indexer.errors import DocumentError
from indexer.extract.limits import MIB, Limits
from indexer.workers import ExtractionPool
from tests.e2e.hostile import hostile_documents
from tests.indexer.files import (
    write_docx,
    write_epub,
    write_odp,
    write_ods,
    write_odt,
    write_pdf,
    write_pptx,
    write_xlsx,
)

SAMPLES = Path(__file__).parents[2] / "resources/samples"
WORKERS = 2
SLACK_BYTES = 192 * MIB  # a worker's own, and what it may take between two looks at it
WAIT_SECONDS = 600.0  # the machine may be busy; what counts is the time of the processor
LARGEST_BYTES = 8 * MIB  # of a document that is changed
_NUMBERS = (
    b"\0\0\0\0",
    b"\xff\xff\xff\xff",
    b"\x7f\xff\xff\xff",
    b"\xff\xff\xff\x7f",
    b"\x80\0\0\0",
    b"-1",
    b"4294967296",
)


@dataclass
class Findings:
    """What came of the documents."""

    read: Counter[str] = field(default_factory=Counter)  # by ending
    refused: Counter[str] = field(default_factory=Counter)  # by reason
    violations: list[str] = field(default_factory=list)
    peak_bytes: int = 0


def run(documents: Iterable[Path], limits: Limits, findings: Findings, keep: Path | None = None) -> None:
    """Read documents and note what should not have been."""
    resource_tracker.ensure_running()  # a process that stays
    before = psutil.Process().children(recursive=True)
    pool = ExtractionPool(WORKERS, limits)
    stop = threading.Event()
    gauge = threading.Thread(target=_measure, args=(findings, stop))
    gauge.start()
    waiting: list[tuple[Path, Future[Document]]] = []
    try:
        for path in documents:
            waiting.append((path, pool.submit(path)))
            if len(waiting) > 2 * WORKERS:
                _judge(*waiting.pop(0), findings, keep)
        for each in waiting:
            _judge(*each, findings, keep)
    finally:
        pool.close()
        stop.set()
        gauge.join()
    if findings.peak_bytes > limits.memory_bytes + SLACK_BYTES:
        findings.violations.append(f"a worker took {findings.peak_bytes >> 20} MB")
    if left := [each for each in psutil.Process().children(recursive=True) if each not in before]:
        findings.violations.append(f"processes are left: {left}")


def _judge(path: Path, future: "Future[Document]", findings: Findings, keep: Path | None) -> None:
    try:
        future.result(WAIT_SECONDS)
    except DocumentError as error:
        findings.refused[_kind_of(error.reason)] += 1
        wrong = "no reason" if not error.reason else error.reason if _is_ours(error.reason) else ""
    except TimeoutError:
        wrong = "it never ended"
    else:
        findings.read[path.suffix.lower()] += 1
        wrong = ""
    if wrong:
        findings.violations.append(f"{path.name}: {wrong}")
        print(findings.violations[-1], file=sys.stderr, flush=True)
        if keep and path.is_file():
            shutil.copy(path, keep)


def _is_ours(reason: str) -> bool:
    return reason.startswith(("the reader failed on it", "the reader crashed on it"))


def _kind_of(reason: str) -> str:
    return reason.split(":")[0][:60]


def _measure(findings: Findings, stop: threading.Event) -> None:
    """Note the most memory that a worker took."""
    this = psutil.Process()
    while not stop.wait(0.05):
        for child in this.children():
            try:
                memory = child.memory_info()
            except psutil.Error:
                continue
            findings.peak_bytes = max(findings.peak_bytes, memory.rss - getattr(memory, "shared", 0))


def whole_documents(folder: Path) -> list[Path]:
    """One document at least of each format that is read."""
    text = "Boats stay in the harbour, and nets are mended indoors.\n\n"
    write_docx(folder / "a.docx", ("Winter", "Heading1"), (text, ""))
    write_xlsx(folder / "a.xlsx", {"Boats": [["name", "length"], ["Ann", 7], ["Bea", 9]]})
    write_pptx(folder / "a.pptx", [("Winter", text, "notes")])
    write_odt(folder / "a.odt", [(1, "Winter"), (0, text)])
    write_ods(folder / "a.ods", {"Boats": [["name", "length"], ["Ann", "7"]]})
    write_odp(folder / "a.odp", [("Winter", text)])
    write_pdf(folder / "a.pdf", [text * 9, text], "Winter", [(1, "Winter", 1)])
    write_epub(folder / "a.epub", "Winter", {"Boats": f"<p>{text}</p>", "Nets": f"<p>{text}</p>"})
    message = f"From: a@b.c\nSubject: Winter\nContent-Type: multipart/alternative; boundary=x\n\n--x\n\n{text}--x\n"
    message += f"Content-Type: text/html\n\n<p>{text}</p>\n--x--\n"
    sources = {
        "eml": message,
        "mbox": f"From a@b.c Mon Jan  1 2020\n{message}\nFrom a@b.c Mon Jan  1 2020\n{message}",
        "ipynb": '{"cells": [{"cell_type": "markdown", "source": ["# Winter\\n", "Boats"]}], "nbformat": 4}',
        "rtf": "{\\rtf1\\ansi{\\fonttbl{\\f0 Arial;}}\\f0 Boats \\'e4 \\u8364 ?\\par{\\b nets}}",
        "fb2": f"<FictionBook><body><section><title><p>Winter</p></title><p>{text}</p></section></body></FictionBook>",
        "1": ".TH BOATS 1\n.SH NAME\nboats \\- stay\n.SS Nets\n.B mended \\fIindoors\\fR\n.nf\nx\n.fi\n",
        "md": f"---\ntitle: Winter\n---\n# Boats\n{text}## Nets\n```py\nx\n```\n",
        "rst": f"Winter\n======\n{text}Nets\n----\n{text}",
        "html": f"<html><head><title>Winter</title></head><body><h1>Boats</h1><p>{text}<table><tr><td>a</table>",
        "csv": "name,length\nAnn,7\n" * 20,
        "py": "class Boat:\n    def stay(self) -> None:\n        '''Stay.'''\n",
        "cpp": "namespace a { template <class T> struct Boat { void stay() {} }; }\n",
    }
    for suffix, source in sources.items():
        (folder / f"a.{suffix}").write_text(source * 3 if suffix in {"py", "cpp", "md"} else source)
    return sorted([*folder.iterdir(), *SAMPLES.iterdir()])


def broken_documents(whole: Sequence[Path], folder: Path, seed: int) -> Iterator[Path]:
    """Endlessly many; the same for the same seed."""
    chance = random.Random(seed)
    number = 0
    while True:
        number += 1
        path = chance.choice(whole)
        data = path.read_bytes()[:LARGEST_BYTES]
        change = chance.choice(_CHANGES)
        data = change(data, chance, whole)
        suffix = path.suffix if chance.random() > 0.05 else chance.choice(whole).suffix
        broken = folder / f"{number}-{change.__name__}{suffix}"
        broken.write_bytes(data)
        yield broken


def _cut(data: bytes, chance: random.Random, _: Sequence[Path]) -> bytes:
    return data[: chance.randrange(len(data) + 1)]


def _flip(data: bytes, chance: random.Random, _: Sequence[Path]) -> bytes:
    changed = bytearray(data)
    for _each in range(chance.choice((1, 4, 32, 256))):
        if changed:
            changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _overwrite(data: bytes, chance: random.Random, _: Sequence[Path]) -> bytes:
    """Lengths and counts become absurd ones."""
    changed = bytearray(data)
    for _each in range(chance.choice((1, 3, 9))):
        number = chance.choice(_NUMBERS)
        start = chance.randrange(len(changed) + 1)
        changed[start : start + len(number)] = number
    return bytes(changed)


def _repeat(data: bytes, chance: random.Random, _: Sequence[Path]) -> bytes:
    start = chance.randrange(len(data) + 1)
    piece = data[start : start + chance.choice((1, 20, 1000))]
    times = min(chance.choice((10, 1000, 100_000)), 2 * MIB // max(len(piece), 1))
    return data[:start] + piece * times + data[start:]


def _drop(data: bytes, chance: random.Random, _: Sequence[Path]) -> bytes:
    start = chance.randrange(len(data) + 1)
    return data[:start] + data[start + chance.choice((1, 16, 512, 4096)) :]


def _splice(data: bytes, chance: random.Random, whole: Sequence[Path]) -> bytes:
    other = chance.choice(whole).read_bytes()[:LARGEST_BYTES]
    return data[: chance.randrange(len(data) + 1)] + other[chance.randrange(len(other) + 1) :]


def _inside(data: bytes, chance: random.Random, whole: Sequence[Path]) -> bytes:
    """A change to what a zip holds, zipped again so that it is not found out by its checksum."""
    folder = Path(tempfile.mkdtemp())
    source, target = folder / "a", folder / "b"
    source.write_bytes(data)
    try:
        with zipfile.ZipFile(source) as archive, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as changed:
            entries = archive.infolist()
            chosen = chance.choice(entries)
            for entry in entries:
                content = archive.read(entry)
                changed.writestr(entry, chance.choice(_PLAIN)(content, chance, whole) if entry is chosen else content)
        return target.read_bytes()
    except (zipfile.BadZipFile, IndexError, RuntimeError):
        return chance.choice(_PLAIN)(data, chance, whole)
    finally:
        shutil.rmtree(folder)


_Change = Callable[[bytes, random.Random, Sequence[Path]], bytes]
_PLAIN: tuple[_Change, ...] = (_cut, _flip, _overwrite, _repeat, _drop, _splice)
_CHANGES: tuple[_Change, ...] = (*_PLAIN, _inside, _inside)


def made(folder: Path) -> Iterator[Path]:
    """The documents of `tests.e2e.hostile`, one at a time."""
    for name, make in hostile_documents().items():
        make(folder / name)
        yield folder / name


def _cleared(documents: Iterator[Path]) -> Iterator[Path]:
    """Remove those that were read: there may be more than the disk holds."""
    former: list[Path] = []
    for path in documents:
        yield path
        former.append(path)
        if len(former) > 8 * WORKERS:
            done = former.pop(0)
            shutil.rmtree(done) if done.is_dir() and not done.is_symlink() else done.unlink(missing_ok=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--from", dest="sources", type=Path, help="a folder of documents to break, and to read as they are"
    )
    parser.add_argument("--keep", type=Path, help="where documents are kept that did what none should")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="after which no more are begun")
    options = parser.parse_args()
    begun, findings, limits = time.monotonic(), Findings(), Limits()
    has_time = partial(_is_before, begun + 60 * options.minutes)
    if options.keep:
        options.keep.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="cognate-fuzz-") as home:
        folders = [Path(home, name) for name in ("whole", "hostile", "broken")]
        for folder in folders:
            folder.mkdir()
        whole = whole_documents(folders[0])
        found = sorted(path for path in options.sources.rglob("*") if path.is_file()) if options.sources else []
        whole += [path for path in found if path.stat().st_size]
        run(found, limits, findings, options.keep)
        run(_cleared(takewhile(has_time, made(folders[1]))), limits, findings, options.keep)
        broken = islice(broken_documents(whole, folders[2], options.seed), options.documents)
        run(_cleared(takewhile(has_time, broken)), limits, findings, options.keep)
    _print(findings, time.monotonic() - begun)
    return bool(findings.violations)


def _is_before(end: float, _: Path) -> bool:
    return time.monotonic() < end


def _print(findings: Findings, seconds: float) -> None:
    total = findings.read.total() + findings.refused.total()
    print(
        f"{total:,} documents in {seconds:,.0f} s; the most memory that a worker took: {findings.peak_bytes >> 20} MB"
    )
    print(
        f"{findings.read.total():,} read: "
        + ", ".join(f"{name or 'none'} {n}" for name, n in findings.read.most_common())
    )
    print(f"{findings.refused.total():,} refused:")
    for reason, count in findings.refused.most_common():
        print(f"  {count:6,} {reason}")
    print(f"{len(findings.violations)} violations")
    for violation in findings.violations:
        print(f"  {violation}")


if __name__ == "__main__":
    sys.exit(main())
