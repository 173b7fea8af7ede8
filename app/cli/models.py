from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, permutations
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli.answers import Printer
from app.cli.line import Line
from app.cli.printing import duration, model_lines
from app.cli.requests import Exit, Invocation, Models
from app.cli.servers import check_server, server_records
from app.options import load_options, save_options
from app.profile import ProfileError, prepare_profile
from app.records import ModelRecord
from model import load_embedder, registry
from model.errors import ModelError
from model.estimate import Estimate, estimate
from model.needs import fit, memory_bytes, recommended, this_machine
from model.qwen3 import published
from model.remote.connecting import disconnect
from model.remote.server import is_server, load_server

if TYPE_CHECKING:
    from model.embedder import Embedder

# the same facts in several languages: the nearest sentence in another language should be the translation
TRANSLATIONS = (
    (
        "The train leaves at seven in the morning.",
        "Der Zug fährt um sieben Uhr morgens ab.",
        "Le train part à sept heures du matin.",
        "Поезд отправляется в семь часов утра.",
        "火车早上七点出发。",
    ),
    (
        "Water the plants twice a week in summer.",
        "Im Sommer zweimal pro Woche die Pflanzen gießen.",
        "En été, arrosez les plantes deux fois par semaine.",
        "Летом поливайте растения два раза в неделю.",
        "夏天每周给植物浇两次水。",
    ),
    (
        "The invoice must be paid within thirty days.",
        "Die Rechnung muss innerhalb von dreißig Tagen bezahlt werden.",
        "La facture doit être payée sous trente jours.",
        "Счёт должен быть оплачен в течение тридцати дней.",
        "发票必须在三十天内付款。",
    ),
    (
        "The doctor told her to drink more milk for her bones.",
        "Der Arzt riet ihr, für ihre Knochen mehr Milch zu trinken.",
        "Le médecin lui a dit de boire plus de lait pour ses os.",
        "Врач посоветовал ей пить больше молока для костей.",
        "医生让她多喝牛奶以强健骨骼。",
    ),
    (
        "Our cat sleeps on the sofa all afternoon.",
        "Unsere Katze schläft den ganzen Nachmittag auf dem Sofa.",
        "Notre chat dort sur le canapé tout l'après-midi.",
        "Наша кошка весь день спит на диване.",
        "我们的猫整个下午都在沙发上睡觉。",
    ),
    (
        "The museum is closed on Mondays.",
        "Das Museum ist montags geschlossen.",
        "Le musée est fermé le lundi.",
        "По понедельникам музей закрыт.",
        "博物馆星期一闭馆。",
    ),
)
LONG_SECONDS = 600.0  # what takes longer is asked about before it begins
SPEED_SECONDS = 2.0  # measured for at least this long
ENOUGH = 0.6  # share of translations found by a model that is well; a damaged one comes near chance


def models(command: Models, invocation: Invocation, printer: Printer) -> int:
    """Carry out one of the `models` commands; the exit status."""
    profile = prepare_profile(invocation.profile)
    name = registry.canonical(command.name)
    match command.action:
        case "list":
            return _list(profile, printer)
        case "install":
            return _install(name, profile, printer)
        case "use":
            return _use(name, profile, printer)
        case "remove":
            return _remove(name, profile, printer)
        case _ if is_server(name):
            return check_server(name, profile, printer)
        case _:
            return _check(profile, printer)


def _list(profile: Path, printer: Printer) -> int:
    options = load_options(profile).options
    for record in chain(_records(profile), server_records(profile, options)):
        printer.record(record, lambda each: model_lines(each, printer.out))
    return Exit.FOUND


def _records(profile: Path) -> Iterator[ModelRecord]:
    folder = profile / "models"
    settings = load_options(profile).options.indexing
    used = settings.model
    machine = this_machine()
    advised = recommended(registry.KNOWN, machine)
    names = dict.fromkeys([each.name for each in registry.KNOWN] + sorted(registry.installed(folder)) + [used])
    for name in (each for each in names if not is_server(each)):
        known = registry.known(name)
        location = registry.locate(name, folder)
        yield ModelRecord(
            name=name,
            kind=str(known.kind) if known else "",
            download_bytes=known.download_bytes if known else 0,
            installed=name == registry.BUILT_IN or location is not None,
            location=str(location or ""),
            in_use=name in (used, settings.reranker),
            memory_bytes=memory_bytes(known) if known else 0,
            fits=str(fit(known, machine)) if known else "",
            recommended=name in advised,
            device=machine.accelerator,
        )


def _install(name: str, profile: Path, printer: Printer) -> int:
    if name == registry.BUILT_IN:
        printer.say("The built-in model is always there.")
        return Exit.FOUND
    folder = registry.locate(name, profile / "models")
    if folder is None:
        folder = registry.install(name, profile / "models", show_progress=printer.errors.live)
    printer.done(f"{name} is installed in {folder}", {"name": name, "location": str(folder)})
    return Exit.FOUND


def _use(name: str, profile: Path, printer: Printer) -> int:
    if is_server(name) and load_server(name, profile / "models").purpose is registry.ModelKind.RERANKER:
        return _use_reranker(name, profile, printer)
    known = registry.known(name)
    if known is not None and known.kind is registry.ModelKind.RERANKER:
        return printer.fail(f"{name} is a reranker: `cognate search --rerank` uses it as soon as it is installed")
    expected = estimate(load(name, profile), _passages(profile, printer))
    if expected is not None:
        printer.say(_estimate_text(name, expected))
        if expected.seconds >= LONG_SECONDS and not _wants_to(printer):
            return Exit.NOTHING
    _store(profile, model=name)
    seconds = None if expected is None else round(expected.seconds)
    record = {"name": name, "in_use": True, "estimated_seconds": seconds}
    printer.done(f"{name} is used from the next start of Cognate on", record)
    return Exit.FOUND


def _use_reranker(name: str, profile: Path, printer: Printer) -> int:
    _store(profile, reranker=name)
    printer.done(f"`cognate search --rerank` uses {name} from the next start on", {"name": name, "in_use": True})
    return Exit.FOUND


def _store(profile: Path, **chosen: str) -> None:
    """Write options about models. Raises ProfileError."""
    options = load_options(profile).options
    try:
        save_options(profile, replace(options, indexing=replace(options.indexing, **chosen)))
    except OSError as error:
        raise ProfileError(f"the settings of {profile} can't be written: {error.strerror}") from error


def _passages(profile: Path, printer: Printer) -> int:
    """How many passages the watched folders have, as far as they are indexed."""
    with Line(profile, printer.say) as line:
        return next((message["item"]["chunks"] for message in line.ask({"verb": "status"}) if "item" in message), 0)


def _estimate_text(name: str, expected: Estimate) -> str:
    pace = 60 / expected.seconds_per_passage
    text = f"Without a graphics card, {name} reads about {pace:,.0f} passages a minute here"
    if expected.passages:
        text += f": about {duration(expected.seconds)} for the {expected.passages:,} that are indexed"
    return f"{text}. Search goes on with the old model meanwhile."


def _wants_to(printer: Printer) -> bool:
    """Whether the user still wants what takes long; a script does."""
    if printer.as_json or not (printer.errors.live and sys.stdin.isatty()):
        return True
    printer.errors.write("Use it all the same? [y/N]")
    return sys.stdin.readline().strip().casefold() in ("y", "yes")


def load(name: str, profile: Path) -> Embedder:
    """Load an installed model. Raises ModelError."""
    return load_embedder(name, profile / "models", load_options(profile).options.indexing.device)


def _remove(name: str, profile: Path, printer: Printer) -> int:
    if name == registry.BUILT_IN:
        raise ModelError("the built-in model is a part of Cognate and can't be removed")
    options = load_options(profile).options.indexing
    if name == options.model:
        raise ModelError(f"{name} is in use: first choose another one, like `cognate models use built-in`")
    if is_server(name):
        disconnect(name, profile / "models")
        if name == options.reranker:
            _store(profile, reranker="")
    else:
        registry.remove(name, profile / "models")
    printer.done(f"{name} is removed", {"name": name, "installed": False})
    return Exit.FOUND


def _check(profile: Path, printer: Printer) -> int:
    name = load_options(profile).options.indexing.model
    began = time.perf_counter()
    embedder = load(name, profile)
    found = translations_found(embedder)
    load_seconds = time.perf_counter() - began
    speed = sentences_per_second(embedder)
    off = published.deviation(embedder)
    text = (
        f"{name}: {embedder.spec.dimensions} dimensions, ready in {load_seconds:.1f} s, {speed:,.0f} sentences/s, "
        f"{found:.0%} of translations found"
        + ("" if found >= ENOUGH else ": it does not understand enough to be of use")
    )
    is_exact = off is None or off <= published.TOLERANCE
    if off is not None:
        verdict = "reproduced" if is_exact else "missed: install it again"
        text += f", published similarities {verdict} (difference {off:.4f})"
    well = found >= ENOUGH and is_exact
    printer.done(
        text,
        {
            "name": name,
            "dimensions": embedder.spec.dimensions,
            "ready_seconds": round(load_seconds, 2),
            "sentences_per_second": round(speed, 1),
            "translations_found": round(found, 4),
            "published_deviation": None if off is None else round(off, 4),
            "ok": well,
        },
    )
    return Exit.FOUND if well else Exit.FAILED


def translations_found(embedder: Embedder) -> float:
    """Share of sentences whose nearest one in another language is their translation; by chance, one in six."""
    vectors = [embedder.embed_documents(sentences) for sentences in zip(*TRANSLATIONS, strict=True)]
    found = [
        int((one @ other.T).argmax(axis=1)[fact]) == fact
        for one, other in permutations(vectors, 2)
        for fact in range(len(TRANSLATIONS))
    ]
    return sum(found) / len(found)


def sentences_per_second(embedder: Embedder) -> float:
    """Speed with the sentences of the check, in one batch after the other."""
    texts = [text for fact in TRANSLATIONS for text in fact]
    began = time.perf_counter()
    done = 0
    while (spent := time.perf_counter() - began) < SPEED_SECONDS:
        embedder.embed_documents(texts)
        done += len(texts)
    return done / spent
