import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app.cli.check import load
from app.options import load_options
from indexer.engine import Engine
from indexer.results import SearchRequest
from indexer.settings import Settings
from model import load_embedder, registry
from model.precision import Precision
from model.running import Running

ROOT = Path(__file__).parents[2]
SMALL = "Qwen/Qwen3-Embedding-0.6B"


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    return tmp_path / "profile"


def models(profile: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    nothing = profile.parent / "no-cache"
    return subprocess.run(
        [sys.executable, "-m", "app.main", "--profile", str(profile), "models", *arguments],
        cwd=ROOT,
        env=dict(os.environ, HF_HUB_CACHE=str(nothing), HF_ENDPOINT="http://127.0.0.1:9"),
        capture_output=True,
        text=True,
        timeout=120,
    )


def listed(profile: Path) -> dict[str, dict[str, Any]]:
    records = [json.loads(line) for line in models(profile, "list", "--json").stdout.splitlines()]
    return {record["name"]: record for record in records}


def fake_model(folder: Path) -> Path:
    folder.mkdir(parents=True)
    for name in ("config.json", "tokenizer.json", "model.safetensors"):
        (folder / name).write_text("{}")
    return folder


def test_the_list_shows_what_there_is_and_what_is_in_use(profile: Path) -> None:
    records = listed(profile)
    assert list(records) == [known.name for known in registry.KNOWN]
    assert records["built-in"]["in_use"]
    assert records["built-in"]["installed"]
    assert not records[SMALL]["installed"]
    assert records[SMALL]["download_bytes"] == 1_207_586_416
    assert records[SMALL]["memory_bytes"] > 2_000_000_000
    assert records[SMALL]["fits"] in ("gpu", "reduced", "cpu", "no")
    assert any(record["recommended"] for record in records.values())
    assert records["Qwen/Qwen3-Reranker-4B"]["kind"] == "reranker"


def test_the_list_shows_installed_models_of_any_name(profile: Path) -> None:
    folder = fake_model(profile / "models" / "someone--favourite")
    record = listed(profile)["someone/favourite"]
    assert record["installed"]
    assert record["location"] == str(folder)


def test_the_built_in_model_finds_translations(profile: Path) -> None:
    done = models(profile, "check", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    record = json.loads(done.stdout)
    assert record["name"] == "built-in"
    assert record["translations_found"] >= 0.6
    assert set(record["translations"]) == {"en", "de", "fr", "ru", "zh"}
    assert record["questions_answered"] >= 0.4
    assert {"ar", "ja", "ko"} <= set(record["questions"])
    assert record["reproduced"] is None
    assert record["sentences_per_second"] > 0


def test_a_model_is_checked_with_the_bits_that_the_settings_give_it(profile: Path, qwen3_folder: Path) -> None:
    profile.mkdir()
    (profile / "settings.toml").write_text('[indexing]\ndevice = "cpu"\nprecision = "4-bit"\n')
    reduced = load_embedder(qwen3_folder, running=Running("cpu", Precision.FOUR))
    assert load(str(qwen3_folder), profile).spec.revision == reduced.spec.revision


def test_without_a_card_it_is_told_how_long_a_model_takes_before_it_is_used(profile: Path, qwen3_folder: Path) -> None:
    profile.mkdir()
    (profile / "settings.toml").write_text('[indexing]\ndevice = "cpu"\n')
    done = models(profile, "use", str(qwen3_folder))
    assert done.returncode == 0
    assert re.search(r"Without a graphics card, .* reads about [\d,]+ passages a minute here", done.stderr)
    assert load_options(profile).options.indexing.model == str(qwen3_folder)


def test_a_model_that_is_not_installed_cannot_be_used(profile: Path) -> None:
    done = models(profile, "use", "qwen3-embedding-0.6b")
    assert done.returncode == 3
    assert f"cognate models install {SMALL}" in done.stderr
    assert listed(profile)["built-in"]["in_use"]


def test_a_model_that_cannot_be_loaded_is_not_taken_into_use(profile: Path) -> None:
    fake_model(profile / "models" / "Qwen--Qwen3-Embedding-0.6B")
    done = models(profile, "use", SMALL)
    assert done.returncode == 3
    assert "Traceback" not in done.stderr
    assert listed(profile)["built-in"]["in_use"]


def test_the_built_in_model_can_be_chosen_and_not_removed(profile: Path) -> None:
    profile.mkdir()
    (profile / "settings.toml").write_text('[indexing]\nmodel = "gone/model"\n')
    assert models(profile, "use", "built-in").returncode == 0
    assert listed(profile)["built-in"]["in_use"]
    done = models(profile, "remove", "built-in")
    assert done.returncode == 3
    assert "can't be removed" in done.stderr


def test_a_model_in_use_is_not_removed_and_others_are(profile: Path) -> None:
    folder = fake_model(profile / "models" / "someone--favourite")
    (profile / "settings.toml").write_text('[indexing]\nmodel = "someone/favourite"\n')
    done = models(profile, "remove", "someone/favourite")
    assert done.returncode == 3
    assert "in use" in done.stderr
    assert models(profile, "use", "built-in").returncode == 0
    assert models(profile, "remove", "someone/favourite").returncode == 0
    assert not folder.exists()


def test_an_index_that_is_kept_is_deleted_and_the_one_in_use_is_not(profile: Path, qwen3_folder: Path) -> None:
    folder = profile.parent / "notes"
    folder.mkdir()
    (folder / "kettle.txt").write_text("How to descale a kettle with vinegar")
    for model in (str(qwen3_folder), "built-in"):
        engine = Engine.open(profile, Settings(model=model, device="cpu"))
        engine.start()
        if not engine.folders():
            engine.add_folder(folder)
        assert engine.wait(60)
        engine.close()
    done = models(profile, "forget", "built-in")
    assert (done.returncode, done.stdout) == (1, "")
    assert "No index of built-in is kept" in done.stderr
    assert models(profile, "forget", str(qwen3_folder)).returncode == 0
    assert models(profile, "forget", str(qwen3_folder)).returncode == 1
    engine = Engine.open(profile)
    assert [space.model for space in engine.status().spaces] == ["built-in"]
    assert engine.search(SearchRequest("remove limescale")).hits
    engine.close()
    assert qwen3_folder.is_dir()


def test_installing_without_a_network_is_exit_status_3(profile: Path) -> None:
    done = models(profile, "install", SMALL)
    assert done.returncode == 3
    assert "is there a network?" in done.stderr
    assert "Traceback" not in done.stderr
    assert models(profile, "install", "built-in").returncode == 0


def test_using_a_reranker_leaves_the_embedding_model(profile: Path, reranker_folder: Path) -> None:
    name = "Qwen/Qwen3-Reranker-0.6B"
    (profile / "models").mkdir(parents=True)
    (profile / "models" / "Qwen--Qwen3-Reranker-0.6B").symlink_to(reranker_folder, target_is_directory=True)
    assert models(profile, "use", name).returncode == 0
    settings = load_options(profile).options.indexing
    assert (settings.model, settings.reranker) == ("built-in", name)
