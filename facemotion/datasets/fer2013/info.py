"""What is published about FER2013."""

from facemotion.expressions import NEUTRAL
from facemotion.ingestion.dataset import DatasetInfo
from facemotion.ingestion.facts import Facts

__all__ = ["CODES", "FACTS", "INFO", "PARTS"]

CODES = {0: "anger", 1: "disgust", 2: "fear", 3: "happiness", 4: "sadness", 5: "surprise", 6: NEUTRAL}
"""FER2013's codes."""
PARTS = {"Training": 28709, "PublicTest": 3589, "PrivateTest": 3589}
"""Counts by part, of the challenge's ``fer2013.csv`` by its column Usage."""
INFO = DatasetInfo(
    name="fer2013",
    title="FER2013",
    label_space="affectnet7",
    licence="Terms of the Kaggle challenge; the pictures were collected from the web.",
    access="Kaggle, Challenges in Representation Learning: Facial Expression Recognition Challenge.",
    has_neutral=False,
    names_people=False,
)
FACTS = Facts(
    gated=False,
    labels_in_names=True,
    selection="The training part and the private test part, 48x48 crops as given; neutral is a class.",
    url="https://www.kaggle.com/c/challenges-in-representation-learning-facial-expression-recognition-challenge",
    creators=("Ian J. Goodfellow", "Dumitru Erhan", "Pierre Luc Carrier", "Aaron Courville", "Yoshua Bengio"),
    year="2013",
    citation=(
        "I. J. Goodfellow, D. Erhan, P. L. Carrier, A. Courville, M. Mirza, B. Hamner, et al. Challenges in "
        "Representation Learning: A report on three machine learning contests. ICONIP, 2013, pages 117-124. "
        "https://doi.org/10.1007/978-3-642-42051-1_16"
    ),
    release={"pictures": sum(PARTS.values()), **PARTS},
    sources={
        "release": "the rows of the challenge's fer2013.csv, by Usage",
    },
    unverified=("the wording of the licence",),
)
