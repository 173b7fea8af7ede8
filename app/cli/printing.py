"""Records as people read them on a terminal."""

import json
import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from app.cli.terminal import Screen, columns, plain, shorten, shorten_path, wrap
from app.records import (
    BackupRecord,
    CheckRecord,
    EmbeddedRecord,
    ExplanationRecord,
    FolderRecord,
    HitRecord,
    MemberRecord,
    ModelRecord,
    QualityRecord,
    SizeRecord,
    SpaceRecord,
    StatusRecord,
)
from model.precision import Precision

INDENT = "    "
PASSAGE_LINES = 2
SPARE_COLUMNS = 20  # shown of what stands before a marked sentence that fills the lines
MOST_PLACES = 4  # of a hit
MOST_FAILED = 10  # documents inside a file
FITS = {
    "gpu": ": runs on {device}",
    "reduced": ": runs on {device} in 8 or 4 bits",
    "cpu": ": runs on the processor, slowly",
    "no": ": too large for this computer",
}
STATES = ("indexed", "queued", "no text", "excluded", "failed")


def json_line(record: Mapping[str, object]) -> str:
    """One line of JSON; lone surrogates, which stand for bytes of a path, as escapes that can be undone."""
    text = json.dumps(record, ensure_ascii=False)
    return re.sub("[\ud800-\udfff]", lambda match: f"\\u{ord(match[0]):04x}", text)


def hit_lines(hit: HitRecord, screen: Screen) -> Iterator[str]:
    """A hit: its title with score, its place, its passage."""
    before = f"was {was}." if (was := hit.get("rank_before")) else ""
    score = f"{hit['score']:.2f}" if hit["matched"] else ""  # of what the filters let through there is none
    facts = [before, score, " and ".join(hit["matched"]), plain(hit["language"])]
    right = " · ".join(filter(None, facts))
    rank = f"{hit['rank']:>2}. "
    title = _one_line(hit["title"]).strip() or plain(os.path.basename(hit.get("member") or hit["path"]))
    title = shorten(title, screen.width - columns(rank) - columns(right) - 2)
    gap = " " * (screen.width - columns(rank) - columns(title) - columns(right))
    yield f"{rank}{screen.bold(title)}{gap}{screen.dim(right)}"
    place = _place(hit, screen.width // 3)
    path = hit["path"] + (f" › {member}" if (member := hit.get("member")) else "")
    yield INDENT + screen.dim(_short(path, screen.width - len(INDENT) - columns(place)) + place)
    yield from passage_lines(hit["passage"], hit["highlight"], screen)
    for other in hit["places"][1:MOST_PLACES]:
        yield INDENT + screen.dim("also " + _short(other, screen.width - len(INDENT) - 5))
    if more := hit["places"][MOST_PLACES:]:
        yield INDENT + screen.dim(f"also in {len(more):,} more {_plural(len(more), 'place')}")


def embedded_lines(embedded: EmbeddedRecord, screen: Screen) -> Iterator[str]:
    """What was looked for by meaning."""
    task = plain(embedded["task"]) or "none: this model takes no instruction"
    yield f"{screen.bold('Model   ')} {plain(embedded['model'])}, {embedded['dimension']} dimensions"
    yield f"{screen.bold('Task    ')} {task}"
    first, *rest = embedded["embedded"].split("\n")
    yield f"{screen.bold('Embedded')} {plain(first)}"
    yield from (" " * 9 + plain(line) for line in rest)


def passage_lines(passage: str, highlight: Sequence[int], screen: Screen) -> Iterator[str]:
    """At most two lines of a passage, with the marked sentence in them."""
    start, end = highlight
    before = _one_line(passage[:start]).lstrip()
    marked = _one_line(passage[start:end])
    width = screen.width - len(INDENT)
    if columns(before) + columns(marked) > PASSAGE_LINES * width - SPARE_COLUMNS:
        before = _tail(before, SPARE_COLUMNS)
    text = before + marked + _one_line(passage[end:]).rstrip()
    first, last = len(before), len(before) + len(marked)
    lines = list(wrap(text, width))
    for number, (begin, stop) in enumerate(lines[:PASSAGE_LINES], 1):
        line = text[begin:stop]
        if number == PASSAGE_LINES < len(lines):
            line = shorten(text[begin:], width)
        yield INDENT + _emphasise(line, first - begin, last - begin, screen)


def _emphasise(line: str, first: int, last: int, screen: Screen) -> str:
    first, last = max(0, first), max(0, last)
    return line[:first] + screen.bold(line[first:last]) + line[max(first, last) :]


def _tail(text: str, width: int) -> str:
    if columns(text) <= width:
        return text
    while columns(text) >= width:
        text = text[1:]
    return f"…{text}"


def _place(hit: HitRecord, part_columns: int) -> str:
    words = []
    if part := hit.get("part"):
        words.append(shorten(_one_line(part), part_columns))
    if hit["page"] is not None:
        words.append(f"page {hit['page']}")
    elif hit["line"] is not None:
        words.append(f"line {hit['line']}")
    return f"  ({', '.join(words)})" if words else ""


def _one_line(text: str) -> str:
    return plain(re.sub(r"\s+", " ", text))


def _short(path: str, width: int) -> str:
    home = os.path.expanduser("~")
    if home not in ("/", "~") and path.startswith(home + os.sep):
        path = "~" + path[len(home) :]
    return shorten_path(plain(path), width)


def _plural(count: int, noun: str) -> str:
    return noun if count == 1 else f"{noun}s"


def counts(files: Mapping[str, int]) -> str:
    """How many files are in which state; "none" for none."""
    known = [state for state in STATES if files.get(state)]
    return ", ".join(f"{files[state]:,} {state}" for state in known) or "none"


def size(size_bytes: float) -> str:
    """A size as a person says it."""
    for unit in ("B", "kB", "MB", "GB"):
        if size_bytes < 1000:
            return f"{size_bytes:.0f} {unit}" if unit == "B" or size_bytes >= 100 else f"{size_bytes:.1f} {unit}"
        size_bytes /= 1000
    return f"{size_bytes:.1f} TB"


def duration(seconds: float) -> str:
    """A time as a person says it."""
    if seconds < 1:
        return "less than a second"
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= length:
            count = round(seconds / length)
            return f"{count} {_plural(count, unit)}"
    return f"{seconds:.0f} s"


def _doing(status: StatusRecord) -> str:
    activity = status["activity"] if status["running"] or status["activity"] == "stopped" else "not running"
    detail = plain(status["detail"])
    return f"{activity}: {detail}" if detail else activity


def status_lines(status: StatusRecord, screen: Screen, now: float) -> Iterator[str]:
    """How things stand, a line for each kind of fact; `now` in seconds since the epoch."""
    rows = [("Cognate", shorten(_doing(status), screen.width - 10)), ("Files", counts(status["files"]))]
    rows.append(("Passages", f"{status['chunks']:,}"))
    if speed := _speed(status):
        rows.append(("Speed", speed))
    for space in status["spaces"]:
        use = "in use" if space["active"] else "kept" if space["kept"] else "being filled"
        rows.append(("Model", f"{plain(space['model'])}, {space['dimension']} dimensions: {_share(space)}, {use}"))
    on_disk = f"{size(status['catalogue_bytes'])} catalogue, {size(status['segment_bytes'])} segments"
    rows.append(("On disk", on_disk))
    if status["last_indexed"] is not None and status["last_indexed_at"] is not None:
        ago = f" ({duration(max(0.0, now - status['last_indexed_at']))} ago)"
        rows.append(("Last", _short(status["last_indexed"], screen.width - 10 - len(ago)) + ago))
    for label, text in rows:
        yield f"{screen.bold(f'{label:<9}')} {text}"
    for warning in status["warnings"]:
        yield f"{screen.red('Warning  ')} {plain(warning)}"


def _share(space: SpaceRecord) -> str:
    """How much a vector space holds, and how long the rest takes."""
    facts = [f"{space['chunks']:,} of {space['total']:,} passages"]
    if 0 < space["chunks"] < space["total"]:
        facts.append(f"{space['chunks'] / space['total']:.0%}")
    facts.append(size(space["size_bytes"]))
    if space["precision"] != Precision.FULL:
        facts.append(f"{space['precision']} weights")
    if space["eta_seconds"] is not None:
        facts.append(f"{duration(space['eta_seconds'])} left")
    return ", ".join(facts)


def _speed(status: StatusRecord) -> str:
    facts = []
    if status["files_per_second"] > 0:
        facts.append(f"{status['files_per_second']:,.1f} files/s")
    if status["eta_seconds"] is not None and status["files"].get("queued"):
        facts.append(f"{duration(status['eta_seconds'])} left")
    return ", ".join(facts)


def progress_line(status: StatusRecord, screen: Screen) -> str:
    """One line, never wider than the screen."""
    queued = status["files"].get("queued", 0)
    facts = [f"{status['done']:,} of {status['done'] + queued:,} files", _speed(status), _doing(status)]
    return shorten(" · ".join(filter(None, facts)), screen.width - 1)


def folder_lines(folder: FolderRecord, screen: Screen) -> Iterator[str]:
    """A watched folder, with what is in it and what is wrong."""
    state = folder["state"]
    yield f"{screen.bold(plain(folder['path']))}  {state if state == 'watched' else screen.red(state)}"
    yield f"{INDENT}{counts(folder['files'])}"
    if folder["note"]:
        yield f"{INDENT}{plain(folder['note'])}"


def explanation_lines(explanation: ExplanationRecord, query: str, screen: Screen) -> Iterator[str]:
    """Why a file is, or is not, found."""
    path = screen.bold(plain(explanation["path"] + (f" › {inside}" if (inside := explanation.get("member")) else "")))
    if explanation["state"] is None:
        yield f"{path} is not indexed"
    else:
        yield f"{path}: {explanation['state']}"
    if explanation["reason"]:
        yield INDENT + plain(explanation["reason"])
    if explanation["queue_place"] is not None:
        yield f"{INDENT}number {explanation['queue_place']:,} in the queue{_until_read(explanation)}"
    if explanation["chunks"]:
        yield f"{INDENT}{explanation['chunks']:,} {_plural(explanation['chunks'], 'passage')}"
    yield from _member_lines(explanation.get("members", ()))
    if query and explanation["state"] is not None:
        ranks = (("rank", ""), ("rank_words", " by words"), ("rank_meaning", " by meaning"))
        known = [f"{rank:,}{how}" for key, how in ranks if (rank := explanation[key]) is not None]  # type: ignore[literal-required]
        lost = f"not among the first {explanation['depth']}" if explanation["depth"] else "not found"
        yield f"{INDENT}rank for {plain(query)!r}: {', '.join(known) or lost}"
    if (folder := explanation["folder"]) and folder["state"] != "watched":
        note = f": {plain(folder['note'])}" if folder["note"] else ""
        yield f"{INDENT}its folder {plain(folder['path'])} is {folder['state']}{note}"


def _until_read(explanation: ExplanationRecord) -> str:
    if explanation["waits_for"]:
        return f", which rests: {plain(explanation['waits_for'])}"
    return "" if explanation["eta_seconds"] is None else f", {duration(explanation['eta_seconds'])} left"


def size_lines(record: SizeRecord, screen: Screen) -> Iterator[str]:
    """What a kind of file in a folder, or a part of the profile, takes."""
    if "part" in record:
        yield f"{screen.bold(record['part'].ljust(13))} {size(record['bytes']):>9}"
        return
    facts = [
        f"{record['files']:,} {_plural(record['files'], 'file')} of {size(record['file_bytes'])}",
        f"{size(record['text_bytes'])} text",
        f"{record['chunks']:,} {_plural(record['chunks'], 'passage')}",
        f"{record['vectors']:,} {_plural(record['vectors'], 'vector')}",
    ]
    yield f"{screen.bold(record['kind'].ljust(13))} {size(record['index_bytes']):>9}  {plain(record['folder'])}"
    yield f"{' ' * 25}{', '.join(facts)}"


def backup_lines(backup: BackupRecord, screen: Screen) -> Iterator[str]:
    """A backup that was read back."""
    yield f"{screen.bold(plain(backup['backup']))}, {size(backup['bytes'])}, read back and whole"
    yield f"{INDENT}{backup['indexed_files']:,} indexed files, {backup['chunks']:,} passages, of {backup['made']}"


def _member_lines(members: Sequence[MemberRecord]) -> Iterator[str]:
    """How many documents a file holds, and those that can't be read."""
    if not members:
        return
    states = Counter(member["state"] for member in members)
    yield f"{INDENT}{len(members):,} {_plural(len(members), 'document')} inside it: {counts(states)}"
    failed = [member for member in members if member["state"] == "failed"]
    yield from (f"{INDENT}{INDENT}{plain(one['path'])}: {plain(one['reason'])}" for one in failed[:MOST_FAILED])
    if len(failed) > MOST_FAILED:
        yield f"{INDENT}{INDENT}and {len(failed) - MOST_FAILED:,} more: --json lists all"


def model_lines(model: ModelRecord, screen: Screen) -> Iterator[str]:
    """A model that can be used, with what it needs."""
    state = screen.bold("in use") if model["in_use"] else "installed" if model["installed"] else ""
    facts = ", ".join(filter(None, (state, "recommended here" if model["recommended"] else "")))
    yield f"{plain(model['name']):<28} {model['kind']:<10} {facts}".rstrip()
    if model["name"].startswith("server:"):
        yield f"{INDENT}{plain(model['location'])}"
    elif model["download_bytes"]:
        needs = f"{size(model['download_bytes'])} on disk, {size(model['memory_bytes'])} of memory"
        yield f"{INDENT}{needs}{FITS[model['fits']].format(device=plain(model['device']))}"


def quality_lines(quality: QualityRecord, screen: Screen) -> Iterator[str]:
    """What a check of a model measured, as a small table."""
    yield screen.bold(plain(quality["name"]))
    speed = f"{quality['sentences_per_second']:,.0f} sentences/s"
    yield f"{INDENT}{quality['dimensions']} dimensions, ready in {quality['ready_seconds']:.1f} s, {speed}"
    languages = sorted({*quality["translations"], *quality["questions"]})
    yield f"{INDENT}{'':<20}" + "".join(f"{language:>5}" for language in [*languages, "all"])
    for name, shares, share in (
        ("translations found", quality["translations"], quality["translations_found"]),
        ("questions answered", quality["questions"], quality["questions_answered"]),
    ):
        cells = [f"{shares[language]:.0%}" if language in shares else "" for language in languages]
        yield f"{INDENT}{name:<20}" + "".join(f"{cell:>5}" for cell in [*cells, f"{share:.0%}"])
    if quality["reproduced"] is not None:
        verdict = screen.green("reproduced") if quality["reproduced"] else screen.red("missed: install it again")
        yield f"{INDENT}published similarities {verdict} (difference {quality['published_deviation']:.4f})"
    elif not quality["ok"]:
        yield INDENT + screen.red("it does not understand enough to be of use: install it again")


def check_lines(check: CheckRecord, screen: Screen) -> Iterator[str]:
    """One line of the doctor."""
    mark = screen.green("ok  ") if check["ok"] else screen.red("BAD ")
    detail = f": {plain(check['detail'])}" if check["detail"] else ""
    yield f"{mark} {check['check']}{detail}"
