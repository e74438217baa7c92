"""Asks on synthetic faces whether mask priors help, and whether it has to be the right mask.

Five arms on the same crops, folds and seeds: the paper's three variants (``fmpn``, ``no-mask-loss``, ``cnn``) and two
of `facemotion.priors.controls`, ``fmpn`` guided by another class's mask (``wrong-mask``) and by the mean of all
classes' masks (``mean-mask``). Every training is one thread, two at a time, in a folder of its own: a stopped study
goes on where it was. Run ``python benchmarks/ablation.py --work DIR``; ``--seeds 0,1,2,3,4 --folds 3 --intensity 0.5``.

Accuracy on synthetic faces says nothing about real ones.
"""

import argparse
import itertools
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pandas as pd
import record

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
from facemotion.priors.controls import CONTROLS, apply_control
from facemotion.workspace import Workspace

ARMS = {
    "fmpn": ("fmpn", "demo.npz"),
    "no-mask-loss": ("no-mask-loss", "demo.npz"),
    "cnn": ("cnn", "demo.npz"),
    "wrong-mask": ("fmpn", "wrong-mask.npz"),
    "mean-mask": ("fmpn", "mean-mask.npz"),
}
"""Variant and bank of each arm; that of a control has its name."""
COMPARED = (
    ("fmpn", "cnn"),
    ("fmpn", "no-mask-loss"),
    ("no-mask-loss", "cnn"),
    ("fmpn", "wrong-mask"),
    ("fmpn", "mean-mask"),
)


def prepare(work: Path, settings: DemoSettings, folds: int) -> Path:
    """Render, align, deal into folds and build the right and the wrong priors; return the frames' root."""
    context = Context(Workspace(work), workers=2)
    stage = Render(demo_selection(context, settings))
    bring(context, stage, settings)
    root = stage.path.parent
    pipeline.align(context, "demo", root=root)
    pipeline.folds(context, "demo", root=root, settings=FoldSettings(folds=folds))
    bank = PriorBank.load(pipeline.build_priors(context, "demo", root=root, output=work / "demo.npz"))
    for arm in ARMS.keys() & CONTROLS.keys():
        apply_control(bank, arm).save(work / ARMS[arm][1])
    return root


def run_name(arm: str, seed: int) -> str:
    return f"{arm}-{seed}"


def train(work: Path, root: Path, arm: str, seed: int, overrides: list[str]) -> None:
    """Train all folds of an arm with one seed, in a process with one thread."""
    variant, bank = ARMS[arm]
    command = ["train", "--priors", str(work / bank), "--dataset", "demo", "--root", str(root), "--work", str(work)]
    command += ["--preset", "compact", "--variant", variant, "--seeds", str(seed), "--name", run_name(arm, seed)]
    command += [f"--set={override}" for override in overrides]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    script = "import torch; torch.set_num_threads(1); from facemotion_cli.root import main; main()"
    subprocess.run([sys.executable, "-c", script, *command], check=True, env=environment, stdout=subprocess.DEVNULL)
    print(f"done: {arm}, seed {seed}", flush=True)


def collect(work: Path, seeds: list[int]) -> pd.DataFrame:
    """Return the predictions of all arms in one table, the arm in place of the variant."""
    tables = []
    for arm, seed in itertools.product(ARMS, seeds):
        table, _ = predictions.read(work / "runs" / run_name(arm, seed) / "predictions.parquet")
        tables.append(table.assign(variant=arm))
    return predictions.merge(tables, EXPRESSIONS)


def study(table: pd.DataFrame) -> dict[str, Any]:
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
        for arm in ARMS
    }
    tests = with_holm([paired_test(table, first, second) for first, second in COMPARED])
    of_fmpn = {test["second"]: test for test in tests if test["first"] == "fmpn"}
    verdict = mask_verdict(of_fmpn["cnn"], {name: test for name, test in of_fmpn.items() if name in CONTROLS})
    power = power_words(of_fmpn["cnn"])
    return {"arms": arms, "paired_tests": tests, "verdict": verdict, "power": power}


def as_markdown(result: dict[str, Any]) -> str:
    """Return the study as tables."""
    lines = ["| arm | pooled accuracy | 95 % interval over subjects | deviation over seeds |", "|---|---|---|---|"]
    for arm, row in result["arms"].items():
        low, high = (100 * value for value in row["interval"]["pooled"])
        spread = row["over_seeds"]["deviation"]
        deviation = "" if spread is None else f"{100 * spread:.1f}"
        lines.append(f"| {arm} | {100 * row['accuracy']['pooled']:.1f} % | {low:.1f} to {high:.1f} | {deviation} |")
    lines += ["", "| comparison | difference in points | 95 % interval | p (Holm) |", "|---|---|---|---|"]
    for test in result["paired_tests"]:
        low, high = (100 * value for value in test["interval"])
        pair, points = f"{test['first']} - {test['second']}", 100 * test["difference"]
        lines.append(f"| {pair} | {points:+.1f} | {low:+.1f} to {high:+.1f} | {test['p_holm']:.3f} |")
    lines += ["", f"{result['verdict']}; {result['power']}"]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True, help="where trainings go; kept, so that a study can go on")
    parser.add_argument("--subjects", type=int, default=24)
    parser.add_argument("--folds", type=int, default=3)
    parser.add_argument("--seeds", default="0,1,2,3,4")
    parser.add_argument("--intensity", type=float, default=0.5, help="strength of the expressions; 1 is full")
    parser.add_argument("--set", dest="overrides", action="append", default=[], metavar="FIELD=VALUE")
    parser.add_argument("--output", type=Path, default=record.RESULTS / "ablation.json")
    arguments = parser.parse_args()
    seeds = [int(seed) for seed in arguments.seeds.split(",")]
    faces = DemoSettings(subjects=arguments.subjects, intensity=arguments.intensity)
    root = prepare(arguments.work, faces, arguments.folds)
    with ThreadPoolExecutor(2) as pool:
        jobs = [
            pool.submit(train, arguments.work, root, arm, seed, arguments.overrides)
            for seed, arm in itertools.product(seeds, ARMS)
        ]
        for job in jobs:
            job.result()
    options = f"--subjects {arguments.subjects} --folds {arguments.folds} --seeds {arguments.seeds}"
    options += f" --intensity {arguments.intensity}" + "".join(f" --set {each}" for each in arguments.overrides)
    result = study(collect(arguments.work, seeds))
    record.write(
        arguments.output,
        question="do mask priors help on synthetic faces, and does it have to be the right mask?",
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
