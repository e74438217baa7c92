"""``facemotion align``."""

from pathlib import Path
from typing import Any

import rich_click as click

from facemotion import pipeline
from facemotion.alignment.settings import AlignSettings
from facemotion.config import make
from facemotion_cli.options import PATH, context_options, dataset_option, root_option, selection_options

__all__ = ["command"]


@click.command("align")
@dataset_option()
@root_option
@click.option("--landmarks", metavar="SOURCE", help="mtcnn, precomputed or insightface.  [default: mtcnn]")
@click.option("--table", type=PATH, help="Landmarks for precomputed: a parquet or csv file.")
@click.option("--model-pack", type=PATH, help="Models for insightface: a folder such as buffalo_l, or its det_*.onnx.")
@click.option("--min-face", type=float, help="Smallest face, as a share of the picture's shorter side.")
@click.option("--fit", metavar="POINTS", help="five-points or eyes-nose.  [default: five-points]")
@click.option("--crop-centre", metavar="WHERE", help="nose or template.  [default: nose]")
@click.option(
    "--max-failures", type=click.IntRange(min=0), metavar="N", help="Exit with 1 if more than N frames have no crop."
)
@selection_options
@context_options
def command(
    context: pipeline.Context,
    dataset: str,
    root: Path | None,
    options: dict[str, Any],
    landmarks: str | None,
    table: Path | None,
    model_pack: Path | None,
    min_face: float | None,
    fit: str | None,
    crop_centre: str | None,
    max_failures: int | None,
) -> None:
    """Locate each frame's face and write the 96x112 aligned face and the 70x70 crop.

    Writes faces.parquet (a row a frame, with a status), aligned/, crops/ and contact-sheet.png. A frame that
    cannot be used is a row with its reason, never an abort; see --max-failures.
    """
    given = {"source": landmarks, "min_face": min_face, "table": table, "model_pack": model_pack}
    source = {name: value for name, value in given.items() if value is not None}
    settings = make(
        AlignSettings,
        {"landmarks": source or None, "fit": fit, "crop_centre": crop_centre},
        where="align",
    )
    counts = pipeline.align(context, dataset, root=root, options=options, settings=settings)
    failed = sum(counts.values()) - counts.get("ok", 0)
    if max_failures is not None and failed > max_failures:
        raise click.ClickException(f"{failed} frames have no crop, more than the {max_failures} of --max-failures")
