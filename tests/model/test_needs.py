import pytest

from model.needs import Fit, Machine, fit, memory_bytes, recommended, this_machine
from model.registry import BUILT_IN, KNOWN, KnownModel, known

GB = 1_000_000_000
SMALL, MIDDLE, LARGE = (f"Qwen/Qwen3-Embedding-{size}" for size in ("0.6B", "4B", "8B"))


def card(gigabytes: int, main: int = 32) -> Machine:
    return Machine("A card" if gigabytes else "", gigabytes * GB, main * GB)


def model(name: str) -> KnownModel:
    found = known(name)
    assert found
    return found


@pytest.mark.parametrize(
    ("name", "gigabytes", "main", "expected"),
    [
        (BUILT_IN, 0, 1, Fit.CPU),
        (SMALL, 4, 8, Fit.GPU),
        (MIDDLE, 12, 16, Fit.GPU),
        (MIDDLE, 6, 16, Fit.REDUCED),
        (LARGE, 16, 16, Fit.REDUCED),
        (LARGE, 24, 16, Fit.GPU),
        (SMALL, 0, 8, Fit.CPU),
        (LARGE, 0, 16, Fit.NO),
        (LARGE, 0, 64, Fit.CPU),
    ],
)
def test_a_model_runs_where_its_weights_find_room(name: str, gigabytes: int, main: int, expected: Fit) -> None:
    assert fit(model(name), card(gigabytes, main)) is expected


@pytest.mark.parametrize(
    ("gigabytes", "expected"),
    [
        (0, {BUILT_IN}),
        (4, {SMALL}),
        (8, {SMALL, "Qwen/Qwen3-Reranker-0.6B"}),
        (24, {MIDDLE, "Qwen/Qwen3-Reranker-0.6B"}),
        (141, {LARGE, "Qwen/Qwen3-Reranker-8B"}),
    ],
)
def test_what_is_recommended_leaves_room_for_others(gigabytes: int, expected: set[str]) -> None:
    assert recommended(KNOWN, card(gigabytes)) == expected


def test_memory_follows_from_the_bits_of_a_weight() -> None:
    assert memory_bytes(model(BUILT_IN)) == 0
    assert memory_bytes(model(MIDDLE)) == pytest.approx(9.06 * GB, rel=0.01)
    assert memory_bytes(model(MIDDLE), 4.5) == pytest.approx(3.27 * GB, rel=0.01)


def test_this_machine_has_memory() -> None:
    machine = this_machine()
    assert machine.main_bytes > 0
    assert bool(machine.accelerator) == (machine.accelerator_bytes > 0)
