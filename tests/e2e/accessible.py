"""Prints what the window shows to a screen reader, one JSON object a line; for the distribution's Python."""

import json
import sys
from typing import Any

import pyatspi

MAX_NODES = 1500


def main() -> None:
    for application in pyatspi.Registry.getDesktop(0):
        if application is not None and "ython" in application.name or "ognate" in application.name:
            walk(application)


def walk(root: Any) -> None:  # noqa: ANN401  pyatspi has no types
    waiting = [root]
    for _ in range(MAX_NODES):
        if not waiting:
            return
        node = waiting.pop()
        try:
            show(node)
            waiting += [node[i] for i in reversed(range(min(node.childCount, 200))) if node[i] is not None]
        except (LookupError, RuntimeError, NotImplementedError):
            continue  # it went away while it was looked at


def show(node: Any) -> None:  # noqa: ANN401
    states = node.getState()
    if not states.contains(pyatspi.STATE_SHOWING) and node.getRoleName() not in ("application", "list item"):
        return
    entry = {"role": node.getRoleName(), "name": node.name, "focused": states.contains(pyatspi.STATE_FOCUSED)}
    try:
        box = node.queryComponent().getExtents(pyatspi.DESKTOP_COORDS)
        entry["box"] = [box.x, box.y, box.width, box.height]
    except NotImplementedError:
        pass
    try:
        text = node.queryText()
        entry["text"] = text.getText(0, min(text.characterCount, 4000))
    except NotImplementedError:
        pass
    sys.stdout.write(json.dumps(entry) + "\n")


main()
