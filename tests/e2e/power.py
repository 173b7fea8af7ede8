"""Replays a profile's file operations up to where the power may have failed: `python -m tests.e2e.power`.

An engine that adds, edits, renames, deletes, flushes, merges and is restarted is recorded: every write, sync, renaming
and deletion of SQLite and of the segments. For each prefix of them, disks are made that hold only what was synced, or
everything, or any of what was not synced, torn within it. Each must open to a profile that has all that was
acknowledged, answers with nothing stale, and whose segments are whole.
"""

import argparse
import random
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.e2e.disk import Disk, recorded
from tests.e2e.one_process import SetAttr
from tests.e2e.sqlite_calls import Call
from tests.e2e.torture import Expectation, Message, opened, prepare, work, wrong_in

SESSIONS = 3  # each ends with the engine closed
Event = Call | Message


def record(home: Path, changes: int, seed: int) -> list[Event]:
    """File operations of an engine at work on home/disk/profile, and what it has told between them."""
    events: list[Event] = []
    (home / "disk" / "files").mkdir(parents=True)
    per_session = changes // SESSIONS
    with recorded(home / "disk" / "profile", events.append):
        for session in range(SESSIONS):
            first = seed * 100_000 + session * per_session
            work(events.append, home / "disk", range(first, first + per_session))
    return events


def states(
    home: Path, events: list[Event], each: int, seed: int, share: float
) -> Iterator[tuple[int, str, dict[Path, bytes | None]]]:
    """Different disks, with the number of events before them and what they hold: least, most, and some `each` times.

    A share of the events is looked at, by chance.
    """
    disk, chance, seen = Disk(home / "disk"), random.Random(seed), set[int]()
    for number, event in enumerate(events, 1):
        if not isinstance(event, Call):
            seen.clear()  # more is expected of the same disk
            continue
        disk.apply(event)
        if chance.random() >= share:
            continue
        kinds = [("least", disk.least()), ("most", disk.most())]
        kinds += [(f"some, {one}", disk.some(chance)) for one in range(each)]
        for kind, image in kinds:
            digest = hash(frozenset(image.items()))
            if digest not in seen:
                seen.add(digest)
                yield number, kind, image


def violations(home: Path, image: dict[Path, bytes | None], told: list[Event], seed: int) -> list[str]:
    """What is wrong in a profile on such a disk."""
    expected = Expectation()
    for event in told:
        if not isinstance(event, Call):
            expected.read(event)
    disk = home / "replayed"
    disk.mkdir()
    for path, content in image.items():
        target = disk / path.relative_to(home / "disk")
        target.mkdir() if content is None else target.write_bytes(content)
    try:
        engine, lost = opened(disk / "profile")
        try:
            return lost + wrong_in(engine, expected, random.Random(seed))
        finally:
            engine.close()
    except Exception as error:  # whatever it is, the profile could not be used
        return [f"{type(error).__name__}: {error}"]
    finally:
        shutil.rmtree(disk)


def replay(
    home: Path, changes: int, each: int, seed: int, share: float, setattr: SetAttr = setattr
) -> tuple[int, int, list[str]]:
    """How many events were recorded, how many disks were checked, and what was wrong; a share of them by chance."""
    prepare(home, one_process=True, setattr=setattr)
    events = record(home, changes, seed)
    checked, found = 0, list[str]()
    for number, kind, image in states(home, events, each, seed, share):
        checked += 1
        wrong = violations(home, image, events[:number], number)
        found += [f"after {number} of {len(events)}, {kind}: {one}" for one in wrong]
    return len(events), checked, found


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--changes", type=int, default=60)
    parser.add_argument("--each", type=int, default=2, help="disks with some of what was not synced, for each prefix")
    parser.add_argument("--share", type=float, default=1, help="of the prefixes that are looked at")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        events, checked, found = replay(Path(home), options.changes, options.each, options.seed, options.share)
    print(*found, f"{events} file operations and changes, {checked} disks, {len(found)} violations", sep="\n")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
