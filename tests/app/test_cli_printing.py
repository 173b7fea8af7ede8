import io
import json
import os
from typing import Any, cast

import pytest

from app.cli.printing import (
    check_lines,
    counts,
    duration,
    embedded_lines,
    explanation_lines,
    folder_lines,
    hit_lines,
    json_line,
    model_lines,
    passage_lines,
    progress_line,
    quality_lines,
    size,
    status_lines,
)
from app.cli.terminal import Screen, columns, plain, screen_of, shorten, shorten_path, wrap, write_any_text
from app.records import EmbeddedRecord, ExplanationRecord, HitRecord, QualityRecord, StatusRecord


def screen(width: int = 60, colour: bool = False) -> Screen:
    return Screen(io.StringIO(), width, colour)


def hit(**changes: Any) -> HitRecord:  # noqa: ANN401
    record = HitRecord(
        query="boats",
        rank=1,
        path="/docs/boats.txt",
        score=0.834,
        matched=["meaning", "words"],
        title="On boats",
        passage="Boats sail. They need wind.",
        highlight=[12, 27],
        page=None,
        line=3,
        language="en",
        places=["/docs/boats.txt"],
    )
    return cast(HitRecord, record | changes)


SIZE: Any = {"size_bytes": 2_560_000, "eta_seconds": 40, "precision": "full", "document_task": "", "kept": False}


def status(**changes: Any) -> StatusRecord:  # noqa: ANN401
    record = StatusRecord(
        running=True,
        activity="indexing",
        detail="boats.txt",
        files={"indexed": 1200, "queued": 300, "failed": 0},
        chunks=5000,
        done=900,
        files_per_second=82.51,
        eta_seconds=130.0,
        spaces=[{"model": "built-in", "dimension": 256, "chunks": 5000, "total": 6000, "active": True, **SIZE}],
        catalogue_bytes=12_300_000,
        segment_bytes=999,
        last_indexed="/docs/boats.txt",
        last_indexed_at=1000.0,
        warnings=["a folder is polled"],
    )
    return cast(StatusRecord, record | changes)


def test_a_hit_shows_title_score_reason_place_and_passage() -> None:
    assert list(hit_lines(hit(), screen())) == [
        " 1. On boats                   0.83 · meaning and words · en",
        "    /docs/boats.txt  (line 3)",
        "    Boats sail. They need wind.",
    ]


def test_a_hit_without_title_shows_its_name() -> None:
    assert next(hit_lines(hit(title=" "), screen())).startswith(" 1. boats.txt ")


def test_a_hit_tells_where_it_stood_before_it_was_reranked() -> None:
    assert "was 7. · 0.83" in next(hit_lines(hit(rank_before=7), screen()))


def test_what_only_the_filters_let_through_has_no_score() -> None:
    assert next(hit_lines(hit(score=0.0, matched=[]), screen())).endswith("  en")


def test_what_is_embedded_is_shown_line_by_line() -> None:
    record = EmbeddedRecord(
        query="boats",
        model="a",
        dimension=64,
        subject="files",
        task="Find it",
        embedded="Instruct: Find it\nQuery:boats",
    )
    assert list(embedded_lines(record, screen())) == [
        "Model    a, 64 dimensions",
        "Task     Find it",
        "Embedded Instruct: Find it",
        "         Query:boats",
    ]
    lines = list(embedded_lines(record | {"task": "", "embedded": "boats"}, screen()))  # type: ignore[arg-type]
    assert lines[1:] == ["Task     none: this model takes no instruction", "Embedded boats"]


def test_part_page_and_other_places_are_told() -> None:
    places = ["/docs/boats.txt", *(f"/copy{number}" for number in range(5))]
    lines = list(hit_lines(hit(page=7, part="Re: boats", places=places), screen()))
    assert lines[1] == "    /docs/boats.txt  (Re: boats, page 7)"
    assert lines[3:] == ["    also /copy0", "    also /copy1", "    also /copy2", "    also in 2 more places"]


def test_the_marked_sentence_is_emphasised() -> None:
    assert list(passage_lines("Boats sail. They need wind.", [12, 27], screen(colour=True))) == [
        "    Boats sail. \x1b[1mThey need wind.\x1b[0m"
    ]


def test_the_marked_sentence_is_emphasised_across_a_line_break() -> None:
    lines = list(passage_lines("aaaa bbbb cccc dddd", [5, 14], screen(width=14, colour=True)))
    assert lines == ["    aaaa \x1b[1mbbbb\x1b[0m", "    \x1b[1mcccc\x1b[0m dddd"]


def test_a_sentence_far_inside_a_long_passage_is_shown() -> None:
    passage = "x " * 500 + "Found it. " + "y " * 500
    lines = list(passage_lines(passage, [1000, 1009], screen()))
    assert len(lines) == 2
    assert "Found it." in lines[0]
    assert lines[0].startswith("    …")
    assert lines[1].endswith("…")


def test_a_passage_without_mark_shows_its_beginning() -> None:
    assert list(passage_lines("Boats\n\n sail.", [0, 0], screen(colour=True))) == ["    Boats sail."]
    assert list(passage_lines("", [0, 0], screen())) == []


@pytest.mark.parametrize("width", [40, 60, 100])
@pytest.mark.parametrize("text", ["word " * 100, "日本語の文章です。" * 40, "nospace" * 60, "e\u0301" * 200])
def test_no_line_of_a_hit_is_wider_than_the_screen(text: str, width: int) -> None:
    record = hit(title=text, passage=text, path="/" + text.replace(" ", "/"), highlight=[40, 80], part=text)
    assert max(map(columns, hit_lines(record, screen(width)))) <= width


def test_control_characters_from_files_never_reach_the_terminal() -> None:
    evil = "a\x1b]0;owned\x07\u202etxt.exe\n"
    record = hit(title=evil, path=evil, passage=evil, language=evil, places=[evil, evil], highlight=[0, 3], part=evil)
    lines = "".join(hit_lines(record, screen()))
    lines += "".join(status_lines(status(detail=evil, last_indexed=evil, warnings=[evil]), screen(), 1.0))
    assert not set("\x1b\x07\u202e\n") & set(lines)


def test_json_of_a_hit_is_the_record_itself_in_one_line() -> None:
    line = json_line(hit(passage="a\nb ü 日"))
    assert "\n" not in line
    assert "日" in line
    assert json.loads(line) == hit(passage="a\nb ü 日")


def test_a_path_that_is_not_utf8_survives_json() -> None:
    path = os.fsdecode(b"/docs/caf\xe9.txt")
    line = json_line(hit(path=path))
    assert line.encode()  # valid UTF-8
    assert "caf\\udce9" in line
    assert os.fsencode(json.loads(line)["path"]) == b"/docs/caf\xe9.txt"


def test_a_stream_takes_bytes_of_paths_and_letters_it_has_not() -> None:
    for encoding, expected in (("utf-8", b"caf\xe9 \xe6\x97\xa5"), ("latin-1", b"caf\xe9 \\u65e5")):
        raw = io.BytesIO()
        stream = io.TextIOWrapper(raw, encoding=encoding)
        write_any_text(stream)
        stream.write("caf\udce9 日")
        stream.flush()
        assert raw.getvalue() == expected


def test_status_says_everything_in_a_line_each() -> None:
    assert list(status_lines(status(), screen(), 1120.0)) == [
        "Cognate   indexing: boats.txt",
        "Files     1,200 indexed, 300 queued",
        "Passages  5,000",
        "Speed     82.5 files/s, 2 minutes left",
        "Model     built-in, 256 dimensions: 5,000 of 6,000 passages, 83%, 2.6 MB, 40 s left, in use",
        "On disk   12.3 MB catalogue, 999 B segments",
        "Last      /docs/boats.txt (2 minutes ago)",
        "Warning   a folder is polled",
    ]


def test_status_of_a_process_that_only_looks_says_that_nothing_runs() -> None:
    lines = list(status_lines(status(running=False, activity="idle", detail=""), screen(), 0.0))
    assert lines[0] == "Cognate   not running"


def test_progress_fits_into_the_screen() -> None:
    assert progress_line(status(), screen(120)) == (
        "900 of 1,200 files · 82.5 files/s, 2 minutes left · indexing: boats.txt"
    )
    assert columns(progress_line(status(detail="日本" * 100), screen(60))) < 60


def test_a_folder_shows_state_counts_and_remedy() -> None:
    record = {"path": "/docs", "state": "absent", "note": "plug it in", "files": {"indexed": 2, "no text": 1}}
    assert list(folder_lines(record, screen())) == [  # type: ignore[arg-type]
        "/docs  absent",
        "    2 indexed, 1 no text",
        "    plug it in",
    ]


def test_an_explanation_says_state_reason_and_ranks() -> None:
    record = ExplanationRecord(
        path="/a",
        state="queued",
        reason="just saved",
        chunks=2,
        queue_place=3,
        eta_seconds=90.0,
        waits_for="",
        folder=None,
        depth=200,
        rank=4,
        rank_words=None,
        rank_meaning=2,
    )
    assert list(explanation_lines(record, "boats", screen())) == [
        "/a: queued",
        "    just saved",
        "    number 3 in the queue, 2 minutes left",
        "    2 passages",
        "    rank for 'boats': 4, 2 by meaning",
    ]


def test_a_file_that_the_index_does_not_know_is_told_with_the_reason() -> None:
    record = ExplanationRecord(
        path="/a",
        state=None,
        reason="It is in no watched folder.",
        chunks=0,
        queue_place=None,
        eta_seconds=None,
        waits_for="",
        folder=None,
        depth=200,
        rank=None,
        rank_words=None,
        rank_meaning=None,
    )
    assert list(explanation_lines(record, "boats", screen())) == [
        "/a is not indexed",
        "    It is in no watched folder.",
    ]


def test_models_and_checks_are_a_line_each() -> None:
    model = {
        "name": "built-in",
        "kind": "embedding",
        "download_bytes": 0,
        "installed": True,
        "location": "",
        "in_use": True,
        "memory_bytes": 0,
        "fits": "cpu",
        "recommended": False,
        "device": "A card",
    }
    assert list(model_lines(model, screen())) == ["built-in                     embedding  in use"]  # type: ignore[arg-type]
    large = {"name": "some/model", "download_bytes": 8_000_000_000, "memory_bytes": 9_000_000_000}
    state = {"installed": False, "in_use": False, "fits": "reduced", "recommended": True}
    assert list(model_lines(model | large | state, screen())) == [  # type: ignore[arg-type]
        "some/model                   embedding  recommended here",
        "    8.0 GB on disk, 9.0 GB of memory: runs on A card in 8 or 4 bits",
    ]
    assert list(check_lines({"check": "GPU", "ok": True, "detail": "none"}, screen())) == ["ok   GPU: none"]
    assert list(check_lines({"check": "model", "ok": False, "detail": ""}, screen())) == ["BAD  model"]


def test_a_space_is_in_use_or_filled_or_kept_in_so_many_bits() -> None:
    used = {
        "model": "some/model",
        "dimension": 64,
        "chunks": 10,
        "total": 10,
        "active": True,
        **SIZE,
        "eta_seconds": None,
    }
    filled = used | {"chunks": 5, "active": False, "precision": "4-bit", "eta_seconds": 40}
    kept = used | {"active": False, "kept": True}
    lines = [line for line in status_lines(status(spaces=[used, filled, kept]), screen(), 0.0) if "some/model" in line]
    assert [line.partition("dimensions: ")[2] for line in lines] == [
        "10 of 10 passages, 2.6 MB, in use",
        "5 of 10 passages, 50%, 2.6 MB, 4-bit weights, 40 s left, being filled",
        "10 of 10 passages, 2.6 MB, kept",
    ]


def test_a_check_is_a_small_table() -> None:
    record = QualityRecord(
        name="some/model",
        dimensions=64,
        ready_seconds=1.25,
        sentences_per_second=1234.5,
        translations_found=0.9,
        translations={"de": 1.0, "zh": 0.8},
        questions_answered=0.5,
        questions={"ar": 0.5},
        published_deviation=0.0021,
        reproduced=True,
        ok=True,
    )
    assert list(quality_lines(record, screen())) == [
        "some/model",
        "    64 dimensions, ready in 1.2 s, 1,234 sentences/s",
        "                           ar   de   zh  all",
        "    translations found        100%  80%  90%",
        "    questions answered    50%            50%",
        "    published similarities reproduced (difference 0.0021)",
    ]


@pytest.mark.parametrize(
    ("size_bytes", "text"), [(0, "0 B"), (999, "999 B"), (1500, "1.5 kB"), (123_456, "123 kB"), (8.1e9, "8.1 GB")]
)
def test_sizes_read_well(size_bytes: float, text: str) -> None:
    assert size(size_bytes) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "less than a second"), (42, "42 s"), (60, "1 minute"), (7200, "2 hours"), (9e4, "1 day")],
)
def test_durations_read_well(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_counts_name_the_states_that_occur() -> None:
    assert counts({"failed": 1, "indexed": 2, "queued": 0}) == "2 indexed, 1 failed"
    assert counts({}) == "none"


def test_width_counts_what_a_terminal_shows() -> None:
    assert columns("abc") == 3
    assert columns("日本") == 4
    assert columns("e\u0301") == 1


def test_texts_and_paths_are_cut_to_a_width() -> None:
    assert shorten("abcdef", 6) == "abcdef"
    assert shorten("abcdefg", 6) == "abcde…"
    assert shorten("日本語", 5) == "日本…"
    assert shorten_path("/home/me/documents/report.pdf", 20) == "/home/m…s/report.pdf"
    assert columns(shorten_path("/日本語" * 20, 21)) <= 21


def test_wrapping_loses_no_letter() -> None:
    text = "one two three 日本語の文 four"
    assert [text[start:end] for start, end in wrap(text, 8)] == ["one two", "three", "日本語の", "文 four"]


@pytest.mark.parametrize("character", ["\x00", "\x1b", "\x9b", "\r", "\t", "\u202e", "\u2066"])
def test_plain_text_holds_nothing_that_a_terminal_obeys(character: str) -> None:
    assert plain(f"a{character}b") == "a\ufffdb"


def test_what_is_no_terminal_gets_no_colour() -> None:
    stream = io.StringIO()
    assert screen_of(stream, {}) == Screen(stream, 100, colour=False, live=False)


def test_no_color_is_honoured_on_a_terminal() -> None:
    controller, terminal = os.openpty()
    with os.fdopen(terminal, "w") as stream, os.fdopen(controller):
        assert screen_of(stream, {"TERM": "xterm"}).colour
        assert not screen_of(stream, {"TERM": "xterm", "NO_COLOR": "1"}).colour
        assert not screen_of(stream, {"TERM": "dumb"}).live
