"""Who is tested where: person-independent folds, or the split that a dataset ships.

``folds.json`` holds ``provenance``, ``scheme``, ``dataset``, ``manifest_digest`` and ``folds``, a list of
``{"fold": 0, "subjects": [...], "test_samples": [...]}``. Subjects are those with expressive frames; test samples are
their expressive frames; whoever is not listed in a fold is in its training part.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from facemotion.errors import ConfigError, DataError, LeakageError
from facemotion.workspace import digest_json, read_json

__all__ = ["TRAIN", "Fold", "Folds", "OfficialSplit", "is_split"]

TRAIN = "train"
"""The name of an official split's training part; every other name is of its test part, and none is of neither."""


def is_split(splits: Iterable[str]) -> bool:
    """Tell whether frames come with an official split: every one of them names its part."""
    return all(splits)


@dataclass(frozen=True)
class Fold:
    """The test part of a fold.

    Attributes
    ----------
    subjects : tuple of str
        Whom it tests.
    test_samples : tuple of str
        Their expressive frames, by ``sample_id``.
    """

    subjects: tuple[str, ...]
    test_samples: tuple[str, ...]


@dataclass(frozen=True)
class Folds:
    """Who is tested in which fold.

    Attributes
    ----------
    scheme : str
        The rule by which subjects were dealt.
    dataset, manifest_digest : str
        What was dealt.
    folds : tuple of Fold
        In order.
    """

    scheme: str
    dataset: str
    manifest_digest: str
    folds: tuple[Fold, ...]

    def __len__(self) -> int:
        return len(self.folds)

    @property
    def is_official(self) -> bool:
        """Whether it is the split that the dataset ships, and no folds."""
        return False

    def of(self, fold: int) -> Fold:
        """Return one fold.

        Raises
        ------
        ConfigError
            If there is none of that number.
        """
        if not 0 <= fold < len(self.folds):
            raise ConfigError(f"there is no fold {fold}: {self.dataset} has {len(self.folds)}, from 0")
        return self.folds[fold]

    def subjects(self, fold: int) -> tuple[str, ...]:
        """Return the subjects whom a fold tests."""
        return self.of(fold).subjects

    def test(self, fold: int) -> tuple[str, ...]:
        """Return the samples that a fold tests, by ``sample_id``."""
        return self.of(fold).test_samples

    def name(self, fold: int) -> str:
        """Return what a fold is called in a sentence."""
        return f"fold {fold} of {self.dataset}"

    @cached_property
    def owner(self) -> Mapping[str, int]:
        """The fold that tests each subject."""
        return {subject: number for number, fold in enumerate(self.folds) for subject in fold.subjects}

    @cached_property
    def digest(self) -> str:
        """SHA-256 of who is tested where, independent of the scheme's name and of the order within a fold."""
        tested = [[sorted(fold.subjects), sorted(fold.test_samples)] for fold in self.folds]
        return digest_json({"dataset": self.dataset, "folds": tested})

    def sides(
        self, fold: int, *, sample_ids: NDArray[np.str_], splits: NDArray[np.str_]
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Tell which samples a fold trains on and which it tests.

        Parameters
        ----------
        fold : int
            The fold.
        sample_ids, splits : arrays of str, shape (n,)
            Names of the samples, and the parts of an official split that they belong to.

        Returns
        -------
        trained, tested : bool arrays of shape (n,)
        """
        tested = np.isin(sample_ids, self.test(fold))
        return ~tested, tested

    def as_json(self, header: Mapping[str, Any]) -> dict[str, Any]:
        """Return the content of ``folds.json``, with its provenance header."""
        return {
            "provenance": dict(header),
            "scheme": self.scheme,
            "dataset": self.dataset,
            "manifest_digest": self.manifest_digest,
            "folds": [
                {"fold": number, "subjects": list(fold.subjects), "test_samples": list(fold.test_samples)}
                for number, fold in enumerate(self.folds)
            ],
        }

    @classmethod
    def read(cls, path: Path) -> "Folds":
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
            lists = [fold[name] for fold in folds for name in ("subjects", "test_samples")]
            texts += [text for listed in lists for text in listed]
            good = (
                numbers == list(range(len(folds))) and len(folds) > 1 and all(isinstance(text, str) for text in texts)
            )
            good = good and all(isinstance(listed, list) for listed in lists)
        except (KeyError, TypeError):
            good = False
        if not good:
            what = "is not a file of folds (scheme, dataset, manifest_digest, folds)"
            raise DataError(f"{path} {what}; run `facemotion folds` again")
        tested = tuple(Fold(tuple(fold["subjects"]), tuple(fold["test_samples"])) for fold in folds)
        return Folds(content["scheme"], content["dataset"], content["manifest_digest"], tested)

    @staticmethod
    def official(
        dataset: str,
        *,
        manifest_digest: str,
        sample_ids: NDArray[np.str_],
        subjects: NDArray[np.str_],
        splits: NDArray[np.str_],
    ) -> "OfficialSplit":
        """Return the split that a dataset ships: one "fold", 0, which tests what is not named `TRAIN`.

        Parameters
        ----------
        dataset, manifest_digest : str
            What is split.
        sample_ids, subjects, splits : arrays of str, shape (n,)
            Of the expressive frames; one without a split takes no part.
        """
        tested = ~np.isin(splits, [TRAIN, ""])
        fold = Fold(tuple(sorted(set(subjects[tested].tolist()))), tuple(sample_ids[tested].tolist()))
        return OfficialSplit("official", dataset, manifest_digest, (fold,))

    def check(self, manifest: pd.DataFrame) -> None:
        """Check that the folds part this manifest's subjects, each tested exactly once.

        Parameters
        ----------
        manifest : pandas.DataFrame
            The manifest that they are used with.

        Raises
        ------
        LeakageError
            If a subject or a sample is tested in two folds, or a subject's sample is tested in another's fold: it
            would be trained on and tested.
        DataError
            If a subject or sample is missing, or is not in the manifest.
        """
        rows = manifest[manifest["role"] == "expressive"]
        subject_of = dict(zip(rows["sample_id"], rows["subject"], strict=True))
        again = "run `facemotion folds` again"
        for what, listed, known in (
            ("subject", [name for fold in self.folds for name in fold.subjects], set(subject_of.values())),
            ("sample", [name for fold in self.folds for name in fold.test_samples], set(subject_of)),
        ):
            doubled = sorted(name for name, number in Counter(listed).items() if number > 1)
            if doubled:
                message = f"{what} {doubled[0]!r} is tested more than once, so it would be trained on and tested"
                raise LeakageError(message)
            unknown = sorted(set(listed) - known)
            if unknown:
                raise DataError(f"the folds name {what} {unknown[0]!r}, which the manifest does not have; {again}")
            missing = sorted(known - set(listed))
            if missing:
                raise DataError(f"{what} {missing[0]!r} of the manifest is in no fold; {again}")
        for number, fold in enumerate(self.folds):
            own = set(fold.subjects)
            for name in fold.test_samples:
                if subject_of[name] not in own:
                    whose = f"of subject {subject_of[name]!r}, whom it also trains on"
                    raise LeakageError(f"fold {number} tests sample {name!r} {whose}; {again}")


@dataclass(frozen=True)
class OfficialSplit(Folds):
    """The split that a dataset ships, as folds: one, 0; see `Folds.official`."""

    @property
    def is_official(self) -> bool:
        """Whether it is the split that the dataset ships: it is."""
        return True

    def of(self, fold: int) -> Fold:
        """Return the test part; see `Folds.of`."""
        if fold != 0:
            raise ConfigError(f"there is no fold {fold}: an official split is fold 0")
        return self.folds[0]

    def name(self, fold: int) -> str:
        """Return what the split is called in a sentence."""
        return f"the official split of {self.dataset}"

    def sides(
        self, fold: int, *, sample_ids: NDArray[np.str_], splits: NDArray[np.str_]
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Tell which samples are trained on and which are tested; what names no part is neither."""
        self.of(fold)
        return splits == TRAIN, ~np.isin(splits, [TRAIN, ""])
