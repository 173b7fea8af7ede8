from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from indexer.engine import Engine
from indexer.results import Activity, FileState, FolderState
from indexer.why import CHANGED, NOT_NOTICED, NOT_THERE
from tests.indexer.library import Library


def test_a_queued_file_has_a_place_a_time_and_what_it_waits_for(library: Library) -> None:
    library.engine.pause("paused by you")
    paths = [library.write(f"{number}.txt", f"Zebras {number}.") for number in range(3)]
    library.engine.index()
    assert library.engine.wait(60)
    board = library.engine._board
    board.latest = replace(board.latest, files_per_second=2.0, activity=Activity.PAUSED, detail="paused by you")
    found = [library.engine.why(path) for path in paths]
    assert {one.state for one in found} == {FileState.QUEUED}
    assert [one.eta_seconds for one in found] == [place / 2 for place in (one.queue_place or 0 for one in found)]
    assert {one.waits_for for one in found} == {"paused by you"}


def test_a_file_that_was_not_noticed_yet_is_told_from_one_that_is_not_there(tmp_path: Path) -> None:
    library = Library(tmp_path)
    library.write("known.txt", "Zebras.")
    library.index()
    library.engine.close()
    library.write("new.txt", "Giraffes.")
    library.write("node_modules/left-pad.js", "code")
    (library.folder / "known.txt").write_text("Zebras and lions.")
    engine = Engine.open(library.profile)
    try:
        assert engine.why(library.folder / "new.txt").reason == NOT_NOTICED
        assert engine.why(library.folder / "none.txt").reason == NOT_THERE
        hidden = engine.why(library.folder / "node_modules" / "left-pad.js")
        assert hidden.state is FileState.EXCLUDED
        assert "node_modules" in hidden.reason
        known = engine.why(library.folder / "known.txt", "zebras")
        assert (known.state, known.reason, known.rank_words) == (FileState.INDEXED, CHANGED, 1)
        assert known.folder is not None
        assert known.folder.state is FolderState.STALE, "nobody watches it"
        assert "cognate index" in known.folder.note
    finally:
        engine.close()


def test_ranks_are_told_by_words_by_meaning_and_fused_and_how_many_results_there_were(library: Library) -> None:
    dogs = library.write("dogs.txt", "A dog needs a leash in town.")
    cats = library.write("cats.txt", "Cats sleep on the sofa.")
    library.index()
    found = library.engine.why(dogs, "leash for a dog")
    assert (found.rank, found.rank_words, found.rank_meaning) == (1, 1, 1)
    other = library.engine.why(cats, "leash")
    assert other.rank_words is None
    assert other.depth == len(library.hits("leash"))
    assert library.engine.why(cats).depth == 0


def test_an_excluded_file_is_not_read_on_request(library: Library) -> None:
    path = library.write("key.tmp", "zebras")
    library.index()
    library.engine.retry([path])
    assert library.engine.wait(60)
    assert library.engine.why(path).state is FileState.EXCLUDED
    assert library.search("zebras") == []
    os.unlink(path)
