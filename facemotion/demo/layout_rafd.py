"""Writes the demo in RaFD's layout: posed pictures by five cameras, named after what they show."""

import shutil

import numpy as np

from facemotion.datasets.rafd.info import CODES, GROUPS
from facemotion.demo.layout import Layout, Part, Whole
from facemotion.demo.pictures import posed, save
from facemotion.expressions import NEUTRAL

__all__ = ["render_rafd"]

_CAMERAS = {"000": -85.0, "045": -45.0, "090": 0.0, "135": 45.0, "180": 85.0}
"""Degrees by which each camera stands to the side; on which side is not known of the real ones."""
_GAZES = ("frontal", "left", "right")
_GROUPS = ("Caucasian_female", "Caucasian_male", "Kid_female", "Moroccan_male")
"""What people are called, in turn; the faces are drawn without regard to it."""
_ASPECT = 681 / 1024
_STEP = 12
"""After so many people a number is left out, as in RaFD's numbers up to 73."""


def _number(part: Part) -> str:
    return f"{1 + part.number + part.number // _STEP:02d}"


def _person(part: Part) -> None:
    who = f"{_number(part)}_{_GROUPS[part.number % len(_GROUPS)]}"
    for word, expression in CODES.items():
        shown = None if expression == NEUTRAL else expression
        for camera, degrees in _CAMERAS.items():
            for take, gaze in enumerate(_GAZES if degrees == 0 else _GAZES[:1]):
                frame = posed(part, shown, take=take, yaw=float(np.radians(degrees)), aspect=_ASPECT)
                save(part.root / "RaFD" / f"Rafd{camera}_{who}_{word}_{gaze}.jpg", frame.image)


def _quirks(whole: Whole, results: list[None]) -> None:
    """Add what real copies have besides."""
    if whole.clean:
        return
    folder = whole.root / "RaFD"
    last = sorted(folder.glob("Rafd090_*_neutral_frontal.jpg"))[-1]
    last.unlink()
    moved = sorted(folder.glob("Rafd090_01_*_happy_frontal.jpg"))[0]
    (folder / "happy").mkdir()
    moved.rename(folder / "happy" / moved.name)  # many sort the pictures into class folders
    angry = sorted(folder.glob("Rafd090_01_*_angry_frontal.jpg"))[0]
    shutil.copytree(folder / "happy", whole.root / "aligned" / "happy")
    shutil.copyfile(angry, whole.root / "aligned" / angry.name)
    (folder / "Thumbs.db").write_bytes(b"\xd0\xcf\x11\xe0")


render_rafd = Layout("rafd", _person, _quirks, most=GROUPS["all"])
"""RaFD: ``RaFD/Rafd090_01_Caucasian_female_angry_frontal.jpg`` and so on; eight expressions by five cameras a person.

The frontal camera has all three directions of gaze, the others one; the eyes do not turn, since no reader looks at
them. The quirks of real copies: a class folder, second copies, a missing neutral picture, a stray file."""
