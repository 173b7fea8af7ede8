"""Ask the sample documents the queries of resources/sample-queries.tsv by the command line; write docs/samples.md."""

import csv
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent
SAMPLES = ROOT / "resources" / "samples"
QUERIES = ROOT / "resources" / "sample-queries.tsv"
LIMIT = 3
INTRODUCTION = """# The sample documents

`resources/samples` holds {documents} short documents in ten languages. They were written for Cognate and are free for
any use without conditions ([CC0 1.0](https://creativecommons.org/publicdomain/zero/1.0/)). The PDF, docx and odt files
are generated from texts in `packaging/samples` by `python packaging/samples/build.py`.

Below is what the built-in model answers to {queries} questions, each asked in another language than its document was
written in: `python packaging/samples/show.py` asks them through `cognate search --stdin --json` and writes this page.
The document meant is among the first three hits for **{found} of {queries}**, and the first hit for {first}. The
questions and documents were written before any model saw them, and were not changed afterwards.

| query | document meant | rank | first hit where it is another: score, matched by |
|---|---|---|---|
"""

JSON = """
## As JSON

The hit meant, of the first question in each language that finds it, as `cognate search QUERY --json` prints it (folders
shortened):

```json
{}
```
"""


def cognate(profile: str, *arguments: str, text: str = "") -> str:
    command = [sys.executable, "-m", "app.main", "--profile", profile, *arguments]
    done = subprocess.run(command, cwd=ROOT, input=text, capture_output=True, text=True, encoding="utf-8")
    if done.returncode > 1:
        sys.exit(done.stderr)
    return done.stdout


def ask(queries: list[str]) -> dict[str, list[dict[str, Any]]]:
    """Hits of each query, best first."""
    with tempfile.TemporaryDirectory() as profile:
        cognate(profile, "folder", "add", str(SAMPLES))
        cognate(profile, "index", "--wait")
        lines = cognate(profile, "search", "--stdin", "--json", f"--limit={LIMIT}", text="\n".join(queries))
    hits: dict[str, list[dict[str, Any]]] = {query: [] for query in queries}
    for line in lines.splitlines():
        hit = json.loads(line)
        hits[hit["query"]].append(hit)
    return hits


def summary(hit: dict[str, Any]) -> str:
    return f"{Path(hit['path']).name}, {hit['score']:.2f}, {' and '.join(hit['matched'])}"


def as_json(rows: list[list[str]], answers: dict[str, list[dict[str, Any]]]) -> str:
    """For the first question of each language that finds its document: that hit, as the command line prints it."""
    shown: dict[str, str] = {}
    for language, query, file in rows:
        for hit in answers[query]:
            if Path(hit["path"]).name == file and language not in shown:
                shown[language] = json.dumps(hit, ensure_ascii=False).replace(str(SAMPLES), "resources/samples")
    return "\n".join(shown.values())


def main() -> None:
    rows = list(csv.reader(QUERIES.read_text(encoding="utf-8").splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE))
    answers = ask([query for _, query, _ in rows])
    lines, ranks = [], []
    for language, query, file in rows:
        hits = answers[query]
        rank = next((hit["rank"] for hit in hits if Path(hit["path"]).name == file), None)
        ranks.append(rank)
        instead = summary(hits[0]) if hits and rank != 1 else ""
        lines.append(f"| {language}: {query} | {file} | {rank or f'below {LIMIT}'} | {instead} |\n")
    page = INTRODUCTION.format(
        documents=len(list(SAMPLES.iterdir())),
        queries=len(rows),
        found=len(rows) - ranks.count(None),
        first=ranks.count(1),
    )
    (ROOT / "docs" / "samples.md").write_text(
        page + "".join(lines) + JSON.format(as_json(rows, answers)), encoding="utf-8"
    )


if __name__ == "__main__":
    main()
