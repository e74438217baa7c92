"""``facemotion train``."""

from pathlib import Path
from typing import Any

import rich_click as click

from facemotion import pipeline
from facemotion.models import variants as registry
from facemotion.priors.controls import CONTROLS
from facemotion_cli import completion, endings
from facemotion_cli.options import (
    PATH,
    executor_options,
    numbers,
    old_spelling,
    place_options,
    root_option,
    stage_options,
)
from facemotion_cli.terminal import say

__all__ = ["command"]


@click.command("train")
@click.option("--priors", type=PATH, metavar="FILE", help="A prior bank: a .npz file of build-priors.  [required]")
@click.option(
    "--dataset",
    metavar="NAME",
    shell_complete=completion.datasets,
    help="What to train on.  [default: the prior's own source, fold by fold]",
)
@root_option
@place_options
@click.option(
    "--preset",
    metavar="NAME",
    shell_complete=completion.presets,
    help="paper, released, small, compact or a TOML file.  [default: paper, or compact]",
)
@click.option("--set", "overrides", multiple=True, metavar="FIELD=VALUE", help="Replace a field of the preset.")
@click.option(
    "--pretrained",
    is_flag=False,
    flag_value="",
    metavar="[FILE|RUN]",
    help="Begin with ImageNet weights, of facemotion[pretrained] or timm's hub; or with those of a file or a run.",
)
@click.option("--protocol", type=click.Choice(["paper"]), help="paper: its variants in every fold.")
@click.option("--fold", "only", multiple=True, metavar="K,K", help="Folds to train.  [default: all]")
@old_spelling("--folds", "--fold", "only", multiple=True)
@click.option("--seeds", multiple=True, metavar="S,S", help="Seeds.  [default: 0]")
@click.option(
    "--variant",
    "variants",
    multiple=True,
    metavar="NAME",
    shell_complete=completion.variants,
    help=f"{', '.join(registry.names())}.  [default: the preset's, or {registry.DEFAULT}]",
)
@click.option(
    "--control",
    "controls",
    multiple=True,
    metavar="NAME",
    help=f"Train the variant with other masks too, as VARIANT@NAME: {', '.join(CONTROLS)}.",
)
@click.option("--name", help="Name of the run.  [default: DATASET-PRESET]")
@click.option("--device", help="cpu, cuda or another torch device.  [default: cuda if there is one, else cpu]")
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    help="Trainings at a time on the device.  [default: what its memory and the cores allow]",
)
@click.option("--print-config", is_flag=True, help="Print the settings and stop.")
@stage_options
@executor_options
def command(
    context: pipeline.Context,
    priors: Path | None,
    pretrained: str | None,
    only: tuple[str, ...],
    seeds: tuple[str, ...],
    print_config: bool,
    **given: Any,
) -> None:
    """Train FMPN or its baselines, in folds, each scored at its last epoch.

    The preset paper follows the paper's text, released its authors' code (their weights of the mask loss differ
    a hundredfold), small is for accuracy rather than for the paper, compact for CPUs. Without --preset it is paper on
    a CUDA device and compact on a CPU.
    Writes WORK/runs/NAME: config.json, predictions.parquet, metrics.json, weights, curves; a training each in
    VARIANT/fold-K/seed-S. What was interrupted goes on with the same command.

    The paper's experiment, with its table beside the published one: --preset paper --pretrained --protocol paper
    """
    weights = None if pretrained is None else Path(pretrained) if pretrained else True
    if print_config:
        preset, overrides, device = given["preset"], given["overrides"], given["device"]
        say(pipeline.describe_preset(preset, overrides, pretrained=weights, device=device))
        return
    if priors is None:
        raise click.UsageError("give a prior bank with --priors; `facemotion build-priors` makes one")
    chosen = {"only": numbers(only), "seeds": numbers(seeds) or [0], "pretrained": weights}
    run = pipeline.train(context, pipeline.TrainRequest(priors=priors, **chosen, **given))
    if not endings.planned(context):
        endings.trained(run)
