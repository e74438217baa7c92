"""The commands of ``facemotion priors`` that make a bank: transfer, merge, import-fmpn; and what all of them share."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click
from click import get_current_context

from facemotion_cli import endings
from facemotion_cli.options import PATH, dry_option, size
from facemotion_cli.terminal import done, note, say, shell_line

if TYPE_CHECKING:
    from facemotion.pipeline import Context
    from facemotion.priors.bank import PriorBank

__all__ = ["BANK", "checked", "import_fmpn", "merge", "only_planned", "picture_option", "transfer"]

BANK = {"type": PATH, "metavar": "P.npz"}


picture_option = click.option("--output", "-o", type=PATH, help="Draw it too, as a .png.")


def output_option(default: str) -> Any:
    """Return ``--output``, whose default is said in words."""
    return click.option("--output", "-o", type=PATH, help=f"The bank to write (.npz).  [default: {default}]")


class _WithSizes(click.RichCommand):
    """Takes a size as it was written once too: ``--face-size 112 96``, height and width."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Join a size that is given as two words."""
        for place, word in enumerate(args):
            height, width = (*args[place + 1 : place + 3], "", "")[:2]
            if word in ("--face-size", "--crop-size") and height.isdigit() and width.isdigit():
                note(f"{word} {height} {width} is written {word} {width}x{height} now, width x height")
                joined = [*args[: place + 1], f"{width}x{height}", *args[place + 3 :]]
                return self.parse_args(ctx, joined)
        return super().parse_args(ctx, args)


def checked(path: Path, suffix: str) -> Path:
    """Return a path to write to; refuse one of another suffix."""
    if path.suffix != suffix:
        raise click.BadParameter(f"{path.name!r} is not a {suffix} file: give -o {path.stem}{suffix}")
    return path


def only_planned(context: "Context", of: Path, output: Path | None, *, reason: str = "-o asks for it") -> bool:
    """End a dry run of what draws a picture only where that is asked for; tell whether it was one."""
    if context.dry and output is not None:
        context.plan(of.name, get_current_context().command.name or "", reason, output)
    return endings.planned(context, nothing="nothing would be written: -o asks for a picture, and is not given")


_MADE = {"transfer": "transferred", "merge": "merged", "import-fmpn": "imported"}


def _end(context: "Context", made: "PriorBank", output: Path, how: str, of: str) -> None:
    """Write a bank that a command made, say what it is, and end; of a dry run, say what would be written."""
    from facemotion.priors.describe import describe

    if context.dry:
        context.plan(of, how, endings.anew(output), output)
        endings.planned(context)
        return
    made.save(output)
    say(describe(made))
    say(f"{_MADE[how]} bank in {output}")
    then = [shell_line("priors", "show", output), shell_line("train", "--priors", output)]
    done(paths={"bank": output}, figures={"synthetic": str(made.meta.synthetic)}, then=then)


@click.command("transfer", cls=_WithSizes)
@click.argument("bank", **BANK)
@click.option("--to", "space", metavar="SPACE", help="Label space: basic6, basic7, affectnet7 or affectnet8.")
@click.option("--align-to", "target", metavar="NAME", help="Take over the alignment of a dataset, or of a P.npz.")
@click.option("--face-size", metavar="WxH", help="Another size of aligned face: width x height.")
@click.option("--crop-size", metavar="WxH", help="Another size of crop.")
@click.option("--work", type=PATH, help="Workspace, for --align-to [default: $FACEMOTION_WORK or ./facemotion-work].")
@output_option("P-transferred.npz")
@dry_option
def transfer(
    context: "Context",
    bank: Path,
    space: str | None,
    target: str | None,
    face_size: str | None,
    crop_size: str | None,
    output: Path | None,
) -> None:
    """Carry a bank to another label space, crop size or alignment.

    Classes that the target lacks are dropped; those that the bank lacks get no mask, and train without mask loss.
    """
    from facemotion.alignment.settings import AlignSettings
    from facemotion.config import make
    from facemotion.expressions import label_space
    from facemotion.priors.bank import PriorBank
    from facemotion.priors.transfer import alignment_of, to_alignment, to_classes

    if space is None and target is None and face_size is None and crop_size is None:
        raise click.UsageError("nothing to do: give --to, --align-to, --face-size or --crop-size")
    if target is not None and (face_size is not None or crop_size is not None):
        raise click.UsageError("--align-to takes the sizes over too: leave --face-size and --crop-size out")
    loaded = PriorBank.load(bank)
    output = checked(output or Path(f"{bank.stem}-transferred.npz"), ".npz")
    if space is not None:
        loaded = to_classes(loaded, label_space(space))
    if target is not None:
        loaded = to_alignment(loaded, alignment_of(target, context.workspace))
    elif face_size is not None or crop_size is not None:
        changes = {"face_size": size(face_size, "--face-size"), "crop_size": size(crop_size, "--crop-size")}
        values = {**loaded.meta.alignment_settings, **{name: value for name, value in changes.items() if value}}
        loaded = to_alignment(loaded, make(AlignSettings, values, where="transfer"))
    _end(context, loaded, output, "transfer", bank.name)


@click.command("merge")
@click.argument("banks", type=PATH, nargs=-1, required=True, metavar="P.npz P.npz ...")
@output_option("merged.npz")
@dry_option
def merge(context: "Context", banks: tuple[Path, ...], output: Path | None) -> None:
    """Merge banks into one, weighted by their counts."""
    from facemotion.priors import merging
    from facemotion.priors.bank import PriorBank

    output = checked(output or Path("merged.npz"), ".npz")
    merged = merging.merge([PriorBank.load(path) for path in banks])
    _end(context, merged, output, "merge", ", ".join(path.name for path in banks))


@click.command("import-fmpn")
@click.argument("folder", type=PATH, metavar="DIR")
@output_option("fmpn.npz")
@dry_option
def import_fmpn(context: "Context", folder: Path, output: Path | None) -> None:
    """Import the masks that a checkout of FMPN-FER has in datasets/CKPlus or datasets/MMI."""
    from facemotion.priors.fmpn_masks import import_masks

    output = checked(output or Path("fmpn.npz"), ".npz")
    _end(context, import_masks(folder), output, "import-fmpn", folder.name)
