import re
import sys
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import islice

from model.builtin.native import word_spans

# Scripts written without spaces between words; FTS5's tokenizer would take a whole clause for one word.
_UNSPACED = (
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f\u1780-\u17ff"  # Myanmar, Khmer
    "\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9f"  # kana
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Han
)
PREFIX = " *"  # ends an FTS5 expression whose last word may go on

_UNSPACED_RUN = re.compile(f"[{_UNSPACED}]+")
_DIVIDED = re.compile(r"(?<=[^\W\d_])[-\u00ad\u2010]\n\s*(?=[^\W\d_])")
_TERM = re.compile(f"[{_UNSPACED}]+|[^\\W{_UNSPACED}]+")


def indexed_words(text: str) -> str:
    """Text as FTS5 gets it: runs of unspaced script become overlapping bigrams and their last character.

    A word that was divided at the end of a line is one word.
    """
    return _UNSPACED_RUN.sub(lambda run: f" {' '.join(_bigrams(run[0]))} ", _DIVIDED.sub("", text))


def _bigrams(run: str) -> Iterator[str]:
    for start in range(len(run) - 1):
        yield run[start : start + 2]
    yield run[-1]


def terms_of(text: str) -> list[str]:
    """Words of a query or a text in order: spaced words, and whole runs of unspaced script."""
    return _TERM.findall(text)


def fts_phrase(text: str, *, prefix: bool = False) -> str:
    """FTS5 expression for the words of a text side by side; empty when it has none."""
    phrases: list[str] = []
    for term in terms_of(text):
        if not _UNSPACED_RUN.fullmatch(term):
            phrases.append(f'"{term}"')
        elif len(term) == 1:
            return _joined([*phrases, f'"{term}"'], prefix=True)
        else:
            phrases.append(f'"{" ".join(list(_bigrams(term))[:-1])}"')
    return _joined(phrases, prefix)


def _joined(phrases: list[str], prefix: bool) -> str:
    return " + ".join(phrases) + (PREFIX if prefix and phrases else "")


def is_unspaced(text: str) -> bool:
    """Whether a text is one run of a script that puts no spaces between words."""
    return _UNSPACED_RUN.fullmatch(text) is not None


class Caseless:
    """A text in which literals are looked for, case ignored."""

    def __init__(self, text: str) -> None:
        self.text = text
        lower = _lower(text)
        self.lower = lower if len(lower) == len(text) else None  # where a letter has become two, places have moved


class Literal:
    """Finds a literal in texts; a spaced word also at the start of a longer one."""

    def __init__(self, literal: str) -> None:
        self._words = terms_of(literal) or [literal]
        self._lower = [_lower(word) for word in self._words]
        self._is_spaced = not is_unspaced(literal[:1])

    def spans(self, text: Caseless, most: int = sys.maxsize) -> list[tuple[int, int]]:
        """The first places where it stands, in characters, from first to last; what is empty stands nowhere."""
        if not self._words[0]:
            return []
        if text.lower is None:
            return [match.span() for match in islice(self._any_case.finditer(text.text), most)]
        if len(self._words) > 1:
            return [match.span() for match in islice(self._lower_case.finditer(text.lower), most)]
        return word_spans(text.lower, self._lower[0], self._is_spaced, most)  # a pattern takes long to make

    @cached_property
    def _lower_case(self) -> re.Pattern[str]:  # seven times as fast as the other
        return re.compile(self._pattern(self._lower))

    @cached_property
    def _any_case(self) -> re.Pattern[str]:
        return re.compile(self._pattern(self._words), re.IGNORECASE)

    def _pattern(self, words: Sequence[str]) -> str:
        """What must not stand before the first word is looked at behind it: so a search leaps to where that begins."""
        first, *others = map(re.escape, words)
        return r"[\W_]*".join([first + (rf"(?<![^\W_]{first})" if self._is_spaced else ""), *others])

    def stands_in(self, text: Caseless) -> bool:
        """Whether there is one."""
        return bool(self.spans(text, 1))


def _lower(text: str) -> str:
    return text.lower().replace("ς", "σ")
