import re
from collections.abc import Iterator

# Scripts written without spaces between words; FTS5's tokenizer would take a whole clause for one word.
_UNSPACED = (
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f\u1780-\u17ff"  # Myanmar, Khmer
    "\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9f"  # kana
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Han
)
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
    return " + ".join(phrases) + (" *" if prefix and phrases else "")


def is_unspaced(text: str) -> bool:
    """Whether a text is one run of a script that puts no spaces between words."""
    return _UNSPACED_RUN.fullmatch(text) is not None


def literal_pattern(literal: str) -> re.Pattern[str]:
    """Finds a literal in a text, case ignored; a spaced word also at the start of a longer one."""
    words = [re.escape(word) for word in terms_of(literal)] or [re.escape(literal)]
    start = "" if is_unspaced(literal[:1]) else r"(?<![^\W_])"
    return re.compile(start + r"[\W_]*".join(words), re.IGNORECASE)
