"""The one command that measures a GPU: its limits of time, and its last line."""

import importlib.util
import json
import re
import subprocess
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[3] / "benchmarks"
SCRIPT = (BENCHMARKS / "gpu.sh").read_text(encoding="utf-8")
MINUTES = 8


@pytest.fixture(scope="module")
def below():
    spec = importlib.util.spec_from_file_location("below_target", BENCHMARKS / "below_target.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.below


def loops(**rates: float) -> dict:
    return {"loops": {name: {"joint": {"images_per_second": rate}} for name, rate in rates.items()}}


def test_its_parts_are_within_eight_minutes_together_and_are_named_so() -> None:
    dry, real, _ = SCRIPT.split("\nelse\n")
    limits = {name: int(seconds) for name, seconds in re.findall(r"^    part (\w+) (\d+) ", real, re.MULTILINE)}
    assert list(limits) == ["versions", "tests", "train_step", "profile", "demo", "ablation"]
    assert re.findall(r"^    part (\w+) \d+ ", dry, re.MULTILINE) == list(limits)
    assert sum(limits.values()) <= 60 * MINUTES
    assert f"{sum(limits.values())} s together" in SCRIPT
    assert subprocess.run(["bash", "-n", BENCHMARKS / "gpu.sh"], check=False).returncode == 0


def test_what_is_below_target_is_told_with_what_would_be_faster(below, tmp_path) -> None:
    path = tmp_path / "train_step.json"
    compact = loops(facemotion=9000.0, **{"facemotion, any kernel": 20000.0, "plain": 30000.0})
    paper = loops(facemotion=1300.0) | {"hours_for_ten_folds_of_ckplus_by_these_rates": 1.25}
    path.write_text(json.dumps({"presets": {"compact": compact, "paper": paper}}))
    assert below(path) == [
        "compact joint 9000 of 15000 images a second (20000 as 'facemotion, any kernel')",
        "paper generator not measured",
        "CK+ protocol 1.25 h of at most 1",
    ]


def test_what_was_not_measured_is_told_with_why(below, tmp_path) -> None:
    path = tmp_path / "train_step.json"
    path.write_text(json.dumps({"presets": {"compact": {"loops": {"facemotion": {"failed": "out of memory"}}}}}))
    assert below(path)[0] == "compact joint not measured (out of memory)"
    path.write_text('{"pre')
    assert below(path) == ["nothing was measured (train_step.json is missing or damaged)"]
