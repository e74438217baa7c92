"""Recognises what people give by mistake, so that a refusal can say what it is and what was meant.

A look-alike beside the dataset that is asked for is no mistake: ask only where that dataset was not found.
Facts: public re-uploads of CK+ (CK+48, ``ckextended.csv``) and datasets whose names or trees resemble ours (MAHNOB,
Oulu-NPU, CASIA NIR-VIS 2.0).
"""

import re
from collections.abc import Iterable, Sequence

from facemotion.expressions import EXPRESSIONS, named
from facemotion.ingestion.tree import TreeFile
from facemotion.suffixes import is_image

__all__ = ["all_in_class_folders", "is_ck48", "is_class_folder", "is_mahnob", "is_raf_db", "is_rafd", "recognise"]

_CK_FRAME = re.compile(r"S\d{3}_\d{3}_\d{8}\.png", re.IGNORECASE)
_MMI_CLIP = re.compile(r"S\d{3}\s*-\s*\d{3}\.avi", re.IGNORECASE)
_MAHNOB = re.compile(r"laughterannotation\.csv|.*_mic\.wav|part_\d+_.*\.bdf|.*-all-data-.*\.tsv", re.IGNORECASE)
_OULU_NPU = re.compile(r"\d_\d_\d{2}_\d\.(avi|txt)", re.IGNORECASE)
_NIR_VIS_SESSION = re.compile(r"s\d+", re.IGNORECASE)
_NIR_VIS_CAMERA = re.compile(r"(NIR|VIS)(_128x128)?", re.IGNORECASE)
_RAF_DB = re.compile(r"(train_\d{5}|test_\d{4})(_aligned)?\.jpe?g", re.IGNORECASE)
_RAFD = re.compile(r"Rafd\d{3}_\d{2}_\w+\.\w+", re.IGNORECASE)
_CLASS_FOLDERS = {*EXPRESSIONS, "happy", "sad", "angry"}


def recognise(files: Sequence[TreeFile]) -> str | None:
    """Return a sentence about a known look-alike among `files`, or None.

    Parameters
    ----------
    files : sequence of TreeFile
        The tree that somebody gave as a dataset.
    """
    for test in (_ck48, _ckextended, _mahnob, _oulu_npu, _nir_vis):
        sentence = test(files)
        if sentence:
            return sentence
    return None


def is_ck48(files: Sequence[TreeFile]) -> bool:
    """Tell whether a tree's frames of CK+ are those of CK+48, which lie in folders named after expressions."""
    return bool(_in_classes(files)) and len(_in_classes(files)) == len(_frames(files))


def is_class_folder(name: str) -> bool:
    """Tell whether a folder is named after an expression, as in re-uploads."""
    return name.lower() in _CLASS_FOLDERS


def all_in_class_folders(files: Sequence[TreeFile]) -> bool:
    """Tell whether the pictures of a tree all lie in folders named after expressions, as mirrors keep them."""
    pictures = [file for file in files if is_image(file.name)]
    return bool(pictures) and all(file.folders and named(file.folders[-1]) for file in pictures)


def is_raf_db(files: Sequence[TreeFile]) -> bool:
    """Tell whether a tree has pictures of RAF-DB, whose name resembles RaFD's."""
    return any(_RAF_DB.fullmatch(file.name) for file in files)


def is_rafd(files: Sequence[TreeFile]) -> bool:
    """Tell whether a tree has pictures of RaFD, whose name resembles RAF-DB's."""
    return any(_RAFD.fullmatch(file.name) for file in files)


def _frames(files: Sequence[TreeFile]) -> list[TreeFile]:
    return [file for file in files if _CK_FRAME.fullmatch(file.name)]


def _in_classes(files: Sequence[TreeFile]) -> list[TreeFile]:
    return [file for file in _frames(files) if file.folders and is_class_folder(file.folders[-1])]


def _ck48(files: Sequence[TreeFile]) -> str | None:
    if not is_ck48(files):
        return None
    return (
        f"this is CK+48, a re-upload of {len(_in_classes(files))} tight 48x48 crops in class folders, not CK+: it has "
        "no neutral frames and no room around the face, so neither alignment nor masks can be made from it; "
        "use the original cohn-kanade-images and Emotion folders"
    )


def _ckextended(files: Sequence[TreeFile]) -> str | None:
    if _frames(files) or not any(file.name.lower() == "ckextended.csv" for file in files):
        return None
    return (
        "this is ckextended.csv, a 48x48 re-upload of CK+ without subject ids: person-independent folds are "
        "impossible with it; use the original cohn-kanade-images and Emotion folders"
    )


def is_mahnob(names: Iterable[str]) -> bool:
    """Tell whether a session's file names are those of MAHNOB-Laughter or MAHNOB-HCI, whose trees resemble MMI's."""
    return any(_MAHNOB.fullmatch(name) for name in names)


def _mahnob(files: Sequence[TreeFile]) -> str | None:
    sessions = {file.folders for file in files if _MAHNOB.fullmatch(file.name)}
    clips = {file.folders for file in files if _MMI_CLIP.fullmatch(file.name)}
    if not sessions or not clips <= sessions:  # MMI, with a stray session of MAHNOB
        return None
    return (
        "this is a MAHNOB database (laughter or HCI tagging), not MMI: its Sessions folders look alike, but its clips "
        "carry no basic expression; search the MMI site for sessions with an emotion"
    )


def _oulu_npu(files: Sequence[TreeFile]) -> str | None:
    if sum(_OULU_NPU.fullmatch(file.name) is not None for file in files) < max(1, len(files) // 2):
        return None
    return (
        "this is Oulu-NPU, a database of face spoofing, not Oulu-CASIA NIR&VIS: it shows no expressions; "
        "ask the University of Oulu for the facial expression database"
    )


def _nir_vis(files: Sequence[TreeFile]) -> str | None:
    pairs = (tuple(zip(file.folders, file.folders[1:], strict=False)) for file in files)
    if not any(
        _NIR_VIS_SESSION.fullmatch(session) and _NIR_VIS_CAMERA.fullmatch(camera)
        for each in pairs
        for session, camera in each
    ):
        return None
    return (
        "this is CASIA NIR-VIS 2.0, a database for face recognition, not Oulu-CASIA NIR&VIS: it shows no labelled "
        "expressions; ask the University of Oulu for the facial expression database"
    )
