"""``facemotion priors``: show, transfer, merge, compare, atlas, stability, import-fmpn."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click
from click import get_current_context

from facemotion_cli import endings
from facemotion_cli.banks import BANK, checked, import_fmpn, merge, transfer
from facemotion_cli.options import PATH, dry_option, old_spelling
from facemotion_cli.terminal import done, say, shell_line

if TYPE_CHECKING:
    import numpy as np

    from facemotion.pipeline import Context
    from facemotion.priors.compare import Comparison

__all__ = ["command"]

picture_option = click.option("--output", "-o", type=PATH, help="Draw it too, as a .png.")


@click.group("priors")
def command() -> None:
    """Look at prior banks, carry them to other classes or alignments, merge and compare them."""


def _only_planned(context: "Context", of: Path, output: Path | None, *, reason: str = "-o asks for it") -> bool:
    """End a dry run of what draws a picture only where that is asked for; tell whether it was one."""
    if context.dry and output is not None:
        context.plan(of.name, get_current_context().command.name or "", reason, output)
    return endings.planned(context, nothing="nothing would be written: -o asks for a picture, and is not given")


def _names(first: Path, second: Path | None) -> tuple[str, str]:
    """Return what tells two files apart in a picture, without the way to them."""
    if second is None or first.name != second.name:
        return first.name, second.name if second is not None else ""
    return "/".join(first.absolute().parts[-2:]), "/".join(second.absolute().parts[-2:])


def _short_names(paths: tuple[Path, ...]) -> list[str]:
    """Return what tells files apart: their names, with their folders where two have one name."""
    stems = [path.stem for path in paths]
    names = [
        stem if stems.count(stem) == 1 else f"{path.absolute().parent.name}/{stem}"
        for stem, path in zip(stems, paths, strict=True)
    ]
    if len(set(names)) < len(names):
        raise click.UsageError("two of the banks have one name and one folder's name: each must be given once")
    return names


def _matrices(found: "Comparison") -> "tuple[tuple[str, np.ndarray], ...]":
    return ("correlation", found.correlation), ("structural similarity", found.structure)


def _numbers(values: "np.ndarray") -> list[Any]:
    """Return an array as JSON has it: None where there is no value."""
    import numpy as np

    return [_numbers(each) if each.ndim else float(each) if np.isfinite(each) else None for each in values]


@command.command("show")
@click.argument("bank", **BANK)
@picture_option
@click.option("--each-fold", "folds", is_flag=True, help="Draw all folds.")
@old_spelling("--folds", "--each-fold", "folds", is_flag=True)
@click.option("--raw", is_flag=True, help="Draw the mean differences, with a colour bar, instead of the masks.")
@dry_option
def show(context: "Context", bank: Path, output: Path | None, folds: bool, raw: bool) -> None:
    """Say what a bank is, and draw it (the paper's Figure 3)."""
    from facemotion.priors.bank import PriorBank
    from facemotion.priors.describe import describe

    if output is None and (folds or raw):
        raise click.UsageError("--each-fold and --raw are about the picture: give -o FIGURE.png")
    output = None if output is None else checked(output, ".png")
    loaded = PriorBank.load(bank)
    if _only_planned(context, bank, output):
        return
    say(describe(loaded))
    if output is not None:
        from facemotion.priors.figure import draw_bank

        draw_bank(loaded, output, folds=folds, raw=raw)
        say(f"picture in {output}")
    counts = {name: int(n) for name, n in zip(loaded.classes, loaded.count[-1], strict=True)}
    figures = {"folds": loaded.folds, "pairs": counts, "digest": loaded.digest()}
    done(paths={"picture": output}, figures=figures, then=[shell_line("train", "--priors", bank)])


@command.command("compare")
@click.argument("first", **BANK)
@click.argument("second", required=False, **BANK)
@click.option("--each-fold", "folds", is_flag=True, help="Compare each fold of one bank with all subjects.")
@old_spelling("--folds", "--each-fold", "folds", is_flag=True)
@click.option("--fit", "fitted", is_flag=True, help="Bring the second bank to the geometry of the first before.")
@picture_option
@dry_option
def compare(
    context: "Context", first: Path, second: Path | None, folds: bool, fitted: bool, output: Path | None
) -> None:
    """Compare masks: of two banks, of the classes of one bank, or of its folds.

    By correlation and by structural similarity; 1 is the same mask. Ends in what that says. How much of a face a crop
    shows differs between sources: --fit finds the scale and shift that make the mean masks agree best, and says them.
    """
    from facemotion.priors import compare as comparing
    from facemotion.priors import verdicts
    from facemotion.priors.agreement import agreement, compare_fitted
    from facemotion.priors.bank import PriorBank
    from facemotion.priors.fitting import fit_banks

    if folds and second is not None:
        raise click.UsageError("--each-fold is about one bank: leave the second out")
    if fitted and second is None:
        raise click.UsageError("--fit is about two banks: give the second")
    output = None if output is None else checked(output, ".png")
    bank = PriorBank.load(first)
    other = PriorBank.load(second) if second is not None else None
    fit = fit_banks(bank, other) if fitted and other is not None else None
    if folds:
        found = comparing.compare_folds(bank)
    elif fit is not None and other is not None:
        found = compare_fitted(bank, other, fit)
    else:
        found = comparing.compare_banks(bank, other)
    if _only_planned(context, first, output):
        return
    for name, values in _matrices(found):
        say(f"{name}\n{comparing.table(values, found.rows, found.columns)}\n")
    own, others = _names(first, second)
    if other is not None:
        if bank.masks().keys() & other.masks().keys():
            say(f"{verdicts.agreement_words(agreement(bank, other, fit=fit))}\n")
        say(verdicts.pair_words(found))
        if fit is not None:
            say(verdicts.fit_words(fit, own, others))
        if rules := verdicts.unlike(bank, other):
            say(f"note: by themselves these make masks differ: {'; '.join(rules)}")
    else:
        say(verdicts.fold_words(found) if folds else verdicts.class_words(found))
    if output is not None:
        from facemotion.priors.matrices import draw_comparison

        if second is not None:
            title, sides = f"Similarity of masks: {own} with {others}", {"rows": own, "columns": others}
        else:
            title, sides = f"Similarity of masks: {'each fold' if folds else 'classes'} of {own}", {}
            title += " with all subjects" if folds else ""
        draw_comparison(found, output, title=title, **sides)
        say(f"picture in {output}")
    figures = {"rows": found.rows, "columns": found.columns}
    figures |= {name: _numbers(values) for name, values in _matrices(found)}
    done(paths={"picture": output}, figures=figures, then=[shell_line("priors", "stability", first)])


@command.command("atlas")
@click.argument("banks", type=PATH, nargs=-1, required=True, metavar="A.npz B.npz ...")
@click.option("--fit", "fitted", is_flag=True, help="Bring all to the geometry of the first.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="For banks of many folds.")
@click.option(
    "--output",
    "-o",
    type=PATH,
    default=Path("atlas.png"),
    show_default=True,
    help="The picture to write; all figures go beside it, as .json.",
)
@dry_option
def atlas(context: "Context", banks: tuple[Path, ...], fitted: bool, seed: int, output: Path) -> None:
    """Set the masks of several sources side by side: what is common, what differs, what is stable, and where it is.

    Writes a picture of classes by sources, and a JSON file with all figures beside it.
    """
    from facemotion.priors import verdicts
    from facemotion.priors.atlas import make_atlas
    from facemotion.priors.bank import PriorBank
    from facemotion.provenance import provenance
    from facemotion.workspace import digest_file, write_json

    output = checked(output, ".png")
    names = _short_names(banks)
    found = make_atlas(
        {name: PriorBank.load(path) for name, path in zip(names, banks, strict=True)}, fit=fitted, seed=seed
    )
    if context.dry:
        named = ", ".join(names)
        for path in (output, output.with_suffix(".json")):
            context.plan(named, f"atlas ({path.suffix[1:]})", endings.anew(path), path)
        endings.planned(context)
        return
    from facemotion.priors.atlas_figure import draw_atlas

    inputs = {name: digest_file(path) for name, path in zip(names, banks, strict=True)}
    header = provenance("atlas", settings={"fit": fitted}, inputs=inputs, seed=seed)
    draw_atlas(found, output, title=verdicts.atlas_title(found))
    write_json(output.with_suffix(".json"), {"provenance": header, **found.as_json()})
    say(verdicts.atlas_words(found))
    say(f"picture in {output}, all figures in {output.with_suffix('.json')}")
    paths = {"picture": output, "figures": output.with_suffix(".json")}
    done(paths=paths, figures={"banks": names}, then=[f"look at {output}"])


@command.command("stability")
@click.argument("bank", **BANK)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="For banks of many folds.")
@picture_option
@dry_option
def stability(context: "Context", bank: Path, seed: int, output: Path | None) -> None:
    """Say how stable a prior is: correlate the masks that two halves of the subjects give."""
    import numpy as np

    from facemotion.priors import compare as comparing
    from facemotion.priors.bank import PriorBank
    from facemotion.priors.verdicts import stability_words

    output = None if output is None else checked(output, ".png")
    loaded = PriorBank.load(bank)
    found = comparing.stability(loaded, seed=seed)
    if _only_planned(context, bank, output):
        return
    values = np.stack([found.correlation, found.reliability], axis=1)
    say(comparing.table(values, found.classes, ("between halves", "of the whole")))
    say(f"\n{stability_words(found, loaded.folds)}")
    if output is not None:
        from facemotion.priors.matrices import draw_stability

        draw_stability(found, output, title=f"Stability of the masks of {bank.name}")
        say(f"picture in {output}")
    figures = {"classes": found.classes, "halves": _numbers(found.correlation), "whole": _numbers(found.reliability)}
    done(paths={"picture": output}, figures=figures, then=[shell_line("priors", "show", bank)])


for below in (transfer, merge, import_fmpn):
    command.add_command(below)
