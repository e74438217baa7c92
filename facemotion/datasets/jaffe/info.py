"""What is published about JAFFE (Japanese Female Facial Expression)."""

from facemotion.expressions import NEUTRAL
from facemotion.ingestion.dataset import DatasetInfo
from facemotion.ingestion.facts import Facts

__all__ = ["CODES", "FACTS", "INFO", "NEUTRALS", "SUBJECTS"]

CODES = {
    "AN": "anger",
    "DI": "disgust",
    "FE": "fear",
    "HA": "happiness",
    "NE": NEUTRAL,
    "SA": "sadness",
    "SU": "surprise",
}
SUBJECTS = ("KA", "KL", "KM", "KR", "MK", "NA", "NM", "TM", "UY", "YM")
"""The ten women. NA is a name, not a missing value."""
NEUTRALS = 30
"""Neutral pictures: three of each woman, by one complete public list of the names."""
INFO = DatasetInfo(
    name="jaffe",
    title="JAFFE (Japanese Female Facial Expression)",
    label_space="basic6",
    licence="Non-commercial research; pictures may not be redistributed.",
    access="Request with a statement at Zenodo, record 3451524.",
    images={"anger": 30, "disgust": 29, "fear": 32, "happiness": 31, "sadness": 31, "surprise": 30},
    digests={"pictures": "b510edfc33b4ffe41d4c4a3250b83781032074126bc04f22f7078ad262cc38ad"},
)
FACTS = Facts(
    labels_in_names=True,
    selection="All 213 pictures; a person's neutral face is the first of her three neutral pictures.",
    url="https://zenodo.org/records/3451524",
    creators=("Michael Lyons", "Miyuki Kamachi", "Jiro Gyoba"),
    year="1998",
    citation=(
        "M. J. Lyons, S. Akamatsu, M. Kamachi, J. Gyoba. Coding Facial Expressions with Gabor Wavelets. Third IEEE "
        "International Conference on Automatic Face and Gesture Recognition, 1998, pages 200-205. "
        "https://doi.org/10.1109/AFGR.1998.670949"
    ),
    subjects=len(SUBJECTS),
    release={"pictures": 213, "neutral pictures": NEUTRALS, "subjects": 10},
    sources={
        "subjects": "one complete public list of the names",
        "images": "one complete public list of the names",
        "release": "one complete public list of the names",
        "digests": "of one complete public list of the names",
    },
    unverified=("the counts by expression, which are those of one complete public list of the names",),
)
