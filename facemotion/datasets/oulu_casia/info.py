"""What is published about Oulu-CASIA NIR&VIS."""

from facemotion.expressions import LABEL_SPACES
from facemotion.ingestion.dataset import DatasetInfo
from facemotion.ingestion.facts import Facts

__all__ = ["CLASSES", "FACTS", "INFO", "SUBJECTS"]

CLASSES = LABEL_SPACES["basic6"]
SUBJECTS = tuple(f"P{number:03d}" for number in range(1, 81))
INFO = DatasetInfo(
    name="oulu-casia",
    title="Oulu-CASIA NIR&VIS",
    label_space="basic6",
    licence="Agreement with the University of Oulu, research only; images may not be redistributed.",
    access="Request to the Center for Machine Vision and Signal Analysis, University of Oulu.",
    sequences=dict.fromkeys(CLASSES, 80),
    images=dict.fromkeys(CLASSES, 240),
)
FACTS = Facts(
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
    subjects=len(SUBJECTS),
    release={
        "subjects": len(SUBJECTS),
        "sequences of one camera and light": 480,
        "sequences of two cameras and three lights": 2880,
    },
    subject_names=SUBJECTS,
    sources={
        "sequences": "80 people in each of six expressions, as public loaders of the original pictures have them",
        "images": "three for each sequence",
        "subjects": "the folders P001 to P080 of public loaders",
        "release": "public loaders, and the product of cameras and lights",
    },
    unverified=("the wording of the licence", "that every copy has all 480 sequences: one group's has 479"),
)
