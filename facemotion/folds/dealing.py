"""Dealing subjects into person-independent folds, by three rules."""

import itertools
import warnings
from collections.abc import Sequence

import pandas as pd

from facemotion import manifest as manifests
from facemotion.config import FoldSettings
from facemotion.errors import ConfigError, DataError
from facemotion.folds.division import Fold, Folds

__all__ = ["build_folds", "deal"]


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


def build_folds(manifest: pd.DataFrame, settings: FoldSettings) -> Folds:
    """Deal a manifest's subjects into folds; subjects are those with expressive frames.

    Parameters
    ----------
    manifest : pandas.DataFrame
        A manifest; its expressive rows are dealt.
    settings : FoldSettings
        Scheme, number of folds and seed.

    Returns
    -------
    Folds
        The same for the same manifest whatever the order of its rows.

    Raises
    ------
    ConfigError
        If there are fewer subjects than folds and fewer folds are not allowed, there is a single subject, or the
        classes do not allow as many stratified folds.
    DataError
        If the manifest has no expressive rows.
    """
    rows = _expressive(manifest)
    dataset, subjects = str(rows["dataset"].iloc[0]), rows["subject"].nunique()
    if subjects < 2:
        raise ConfigError(f"folds are person-independent and need at least 2 subjects, but {dataset} has 1")
    if settings.fewer and subjects < settings.folds:
        settings = settings.model_copy(update={"folds": subjects})
    _enough(subjects, settings.folds, dataset=dataset)
    if settings.scheme == "stratified":
        dealt = _stratified(rows, settings)
    else:
        dealt = deal(sorted(set(rows["subject"])), settings.folds, scheme=settings.scheme)
    owner = {name: number for number, names in enumerate(dealt) for name in names}
    samples: list[list[str]] = [[] for _ in dealt]
    for sample, subject in zip(rows["sample_id"].tolist(), rows["subject"].tolist(), strict=True):
        samples[owner[subject]].append(sample)
    folds = Folds(
        scheme=settings.scheme,
        dataset=dataset,
        manifest_digest=manifests.digest(manifest),
        folds=tuple(Fold(tuple(names), tuple(of_fold)) for names, of_fold in zip(dealt, samples, strict=True)),
    )
    folds.check(manifest)
    return folds


def _expressive(manifest: pd.DataFrame) -> pd.DataFrame:
    rows = manifest[manifest["role"] == "expressive"].sort_values("sample_id", ignore_index=True)
    if rows.empty:
        raise DataError("the manifest has no expressive rows, so there is nothing to deal into folds; ingest again")
    return rows


def _enough(subjects: int, folds: int, *, dataset: str = "") -> None:
    if subjects < folds:
        message = f"{folds} folds need at least {folds} subjects, but there are {subjects}"
        raise ConfigError(f"{message}: `{_command(dataset)} --folds {subjects}` deals fewer")


def _command(dataset: str) -> str:
    return f"facemotion folds --dataset {dataset or 'NAME'}"


def _stratified(rows: pd.DataFrame, settings: FoldSettings) -> list[list[str]]:
    """Group by subject and balance the classes, by scikit-learn's greedy rule with a seeded shuffle."""
    from sklearn.model_selection import StratifiedGroupKFold

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
            f"deal fewer with `{_command(str(rows['dataset'].iloc[0]))} --folds N`, or by --scheme fmpn"
        )
        raise ConfigError(message)
    return dealt
