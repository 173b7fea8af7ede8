"""Embedding models in the layout of the sentence-transformers package, which itself is not needed."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from model.ahead import ahead
from model.checkpoint import Checkpoint
from model.device import choose_device, choose_dtype, leave_a_core_free, token_budget
from model.embedder import SEARCH_TASK, EmbedderSpec, shorten
from model.errors import ModelError
from model.loading import load_weights
from model.packing import Budget, longest_first
from model.pooling import ACTIVATIONS, POOLINGS, pool
from model.qwen3.tokens import without_surrogates
from model.running import Running
from model.runtime import Batch, Done, Pending, Runtime, Tokens

if TYPE_CHECKING:
    import torch

# Models differ in what their cosines mean and say nothing about it; these suit the common contrastive ones.
NOISE_COSINE = 0.15
MATCH_COSINE = 0.6
FORMAT = "sentence-transformers, 1"  # raised whenever the same text would give another vector
HIDDEN_SIZE = ("hidden_size", "d_model", "dim")  # names that families of models have for it
LARGEST = 1 << 20  # tokens; tokenizers without a limit say some astronomic number


@dataclass(frozen=True, slots=True)
class Layout:
    """What modules.json and its companions say."""

    pooling: tuple[str, ...]  # their results stand side by side
    pools_prompt: bool
    layers: tuple[tuple[str, str], ...]  # behind the pooling: folder and activation of a Dense; empty for a Normalize
    query_prompt: str
    document_prompt: str
    max_tokens: int | None
    is_lowercase: bool


def read_layout(checkpoint: Checkpoint) -> Layout:
    """Read the modules of a model; without modules.json, the mean over all tokens is taken, as the package does.

    Raises:
        ModelError: it has modules that are not known here.
    """
    modules = checkpoint.json("modules.json") or []
    kinds = [(str(each["type"]).rpartition(".")[2], str(each["path"])) for each in modules]
    unknown = {kind for kind, _ in kinds} - {"Transformer", "Pooling", "Dense", "Normalize"}
    if unknown or (kinds and kinds[0] != ("Transformer", "")):
        raise checkpoint.unfit(f"its modules are {', '.join(kind for kind, _ in kinds)}")
    pooling = next((checkpoint.json(f"{path}/config.json") for kind, path in kinds if kind == "Pooling"), None)
    settings = checkpoint.json("config_sentence_transformers.json") or {}
    prompts = settings.get("prompts") or {}
    default = prompts.get(settings.get("default_prompt_name"), "")
    limits = checkpoint.json("sentence_bert_config.json") or {}
    return Layout(
        pooling=_pooling_modes(checkpoint, pooling or {"pooling_mode": "mean"}),
        pools_prompt=(pooling or {}).get("include_prompt", True),
        layers=tuple(
            (path, _activation(checkpoint, path)) if kind == "Dense" else ("", "")
            for kind, path in kinds
            if kind in ("Dense", "Normalize")
        ),
        query_prompt=prompts.get("query") or default,
        document_prompt=prompts.get("document") or prompts.get("passage") or default,
        max_tokens=limits.get("max_seq_length")
        or (checkpoint.json("tokenizer_config.json") or {}).get("model_max_length"),
        is_lowercase=bool(limits.get("do_lower_case")),
    )


def _pooling_modes(checkpoint: Checkpoint, pooling: Mapping[str, Any]) -> tuple[str, ...]:
    """Names as in POOLINGS, from either form of the file: one name, or a switch for each."""
    chosen = pooling.get("pooling_mode")
    if chosen is None:
        modes = tuple(mode for mode, switch in POOLINGS.items() if pooling.get(switch))
    else:
        modes = (chosen,) if isinstance(chosen, str) else tuple(chosen)
    if not modes or set(modes) - POOLINGS.keys():
        raise checkpoint.unfit(f"its pooling is {', '.join(modes) or 'unknown'}")
    return modes


def _activation(checkpoint: Checkpoint, path: str) -> str:
    config = checkpoint.json(f"{path}/config.json") or {}
    name = str(config.get("activation_function", "torch.nn.modules.linear.Identity")).rpartition(".")[2]
    if name not in ACTIVATIONS:
        raise checkpoint.unfit(f"its layer {path} ends in {name}")
    return name


class SentenceTransformer:
    """A bi-encoder with its own pooling and prompts; the weights are loaded when the first text comes."""

    def __init__(self, checkpoint: Checkpoint, running: Running) -> None:
        """Read the description of a model.

        Raises:
            ModelError: a file of the folder is missing or damaged, or asks for what is not known here.
        """
        if checkpoint.config.get("is_encoder_decoder"):
            raise checkpoint.unfit("models with a decoder of their own are not run here")
        self._checkpoint = checkpoint
        self._layout = read_layout(checkpoint)
        self._running = running
        self._lock = threading.Lock()  # of the tokenizer, which is for one thread at a time
        checkpoint.check()

    @cached_property
    def spec(self) -> EmbedderSpec:
        """The same for the lifetime of the embedder. Raises ModelError."""
        config, dense = self._checkpoint.config, [folder for folder, _ in self._layout.layers if folder]
        native = len(self._layout.pooling) * self._checkpoint.number(*HIDDEN_SIZE)
        if dense:
            native = int(self._checkpoint.json(f"{dense[-1]}/config.json")["out_features"])
        return EmbedderSpec(
            name=self._checkpoint.name,
            revision=self._checkpoint.revision(FORMAT),
            dimensions=native,
            max_tokens=min(self._layout.max_tokens or LARGEST, int(config.get("max_position_embeddings") or LARGEST)),
            noise_cosine=NOISE_COSINE,
            match_cosine=MATCH_COSINE,
            takes_task=SEARCH_TASK in self._layout.query_prompt,
        )

    @property
    def is_on_processor(self) -> bool:
        """Whether there is no faster device for it. Imports torch."""
        return choose_device(self._running.device).type == "cpu"

    def embed_documents(self, texts: Sequence[str], dimension: int | None = None) -> NDArray[np.float32]:
        """Embed n passages: float32 [n, dimension], rows of length 1; (0, dimension) for no texts."""
        return self._embed(texts, self._layout.document_prompt, dimension, urgent=False)

    def embed_queries(
        self, texts: Sequence[str], task: str = SEARCH_TASK, dimension: int | None = None
    ) -> NDArray[np.float32]:
        """Embed n queries; where the model's own prompt holds the usual instruction, `task` takes its place."""
        return self._embed(texts, self._prompt(task), dimension, urgent=True)

    def query_text(self, text: str, task: str = SEARCH_TASK) -> str:
        """The query behind the model's own prompt, where it has one."""
        return self._prompt(task) + text

    def _prompt(self, task: str) -> str:
        return self._layout.query_prompt.replace(SEARCH_TASK, task)

    def _embed(self, texts: Sequence[str], prompt: str, dimension: int | None, urgent: bool) -> NDArray[np.float32]:
        native = self.spec.dimensions
        if dimension is not None and not 1 <= dimension <= native:
            raise ModelError(f"{self.spec.name} gives vectors of 1 to {native} dimensions, not {dimension}.")
        skipped = 0 if self._layout.pools_prompt or not prompt else self._prompt_tokens(prompt)

        def tokenized(part: Sequence[int]) -> list[tuple[int, Tokens]]:
            return list(zip(part, self._tokens([prompt + texts[place] for place in part]), strict=True))

        def begun(encoder: _Encoder, batch: Batch, urgent: bool) -> Pending:
            return encoder.begin(batch, skipped)

        parts = ahead(tokenized, longest_first(texts))
        return shorten(self._runtime.rows(len(texts), parts, begun, urgent), dimension)

    def _tokens(self, texts: Sequence[str]) -> list[Tokens]:
        whole = [without_surrogates(text).strip() for text in texts]
        whole = [text.lower() for text in whole] if self._layout.is_lowercase else whole
        longest = min(self.spec.max_tokens, int(self._tokenizer.model_max_length))
        with self._lock:
            found = self._tokenizer(whole, truncation=True, max_length=longest, padding=False)["input_ids"]
        return [np.array(ids, np.int64) for ids in found]

    def _prompt_tokens(self, prompt: str) -> int:
        """Tokens at the beginning that are not pooled; an end mark that the tokenizer adds is not among them."""
        with self._lock:
            ids = self._tokenizer(prompt)["input_ids"]
        return len(ids) - (ids[-1] in self._tokenizer.all_special_ids)

    @cached_property
    def _tokenizer(self) -> Any:  # noqa: ANN401 - a tokenizer of transformers
        from transformers import AutoTokenizer

        try:
            return AutoTokenizer.from_pretrained(
                self._checkpoint.folder, local_files_only=True, trust_remote_code=False
            )
        except (OSError, ValueError, KeyError) as error:
            raise self._checkpoint.damaged(f"its tokenizer can't be read ({error})") from error

    @cached_property
    def _runtime(self) -> Runtime[_Encoder]:
        return Runtime(self._checkpoint.name, self.spec.dimensions, self._load, self._running)

    def _load(self, device: torch.device) -> _Encoder:
        return _Encoder(self._checkpoint, self._layout, device, self._tokenizer.pad_token_id or 0)


class _Encoder:
    """The loaded model."""

    overlaps = yields = False

    def __init__(self, checkpoint: Checkpoint, layout: Layout, device: torch.device, padding: int) -> None:
        leave_a_core_free()
        self.device = device
        self._layout = layout
        self._padding = padding
        dtype = choose_dtype(device)
        self._model = load_weights(checkpoint, device, dtype)
        self._layers = [
            _Dense(checkpoint, folder, name, device) if folder else _unit_rows for folder, name in layout.layers
        ]
        self.full_tokens = token_budget(device, 32 * dtype.itemsize * checkpoint.number(*HIDDEN_SIZE))
        self.budget = Budget(self.full_tokens, is_padded=True)

    def begin(self, batch: Batch, skipped: int) -> Pending:
        """Vectors, not normalised, float32 [n, native]. Raises RuntimeError as torch does."""
        import torch

        with torch.inference_mode():
            return Done(np.asarray(self._vectors(batch, skipped).cpu().numpy(), dtype=np.float32))

    def _vectors(self, batch: Batch, skipped: int) -> torch.Tensor:
        import torch

        rows = [torch.from_numpy(tokens) for tokens in batch]
        ids = torch.nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=self._padding).to(self.device)
        lengths = torch.tensor([len(tokens) for tokens in batch], device=self.device)
        places = torch.arange(ids.shape[1], device=self.device)
        mask = (places < lengths[:, None]).long()  # from the lengths: the token that pads may also end a text
        output = self._model(input_ids=ids, attention_mask=mask)
        vectors = pool(output.last_hidden_state.float(), mask, self._layout.pooling, skipped)
        for layer in self._layers:
            vectors = layer(vectors)
        return vectors


def _unit_rows(vectors: torch.Tensor) -> torch.Tensor:
    import torch

    return torch.nn.functional.normalize(vectors, dim=1)


class _Dense:
    """A linear layer behind the pooling, in float32."""

    def __init__(self, checkpoint: Checkpoint, folder: str, activation: str, device: torch.device) -> None:
        import torch
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        try:
            tensors = load_file(checkpoint.folder / folder / "model.safetensors")
            self._weight = tensors["linear.weight"].float().to(device)
        except (OSError, KeyError, SafetensorError) as error:
            raise checkpoint.damaged(f"{folder}/model.safetensors is missing or damaged") from error
        bias = tensors.get("linear.bias")
        self._bias = None if bias is None else bias.float().to(device)
        self._activation = getattr(torch.nn, activation)()

    def __call__(self, vectors: torch.Tensor) -> torch.Tensor:
        import torch

        activated: torch.Tensor = self._activation(torch.nn.functional.linear(vectors, self._weight, self._bias))
        return activated
