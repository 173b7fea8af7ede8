"""Scores an embedder on the development sets: `python -m model.builtin.evaluate --corpus DIR`."""

import argparse
import json
import logging
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.builtin.encoder import FOLDER, BuiltinEmbedder
from model.embedder import shorten

log = logging.getLogger(__name__)

Vectors = NDArray[np.float32]
Encode = Callable[[Sequence[str]], Vectors]

CHUNK = 900  # characters, as in the published scores of the development sets
OVERLAP = 150
NEWS_PER_PASSAGE = 5  # sentences that make a passage as long as a chunk
LENGTHS = ((1, 8), (9, 16), (17, 24), (25, 40), (41, 200))
FEW = 9  # queries below which a median says nothing


@dataclass(frozen=True, slots=True)
class Retrieval:
    """Documents, and queries with the numbers of the documents that answer them."""

    documents: list[str]
    queries: list[str]
    langs: list[str]  # of the queries
    relevant: list[list[int]]


def read_translations(path: Path) -> tuple[list[str], list[str]]:
    """Both columns of a file of sentence pairs."""
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
    return [row[0] for row in rows], [row[1] for row in rows]


def json_lines(path: Path) -> Iterator[dict[str, str]]:
    """Yield the objects of a file with one JSON object a line."""
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def read_files(dev: Path) -> Retrieval:
    """Pages of a guide, and titles and headings in languages other than theirs."""
    pages = list(json_lines(dev / "files_text.jsonl"))
    number = {page["path"]: i for i, page in enumerate(pages)}
    rows = [line.split("\t") for line in (dev / "files_queries.tsv").read_text(encoding="utf-8").splitlines()[1:]]
    relevant = [[number[path] for path in row[4].split("|")] for row in rows]
    return Retrieval([page["text"] for page in pages], [row[2] for row in rows], [row[1] for row in rows], relevant)


def read_code(docs: Path) -> Retrieval:
    """Snippets of code, and descriptions of what they do."""
    snippets = list(json_lines(docs))
    number = {snippet["id"]: i for i, snippet in enumerate(snippets)}
    rows = list(json_lines(docs.with_name(docs.name.replace(".docs.", ".queries."))))
    relevant = [[number[i] for i in row["relevant"]] for row in rows]
    return Retrieval([s["code"] for s in snippets], [r["query"] for r in rows], [r["lang"] for r in rows], relevant)


def chunks(text: str) -> list[str]:
    """Cut a text into overlapping windows that end at white space where they can."""
    text, found, start = text.strip(), [], 0
    while True:
        end = min(len(text), start + CHUNK)
        if end < len(text):
            blank = max(text.rfind(sign, start + CHUNK // 2, end) for sign in "\n ")
            end = blank if blank > 0 else end
        found.append(text[start:end])
        if end >= len(text):
            return found
        start = end - OVERLAP


def accuracy(left: Vectors, right: Vectors) -> float:
    """Share of nearest neighbours that are the translation, mean of both directions."""
    cells, numbers = left @ right.T, np.arange(len(left))
    return float((cells.argmax(1) == numbers).mean() + (cells.argmax(0) == numbers).mean()) / 2


def best_chunks(task: Retrieval, encode: Encode) -> Vectors:
    """Cosine of each query with the best chunk of each document, [queries, documents]."""
    parts = [chunks(text) for text in task.documents]
    vectors = encode([chunk for part in parts for chunk in part])
    starts = np.cumsum([0] + [len(part) for part in parts[:-1]])
    queries = encode(task.queries)
    blocks = np.split(queries, range(256, len(queries), 256))
    return np.concatenate([np.maximum.reduceat(block @ vectors.T, starts, axis=1) for block in blocks])


def ranks(cells: Vectors, relevant: Sequence[Sequence[int]]) -> NDArray[np.int64]:
    """Rank of the best relevant document of each query, from 1; ties count against it."""
    best = np.array([row[list(own)].max() for row, own in zip(cells, relevant, strict=True)])
    tied = np.array([(row[list(own)] == b).sum() for row, own, b in zip(cells, relevant, best, strict=True)])
    return np.asarray(1 + (cells >= best[:, None]).sum(1) - tied)


class HashedTrigrams:
    """What no training gives: character 3-grams hashed into 8,192 places, weighted by their rarity in the pool."""

    size = 8192

    def __init__(self, pool: Sequence[str]) -> None:
        found = np.zeros(self.size)
        for text in pool:
            found[np.unique(self._places(text))] += 1
        self._rarity = np.log((1 + len(pool)) / (1 + found)) + 0.1

    def __call__(self, texts: Sequence[str]) -> Vectors:
        """Embed texts, float32 [n, 8192], rows of length 1."""
        vectors = np.zeros((len(texts), self.size), dtype=np.float32)
        for i, text in enumerate(texts):
            places, counts = np.unique(self._places(text), return_counts=True)
            vectors[i, places] = (1 + np.log(counts)) * self._rarity[places]
        return shorten(vectors, None)

    def _places(self, text: str) -> list[int]:
        text = f" {' '.join(text.lower()[:4000].split())} "
        return [zlib.crc32(text[i : i + 3].encode()) % self.size for i in range(len(text) - 2)]


def translation_scores(dev: Path, encode: Encode | None) -> dict[str, float]:
    """Accuracy by language, in percent; None stands for the baseline."""
    scores = {}
    for path in sorted((dev / "pairs").glob("*.tsv")):
        left, right = read_translations(path)
        run = encode or HashedTrigrams(left + right)
        scores[path.stem.removesuffix("-en")] = 100 * accuracy(run(left), run(right))
    return scores


def retrieval_scores(task: Retrieval, encode: Encode | None) -> dict[str, tuple[float, float]]:
    """Percent of queries with a relevant document first, and among the first ten: all, and by query language."""
    run = encode or HashedTrigrams([chunk for text in task.documents for chunk in chunks(text)])
    places = ranks(best_chunks(task, run), task.relevant)
    groups: dict[str, list[int]] = defaultdict(list)
    for place, lang in zip(places.tolist(), task.langs, strict=True):
        groups["all"].append(place)
        groups[lang].append(place)
    return {
        lang: (100 * float(np.mean(np.array(own) == 1)), 100 * float(np.mean(np.array(own) <= 10)))
        for lang, own in groups.items()
    }


@dataclass(frozen=True, slots=True)
class Closest:
    """For each query, cosine of the closest relevant document and of the closest text that answers no query."""

    right: Vectors
    wrong: Vectors


def closest(task: Retrieval, news: Sequence[str], encode: Encode) -> Closest:
    """Compare the queries with their documents, and with news, which answer none of them."""
    cells = best_chunks(task, encode)
    right = np.array([row[own].max() for row, own in zip(cells, task.relevant, strict=True)])
    return Closest(right, (encode(task.queries) @ encode(news).T).max(axis=1))


def news_passages(dev: Path) -> list[str]:
    """Passages in 30 languages, 40 of each."""
    found: list[str] = []
    for path in sorted((dev / "pairs").glob("*.tsv")):
        sentences = read_translations(path)[0]
        found += [" ".join(sentences[i : i + NEWS_PER_PASSAGE]) for i in range(0, 200, NEWS_PER_PASSAGE)]
    return found


def calibrate(cosines: Closest) -> tuple[float, float]:
    """Noise and match cosine of an embedder.

    Noise is the median of the cosines of what is closest and wrong. Match is the cosine that best parts these from
    those of the relevant documents.
    """
    cuts = np.linspace(0, 1, 201)
    kept = [float((cosines.right >= cut).mean() + (cosines.wrong < cut).mean()) for cut in cuts]
    return round(float(np.median(cosines.wrong)), 3), round(float(cuts[int(np.argmax(kept))]), 3)


def write_calibration(config: Path, noise: float, match: float) -> None:
    """Put both cosines where the embedder reads them."""
    content = json.loads(config.read_text(encoding="utf-8"))
    content["spec"] |= {"noise_cosine": noise, "match_cosine": match}
    config.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def calibration_report(task: Retrieval, cosines: Closest) -> str:
    """Whether a cosine means the same for every language and length: medians by each, in Markdown."""
    lengths = np.array([len(query) for query in task.queries])
    groups = {f"queries of {low} to {high} characters": (lengths >= low) & (lengths <= high) for low, high in LENGTHS}
    langs = np.array(task.langs)
    groups |= {f"queries in {lang}": langs == lang for lang in sorted(set(task.langs))}
    lines = ["| group | queries | closest wrong | closest right |", "| --- | ---: | ---: | ---: |"]
    lines += [
        f"| {name} | {own.sum()} | {np.median(cosines.wrong[own]):.2f} | {np.median(cosines.right[own]):.2f} |"
        for name, own in groups.items()
        if own.sum() >= FEW
    ]
    return "\n".join(lines)


def report(dev: Path, encode: Encode) -> str:
    """The table of all development sets, the model beside the baseline, in Markdown."""
    lines = ["| set | model | hashed 3-grams |", "| --- | ---: | ---: |"]
    ours, plain = translation_scores(dev, encode), translation_scores(dev, None)
    rows = [("all", float(np.mean(list(ours.values()))), float(np.mean(list(plain.values()))))]
    rows += [(lang, ours[lang], plain[lang]) for lang in ours]
    lines += [f"| translation, {lang}: accuracy | {one:.1f} | {other:.1f} |" for lang, one, other in rows]
    tasks = [("files", read_files(dev))]
    tasks += [(path.name.split(".")[0] + " code", read_code(path)) for path in sorted(dev.glob("code/*.docs.jsonl"))]
    for name, task in tasks:
        found, base = retrieval_scores(task, encode), retrieval_scores(task, None)
        lines += [
            f"| {name}, {lang}: recall@1 / @10 | {found[lang][0]:.1f} / {found[lang][1]:.1f} "
            f"| {base[lang][0]:.1f} / {base[lang][1]:.1f} |"
            for lang in found
        ]
    return "\n".join(lines)


def main() -> None:
    """Parse the command line and log the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True, help="folder of the corpus, with its dev folder")
    parser.add_argument("--model", type=Path, default=FOLDER, help="folder of the model")
    parser.add_argument("--dimension", type=int, help="MRL size to score")
    parser.add_argument("--calibrate", action="store_true", help="write noise and match cosine to the model's folder")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    embedder = BuiltinEmbedder(options.model)

    def encode(texts: Sequence[str]) -> Vectors:
        return embedder.embed_documents(texts, options.dimension)

    dev = options.corpus / "dev"
    log.info("%s", report(dev, encode))
    task = read_files(dev)
    cosines = closest(task, news_passages(dev), encode)
    noise, match = calibrate(cosines)
    log.info("noise cosine %.3f, match cosine %.3f", noise, match)
    if options.calibrate:
        write_calibration(options.model / "config.json", noise, match)
    log.info("%s", calibration_report(task, cosines))


if __name__ == "__main__":
    main()
