"""Whether the vectors of a server are right, and what to do where they are not."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.embedder import SEARCH_TASK, shorten
from model.qwen3 import published
from model.qwen3.embedder import FORMAT, instructed
from model.remote.api import EMBEDDINGS, embeddings_request, tokens_in, vectors_in
from model.remote.connection import QUESTION, Connection
from model.remote.embedder import LANDMARK
from model.remote.errors import AccessError, OutageError, RefusedError, ServerError
from model.remote.findings import Finding, Level
from model.remote.profiles import PROFILES, QWEN3, ServerKind, Shortening, size_of
from model.remote.server import Server
from model.remote.starting import start_remedy

NATIVE = {"0.6B": 1024, "4B": 2560, "8B": 4096}  # dimensions of Qwen3-Embedding
TERMINATED = (1944, 151643)  # "test" and the terminator, in the tokenizer of every published Qwen3
REPEATED = 200  # words of a text whose last sentence a mean can't tell
TAIL = "Gravity attracts bodies."
TAIL_TOKEN = 5616  # " China"
LAST_DIFFERENCE = 3e-3  # of a cosine from 1, from which on the last token was pooled; a mean gives below 6e-4
FIRST_DIFFERENCE = 1e-3  # of two texts with the same first word, below which it was the first token
PASSAGE_TOKENS = 1500  # of the longest passages that are indexed, 2,000 characters of a rare script apart
SAME_IN_BATCH = 0.995  # cosine of a text alone and among others
TERMINATOR_COSINE = 0.99  # of a text and its token ids, each with the terminator
EQUALLY_LONG = ("one two three four", "five six seven eight", "nine ten eleven twelve")


class VectorExamination:
    """Examines the vectors of one model."""

    def __init__(self, connection: Connection, server: Server, dimensions: int) -> None:
        self.server = server
        self._connection = connection
        self._wanted = dimensions
        self._profile = PROFILES[server.kind]
        self._size = size_of(server.model) if server.is_qwen3 else ""

    def findings(self) -> list[Finding]:
        """Everything, from the coarse to the fine; a fault ends it. Sets what can be known of the server."""
        found: list[Finding] = []
        for examine in (self._vectors, self._length, self._batch, self._terminator, self._pooling, self._model):
            found += examine()
            if any(finding.level is Level.FAULT for finding in found):
                break
        return found

    def _vectors(self) -> Iterator[Finding]:
        """Whether vectors come at all, their size, and what they are like."""
        try:
            native = self._raw([LANDMARK])[0]
        except RefusedError as error:
            yield Finding("numbers", Level.FAULT, str(error), start_remedy(self.server))
            return
        except (OutageError, AccessError):
            raise
        except ServerError as error:
            subject = "pooling" if "each token" in str(error) else "model"
            yield Finding(subject, Level.FAULT, str(error), start_remedy(self.server))
            return
        size, length = len(native), float(np.linalg.norm(native))
        expected = NATIVE.get(self._size)
        if expected and size != expected:
            yield Finding(
                "size",
                Level.FAULT,
                f"It gives {size} dimensions, and Qwen3-Embedding-{self._size} has {expected}: another model, or a "
                "server too old for it.",
                start_remedy(self.server) or "Update the server, and look which model it has loaded.",
            )
            return
        if self._wanted > size:
            remedy = f"Connect it with at most --dimensions {size}."
            yield Finding("size", Level.FAULT, f"It gives {size} dimensions, fewer than {self._wanted}.", remedy)
            return
        wanted = self._wanted or size
        said = f"It gives {size} dimensions, not normalised (length {length:.3g}), which Cognate does."
        if abs(length - 1) < 0.01:
            said = f"It gives {size} dimensions, of length 1."
        yield Finding("size", Level.SOUND, said)
        self.server = replace(self.server, dimensions=wanted)
        yield self._shortening(size, wanted)
        landmark = shorten(self._raw([LANDMARK], wanted if self.server.shortens else 0)[:, :wanted], None)[0]
        packed = base64.b64encode(landmark.astype(np.float16).tobytes()).decode()
        identity = f"{self.server.model}|{wanted}|{self.server.is_qwen3}|{FORMAT}|{packed}"
        revision = hashlib.blake2b(identity.encode(), digest_size=8).hexdigest()
        self.server = replace(self.server, landmark=packed, revision=revision)

    def _shortening(self, size: int, wanted: int) -> Finding:
        """What becomes of `dimensions`. Cutting a vector of an MRL model is all that a server would do."""
        asked = wanted if wanted < size else max(32, size // 2)
        try:
            got = self._raw([LANDMARK], asked).shape[1]
        except ServerError:
            got = 0
        is_honoured = got == asked
        self.server = replace(self.server, shortens=is_honoured and wanted < size)
        if is_honoured:
            return Finding("dimensions", Level.SOUND, "It shortens vectors by itself.")
        text = "It refuses `dimensions`: Cognate shortens vectors itself."
        if got:
            text = "It ignores `dimensions`: Cognate shortens vectors itself."
        if wanted < size and not self.server.is_qwen3:
            return Finding("dimensions", Level.WARNING, f"{text} Only models trained for that stand it.")
        start = start_remedy(self.server) if self._profile.shortening is Shortening.ON_OPTION else ""
        return Finding("dimensions", Level.SOUND, text, start)

    def _length(self) -> Iterator[Finding]:
        """Whether the longest passages are read to their end."""
        text = " ".join(["the"] * PASSAGE_TOKENS)
        try:
            answers = [self._post([f"{text} {end}"]) for end in ("zebra", TAIL)]
        except RefusedError as error:
            said = f"It refuses texts of {PASSAGE_TOKENS} tokens, so that Cognate sends only their beginning. ({error})"
            yield Finding("length", Level.WARNING, said, start_remedy(self.server))
            return
        counted = tokens_in(answers[0])
        one, other = (shorten(vectors_in(answer, 1, self.server.url), None)[0] for answer in answers)
        self.server = replace(self.server, max_tokens=max(counted, self.server.max_tokens))
        if counted >= PASSAGE_TOKENS or (not counted and float(one @ other) < 1 - 1e-6):
            yield Finding("length", Level.SOUND, f"It reads texts of {PASSAGE_TOKENS} tokens to their end.")
            return
        said = "It cuts long texts without a word."
        if counted:
            said = f"It cuts long texts after {counted} tokens without a word."
            self.server = replace(self.server, max_tokens=min(counted, self.server.max_tokens))
        yield Finding("length", Level.WARNING, said, start_remedy(self.server))

    def _batch(self) -> Iterator[Finding]:
        """Whether texts in one request leave each other alone, and come back in their order."""
        alone = np.concatenate([self._unit([text]) for text in EQUALLY_LONG])
        cosines = np.sum(alone * self._unit(EQUALLY_LONG), axis=1)
        if float(cosines.min()) < SAME_IN_BATCH:
            text = f"It mixes up the texts of one request (cosine {cosines.min():.3f} with the same text alone)."
            yield Finding("batch", Level.FAULT, text, "Update the server, or start it with a batch of one text.")

    def _terminator(self) -> Iterator[Finding]:
        """Whether <|endoftext|> stands behind every text of a Qwen3, whose state is the vector."""
        if not self.server.is_qwen3:
            return
        if (added := tokens_in(self._post(["7"])) - 1) == 0:  # a digit is one token in every Qwen3
            yield Finding(
                "terminator",
                Level.FAULT,
                "It puts no <|endoftext|> behind a text, so that the vector is that of whatever token is last.",
                self._terminator_remedy(),
            )
        elif (cosine := self._cosine_of_tokens()) is not None and cosine < TERMINATOR_COSINE:
            text = f"It ends texts with another token than <|endoftext|> (cosine {cosine:.3f})."
            yield Finding("terminator", Level.FAULT, text, self._terminator_remedy())
        elif added > 0 or cosine is not None:
            yield Finding("terminator", Level.SOUND, "It puts <|endoftext|> behind a text.")
        else:
            yield Finding("terminator", Level.WARNING, "Whether it puts <|endoftext|> behind a text could not be told.")

    def _cosine_of_tokens(self) -> float | None:
        """Cosine of a text and its token ids with the terminator; None where that can't be asked."""
        if not (self._size and self._profile.takes_tokens):
            return None
        with suppress(RefusedError):
            return float((self._unit(["test"]) @ self._unit([list(TERMINATED)]).T).item())
        return None

    def _terminator_remedy(self) -> str:
        if self.server.kind in (ServerKind.LLAMA_CPP, ServerKind.LLAMA_CPP_PYTHON, ServerKind.OLLAMA):
            override = "--override-kv tokenizer.ggml.add_eos_token=bool:true,tokenizer.ggml.eos_token_id=int:151643"
            return f"The GGUF file is too old: get a new one, or start llama-server with {override}"
        return "The model's files are from its first days: download them again (tokenizer.json has to be new)."

    def _pooling(self) -> Iterator[Finding]:
        """Whether the last token is pooled, as every Qwen3 wants it."""
        if not self.server.is_qwen3:
            return
        difference = self._difference_of_tails()
        if difference >= LAST_DIFFERENCE:
            yield Finding("pooling", Level.SOUND, "It pools the last token.")
            return
        starts = self._unit(["the zebra", "the invoice"])
        is_first = 1 - float(starts[0] @ starts[1]) < FIRST_DIFFERENCE
        text = "It pools the mean of all tokens, and Qwen3 needs the last one: nothing would be found."
        if is_first:
            text = "It pools the first token, and Qwen3 needs the last one: nothing would be found."
        yield Finding("pooling", Level.FAULT, text, self._pooling_remedy())

    def _difference_of_tails(self) -> float:
        """How far a few other tokens at the end of a long monotonous text turn its vector."""
        if self._size and self._profile.takes_tokens:  # without a terminator, the difference is beyond doubt
            with suppress(RefusedError):
                monotonous = [TERMINATED[0]] * REPEATED
                one, other = self._unit([monotonous, [*monotonous, TAIL_TOKEN]])
                return 1 - float(one @ other)
        words = " ".join(["the"] * REPEATED)
        one, other = self._unit([words, f"{words} {TAIL}"])
        return 1 - float(one @ other)

    def _pooling_remedy(self) -> str:
        if self.server.kind is ServerKind.LLAMA_CPP_PYTHON:
            return (
                "The GGUF file says how to pool: get the official one, or use llama-server, which takes --pooling last."
            )
        return start_remedy(self.server)

    def _model(self) -> Iterator[Finding]:
        """Whether it is the model that its name says, where similarities of that are published."""
        similarities = published.SIMILARITIES.get(f"{QWEN3}Embedding-{self._size}")
        if similarities is None:
            return
        queries = self._unit([instructed(query, SEARCH_TASK) for query in published.QUERIES])
        off = float(np.abs(queries @ self._unit(published.DOCUMENTS).T - np.array(similarities)).max())
        if off > published.QUANTISED:
            yield Finding(
                "model",
                Level.FAULT,
                f"Its vectors are not those of Qwen3-Embedding-{self._size}: it misses published similarities by "
                f"{off:.2f}.",
                "Look which file the server has loaded, and update the server.",
            )
        elif off > published.TOLERANCE:
            yield Finding("model", Level.WARNING, f"It comes near the published similarities (difference {off:.4f}).")
        else:
            yield Finding("model", Level.SOUND, f"It reproduces the published similarities (difference {off:.4f}).")

    def _post(self, texts: Sequence[Any], dimensions: int = 0) -> Any:  # noqa: ANN401 - JSON
        return self._connection.post(EMBEDDINGS, embeddings_request(self.server, texts, dimensions), QUESTION)

    def _raw(self, texts: Sequence[Any], dimensions: int = 0) -> NDArray[np.float32]:
        return vectors_in(self._post(texts, dimensions), len(texts), self.server.url)

    def _unit(self, texts: Sequence[Any]) -> NDArray[np.float32]:
        return shorten(self._raw(texts), None)
