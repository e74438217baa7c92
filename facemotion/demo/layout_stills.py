"""Writes the demo in the layouts of KDEF and JAFFE: posed pictures, a file each, named after what they show."""

import shutil

import numpy as np

from facemotion.datasets.jaffe.info import CODES as JAFFE_CODES
from facemotion.datasets.jaffe.info import SUBJECTS as JAFFE_SUBJECTS
from facemotion.datasets.kdef.info import CODES, MISNAMED, SUBJECTS
from facemotion.demo.layout import Layout, Part, Whole
from facemotion.demo.pictures import posed, save
from facemotion.expressions import NEUTRAL

__all__ = ["render_jaffe", "render_kdef"]

_ANGLES = {"S": 0.0, "HL": -45.0, "HR": 45.0, "FL": -85.0, "FR": 85.0}
"""Degrees by which the camera stands to the side."""
_KDEF_ASPECT = 562 / 762
_TAKES = 3
"""Pictures of each expression of a person in JAFFE, mostly."""


def _kdef_top(clean: bool) -> str:
    """Return the folders around ``KDEF``; unpacking often doubles the first."""
    return "KDEF_and_AKDEF" if clean else "KDEF_and_AKDEF/KDEF_and_AKDEF"


def _kdef_person(part: Part) -> None:
    top = part.root / _kdef_top(part.clean)
    person = f"{'FM'[part.number % 2]}{part.number // 2 + 1:02d}"
    for take, session in enumerate("AB"):
        folder = top / "KDEF" / f"{session}{person}"
        for code, expression in CODES.items():
            shown = None if expression == NEUTRAL else expression
            for angle, degrees in _ANGLES.items():
                frame = posed(part, shown, take=take, yaw=float(np.radians(degrees)), aspect=_KDEF_ASPECT)
                save(folder / f"{session}{person}{code}{angle}.JPG", frame.image)


def _kdef_quirks(whole: Whole, results: list[None]) -> None:
    """Add what real copies have besides."""
    if whole.clean:
        return
    top = whole.root / _kdef_top(whole.clean)
    kdef = top / "KDEF"
    black = np.zeros((96, 71, 3), np.uint8)
    save(kdef / "AF01" / "AF01SUFR.JPG", black)  # as in the archive
    save(kdef / "AM01" / "AM01SUS.JPG", black)  # as in a damaged copy
    wrong = next(iter(MISNAMED))
    shutil.copyfile(kdef / "AF01" / "AF01SAHL.JPG", kdef / "AF01" / f"{wrong}.JPG")  # of AF31, who is not there
    for name in ("FAFFL.JPG", "MNES.JPG"):
        save(top / "AKDEF" / name, np.full((96, 71, 3), 128, np.uint8), gray=True)
    (top / "ReadThis").mkdir()
    (top / "ReadThis" / "ReadThis.txt").write_text("synthetic\n", encoding="ascii", newline="\n")
    (kdef / "AF01" / "Thumbs.db").write_bytes(b"\xd0\xcf\x11\xe0")


render_kdef = Layout("kdef", _kdef_person, _kdef_quirks, most=len(SUBJECTS))
"""KDEF: ``KDEF_and_AKDEF/KDEF/AF01/AF01AFS.JPG`` and so on; two sessions, seven expressions, five angles a person.

A picture is as high as the settings' size says, and as wide as KDEF's are; frames play no part. The quirks of real
copies: the doubled folder, a misnamed file, black pictures, averaged faces, documents."""


def _jaffe_person(part: Part) -> None:
    person = JAFFE_SUBJECTS[_jaffe_place(part)]
    number = 1 + 21 * part.number
    for code, expression in JAFFE_CODES.items():
        for take in range(1, _TAKES + 1):
            frame = posed(part, None if expression == NEUTRAL else expression, take=take)
            save(part.root / "jaffe" / f"{person}.{code}{take}.{number}.tiff", frame.image, gray=True)
            number += 1


def _jaffe_place(part: Part) -> int:
    """Return the place of a subject's name: NA, which is easily lost, is the second."""
    return (0, 5, 1, 2, 3, 4, 6, 7, 8, 9)[part.number]


def _jaffe_quirks(whole: Whole, results: list[None]) -> None:
    """Add what real copies have besides."""
    if whole.clean:
        return
    folder = whole.root / "jaffe"
    next(iter(sorted(folder.glob("NA.DI2.*")))).unlink()
    shutil.copyfile(next(iter(sorted(folder.glob("KA.AN1.*")))), folder / "KA.AN1.1.tiff.bmp")
    (folder / "README_FIRST.txt").write_text("N HAP SAD SUR ANG DIS FEA PIC\n", encoding="ascii", newline="\n")
    (folder / ".DS_Store").write_bytes(b"\0\0\0\1Bud1")


render_jaffe = Layout("jaffe", _jaffe_person, _jaffe_quirks, most=len(JAFFE_SUBJECTS))
"""JAFFE: ``jaffe/KA.AN1.1.tiff`` and so on; three gray pictures of each expression of people who bear JAFFE's names.

The quirks of real copies: a converted second copy, a missing picture, the description."""
