from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import cast

import pytest
from pytestqt.qtbot import QtBot

from app.bridge import Bridge
from app.options import AppOptions, Options
from app.resting import BACKLOG, BATTERY, BUSY_LOOKS, GPU, LOAD, Resting
from app.surroundings import Lookout, Surroundings, load_of_others, others_compute
from indexer.engine import Engine
from indexer.results import Activity, FileState
from tests.app.still_engine import IDLE, StillEngine


class Around:
    """What the next look sees."""

    def __init__(self) -> None:
        self.seen = Surroundings()

    def look(self) -> Surroundings:
        return self.seen


@pytest.fixture
def around() -> Around:
    return Around()


@pytest.fixture
def engine() -> StillEngine:
    return StillEngine()


@pytest.fixture
def bridge(qtbot: QtBot, engine: StillEngine) -> Iterator[Bridge]:
    bridge = Bridge()
    with qtbot.waitSignal(bridge.status_changed):
        bridge.open(lambda: cast(Engine, engine))
    yield bridge
    bridge.close()


@pytest.fixture
def resting(bridge: Bridge, around: Around) -> Iterator[Resting]:
    made = Resting(bridge, Options(), around.look)
    yield made
    made.close()


def detail(bridge: Bridge) -> str:
    assert bridge.status is not None
    return bridge.status.detail if bridge.status.activity is Activity.PAUSED else ""


def looks(qtbot: QtBot, resting: Resting, count: int = 1) -> None:
    for _ in range(count):
        done: list[bool] = []
        resting._tasks.submit(lambda: True, lambda value, done=done: done.append(value))
        resting.look_around()
        resting._tasks.submit(lambda: True, lambda value, done=done: done.append(value))
        qtbot.waitUntil(lambda done=done: len(done) == 2)


def test_indexing_rests_on_battery_and_goes_on_by_itself(
    qtbot: QtBot, resting: Resting, bridge: Bridge, around: Around
) -> None:
    around.seen = Surroundings(on_battery=True)
    resting.look_around()
    qtbot.waitUntil(lambda: detail(bridge) == BATTERY)
    around.seen = Surroundings()
    resting.look_around()
    qtbot.waitUntil(lambda: detail(bridge) == "")


def test_what_the_user_has_paused_stays_paused(qtbot: QtBot, resting: Resting, bridge: Bridge, around: Around) -> None:
    bridge.pause()
    qtbot.waitUntil(lambda: detail(bridge) == "paused by you")
    around.seen = Surroundings(on_battery=True)
    looks(qtbot, resting)
    around.seen = Surroundings()
    looks(qtbot, resting)
    assert detail(bridge) == "paused by you"


def test_who_resumes_on_battery_is_not_overruled(
    qtbot: QtBot, resting: Resting, bridge: Bridge, around: Around
) -> None:
    around.seen = Surroundings(on_battery=True)
    resting.look_around()
    qtbot.waitUntil(lambda: detail(bridge) == BATTERY)
    bridge.resume()
    qtbot.waitUntil(lambda: detail(bridge) == "")
    looks(qtbot, resting, 2)
    assert detail(bridge) == ""
    around.seen = Surroundings()
    looks(qtbot, resting)
    around.seen = Surroundings(on_battery=True)
    resting.look_around()
    qtbot.waitUntil(lambda: detail(bridge) == BATTERY)


def test_a_short_load_is_no_reason_and_a_lasting_one_is(
    qtbot: QtBot, resting: Resting, bridge: Bridge, around: Around, engine: StillEngine
) -> None:
    around.seen = Surroundings(load=0.95)
    engine.become(replace(IDLE, activity=Activity.INDEXING, files={FileState.QUEUED: BACKLOG}))
    looks(qtbot, resting, BUSY_LOOKS - 1)
    assert detail(bridge) == ""
    looks(qtbot, resting)
    qtbot.waitUntil(lambda: detail(bridge) == LOAD)
    around.seen = Surroundings(load=0.7)
    looks(qtbot, resting)
    assert detail(bridge) == LOAD
    around.seen = Surroundings(load=0.1)
    looks(qtbot, resting)
    qtbot.waitUntil(lambda: detail(bridge) == "")


def test_a_few_files_are_indexed_whatever_the_load(
    qtbot: QtBot, resting: Resting, bridge: Bridge, around: Around, engine: StillEngine
) -> None:
    engine.become(replace(IDLE, activity=Activity.INDEXING, files={FileState.QUEUED: BACKLOG - 1}))
    around.seen = Surroundings(load=1.0)
    looks(qtbot, resting, BUSY_LOOKS + 1)
    assert detail(bridge) == ""


def test_only_what_is_wished_for_is_a_reason(qtbot: QtBot, resting: Resting, bridge: Bridge, around: Around) -> None:
    resting.set_options(replace(AppOptions(), pause_on_battery=False, pause_for_full_screen=False, pause_for_gpu=False))
    around.seen = Surroundings(on_battery=True, is_full_screen=True, gpu_load=1.0)
    looks(qtbot, resting)
    assert detail(bridge) == ""


def test_work_of_others_on_the_card_counts_from_a_limit_on(
    qtbot: QtBot, resting: Resting, bridge: Bridge, around: Around
) -> None:
    resting.set_options(replace(AppOptions(), gpu_limit_percent=40))
    around.seen = Surroundings(gpu_load=0.39)
    looks(qtbot, resting)
    assert detail(bridge) == ""
    around.seen = Surroundings(gpu_load=0.4)
    resting.look_around()
    qtbot.waitUntil(lambda: detail(bridge) == GPU)
    around.seen = Surroundings()
    resting.look_around()
    qtbot.waitUntil(lambda: detail(bridge) == "")


def test_a_lookout_sees_something_sensible() -> None:
    lookout = Lookout(looks_at_gpu=False)
    seen = lookout.look()
    assert 0 <= seen.load <= 1
    assert seen.gpu_load == 0
    lookout.close()


@pytest.mark.parametrize(
    ("listing", "expected"),
    [("", False), ("12, 4000\n", False), ("99, 4000\n", True), ("99, 20\n", False), ("99, [N/A]\n", False)],
)
def test_others_on_the_gpu_are_told_from_ourselves(listing: str, expected: bool) -> None:
    assert others_compute(listing, own_pid=12) is expected


PMON = """# gpu         pid   type     sm    mem    enc    dec    jpg    ofa    command
# Idx           #    C/G      %      %      %      %      %      %    name
    0         12     C     90     12      -      -      -      -    python
    0         70     G     10      1      -      -      -      -    Xorg
    0         71     C     25      3      -      -      -      -    blender
    1         72     C      8      -      -      -      -      -    python
    1          -     -      -      -      -      -      -      -    -
"""


def test_the_load_of_others_is_that_of_the_busiest_card_without_our_own() -> None:
    assert load_of_others(PMON, own_pid=12) == pytest.approx(0.35)
    assert load_of_others(PMON, own_pid=1) == 1.0
    assert load_of_others("", own_pid=1) == 0.0
