"""Person-independent folds, and the checks that no subject is on both sides.

``folds.json`` holds ``provenance``, ``scheme``, ``dataset``, ``manifest_digest`` and ``folds``, a list of
``{"fold": 0, "subjects": [...], "test_samples": [...]}``. Subjects are those with expressive frames; test samples are
their expressive frames; whoever is not listed in a fold is in its training part.
"""

import itertools
import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from facemotion import manifest as manifests
from facemotion.config import FoldSettings
from facemotion.errors import ConfigError, DataError, LeakageError
from facemotion.workspace import digest_json, read_json

__all__ = ["build_folds", "check", "deal", "folds_digest", "read_folds"]


def deal(subjects: Sequence[str], folds: int, *, scheme: str = "fmpn") -> list[list[str]]:
    """Deal subjects into folds by their sorted names alone.

    Parameters
    ----------
    subjects : sequence of str
        Distinct subjects, in any order.
    folds : int
        Number of folds.
    scheme : {'fmpn', 'round-robin'}
        ``fmpn``, the authors' rule: chunk k of the n sorted subjects is
        ``subjects[round(k * n / folds):round((k + 1) * n / folds)]`` with Python's rounding (half to even), and fold i
        is chunk ``folds - 1 - i``. It gives back all twenty lists that the FMPN-FER repository publishes.
        ``round-robin``: subject j goes to fold ``j mod folds``, as much of the literature does.

    Returns
    -------
    list of list of str
        The test subjects of each fold, sorted.

    Raises
    ------
    ConfigError
        If there are fewer subjects than folds, or the scheme is not one of the two.

    Examples
    --------
    >>> deal(["S1", "S2", "S3", "S4", "S5"], 2)
    [['S3', 'S4', 'S5'], ['S1', 'S2']]
    >>> deal(["S1", "S2", "S3", "S4", "S5"], 2, scheme="round-robin")
    [['S1', 'S3', 'S5'], ['S2', 'S4']]
    """
    names = sorted(subjects)
    _enough(len(names), folds)
    if scheme == "fmpn":
        cuts = [round(k * len(names) / folds) for k in range(folds + 1)]
        chunks = [names[start:stop] for start, stop in itertools.pairwise(cuts)]
        return chunks[::-1]
    if scheme == "round-robin":
        return [names[fold::folds] for fold in range(folds)]
    raise ConfigError(f"scheme {scheme!r} does not go by names alone: expected 'fmpn' or 'round-robin'")


def build_folds(manifest: pd.DataFrame, settings: FoldSettings, *, header: Mapping[str, Any]) -> dict[str, Any]:
    """Build the content of ``folds.json``.

    Parameters
    ----------
    manifest : pandas.DataFrame
        A manifest; its expressive rows are dealt.
    settings : FoldSettings
        Scheme, number of folds and seed.
    header : mapping
        The provenance header.

    Returns
    -------
    dict
        JSON values; the same for the same manifest whatever the order of its rows.

    Raises
    ------
    ConfigError
        If there are fewer subjects than folds, or the classes do not allow as many stratified folds.
    DataError
        If the manifest has no expressive rows.
    """
    rows = _expressive(manifest)
    if settings.scheme == "stratified":
        dealt = _stratified(rows, settings)
    else:
        dealt = deal(sorted(set(rows["subject"])), settings.folds, scheme=settings.scheme)
    content = {
        "provenance": dict(header),
        "scheme": settings.scheme,
        "dataset": str(rows["dataset"].iloc[0]),
        "manifest_digest": manifests.digest(manifest),
        "folds": [
            {
                "fold": number,
                "subjects": subjects,
                "test_samples": rows["sample_id"][rows["subject"].isin(subjects)].tolist(),
            }
            for number, subjects in enumerate(dealt)
        ],
    }
    check(content, manifest)
    return content


def _expressive(manifest: pd.DataFrame) -> pd.DataFrame:
    rows = manifest[manifest["role"] == "expressive"].sort_values("sample_id", ignore_index=True)
    if rows.empty:
        raise DataError("the manifest has no expressive rows, so there is nothing to deal into folds; ingest again")
    return rows


def _enough(subjects: int, folds: int) -> None:
    if subjects < folds:
        message = f"{folds} folds need at least {folds} subjects, but there are {subjects}"
        raise ConfigError(f"{message}: `facemotion folds --folds N` deals fewer")


def _stratified(rows: pd.DataFrame, settings: FoldSettings) -> list[list[str]]:
    """Group by subject and balance the classes, by scikit-learn's greedy rule with a seeded shuffle."""
    from sklearn.model_selection import StratifiedGroupKFold

    _enough(rows["subject"].nunique(), settings.folds)
    splitter = StratifiedGroupKFold(n_splits=settings.folds, shuffle=True, random_state=settings.seed)
    try:
        with warnings.catch_warnings():
            # a class with fewer images than folds is missing from some test parts; that is the data's nature
            warnings.filterwarnings("ignore", message="The least populated class", category=UserWarning)
            parts = [test for _, test in splitter.split(rows, rows["expression"], rows["subject"])]
    except ValueError as error:
        raise ConfigError(f"{settings.folds} stratified folds are not possible here: {error}") from error
    dealt = [sorted(set(rows["subject"].iloc[test])) for test in parts]
    if not all(dealt):
        message = (
            f"stratified dealing leaves fold {dealt.index([])} of {settings.folds} without subjects; "
            "deal fewer with `facemotion folds --folds N`, or by --scheme fmpn"
        )
        raise ConfigError(message)
    return dealt


def read_folds(path: Path) -> dict[str, Any]:
    """Read ``folds.json`` and check its form; see `check` for its content.

    Raises
    ------
    WorkspaceError
        If the file is missing or is not JSON.
    DataError
        If it is not a file of folds.
    """
    content = read_json(path)
    try:
        folds = content["folds"]
        numbers = [fold["fold"] for fold in folds]
        texts = [content["scheme"], content["dataset"], content["manifest_digest"]]
        texts += [text for fold in folds for text in (*fold["subjects"], *fold["test_samples"])]
        good = numbers == list(range(len(folds))) and len(folds) > 1 and all(isinstance(text, str) for text in texts)
    except (KeyError, TypeError):
        good = False
    if not good:
        message = (
            f"{path} is not a file of folds (scheme, dataset, manifest_digest, folds); run `facemotion folds` again"
        )
        raise DataError(message)
    return content


def check(folds: Mapping[str, Any], manifest: pd.DataFrame) -> None:
    """Check that the folds part this manifest's subjects, each tested exactly once.

    Parameters
    ----------
    folds : mapping
        The content of ``folds.json``.
    manifest : pandas.DataFrame
        The manifest that they are used with.

    Raises
    ------
    LeakageError
        If a subject or a sample is tested in two folds, or a subject's sample is tested in another's fold: it would
        be trained on and tested.
    DataError
        If a subject or sample is missing, or is not in the manifest.
    """
    rows = manifest[manifest["role"] == "expressive"]
    owner = dict(zip(rows["sample_id"], rows["subject"], strict=True))
    for what, listed, known in (
        ("subject", [name for fold in folds["folds"] for name in fold["subjects"]], set(owner.values())),
        ("sample", [name for fold in folds["folds"] for name in fold["test_samples"]], set(owner)),
    ):
        doubled = sorted(name for name, number in Counter(listed).items() if number > 1)
        if doubled:
            raise LeakageError(f"{what} {doubled[0]!r} is tested more than once, so it would be trained on and tested")
        unknown = sorted(set(listed) - known)
        if unknown:
            message = (
                f"the folds name {what} {unknown[0]!r}, which the manifest does not have; run `facemotion folds` again"
            )
            raise DataError(message)
        missing = sorted(known - set(listed))
        if missing:
            message = f"{what} {missing[0]!r} of the manifest is in no fold; run `facemotion folds` again"
            raise DataError(message)
    for fold in folds["folds"]:
        own = set(fold["subjects"])
        for name in fold["test_samples"]:
            if owner[name] not in own:
                message = (
                    f"fold {fold['fold']} tests sample {name!r} of subject {owner[name]!r}, whom it also trains on; "
                    "run `facemotion folds` again"
                )
                raise LeakageError(message)


def folds_digest(folds: Mapping[str, Any]) -> str:
    """Return the SHA-256 of who is tested where, independent of the header and of the scheme's name."""
    return digest_json(
        {
            "dataset": folds["dataset"],
            "folds": [[sorted(fold["subjects"]), sorted(fold["test_samples"])] for fold in folds["folds"]],
        }
    )
