"""What is published about RAF-DB, its basic set."""

from facemotion.expressions import NEUTRAL
from facemotion.ingestion.dataset import DatasetInfo
from facemotion.ingestion.facts import Facts

__all__ = ["CODES", "FACTS", "INFO", "PARTS"]

CODES = {
    1: "surprise",
    2: "fear",
    3: "disgust",
    4: "happiness",
    5: "sadness",
    6: "anger",
    7: NEUTRAL,
}
"""RAF-DB's codes, which are not FER2013's."""
_TRAIN = dict(zip(CODES.values(), (1290, 281, 717, 4772, 1982, 705, 2524), strict=True))
_TEST = dict(zip(CODES.values(), (329, 74, 160, 1185, 478, 162, 680), strict=True))
PARTS = {"train": _TRAIN, "test": _TEST}
"""Published counts by part; more than eight public loaders state them."""
INFO = DatasetInfo(
    name="raf-db",
    title="RAF-DB (Real-world Affective Faces, basic set)",
    label_space="affectnet7",
    licence="Non-commercial research; pictures may not be redistributed.",
    access="E-mail from an institutional address (whdeng.cn/RAF/model1.html), which is answered with a password.",
    has_neutral=False,
    images={name: _TRAIN[name] + _TEST[name] for name in CODES.values()},
    digests={"names of the pictures": "14fb7ddc4634246472ef669b33180181a55ebaf690eab003f199376a70573ef8"},
    names_people=False,
)
FACTS = Facts(
    selection="All pictures with one of seven classes, neutral among them, in the official split.",
    url="http://www.whdeng.cn/RAF/model1.html",
    creators=("Shan Li", "Weihong Deng", "JunPing Du"),
    year="2017",
    citation=(
        "S. Li, W. Deng, J. Du. Reliable Crowdsourcing and Deep Locality-Preserving Learning for Expression "
        "Recognition in the Wild. CVPR, 2017, pages 2584-2593. https://doi.org/10.1109/CVPR.2017.277"
    ),
    release={"pictures": 15339, "training pictures": 12271, "test pictures": 3068},
    annotated={"train": _TRAIN, "test": _TEST},
    sources={
        "images": "more than eight public loaders",
        "release": "more than eight public loaders",
        "annotated": "more than eight public loaders",
        "digests": "of the names that the rule gives",
    },
    unverified=(
        "whether a person is in both parts of the split: RAF-DB names nobody",
        "the digest of names, which follows from their rule",
    ),
)
