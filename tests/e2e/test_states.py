from functools import cache

import pytest

from indexer import chosen_models
from tests.e2e.one_process import work_in_one_process
from tests.e2e.states import run


def test_after_any_operations_the_index_knows_what_a_plain_model_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    work_in_one_process(monkeypatch.setattr)
    monkeypatch.setattr(chosen_models, "BuiltinEmbedder", cache(chosen_models.BuiltinEmbedder))
    run(examples=4, steps=10, derandomize=True)
