from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from indexer.catalogue.reader import CatalogueReader, Inside, Passage, Place
from indexer.highlight import SentenceReader
from indexer.lexical import Occurrences, Words
from indexer.query import Filters
from indexer.results import Hit, Matched
from indexer.scoring import Strength
from model.builtin.encoder import BuiltinEmbedder

Key = tuple[str, int, int, str]  # a content, a member of it and a part of that, or a file without content
_Where = tuple[str, int, bool]  # a content or a file, and whether it is about what is inside
NO_RANKS: Mapping[Key, int] = {}


class Found(NamedTuple):
    """A passage, or a file or a member by its name, and how well it answers."""

    strength: Strength
    passage: Passage | None = None
    place: Place | None = None
    inside: Inside | None = None

    @property
    def key(self) -> Key:
        """What is shown as one hit."""
        if self.passage:
            return "content", self.passage.content, self.passage.member, self.passage.part
        if self.inside:
            return "content", self.inside.content, self.inside.id, ""
        assert self.place is not None
        if self.place.content is not None:
            return "content", self.place.content, 0, ""
        return "file", self.place.id, 0, ""


def grouped(found: Iterable[Found]) -> list[Found]:
    """One for each content and part, with the passage that answers best, strongest first."""
    groups: dict[Key, Found] = {}
    is_in_order = True
    for one in sorted(found, key=_order, reverse=True):
        best = groups.setdefault(one.key, one)
        if best is not one and not (best.passage and one.passage):  # one of them was found by its name
            strength = best.strength._replace(name=max(best.strength.name, one.strength.name))
            passage, place = best.passage or one.passage, best.place or one.place
            groups[one.key] = Found(strength, passage, place, best.inside or one.inside)
            is_in_order = False
    return list(groups.values()) if is_in_order else sorted(groups.values(), key=_order, reverse=True)


def _order(found: Found) -> tuple[bool, float]:
    return found.strength.order


class Presenter:
    """Makes hits of what was found: places, passage and its best sentence."""

    def __init__(self, reader: CatalogueReader, highlighter: BuiltinEmbedder) -> None:
        self._reader = reader
        self.sentences = SentenceReader(highlighter)

    def hits(
        self,
        found: Iterable[Found],
        limit: int,
        only: Filters,
        never: Filters,
        about: str,
        words: Words,
        before: Mapping[Key, int] = NO_RANKS,
    ) -> tuple[Hit, ...]:
        """The best hits; `about` is the text that the best sentence is chosen for, `before` holds earlier ranks.

        Where there is no such text, as only filters were given, no sentence is better than another.
        """
        best = grouped(found)[:limit]
        places = self._places(best, only, never)
        best = [one for one in self._with_passages(best) if places.get(_where(one))]
        texts = [one.passage.text if one.passage else "" for one in best]
        in_texts = [words.occurrences(text) for text in texts]
        none = [(0, 0)] * len(texts)
        sentences = self.sentences.best_sentences(texts, about, in_texts) if about else none
        return tuple(
            _hit(rank, one, places[_where(one)], sentence, in_text, before.get(one.key))
            for rank, (one, sentence, in_text) in enumerate(zip(best, sentences, in_texts, strict=True), start=1)
        )

    def _places(self, found: Sequence[Found], only: Filters, never: Filters) -> dict[_Where, list[Place]]:
        """Where the files of what was found are, for what is in the files themselves and for what is inside them."""
        contents = [one.key[1] for one in found if one.key[0] == "content" and not one.key[2]]
        files = [one.key[1] for one in found if one.key[0] == "file"]
        places: dict[_Where, list[Place]] = {}
        for place in self._reader.places(only, never, contents=contents, files=files):
            places.setdefault(_where(Found(Strength(0, 0), place=place)), []).append(place)
        if holders := [one.key[1] for one in found if one.key[2]]:
            for place in self._reader.holders(only, never, holders):
                assert place.content is not None
                places.setdefault(("content", place.content, True), []).append(place)
        return places

    def _with_passages(self, found: Sequence[Found]) -> list[Found]:
        """What was found by its name shows the beginning of its text."""
        bare = [one.key for one in found if not one.passage and one.key[0] == "content"]
        contents, members = [key[1] for key in bare if not key[2]], [key[2] for key in bare if key[2]]
        first = self._reader.first_passages(contents) if contents else {}
        inner = self._reader.first_member_passages(members) if members else {}
        return [
            one if one.passage else one._replace(passage=inner.get(one.key[2]) if one.inside else first.get(one.key[1]))
            for one in found
        ]


def _where(found: Found) -> _Where:
    what, number, member, _ = found.key
    return what, number, bool(member)


def _hit(
    rank: int, found: Found, places: list[Place], sentence: tuple[int, int], words: Occurrences, before: int | None
) -> Hit:
    named = found.place
    ordered = sorted(places, key=lambda place: named is not None and place.id != named.id)
    passage, first, inside = found.passage, ordered[0], found.inside
    skipped = passage.text[: sentence[0]].count("\n") if passage else 0
    return Hit(
        rank=rank,
        path=first.path,
        score=round(found.strength.score, 4),
        matched=(Matched.MEANING,) * found.strength.by_meaning + (Matched.WORDS,) * found.strength.by_words,
        kind=passage.kind if passage and passage.member else inside.kind if inside else first.kind,
        title=passage.title if passage else inside.title if inside else "",
        passage=passage.text if passage else "",
        highlight=sentence,
        words=words.marked(),
        context=passage.context if passage else "",
        part=passage.part if passage else "",
        page=passage.page if passage else None,
        line=passage.line + skipped if passage and passage.line is not None else None,
        language=passage.language if passage else "",
        places=tuple(place.path for place in ordered),
        size_bytes=first.size_bytes,
        modified=first.modified,
        member=passage.member_path if passage else inside.path if inside else "",
        rank_before=before,
    )
