"""Bytes to text, whatever encoding they are in."""

import codecs
import re
from collections import Counter
from collections.abc import Callable, Iterable

_SAMPLE_BYTES = 8192
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CONTROLS = bytes(set(range(32)) - {7, 8, 9, 10, 11, 12, 13, 27})
_MAX_CONTROL_SHARE = 0.02
_PAST_ASCII = re.compile(r"[\x80-\ufffc\U00010000-\U0010ffff]+")
_DECLARED = re.compile(
    rb"""(?:<meta[^>]{0,200}charset\s*=\s*["']?|<\?xml[^>]{0,100}encoding\s*=\s*["'])([\w.:-]+)""", re.IGNORECASE
)
_ALIASES = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949",
    "iso-8859-1": "cp1252",
}


def decode(data: bytes, is_markup: bool = False) -> str | None:
    """The text, or None where it is none. What can't be decoded in it becomes U+FFFD.

    Args:
        data: may end in the middle of a character.
        is_markup: the beginning may declare the encoding, as HTML and XML do.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    has_controls = _has_controls(data[:_SAMPLE_BYTES])
    text = None if has_controls else _utf8(data)
    if text is not None:
        return text
    if wide := _wide_encoding(data[:_SAMPLE_BYTES]):
        return data.decode(wide, "replace")
    if has_controls:
        return None
    declared = _declared_encoding(data) if is_markup else None
    return data.decode(declared or _guess(data), "replace")


def _utf8(data: bytes) -> str | None:
    """UTF-8, with its last character cut off or a few bytes broken (logs of several programs, cut records)."""
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data" and error.start > _SAMPLE_BYTES:
            return data[: error.start].decode()
    text = data.decode("utf-8", "replace")
    return text if 10 * text.count("\ufffd") <= sum(map(len, _PAST_ASCII.findall(text))) else None


def _wide_encoding(sample: bytes) -> str | None:
    """UTF-16 without a mark: one of the two byte columns nearly constant, or common ideographs all along."""
    pairs = len(sample) // 2
    if pairs < 4 or len(sample) % 2:
        return None
    for encoding, high in (("utf-16-le", sample[1::2]), ("utf-16-be", sample[::2])):
        value, count = Counter(high).most_common(1)[0]
        if value < 0x20 and count > 0.6 * pairs and _score(sample, encoding, _readable):
            return encoding
    scores = {encoding: _score(sample, encoding, _is_east_asian) for encoding in ("utf-16-le", "utf-16-be")}
    best = max(scores, key=lambda encoding: scores[encoding])
    return best if scores[best] > 0.8 else None


def _readable(text: str) -> float:
    return float(sum(character.isprintable() or character in "\t\r\n\f" for character in text) > 0.98 * len(text))


def _has_controls(sample: bytes) -> bool:
    return len(sample) - len(sample.translate(None, _CONTROLS)) > _MAX_CONTROL_SHARE * len(sample)


def _declared_encoding(data: bytes) -> str | None:
    match = _DECLARED.search(data[:2048])
    if not match:
        return None
    name = match[1].decode("ascii", "replace").lower()
    try:
        return codecs.lookup(_ALIASES.get(name, name)).name
    except LookupError:
        return None


def _guess(data: bytes) -> str:
    """The legacy encoding under which the text looks most like one."""
    sample = _lines_with_high_bytes(data)
    scores = {encoding: _score(sample, encoding, looks) for encoding, looks in _CANDIDATES.items()}
    best = max(scores, key=lambda encoding: scores[encoding])
    if scores[best] >= 0.75:
        return best
    from charset_normalizer import from_bytes

    match = from_bytes(sample).best()
    return match.encoding if match else "cp1252"


def _lines_with_high_bytes(data: bytes) -> bytes:
    """What of the text tells encodings apart. Newlines and spaces are ASCII in all of these."""
    lines = (line for line in data[: 16 * _SAMPLE_BYTES].splitlines(keepends=True) if not line.isascii())
    sample = b"".join(lines)
    return sample if len(sample) <= _SAMPLE_BYTES else sample[:_SAMPLE_BYTES]


def _score(sample: bytes, encoding: str, looks_right: Callable[[str], float]) -> float:
    """From 0 to 1 how much a sample in that encoding looks like text."""
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(sample)  # may end within a character
    except UnicodeDecodeError:
        return 0.0
    return looks_right(text)


def _is_east_asian(text: str) -> float:
    return _share(text, _COMMON_HANZI | _BIG5_HANZI | _KANA | _HANGUL)


def _is_japanese(text: str) -> float:
    return _share(text, _JAPANESE_KANJI | _KANA) * (1 if any(kana in text for kana in "のにはをがでしたい") else 0.7)


def _share(text: str, common: frozenset[str]) -> float:
    """How many of the characters past ASCII are common ones, or the punctuation of East Asia."""
    foreign = [character for character in text if not character.isascii()]
    return sum(character in common or character in _WIDE_PUNCTUATION for character in foreign) / max(len(foreign), 1)


def _level(encoding: str, leads: range, trails: Iterable[int]) -> frozenset[str]:
    """The characters of a double-byte set that its makers put first, as they are the frequent ones."""
    trail_bytes = tuple(trails)
    return frozenset(bytes((lead, trail)).decode(encoding, "ignore") for lead in leads for trail in trail_bytes) - {""}


_HIGH = range(0xA1, 0xFF)
_COMMON_HANZI = _level("gb2312", range(0xB0, 0xD8), _HIGH)
_BIG5_HANZI = _level("big5", range(0xA4, 0xC7), (*range(0x40, 0x7F), *_HIGH))
_JAPANESE_KANJI = _level("euc_jp", range(0xB0, 0xD0), _HIGH)
_KANA = _level("euc_jp", range(0xA4, 0xA6), _HIGH) | {"ー", "々"}
_HANGUL = _level("euc_kr", range(0xB0, 0xC9), _HIGH)
_WIDE_PUNCTUATION = frozenset("　、。，．・：；？！（）「」『』【】《》〈〉“”‘’…—～％０１２３４５６７８９")
_PUNCTUATION = frozenset("“”‘’„«»–—…•€£§©®°№\xa0")
# Letters in the order of no alphabet: the frequent ones of the languages written in each encoding.
_ALPHABETS = {
    "cp1252": "äöüßéèêàâçîïôùûœæøåñóíáúãõëÄÖÜÉÀÅØÆÇÑÓÍÁÚÊÈ¿¡ºª",
    "cp1250": "ąćęłńóśźżáčďéěíňřšťúůýžőűăâîşţäöüßđŁŚŻŹČŠŽŘÁÉÍÓÚÖÜŐĐ",
    "cp1254": "çğıöşüâîûÇĞİÖŞÜ",
    "cp1251": "оеаинтсрвлкпдмуяызбійьчг",
    "koi8-r": "оеаинтсрвлкпдмуяызбйьчг",
    "cp866": "оеаинтсрвлкпдмуяызбйьчг",
    "cp1253": "αοιτενσηρπκμλυςγδωάίόέή",
    "cp1255": "ויהלאמתרשבנדעחקפכםןצ",
    "cp1256": "ايلنمورتبعدهسفقكحجشةأىإطصخ",
    "cp874": "านรกอมเงลวยตทสคปะดใไแีัิ่้ํุูหบพผจชขโำ็์",
}


def _alphabetic(alphabet: str) -> Callable[[str], float]:
    common = frozenset(alphabet)

    def score(text: str) -> float:
        """Frequent letters count 1, others of the same script 0.4, capitals within a word and foreign signs nothing."""
        total, count, before = 0.0, 0, " "
        for character in text:
            if not character.isascii():
                count += 1
                total += _worth(character, before, common)
            before = character
        return total / max(count, 1)

    return score


def _worth(character: str, before: str, common: frozenset[str]) -> float:
    if character.isupper() and before.islower():
        return 0.0
    if character in common or character.lower() in common:
        return 1.0
    if character in _PUNCTUATION:
        return 0.8
    return 0.4 if character.isalpha() and any(abs(ord(character) - ord(other)) < 0x60 for other in common) else 0.0


_CANDIDATES: dict[str, Callable[[str], float]] = {
    "cp949": lambda text: _share(text, _HANGUL),
    "cp932": _is_japanese,
    "euc_jp": _is_japanese,
    "gb18030": lambda text: _share(text, _COMMON_HANZI),
    "big5": lambda text: _share(text, _BIG5_HANZI),
    **{encoding: _alphabetic(alphabet) for encoding, alphabet in _ALPHABETS.items()},
}
