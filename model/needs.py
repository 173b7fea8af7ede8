"""What a model needs, and what this machine has of it."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import psutil

from model.hardware import accelerator
from model.precision import Precision
from model.registry import BUILT_IN, KnownModel, ModelKind

log = logging.getLogger(__name__)

WORK_BYTES = 1_000_000_000  # what a batch and torch itself take beside the weights
COMFORT = 0.6  # of the memory may go to what is recommended: the desktop and other programs want some
STORED_BITS = 16
PROCESSOR_BITS = 32


class Fit(StrEnum):
    """Where a model can run."""

    GPU = "gpu"
    REDUCED = "reduced"  # there, with weights of 8 or 4 bits
    CPU = "cpu"  # slowly, but for the built-in one
    NO = "no"


@dataclass(frozen=True, slots=True)
class Machine:
    """What large models could run on."""

    accelerator: str  # in words; empty: there is none
    accelerator_bytes: int
    main_bytes: int


def this_machine() -> Machine:
    """Look at the hardware; imports torch, which takes seconds. Where that fails, nothing large can run."""
    try:
        name, size = accelerator()
    except ImportError as error:
        log.warning("torch can't be loaded: %s", error)
        return Machine("", 0, 0)
    return Machine(name, size, psutil.virtual_memory().total)


def memory_bytes(model: KnownModel, bits: float = STORED_BITS) -> int:
    """Memory that a model takes while it works, with so many bits a weight."""
    return int(model.download_bytes * bits / STORED_BITS) + WORK_BYTES if model.download_bytes else 0


def fit(model: KnownModel, machine: Machine) -> Fit:
    """Where a model can run on a machine."""
    if model.name == BUILT_IN:
        return Fit.CPU
    if memory_bytes(model) <= machine.accelerator_bytes:
        return Fit.GPU
    if memory_bytes(model, Precision.FOUR.bits or STORED_BITS) <= machine.accelerator_bytes:
        return Fit.REDUCED
    return Fit.CPU if memory_bytes(model, PROCESSOR_BITS) <= machine.main_bytes else Fit.NO


def recommended(models: Iterable[KnownModel], machine: Machine) -> set[str]:
    """The largest embedding model that fits with room to spare, and the largest reranker that fits beside it."""
    room = COMFORT * machine.accelerator_bytes
    by_size = sorted(models, key=memory_bytes, reverse=True)
    chosen = set()
    for kind in ModelKind:
        fitting = [each for each in by_size if each.kind is kind and memory_bytes(each) <= room]
        if fitting:
            chosen.add(fitting[0].name)
            room -= memory_bytes(fitting[0])
    return chosen
