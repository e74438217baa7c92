"""What is published about RaFD (Radboud Faces Database)."""

from facemotion.expressions import EXPRESSIONS, NEUTRAL
from facemotion.ingestion.dataset import DatasetInfo
from facemotion.ingestion.facts import Facts

__all__ = ["CODES", "FACTS", "GROUPS", "INFO"]

CODES = {
    "angry": "anger",
    "contemptuous": "contempt",
    "disgusted": "disgust",
    "fearful": "fear",
    "happy": "happiness",
    "neutral": NEUTRAL,
    "sad": "sadness",
    "surprised": "surprise",
}
"""The words of the names."""

GROUPS = {"all": 67, "adults": 57, "children": 10}
"""People by age, from the dataset's own overview: 20 men, 19 women and 18 Moroccan men; 4 boys and 6 girls."""
INFO = DatasetInfo(
    name="rafd",
    title="RaFD (Radboud Faces Database)",
    label_space="basic7",
    licence="Non-commercial research; pictures may not be redistributed.",
    access="Request form for researchers (rafd.socsci.ru.nl), which is answered slowly or not at all.",
    images=dict.fromkeys(EXPRESSIONS, GROUPS["all"]),
)
FACTS = Facts(
    labels_in_names=True,
    selection=(
        "All pictures of one camera and one direction of gaze, both frontal by default; a person's neutral face is the "
        "neutral picture of the same camera and gaze."
    ),
    url="https://rafd.socsci.ru.nl/",
    creators=(
        "Oliver Langner",
        "Ron Dotsch",
        "Gijsbert Bijlstra",
        "Daniel H. J. Wigboldus",
        "Skyler T. Hawk",
        "Ad van Knippenberg",
    ),
    year="2010",
    citation=(
        "O. Langner, R. Dotsch, G. Bijlstra, D. H. J. Wigboldus, S. T. Hawk, A. van Knippenberg. Presentation and "
        "validation of the Radboud Faces Database. Cognition & Emotion 24(8), 2010, pages 1377-1388. "
        "https://doi.org/10.1080/02699930903485076"
    ),
    subjects=GROUPS["all"],
    release={
        "people": GROUPS["all"],
        "adults": GROUPS["adults"],
        "children": GROUPS["children"],
        "expressions, neutral among them": 8,
        "cameras": 5,
        "directions of gaze": 3,
        "pictures": 67 * 8 * 5 * 3,
        "pictures of one camera and gaze": 67 * 8,
    },
    sources={
        "subjects": "the dataset's overview, https://rafd.socsci.ru.nl/Overview.html",
        "release": "the dataset's overview, https://rafd.socsci.ru.nl/Overview.html; pictures are the product",
        "images": "one picture for each of the 67 people of the overview",
    },
    unverified=(
        "that every person has every picture",
        "which of the camera angles 000 to 180 is the person's left",
        "the wording of the licence",
    ),
)
