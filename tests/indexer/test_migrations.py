import hashlib
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from indexer.catalogue.damage import text_hash
from indexer.catalogue.migrations import FORMAT, MIGRATIONS, Migration, migrate
from indexer.catalogue.reader import CatalogueReader
from indexer.catalogue.texts import teach
from indexer.catalogue.word_index import best_chunks
from indexer.catalogue.writer import CatalogueWriter
from indexer.chunk import CHUNKER_VERSION

FRUIT = "apples and pears, pears and plums, plums and apples, " * 4
FIRST_PROFILE = """
INSERT INTO folders VALUES (1, CAST('/files' AS BLOB), 'watched', '');
INSERT INTO contents VALUES (1, x'61', 'text', '', 'en', '', 1, 1);
INSERT INTO files VALUES
    (1, 1, CAST('/files/a.txt' AS BLOB), 'a.txt', 'txt', 'text', 5, 1, 2, 3, 'indexed', '', 1, NULL);
INSERT INTO names (rowid, name) VALUES (1, 'a.txt');
INSERT INTO chunks VALUES (1, 1, 0, 6, 'apples', '', '', NULL, 1, 'en', x'854348c64f72018d9821ab2721693fdc');
INSERT INTO words (rowid, context, text) VALUES (1, '', 'apples');
INSERT INTO spaces VALUES (1, 'model', '1', 4, 1, 1);
"""
STEPS = (
    Migration("a table", "CREATE TABLE first (x); INSERT INTO first VALUES (1);"),
    Migration("a column", "ALTER TABLE first ADD COLUMN y; UPDATE first SET y = 2;"),
)


def connected(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None)


def version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def test_steps_have_names_of_their_own() -> None:
    assert len({step.name for step in MIGRATIONS}) == FORMAT


def test_steps_that_were_taken_are_not_taken_again(tmp_path: Path) -> None:
    connection = connected(tmp_path / "a.db")
    migrate(connection, STEPS[:1])
    migrate(connection, STEPS)
    migrate(connection, STEPS)
    assert connection.execute("SELECT * FROM first").fetchall() == [(1, 2)]
    assert version(connection) == 2
    connection.close()


@pytest.mark.parametrize("statement", ["INSERT INTO nowhere VALUES (1);", "CREATE TABLE half (", "SELECT abs('x', 1);"])
def test_a_step_that_fails_at_its_end_leaves_the_format_before_it(tmp_path: Path, statement: str) -> None:
    path = tmp_path / "a.db"
    connection = connected(path)
    with pytest.raises(sqlite3.DatabaseError):
        migrate(connection, (STEPS[0], Migration("broken", STEPS[1].statements + statement)))
    for one in (connection, connected(path)):
        assert one.execute("SELECT * FROM first").fetchall() == [(1,)]
        assert version(one) == 1
        one.close()


def test_a_profile_of_the_first_format_is_brought_up_to_date_with_everything_in_it(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.db"
    connection = connected(path)
    migrate(connection, MIGRATIONS[:1])
    connection.executescript(FIRST_PROFILE)
    digest = hashlib.blake2b(f"orchard\n{FRUIT}".encode(), digest_size=16).digest()
    connection.execute("UPDATE chunks SET text = ?, context = 'orchard', text_hash = ?", (FRUIT, digest))
    vector = np.full(4, 0.5, np.float16).tobytes()
    connection.execute("INSERT INTO vectors VALUES (1, 1, 1, ?)", (vector,))
    connection.close()
    writer = CatalogueWriter(path)
    reader = CatalogueReader(path)
    assert reader.problems() == []
    assert writer.contents.vectors_of(writer.spaces.all()[0], [digest[:8]]) == {digest[:8]: vector}
    assert reader.text_of(1) == FRUIT
    assert all(reader.words.numbers(best_chunks(word, 10)) == [1] for word in ("apples", "plums", "orchard"))
    assert [row.path for row in reader.files(None, None, "", 10, 0)] == [Path("/files/a.txt")]
    assert reader.vectors(writer.spaces.all()[0], [1])[1].tolist() == [[0.5] * 4]
    assert writer.spaces.ensure("model", "1", 4, CHUNKER_VERSION).active
    reader.close()
    writer.close()


def test_texts_that_were_compressed_one_by_one_are_compressed_together(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.db"
    connection = connected(path)
    teach(connection)
    migrate(connection, MIGRATIONS[:7])
    texts = [f"{number} {FRUIT * 4}" for number in range(12)]
    connection.executescript("""
        INSERT INTO contents (id, hash, kind, title, language, note, chunker, chunks)
            VALUES (1, x'61', 'archive', '', '', '', 1, 18), (2, x'62', 'text', '', '', '', 1, 6);
        INSERT INTO members VALUES (1, 1, 'inside', 'inside', '', 'text', '', 'indexed', '', 12);
    """)
    for number, text in enumerate(text for text in texts for _ in range(2)):
        content, member = (1, None if number < 6 else 1) if number < 18 else (2, None)
        connection.execute(
            "INSERT INTO chunks (content, member, start, end, text, context, part, language, text_hash) "
            "VALUES (?, ?, ?, 0, packed_text(?), ?, '', '', ?)",
            (content, member, number, text, f"under {number}", text_hash(f"under {number}\n{text}")),
        )
    connection.close()
    CatalogueWriter(path).close()
    reader = CatalogueReader(path)
    passages = reader.passages(range(1, 25)).values()
    assert [passage.text for passage in passages] == [text for text in texts for _ in range(2)]
    assert [passage.context for passage in passages] == [f"under {number}" for number in range(24)]
    of_blocks = {(passage.content, passage.member, passage.block) for passage in passages}
    assert len({block for _, _, block in of_blocks}) == len(of_blocks) < 12
    assert not any("changed on the disk" in problem for problem in reader.problems())
    reader.close()


@pytest.mark.parametrize(
    ("beginning", "outdated"), [("manual pages", {"ls.1", "printf.3posix.gz"}), ("drawings", {"logo.svg"})]
)
def test_what_was_read_otherwise_is_read_again_and_nothing_else(
    tmp_path: Path, beginning: str, outdated: set[str]
) -> None:
    path = tmp_path / "catalogue.db"
    connection = connected(path)
    teach(connection)
    step = next(number for number, one in enumerate(MIGRATIONS) if one.name.startswith(beginning))
    migrate(connection, MIGRATIONS[:step])
    names = ["a.txt", "ls.1", "printf.3posix.gz", "2024-01-31.md", "logo.svg"]
    connection.execute("INSERT INTO folders VALUES (1, CAST('/files' AS BLOB), 'watched', '')")
    for number, name in enumerate(names, 1):
        connection.execute(
            "INSERT INTO contents (id, hash, kind, title, language, note, chunker, chunks) "
            "VALUES (?, ?, 'text', '', '', '', 2, 1)",
            (number, name.encode()),
        )
        connection.execute(
            "INSERT INTO files VALUES (?, 1, ?, ?, ?, 'text', 5, 1, 2, 3, 'indexed', '', ?, NULL)",
            (number, f"/files/{name}".encode(), name, name.rpartition(".")[2], number),
        )
    migrate(connection, MIGRATIONS[: step + 1])
    rows = connection.execute("SELECT f.name FROM files f JOIN contents c ON c.id = f.content WHERE c.chunker = 0")
    assert {name for (name,) in rows} == outdated
    connection.close()
