import logging
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from indexer.catalogue.records import Space
from indexer.catalogue.writer import CatalogueWriter
from indexer.chunk import CHUNKER_VERSION
from indexer.settings import Settings
from indexer.spaces import SpaceKeeper
from model import load_embedder
from model.builtin.encoder import BuiltinEmbedder
from model.embedder import Embedder
from model.errors import ModelError
from model.precedence import Precedence
from model.precision import Precision
from model.registry import BUILT_IN
from model.running import Running

log = logging.getLogger(__name__)


class ChosenModels:
    """The models that the settings name, and the vector spaces that they fill."""

    def __init__(
        self,
        catalogue: CatalogueWriter,
        settings: Settings,
        profile: Path,
        precedence: Precedence,
        notify: Callable[[str, str], None],
    ) -> None:
        """`notify` is told, from any thread, of a model by its name that it has to run elsewhere.

        Raises ModelError: the built-in model is damaged.
        """
        self._catalogue = catalogue
        self._settings = settings
        self._segments = profile / "segments"
        self._precedence = precedence
        self._notify = notify
        self.folder = profile / "models"
        self.builtin = BuiltinEmbedder(precedence=precedence)
        self.warnings: tuple[str, ...] = ()

    def keepers(self) -> list[SpaceKeeper]:
        """The space that answers, then the one that the settings ask for where that has yet to be filled."""
        embedder = self._wanted()
        spaces = self._catalogue.spaces
        with self._catalogue.change():
            wanted = self._space_of(embedder)
            active = next(space for space in spaces.all() if space.active)
            old = self._embedder_of(active) if active.id != wanted.id else None
            if active.id != wanted.id and old is None:
                spaces.activate(wanted)
                if active.model == BUILT_IN:
                    spaces.remove(active.id)  # of an earlier release, whose model is gone for good
            self._catalogue.files.enqueue_outdated(CHUNKER_VERSION)
        chosen = [(active, old)] if old else []
        return [self._keeper(space, one) for space, one in [*chosen, (wanted, embedder)]]

    def _keeper(self, space: Space, embedder: Embedder) -> SpaceKeeper:
        chosen = self._settings
        more = (chosen.flush_chunks, chosen.dimension, chosen.whole_files)
        return SpaceKeeper(self._catalogue, self._segments, space, embedder, *more)

    def _space_of(self, embedder: Embedder) -> Space:
        """The space of a model under the settings. Inside a change."""
        spec, chosen = embedder.spec, self._settings
        made = (chosen.precision, chosen.document_task) if embedder is not self.builtin else ()
        return self._catalogue.spaces.ensure(spec.name, spec.revision, spec.dimensions, CHUNKER_VERSION, *made)

    def spare(self) -> SpaceKeeper:
        """The space of the built-in model, opened by the thread that may write."""
        with self._catalogue.change():
            space = self._space_of(self.builtin)
        keeper = self._keeper(space, self.builtin)
        keeper.load()
        return keeper

    def _embedder_of(self, space: Space) -> Embedder | None:
        """The model that made a space; None when it is not to be had any more."""
        try:
            embedder = self._load(space.model, space.precision, space.document_task)
        except ModelError as error:
            log.warning("the model of the old vectors can't be loaded: %s", error)
            return None
        return embedder if embedder.spec.revision == space.revision else None

    def _wanted(self) -> Embedder:
        """The model that the settings name; without it the built-in one, with a warning."""
        try:
            return self._load(self._settings.model, self._settings.precision, self._settings.document_task)
        except ModelError as error:
            log.error("the built-in model is used instead: %s", error)
            self.warnings = (f"The built-in model is used: {error}",)
            return self.builtin

    def _load(self, model: str, precision: Precision, document_task: str) -> Embedder:
        """Raises ModelError."""
        if model == BUILT_IN:
            return self.builtin
        running = replace(self.running(model), precision=precision)
        return load_embedder(model, self.folder, running=running, document_task=document_task)

    def running(self, model: str) -> Running:
        """How a large model runs under the settings."""
        chosen = self._settings
        notify = partial(self._notify, model)
        return Running(chosen.device, chosen.precision, 60 * chosen.idle_minutes, notify, self._precedence)
