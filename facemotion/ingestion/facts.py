"""What is published about each dataset beyond its `DatasetInfo`: terms of sharing, sources, counts and folds.

Only numbers that were measured on public lists, or that several users of the real data state, are here. What the
``unverified`` of a dataset names is general knowledge that nobody checked.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from facemotion.expressions import NEUTRAL

__all__ = ["FACTS", "Facts", "of"]


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
    subject_names: tuple[str, ...] = ()
    unverified: tuple[str, ...] = ()


_CODES = (NEUTRAL, "happiness", "sadness", "surprise", "fear", "disgust", "anger", "contempt")

FACTS = {
    "ckplus": Facts(
        selection="The last three frames of each labelled sequence; a subject's neutral face is frame 1.",
        url="https://www.jeffcohn.net/Resources/",
        creators=(
            "Patrick Lucey",
            "Jeffrey F. Cohn",
            "Takeo Kanade",
            "Jason Saragih",
            "Zara Ambadar",
            "Iain Matthews",
        ),
        year="2010",
        citation=(
            "P. Lucey, J. F. Cohn, T. Kanade, J. Saragih, Z. Ambadar, I. Matthews. The Extended Cohn-Kanade Dataset "
            "(CK+): A complete dataset for action unit and emotion-specified expression. CVPR Workshops, 2010, pages "
            "94-101. https://doi.org/10.1109/CVPRW.2010.5543262"
        ),
        subjects=118,
        release={
            "sequences": 593,
            "subjects": 123,
            "sequences with an expression label": 327,
            "subjects with an expression label": 118,
            "frames, if no sequence has gaps": 10708,
            "frames of labelled sequences, if none has gaps": 5876,
        },
        test_images=(78, 72, 114, 90, 90, 93, 111, 108, 114, 111),
    ),
    "mmi": Facts(
        selection=(
            "Three consecutive frames at the middle of each clip with one of six expressions; a subject's neutral face "
            "is frame 0."
        ),
        url="https://mmifacedb.eu/",
        creators=("Maja Pantic", "Michel Valstar", "Ron Rademaker", "Ludo Maat"),
        year="2005",
        citation=(
            "M. Pantic, M. Valstar, R. Rademaker, L. Maat. Web-based database for facial expression analysis. IEEE "
            "International Conference on Multimedia and Expo, 2005. https://doi.org/10.1109/ICME.2005.1521424"
        ),
        subjects=31,
        release={
            "clips with one of six expressions": 213,
            "of these, profile only (S021)": 4,
            "of these, left out by the authors of FMPN (S002_106)": 1,
            "clips that the authors of FMPN used": 208,
        },
        digests={"labels of all 213 clips": "cbc9eb739f72297267a2c6ce7da214da12aae4b047eb14504e3f6c1e7c84f56c"},
        test_images=(63, 108, 90, 39, 63, 69, 72, 27, 15, 78),
        unverified=(
            "which three frames the authors of FMPN took: their rule is not published, so the digest of image names "
            "need not be reproduced from the clips",
        ),
    ),
    "oulu-casia": Facts(
        labels_in_names=True,
        selection=(
            "The last three frames of each sequence of one camera and light (visible light, strong, by default); a "
            "subject's neutral face is the first frame."
        ),
        url=(
            "https://www.oulu.fi/en/university/faculties-and-units/faculty-information-technology-and-electrical-"
            "engineering/center-machine-vision-and-signal-analysis"
        ),
        creators=("Guoying Zhao", "Xiaohua Huang", "Matti Taini", "Stan Z. Li", "Matti Pietikäinen"),
        year="2011",
        citation=(
            "G. Zhao, X. Huang, M. Taini, S. Z. Li, M. Pietikäinen. Facial expression recognition from near-infrared "
            "videos. Image and Vision Computing 29(9), 2011, pages 607-619. https://doi.org/10.1016/j.imavis.2011.07.002"
        ),
        subjects=80,
        release={
            "subjects": 80,
            "sequences of one camera and light": 480,
            "sequences of two cameras and three lights": 2880,
        },
        subject_names=tuple(f"P{number:03d}" for number in range(1, 81)),
        unverified=("the wording of the licence", "that every copy has all 480 sequences: one group's has 479"),
    ),
    "affectnet": Facts(
        annotated_regions=True,
        selection="About 3,504 faces of each of seven expressions drawn from the training list, divided 9 to 1.",
        url="http://mohammadmahoor.com/pages/databases/affectnet/",
        creators=("Ali Mollahosseini", "Behzad Hasani", "Mohammad H. Mahoor"),
        year="2017",
        citation=(
            "A. Mollahosseini, B. Hasani, M. H. Mahoor. AffectNet: A Database for Facial Expression, Valence, and "
            "Arousal Computing in the Wild. IEEE Transactions on Affective Computing 10(1), 2019, pages 18-31. "
            "https://doi.org/10.1109/TAFFC.2017.2740923"
        ),
        release={
            "faces that the authors of FMPN used": 24530,
            "of these, for training": 22077,
            "of these, for testing": 2453,
            "release A, rows of training.csv": 414800,
            "release A, rows of validation.csv": 5500,
            "release B with eight classes, training": 287651,
            "release B with eight classes, validation": 3999,
            "release B without contempt, training": 283901,
            "release B without contempt, validation": 3500,
        },
        annotated={
            "training": dict(zip(_CODES, (74874, 134415, 25459, 14090, 6378, 3803, 24882, 3750), strict=True)),
            "validation, release A": dict.fromkeys(_CODES, 500),
            "validation, release B": {**dict.fromkeys(_CODES, 500), "contempt": 499},
        },
        digests={
            "FMPN's training names": "a705bf8e8c6910ddd2d90537308473d84cc98dc531bf65b445ed10de7df8d798",
            "FMPN's test names": "f8dfa5d304f1c13e2ee645ad7928d86df6fba3bd5f41cfad74e637904112629e",
        },
        unverified=(
            "which seven classes the authors of FMPN took: their labels are not public, and contempt in, neutral out "
            "is what their code and the count imply",
            "that the authors of FMPN drew from training.csv alone",
        ),
    ),
    "demo": Facts(
        gated=False,
        selection="As for CK+: the last three frames of each sequence; a subject's neutral face is frame 1.",
        year="2026",
        citation="facemotion, `facemotion demo render`.",
    ),
}
"""By dataset."""


def of(dataset: str) -> Facts:
    """Return what is known of a dataset; of one that is not listed, that it is gated."""
    return FACTS.get(dataset, Facts())
