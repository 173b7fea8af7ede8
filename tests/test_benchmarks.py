"""What the benchmarks are made of: they are run by hand, and so break unseen."""

from pathlib import Path

from indexer.engine import Engine
from indexer.results import Mode, SearchRequest
from tests.benchmarks.scale import Vectors
from tests.benchmarks.synthetic import CHUNKS_PER_FILE, Author, Filler

CHUNKS = 20 * CHUNKS_PER_FILE


def test_a_made_up_profile_is_found_like_any_other(tmp_path: Path) -> None:
    filler = Filler(tmp_path / "profile")
    filler.fill(Author(), CHUNKS)
    filler.close()
    assert filler.text_bytes > 100 * CHUNKS
    queries = Author(2).queries(5)
    vectors = Vectors(tmp_path / "profile")
    assert vectors.reader.count_chunks() == CHUNKS
    assert vectors.recall(queries)[0] == 1
    vectors.close()
    engine = Engine.open(tmp_path / "profile")
    assert any(engine.search(SearchRequest(query, mode=Mode.MEANING)).hits for query in queries)
    engine.close()
