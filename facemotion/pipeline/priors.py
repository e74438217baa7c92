"""The stage ``priors``: a dataset's crops -> a prior bank and its picture."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from facemotion import datasets
from facemotion.config import PriorSettings, make
from facemotion.errors import ConfigError, FacemotionError, PriorError
from facemotion.pipeline.alignment import Align, chosen_alignment
from facemotion.pipeline.context import Context
from facemotion.pipeline.folding import Fold
from facemotion.pipeline.ingestion import chosen_selection
from facemotion.pipeline.stage import Stage, bring
from facemotion.places import Alignment
from facemotion.synthetic import SYNTHETIC, is_synthetic_at
from facemotion.workspace import digest_file

__all__ = ["BuildPriors", "build_priors"]


@dataclass(frozen=True)
class BuildPriors(Stage):
    """Building a bank from one alignment.

    Attributes
    ----------
    alignment : Alignment
        Whose crops.
    bank : Path
        The file; its picture is beside it.
    root : Path or None
        What the user gave with ``--root``.
    """

    alignment: Alignment
    bank: Path
    root: Path | None = None

    name = "priors"
    model = PriorSettings

    @property
    def path(self) -> Path:
        """The bank."""
        return self.bank

    @property
    def title(self) -> str:
        """The alignment."""
        return str(self.alignment)

    @property
    def picture(self) -> Path:
        """The paper's Figure 3 of the bank."""
        return self.path.with_suffix(".png")

    @property
    def written(self) -> tuple[Path, ...]:
        """The picture."""
        return (self.picture,)

    @property
    def locked(self) -> Path:
        """The alignment's folder: nobody may change the crops meanwhile."""
        return self.alignment.folder

    def needs(self, context: Context) -> Sequence[Stage]:
        """Return the alignment and the folds."""
        return [Align(self.alignment, self.root), Fold(self.alignment.selection, self.root)]

    def inputs(self, context: Context) -> Mapping[str, str]:
        """Return the digests of manifest, faces and folds."""
        return {
            "manifest": self.alignment.selection.header["manifest_digest"],
            "faces": digest_file(self.alignment.faces),
            "folds": digest_file(self.alignment.selection.folds),
        }

    def header(self) -> dict[str, Any]:
        """Return the header that the bank holds; empty if it cannot be read."""
        from facemotion.priors.bank import PriorBank

        try:
            return dict(PriorBank.load(self.path).meta.provenance)
        except FacemotionError:
            return {}

    def make(self, context: Context, settings: PriorSettings, header: dict[str, Any]) -> None:
        """Build the bank and draw it."""
        from facemotion.alignment import store
        from facemotion.folds import Folds
        from facemotion.priors import figure, motion

        faces, aligned = store.read_faces(self.alignment.folder)
        selection = self.alignment.selection
        rendered = is_synthetic_at(selection.folder, selection.dataset)
        where = {"selection": selection.name, "alignment": self.alignment.name}
        bank = motion.build_bank(
            store.open_crops(self.alignment.folder, verify=True),
            faces,
            context.manifest(self.alignment.selection.manifest)[0],
            Folds.read(self.alignment.selection.folds),
            settings,
            about=motion.About(
                aligned["alignment"],
                aligned["settings"],
                datasets.load(self.alignment.selection.dataset).info.classes,
                {**header, **where},
                synthetic=rendered,
            ),
            progress=context.progress,
        )
        figure.draw_bank(bank, self.picture)
        bank.save(self.path)  # last: its header marks the stage as done
        counts = ", ".join(f"{name} {count}" for name, count in zip(bank.meta.classes, bank.count[-1], strict=True))
        folds = len(bank.meta.left_out)
        context.say(f"{self.title}: priors of {folds} folds and of all subjects in {self.path} ({counts})")
        if rendered:
            context.say(f"  of {SYNTHETIC}: they say nothing about where real faces move")
        context.say(f"{self.title}: picture in {self.picture}")
        for what, lost in (("not aligned", bank.meta.unaligned), ("without a neutral face", bank.meta.unpaired)):
            if lost:
                each = ", ".join(f"{name} {count}" for name, count in lost.items())
                context.say(f"  {what}, so not in the prior: {each}")


def build_priors(
    context: Context,
    source: str,
    *,
    root: Path | None = None,
    settings: PriorSettings | Mapping[str, Any] | None = None,
    output: Path | None = None,
    selection: str | None = None,
    alignment: str | None = None,
) -> Path:
    """Build the prior bank of a dataset; draw it beside; return its path.

    Parameters
    ----------
    context, root, selection, alignment
        As for `facemotion.pipeline.align`.
    source : str
        The dataset; it needs neutral faces.
    settings : PriorSettings or mapping, optional
        Fields that are not given, or are None, are the paper's, but for the neutral rule, which is the dataset's.
    output : Path, optional
        Where to write the bank; ``SOURCE.npz`` in the current folder by default. The picture is beside it.

    Raises
    ------
    PriorError
        If the dataset has no neutral faces.
    """
    if not datasets.load(source).info.has_neutral:
        others = ", ".join(datasets.with_neutral())
        message = (
            f"{source} has no neutral faces, so no prior can be built from it; build one from one of {others} "
            f"and train with --dataset {source}"
        )
        raise PriorError(message)
    output = output or Path(f"{source}.npz")
    if output.suffix != ".npz":
        raise ConfigError(f"a prior bank is a .npz file, not {output.name!r}: give -o {output.stem}.npz")
    place = chosen_alignment(chosen_selection(context, source, name=selection), name=alignment)
    bring(context, BuildPriors(place, output, root), _chosen(source, settings))
    return output


def _chosen(source: str, settings: PriorSettings | Mapping[str, Any] | None) -> PriorSettings:
    """Return settings; of those not given, the neutral rule is the source's own."""
    if isinstance(settings, PriorSettings):
        return settings
    given = {name: value for name, value in (settings or {}).items() if value is not None}
    return make(PriorSettings, {"neutral": datasets.load(source).info.neutral, **given}, where="build-priors")
