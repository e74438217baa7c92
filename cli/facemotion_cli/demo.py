"""``facemotion demo``."""

from pathlib import Path

import rich_click as click

from facemotion import pipeline
from facemotion.config import DemoSettings, make
from facemotion_cli.options import PATH, context_options, numbers

__all__ = ["command"]

QUICK = {"subjects": 10, "frames": 4, "size": (184, 240)}
QUICK_OVERRIDES = ("training.generator_epochs=2", "training.joint_epochs=4", "training.joint_constant=2")


@click.command("demo")
@click.option("--subjects", type=int, help="Synthetic people.  [default: 24]")
@click.option("--frames", type=int, help="Frames a sequence, at least 4.  [default: 4]")
@click.option("--size", metavar="WxH", help="Width x height of a frame.  [default: 320x245]")
@click.option("--intensity", type=float, help="Strength of the expressions; 1 is full.  [default: 1]")
@click.option("--seed", type=int, help="Seed of everything that is drawn.  [default: 0]")
@click.option("--folds", "only", multiple=True, metavar="K,K", help="Folds to train.  [default: 0,5 of ten]")
@click.option("--preset", default="compact", show_default=True, metavar="NAME", help="See `facemotion train`.")
@click.option("--quick", is_flag=True, help="A minute's look: fewer, smaller faces, one fold, few epochs.")
@click.option("--output", "-o", type=PATH, default=Path("report.html"), show_default=True, help="The page to write.")
@context_options
def command(
    context: pipeline.Context,
    subjects: int | None,
    frames: int | None,
    size: str | None,
    intensity: float | None,
    seed: int | None,
    only: tuple[str, ...],
    preset: str,
    quick: bool,
    output: Path,
) -> None:
    """Render synthetic faces and run everything on them: align, priors, train, report.

    Needs no data. Accuracy on synthetic faces says nothing about real ones.
    """
    given = {"subjects": subjects, "frames": frames, "size": _size(size), "intensity": intensity, "seed": seed}
    chosen = {name: value for name, value in given.items() if value is not None}
    settings = make(DemoSettings, {**(QUICK if quick else {}), **chosen}, where="demo")
    pipeline.demo(
        context,
        settings,
        only=numbers(only) or ([0] if quick else [0, 5]),
        preset=preset,
        overrides=QUICK_OVERRIDES if quick else (),
        output=output,
    )


def _size(text: str | None) -> tuple[int, int] | None:
    """Return (height, width) from ``320x245``, which is width x height as people say it."""
    if text is None:
        return None
    width, cross, height = text.lower().partition("x")
    if not cross or not width.isdigit() or not height.isdigit():
        raise click.BadParameter(f"--size {text}: expected width x height, such as 320x245")
    return int(height), int(width)
