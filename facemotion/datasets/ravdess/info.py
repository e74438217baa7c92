"""What is published about RAVDESS."""

from facemotion.expressions import LABEL_SPACES, NEUTRAL
from facemotion.ingestion.dataset import DatasetInfo
from facemotion.ingestion.facts import Facts

__all__ = ["CALM", "CHANNELS", "CLASSES", "CODES", "FACTS", "INFO", "SUBJECTS"]

CODES = {
    "01": NEUTRAL,
    "03": "happiness",
    "04": "sadness",
    "05": "anger",
    "06": "fear",
    "07": "disgust",
    "08": "surprise",
}
CALM = "02"
"""The mood calm, which is none of the basic expressions."""
CHANNELS = {"speech": "01", "song": "02"}
CLASSES = LABEL_SPACES["basic6"]
SUBJECTS = tuple(f"{number:02d}" for number in range(1, 25))
"""The actors; those with odd numbers are men."""
INFO = DatasetInfo(
    name="ravdess",
    title="RAVDESS (Ryerson Audio-Visual Database of Emotional Speech and Song)",
    label_space="basic6",
    licence="Creative Commons BY-NC-SA 4.0.",
    access="Direct download, Zenodo record 1188976, no form.",
    neutral="sequence",
    images=dict.fromkeys(CLASSES, 3 * 192),
)
FACTS = Facts(
    gated=False,
    labels_in_names=True,
    selection=(
        "Three moments of each expressive clip of speech, and the neutral clip of the same statement at the same "
        "relative time; the mood calm is left out."
    ),
    url="https://zenodo.org/records/1188976",
    creators=("Steven R. Livingstone", "Frank A. Russo"),
    year="2018",
    citation=(
        "S. R. Livingstone, F. A. Russo. The Ryerson Audio-Visual Database of Emotional Speech and Song (RAVDESS). "
        "PLoS ONE 13(5), 2018, e0196391. https://doi.org/10.1371/journal.pone.0196391"
    ),
    subjects=len(SUBJECTS),
    release={
        "files": 7356,
        "speech videos, with and without sound": 2880,
        "takes of speech": 1440,
        "neutral takes of speech": 96,
        "takes of speech of each other mood": 192,
        "song videos, with and without sound": 2024,
    },
    digests={
        "names of the speech videos": "5c3312a58f0a57cdea6d5f8027f555837bbc32eac4354902741585317cd57c95",
        "names of those without sound": "f808bc5b19245bf6e5178a0ff78d1591caa067ecb6015183a21fcc89b4768daf",
        "names of the song videos": "c18d67ad4af01b0935e415acce195c74cac050acc92bfad557231d476c2f798a",
    },
    subject_names=SUBJECTS,
    sources={
        "subjects": "the dataset's page, https://zenodo.org/records/1188976",
        "images": "three for each take that the dataset's page counts",
        "release": "the dataset's page, https://zenodo.org/records/1188976",
        "digests": "of the names that the rule gives",
    },
    unverified=("the digests, which follow from the rule of the names",),
)
