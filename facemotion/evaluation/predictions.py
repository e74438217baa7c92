"""The table of predictions: schema, validation, reading, writing and merging.

A row is one test image scored by one model: ``sample_id``, ``subject``, ``fold``, ``seed``, ``variant``,
``expression`` (the true one), ``predicted``, and ``p_<class>`` for every class, in class order.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from facemotion.errors import DataError, LeakageError
from facemotion.expressions import EXPRESSIONS, NEUTRAL
from facemotion.tables import read_arrow, typed, write_table

__all__ = ["classes_of", "merge", "read", "schema", "table", "validate", "write"]

_TEXT = ("sample_id", "subject", "variant", "expression", "predicted")
_NUMBERS = ("fold", "seed")
_KEY = ["variant", "seed", "sample_id"]
_PREFIX = "p_"
SUM_TOLERANCE = 1e-2
"""How far a row of probabilities may be from 1: bf16 models give about three digits."""


def schema(classes: Sequence[str]) -> pa.Schema:
    """Return the columns of a table of predictions in these classes."""
    return pa.schema(
        [
            pa.field("sample_id", pa.string(), nullable=False),
            pa.field("subject", pa.string(), nullable=False),
            pa.field("fold", pa.int32(), nullable=False),
            pa.field("seed", pa.int32(), nullable=False),
            pa.field("variant", pa.string(), nullable=False),
            pa.field("expression", pa.string(), nullable=False),
            pa.field("predicted", pa.string(), nullable=False),
            *(pa.field(f"{_PREFIX}{name}", pa.float32(), nullable=False) for name in classes),
        ]
    )


def table(
    faces: pd.DataFrame,
    probabilities: NDArray[np.float32],
    classes: Sequence[str],
    *,
    variant: str,
    fold: int,
    seed: int,
) -> pd.DataFrame:
    """Return what one model says of faces as predictions.

    Parameters
    ----------
    faces : pandas.DataFrame
        ``sample_id``, ``subject`` and ``expression`` of n faces.
    probabilities : float32 array of shape (n, K)
        Of each.
    classes : sequence of str
        In order; the most probable is what is predicted.
    variant, fold, seed
        Which model.
    """
    frame = faces[["sample_id", "subject", "expression"]].assign(
        fold=np.int32(fold),
        seed=np.int32(seed),
        variant=variant,
        predicted=np.array(classes)[probabilities.argmax(axis=1)],
    )
    frame[[f"{_PREFIX}{name}" for name in classes]] = probabilities
    return frame


def classes_of(frame: pd.DataFrame) -> tuple[str, ...]:
    """Return the classes that a table of predictions has columns for, in order.

    Raises
    ------
    DataError
        If there is none, or one is no canonical expression.
    """
    names = tuple(str(name)[len(_PREFIX) :] for name in frame.columns if str(name).startswith(_PREFIX))
    wrong = [name for name in names if name not in (*EXPRESSIONS, NEUTRAL)]
    if wrong or not names:
        found = f"p_{wrong[0]} is not one" if wrong else "there is none"
        raise DataError(f"predictions need a column p_<class> for every expression, but {found}")
    return names


def validate(frame: pd.DataFrame, classes: Sequence[str] | None = None, *, every_fold: bool = False) -> pd.DataFrame:
    """Check predictions and return them in canonical form: columns in order, sorted by variant, seed and sample.

    Parameters
    ----------
    frame : pandas.DataFrame
        Predictions, in any order of rows and columns.
    classes : sequence of str, optional
        The classes that it must have; those of its columns by default.
    every_fold : bool
        Each fold's model scores every image, which is of a dataset that none was trained on. Else an image, and a
        subject, is tested in one fold.

    Raises
    ------
    DataError
        If a column is missing or unknown, a value is not allowed, or an image is scored twice by one variant and seed
        (and fold, with `every_fold`).
    LeakageError
        If a subject is tested in two folds of one variant and seed.
    """
    names = tuple(classes) if classes is not None else classes_of(frame)
    columns = schema(names).names
    if set(frame.columns) != set(columns):
        lacking, extra = sorted(set(columns) - set(frame.columns)), sorted(set(frame.columns) - set(columns))
        parts = [f"lack {', '.join(lacking)}"] * bool(lacking) + [f"have unknown {', '.join(extra)}"] * bool(extra)
        raise DataError(f"predictions {' and '.join(parts)}; expected {', '.join(columns)}")
    if frame.empty:
        raise DataError("there are no predictions: the table has no rows")
    frame = frame[columns].copy()
    for name in _TEXT:
        frame[name] = frame[name].astype(str)
    for name in _NUMBERS:
        if not pd.api.types.is_integer_dtype(frame[name]) or (frame[name] < 0).any():
            raise DataError(f"column {name!r} of the predictions must hold whole numbers from 0")
        frame[name] = frame[name].astype(np.int32)
    for name in ("expression", "predicted"):
        if not set(frame[name].unique()).issubset(names):
            row = frame[~frame[name].isin(names)].iloc[0]
            raise DataError(f"sample {row['sample_id']!r} has {name} {row[name]!r}; the classes are {', '.join(names)}")
    _check_probabilities(frame, names)
    key = [*_KEY, "fold"] if every_fold else _KEY
    frame = frame.sort_values(key, kind="stable", ignore_index=True)
    _check_once(frame, key)
    if not every_fold:
        _check_folds(frame)
    return frame


def _check_probabilities(frame: pd.DataFrame, names: tuple[str, ...]) -> None:
    columns = [f"{_PREFIX}{name}" for name in names]
    given = frame[columns]
    values = given.to_numpy(dtype=np.float32)
    if set(given.dtypes) != {np.dtype(np.float32)}:
        frame[columns] = values
    good = np.isfinite(values).all(axis=1) & (values >= 0).all(axis=1)
    good &= np.abs(np.where(np.isfinite(values), values, 0).sum(axis=1) - 1) <= SUM_TOLERANCE
    if not good.all():
        row = frame.iloc[int(np.argmin(good))]
        message = f"probabilities of sample {row['sample_id']!r} are not a distribution: {row[columns].tolist()}"
        raise DataError(message)
    position = pd.Index(names).get_indexer(pd.Index(frame["predicted"]))
    likely = values[np.arange(len(values)), position] == values.max(axis=1)
    if not likely.all():
        row = frame.iloc[int(np.argmin(likely))]
        message = f"sample {row['sample_id']!r} is predicted {row['predicted']!r}, which is not its most probable class"
        raise DataError(message)


def _check_once(frame: pd.DataFrame, key: Sequence[str]) -> None:
    double = frame.duplicated(list(key))
    if double.any():
        row = frame[double].iloc[0]
        message = (
            f"sample {row['sample_id']!r} is scored more than once by variant {row['variant']!r} "
            f"with seed {row['seed']}; each image is tested in one fold"
        )
        raise DataError(message)


def _check_folds(frame: pd.DataFrame) -> None:
    folds = frame[["variant", "seed", "subject", "fold"]].drop_duplicates()
    split = folds.duplicated(["variant", "seed", "subject"])
    if split.any():
        row = folds[split].iloc[0]
        message = f"subject {row['subject']!r} is tested in two folds, so it was also trained on; the folds leak"
        raise LeakageError(message)


def merge(frames: Iterable[pd.DataFrame], classes: Sequence[str] | None = None) -> pd.DataFrame:
    """Put predictions of folds, seeds and variants into one table; duplicates are refused.

    Raises
    ------
    DataError
        If there is nothing to merge, classes differ, or an image is scored twice by one variant and seed.
    """
    parts = list(frames)
    if not parts:
        raise DataError("there are no predictions to merge")
    names = tuple(classes) if classes is not None else classes_of(parts[0])
    for part in parts:
        if classes_of(part) != names:
            message = (
                f"predictions in {', '.join(classes_of(part))} cannot be merged with predictions in {', '.join(names)}"
            )
            raise DataError(message)
    return validate(pd.concat(parts, ignore_index=True), names)


def write(path: Path, frame: pd.DataFrame, *, header: Mapping[str, Any], every_fold: bool = False) -> None:
    """Validate predictions and write them as parquet with their provenance header, atomically."""
    frame = validate(frame, every_fold=every_fold)
    write_table(path, frame, schema=schema(classes_of(frame)), header=dict(header))


def read(path: Path, *, every_fold: bool = False) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Read and validate predictions; return them with their provenance header.

    Raises
    ------
    ManifestError
        If the file is missing or is not parquet.
    DataError, LeakageError
        If it breaks the schema; see `validate`.
    """
    table, header = read_arrow(path)
    names = [name.removeprefix(_PREFIX) for name in table.column_names if name.startswith(_PREFIX)]
    frame = typed(table, schema(names), path).to_pandas()
    return validate(frame, every_fold=every_fold), header
