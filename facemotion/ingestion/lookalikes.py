"""Recognises what people give by mistake, so that a refusal can say what it is and what was meant.

Facts: public re-uploads of CK+ (CK+48, ``ckextended.csv``) and datasets whose trees resemble ours.
"""

import re
from collections.abc import Sequence

from facemotion.expressions import EXPRESSIONS
from facemotion.ingestion.tree import TreeFile

__all__ = ["recognise"]

_CK_FRAME = re.compile(r"S\d{3}_\d{3}_\d{8}\.png", re.IGNORECASE)
_CLASS_FOLDERS = {*EXPRESSIONS, "happy", "sad", "angry"}


def recognise(files: Sequence[TreeFile]) -> str | None:
    """Return a sentence about a known look-alike among `files`, or None.

    Parameters
    ----------
    files : sequence of TreeFile
        The tree that somebody gave as a dataset.
    """
    for test in (_ck48, _ckextended):
        sentence = test(files)
        if sentence:
            return sentence
    return None


def _ck48(files: Sequence[TreeFile]) -> str | None:
    in_classes = [
        file for file in files if _CK_FRAME.fullmatch(file.name) and file.folders[-1:] and _is_class(file.folders[-1])
    ]
    if not in_classes or any(file.name.lower().endswith("_emotion.txt") for file in files):
        return None
    return (
        f"this is CK+48, a re-upload of {len(in_classes)} tight 48x48 crops in class folders, not CK+: it has no "
        "neutral frames and no room around the face, so neither alignment nor masks can be made from it; "
        "use the original cohn-kanade-images and Emotion folders"
    )


def _is_class(folder: str) -> bool:
    return folder.lower() in _CLASS_FOLDERS


def _ckextended(files: Sequence[TreeFile]) -> str | None:
    if not any(file.name.lower() == "ckextended.csv" for file in files):
        return None
    return (
        "this is ckextended.csv, a 48x48 re-upload of CK+ without subject ids: person-independent folds are "
        "impossible with it; use the original cohn-kanade-images and Emotion folders"
    )
