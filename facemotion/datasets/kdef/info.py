"""What is published about KDEF (Karolinska Directed Emotional Faces)."""

from facemotion.expressions import LABEL_SPACES, NEUTRAL
from facemotion.ingestion.dataset import DatasetInfo
from facemotion.ingestion.facts import Facts

__all__ = ["BLACK", "CODES", "FACTS", "INFO", "MISNAMED", "STRAIGHT_DIGEST", "SUBJECTS"]

CODES = {
    "AF": "fear",
    "AN": "anger",
    "DI": "disgust",
    "HA": "happiness",
    "NE": NEUTRAL,
    "SA": "sadness",
    "SU": "surprise",
}
"""KDEF's codes; AF is afraid."""
CLASSES = LABEL_SPACES["basic6"]
SUBJECTS = tuple(f"{sex}{number:02d}" for sex in "FM" for number in range(1, 36))
"""35 women and 35 men; each stands in two sessions, A and B, in a folder of its own."""
MISNAMED = {"AF31V": "AF31SAHL", "AM31H": "AM31SUHR"}
"""Two files of the archive whose names lack their codes, and what they are; three independent loaders agree."""
BLACK = frozenset(
    "AF01SUFR AF10AFFR AF11NEHL AF20DIHL AM25DIFL AM34DIFR BF13NEHR BM21DIFL BM22DIHL BM24DIFL".split(),
)
"""Pictures of the archive that are black, as two independent loaders list them; none is a straight view."""
STRAIGHT_DIGEST = "1cf4b0afc08478e86ea3a3ee192b0fe18350ca06bf4f5e55c3100edecc8a9ebc"
INFO = DatasetInfo(
    name="kdef",
    title="KDEF (Karolinska Directed Emotional Faces)",
    label_space="basic6",
    licence="Non-commercial research by researchers; pictures may not be redistributed.",
    access="Direct download of KDEF_and_AKDEF.zip, no form (kdef.se).",
    neutral="sequence",
    images=dict.fromkeys(CLASSES, 140),
)
FACTS = Facts(
    gated=False,
    labels_in_names=True,
    selection=(
        "All pictures of one view, straight by default; the neutral face of a person and session is the picture NE."
    ),
    url="https://kdef.se/",
    creators=("Daniel Lundqvist", "Anders Flykt", "Arne Öhman"),
    year="1998",
    citation=(
        "D. Lundqvist, A. Flykt, A. Öhman. The Karolinska Directed Emotional Faces - KDEF. CD ROM from Department of "
        "Clinical Neuroscience, Psychology section, Karolinska Institutet, 1998. ISBN 91-630-7164-9"
    ),
    subjects=len(SUBJECTS),
    release={"pictures": 4900, "pictures of one view": 980, "subjects": 70, "sessions of a subject": 2},
    digests={
        "names of all pictures": "765cbb17408c1b9307be57c2acfe1f02115fcd502daf216ceda69123613c8dd0",
        "names of the straight views": STRAIGHT_DIGEST,
    },
    subject_names=SUBJECTS,
    sources={
        "subjects": "the dataset's page, https://kdef.se/",
        "images": "the rule of the names: 70 people in two sessions",
        "release": "the dataset's page, https://kdef.se/; pictures of one view by the rule of the names",
        "digests": "of the names that the rule gives",
    },
    unverified=("that every copy has the ten black pictures", "the digests, which follow from the rule of the names"),
)
