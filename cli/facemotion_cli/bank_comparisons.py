"""The commands of ``facemotion priors`` that compare: compare, atlas, stability."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from facemotion_cli import endings
from facemotion_cli.banks import BANK, checked, only_planned, picture_option
from facemotion_cli.options import PATH, dry_option, old_spelling
from facemotion_cli.terminal import done, say, shell_line

if TYPE_CHECKING:
    import numpy as np

    from facemotion.pipeline import Context
    from facemotion.priors.compare import Comparison
    from facemotion.synthetic import Amount

__all__ = ["atlas", "compare", "stability"]


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


def _said(synthetic: "Mapping[str, Amount]") -> dict[str, str]:
    """Return which banks are of rendered faces, and how much of each, as JSON has it."""
    return {name: str(amount) for name, amount in synthetic.items() if amount}


def _numbers(values: "np.ndarray") -> list[Any]:
    """Return an array as JSON has it: None where there is no value."""
    import numpy as np

    return [_numbers(each) if each.ndim else float(each) if np.isfinite(each) else None for each in values]


@click.command("compare")
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
    if only_planned(context, first, output):
        return
    for name, values in _matrices(found):
        say(f"{name}\n{comparing.table(values, found.rows, found.columns)}\n")
    own, others = _names(first, second)
    synthetic = {own: bank.meta.synthetic, **({others: other.meta.synthetic} if other is not None else {})}
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
    for line in verdicts.synthetic_words(synthetic):
        say(line)
    if output is not None:
        from facemotion.priors.matrices import draw_comparison
        from facemotion.synthetic import named

        if second is not None:
            rows, columns = (named(name, synthetic[name]) for name in (own, others))
            title, sides = f"Similarity of masks: {rows} with {columns}", {"rows": own, "columns": others}
        else:
            what = "each fold" if folds else "classes"
            title, sides = f"Similarity of masks: {what} of {named(own, synthetic[own])}", {}
            title += " with all subjects" if folds else ""
        draw_comparison(found, output, title=title, **sides)
        say(f"picture in {output}")
    figures = {"rows": found.rows, "columns": found.columns, "synthetic": _said(synthetic)}
    figures |= {name: _numbers(values) for name, values in _matrices(found)}
    done(paths={"picture": output}, figures=figures, then=[shell_line("priors", "stability", first)])


@click.command("atlas")
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
    done(paths=paths, figures={"banks": names, "synthetic": _said(found.synthetic)}, then=[f"look at {output}"])


@click.command("stability")
@click.argument("bank", **BANK)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="For banks of many folds.")
@picture_option
@dry_option
def stability(context: "Context", bank: Path, seed: int, output: Path | None) -> None:
    """Say how stable a prior is: correlate the masks that two halves of the subjects give."""
    import numpy as np

    from facemotion.priors import compare as comparing
    from facemotion.priors.bank import PriorBank
    from facemotion.priors.verdicts import stability_words, synthetic_words
    from facemotion.synthetic import named

    output = None if output is None else checked(output, ".png")
    loaded = PriorBank.load(bank)
    found = comparing.stability(loaded, seed=seed)
    if only_planned(context, bank, output):
        return
    values = np.stack([found.correlation, found.reliability], axis=1)
    say(comparing.table(values, found.classes, ("between halves", "of the whole")))
    say(f"\n{stability_words(found, loaded.folds)}")
    synthetic = {bank.name: loaded.meta.synthetic}
    for line in synthetic_words(synthetic):
        say(line)
    if output is not None:
        from facemotion.priors.matrices import draw_stability

        draw_stability(found, output, title=f"Stability of the masks of {named(bank.name, loaded.meta.synthetic)}")
        say(f"picture in {output}")
    figures = {"classes": found.classes, "halves": _numbers(found.correlation), "whole": _numbers(found.reliability)}
    figures["synthetic"] = _said(synthetic)
    done(paths={"picture": output}, figures=figures, then=[shell_line("priors", "show", bank)])
