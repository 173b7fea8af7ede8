"""The words of a query as FTS5 expressions, and how much of them a text contains."""

import math
import re
import unicodedata
from bisect import bisect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import NamedTuple

from indexer.query import Query
from indexer.scoring import HALF_OF_THE_WORDS
from indexer.words import PREFIX, Caseless, Literal, fts_phrase, is_unspaced, terms_of

Spans = Sequence[tuple[int, int]]  # in characters

COMMON_SHARE = 0.1  # a term in more chunks than this share tells nothing beside others
COMMON_COUNT = 2000
RANKED_COUNT = 5000  # matches of a more frequent term are not ranked: that would take a millisecond for each 1,000
IDENTIFIER = re.compile(r"[^\W\d_][\W_]*\d|\d[\W_]*[^\W\d_]|\w_\w|[a-z][A-Z]\w|\d{5}")
PREFIX_LETTERS = 3  # shorter beginnings of words match too much
BEGUN_COUNT = 40_000  # chunks with words of one beginning, of which FTS5 reads all before it gives the first: some 8 ms
WHOLE_COUNT = 100  # a word that stands in so many chunks is taken for whole where many more have its beginning


@dataclass(frozen=True, slots=True)
class Term:
    """One word, identifier or pair of unspaced characters that is looked for literally."""

    literal: str
    expression: str  # FTS5
    name: str  # FTS5, of names
    weight: float  # inverse document frequency
    count: int  # of chunks that it stands in
    common: bool
    pattern: Literal


class _Sought(NamedTuple):
    """A term or a phrase."""

    pattern: Literal
    share: float  # of the weight of all terms; 1 for a phrase
    tells: bool  # something beside the others


class Occurrences:
    """Where the terms and phrases of a query stand in one text."""

    def __init__(self, found: Sequence[tuple[_Sought, Spans]]) -> None:
        self._found = found

    def shares(self, parts: Spans) -> list[float]:
        """Share of the terms, by weight, in each of some parts of the text, which are in order and do not overlap; 1
        more for each phrase.
        """
        shares, starts = [0.0] * len(parts), [start for start, _ in parts]
        for sought, spans in self._found:
            places = ((bisect(starts, start) - 1, end) for start, end in spans)
            for place in {place for place, end in places if place >= 0 and end <= parts[place][1]}:
                shares[place] += sought.share
        return shares

    def marked(self) -> tuple[tuple[int, int], ...]:
        """Where phrases and the terms that tell something stand, merged where they touch."""
        merged: list[tuple[int, int]] = []
        for start, end in sorted(span for sought, spans in self._found if sought.tells for span in spans):
            if merged and start <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            else:
                merged.append((start, end))
        return tuple(merged)


@dataclass(frozen=True, slots=True)
class Expression:
    """An FTS5 expression, empty when nothing is to be looked for, and whether its matches can be ranked in time."""

    text: str
    is_ranked: bool


@dataclass(frozen=True)
class Words:
    """What a query looks for literally."""

    terms: tuple[Term, ...]
    phrases: tuple[str, ...]  # FTS5 expressions that must match
    quoted: tuple[Literal, ...] = ()  # the same as they are found in texts

    def __bool__(self) -> bool:
        return bool(self.terms or self.phrases)

    @property
    def every(self) -> str:
        """FTS5 expression of names that hold every term."""
        return _all_of([*self.phrases, *(term.name for term in self.terms)])

    @property
    def together(self) -> Expression:
        """Of chunks that hold every term; common ones are left out where there are others."""
        terms = self._telling
        text = _all_of([*self.phrases, *(term.expression for term in terms)])
        return Expression(text, all(term.count <= RANKED_COUNT for term in terms))

    def some(self) -> Expression:
        """Of chunks that hold one of the terms which tell something: the rarest, as long as they can be ranked."""
        terms = self.rarest(RANKED_COUNT)
        listed = " OR ".join(f"({term.expression})" for term in terms)
        text = _all_of([*self.phrases, *([listed] if listed else [])])
        return Expression(text, all(term.count <= RANKED_COUNT for term in terms))

    def rarest(self, most: int) -> list[Term]:
        """Of the terms that tell something, as many as so many chunks hold in all, but always one."""
        terms: list[Term] = []
        for term in sorted((term for term in self.terms if not term.common), key=lambda term: term.count):
            if terms and sum(one.count for one in terms) + term.count > most:
                break
            terms.append(term)
        return terms

    @property
    def _telling(self) -> Sequence[Term]:
        return [term for term in self.terms if not term.common] or self.terms

    @property
    def has_identifier(self) -> bool:
        """Whether a term names one thing by its exact spelling, as XK-4471, parse_date and parseDate do."""
        return any(IDENTIFIER.search(term.literal) for term in self.terms)

    def coverage(self, text: str) -> float:
        """Share of the terms, by weight, that stand in a text: 0 to 1; a half at least where it must hold phrases."""
        caseless = Caseless(text)
        held = sum(term.weight for term in self.terms if term.pattern.stands_in(caseless))
        share = held / self._weight if self._weight else float(bool(self.phrases))
        return max(share, HALF_OF_THE_WORDS) if self.phrases else share

    def occurrences(self, text: str) -> Occurrences:
        """Where terms and phrases stand in a text."""
        caseless = Caseless(text)
        return Occurrences([(one, spans) for one in self._sought if (spans := one.pattern.spans(caseless))])

    @cached_property
    def _sought(self) -> Sequence[_Sought]:
        telling, total = set(map(id, self._telling)), self._weight or 1.0
        terms = (_Sought(term.pattern, term.weight / total, id(term) in telling) for term in self.terms)
        return [*terms, *(_Sought(literal, 1.0, True) for literal in self.quoted)]

    @cached_property
    def _weight(self) -> float:
        return sum(term.weight for term in self.terms)


def _all_of(expressions: Sequence[str]) -> str:
    return " AND ".join(f"({one})" for one in expressions)


def words_of(
    query: Query,
    frequencies: Callable[[Sequence[str]], tuple[int, Mapping[str, int]]],
    frequency_from: Callable[[str], int],
) -> Words:
    """Literal terms of a query.

    How many chunks there are and in how many indexed words stand tell `frequencies`, and `frequency_from` in how many
    words that begin so.
    """
    literals = [literal for word in (*query.words, *query.phrases) for literal in _literals(word)]
    indexed_as = [_indexed(literal) for literal in literals]
    chunks, counts = frequencies(list(dict.fromkeys(chain.from_iterable(indexed_as))))
    terms: dict[str, Term] = {}
    for position, (literal, indexed) in enumerate(zip(literals, indexed_as, strict=True)):
        count = min(counts[word] for word in indexed)
        typing = position == len(literals) - 1 and not query.phrases and not is_unspaced(literal)
        is_long = len(literal) >= PREFIX_LETTERS and len(indexed[-1]) > 1
        name = expression = fts_phrase(literal, prefix=typing and is_long and count <= RANKED_COUNT)
        if name.endswith(PREFIX) and (longer := frequency_from(indexed[-1])) > RANKED_COUNT:
            if count < WHOLE_COUNT and longer <= BEGUN_COUNT:
                count = longer
            else:
                expression = name.removesuffix(PREFIX)
        common = count > max(COMMON_COUNT, COMMON_SHARE * chunks)
        weight = math.log1p(chunks / (count + 1))
        terms.setdefault(literal.lower(), Term(literal, expression, name, weight, count, common, Literal(literal)))
    phrases = [phrase for phrase in query.phrases if fts_phrase(phrase)]
    return Words(tuple(terms.values()), tuple(map(fts_phrase, phrases)), tuple(map(Literal, phrases)))


def _literals(word: str) -> Iterator[str]:
    """A spaced word or identifier stays whole; a run of unspaced script is looked for by its pairs."""
    spaced: list[str] = []
    for term in terms_of(word):
        if not is_unspaced(term):
            spaced.append(term)
            continue
        yield from (term[start : start + 2] for start in range(max(1, len(term) - 1)))
    if len(spaced) == len(terms_of(word)):
        yield word.strip("".join(set(word) - set("".join(spaced))))
    else:
        yield from spaced


def _indexed(literal: str) -> list[str]:
    """Words of a literal as the FTS5 tokenizer keeps them."""
    plain = "".join(one for one in unicodedata.normalize("NFKD", literal) if not unicodedata.combining(one))
    return [part for part in re.split(r"[\W_]+", plain.lower()) if part] or [literal]
