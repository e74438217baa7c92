"""A shared manifest compared with one's own: which rows are missing, additional or different."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from facemotion import manifest
from facemotion.config import FileSetting
from facemotion.folds import Folds
from facemotion.sharing.export import labels_digest
from facemotion.sharing.settings import effective
from facemotion.sharing.table import Shared, plain

__all__ = ["Comparison", "compare"]

_PLAIN = ("subject", "sequence", "frame", "role", "expression", "rotate", "split")


@dataclass(frozen=True)
class Comparison:
    """What `compare` found.

    Attributes
    ----------
    dataset : str
        The dataset.
    intact : bool
        Whether the shared file holds the rows that were exported.
    identical : bool
        Whether the whole manifests are the same, labels and paths included.
    rows : int
        Rows in both.
    missing, additional : list of str
        ``sample_id`` of rows that one's own manifest lacks, and that only it has.
    different : mapping of str to list of str
        ``sample_id`` of rows that differ, by column.
    unread : list of str
        ``sample_id`` of rows with a shared checksum and none of one's own, since the file cannot be read.
    elsewhere : int
        Rows whose source has the same name in another folder: the dataset was unpacked another way.
    labels : bool or None
        Whether all labels agree; None if that cannot be told, since rows are missing or additional.
    not_compared : list of str
        What could not be compared, and why.
    settings : tuple of mapping, or None
        Settings of the ingest, shared and own, where they differ.
    doubtful : bool
        Whether the settings, and the folders of some sources, differ, and no checksum tells whether these are the
        same: Oulu-CASIA's frames have the same names in each light.
    last_align : bool
        Whether one's own checksums are those that the last align took, since the files are not known.
    """

    dataset: str
    intact: bool
    identical: bool
    rows: int
    missing: list[str] = field(default_factory=list)
    additional: list[str] = field(default_factory=list)
    different: Mapping[str, list[str]] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)
    elsewhere: int = 0
    labels: bool | None = None
    not_compared: list[str] = field(default_factory=list)
    settings: tuple[Mapping[str, Any], Mapping[str, Any]] | None = None
    doubtful: bool = False
    last_align: bool = False

    @property
    def ok(self) -> bool:
        """Whether nothing is missing, additional, different or unreadable."""
        apart = self.missing or self.additional or self.different or self.unread
        return self.intact and self.labels is True and not self.doubtful and not apart

    def as_text(self, *, most: int = 10) -> str:
        """Return lines for a terminal, with at most `most` names each."""
        lines = []
        if not self.intact:
            lines.append("the shared file was changed after it was exported: its rows do not have its own digest")
        if self.identical:
            lines.append(f"{self.dataset}: the manifests are the same, {self.rows} rows")
        else:
            lines.append(f"{self.dataset}: {self.rows} rows in both")
        if self.settings is not None:
            lines.append(_settings(*self.settings))
        for what, names in (("missing in yours", self.missing), ("only in yours", self.additional)):
            lines += _listed(what, names, most)
        for column, names in self.different.items():
            lines += _listed(f"another {column}", names, most)
        lines += _listed("no checksum of yours, since the file cannot be read", self.unread, most)
        if self.elsewhere:
            verdict = "and can be others, by the settings" if self.doubtful else "which is no difference"
            lines.append(f"{self.elsewhere} sources have the same names in other folders, {verdict}")
        if "expression" not in self.different and self.labels is not None:
            lines.append("labels: all agree" if self.labels else "labels: some differ (compared by digest)")
        if self.last_align:
            lines.append(
                "checksums are those of your last align, since no root is known: give --root to take them anew"
            )
        lines += [f"not compared: {sentence}" for sentence in self.not_compared]
        lines.append("verified" if self.ok else "NOT VERIFIED")
        return "\n".join(lines)


def compare(
    shared: Shared,
    rows: pd.DataFrame,
    *,
    settings: Mapping[str, Any] | None = None,
    folds: Folds | None = None,
    hashes: Mapping[str, str] | None = None,
) -> Comparison:
    """Compare a shared manifest with another manifest of the same dataset.

    Parameters
    ----------
    shared : Shared
        The shared one.
    rows : pandas.DataFrame
        One's own; see `facemotion.manifest`.
    settings : mapping, optional
        The settings that one's own was made with.
    folds : Folds, optional
        One's own.
    hashes : mapping of str to str, optional
        SHA-256 of one's own sources by ``sample_id``; of those that cannot be read there is none.
    """
    theirs, ours = shared.rows.set_index("sample_id"), rows.set_index("sample_id")
    both = theirs.index.intersection(ours.index)
    missing, additional = theirs.index.difference(ours.index), ours.index.difference(theirs.index)
    theirs, ours = theirs.loc[both], ours.loc[both]
    unequal = {name: theirs[name].to_numpy() != ours[name].to_numpy() for name in _PLAIN if name in theirs}
    names = [np.array([path.rpartition("/")[2] for path in table["source"]], object) for table in (theirs, ours)]
    unequal["source"] = names[0] != names[1]
    moved = (theirs["source"].to_numpy() != ours["source"].to_numpy()) & ~unequal["source"]
    not_compared, unread = [], np.zeros(len(both), bool)
    if "region" in theirs:
        unequal["region"] = _region(theirs["region"]) != _region(ours["region"])
    if "fold" in theirs and folds is None:
        not_compared.append(f"folds, since you have none: run `facemotion folds --dataset {shared.header['dataset']}`")
    elif "fold" in theirs and folds is not None:
        owner = folds.owner
        own = np.array([owner.get(subject, -1) for subject in ours["subject"]])
        unequal["fold"] = theirs["fold"].fillna(-1).to_numpy(int) != own
    if "sha256" in theirs and hashes is None:
        not_compared.append("checksums, since nothing of yours is aligned and no root is known: give --root")
    elif "sha256" in theirs and hashes is not None:
        given = theirs["sha256"].notna().to_numpy()
        own = np.array([hashes.get(name, "") for name in both], dtype=object)
        unread = given & (own == "")
        unequal["sha256"] = given & ~unread & (theirs["sha256"].to_numpy(object) != own)
    different = {name: sorted(both[where]) for name, where in unequal.items() if where.any()}
    labels = None
    if "labels_digest" not in shared.header:
        not_compared.append("labels, since the shared file has lost their digest")
    elif len(missing) or len(additional):
        not_compared.append("labels, since they are compared by a digest of all rows")
    else:
        labels = shared.header["labels_digest"] == labels_digest(rows) and "expression" not in different
    intact, apart = shared.intact, None
    if settings is not None:
        name = shared.header["dataset"]
        pair = [effective(name, each) for each in (shared.header.get("ingest_settings", {}), settings)]
        apart = (pair[0], pair[1]) if pair[0] != pair[1] else None
    hashed = "sha256" in theirs and hashes is not None and bool(theirs["sha256"].notna()[moved].all())
    return Comparison(
        dataset=shared.header["dataset"],
        intact=intact,
        identical=intact and shared.header.get("manifest_digest") == manifest.digest(rows),
        rows=len(both),
        missing=sorted(missing),
        additional=sorted(additional),
        different=different,
        unread=sorted(both[unread]),
        elsewhere=int(moved.sum()),
        doubtful=apart is not None and bool(moved.any()) and not hashed,
        labels=labels,
        not_compared=not_compared,
        settings=apart,
    )


def _region(column: pd.Series) -> np.ndarray:
    """Return regions as texts, so that they can be compared."""
    return np.array([None if value is None else np.asarray(value, np.float32).tobytes() for value in column], object)


def _listed(what: str, names: list[str], most: int) -> list[str]:
    if not names:
        return []
    rest = f" and {len(names) - most} more" if len(names) > most else ""
    return [f"{what}: {len(names)} rows: {', '.join(map(plain, names[:most]))}{rest}"]


def _settings(theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> str:
    """Say in which settings two ingests differ."""
    parts = [
        f"{plain(name)} is {_setting(theirs.get(name))} in the shared file and {_setting(ours.get(name))} in yours"
        for name in sorted({*theirs, *ours})
        if theirs.get(name) != ours.get(name)
    ]
    again = "to use those of the shared file, verify with a --work in which nothing is ingested"
    return f"ingested with other settings: {'; '.join(parts)} ({again})"


def _setting(value: Any) -> str:
    if isinstance(value, FileSetting):
        return plain(f"{value.name} ({value.sha256[:12]}...)")
    return "not given" if value is None else plain(repr(value), most=200)
