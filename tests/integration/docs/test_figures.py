"""Figures in README and docs/performance.md are those of the committed benchmarks."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from facemotion.training.memory import bytes_needed, kept_per_face
from facemotion.training.settings import load_preset

ROOT = Path(__file__).parents[3]


TRIAL = "../trials/ablation_own"
"""Of a trial whose code was not kept."""


def results(name: str) -> dict[str, Any]:
    return json.loads((ROOT / f"benchmarks/results/{name}.json").read_text(encoding="utf-8"))


def gain(first: str, second: str, study: str = "ablation") -> tuple[float, float, float]:
    """Return a paired difference and its interval, in points."""
    (found,) = (pair for pair in results(study)["paired_tests"] if (pair["first"], pair["second"]) == (first, second))
    return 100 * found["difference"], *(100 * end for end in found["interval"])


def signed(low: float, high: float) -> str:
    return f"({low:+.1f} to {high:+.1f})".replace("-", "\N{MINUS SIGN}")


def cost_of_fmpn() -> str:
    difference, low, high = gain("fmpn", "cnn")
    return f"`fmpn` {-difference:.1f} points below `cnn` ({-high:.1f} to {-low:.1f})"


def gain_of_guided() -> str:
    difference, low, high = gain("guided", "cnn")
    return f"`guided` {difference:.1f} above it {signed(low, high)}"


def two_workers() -> str:
    frames, gained = list(results("alignment")["ratios"]["one_worker_over_two"].items())[-1]
    return f"over one, on {int(frames):,} frames | {gained} times"


def right_against_wrong() -> str:
    difference, low, high = gain("guided", "guided@wrong-mask")
    return f"{-difference:.1f} below itself with wrong masks {signed(low, high)}"


def ablation(first: str, second: str) -> str:
    """Return how a comparison stands in the table of docs/ablation.md."""
    (found,) = (
        pair for pair in results("ablation")["paired_tests"] if (pair["first"], pair["second"]) == (first, second)
    )
    difference, low, high = gain(first, second)
    seeds = ", ".join(f"{100 * value + 0.0:+.1f}" for value in found["by_seed"])
    row = f"| {difference:+.1f} | {low:+.1f} to {high:+.1f} | {found['p_holm']:.3f} | {seeds} |"
    return f"{row} {100 * found['detectable']:.1f} |".replace("-", "\N{MINUS SIGN}")


def own_alone(second: str) -> str:
    difference, low, high = gain("guided, own", second, TRIAL)
    return f"{difference:+.1f}".replace("-", "\N{MINUS SIGN}") + "|" + signed(low, high).strip("()")


def alignment(words: str) -> str:
    found = results("alignment")
    return words.format(**found["parts_ms"], **found["ratios"])


def ingest(protocol: str) -> str:
    found = results("affectnet_ingest")["by_rows"]["450000"][protocol]
    return f"{found['seconds']:.0f} s, {found['peak_memory_mb']} MB"


def joint(preset: str, form: str) -> str:
    return f"{results('train_step-cpu')['presets'][preset]['loops']['facemotion']['joint']['images_per_second']:{form}}"


def cpu_step(name: str) -> str:
    rows = [results("cpu_step")["steps"][phase][name] for phase in ("generator", "joint")]
    return " | ".join(f"{row['ms_a_step']} ms, {row['times_as_fast_as_before']} times" for row in rows)


def cpu_floor() -> str:
    return " | ".join(f"{results('cpu_step')['steps'][phase]['floor_ms']} ms" for phase in ("generator", "joint"))


def cpu_accuracy() -> str:
    means = {name: sum(each) / len(each) for name, each in results("cpu_step")["accuracy"]["by_seed"].items()}
    today, half = (100 * means[name] for name in ("today", "today, bf16"))
    return f"{today:.1f} % in float32 and {half:.1f} % in bf16"


def memory(preset: str) -> str:
    """Return what a training of a preset keeps of a face in bf16, and needs, as the network's layers say."""
    settings = load_preset(preset)
    kept = {name: each / 2e6 for name, each in kept_per_face(settings, "fmpn", 7).items()}
    needed = bytes_needed(settings, "fmpn", 7) / 1e9
    return f"`{preset}` | {kept['joint']:.1f} MB | {kept['generator']:.1f} MB | {needed:.1f} GB |"


FIGURES: list[tuple[str, Callable[[], str]]] = [
    ("README.md", cost_of_fmpn),
    ("README.md", gain_of_guided),
    *(
        ("docs/ablation.md", lambda pair=pair: ablation(pair["first"], pair["second"]))
        for pair in results("ablation")["paired_tests"]
    ),
    *(
        ("docs/ablation.md", lambda pair=pair, place=place: own_alone(pair["second"]).split("|")[place])
        for pair in results(TRIAL)["paired_tests"]
        for place in (0, 1)
    ),
    ("README.md", right_against_wrong),
    ("README.md", lambda: alignment("{facenet_over_detect} times less than facenet-pytorch")),
    ("README.md", lambda: alignment("{command_over_parts} times the sum of its parts")),
    (
        "README.md",
        lambda: f"`compact` trains {joint('compact', '.0f')} faces a second and `paper` {joint('paper', '')}",
    ),
    ("docs/performance.md", lambda: alignment("{decode} + {detect} + {warp} ms")),
    ("docs/performance.md", lambda: alignment("over our detection | {facenet_over_detect} times")),
    ("docs/performance.md", lambda: alignment("of its parts | {command_over_parts} times")),
    ("docs/performance.md", two_workers),
    ("docs/performance.md", lambda: f"draw | {ingest('paper')}"),
    ("docs/performance.md", lambda: f"split | {ingest('official')}"),
    ("docs/performance.md", lambda: f"{results('priors_throughput')['crops_per_second']['long_stream']['value']:,}"),
    ("docs/performance.md", lambda: f"CPU cores | {joint('compact', '.0f')} |"),
    ("docs/performance.md", lambda: f"`paper` | {joint('paper', '')} |"),
    ("docs/performance.md", lambda: f"product of as many operations | {cpu_floor()}"),
    ("docs/performance.md", lambda: f"| today | {cpu_step('today')}"),
    ("docs/performance.md", lambda: f"`training.cpu_precision=bf16` | {cpu_step('today, bf16')}"),
    ("docs/performance.md", cpu_accuracy),
    *(("docs/performance.md", partial(memory, preset)) for preset in ("compact", "small", "paper")),
    (
        "docs/performance.md",
        lambda: (
            f"(`compact`) | {results('train_step-cpu')['presets']['compact']['facemotion_over_plain']['joint']} times"
        ),
    ),
]


def test_the_table_of_the_first_hour_is_that_of_its_benchmark():
    page = (ROOT / "docs/first-hour.md").read_text(encoding="utf-8")
    found = results("new_user")
    for step in found["steps"].values():
        assert f"| `{step['command']}` | {step['cpu_seconds']} |" in page
    assert f"| all | {found['total']['cpu_seconds']} |" in page


@pytest.mark.parametrize(("page", "figure"), FIGURES, ids=[f"{page}-{n}" for n, (page, _) in enumerate(FIGURES)])
def test_a_figure_is_that_of_its_benchmark(page, figure):
    assert figure() in " ".join((ROOT / page).read_text(encoding="utf-8").split())
