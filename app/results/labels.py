from collections.abc import Iterable
from datetime import datetime

from PySide6.QtCore import QCoreApplication, QLocale

from app.parts import tip_text
from app.results.snippet import plain
from app.wording import moment, path_text
from indexer.document import INSIDE
from indexer.results import Hit, Matched


def title(hit: Hit) -> str:
    """The document's own title, or its name."""
    return plain(hit.title.strip() or hit.name)


def location(hit: Hit) -> str:
    """The path of the hit, and of what is found inside the file."""
    return plain(path_text(hit.path) + (INSIDE + hit.member if hit.member else ""))


def subtitle(hit: Hit) -> str:
    """Where the hit is; without the name of a file when the name is the title."""
    named = hit.title.strip() or hit.member
    where = location(hit) if named else plain(path_text(hit.path.parent))
    return f"{where}  ›  {plain(hit.part)}" if hit.part else where


def place(hit: Hit) -> str:
    """Page or line, short; empty when there is neither."""
    if hit.page is not None:
        return QCoreApplication.translate("Results", "p. {page}").format(page=hit.page)
    if hit.line is not None:
        return QCoreApplication.translate("Results", "line {line}").format(line=hit.line)
    return ""


def moved(hit: Hit) -> str:
    """An arrow and the place before a reranker changed the order; empty where it did not change."""
    if hit.rank_before is None or hit.rank_before == hit.rank:
        return ""
    return f"{'↑' if hit.rank < hit.rank_before else '↓'} {hit.rank_before}"


def moved_sentence(hit: Hit) -> str:
    """The place before a reranker put the hits in order; empty where none did."""
    if hit.rank_before is None:
        return ""
    text = QCoreApplication.translate("Results", "Place {rank}, before reranking {before}")
    return text.format(rank=hit.rank, before=hit.rank_before)


def why(matched: Iterable[Matched]) -> str:
    """What found the hit, in one word; nothing for a file that only its filters let through."""
    found = set(matched)
    if not found:
        return ""
    if len(found) > 1:
        return QCoreApplication.translate("Results", "both")
    if Matched.WORDS in found:
        return QCoreApplication.translate("Results", "words")
    return QCoreApplication.translate("Results", "meaning")


def why_sentence(matched: Iterable[Matched]) -> str:
    """What found the hit, in one sentence."""
    found = set(matched)
    if not found:
        return QCoreApplication.translate("Results", "Let through by the filters")
    if len(found) > 1:
        return QCoreApplication.translate("Results", "Found by its meaning and by its words")
    if Matched.WORDS in found:
        return QCoreApplication.translate("Results", "Found by its words")
    return QCoreApplication.translate("Results", "Found by its meaning")


def language_name(code: str) -> str:
    """The language's name in itself, or its code when Qt does not know it."""
    language = QLocale.codeToLanguage(code)
    return QLocale(language).nativeLanguageName() or code if language != QLocale.Language.AnyLanguage else code


def spoken(hit: Hit, now: datetime) -> str:
    """All that a row shows, for a screen reader."""
    best = plain(hit.passage[slice(*hit.highlight)] or hit.passage[:200])
    about = (title(hit), subtitle(hit), place(hit), why_sentence(hit.matched), language_name(hit.language))
    parts = (*about, moved_sentence(hit))
    return ". ".join(part for part in (*parts, moment(hit.modified, now), " ".join(best.split())) if part)


def tip(hit: Hit) -> str:
    """Why the hit was found and where its copies are."""
    score = QCoreApplication.translate("Results", "{why} · relevance {score} %") if hit.matched else "{why}"
    path = str(hit.path) + (INSIDE + hit.member if hit.member else "")
    lines = [plain(path), score.format(why=why_sentence(hit.matched), score=round(hit.score * 100))]
    if hit.rank_before is not None:
        lines.append(moved_sentence(hit))
    if hit.context:
        lines.append(plain(hit.context))
    others = [path for path in hit.places if path != hit.path]
    if others:
        lines.append(QCoreApplication.translate("Results", "The same content is also here:"))
        lines += [plain(str(path)) for path in others[:8]]
    return tip_text("\n".join(lines))
