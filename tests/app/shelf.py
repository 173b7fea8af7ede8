"""A few files of every kind that the window can show, and hits in them."""

from __future__ import annotations

from pathlib import Path

import pymupdf
from PySide6.QtGui import QColor, QImage

from indexer.document import Kind
from indexer.results import Hit, Matched

SENTENCE = "The oldest well of the oasis was dug by hand in a single summer."
TEXTS = {
    "boats.txt": "Sailing boats lie in the harbour.\nThe wind comes from the west.\nAt night the lamps burn.\n",
    "garden.md": "# Garden\n\nTomatoes want **sun**, little wind.\n\n![far](http://127.0.0.1:9/a) ![near](near.png)\n",
    "page.html": "<h1>Harbour</h1><p>Nets dry <b>in the</b> sun.</p><img src='../secret.png'><script>x()</script>",
    "boil.py": 'def boil(water: str) -> str:\n    """Heat the kettle."""\n    return water.upper()  # steam\n',
    "arabic.txt": "نشرب القهوة في المساء مع الأصدقاء.\n",
    "table.csv": "name,price\nkettle,20\nlamp,35\n",
}


def fill(folder: Path) -> None:
    """Write the shelf."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in TEXTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    picture = QImage(3000, 1000, QImage.Format.Format_RGB32)
    picture.fill(QColor("#336699"))
    picture.save(str(folder / "near.png"))
    write_pdf(folder / "desert.pdf", pages=5, at=3)


def write_pdf(path: Path, pages: int, at: int) -> None:
    """A PDF whose page `at`, from 1, holds the sentence, broken over lines."""
    document = pymupdf.open()
    for number in range(1, pages + 1):
        page = document.new_page()
        text = f"Chapter {number}. Sand as far as the eye can see.\n\n" + (SENTENCE if number == at else "")
        page.insert_textbox((72, 72, 260, 700), text, fontsize=12)
    document.save(path)


def hit(path: Path, passage: str = "", kind: Kind = Kind.TEXT, **other: object) -> Hit:
    """A hit as the engine gives it."""
    values: dict[str, object] = {
        "rank": 1,
        "path": path,
        "score": 0.5,
        "matched": (Matched.MEANING,),
        "kind": kind,
        "title": "",
        "passage": passage,
        "highlight": (0, len(passage)),
        "words": (),
        "context": "",
        "part": "",
        "page": None,
        "line": None,
        "language": "en",
        "places": (path,),
        "size_bytes": 100,
        "modified": 1_700_000_000.0,
    }
    return Hit(**{**values, **other})  # type: ignore[arg-type]
