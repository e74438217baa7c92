"""``facemotion export``."""

from pathlib import Path

import rich_click as click

from facemotion import pipeline
from facemotion_cli import completion, endings
from facemotion_cli.options import PATH, cell_options, stage_options
from facemotion_cli.terminal import done, shell_line

__all__ = ["command"]


@click.command("export")
@click.argument("run", metavar="RUN", shell_complete=completion.runs)
@click.option("--output", "-o", type=PATH, default=Path("model.onnx"), show_default=True, help="The file to write.")
@cell_options
@stage_options
def command(
    context: pipeline.Context, run: str, output: Path, variant: str | None, fold: int | None, seed: int | None
) -> None:
    """Write a training as one ONNX file: uint8 crops in, probabilities and masks out, for batches of any size.

    RUN is a training run, by its name in WORK/runs or its folder. The file is compared with torch before it is kept;
    its metadata says what `facemotion predict` needs.
    """
    pipeline.export(context, run, output, variant=variant, fold=fold, seed=seed)
    if endings.planned(context):
        return
    from facemotion.runs import Run
    from facemotion.runs.synthetic import trained_on_synthetic

    synthetic = trained_on_synthetic(Run.find(context.workspace, run))
    done(paths={"model": output}, figures={"synthetic": synthetic}, then=[shell_line("predict", output, "PICTURE")])
