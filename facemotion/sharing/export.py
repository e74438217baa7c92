"""A dataset's manifest made ready for others: relative paths, checksums and folds; no pictures, no gated labels."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

import facemotion
from facemotion import datasets, manifest, tables
from facemotion.errors import ConfigError, DataError
from facemotion.expressions import ABBREVIATIONS, named
from facemotion.folds import Folds
from facemotion.ingestion.verify import list_digest
from facemotion.provenance import SCHEMA_VERSION
from facemotion.sharing.table import FIELDS, Shared, rows_digest
from facemotion.synthetic import DEMO, is_synthetic_at

__all__ = ["INCLUDED", "IN_NAMES", "LEFT_OUT", "labels_digest", "own_folds", "own_hashes", "share"]

INCLUDED = "included"
LEFT_OUT = "left out"
IN_NAMES = "left out, but the dataset's own names of files and folders state them"


def share(folder: Path, dataset: str, *, with_labels: bool = False) -> Shared:
    """Return what may be shared of a dataset's manifest.

    Parameters
    ----------
    folder : Path
        The dataset's folder in the workspace.
    dataset : str
        Its name.
    with_labels : bool
        Include the expressions of a gated dataset, and the face boxes of its annotations.

    Raises
    ------
    ConfigError
        If names or the label map would give gated labels away.
    DataError
        If ``folds.json`` or ``faces.parquet`` are of another manifest.
    """
    source = datasets.load(dataset)
    info, terms = source.info, source.facts
    rows, header = manifest.read(folder / "manifest.parquet")
    shown = with_labels or not terms.gated
    if not shown and header.get("settings", {}).get("label_map"):
        message = (
            f"the labels of {dataset} are not to be shared unasked, but its folders are its labels, by the label map "
            "that it was ingested with; give --with-labels if you may share them"
        )
        raise ConfigError(message)
    if not shown and not terms.labels_in_names:
        _refuse_disclosing_names(rows)
    folds, hashes = own_folds(folder, rows), own_hashes(folder, rows)
    table = rows.drop(columns="dataset")
    if not shown:
        table = table.drop(columns="expression")
    if rows["region"].isna().all() or (terms.annotated_regions and not shown):
        table = table.drop(columns="region")
    if folds is not None:
        table["fold"] = pd.array([folds.owner.get(subject) for subject in rows["subject"]], dtype="Int16")
    if hashes is not None:
        table["sha256"] = pd.Series([hashes.get(name) for name in rows["sample_id"]], dtype=object)
    table = table[[name for name in FIELDS if name in table]]
    content: dict[str, Any] = {
        "what": "manifest of the frames that facemotion selects from a dataset; no pictures",
        "schema_version": SCHEMA_VERSION,
        "facemotion": facemotion.__version__,
        "dataset": dataset,
        "title": info.title,
        "licence": info.licence,
        "access": info.access,
        "labels": INCLUDED if shown else IN_NAMES if terms.labels_in_names else LEFT_OUT,
        "rows": len(table),
        **({"synthetic": True} if dataset != DEMO and is_synthetic_at(folder, dataset) else {}),  # its name says it
        "ingest_settings": header.get("settings", {}),
        "manifest_digest": manifest.digest(rows),
        "labels_digest": labels_digest(rows),
        "folds": None
        if folds is None
        else {
            "scheme": folds.scheme,
            "folds": len(folds),
            "folds_digest": folds.digest,
        },
        "rows_digest": rows_digest(table),
    }
    return Shared(content, table)


def labels_digest(rows: pd.DataFrame) -> str:
    """Return the SHA-256 of the sorted lines ``sample_id<TAB>expression``: labels can be compared, not read."""
    return list_digest(f"{row.sample_id}\t{row.expression}" for row in rows.itertuples())


def _check_same(path: Path, digest: str | None, rows: pd.DataFrame, stage: str) -> None:
    """Raise `DataError` if a file beside the manifest was made from another one."""
    if digest != manifest.digest(rows):
        again = f"`facemotion {stage} --dataset {path.parent.name}`"
        raise DataError(f"{path} was made for another manifest; run {again} again, or delete it")


def own_folds(folder: Path, rows: pd.DataFrame) -> Folds | None:
    """Return the folds beside a manifest; None if there are none.

    Raises
    ------
    DataError
        If it was made for another manifest.
    """
    path = folder / "folds.json"
    if not path.is_file():
        return None
    folds = Folds.read(path)
    _check_same(path, folds.manifest_digest, rows, "folds")
    folds.check(rows)
    return folds


def own_hashes(folder: Path, rows: pd.DataFrame) -> dict[str, str] | None:
    """Return the SHA-256 of each row's source by ``sample_id``, from ``faces.parquet``; None if there is none.

    Raises
    ------
    DataError
        If it was made for another manifest.
    """
    path = folder / "faces.parquet"
    if not path.is_file():
        return None
    faces, header = tables.read_table(path)
    _check_same(path, header.get("inputs", {}).get("manifest"), rows, "align")
    known = faces[faces["sha256"].notna() & (faces["sha256"] != "")]
    return dict(zip(known["sample_id"], known["sha256"], strict=True))


def _refuse_disclosing_names(rows: pd.DataFrame) -> None:
    """Refuse a manifest whose names of files and folders state the labels that it must not hold.

    Words that all rows have are no labels: a root's subfolder may be called ``happy``.
    """
    expressive = rows[rows["role"] == "expressive"]
    found = [
        frozenset().union(*(_expressions(str(part)) for part in _parts(row))) for row in expressive.to_dict("records")
    ]
    common = frozenset.intersection(*found) if found and expressive["expression"].nunique() > 1 else frozenset()
    for (_, row), own in zip(expressive.iterrows(), found, strict=True):
        if row["expression"] in own - common:
            message = (
                f"the labels of {row['dataset']} are not to be shared unasked, but its names state them: "
                f"{row['source']!r} is {row['expression']}; give --with-labels if you may share them"
            )
            raise ConfigError(message)


def _parts(row: Mapping[Any, Any]) -> Iterable[str]:
    """Return the parts of all names in a row."""
    return (part for name in ("sample_id", "sequence", "subject", "source") for part in str(row[name]).split("/"))


@lru_cache(maxsize=4096)
def _expressions(part: str) -> frozenset[str]:
    """Return the expressions that one part of a path names."""
    words = {word.lower() for word in re.split(r"[^A-Za-z]+", part) if len(word) > 2}
    if part.upper() in ABBREVIATIONS.values():
        words.add(part.lower())
    return frozenset(filter(None, map(named, words)))
