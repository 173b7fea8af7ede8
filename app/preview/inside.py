from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from app.preview.content import Content
from app.preview.loader import ExtractedText, as_text
from indexer.document import Kind
from indexer.results import Hit

if TYPE_CHECKING:
    from indexer.engine import Engine

UNSHOWN = frozenset({Kind.OTHER, Kind.ARCHIVE})  # there is no more to show of them than their text, if any


def content_of(engine: "Engine", hit: Hit, make: Callable[[Hit, ExtractedText], Content]) -> Content:
    """What `make` shows of a hit; for what is inside an archive or a message, of a copy of it. Raises CognateError."""
    if not hit.member:
        return make(hit, engine.text)
    if hit.kind in UNSHOWN:
        return as_text(hit, lambda path: engine.text(path, hit.member))
    copy = replace(hit, path=engine.unpack(hit.path, hit.member), member="")
    return make(copy, lambda _: engine.text(hit.path, hit.member))
