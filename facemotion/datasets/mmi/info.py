"""What is published about MMI."""

from facemotion.expressions import LABEL_SPACES
from facemotion.ingestion.dataset import DatasetInfo
from facemotion.ingestion.facts import Facts

__all__ = ["CLASSES", "CODES", "FACTS", "INFO"]

CLASSES = LABEL_SPACES["basic6"]
CODES = dict(enumerate(CLASSES, start=1))
"""MMI's codes: 1 anger, 2 disgust, 3 fear, 4 happiness, 5 sadness, 6 surprise."""
INFO = DatasetInfo(
    name="mmi",
    title="MMI Facial Expression Database",
    label_space="basic6",
    licence="End-user licence agreement per user, research only; videos stay with the licensee.",
    access="Account on the MMI Facial Expression Database site, Imperial College London and University of Twente.",
    sequences=dict(zip(CLASSES, (33, 32, 28, 42, 32, 41), strict=True)),
    images=dict(zip(CLASSES, (99, 96, 84, 126, 96, 123), strict=True)),
    digests={
        "image names": "bc9f42d65cbc3d627447a9b3aae5bd56884574aa94655da7dfb05fbf796cbcb5",
        "sequences": "7be49fa49036e6c641b762ba2e265da94ff7a1c93fc8273676e8b26606b62a37",
        "labels": "d3d408c04e66b34f65e56d9a70c947b4432bdf90022c22392c862a9373a0244c",
    },
)
FACTS = Facts(
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
    sources={
        "sequences": "FMPN's lists",
        "images": "three for each sequence, as in FMPN's lists",
        "subjects": "FMPN's lists",
        "release": "FMPN's labels and lists",
        "digests": "of FMPN's lists and labels",
        "test_images": "FMPN's lists of test images, by fold",
    },
    unverified=(
        "which three frames the authors of FMPN took: their rule is not published, so the digest of image names "
        "need not be reproduced from the clips",
    ),
)
