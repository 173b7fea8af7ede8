"""Recall of the search by words, by meaning and by both: `python -m tests.benchmarks.retrieval DEV_FOLDER`.

The folder holds `files/` and `files_queries.tsv` (set, query language, query, languages, relevant paths joined by "|").
Then words and identifiers that stand in one of the files alone are searched for: how often does that file come first?
"""

import argparse
import csv
import random
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path

from indexer.engine import Engine
from indexer.results import Mode, SearchRequest
from indexer.words import Caseless, Literal

WORD = re.compile(r"[^\W\d_]{4,}")
IDENTIFIER = re.compile(r"(?<![\w\\/.-])(?:[a-z]+_[a-z_]+|[a-z]+[A-Z][A-Za-z]+|[A-Za-z]+-?[0-9][\w-]*)(?![\w-])")
LONE = 250  # words, and identifiers, that are searched for


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--among", type=Path, help="a profile that all is added to, in a copy: so much else is there")
    parser.add_argument("--failures", type=int, default=0, help="print so many queries that both together miss")
    options = parser.parse_args()
    with (options.folder / "files_queries.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]
    with tempfile.TemporaryDirectory() as home:
        profile = Path(home, "profile")
        if options.among:
            shutil.copytree(options.among, profile)
        engine = Engine.open(profile)
        engine.start()
        engine.add_folder(options.folder / "files")
        engine.wait()
        print(f"{engine.status().files}, {engine.status().chunks} chunks, {len(rows)} queries")
        print("| mode | recall@1 | recall@10 | nothing found |\n|---|---|---|---|")
        for mode in Mode:
            ranks = [_rank(engine, options.folder.resolve() / "files", row, mode) for row in rows]
            shares = [sum(0 < rank <= limit for rank in ranks) / len(ranks) for limit in (1, 10)]
            print(
                f"| {mode} | {shares[0]:.3f} | {shares[1]:.3f} | {sum(rank < 0 for rank in ranks) / len(ranks):.3f} |"
            )
            if mode is Mode.BOTH and options.failures:
                worst = [row for row, rank in zip(rows, ranks, strict=True) if not 0 < rank <= 10]
                print(*(f"<!-- {row[1]}: {row[2]} -> {row[4]} -->" for row in worst[: options.failures]), sep="\n")
        texts = {
            path: Caseless(path.read_text("utf-8", "replace"))
            for path in (options.folder.resolve() / "files").rglob("*.*")
        }
        for kind, pattern in (("word", WORD), ("identifier", IDENTIFIER)):
            lone = list(islice(_lone(texts, pattern), LONE))
            firsts = [engine.search(SearchRequest(term, limit=1)).hits for term, _ in lone]
            first = sum(bool(hits) and path in hits[0].places for hits, (_, path) in zip(firsts, lone, strict=True))
            print(f"{kind} in one file alone: that file comes first for {first} of {len(lone)}")
        engine.close()


def _lone(texts: Mapping[Path, Caseless], pattern: re.Pattern[str]) -> Iterator[tuple[str, Path]]:
    """Terms that stand in one of the texts alone, with its path, in random order."""
    terms = sorted({term for one in texts.values() for term in pattern.findall(one.text)})
    random.Random(1).shuffle(terms)
    for term in terms:
        literal = Literal(term)
        holders = [path for path, text in texts.items() if literal.stands_in(text)]
        if len(holders) == 1:
            yield term, holders[0]


def _rank(engine: Engine, root: Path, row: list[str], mode: Mode) -> int:
    """Rank of the first relevant file among the first 10; 0 when it is not there, -1 when nothing is found at all."""
    relevant = {root / path.removeprefix("files/") for path in row[4].split("|")}
    hits = engine.search(SearchRequest(row[2].replace(":", " "), limit=10, mode=mode)).hits
    return next((hit.rank for hit in hits if relevant & set(hit.places)), 0 if hits else -1)


if __name__ == "__main__":
    main()
