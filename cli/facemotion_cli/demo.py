"""``facemotion demo`` and ``facemotion demo render``."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import rich_click as click
from click.core import ParameterSource

from facemotion import datasets, leftovers, pipeline
from facemotion.config import DemoSettings, make
from facemotion.errors import ConfigError
from facemotion_cli import completion, endings
from facemotion_cli.choices import Name, listed
from facemotion_cli.options import PATH, executor_options, numbers, old_spelling, size, stage_options
from facemotion_cli.terminal import done, say, shell_line

__all__ = ["command"]

LAYOUTS = list(datasets.layouts())
QUICK = {"subjects": 10, "frames": 4, "size": (184, 240)}
QUICK_OVERRIDES = ("training.generator_epochs=2", "training.joint_epochs=4", "training.joint_constant=2")


def face_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say what the synthetic faces are like; `_settings` reads them."""
    for option in reversed(
        (
            click.option("--subjects", type=int, help="Synthetic people.  [default: 24]"),
            click.option("--frames", type=int, help="Frames a sequence, at least 4.  [default: 4]"),
            click.option("--size", metavar="WxH", help="Width x height of a frame.  [default: 320x245]"),
            click.option("--intensity", type=float, help="Strength of the expressions; 1 is full.  [default: 1]"),
            click.option("--glasses", type=float, help="Share of the people who wear glasses, 0 to 1.  [default: 0]"),
            click.option("--seed", type=int, help="Seed of everything that is drawn.  [default: 0]"),
        )
    ):
        function = option(function)
    return function


def _settings(faces: dict[str, Any], defaults: dict[str, Any]) -> DemoSettings:
    given = {name: size(value, "--size") if name == "size" else value for name, value in faces.items()}
    chosen = {name: value for name, value in given.items() if value is not None}
    return make(DemoSettings, {**defaults, **chosen}, where="demo")


@click.group("demo", invoke_without_command=True)
@face_options
@click.option("--fold", "only", multiple=True, metavar="K,K", help="Folds to train.  [default: 0,5 of ten]")
@old_spelling("--folds", "--fold", "only", multiple=True)
@click.option(
    "--preset",
    default="compact",
    show_default=True,
    metavar="NAME",
    shell_complete=completion.presets,
    help="See `facemotion train`.",
)
@click.option("--quick", is_flag=True, help="A minute's look: fewer, smaller faces, one fold, few epochs.")
@click.option("--output", "-o", type=PATH, default=Path("report.html"), show_default=True, help="The page to write.")
@stage_options
@executor_options
@click.pass_context
def command(
    called: click.Context,
    context: pipeline.Context,
    only: tuple[str, ...],
    preset: str,
    quick: bool,
    output: Path,
    **faces: Any,
) -> None:
    """Render synthetic faces and run everything on them: align, priors, train, report.

    Needs no data. Accuracy on synthetic faces says nothing about real ones.
    """
    if called.invoked_subcommand is not None:
        _refuse_before(called)
        return
    page = pipeline.demo(
        context,
        _settings(faces, QUICK if quick else {}),
        only=numbers(only) or ([0] if quick else [0, 5]),
        preset=preset,
        overrides=QUICK_OVERRIDES if quick else (),
        output=output,
    )
    if not endings.planned(context):
        paths = {"report": page, "bank": page.with_name("demo.npz"), "picture": page.with_name("demo.png")}
        run = shell_line("predict", f"demo-{Path(preset).stem}", "PICTURE")
        figures = {"synthetic": True}
        done(paths=paths, figures=figures, then=[f"open {page}", shell_line("runs"), f"{run}  on a picture of a face"])


def _refuse_before(called: click.Context) -> None:
    """Refuse options of the demo that stand before a subcommand, which has its own: they would have no effect."""
    typed = ParameterSource.COMMANDLINE
    own = [each for each in called.command.params if each.expose_value]  # not --json and --debug
    given = [each.opts[0] for each in own if called.get_parameter_source(each.name or "") is typed]
    if given:
        raise click.UsageError(
            f"{' and '.join(given)} before {called.invoked_subcommand}: give the options after it", called
        )


@command.command("render")
@click.argument("out", type=PATH)
@click.option(
    "--layout", type=Name(LAYOUTS), default="ckplus", show_default=True, help=f"Whose layout: {listed(LAYOUTS)}."
)
@click.option("--clean", is_flag=True, help="Leave out the junk and the quirks that real copies have.")
@face_options
@stage_options
@executor_options
def render(context: pipeline.Context, out: Path, layout: str, clean: bool, **faces: Any) -> None:
    """Render synthetic faces into the folder OUT as a faithful tree of a dataset, to try its commands on."""
    if out.exists() and not context.force:
        raise ConfigError(f"{out} exists; give another folder, or --force to replace it")
    settings = _settings(faces, {})
    write = datasets.layouts()[layout]
    if context.dry:
        write(out, settings, dry=True)
        reason = "--force asks for it" if out.exists() else "there is no such folder yet"
        context.plan(f"{settings.subjects} synthetic subjects as {layout}", "demo render", reason, out)
        endings.planned(context)
        return
    say(f"rendering {settings.subjects} synthetic subjects as {layout}, in {context.workers} processes")
    leftovers.sweep(out.parent, of=out)
    write(
        out,
        settings,
        workers=context.workers,
        executor=context.executor,
        clean=clean,
        progress=context.progress,
    )
    say(f"{settings.subjects} synthetic subjects as {layout} in {out}")
    from facemotion import demo

    say(demo.NOTICE)
    done(paths={"tree": out}, figures={"subjects": settings.subjects, "synthetic": True}, then=_tries(layout, out))


def _tries(layout: str, out: Path) -> list[str]:
    """Return the command that takes a rendered tree."""
    name = next(name for name in datasets.names() if layout in datasets.load(name).layouts)
    return [shell_line("ingest", "--dataset", name, "--root", out)]
