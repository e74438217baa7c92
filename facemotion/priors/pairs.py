"""Which neutral face belongs to which expressive face (the paper, section 3.2)."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from facemotion.errors import ConfigError, PriorError

__all__ = ["Pairs", "find_pairs"]

_ASKED = ["sample_id", "subject", "sequence", "frame", "role", "expression"]


@dataclass(frozen=True)
class Pairs:
    """Expressive crops with their neutral crops.

    Attributes
    ----------
    table : pandas.DataFrame
        A row per pair: ``expressive`` and ``neutral`` (int64 rows of the crop array), ``expression``, ``subject``;
        sorted by neutral, then expressive row, so that the crops are read nearly in order.
    unaligned : dict of str to int
        Expressive frames without a crop, by expression.
    unpaired : dict of str to int
        Expressive crops whose subject (or sequence) has no neutral crop, by expression.
    """

    table: pd.DataFrame
    unaligned: dict[str, int]
    unpaired: dict[str, int]


def find_pairs(manifest: pd.DataFrame, faces: pd.DataFrame, *, rule: str = "subject") -> Pairs:
    """Pair every expressive crop with a neutral one.

    Parameters
    ----------
    manifest : pandas.DataFrame
        The manifest.
    faces : pandas.DataFrame
        ``faces.parquet``: ``sample_id``, ``status`` and ``row`` are used.
    rule : {'subject', 'sequence'}
        ``subject``: all images of a subject share one neutral face (the paper): the earliest neutral frame with a
        crop in the subject's first sequence, in sorted order, that has one. ``sequence``: the earliest neutral frame
        with a crop in the image's own sequence.

    Raises
    ------
    PriorError
        If the two tables are not about the same samples, or nothing can be paired.
    """
    if rule not in ("subject", "sequence"):
        raise ConfigError(f"neutral rule {rule!r} is not known: expected 'subject' or 'sequence'")
    if set(manifest["sample_id"]) != set(faces["sample_id"]):
        message = "faces.parquet and manifest.parquet list different samples; run `facemotion align` again"
        raise PriorError(message)
    rows = manifest[_ASKED].merge(faces[["sample_id", "status", "row"]], on="sample_id", validate="one_to_one")
    cropped = (rows["status"] == "ok").to_numpy()
    expressive, neutral = ((rows["role"] == role).to_numpy() for role in ("expressive", "neutral"))
    usable, calm = expressive & cropped, neutral & cropped
    group = rows.groupby(["subject"] if rule == "subject" else ["subject", "sequence"], sort=False).ngroup().to_numpy()
    crop = np.full(len(rows), -1)
    crop[cropped] = rows["row"].array[cropped]
    backwards = rows[calm].sort_values(["subject", "sequence", "frame", "sample_id"]).index.to_numpy()[::-1]
    first = np.full(len(rows), -1)
    first[group[backwards]] = crop[backwards]  # the earliest of a group is written last
    shared = first[group]
    paired = usable & (shared >= 0)
    if not paired.any():
        message = (
            f"no expressive face can be paired with a neutral one: {expressive.sum()} expressive frames, "
            f"{usable.sum()} of them with a crop, {calm.sum()} neutral crops"
        )
        raise PriorError(message)
    order = np.flatnonzero(paired)
    order = order[np.lexsort((crop[order], shared[order]))]
    table = rows[["expression", "subject"]].take(order).reset_index(drop=True)
    table.insert(0, "expressive", crop[order])
    table.insert(1, "neutral", shared[order])
    return Pairs(
        table=table,
        unaligned=_counts(rows["expression"][expressive & ~cropped]),
        unpaired=_counts(rows["expression"][usable & (shared < 0)]),
    )


def _counts(names: pd.Series) -> dict[str, int]:
    return {str(name): int(number) for name, number in sorted(names.value_counts().items())}
