"""What is published about FERPlus, and what its own rule makes of its own table."""

from facemotion.expressions import NEUTRAL
from facemotion.ingestion.dataset import DatasetInfo
from facemotion.ingestion.facts import Facts

__all__ = ["COLUMNS", "FACTS", "INFO", "MAJORITY", "NAMED", "PLURALITY"]

COLUMNS = (
    *(NEUTRAL, "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt"),
    *("unknown", "NF"),
)
"""What one can vote for, in the tables' order; NF is no face."""
NAMED = {"Training": (28561, 28558), "PublicTest": (3579, 3579), "PrivateTest": (3574, 3573)}
"""Pictures that have a name, by part, counted in the authors' ``fer2013new.csv`` and in their ``label.csv`` files."""
MAJORITY = {"Training": 25060, "PublicTest": 3199, "PrivateTest": 3153}
"""Pictures of eight classes by the authors' majority rule, counted in ``fer2013new.csv``; of the seven without
contempt, 3,137 are in the test part, which is the number that papers quote."""
PLURALITY = {"Training": 26940, "PublicTest": 3396, "PrivateTest": 3376}
"""Pictures of eight classes with one most frequent vote, counted in ``fer2013new.csv``."""
_TRAIN = dict(zip(COLUMNS[:8], (8740, 7287, 3149, 3014, 2100, 119, 532, 119), strict=True))
INFO = DatasetInfo(
    name="ferplus",
    title="FERPlus",
    label_space="affectnet8",
    licence="Labels: MIT licence; pictures: terms of the FER2013 challenge.",
    access="Labels from GitHub (microsoft/FERPlus); pictures from Kaggle's FER2013 challenge, written by its script.",
    has_neutral=False,
    names_people=False,
)
FACTS = Facts(
    gated=False,
    selection=(
        "The training and test part, 48x48 crops as given, with the class that has the majority of ten votes; neutral "
        "is a class."
    ),
    url="https://github.com/microsoft/FERPlus",
    creators=("Emad Barsoum", "Cha Zhang", "Cristian Canton Ferrer", "Zhengyou Zhang"),
    year="2016",
    citation=(
        "E. Barsoum, C. Zhang, C. Canton Ferrer, Z. Zhang. Training Deep Networks for Facial Expression Recognition "
        "with Crowd-Sourced Label Distribution. ICMI, 2016, pages 279-283. https://doi.org/10.1145/2993148.2993165"
    ),
    release={
        "pictures of FER2013": 35887,
        "pictures without a face and a name": 173,
        "test pictures of seven classes, majority rule": 3137,
    },
    annotated={"train, majority rule": _TRAIN},
    digests={"fer2013new.csv, the file": "9206e20d62f56475939f516847d61753e4860caeac9718b560129541b776fc2c"},
    sources={
        "release": "counted in the authors' fer2013new.csv",
        "annotated": "the authors' rule on their fer2013new.csv",
        "digests": "of the authors' fer2013new.csv",
    },
)
