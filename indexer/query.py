import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path

from indexer.document import Kind
from indexer.errors import QueryError
from indexer.words import terms_of

_TOKEN = re.compile(r'(?P<minus>-?)(?:(?P<operator>[a-z]+):)?(?:"(?P<quoted>[^"]*)"?|(?P<bare>[^\s"]+))', re.IGNORECASE)
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kmgt]?)i?b?", re.IGNORECASE)
_UNITS = {"": 1, "k": 1024, "m": 1024**2, "g": 1024**3, "t": 1024**4}
_NAMED_DAYS = {"today": 0, "yesterday": 1, "week": 7, "month": 31, "year": 366}


@dataclass(frozen=True, slots=True)
class Range:
    """From low, inclusive, to high, exclusive; None is open."""

    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Filters:
    """Which files may be found; each field narrows, and within a field one match is enough."""

    suffixes: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()  # absolute paths, or names of a folder somewhere in the path
    names: tuple[str, ...] = ()  # parts of the file's name, * and ? allowed
    languages: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = ()
    dates: tuple[Range, ...] = ()  # seconds since the epoch
    sizes: tuple[Range, ...] = ()  # bytes

    def __bool__(self) -> bool:
        return self != Filters()


@dataclass(frozen=True, slots=True)
class Query:
    """A query taken apart."""

    text: str = ""  # what is looked for by meaning: the words and phrases without operators
    words: tuple[str, ...] = ()  # literal words, in order
    phrases: tuple[str, ...] = ()  # must stand in the passage as they are
    without: tuple[str, ...] = ()  # must not stand in the passage
    only: Filters = field(default_factory=Filters)
    never: Filters = field(default_factory=Filters)


def parse(text: str, now: datetime | None = None) -> Query:
    """Take a query apart; raises QueryError that names the part that can't be understood."""
    now = now or datetime.now()
    query = Query()
    for token in _TOKEN.finditer(text):
        query = _with_token(query, token, now)
    return replace(query, text=" ".join(query.text.split()))


def _with_token(query: Query, token: re.Match[str], now: datetime) -> Query:
    operator, quoted = (token["operator"] or "").lower(), token["quoted"]
    value = quoted if quoted is not None else token["bare"] or ""
    if operator in _FILTERS:
        if token["minus"]:
            return replace(query, never=_narrowed(query.never, operator, value, now))
        return replace(query, only=_narrowed(query.only, operator, value, now))
    if operator:
        value = f"{token['operator']}:{value}"
    text = f"{query.text} {value}"
    if not terms_of(value):
        return replace(query, text=text)
    if token["minus"]:
        return replace(query, without=(*query.without, value))
    if quoted is not None and not operator:
        return replace(query, text=text, phrases=(*query.phrases, value))
    return replace(query, text=text, words=(*query.words, value))


def _narrowed(filters: Filters, operator: str, value: str, now: datetime) -> Filters:
    if not value:
        return filters  # still being typed
    match operator:
        case "ext":
            added = tuple(part.lower().lstrip(".") for part in value.split(",") if part)
            return replace(filters, suffixes=filters.suffixes + added)
        case "in":
            folder = (
                str(Path(value).expanduser()) if value.startswith(("~", "/")) or Path(value).is_absolute() else value
            )
            return replace(filters, folders=(*filters.folders, folder.rstrip("/" + os.sep) or os.sep))
        case "name":
            return replace(filters, names=(*filters.names, value))
        case "lang":
            return replace(filters, languages=filters.languages + tuple(value.lower().split(",")))
        case "kind" | "type":
            return replace(filters, kinds=filters.kinds + tuple(_kind(part) for part in value.split(",") if part))
        case "date":
            return replace(filters, dates=(*filters.dates, _dates(value, now)))
        case _:
            return replace(filters, sizes=(*filters.sizes, _sizes(value)))


_FILTERS = frozenset({"ext", "in", "name", "lang", "kind", "type", "date", "size"})


def _kind(value: str) -> Kind:
    try:
        return Kind(value.lower())
    except ValueError:
        raise QueryError(f"kind:{value} is not known. Use one of {', '.join(Kind)}.") from None


def _dates(value: str, now: datetime) -> Range:
    if value.lower() in _NAMED_DAYS:
        days = _NAMED_DAYS[value.lower()]
        start = datetime.combine(now.date() - timedelta(days=days), time())
        one_day = value.lower() in ("today", "yesterday")
        return Range(start.timestamp(), (start + timedelta(days=1)).timestamp() if one_day else None)
    return _range(value, _day_range, "date", "2024, 2024-05, 2024-05-31, >2024, 2023..2024, today, week, month, year")


def _sizes(value: str) -> Range:
    return _range(value, _size_range, "size", "10mb, >10mb, <500k, 1mb..5mb")


def _range(value: str, parse_one: Callable[[str], Range], operator: str, examples: str) -> Range:
    try:
        if ".." in value:
            low, high = value.split("..", 1)
            return Range(parse_one(low).low if low else None, parse_one(high).high if high else None)
        if value.startswith(">"):
            found = parse_one(value.lstrip(">="))
            return Range(found.low if value.startswith(">=") else found.high, None)
        if value.startswith("<"):
            found = parse_one(value.lstrip("<="))
            return Range(None, found.high if value.startswith("<=") else found.low)
        return parse_one(value)
    except (ValueError, OverflowError):
        raise QueryError(f"{operator}:{value} can't be understood. Write it like {examples}.") from None


def _day_range(value: str) -> Range:
    parts = [int(part) for part in value.split("-")]
    if len(parts) == 1:
        first, after = date(parts[0], 1, 1), date(parts[0] + 1, 1, 1)
    elif len(parts) == 2:
        first = date(parts[0], parts[1], 1)
        after = (first + timedelta(days=31)).replace(day=1)
    else:
        first = date(*parts)
        after = first + timedelta(days=1)
    return Range(*(datetime.combine(day, time()).timestamp() for day in (first, after)))


def _size_range(value: str) -> Range:
    match = _SIZE.fullmatch(value)
    if match is None:
        raise ValueError(value)
    unit = _UNITS[match[2].lower()]
    size = float(match[1]) * unit
    return Range(size - unit / 2, size + unit / 2) if unit > 1 else Range(size, size + 1)
