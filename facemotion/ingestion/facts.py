"""What can be published about a dataset beyond its `DatasetInfo`: terms of sharing, sources, counts and folds.

Each dataset's own lie beside it, in ``info.py``: only numbers that were measured on public lists, that its authors
publish, or that several users of the real data state; ``sources`` says which. What ``unverified`` names is general
knowledge that nobody checked.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["Facts"]


@dataclass(frozen=True)
class Facts:
    """What may be shared of a dataset, and what is published about it.

    Attributes
    ----------
    gated : bool
        Whether its labels are given under an agreement, so that nothing derived from them is shared unasked.
    labels_in_names : bool
        Whether the dataset's own names of files and folders state the expression.
    annotated_regions : bool
        Whether ``region`` in its manifest is copied from the dataset's annotations.
    selection : str
        What the manifest holds, in one sentence.
    url : str
        The page where access is asked for, as others cite it.
    creators : tuple of str
        The authors of the paper that describes it; none where facemotion renders it.
    year : str
        The year of that paper.
    citation : str
        That paper.
    subjects : int or None
        People among the selected frames.
    release : mapping of str to int
        Numbers of the whole dataset, or of its releases.
    annotated : mapping of str to mapping
        Annotated faces per class, by list.
    digests : mapping of str to str
        SHA-256 of published lists besides those of `DatasetInfo`.
    test_images : tuple of int
        Published test images of folds 0 to 9 (scheme ``fmpn``); empty where none are published.
    sources : mapping of str to str
        Where the numbers come from: by the field that holds them here or in `DatasetInfo` (``images``, ``release``,
        ``digests`` and so on), who states them or on which public list they were counted.
    subject_names : tuple of str
        All subjects, where their names follow from a published rule.
    unverified : tuple of str
        Statements that are general knowledge and were not checked.
    """

    gated: bool = True
    labels_in_names: bool = False
    annotated_regions: bool = False
    selection: str = ""
    url: str = ""
    creators: tuple[str, ...] = ()
    year: str = ""
    citation: str = ""
    subjects: int | None = None
    release: Mapping[str, int] = field(default_factory=dict)
    annotated: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict)
    test_images: tuple[int, ...] = ()
    sources: Mapping[str, str] = field(default_factory=dict)
    subject_names: tuple[str, ...] = ()
    unverified: tuple[str, ...] = ()
