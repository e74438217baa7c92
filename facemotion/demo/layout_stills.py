"""Writes the demo in the layouts of KDEF and JAFFE: posed pictures, a file each, named after what they show."""

import shutil
from functools import partial
from pathlib import Path

import numpy as np

from facemotion.config import DemoSettings
from facemotion.datasets.jaffe.info import CODES as JAFFE_CODES
from facemotion.datasets.jaffe.info import SUBJECTS as JAFFE_SUBJECTS
from facemotion.datasets.kdef.info import CODES, MISNAMED
from facemotion.demo.tree import Part, Work, posed, save, write_tree
from facemotion.errors import ConfigError
from facemotion.expressions import NEUTRAL
from facemotion.progress import Progress, silent

__all__ = ["render_jaffe", "render_kdef"]

_ANGLES = {"S": 0.0, "HL": -45.0, "HR": 45.0, "FL": -85.0, "FR": 85.0}
"""Degrees by which the camera stands to the side."""
_KDEF_ASPECT = 562 / 762
_TAKES = 3
"""Pictures of each expression of a person in JAFFE, mostly."""


def render_kdef(
    out: Path,
    settings: DemoSettings,
    *,
    workers: int | None = None,
    executor: str = "local",
    clean: bool = False,
    progress: Progress = silent,
) -> None:
    """Render synthetic subjects into a tree in KDEF's layout: two sessions, seven expressions, five angles.

    Parameters
    ----------
    out : Path
        The root to write: ``KDEF_and_AKDEF/KDEF/AF01/AF01AFS.JPG`` and so on, and ``demo.json``.
    settings : DemoSettings
        Subjects, size, intensity, seed and the share who wear glasses; frames play no part. A picture is as high as
        the size says, and as wide as KDEF's are.
    workers : int, optional
        Processes, all processors by default. The bytes do not depend on it.
    executor : str
        A module of `facemotion.execution`.
    clean : bool
        Leave out the quirks of real copies: the doubled folder, a misnamed file, black pictures, averaged faces,
        documents.
    progress : Progress
        Shows the work.

    Raises
    ------
    ConfigError
        For more than 70 subjects.
    """
    _at_most(settings, 70, "KDEF")
    top = "KDEF_and_AKDEF" if clean else "KDEF_and_AKDEF/KDEF_and_AKDEF"
    last = (lambda root: None) if clean else partial(_kdef_quirks, top=top)
    write_tree(
        out,
        "kdef",
        settings,
        subject=partial(_kdef_subject, top=top),
        last=last,
        work=Work(workers, executor, progress),
        clean=clean,
    )


def _kdef_subject(part: Part, *, top: str) -> None:
    person = f"{'FM'[part.number % 2]}{part.number // 2 + 1:02d}"
    for take, session in enumerate("AB"):
        folder = part.root / top / "KDEF" / f"{session}{person}"
        for code, expression in CODES.items():
            shown = None if expression == NEUTRAL else expression
            for angle, degrees in _ANGLES.items():
                frame = posed(part, shown, take=take, yaw=float(np.radians(degrees)), aspect=_KDEF_ASPECT)
                save(folder / f"{session}{person}{code}{angle}.JPG", frame.image)


def _kdef_quirks(root: Path, *, top: str) -> None:
    """Add what real copies have besides."""
    kdef = root / top / "KDEF"
    black = np.zeros((96, 71, 3), np.uint8)
    save(kdef / "AF01" / "AF01SUFR.JPG", black)  # as in the archive
    save(kdef / "AM01" / "AM01SUS.JPG", black)  # as in a damaged copy
    wrong = next(iter(MISNAMED))
    shutil.copyfile(kdef / "AF01" / "AF01SAHL.JPG", kdef / "AF01" / f"{wrong}.JPG")  # of AF31, who is not there
    for name in ("FAFFL.JPG", "MNES.JPG"):
        save(root / top / "AKDEF" / name, np.full((96, 71, 3), 128, np.uint8), gray=True)
    (root / top / "ReadThis").mkdir()
    (root / top / "ReadThis" / "ReadThis.txt").write_text("synthetic\n", encoding="ascii", newline="\n")
    (kdef / "AF01" / "Thumbs.db").write_bytes(b"\xd0\xcf\x11\xe0")


def render_jaffe(
    out: Path,
    settings: DemoSettings,
    *,
    workers: int | None = None,
    executor: str = "local",
    clean: bool = False,
    progress: Progress = silent,
) -> None:
    """Render synthetic subjects into a tree in JAFFE's layout: three gray pictures of each expression.

    Parameters
    ----------
    out : Path
        The root to write: ``jaffe/KA.AN1.1.tiff`` and so on, and ``demo.json``.
    settings : DemoSettings
        At most ten subjects, whose names are JAFFE's; otherwise as for `render_kdef`.
    workers, executor, clean, progress
        As for `render_kdef`. The quirks: a converted second copy, a missing picture, the description.

    Raises
    ------
    ConfigError
        For more than ten subjects.
    """
    _at_most(settings, len(JAFFE_SUBJECTS), "JAFFE")
    write_tree(
        out,
        "jaffe",
        settings,
        subject=_jaffe_subject,
        last=(lambda root: None) if clean else _jaffe_quirks,
        work=Work(workers, executor, progress),
        clean=clean,
    )


def _jaffe_subject(part: Part) -> None:
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


def _jaffe_quirks(root: Path) -> None:
    """Add what real copies have besides."""
    folder = root / "jaffe"
    next(iter(sorted(folder.glob("NA.DI2.*")))).unlink()
    shutil.copyfile(next(iter(sorted(folder.glob("KA.AN1.*")))), folder / "KA.AN1.1.tiff.bmp")
    (folder / "README_FIRST.txt").write_text("N HAP SAD SUR ANG DIS FEA PIC\n", encoding="ascii", newline="\n")
    (folder / ".DS_Store").write_bytes(b"\0\0\0\1Bud1")


def _at_most(settings: DemoSettings, number: int, title: str) -> None:
    if settings.subjects > number:
        raise ConfigError(f"{title} has {number} people, so that at most {number} subjects can be rendered as it")
