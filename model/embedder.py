from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

SEARCH_TASK = "Given a web search query, retrieve relevant passages that answer the query"
SMALLEST = np.finfo(np.float32).tiny


@dataclass(frozen=True, slots=True)
class EmbedderSpec:
    """What sets one vector space apart from another, and what its numbers mean."""

    name: str  # "built-in", or the model's name on its hub
    revision: str  # changes whenever the same text would get another vector
    dimensions: int  # native size; any smaller MRL size is a re-normalised prefix
    max_tokens: int
    noise_cosine: float  # typical cosine of a query and an unrelated passage
    match_cosine: float  # cosine of a query and a passage above which a reader calls them related
    takes_task: bool = False  # an instruction changes the vector of a query


class Embedder(Protocol):
    """A bi-encoder. Its methods may be called from several threads."""

    @property
    def spec(self) -> EmbedderSpec:
        """The same for the lifetime of the embedder."""
        ...

    def embed_documents(self, texts: Sequence[str], dimension: int | None = None) -> NDArray[np.float32]:
        """Embed n passages: float32 [n, dimension], rows of length 1; (0, dimension) for no texts.

        Raises:
            ModelError: one passage alone does not fit on the device.
        """
        ...

    def embed_queries(
        self, texts: Sequence[str], task: str = SEARCH_TASK, dimension: int | None = None
    ) -> NDArray[np.float32]:
        """Embed n queries under an instruction, as `embed_documents` does; a model without instructions ignores it."""
        ...

    def query_text(self, text: str, task: str = SEARCH_TASK) -> str:
        """What `embed_queries` gives to the model for one query."""
        ...


@dataclass(frozen=True, slots=True)
class Whole:
    """One vector of a whole text."""

    vector: NDArray[np.float32]  # [dimension], of length 1
    is_cut: bool  # the end of the text did not fit


@runtime_checkable
class LongEmbedder(Protocol):
    """An embedder that reads texts of many pages in one piece."""

    @property
    def reads_wholes(self) -> bool:
        """Whether that is worth its time on this device."""
        ...

    def embed_whole(self, text: str, dimension: int | None = None) -> Whole:
        """Embed a text in one piece. Raises ModelError: not even a short one fits on the device."""
        ...


@runtime_checkable
class Closable(Protocol):
    """A model that is reached over a connection."""

    def close(self) -> None:
        """Give up what is under way, from any thread; whoever waits for it gets a ModelError."""
        ...


class Reranker(Protocol):
    """A cross-encoder that judges one passage at a time."""

    def score(self, query: str, passages: Sequence[str], task: str = SEARCH_TASK) -> NDArray[np.float32]:
        """Probability, float32 [n], that each passage answers the query."""
        ...


def shorten(vectors: NDArray[np.float32], dimension: int | None) -> NDArray[np.float32]:
    """Cut MRL vectors, float32 [n, d], to their first `dimension` components and normalise the rows again."""
    cut = vectors[:, :dimension]
    lengths = np.sqrt(np.square(cut).sum(axis=1, keepdims=True))
    return np.asarray(cut / np.maximum(lengths, SMALLEST), dtype=np.float32)
