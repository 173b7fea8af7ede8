"""What the program itself keeps in a profile of queries and paths."""

from dataclasses import replace
from pathlib import Path

from app.logs import empty_log
from app.remembered import load_state, save_state
from indexer.upkeep.copies import written


def forget_traces(profile: Path) -> None:
    """Forget earlier searches and what was logged; for when a folder is erased. Raises StoreError."""
    state = load_state(profile)
    if state.history:
        save_state(profile, replace(state, history=()))
    with written(profile):
        empty_log(profile)
