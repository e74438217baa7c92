"""Every committed benchmark result says what was asked, what was typed, and where and with what it ran."""

import json
import re
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[3] / "benchmarks"
RESULTS = sorted((BENCHMARKS / "results").glob("*.json"))


@pytest.mark.parametrize("path", RESULTS, ids=[path.stem for path in RESULTS])
def test_a_result_names_question_command_machine_and_versions(path):
    content = json.loads(path.read_text(encoding="utf-8"))
    assert content["question"]
    script = re.match(r"python benchmarks/(\w+)\.py", content["command"])
    assert script is not None
    assert (BENCHMARKS / f"{script[1]}.py").is_file()
    assert {"processor", "system"} <= content["machine"].keys()
    assert {"python", "facemotion"} <= content["versions"].keys()
    assert len(content) > 4  # and what came out
