"""The figures of docs/priors.md are those of benchmarks/results/prior_options.json."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
NAMES = {
    "the paper's": "paper",
    "`--neutral sequence`": "neutral sequence",
    "`--phi histogram`": "phi histogram",
    "`--phi none`": "phi none",
    "`--average median`": "average median",
    "`--fit eyes-nose`": "fit eyes-nose",
    "`--difference relative`": "difference relative",
    "`--fit eyes-nose`, `--average median`": "eyes-nose, median",
    "`--fit eyes-nose`, `--difference relative`": "eyes-nose, relative",
    "the same with `--neutral sequence`": "eyes-nose, relative, sequence",
}


@pytest.fixture(scope="module")
def measured():
    return json.loads((ROOT / "benchmarks/results/prior_options.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def page():
    return (ROOT / "docs/priors.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def rows(page):
    lines = [line.replace("**", "").strip("| ").split(" | ") for line in page.splitlines() if line.startswith("| ")]
    return {cells[0]: cells[1:] for cells in lines if len(cells) == 5 and re.match(r"\d", cells[1])}


def test_every_option_of_the_table_was_measured(rows):
    assert sorted(rows) == sorted(NAMES)


@pytest.mark.parametrize("title", NAMES)
def test_the_row_is_what_was_measured(rows, measured, title):
    bare, glasses = (measured["options"][NAMES[title]][share] for share in ("without", "with"))
    written = [float(number) for cell in rows[title] for number in re.findall(r"[\d.]+", cell)]
    expected = [100 * bare["mask_outside"], 100 * glasses["mask_outside"], bare["separation"], glasses["separation"]]
    assert written[:2] == pytest.approx(expected[:2], abs=0.0501)  # as rounded to what is printed
    assert written[2:] == pytest.approx([*expected[2:], glasses["correlation_without_glasses"]], abs=0.000501)


def test_the_text_s_own_figures(page, measured):
    stable = {name: shares["without"] for name, shares in measured["stability"].items()}
    area = measured["thresholds"]["1.0"]["area_outside"]
    relative = measured["options"]["difference relative"]["without"]["correlation_with_paper_without_glasses"]
    histogram = measured["options"]["phi histogram"]["without"]["correlation_with_paper_without_glasses"]
    for text in (
        f"correlate at {histogram:.3f}",
        f"about {measured['histogram']['levels']:.0f} different grey levels",
        f"would have {area:.1%} there".replace("%", " %"),
        f"correlate at only {relative:.2f} with",
        f"({stable['difference relative']:.2f} against {stable['paper']:.2f}, means under ranks; "
        f"{stable['eyes-nose, relative, sequence']:.2f} together",
    ):
        assert text in " ".join(page.split())
