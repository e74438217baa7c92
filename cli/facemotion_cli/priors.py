"""``facemotion priors``: show, transfer, merge, compare, stability, import-fmpn."""

from pathlib import Path

import rich_click as click

from facemotion.workspace import Workspace
from facemotion_cli.options import PATH

__all__ = ["command"]

BANK = {"type": PATH, "metavar": "P.npz"}
output_option = click.option("--output", "-o", type=PATH, required=True, help="The bank to write (.npz).")
picture_option = click.option("--output", "-o", type=PATH, help="Draw it too, as a .png.")


@click.group("priors")
def command() -> None:
    """Look at prior banks, carry them to other classes or alignments, merge and compare them."""


def _checked(path: Path, suffix: str) -> Path:
    if path.suffix != suffix:
        raise click.BadParameter(f"{path.name!r} is not a {suffix} file: give -o {path.stem}{suffix}")
    return path


@command.command("show")
@click.argument("bank", **BANK)
@picture_option
@click.option("--folds", is_flag=True, help="Draw all folds.")
@click.option("--raw", is_flag=True, help="Draw the mean differences, with a colour bar, instead of the masks.")
def show(bank: Path, output: Path | None, folds: bool, raw: bool) -> None:
    """Say what a bank is, and draw it (the paper's Figure 3)."""
    from facemotion.priors.bank import PriorBank
    from facemotion.priors.describe import describe

    if output is None and (folds or raw):
        raise click.UsageError("--folds and --raw are about the picture: give -o FIGURE.png")
    loaded = PriorBank.load(bank)
    click.echo(describe(loaded))
    if output is not None:
        from facemotion.priors.figure import draw_bank

        draw_bank(loaded, _checked(output, ".png"), folds=folds, raw=raw)
        click.echo(f"picture in {output}")


@command.command("transfer")
@click.argument("bank", **BANK)
@click.option("--to", "space", metavar="SPACE", help="Label space: basic6, basic7, affectnet7 or affectnet8.")
@click.option("--align-to", "dataset", metavar="DATASET", help="Take over the alignment of an aligned dataset.")
@click.option("--face-size", type=int, nargs=2, metavar="H W", help="Another size of aligned face.")
@click.option("--crop-size", type=int, nargs=2, metavar="H W", help="Another size of crop.")
@click.option("--work", type=PATH, help="Workspace, for --align-to [default: $FACEMOTION_WORK or ./facemotion-work].")
@output_option
def transfer(
    bank: Path,
    space: str | None,
    dataset: str | None,
    face_size: tuple[int, int] | None,
    crop_size: tuple[int, int] | None,
    work: Path | None,
    output: Path,
) -> None:
    """Carry a bank to another label space, crop size or alignment.

    Classes that the target lacks are dropped; those that the bank lacks get no mask, and train without mask loss.
    """
    from facemotion.config import AlignSettings, make
    from facemotion.expressions import label_space
    from facemotion.priors.bank import PriorBank
    from facemotion.priors.describe import describe
    from facemotion.priors.transfer import to_alignment, to_classes

    if space is None and dataset is None and face_size is None and crop_size is None:
        raise click.UsageError("nothing to do: give --to, --align-to, --face-size or --crop-size")
    if dataset is not None and (face_size is not None or crop_size is not None):
        raise click.UsageError("--align-to takes the sizes from the dataset: leave --face-size and --crop-size out")
    loaded, output = PriorBank.load(bank), _checked(output, ".npz")
    if space is not None:
        loaded = to_classes(loaded, label_space(space))
    if dataset is not None:
        from facemotion.manifest import read_table

        header = read_table(Workspace(work).dataset(dataset) / "faces.parquet")[1]
        loaded = to_alignment(loaded, make(AlignSettings, header["settings"], where=f"alignment of {dataset}"))
    elif face_size is not None or crop_size is not None:
        changes = {"face_size": face_size, "crop_size": crop_size}
        values = {**loaded.meta.alignment_settings, **{name: size for name, size in changes.items() if size}}
        loaded = to_alignment(loaded, make(AlignSettings, values, where="transfer"))
    loaded.save(output)
    click.echo(describe(loaded))
    click.echo(f"transferred bank in {output}")


@command.command("merge")
@click.argument("banks", type=PATH, nargs=-1, required=True, metavar="P.npz P.npz ...")
@output_option
def merge(banks: tuple[Path, ...], output: Path) -> None:
    """Merge banks into one, weighted by their counts."""
    from facemotion.priors import transfer
    from facemotion.priors.bank import PriorBank
    from facemotion.priors.describe import describe

    output = _checked(output, ".npz")
    merged = transfer.merge([PriorBank.load(path) for path in banks])
    merged.save(output)
    click.echo(describe(merged))
    click.echo(f"merged bank in {output}")


@command.command("compare")
@click.argument("first", **BANK)
@click.argument("second", required=False, **BANK)
@click.option("--folds", is_flag=True, help="Compare each fold of one bank with all subjects.")
@picture_option
def compare(first: Path, second: Path | None, folds: bool, output: Path | None) -> None:
    """Correlate masks: of two banks, of the classes of one bank, or of its folds."""
    from facemotion.priors import compare as comparing
    from facemotion.priors.bank import PriorBank

    if folds and second is not None:
        raise click.UsageError("--folds is about one bank: leave the second out")
    bank = PriorBank.load(first)
    other = PriorBank.load(second) if second is not None else None
    found = comparing.compare_folds(bank) if folds else comparing.compare_banks(bank, other)
    for name, values in (("correlation", found.correlation), ("structural similarity", found.structure)):
        click.echo(f"{name}\n{comparing.table(values, found.rows, found.columns)}\n")
    if other is not None:
        click.echo(f"classes whose closest mask in the other bank is their own: {found.recognised():.0%}")
    if output is not None:
        from facemotion.priors.figure import draw_matrix

        target = f"{other.meta.dataset}" if other is not None else ("all subjects" if folds else "itself")
        title = f"Correlation of masks: {bank.meta.dataset} with {target}"
        draw_matrix(found.correlation, found.rows, found.columns, _checked(output, ".png"), title=title)
        click.echo(f"picture in {output}")


@command.command("stability")
@click.argument("bank", **BANK)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="For banks of many folds.")
def stability(bank: Path, seed: int) -> None:
    """Say how stable a prior is: correlate the masks that two halves of the subjects give."""
    import numpy as np

    from facemotion.priors import compare as comparing
    from facemotion.priors.bank import PriorBank

    found = comparing.stability(PriorBank.load(bank), seed=seed)
    values = np.stack([found.correlation, found.reliability], axis=1)
    click.echo(comparing.table(values, found.classes, ("between halves", "of the whole")))
    number = found.splits.max()
    click.echo(
        f"correlation of the masks of two halves of the subjects, mean over at most {number} ways to halve them,"
    )
    click.echo("and what follows for the masks of all subjects (Spearman-Brown)")


@command.command("import-fmpn")
@click.argument("folder", type=PATH, metavar="DIR")
@output_option
def import_fmpn(folder: Path, output: Path) -> None:
    """Import the masks that a checkout of FMPN-FER has in datasets/CKPlus or datasets/MMI."""
    from facemotion.priors.describe import describe
    from facemotion.priors.fmpn_masks import import_masks

    output = _checked(output, ".npz")
    bank = import_masks(folder)
    bank.save(output)
    click.echo(describe(bank))
    click.echo(f"imported bank in {output}")
