from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from app.cli.answers import Printer
from app.cli.requests import Exit, Invocation, Ocr
from app.options import load_options, save_options
from app.profile import ProfileError, prepare_profile
from app.records import CheckRecord, OcrRecord
from indexer import tesseract
from indexer.settings import Settings

MOST_SHOWN = 20  # languages that are installed


def ocr(command: Ocr, invocation: Invocation, printer: Printer) -> int:
    """Show or choose whether the text in scans and pictures is recognised; the exit status."""
    profile = prepare_profile(invocation.profile)
    if command.action != "show":
        if command.action == "on" and (problem := _problem(command.languages)):
            return printer.fail(problem)
        _choose(profile, command)
    settings = load_options(profile).options.indexing
    found = tesseract.installed()
    known = found.languages if found else ()
    record = OcrRecord(
        on=settings.ocr,
        tesseract=found.version if found else "",
        installed=list(known),
        languages=list(tesseract.chosen(settings.ocr_languages, known)),
    )
    printer.record(record, _lines)
    if command.action != "show":
        printer.say("This counts from the next start of Cognate on.")
    return Exit.FOUND


def check(profile: Path) -> Iterator[CheckRecord]:
    """The doctor's line."""
    settings = load_options(profile).options.indexing
    if not settings.ocr:
        yield CheckRecord(check="scans", ok=True, detail="their text is not recognised: cognate ocr on")
        return
    languages, warning = tesseract.languages(settings.ocr_languages)
    found = tesseract.installed()
    detail = warning or f"their text is recognised in {languages}, by Tesseract {found.version if found else ''}"
    yield CheckRecord(check="scans", ok=not warning, detail=detail)


def _problem(languages: tuple[str, ...]) -> str:
    chosen, warning = tesseract.languages(languages)
    return "" if chosen and not warning else warning


def _choose(profile: Path, command: Ocr) -> None:
    options = load_options(profile).options
    languages = command.languages or options.indexing.ocr_languages
    indexing: Settings = replace(options.indexing, ocr=command.action == "on", ocr_languages=languages)
    try:
        save_options(profile, replace(options, indexing=indexing))
    except OSError as error:
        raise ProfileError(f"the settings of {profile} can't be written: {error.strerror}") from error


def _lines(record: OcrRecord) -> Iterator[str]:
    if not record["tesseract"]:
        yield f"Tesseract is not installed. Install it with: {tesseract.advice()}"
        return
    state = f"recognised in {'+'.join(record['languages'])}" if record["on"] else "not recognised"
    yield f"Text in scans and pictures is {state}."
    shown = record["installed"][:MOST_SHOWN]
    more = f" and {len(record['installed']) - MOST_SHOWN} more" if len(record["installed"]) > MOST_SHOWN else ""
    yield f"Tesseract {record['tesseract']} knows {', '.join(shown)}{more}."
