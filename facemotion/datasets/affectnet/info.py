"""What is published about AffectNet: terms, codes, and how many faces each list and release has."""

from facemotion.expressions import NEUTRAL
from facemotion.ingestion.dataset import DatasetInfo
from facemotion.ingestion.facts import Facts

__all__ = ["CODES", "FACTS", "INFO", "PUBLISHED"]

CODES = {
    0: NEUTRAL,
    1: "happiness",
    2: "sadness",
    3: "surprise",
    4: "fear",
    5: "disgust",
    6: "anger",
    7: "contempt",
}
"""The official codes that are expressions."""
_CLASSES = tuple(CODES.values())
INFO = DatasetInfo(
    name="affectnet",
    title="AffectNet",
    label_space="basic7",
    licence="Research only, requested by a lab's head with a signed agreement; nothing may be redistributed.",
    access="Request form on the AffectNet page of Mohammad Mahoor's lab, University of Denver.",
    has_neutral=False,
    names_people=False,
)
FACTS = Facts(
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
        "training": dict(zip(_CLASSES, (74874, 134415, 25459, 14090, 6378, 3803, 24882, 3750), strict=True)),
        "validation, release A": dict.fromkeys(_CLASSES, 500),
        "validation, release B": {**dict.fromkeys(_CLASSES, 500), "contempt": 499},
    },
    digests={
        "FMPN's training names": "a705bf8e8c6910ddd2d90537308473d84cc98dc531bf65b445ed10de7df8d798",
        "FMPN's test names": "f8dfa5d304f1c13e2ee645ad7928d86df6fba3bd5f41cfad74e637904112629e",
    },
    sources={
        "release": "FMPN's lists; executed notebooks and lists of public repositories (EmotiEffLib, CAGE)",
        "annotated": "executed notebooks and lists of public repositories (EmotiEffLib, CAGE), and the authors' table",
        "digests": "of FMPN's lists",
    },
    unverified=(
        "which seven classes the authors of FMPN took: their labels are not public, and contempt in, neutral out "
        "is what their code and the count imply",
        "that the authors of FMPN drew from training.csv alone",
    ),
)
PUBLISHED = {
    "A (csv)": {"train": FACTS.annotated["training"], "val": FACTS.annotated["validation, release A"]},
    "B (npy)": {"train": FACTS.annotated["training"], "val": FACTS.annotated["validation, release B"]},
    "C (json)": {"train": FACTS.annotated["training"], "val": FACTS.annotated["validation, release A"]},
}
"""Faces of each expression by release and part."""
