from pathlib import Path

import pytest

from model import load_embedder
from model.estimate import estimate
from model.running import Running


def test_a_model_on_the_processor_is_measured(qwen3_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("model.estimate.MEASURED_SECONDS", 0.1)
    expected = estimate(load_embedder(qwen3_folder, running=Running("cpu")), 1000)
    assert expected is not None
    assert 0 < expected.seconds_per_passage < 60
    assert expected.seconds == pytest.approx(1000 * expected.seconds_per_passage)


def test_what_is_quick_or_runs_elsewhere_is_not_measured(qwen3_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert estimate(load_embedder("built-in"), 1000) is None
    embedder = load_embedder(qwen3_folder)
    monkeypatch.setattr(type(embedder), "is_on_processor", False)
    assert estimate(embedder, 1000) is None
