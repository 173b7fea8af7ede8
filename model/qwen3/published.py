"""Similarities that the authors of Qwen3-Embedding have published, to tell a sound installation by."""

import numpy as np

from model.embedder import Embedder

QUERIES = ("What is the capital of China?", "Explain gravity")
DOCUMENTS = (
    "The capital of China is Beijing.",
    "Gravity is a force that attracts two bodies towards each other. It gives weight to physical objects and is "
    "responsible for the movement of planets around the sun.",
)
SIMILARITIES = {  # of each query with each document; none are published for the 4B
    "Qwen/Qwen3-Embedding-0.6B": ((0.7646, 0.1414), (0.1355, 0.6000)),
    "Qwen/Qwen3-Embedding-8B": ((0.7493, 0.0751), (0.0880, 0.6318)),
}
TOLERANCE = 0.01  # engines and number formats differ by about 0.003
QUANTISED = 0.1  # difference that weights of fewer bits may make


def deviation(embedder: Embedder) -> float | None:
    """The largest difference from the published similarities; None where none are published. Raises ModelError."""
    published = SIMILARITIES.get(embedder.spec.name)
    if published is None:
        return None
    measured = embedder.embed_queries(QUERIES) @ embedder.embed_documents(DOCUMENTS).T
    return float(np.abs(measured - np.array(published)).max())
