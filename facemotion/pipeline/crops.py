"""Faces, labels and folds for other people's trainers."""

from pathlib import Path
from typing import Any

from facemotion.errors import ConfigError
from facemotion.pipeline.alignment import chosen_alignment
from facemotion.pipeline.context import Context
from facemotion.pipeline.ingestion import chosen_selection
from facemotion.pipeline.training import training_inputs
from facemotion.provenance import provenance
from facemotion.synthetic import SYNTHETIC, is_synthetic_at, marked

__all__ = ["export_crops"]

PICTURES = ("crops", "aligned")


def export_crops(
    context: Context,
    dataset: str,
    output: Path,
    *,
    to: str,
    pictures: str = "crops",
    fold: int | None = None,
    root: Path | None = None,
    **place: str | None,
) -> Path:
    """Write the faces that facemotion trains on, with labels and folds; return the folder.

    Parameters
    ----------
    context, dataset, root
        As for `facemotion.pipeline.ingest`.
    output : Path
        The folder to write.
    to : {"webdataset", "imagefolder", "hf"}
        The format.
    pictures : {"crops", "aligned"}
        The 70x70 nose-centred crops, or the 96x112 aligned faces.
    fold : int, optional
        Which fold is ``test``, the others being ``train``. By default a dataset with an official split is parted by
        it, and all faces of another are in the part ``all``.
    **place : str, optional
        ``selection`` and ``alignment``, which choose one where there are several.

    Raises
    ------
    ConfigError
        If the folder exists, or there is no such format, kind of picture or fold.
    FacemotionError
        If the dataset cannot be aligned.
    """
    from facemotion.alignment.store import open_aligned
    from facemotion.sharing import crops
    from facemotion.training.data import fold_part

    if to not in crops.FORMATS:
        raise ConfigError(f"unknown format {to!r}: expected one of {', '.join(crops.FORMATS)}")
    if pictures not in PICTURES:
        raise ConfigError(f"unknown pictures {pictures!r}: expected one of {', '.join(PICTURES)}")
    if output.exists() and not context.force:
        raise ConfigError(f"{output} exists; give another folder, or --force to replace it")
    chosen = chosen_alignment(
        chosen_selection(context, dataset, name=place.get("selection")), name=place.get("alignment")
    )
    if context.dry:
        context.plan(str(chosen), "export-crops", "there is no such folder yet, or --force", output)
        return output
    data, folds, inputs = training_inputs(context.needed(), chosen, root)
    parts = [fold_part(data, folds, number) for number in range(len(folds))]
    table = data.faces(_all(len(data.rows))).assign(row=data.rows, label=data.labels, part="all")
    table["fold"] = crops.fold_of([part.test for part in parts], len(table))
    if fold is not None or folds.is_official:
        folds.of(fold or 0)
        sides = parts[fold or 0]
        table["part"] = ""
        for name, positions in (("train", sides.train), ("test", sides.test)):
            table.loc[positions, "part"] = name
        table = table[table["part"] != ""].sort_values("part", ascending=False, kind="stable")
    shown: Any = data.crops if pictures == "crops" else open_aligned(chosen.folder)
    settings = {"to": to, "pictures": pictures, "fold": fold}
    synthetic = is_synthetic_at(chosen.selection.folder, dataset)
    header = {**marked(provenance("export-crops", settings=settings, inputs=inputs), synthetic), "dataset": dataset}
    columns = ["row", "part", "label", "expression", "sample_id", "subject", "fold"]
    count = crops.write_faces(output, crops.ShownFaces(shown, table[columns], data.classes), to, header=header)
    terms = f"{SYNTHETIC}, rendered" if synthetic else "they are under the dataset's terms"
    context.say(f"{chosen}: {count} faces as {to} in {output}; {terms}")
    return output


def _all(count: int) -> Any:
    import numpy as np

    return np.arange(count)
