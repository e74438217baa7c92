"""What is published about MEAD (Multi-view Emotional Audio-visual Dataset)."""

from facemotion.expressions import NEUTRAL
from facemotion.ingestion.dataset import DatasetInfo
from facemotion.ingestion.facts import Facts

__all__ = ["CODES", "FACTS", "INFO", "SLIPPED", "SUBJECTS"]

CODES = {
    "angry": "anger",
    "contempt": "contempt",
    "disgusted": "disgust",
    "fear": "fear",
    "happy": "happiness",
    "neutral": NEUTRAL,
    "sad": "sadness",
    "surprised": "surprise",
}
"""The folders of the moods."""

_MEN = (3, 5, 7, 9, 11, 12, 13, 19, *range(22, 36), 37, *range(39, 43))
_WOMEN = (9, 11, 14, 15, 16, 18, 19, 21, *range(23, 27), 28, 29, 33, *range(35, 39), 40)
SUBJECTS = (*(f"M{number:03d}" for number in _MEN), *(f"W{number:03d}" for number in _WOMEN))
"""The 47 people of the released part, as three public loaders list them; W021 is not in every list."""
SLIPPED = "M003"
"""Of this person a clip was lost, the authors say, so that the numbers slipped (github.com/uniBruce/Mead, issue 12)."""
INFO = DatasetInfo(
    name="mead",
    title="MEAD (Multi-view Emotional Audio-visual Dataset)",
    label_space="basic7",
    licence="Research; no agreement is signed.",
    access="Google Drive, linked from the project's page (wywu.github.io/projects/MEAD), no form.",
    neutral="sequence",
)
FACTS = Facts(
    gated=False,
    labels_in_names=True,
    selection=(
        "Three moments of each expressive clip of one view, frontal by default, and the neutral clip of the same "
        "number at the same relative time."
    ),
    url="https://wywu.github.io/projects/MEAD/MEAD.html",
    creators=(
        "Kaisiyuan Wang",
        "Qianyi Wu",
        "Linsen Song",
        "Zhuoqian Yang",
        "Wayne Wu",
        "Chen Qian",
        "Ran He",
        "Yu Qiao",
        "Chen Change Loy",
    ),
    year="2020",
    citation=(
        "K. Wang, Q. Wu, L. Song, Z. Yang, W. Wu, C. Qian, R. He, Y. Qiao, C. C. Loy. MEAD: A Large-scale Audio-visual "
        "Dataset for Emotional Talking-face Generation. ECCV, 2020, pages 700-717. "
        "https://doi.org/10.1007/978-3-030-58589-1_42"
    ),
    release={
        "people who were filmed": 60,
        "people in the released part": len(SUBJECTS),
        "moods": 8,
        "levels of intensity": 3,
        "views": 7,
    },
    sources={"release": "the project's page and paper; people in the released part: the lists of three public loaders"},
    unverified=(
        "that clips of one number say the same words in every mood: the authors refer to the order of sentences in "
        "their supplement, which was not at hand",
        "how many clips each person has: numbers differ, mostly 30 of a mood and level, and 40 neutral ones",
        "that W021 was released",
    ),
)
