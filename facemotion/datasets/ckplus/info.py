"""What is published about CK+ (the Extended Cohn-Kanade Dataset)."""

from facemotion.expressions import EXPRESSIONS
from facemotion.ingestion.dataset import DatasetInfo
from facemotion.ingestion.facts import Facts

__all__ = ["CODES", "FACTS", "INFO", "PEAK_FRAMES"]

CODES = dict(enumerate(EXPRESSIONS, start=1))
"""CK+'s codes: 1 anger, 2 contempt, 3 disgust, 4 fear, 5 happiness, 6 sadness, 7 surprise."""
PEAK_FRAMES = 3
INFO = DatasetInfo(
    name="ckplus",
    title="CK+ (Extended Cohn-Kanade)",
    label_space="basic7",
    licence="Signed agreement per user, research only; images may not be redistributed.",
    access="Request form of the Affect Analysis Group, University of Pittsburgh (jeffcohn.net, Resources).",
    sequences=dict(zip(EXPRESSIONS, (45, 18, 59, 25, 69, 28, 83), strict=True)),
    images=dict(zip(EXPRESSIONS, (135, 54, 177, 75, 207, 84, 249), strict=True)),
    digests={
        "image names": "283bfbf9b73558b6cc0c9dcc322bf108355d9ec83ccf98df8d6984aadd1781ea",
        "sequences": "1cc6b7eef1c5b1a4429fd8147b1f00b15b893c85031b4be91a8216801acaff3e",
        "labels": "221969c9b774f25677c4879d6ec8880d8d1ee73b65ef2e09c7dd77e93ba325e6",
        "last frames of all sequences": "6522a57731f5fa1e8e3c23ecf26313634f17b0f498b457c8110732d6cfb8580f",
    },
)
FACTS = Facts(
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
    sources={
        "sequences": "FMPN's labels; CK+48 and Emotion-FAN's list agree",
        "images": "three for each sequence; FMPN's lists and CK+48 agree",
        "subjects": "FMPN's lists",
        "release": "FMPN's labels and landmarks of all 593 sequences; frames: by the last frame's number",
        "digests": "of FMPN's lists",
        "test_images": "FMPN's lists of test images, by fold",
    },
)
