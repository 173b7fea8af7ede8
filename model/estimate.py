"""How long a model would take for many passages on a processor, from a measurement of a few seconds."""

from __future__ import annotations

import time
from dataclasses import dataclass

from model.embedder import Embedder

MEASURED_SECONDS = 3.0
PASSAGE = (  # as long as most are
    "The heating was serviced on the third of November, before the first frost. The pressure in the boiler had fallen "
    "to 0.9 bar, so the technician refilled the circuit, bled the radiators on both floors and replaced the valve "
    "beside the cellar door, which had been dripping since the spring. He measured the exhaust gases twice and noted "
    "the figures on the sheet that hangs beside the burner. The chimney sweep is due in January; he will need the key "
    "to the attic and somebody who can show him the flap behind the bookcase. Until then the heating may run, but the "
    "pressure has to be looked at once a week, and if it falls below one bar again, the expansion vessel is probably "
    "broken and should be exchanged. The spare part costs about ninety euros and is in stock at the dealer in town. "
    "All of this was agreed upon with the landlord on the telephone, who will bear the cost of the repair, though not "
    "that of the yearly service, as the lease says in paragraph nine. "
)


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a measurement gives reason to expect."""

    seconds_per_passage: float
    passages: int

    @property
    def seconds(self) -> float:
        """For all passages."""
        return self.seconds_per_passage * self.passages


def estimate(embedder: Embedder, passages: int) -> Estimate | None:
    """Measure a model that runs on the processor; None for one that is quick or runs elsewhere. Blocks.

    Raises:
        ModelError: it can't be loaded.
    """
    if not getattr(embedder, "is_on_processor", False):
        return None
    embedder.embed_documents([PASSAGE])  # loads it
    count, done, began = 1, 0, time.perf_counter()
    while (spent := time.perf_counter() - began) < MEASURED_SECONDS:
        embedder.embed_documents([f"{number} {PASSAGE}" for number in range(count)])
        done += count
        count = min(32, 2 * count)
    return Estimate(spent / done, passages)
