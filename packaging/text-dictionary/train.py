"""Make `resources/text-dictionary/1.zstd`: `python packaging/text-dictionary/train.py CORPUS OUT`.

CORPUS holds `passages.jsonl.xz`, as docs/builtin-model.md describes it. Code and licences are taken from packages that
are installed. A dictionary that was released is never made anew, as profiles can be read with it alone: a better one
gets the next number beside it.
"""

import argparse
import json
import lzma
import random
import sys
import textwrap
from collections import defaultdict
from importlib.util import find_spec
from itertools import cycle
from pathlib import Path

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

SOURCES = "azd-for-beginners bitcoin-org edgeai-for-beginners electron-i18n hf-course medquad php-doc".split()
PACKAGES = ("numpy", "pygments", "sympy", "torch")
BYTES = 65536
SAMPLE_BYTES = 6_000_000
LETTERS = 1000  # of a sample, like a chunk
LEVEL = 12
SHARES = (
    {"en": 0.36, "code": 0.14, "licence": 0.03}
    | dict.fromkeys(("zh", "ja"), 0.05)
    | dict.fromkeys(("de", "es", "fr", "it", "nl", "pt", "ru"), 0.03)
    | dict.fromkeys(("ar", "bg", "cs", "da", "el", "fa", "fi", "he", "hi", "hu"), 0.008)
    | dict.fromkeys(("id", "ko", "no", "pl", "ro", "sv", "th", "tr", "uk", "vi"), 0.008)
)


def passages(corpus: Path) -> dict[str, list[str]]:
    """Texts by language."""
    found: dict[str, dict[str, None]] = defaultdict(dict)  # in their order, each once
    with lzma.open(corpus / "passages.jsonl.xz", "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if row["source"] in SOURCES:
                found[row["text_lang"]][row["text"]] = None
    return {language: list(texts) for language, texts in found.items()}


def packaged(*patterns: str) -> list[str]:
    """Texts of the files of all packages that match."""
    folders = [Path(spec.origin).parent for name in PACKAGES if (spec := find_spec(name)) and spec.origin]
    places = folders + [place for one in folders for place in one.parent.glob(f"{one.name}-*.dist-info")]
    paths = sorted({path for place in places for pattern in patterns for path in place.rglob(pattern)})
    return [path.read_text(encoding="utf-8", errors="ignore") for path in paths if path.stat().st_size > LETTERS]


def samples(texts: list[str], total: int, chance: random.Random, is_prose: bool) -> list[bytes]:
    """Pieces as long as a chunk; every other one of prose in lines, as it stands in text files."""
    found: list[bytes] = []
    lines = cycle((False, is_prose))
    while total > 0:
        place = chance.randrange(len(texts))
        if is_prose:
            joined = " ".join(texts[place : place + 20])[:LETTERS]
        else:
            start = chance.randrange(max(1, len(texts[place]) - LETTERS))
            joined = texts[place][start : start + LETTERS]
        found.append((textwrap.fill(joined, 76) if next(lines) else joined).encode())
        total -= len(found[-1])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("out", type=Path)
    options = parser.parse_args()
    chance = random.Random(1)
    texts = passages(options.corpus) | {"code": packaged("*.py", "*.h"), "licence": packaged("LICENSE*")}
    drawn: list[bytes] = []
    for name, share in SHARES.items():
        drawn += samples(texts[name], int(SAMPLE_BYTES * share), chance, name not in ("code", "licence"))
    chance.shuffle(drawn)
    dictionary = zstd.finalize_dict(zstd.train_dict(drawn, BYTES), drawn, BYTES, LEVEL)
    options.out.write_bytes(dictionary.dict_content)


if __name__ == "__main__":
    main()
