"""What is published about CREMA-D."""

from facemotion.expressions import LABEL_SPACES, NEUTRAL
from facemotion.ingestion.dataset import DatasetInfo
from facemotion.ingestion.facts import Facts

__all__ = ["CODES", "FACTS", "INFO", "STEMS_DIGEST", "VOTES"]

CODES = {
    "ANG": "anger",
    "DIS": "disgust",
    "FEA": "fear",
    "HAP": "happiness",
    "NEU": NEUTRAL,
    "SAD": "sadness",
}
VOTES = {code[0]: expression for code, expression in CODES.items()}
"""The letters of the votes."""
CLASSES = LABEL_SPACES["basic5"]
STEMS_DIGEST = "bb8248d8fd8a8d4197f3b675243304345679864bb4805f37ec08983cf9688210"
INFO = DatasetInfo(
    name="crema-d",
    title="CREMA-D (Crowd-sourced Emotional Multimodal Actors Dataset)",
    label_space="basic5",
    licence="Open Database License 1.0, contents Database Contents License 1.0: may be shared with attribution.",
    access="Clone github.com/CheyneyComputerScience/CREMA-D with Git LFS.",
    neutral="sequence",
    images=dict.fromkeys(CLASSES, 3 * 1271),
)
FACTS = Facts(
    gated=False,
    labels_in_names=True,
    selection=(
        "Three moments of each expressive clip, and the neutral clip of the same sentence at the same relative time."
    ),
    url="https://github.com/CheyneyComputerScience/CREMA-D",
    creators=(
        "Houwei Cao",
        "David G. Cooper",
        "Michael K. Keutmann",
        "Ruben C. Gur",
        "Ani Nenkova",
        "Ragini Verma",
    ),
    year="2014",
    citation=(
        "H. Cao, D. G. Cooper, M. K. Keutmann, R. C. Gur, A. Nenkova, R. Verma. CREMA-D: Crowd-Sourced Emotional "
        "Multimodal Actors Dataset. IEEE Transactions on Affective Computing 5(4), 2014, pages 377-390. "
        "https://doi.org/10.1109/TAFFC.2014.2336244"
    ),
    subjects=91,
    release={"clips": 7442, "neutral clips": 1087, "clips of each other mood": 1271, "actors": 91},
    digests={"stems of the clips": STEMS_DIGEST},
    sources={
        "subjects": "the file names of the authors' repository",
        "images": "three for each clip of the authors' repository",
        "release": "the file names of the authors' repository, counted in commit 1658cd34 of March 2025",
        "digests": "of the file names of the authors' repository, in commit 1658cd34 of March 2025",
    },
)
