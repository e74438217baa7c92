"""The figures of docs/demo-faces.md are those of the benchmark, before and after."""

import json
from pathlib import Path
from typing import Any

import pytest

from facemotion.expressions import EXPRESSIONS

ROOT = Path(__file__).parents[3]
WHEN = ("demo_motion_before", "demo_motion")


@pytest.fixture(scope="module")
def page() -> str:
    return (ROOT / "docs/demo-faces.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def measured() -> list[dict[str, Any]]:
    return [json.loads((ROOT / f"benchmarks/results/{name}.json").read_text(encoding="utf-8")) for name in WHEN]


def short(value: float) -> str:
    return f"{value:.2f}".lstrip("0")


def test_the_distances_are_those_measured(page, measured):
    rows = [line.replace("**", "") for line in page.splitlines()]
    for geometry in ("shifted", "features"):
        before, after = (found[geometry] for found in measured)
        shares = " | ".join(f"{100 * found['inside']:.0f} %" for found in (before, after))
        assert f"| `{geometry}`, all | {before['distance']:.3f} | {after['distance']:.3f} | {shares} |" in rows
    before, after = (found["features"]["distance_by_region"] for found in measured)
    for region in before:
        assert f"| `features`, {region} | {before[region]:.3f} | {after[region]:.3f} | | |" in rows


@pytest.mark.parametrize("kind", EXPRESSIONS)
def test_the_energy_of_a_class_is_that_measured(page, measured, kind):
    before, after = (found["features"] for found in measured)
    published = list(zip(*measured[1]["published"][kind].values(), strict=True))
    cells = [
        f"{short(before['energy'][kind][region])} → {short(after['energy'][kind][region])}, "
        + " / ".join(map(short, real))
        for region, real in zip(after["energy"][kind], published, strict=True)
    ]
    hair = f"{short(before['hair'][kind])} → {short(after['hair'][kind])}"
    assert f"| {' | '.join([kind, *cells, hair])} |" in page.splitlines()


def spread(found: dict[str, Any], region: str, kinds: tuple[str, ...] = EXPRESSIONS) -> str:
    values = [found["energy"][kind][region] for kind in kinds]
    return short(values[0]) if len(values) == 1 else f"{short(min(values))} to {short(max(values))}"


DESCRIBED: list[tuple[str, tuple[str, ...]]] = [
    ("nostrils", EXPRESSIONS),
    ("folds", ("contempt", "disgust", "fear", "happiness")),
    ("folds", ("anger", "sadness", "surprise")),
    ("chin", EXPRESSIONS),
    ("chin", ("happiness",)),
    ("mouth", EXPRESSIONS),
    ("forehead", ("sadness", "surprise")),
    ("forehead", ("fear",)),
    ("forehead", ("anger", "contempt", "disgust", "happiness")),
    ("bridge", EXPRESSIONS),
    ("cheeks", ("happiness",)),
    ("eyes", EXPRESSIONS),
    ("brows", EXPRESSIONS),
]
"""Region and classes of each row of the table that sets the figures against what real masks show."""


@pytest.mark.parametrize(("region", "kinds"), DESCRIBED)
def test_the_description_s_figures_are_those_measured(page, measured, region, kinds):
    before, after = (spread(found["features"], region, kinds) for found in measured)
    assert f"| {before} | {after} |" in page


def test_the_hair_s_figures_are_those_measured(page, measured):
    before, after = (sorted(found["features"]["hair"].values()) for found in measured)
    ends = [f"{short(values[0])} to {short(values[-1])}" for values in (before, after)]
    assert f"| {ends[0]} | {ends[1]} |" in page


def test_other_people_come_to_what_the_page_says(page):
    results = ROOT / "benchmarks/results"
    paths = [results / f"demo_motion{when}_seed1.json" for when in ("_before", "")]
    before, after = (json.loads(path.read_text(encoding="utf-8"))["features"] for path in paths)
    near, nearer = before["distance_by_region"], after["distance_by_region"]
    words = (
        f"the distance in all went from {before['distance']:.3f} to {after['distance']:.3f}, "
        f"but that of the eyes from {near['eyes']:.3f} to {nearer['eyes']:.3f} "
        f"and that of the chin from {near['chin']:.3f} to {nearer['chin']:.3f}."
    )
    assert words in " ".join(page.split())


def test_the_picture_is_small():
    assert (ROOT / "docs/demo-motion.png").stat().st_size < 500_000
