from collections.abc import Callable
from dataclasses import dataclass, field

from model.precedence import Precedence
from model.precision import Precision


def _ignore(notice: str) -> None:
    """Nobody asked."""


@dataclass(frozen=True, slots=True)
class Running:
    """How a large model runs."""

    device: str = ""  # "cpu", "cuda:1" and the like; empty for the fastest one there is
    precision: Precision = Precision.FULL
    idle_seconds: float = 0  # without use, after which it leaves the memory; 0: never
    notify: Callable[[str], None] = _ignore  # told when it has to run elsewhere, and "" when that is over
    precedence: Precedence = field(default_factory=Precedence, compare=False)  # of what is urgent, in all models
