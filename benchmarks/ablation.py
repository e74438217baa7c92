"""Asks on synthetic faces whether guidance by a motion prior helps, and whether it has to be the right mask.

Arms on the same crops, folds and seeds: the classifier alone, the published network, and the forms of guidance in
`facemotion.models.variants`; ``VARIANT@CONTROL`` is guided by the masks of one of `facemotion.priors.controls`. Every
training is one thread, two at a time, in a folder of its own: a stopped study goes on where it was. Run
``python benchmarks/ablation.py --work DIR``; ``--set FIELD=VALUE`` replaces fields of the preset. On a GPU,
``--device cuda --jobs N``.

Accuracy on synthetic faces says nothing about real ones.
"""

import argparse
import itertools
import multiprocessing
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any

import pandas as pd
import record
import torch

from facemotion import pipeline
from facemotion.config import DemoSettings, FoldSettings
from facemotion.evaluation import predictions
from facemotion.evaluation.compare import paired_test
from facemotion.evaluation.metrics import summarise
from facemotion.evaluation.statistics import mask_verdict, power_words, with_holm
from facemotion.expressions import EXPRESSIONS
from facemotion.pipeline import Context
from facemotion.pipeline.rendering import Render, demo_selection
from facemotion.pipeline.stage import bring
from facemotion.priors.bank import PriorBank
from facemotion.priors.controls import apply_control
from facemotion.workspace import Workspace

ARMS = {
    "cnn": ("cnn", ()),
    "fmpn": ("fmpn", ()),
    "fmpn-identity": ("fmpn-identity", ()),
    "fmpn-attention, head": ("fmpn-attention", ("model.attention_mask=head",)),
    "fmpn-attention, generator": ("fmpn-attention", ("model.attention_mask=generator",)),
    "guided": ("guided", ()),
    "guided@wrong-mask": ("guided", ()),
    "fmpn-attention, head@wrong-mask": ("fmpn-attention", ("model.attention_mask=head",)),
    "no-mask-loss": ("no-mask-loss", ()),
    "fmpn@wrong-mask": ("fmpn", ()),
    "fmpn@mean-mask": ("fmpn", ()),
    "guided@mean-mask": ("guided", ()),
}
"""Variant and settings of each arm; what follows an @ is the control whose masks guide it."""
DEFAULT = tuple(ARMS)[:8]
BASELINE = "cnn"


def control_of(arm: str) -> str:
    """Return the control whose masks guide an arm; empty for the right masks."""
    return arm.partition("@")[2]


def compared(arms: Sequence[str]) -> list[tuple[str, str]]:
    """Return what is compared: each rightly guided arm with the classifier alone, and with its own controls."""
    right = [arm for arm in arms if not control_of(arm) and arm != BASELINE]
    pairs = [(arm, BASELINE) for arm in right if BASELINE in arms]
    return pairs + [(arm, each) for arm in right for each in arms if each.startswith(f"{arm}@")]


def prepare(work: Path, settings: DemoSettings, folds: int, controls: Iterable[str]) -> Path:
    """Render, align, deal into folds and build the right and the wrong priors; return the frames' root."""
    context = Context(Workspace(work), workers=2)
    stage = Render(demo_selection(context, settings))
    bring(context, stage, settings)
    root = stage.path.parent
    pipeline.align(context, "demo", root=root)
    pipeline.folds(context, "demo", root=root, settings=FoldSettings(folds=folds))
    bank = PriorBank.load(pipeline.build_priors(context, "demo", root=root, output=work / "demo.npz"))
    for name in controls:
        apply_control(bank, name).save(work / f"{name}.npz")
    return root


def run_name(arm: str, seed: int) -> str:
    return f"{arm.replace(', ', '-').replace('@', '-with-')}-{seed}"


def train(work: Path, root: Path, arm: str, seed: int, *, preset: str, overrides: Sequence[str], device: str) -> str:
    """Train all folds of an arm with one seed, with one thread; return what was done."""
    variant, own = ARMS[arm]
    request = pipeline.TrainRequest(
        priors=work / f"{control_of(arm) or 'demo'}.npz",
        dataset="demo",
        root=root,
        preset=preset,
        overrides=(*overrides, *own),
        variants=(variant,),
        seeds=(seed,),
        name=run_name(arm, seed),
        device=device,
    )
    torch.set_num_threads(1)
    started = time.process_time()
    pipeline.train(Context(Workspace(work), workers=1, say=lambda text: None), request)
    return f"done: {arm}, seed {seed}, {time.process_time() - started:.0f} s of one core"


def collect(work: Path, plan: Iterable[tuple[str, int]]) -> pd.DataFrame:
    """Return the predictions of all arms in one table, the arm in place of the variant."""
    tables = []
    for arm, seed in plan:
        table, _ = predictions.read(work / "runs" / run_name(arm, seed) / "predictions.parquet")
        tables.append(table.assign(variant=arm))
    return predictions.merge(tables, EXPRESSIONS)


def study(table: pd.DataFrame, names: Sequence[str]) -> dict[str, Any]:
    """Return accuracies with intervals over subjects, the paired tests, and what follows from them."""
    metrics = summarise(table, EXPRESSIONS)["variants"]
    arms = {
        arm: {
            "accuracy": metrics[arm]["accuracy"],
            "interval": metrics[arm]["interval"],
            "over_seeds": {
                "pooled": [row["pooled"] for row in metrics[arm]["seeds"]],
                "deviation": metrics[arm]["spread"]["seeds"],
            },
            "recall": {name: row["recall"] for name, row in metrics[arm]["per_class"].items()},
        }
        for arm in names
    }
    tests = with_holm([paired_test(table, first, second) for first, second in compared(names)])
    verdicts = {}
    for arm in dict.fromkeys(test["first"] for test in tests):
        own = {test["second"]: test for test in tests if test["first"] == arm}
        base = own.pop(BASELINE, None)
        verdicts[arm] = {
            "verdict": mask_verdict(base, {control_of(name): test for name, test in own.items()}),
            "power": power_words(base) if base else None,
        }
    return {"arms": arms, "paired_tests": tests, "verdicts": verdicts}


def as_markdown(result: dict[str, Any]) -> str:
    """Return the study as tables."""
    lines = ["| arm | pooled accuracy | 95 % interval over subjects | deviation over seeds |", "|---|---|---|---|"]
    for arm, row in result["arms"].items():
        low, high = (100 * value for value in row["interval"]["pooled"])
        spread = row["over_seeds"]["deviation"]
        deviation = "" if spread is None else f"{100 * spread:.1f}"
        lines.append(f"| {arm} | {100 * row['accuracy']['pooled']:.1f} % | {low:.1f} to {high:.1f} | {deviation} |")
    lines += [
        "",
        "| comparison | difference in points | 95 % interval | p (Holm) | each seed |",
        "|---|---|---|---|---|",
    ]
    for test in result["paired_tests"]:
        low, high = (100 * value for value in test["interval"])
        pair, points = f"{test['first']} - {test['second']}", 100 * test["difference"]
        seeds = " ".join(f"{100 * value:+.1f}" for value in test["by_seed"])
        lines.append(f"| {pair} | {points:+.1f} | {low:+.1f} to {high:+.1f} | {test['p_holm']:.3f} | {seeds} |")
    lines += ["", *(f"- {arm}: {found['verdict']}; {found['power']}" for arm, found in result["verdicts"].items())]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True, help="where trainings go; kept, so that a study can go on")
    parser.add_argument("--subjects", type=int, default=24)
    parser.add_argument("--folds", type=int, default=3)
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--arms", default=";".join(DEFAULT), help=f"separated by semicolons, of {'; '.join(ARMS)}")
    parser.add_argument(
        "--once", default="", help="arms that are trained with the first seed alone, since they are slow"
    )
    parser.add_argument("--preset", default="small")
    parser.add_argument("--intensity", type=float, default=0.5, help="strength of the expressions; 1 is full")
    parser.add_argument("--set", dest="overrides", action="append", default=[], metavar="FIELD=VALUE")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--jobs", type=int, default=2, help="trainings at a time, each with one thread of the CPU")
    parser.add_argument("--output", type=Path, default=record.RESULTS / "ablation.json")
    arguments = parser.parse_args()
    seeds = [int(seed) for seed in arguments.seeds.split(",")]
    arms = [arm.strip() for arm in arguments.arms.split(";")]
    once = [arm.strip() for arm in arguments.once.split(";") if arm.strip()]
    plan = [(arm, seed) for seed, arm in itertools.product(seeds, arms) if seed == seeds[0] or arm not in once]
    controls = sorted({control_of(arm) for arm in arms} - {""})
    faces = DemoSettings(subjects=arguments.subjects, intensity=arguments.intensity)
    root = prepare(arguments.work, faces, arguments.folds, controls)
    how = {"preset": arguments.preset, "overrides": arguments.overrides, "device": arguments.device}
    with ProcessPoolExecutor(arguments.jobs, mp_context=multiprocessing.get_context("spawn")) as pool:
        jobs = [pool.submit(train, arguments.work, root, arm, seed, **how) for arm, seed in plan]
        for job in as_completed(jobs):
            print(job.result(), flush=True)
    options = f"--preset {arguments.preset} --subjects {arguments.subjects} --folds {arguments.folds}"
    options += f" --seeds {arguments.seeds} --intensity {arguments.intensity}"
    options += "".join(f" --set {each}" for each in arguments.overrides) + (
        f" --once '{arguments.once}'" if once else ""
    )
    options += "" if arguments.device == "cpu" else f" --device {arguments.device} --jobs {arguments.jobs}"
    options += "" if arms == list(DEFAULT) else f" --arms '{arguments.arms}'"
    result = study(collect(arguments.work, plan), arms)
    record.write(
        arguments.output,
        question="does guidance by mask priors help on synthetic faces, and does it have to be the right mask?",
        command=f"python benchmarks/ablation.py {options}",
        packages=("torch", "timm"),
        note="synthetic faces: accuracy on them says nothing about real ones",
        threads_each=1,
        faces=faces.as_json(),
        **result,
    )
    print(as_markdown(result))


if __name__ == "__main__":
    main()
