"""The commands of docs/atlas.md run, and its figures are those of docs/atlas.json."""

import json
import re
import shlex
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[3] / "docs"
SMALL = ("--subjects", "2", "--size", "96x96", "--frames", "4", "--workers", "1")


@pytest.fixture(scope="module")
def page():
    return (DOCS / "atlas.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def measured():
    return json.loads((DOCS / "atlas.json").read_text(encoding="utf-8"))


def test_the_commands_run_on_fewer_and_smaller_faces(run, page, cheaply):
    block = page.split("## The synthetic sources")[1].split("## What one may read")[0]
    commands = [shlex.split(line)[1:] for line in block.splitlines() if line.startswith("    facemotion ")]
    assert len(commands) == 9
    for words in commands:
        if words[:2] == ["demo", "render"]:
            run(*words, *SMALL)
        elif words[0] == "build-priors":
            source = words[words.index("--source") : words.index("-o")]
            source[0] = "--dataset"
            run("folds", *source, "--folds", 2)  # ten folds need ten people
            run(*words, "--workers", 1)
        else:
            said = run(*words).output
    assert "fit: mmi-layout in the geometry of seed-0" in said
    found = json.loads(Path("atlas.json").read_text(encoding="utf-8"))
    assert found["sources"] == ["seed-0", "seed-1", "glasses", "mmi-layout"]
    assert found["stability"]["mmi-layout"]["classes"]["contempt"] is None
    assert Path("atlas.png").stat().st_size < 400_000


def test_the_table_is_what_was_measured(page, measured):
    rows = re.findall(r"^\| ([\w-]+), ([\w-]+) \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \|$", page, re.MULTILINE)
    assert len(rows) == len(measured["agreements"]) == 6
    for row, pair in zip(rows, measured["agreements"], strict=True):
        assert row[:2] == (pair["first"], pair["second"])
        assert [float(value) for value in row[2:]] == pytest.approx(list(pair["mean"].values()), abs=0.00501)


def test_the_text_s_own_figures(page, measured):
    means = {(pair["first"], pair["second"]): pair["mean"] for pair in measured["agreements"]}
    text = " ".join(page.split())
    people, layout = means["seed-0", "seed-1"], means["seed-0", "mmi-layout"]
    rims = means["seed-1", "glasses"]
    for words in (
        f"agree by {people['same']:.2f} with the same class, but by {people['other']:.2f} with any other class",
        f"The own part, {people['own']:.2f}, is what",
        f"({layout['same']:.2f}, and {layout['own']:.2f} in the own part)",
        f"({rims['same']:.2f} against {people['same']:.2f})",
        f"({rims['own']:.2f} against {people['own']:.2f})",
    ):
        assert words in text


def two(value):
    return "" if value is None else f"{value:.2f}"


def test_the_fits_are_those_measured(page, measured):
    for name, fit in measured["fits"].items():
        across, down = fit["shift"]
        between = f"{fit['before']:.3f} | {fit['after']:.3f}"
        assert f"| {name} | {fit['scale']:.3f} | {across:.2f}, {down:.2f} | {between} |" in page


def test_share_stability_and_own_part_by_class_are_those_measured(page, measured):
    pairs = {(pair["first"], pair["second"]): pair["classes"] for pair in measured["agreements"]}
    for kind in measured["classes"]:
        steady = (measured["stability"][name]["classes"][kind] for name in measured["sources"])
        own = (pairs["seed-0", other].get(kind, {}).get("own") for other in ("seed-1", "mmi-layout"))
        cells = [kind, *map(two, (measured["share_in_common"][kind], *steady, *own))]
        assert f"| {' | '.join(cells)} |".replace("  |", " |") in page
    assert {found["how"] for found in measured["stability"].values()} == {"halves"}


def test_the_picture_is_small():
    assert (DOCS / "atlas.png").stat().st_size < 400_000
