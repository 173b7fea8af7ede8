import logging
import sqlite3
from dataclasses import dataclass

log = logging.getLogger(__name__)

APPLICATION_ID = 0x436F676E  # "Cogn"


@dataclass(frozen=True, slots=True)
class Migration:
    """A step from one format of the catalogue to the next; what was released is never changed, only followed."""

    name: str
    statements: str


MIGRATIONS = (
    Migration(
        "first version",
        """
            CREATE TABLE folders (
                id INTEGER PRIMARY KEY,
                path BLOB NOT NULL UNIQUE,
                state TEXT NOT NULL,
                note TEXT NOT NULL
            );
            CREATE TABLE contents (
                id INTEGER PRIMARY KEY AUTOINCREMENT,
                hash BLOB NOT NULL UNIQUE,
                kind TEXT NOT NULL,
                title TEXT NOT NULL,
                language TEXT NOT NULL,
                note TEXT NOT NULL,
                chunker INTEGER NOT NULL,
                chunks INTEGER NOT NULL
            );
            CREATE TABLE files (
                id INTEGER PRIMARY KEY AUTOINCREMENT,
                folder INTEGER NOT NULL REFERENCES folders ON DELETE CASCADE,
                path BLOB NOT NULL UNIQUE,
                name TEXT NOT NULL,
                suffix TEXT NOT NULL,
                kind TEXT NOT NULL,
                size INTEGER NOT NULL,
                mtime_ns INTEGER NOT NULL,
                device INTEGER NOT NULL,
                inode INTEGER NOT NULL,
                state TEXT NOT NULL,
                reason TEXT NOT NULL,
                content INTEGER REFERENCES contents,
                priority INTEGER
            );
            CREATE INDEX files_by_content ON files (content);
            CREATE INDEX files_by_inode ON files (inode);
            CREATE INDEX files_by_folder_and_state ON files (folder, state);
            CREATE INDEX queue ON files (priority) WHERE priority IS NOT NULL;
            CREATE TABLE chunks (
                id INTEGER PRIMARY KEY AUTOINCREMENT,
                content INTEGER NOT NULL REFERENCES contents ON DELETE CASCADE,
                start INTEGER NOT NULL,
                end INTEGER NOT NULL,
                text TEXT NOT NULL,
                context TEXT NOT NULL,
                part TEXT NOT NULL,
                page INTEGER,
                line INTEGER,
                language TEXT NOT NULL,
                text_hash BLOB NOT NULL
            );
            CREATE INDEX chunks_by_content ON chunks (content);
            CREATE INDEX chunks_by_text ON chunks (text_hash);
            CREATE VIRTUAL TABLE words USING fts5 (context, text, content='', tokenize="unicode61 remove_diacritics 2");
            CREATE VIRTUAL TABLE word_counts USING fts5vocab (words, row);
            CREATE VIRTUAL TABLE names USING fts5 (name, content='', tokenize="unicode61 remove_diacritics 2");
            CREATE TABLE spaces (
                id INTEGER PRIMARY KEY AUTOINCREMENT,
                model TEXT NOT NULL,
                revision TEXT NOT NULL,
                dimension INTEGER NOT NULL,
                chunker INTEGER NOT NULL,
                active INTEGER NOT NULL,
                UNIQUE (model, revision, dimension, chunker)
            );
            CREATE TABLE vectors (
                id INTEGER PRIMARY KEY AUTOINCREMENT,
                space INTEGER NOT NULL REFERENCES spaces ON DELETE CASCADE,
                chunk INTEGER NOT NULL,
                vector BLOB NOT NULL
            );
            CREATE UNIQUE INDEX vectors_by_chunk ON vectors (chunk, space);
            CREATE TABLE segments (
                name TEXT PRIMARY KEY,
                space INTEGER NOT NULL REFERENCES spaces ON DELETE CASCADE,
                low INTEGER NOT NULL,
                high INTEGER NOT NULL,
                count INTEGER NOT NULL,
                bytes INTEGER NOT NULL,
                dimension INTEGER NOT NULL,
                checksum BLOB NOT NULL
            );
        """,
    ),
    Migration(
        "documents inside archives and messages, and text in pictures",
        """
            CREATE TABLE members (
                id INTEGER PRIMARY KEY AUTOINCREMENT,
                content INTEGER NOT NULL REFERENCES contents ON DELETE CASCADE,
                path TEXT NOT NULL,
                name TEXT NOT NULL,
                suffix TEXT NOT NULL,
                kind TEXT NOT NULL,
                title TEXT NOT NULL,
                state TEXT NOT NULL,
                reason TEXT NOT NULL,
                chunks INTEGER NOT NULL
            );
            CREATE UNIQUE INDEX members_by_content ON members (content, path);
            ALTER TABLE chunks ADD COLUMN member INTEGER REFERENCES members ON DELETE CASCADE;
            CREATE INDEX chunks_by_member ON chunks (member) WHERE member IS NOT NULL;
            ALTER TABLE contents ADD COLUMN scan TEXT;
            CREATE INDEX contents_by_scan ON contents (scan) WHERE scan IS NOT NULL;
            UPDATE contents SET scan = '' WHERE kind = 'pdf' AND chunks = 0;
            UPDATE contents SET chunker = 0 WHERE kind = 'mail';
            UPDATE files SET priority = 50
                WHERE content IS NULL AND reason = 'This type of file is not read; it is found by its name.'
                AND suffix IN ('zip', 'tar', '7z', 'tgz', 'tbz', 'tbz2', 'txz', 'tzst', 'gz', 'bz2', 'xz', 'zst');
        """,
    ),
    Migration(
        "what spaces were made under, and one vector of each whole file",
        """
            ALTER TABLE spaces ADD COLUMN precision TEXT NOT NULL DEFAULT 'full';
            ALTER TABLE spaces ADD COLUMN document_task TEXT NOT NULL DEFAULT '';
            CREATE TABLE wholes (
                id INTEGER PRIMARY KEY,
                space INTEGER NOT NULL REFERENCES spaces ON DELETE CASCADE,
                content INTEGER NOT NULL REFERENCES contents ON DELETE CASCADE,
                vector BLOB NOT NULL,
                is_cut INTEGER NOT NULL
            );
            CREATE UNIQUE INDEX wholes_by_content ON wholes (content, space);
        """,
    ),
    Migration(
        "counts that are kept instead of taken",
        """
            ALTER TABLE spaces ADD COLUMN held INTEGER NOT NULL DEFAULT 0;
            UPDATE spaces SET held = (SELECT count(*) FROM vectors WHERE space = spaces.id);
            CREATE TRIGGER vector_added AFTER INSERT ON vectors
                BEGIN UPDATE spaces SET held = held + 1 WHERE id = new.space; END;
            CREATE TRIGGER vector_removed AFTER DELETE ON vectors
                BEGIN UPDATE spaces SET held = held - 1 WHERE id = old.space; END;
            DROP INDEX queue;
            CREATE INDEX queue ON files (priority, folder, state) WHERE priority IS NOT NULL;
        """,
    ),
    Migration("texts compressed", "UPDATE chunks SET text = packed_text(text);"),
    Migration(
        "words of texts in the first column, whose places need no mark of it",
        """
            DROP TABLE word_counts;
            DROP TABLE words;
            CREATE VIRTUAL TABLE words USING fts5 (text, context, content='', tokenize="unicode61 remove_diacritics 2");
            INSERT INTO words (rowid, text, context)
                SELECT id, indexed_words(plain_text(text)), indexed_words(context) FROM chunks;
        """,
    ),
    Migration(
        "shorter hashes of texts",
        """
            DROP INDEX chunks_by_text;
            UPDATE chunks SET text_hash = substr(text_hash, 1, 8);
            CREATE INDEX chunks_by_text ON chunks (text_hash);
        """,
    ),
    Migration(
        "texts of neighbours compressed together, with what they stand under",
        """
            CREATE TABLE blocks (
                id INTEGER PRIMARY KEY,
                content INTEGER NOT NULL REFERENCES contents ON DELETE CASCADE,
                texts BLOB NOT NULL
            );
            CREATE TEMP TABLE placed AS
                SELECT id, content, block, row_number() OVER (PARTITION BY block ORDER BY id) - 1 AS place FROM (
                    SELECT id, content, min(id) OVER (PARTITION BY content, member, bytes / 4000) AS block FROM (
                        SELECT id, content, member, sum(length(CAST(plain_text(text) AS BLOB))) OVER (
                            PARTITION BY content, member ORDER BY id
                        ) AS bytes FROM chunks
                    )
                );
            INSERT INTO blocks (id, content, texts)
                SELECT p.block, p.content, packed_chunks(p.place, c.context, plain_text(c.text))
                FROM placed p JOIN chunks c ON c.id = p.id GROUP BY p.block;
            CREATE INDEX blocks_by_content ON blocks (content);
            ALTER TABLE chunks DROP COLUMN text;
            ALTER TABLE chunks DROP COLUMN context;
            ALTER TABLE chunks DROP COLUMN end;
            ALTER TABLE chunks ADD COLUMN block INTEGER NOT NULL DEFAULT 0;
            ALTER TABLE chunks ADD COLUMN place INTEGER NOT NULL DEFAULT 0;
            UPDATE chunks SET block = p.block, place = p.place FROM placed p WHERE p.id = chunks.id;
            DROP TABLE placed;
        """,
    ),
    Migration(
        "chunks counted whose words were deleted, but are in their index until it is merged",
        "CREATE TABLE word_deletions (chunks INTEGER NOT NULL); INSERT INTO word_deletions VALUES (0);",
    ),
    Migration(
        "spaces go on, though chunks get longer: the same model has made their vectors",
        "UPDATE spaces SET chunker = 2;",
    ),
    Migration(
        "manual pages read again, in which names of macros were taken for text",
        """
            UPDATE contents SET chunker = 0
                WHERE kind = 'text' AND id IN (SELECT content FROM files WHERE name GLOB '*.[1-9]*');
        """,
    ),
    Migration(
        "drawings read again, of which the source was taken for text",
        """
            UPDATE contents SET chunker = 0
                WHERE kind = 'text' AND id IN (SELECT content FROM files WHERE suffix = 'svg');
            UPDATE files SET kind = 'image' WHERE suffix = 'svg';
        """,
    ),
    Migration(
        "what is mounted in watched folders, and is kept while it is away",
        """
            CREATE TABLE mounts (
                folder INTEGER NOT NULL REFERENCES folders ON DELETE CASCADE,
                path BLOB NOT NULL,
                low BLOB NOT NULL,
                high BLOB NOT NULL,
                is_away INTEGER NOT NULL,
                PRIMARY KEY (folder, path)
            ) WITHOUT ROWID;
        """,
    ),
)
FORMAT = len(MIGRATIONS)  # PRAGMA user_version; a profile with a higher number was written by a newer version


def migrate(connection: sqlite3.Connection, steps: tuple[Migration, ...] = MIGRATIONS) -> None:
    """Take the steps that a catalogue lacks, each in one transaction with the new format number.

    Foreign keys are off, and the connection was taught by `texts`.

    Raises sqlite3.DatabaseError: a step failed, and nothing of it has happened.
    """
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    for number, step in enumerate(steps[version:], version + 1):
        marks = f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {number};"
        try:
            connection.executescript(f"BEGIN IMMEDIATE; {step.statements} {marks} COMMIT;")
        except BaseException:
            connection.rollback()
            raise
        log.info("catalogue brought to format %s: %s", number, step.name)
