"""The paper's Tables 1 to 7 as data, and the pooled figures of its authors.

Source: Chen, Wang, Chen, Shi and Cai, "Facial Motion Prior Networks for Facial Expression Recognition", 2019. All
figures are percentages. Protocols differ between the rows of a table: "seq" methods see whole sequences.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from facemotion.expressions import LABEL_SPACES

__all__ = [
    "CONFUSIONS",
    "FOLD_ACCURACIES",
    "POOLED",
    "TABLES",
    "PublishedConfusion",
    "PublishedRow",
    "PublishedTable",
    "counts",
    "matching",
]


@dataclass(frozen=True)
class PublishedRow:
    """One row of a table of accuracies.

    Attributes
    ----------
    approach : str
        The method as the paper names it.
    setting : str
        ``seq``, ``img``, or empty where the table does not say.
    accuracy : float
        Per cent, fold mean.
    variant : str
        Our variant that it corresponds to, or empty.
    """

    approach: str
    setting: str
    accuracy: float
    variant: str = ""


@dataclass(frozen=True)
class PublishedTable:
    """What the paper and its authors report of a dataset.

    Attributes
    ----------
    number : int
        The table's number in the paper.
    rows : tuple of PublishedRow
        Its rows.
    pooled : float or None
        The authors' pooled accuracy of FMPN in per cent, where it can be computed; see `POOLED`.
    note : str
        What a reader must know to compare with it, to follow "Table 7 of the paper"; may be empty.
    pooled_of : str
        Our variant that the pooled accuracy is of.
    """

    number: int
    rows: tuple[PublishedRow, ...]
    pooled: float | None
    note: str
    pooled_of: str = "fmpn"

    def of(self, variant: str) -> PublishedRow | None:
        """Return the row of one of our variants; None if there is none."""
        return next((row for row in self.rows if row.variant == variant), None)


@dataclass(frozen=True)
class PublishedConfusion:
    """A confusion matrix in per cent of each true class, pooled over the folds.

    Attributes
    ----------
    table : int
        Its number in the paper.
    classes : tuple of str
        Rows (true) and columns (predicted).
    percent : tuple of tuple of float
        Rounded to one digit.
    images : tuple of int
        Test images per class, from the published counts.
    """

    table: int
    classes: tuple[str, ...]
    percent: tuple[tuple[float, ...], ...]
    images: tuple[int, ...]


def _ours(baseline: float, no_guidance: float, full: float, setting: str = "img") -> tuple[PublishedRow, ...]:
    return (
        PublishedRow("CNN (baseline)", setting, baseline, "cnn"),
        PublishedRow("CNN (no l_G)", setting, no_guidance, "no-mask-loss"),
        PublishedRow("FMPN", setting, full, "fmpn"),
    )


TABLES: dict[str, tuple[int, tuple[PublishedRow, ...]]] = {
    "ckplus": (
        1,
        (
            PublishedRow("Liu et al., 2014a", "seq", 85.90),
            PublishedRow("Zhao and Pietikainen, 2007", "seq", 88.99),
            PublishedRow("Klaser et al., 2008", "seq", 91.44),
            PublishedRow("Liu et al., 2014b", "seq", 94.19),
            PublishedRow("Jung et al., 2015", "seq", 97.25),
            PublishedRow("Meng et al., 2017", "img", 95.37),
            PublishedRow("Yang et al., 2018", "img", 97.30),
            *_ours(90.78, 91.82, 98.06),
        ),
    ),
    "mmi": (
        3,
        (
            PublishedRow("Zhao and Pietikainen, 2007", "seq", 59.51),
            PublishedRow("Klaser et al., 2008", "seq", 60.89),
            PublishedRow("Jung et al., 2015", "seq", 70.24),
            PublishedRow("Liu et al., 2014b", "seq", 75.12),
            PublishedRow("Meng et al., 2017", "img", 71.55),
            PublishedRow("Yang et al., 2018", "img", 73.23),
            *_ours(68.81, 63.10, 82.74),
        ),
    ),
    "oulu-casia": (
        5,
        (
            PublishedRow("Zhao and Pietikainen, 2007", "seq", 68.13),
            PublishedRow("Klaser et al., 2008", "seq", 70.63),
            PublishedRow("Liu et al., 2014b", "seq", 74.59),
            PublishedRow("Jung et al., 2015", "seq", 81.46),
            PublishedRow("Zhao et al., 2016", "img", 84.59),
            PublishedRow("Yang et al., 2018", "img", 88.00),
            *_ours(81.94, 80.28, 86.33),
        ),
    ),
    "affectnet": (7, _ours(60.9, 60.0, 61.5, "")),
}
"""Number and rows of the table of accuracies, by dataset. AffectNet's is on the paper's own random 22,077 and 2,453
images in seven classes with contempt and without neutral: not the usual "AffectNet-7"."""

CONFUSIONS: dict[str, PublishedConfusion] = {
    "ckplus": PublishedConfusion(
        2,
        LABEL_SPACES["basic7"],
        (
            (95.6, 0, 2.2, 0, 0, 2.2, 0),
            (0, 98.1, 0, 0, 0, 0, 1.9),
            (0.6, 0, 99.4, 0, 0, 0, 0),
            (0, 0, 0, 98.7, 1.3, 0, 0),
            (0, 0, 0, 0, 100, 0, 0),
            (2.4, 0, 0, 0, 0, 97.6, 0),
            (0, 2.0, 0, 0, 0, 0.8, 97.2),
        ),
        (135, 54, 177, 75, 207, 84, 249),
    ),
    "mmi": PublishedConfusion(
        4,
        LABEL_SPACES["basic6"],
        (
            (71.7, 16.2, 0, 0, 12.1, 0),
            (3.1, 85.4, 0, 1.0, 10.4, 0),
            (2.4, 0, 79.8, 3.6, 3.6, 10.7),
            (0, 6.3, 8.7, 81.7, 0, 3.2),
            (7.3, 7.3, 2.1, 0, 83.3, 0),
            (0, 0, 16.3, 2.4, 2.4, 78.9),
        ),
        (99, 96, 84, 126, 96, 123),
    ),
    "oulu-casia": PublishedConfusion(
        6,
        LABEL_SPACES["basic6"],
        (
            (75, 13.8, 3.3, 1.2, 6.7, 0),
            (13.8, 80.4, 0.4, 0, 4.2, 1.2),
            (1.7, 1.2, 83.8, 6.7, 4.2, 2.5),
            (0, 0, 2.1, 96.7, 1.2, 0),
            (6.7, 3.3, 1.2, 1.2, 87.1, 0.4),
            (0.4, 0, 4.6, 0, 0, 95),
        ),
        (240, 240, 240, 240, 240, 240),
    ),
}
"""Confusion matrices of FMPN, by dataset."""

FOLD_ACCURACIES: dict[str, tuple[float, ...]] = {
    "ckplus": (0.885, 1.0, 0.921, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0),
    "mmi": (0.778, 0.731, 0.667, 0.744, 0.857, 0.855, 0.958, 0.889, 1.0, 0.795),
}
"""Accuracy of each fold, from the README of the authors' repository."""

POOLED: dict[str, float] = {"ckplus": 98.17, "mmi": 80.13}
"""Pooled accuracy in per cent that follows from the authors' confusion matrices: 963 of 981 and 500 of 624."""

CLASSES = {
    "ckplus": LABEL_SPACES["basic7"],
    "mmi": LABEL_SPACES["basic6"],
    "oulu-casia": LABEL_SPACES["basic6"],
    "affectnet": LABEL_SPACES["basic7"],
}
"""The classes of each table."""
_NOTES = {
    "affectnet": "is on the authors' own random draw of 22,077 and 2,453 images, which is not public; its "
    "seven classes have contempt and no neutral",
}


def matching(dataset: str | None, classes: Sequence[str]) -> PublishedTable | None:
    """Return the table to set a run beside; None where the paper has none of that dataset in those classes.

    Parameters
    ----------
    dataset : str or None
        A dataset's name.
    classes : sequence of str
        The run's classes. In others than the paper's, figures are not comparable: AffectNet's usual seven are not
        these seven.
    """
    if dataset not in TABLES or set(classes) != set(CLASSES[dataset]):
        return None
    number, rows = TABLES[dataset]
    return PublishedTable(number, rows, POOLED.get(dataset), _NOTES.get(dataset, ""))


def counts(dataset: str) -> np.ndarray:
    """Return a published confusion matrix as counts of images, the percentages undone.

    Parameters
    ----------
    dataset : str
        A key of `CONFUSIONS`.

    Returns
    -------
    ndarray of int64, shape (K, K)
        Rows true, columns predicted.
    """
    published = CONFUSIONS[dataset]
    return np.rint(np.array(published.percent) / 100 * np.array(published.images)[:, None]).astype(np.int64)
