"""Random operations on folders and index, compared with a plain model: `python -m tests.e2e.states --examples 200`."""

import argparse
import os
import shutil
import tempfile
import time
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from indexer.results import FileState, Mode
from indexer.settings import Settings
from tests.indexer.library import Library

FOLDERS = ("", "one/", "two/", "one/inner/")
NAMES = st.sampled_from([f"{folder}{name}.md" for folder in FOLDERS for name in "abc"])
WORDS = ("zebra", "giraffe", "okapi", "gnu", "impala", "kudu")
FLUSH_CHUNKS = 3


def text_of(word: str) -> str:
    """Files with the same word are copies of each other."""
    return f"The {word} grazes in the savanna of {word}land.\n"


class FoldersAndIndex(RuleBasedStateMachine):
    """The model is a dict of the files that are there, with the word in each."""

    def __init__(self) -> None:
        super().__init__()
        self.home = Path(tempfile.mkdtemp())
        self.library = Library(self.home, Settings(debounce_ms=20, flush_chunks=FLUSH_CHUNKS))
        self.files: dict[str, str] = {}

    @initialize(names=st.lists(NAMES, max_size=6, unique=True), word=st.sampled_from(WORDS))
    def begin(self, names: list[str], word: str) -> None:
        for name in names:
            self.write(name, word)

    @rule(name=NAMES, word=st.sampled_from(WORDS))
    def write(self, name: str, word: str) -> None:
        self.library.write(name, text_of(word))
        self.files[name] = word

    @rule(name=NAMES, word=st.sampled_from(WORDS))
    def save_beside_and_rename(self, name: str, word: str) -> None:
        self.library.write(f"{name}~", text_of(word)).replace(self.library.folder / name)
        self.files[name] = word

    @precondition(lambda self: self.files)
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        name = self.chosen(data)
        (self.library.folder / name).unlink()
        del self.files[name]

    @precondition(lambda self: self.files)
    @rule(data=st.data(), to=NAMES)
    def rename(self, data: st.DataObject, to: str) -> None:
        name = self.chosen(data)
        (self.library.folder / to).parent.mkdir(parents=True, exist_ok=True)
        (self.library.folder / name).replace(self.library.folder / to)
        self.files[to] = self.files.pop(name)

    @precondition(lambda self: self.files)
    @rule(data=st.data(), to=NAMES)
    def copy(self, data: st.DataObject, to: str) -> None:
        name = self.chosen(data)
        if name != to:
            (self.library.folder / to).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(self.library.folder / name, self.library.folder / to)
            self.files[to] = self.files[name]

    @precondition(lambda self: self.files)
    @rule(data=st.data(), seconds=st.sampled_from([0, 1, 2**31, -1]))
    def touch(self, data: st.DataObject, seconds: int) -> None:
        os.utime(self.library.folder / self.chosen(data), (seconds, seconds))

    @precondition(lambda self: any(name.startswith("one/") for name in self.files))
    @rule()
    def rename_a_folder(self) -> None:
        source, target = self.library.folder / "one", self.library.folder / "two"
        if target.exists():
            shutil.rmtree(target)
        source.rename(target)
        kept = {name: word for name, word in self.files.items() if not name.startswith(("one/", "two/"))}
        moved = {f"two/{name[4:]}": word for name, word in self.files.items() if name.startswith("one/")}
        self.files = kept | moved

    @rule()
    def flush_and_merge(self) -> None:
        engine = self.library.engine
        while engine._indexing._is_building or engine._active.index.due(FLUSH_CHUNKS, is_idle=True):
            time.sleep(0.01)

    @rule()
    def restart(self) -> None:
        self.library.restart()

    @rule()
    def forget_the_folder_and_add_it_again(self) -> None:
        self.library.engine.remove_folder(self.library.folder)
        assert self.library.engine.files() == ()
        assert not any(self.library.search(word, Mode.WORDS) for word in WORDS)
        self.library.engine.add_folder(self.library.folder)

    @invariant()
    def the_index_knows_what_the_model_knows(self) -> None:
        self.library.index()
        rows = {self.name_of(row.path): row.state for row in self.library.engine.files()}
        assert rows == dict.fromkeys(self.files, FileState.INDEXED)
        for word in WORDS:
            with_word = {name for name, one in self.files.items() if one == word}
            places = [place for hit in self.library.hits(word, Mode.WORDS) for place in hit.places]
            assert {self.name_of(place) for place in places} == with_word
            assert len(places) == len(with_word)
        for hit in self.library.hits("animals that graze in the savanna", Mode.MEANING):
            assert all(text_of(self.files[self.name_of(place)]).strip() == hit.passage.strip() for place in hit.places)
        assert self.library.engine.check() == ()

    def teardown(self) -> None:
        self.library.engine.close()
        shutil.rmtree(self.home)

    def chosen(self, data: st.DataObject) -> str:
        return data.draw(st.sampled_from(sorted(self.files)))

    def name_of(self, path: Path) -> str:
        return str(path.relative_to(self.library.folder))


def run(examples: int, steps: int, derandomize: bool) -> None:
    """Raises what the first wrong step raises, with the shortest way there."""
    run_state_machine_as_test(
        FoldersAndIndex,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            derandomize=derandomize,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def main() -> None:
    """Command line."""
    from tests.e2e.one_process import work_in_one_process

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=200)
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--workers", action="store_true", help="in processes of their own, as in use")
    options = parser.parse_args()
    if not options.workers:
        work_in_one_process()
    run(options.examples, options.steps, derandomize=False)
    print(f"{options.examples} times up to {options.steps} operations, 0 differences from the model")


if __name__ == "__main__":
    main()
