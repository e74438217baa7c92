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
    cropped = rows["status"] == "ok"
    expressive = rows[rows["role"] == "expressive"]
    neutral = rows[(rows["role"] == "neutral") & cropped]
    neutral = neutral.sort_values(["subject", "sequence", "frame", "sample_id"])
    keys = ["subject"] if rule == "subject" else ["subject", "sequence"]
    first = neutral.drop_duplicates(keys)[[*keys, "row"]].rename(columns={"row": "neutral"})
    usable = expressive[expressive["status"] == "ok"].merge(first, on=keys, how="left", validate="many_to_one")
    lacking = usable["neutral"].isna()
    table = usable[~lacking].rename(columns={"row": "expressive"})
    table = table[["expressive", "neutral", "expression", "subject"]].astype(
        {"expressive": np.int64, "neutral": np.int64}
    )
    if table.empty:
        message = (
            f"no expressive face can be paired with a neutral one: {len(expressive)} expressive frames, "
            f"{len(usable)} of them with a crop, {len(neutral)} neutral crops"
        )
        raise PriorError(message)
    return Pairs(
        table=table.sort_values(["neutral", "expressive"], ignore_index=True),
        unaligned=_counts(expressive["expression"][expressive["status"] != "ok"]),
        unpaired=_counts(usable["expression"][lacking]),
    )


def _counts(names: pd.Series) -> dict[str, int]:
    return {str(name): int(number) for name, number in sorted(names.value_counts().items())}
