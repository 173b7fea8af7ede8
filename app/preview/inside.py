from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from app.preview.content import Content, MessageContent
from app.preview.loader import ExtractedText, as_text
from app.reasons import reason_text
from app.wording import shown
from indexer.document import Kind
from indexer.results import Hit

if TYPE_CHECKING:
    from indexer.engine import Engine

UNSHOWN = frozenset({Kind.OTHER, Kind.ARCHIVE})  # there is no more to show of them than their text, if any


def content_of(engine: "Engine", hit: Hit, make: Callable[[Hit, ExtractedText], Content]) -> Content:
    """What `make` shows of a hit; for what is inside an archive or a message, of a copy of it. Raises CognateError."""
    if not hit.member:
        return _with_reason(engine, hit, make(hit, engine.text))
    if hit.kind in UNSHOWN:
        return as_text(hit, lambda path: engine.text(path, hit.member))
    copy = replace(hit, path=engine.unpack(hit.path, hit.member), member="")
    return make(copy, lambda _: engine.text(hit.path, hit.member))


def _with_reason(engine: "Engine", hit: Hit, content: Content) -> Content:
    """A message that there is nothing to show also says why: the file is locked, damaged, or of a kind not read."""
    if not isinstance(content, MessageContent) or content.passage:
        return content
    reason = engine.why(hit.path).reason
    return (
        replace(content, message=f"{content.message}\n\n{shown(hit.name)}: {reason_text(reason)}")
        if reason
        else content
    )
