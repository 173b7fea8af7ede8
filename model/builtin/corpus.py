"""Reads the training corpus: pairs of texts, and how common words are. docs/builtin-model.md describes its files."""

import json
import lzma
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path


class Kind(IntEnum):
    """What a pair is; each kind gets batches of its own."""

    SENTENCE = 0  # translations of each other
    TERM = 1  # words, short terms, interface labels
    PASSAGE = 2  # question, title or heading, and the text it belongs to
    CODE = 3  # description of a function, and its code


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts that mean the same, or a query and its passage."""

    kind: Kind
    source: str
    lang_a: str
    text_a: str
    lang_b: str
    text_b: str


def read_table(path: Path) -> Iterator[list[str]]:
    """Yield the rows of a tab-separated .xz file below its header."""
    with lzma.open(path, "rt", encoding="utf-8", newline="\n") as lines:
        next(lines)
        for line in lines:
            yield line.rstrip("\n").split("\t")


def read_json_lines(path: Path) -> Iterator[dict[str, str]]:
    """Yield the objects of an .xz file with one JSON object a line."""
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def read_pairs(corpus: Path) -> Iterator[Pair]:
    """Yield every training pair; a file that the folder does not hold gives none."""
    if (path := corpus / "parallel.tsv.xz").exists():
        for source, lang_a, text_a, lang_b, text_b in read_table(path):
            yield Pair(Kind.SENTENCE, source, lang_a, text_a, lang_b, text_b)
    if (path := corpus / "dictionary.tsv.xz").exists():
        for lang_a, text_a, lang_b, text_b, source in read_table(path):
            yield Pair(Kind.TERM, source, lang_a, text_a, lang_b, text_b)
    if (path := corpus / "passages.jsonl.xz").exists():
        for row in read_json_lines(path):
            yield Pair(Kind.PASSAGE, row["source"], row["query_lang"], row["query"], row["text_lang"], row["text"])
    if (path := corpus / "code_pairs.jsonl.xz").exists():
        for row in read_json_lines(path):
            yield Pair(Kind.CODE, row["source"], row["text_lang"], row["text"], row["lang"], row["code"])


def read_word_frequencies(corpus: Path) -> Iterator[tuple[str, str, float]]:
    """Yield language, word and its relative frequency in everyday text."""
    if (path := corpus / "word_frequencies.tsv.xz").exists():
        for lang, word, log10_frequency in read_table(path):
            yield lang, word, 10.0 ** float(log10_frequency)
