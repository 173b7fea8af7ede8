"""`cognate models check`: whether a model is well, how fast it is here, and what it understands."""

from __future__ import annotations

import csv
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

import resources
from app.cli.answers import Printer
from app.cli.printing import quality_lines
from app.cli.requests import Exit
from app.options import load_options
from app.records import QualityRecord
from indexer.extract import Limits, extract
from model import load_embedder, registry
from model.precision import Precision
from model.qwen3 import published
from model.running import Running

if TYPE_CHECKING:
    from model.embedder import Embedder

SAMPLES = Path(resources.__file__).parent / "samples"
QUESTIONS = Path(resources.__file__).parent / "sample-queries.tsv"  # language, question, document that answers it
LANGUAGES = ("en", "de", "fr", "ru", "zh")  # of the translations
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
SPEED_SECONDS = 2.0  # measured for at least this long
ENOUGH = 0.6  # share of translations found by a model that is well; a damaged one comes near chance
FIRST = 3  # a question is answered by a document among so many of the fifteen


@dataclass(frozen=True, slots=True)
class Score:
    """How much of what was asked came out right."""

    right: int = 0
    asked: int = 0

    def with_one(self, is_right: bool) -> Score:
        """One more was asked."""
        return Score(self.right + is_right, self.asked + 1)

    @property
    def share(self) -> float:
        """From 0 to 1."""
        return self.right / self.asked if self.asked else 0.0


Scores = Mapping[str, Score]  # by language of what was asked


def check(names: Sequence[str], profile: Path, printer: Printer) -> int:
    """Check one model after the other; the exit status. Raises ModelError: one can't be loaded."""
    is_well = True
    for name in names:
        if not printer.as_json:
            printer.say(f"Checking {name}…")
        record = _checked(name, load(name, profile), load_options(profile).options.indexing.precision)
        printer.record(record, lambda each: quality_lines(each, printer.out))
        is_well &= record["ok"]
    return Exit.FOUND if is_well else Exit.FAILED


def load(name: str, profile: Path) -> Embedder:
    """Load an installed model as the settings have it run. Raises ModelError."""
    chosen = load_options(profile).options.indexing
    return load_embedder(name, profile / "models", running=Running(chosen.device, chosen.precision))


def checkable(profile: Path) -> list[str]:
    """The embedding models that are installed."""
    folder = profile / "models"
    rerankers = {each.name for each in registry.KNOWN if each.kind is registry.ModelKind.RERANKER}
    known = [each.name for each in registry.KNOWN if registry.locate(each.name, folder)]
    names = dict.fromkeys([registry.BUILT_IN, *known, *registry.installed(folder)])
    return [name for name in names if name not in rerankers]


def _checked(name: str, embedder: Embedder, precision: Precision) -> QualityRecord:
    began = time.perf_counter()
    embedder.embed_documents(["The weights are loaded now."])
    ready_seconds = time.perf_counter() - began
    speed = sentences_per_second(embedder)
    translations, questions = translations_found(embedder), questions_answered(embedder)
    off = published.deviation(embedder)
    is_close = off is None or off <= (published.TOLERANCE if precision is Precision.FULL else published.QUANTISED)
    share = total(translations)
    return QualityRecord(
        name=name,
        dimensions=embedder.spec.dimensions,
        ready_seconds=round(ready_seconds, 2),
        sentences_per_second=round(speed, 1),
        translations_found=round(share, 4),
        translations={language: round(score.share, 4) for language, score in translations.items()},
        questions_answered=round(total(questions), 4),
        questions={language: round(score.share, 4) for language, score in questions.items()},
        published_deviation=None if off is None else round(off, 4),
        reproduced=None if off is None else is_close,
        ok=share >= ENOUGH and is_close,
    )


def translations_found(embedder: Embedder) -> Scores:
    """By language: whether the nearest of six sentences in another one is the translation; by chance a sixth are."""
    sentences = zip(*TRANSLATIONS, strict=True)
    vectors = dict(zip(LANGUAGES, (embedder.embed_documents(each) for each in sentences), strict=True))
    scores: dict[str, Score] = defaultdict(Score)
    for one, other in permutations(LANGUAGES, 2):
        for fact, nearest in enumerate((vectors[one] @ vectors[other].T).argmax(axis=1)):
            scores[one] = scores[one].with_one(bool(nearest == fact))
    return scores


def questions_answered(embedder: Embedder) -> Scores:
    """By language of the question: whether the document that answers it, in another language, is among the first."""
    owners, texts = zip(*_passages(), strict=True)
    passages = embedder.embed_documents(texts)
    rows = list(csv.reader(QUESTIONS.read_text(encoding="utf-8").splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE))
    cosines = embedder.embed_queries([question for _, question, _ in rows]) @ passages.T
    scores: dict[str, Score] = defaultdict(Score)
    for (language, _, document), row in zip(rows, cosines, strict=True):
        best = dict.fromkeys(owners[place] for place in np.argsort(-row, kind="stable"))
        scores[language] = scores[language].with_one(document in list(best)[:FIRST])
    return scores


def _passages() -> Iterator[tuple[str, str]]:
    """Name and text of each passage of the sample documents."""
    for path in sorted(SAMPLES.iterdir()):
        yield from ((path.name, chunk.embedding_text) for chunk in extract(path, Limits()).chunks)


def total(scores: Scores) -> float:
    """Share over all languages."""
    return sum(score.right for score in scores.values()) / sum(score.asked for score in scores.values())


def sentences_per_second(embedder: Embedder) -> float:
    """Speed with the sentences of the check, in one batch after the other."""
    texts = [text for fact in TRANSLATIONS for text in fact]
    began = time.perf_counter()
    done = 0
    while (spent := time.perf_counter() - began) < SPEED_SECONDS:
        embedder.embed_documents(texts)
        done += len(texts)
    return done / spent
