"""The stage ``build-priors``: a dataset's crops -> a prior bank and its picture."""

from pathlib import Path
from typing import Any

from facemotion import datasets, manifest
from facemotion.config import PriorSettings
from facemotion.errors import ConfigError, FacemotionError, PriorError
from facemotion.pipeline.alignment import align
from facemotion.pipeline.context import Context, current
from facemotion.pipeline.dataset import folds
from facemotion.workspace import digest_file, provenance

__all__ = ["build_priors"]


def build_priors(
    context: Context,
    source: str,
    *,
    root: Path | None = None,
    settings: PriorSettings | None = None,
    output: Path | None = None,
) -> Path:
    """Build the prior bank of a dataset; draw it beside; return its path.

    Parameters
    ----------
    context, root
        As for `ingest`.
    source : str
        The dataset; it needs neutral faces.
    settings : PriorSettings, optional
        The paper's by default.
    output : Path, optional
        Where to write the bank; ``SOURCE.npz`` in the current folder by default. The picture is beside it.

    Raises
    ------
    PriorError
        If the dataset has no neutral faces.
    """
    from facemotion import folds as scheme
    from facemotion.alignment import store
    from facemotion.priors import figure, motion

    info = datasets.load(source).info
    if not info.has_neutral:
        message = (
            f"{source} has no neutral faces, so no prior can be built from it; build one from another dataset "
            f"({', '.join(datasets.with_neutral())}) and train with --dataset {source}"
        )
        raise PriorError(message)
    output = output or Path(f"{source}.npz")
    if output.suffix != ".npz":
        raise ConfigError(f"a prior bank is a .npz file, not {output.name!r}: give -o {output.stem}.npz")
    align(context.needed(), source, root=root, named=False)
    fold_path = folds(context.needed(), source, root=root, named=False)
    folder = context.workspace.dataset(source)
    settings = settings or PriorSettings()
    rows, above = manifest.read(folder / "manifest.parquet")
    faces, aligned = store.read_faces(folder)
    inputs = {
        "manifest": above["manifest_digest"],
        "faces": digest_file(folder / "faces.parquet"),
        "folds": digest_file(fold_path),
    }
    header = provenance("priors", settings=settings.as_json(), inputs=inputs)
    picture = output.with_suffix(".png")
    if not context.force and output.is_file() and picture.is_file():
        if current(_bank_header(output), header, named=True):
            context.say(f"{source}: priors are up to date ({output})")
            return output
    bank = motion.build_bank(
        store.open_crops(folder),
        faces,
        rows,
        scheme.read_folds(fold_path),
        settings,
        alignment=aligned["alignment"],
        alignment_settings=aligned["settings"],
        classes=info.classes,
        header=header,
        progress=context.progress,
    )
    bank.save(output)
    figure.draw_bank(bank, picture)
    counts = ", ".join(f"{name} {count}" for name, count in zip(bank.meta.classes, bank.count[-1], strict=True))
    context.say(f"{source}: priors of {len(bank.meta.left_out)} folds and of all subjects in {output} ({counts})")
    context.say(f"{source}: picture in {picture}")
    for what, lost in (("not aligned", bank.meta.unaligned), ("without a neutral face", bank.meta.unpaired)):
        if lost:
            named = ", ".join(f"{name} {count}" for name, count in lost.items())
            context.say(f"  {what}, so not in the prior: {named}")
    return output


def _bank_header(path: Path) -> dict[str, Any]:
    """Return the header of a prior bank; empty if it cannot be read."""
    from facemotion.priors.bank import PriorBank

    try:
        return dict(PriorBank.load(path).meta.provenance)
    except FacemotionError:
        return {}
