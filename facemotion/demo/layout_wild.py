"""Writes in-the-wild renderings in the layouts of RAF-DB, FERPlus and FER2013."""

from functools import partial
from pathlib import Path

import numpy as np

from facemotion.config import DemoSettings
from facemotion.datasets.raf_db.info import CODES
from facemotion.demo.glasses import wears
from facemotion.demo.sequence import Frame, wild_face
from facemotion.demo.tree import Part, Work, save, square, write_tree
from facemotion.expressions import NEUTRAL
from facemotion.progress import Progress, silent

__all__ = ["render_raf_db", "wild"]

_LATER = 6_000
"""Added to the seeds of people, so that nobody of the laboratory renderings appears here."""
_TEST_SHARE = 3
"""Every third subject is in the test part."""


def wild(part: Part, expression: str) -> Frame:
    """Render a subject with an expression as pictures on the web show it."""
    settings, person = part.settings, _LATER + part.seed
    return wild_face(
        person,
        None if expression == NEUTRAL else expression,
        size=settings.size,
        intensity=settings.intensity,
        seed=settings.seed,
        glasses=wears(person, settings.glasses),
    )


def render_raf_db(
    out: Path,
    settings: DemoSettings,
    *,
    workers: int | None = None,
    executor: str = "local",
    clean: bool = False,
    progress: Progress = silent,
) -> None:
    """Render each subject once with every class of RAF-DB, in the wild.

    Parameters
    ----------
    out : Path
        The root to write: ``basic/`` with ``Image/original``, ``Image/aligned`` (100x100), ``EmoLabel``,
        ``Annotation/manual`` with the true points, and ``demo.json``.
    settings : DemoSettings
        Subjects, size, intensity, seed and the share who wear glasses; frames play no part.
    workers : int, optional
        Processes, all processors by default. The bytes do not depend on it.
    executor : str
        A module of `facemotion.execution`.
    clean : bool
        Leave out the quirks of real copies: a picture without label, a label without picture, another set beside it.
    progress : Progress
        Shows the work.
    """
    write_tree(
        out,
        "raf-db",
        settings,
        subject=_raf_subject,
        last=partial(_raf_last, settings=settings, clean=clean),
        work=Work(workers, executor, progress),
        clean=clean,
    )


def _raf_names(number: int) -> list[str]:
    """Return the names of a subject's pictures, one a code: every third subject is in the test part."""
    test = number % _TEST_SHARE == _TEST_SHARE - 1
    before = number // _TEST_SHARE if test else number - number // _TEST_SHARE
    first = 1 + before * len(CODES)
    return [f"test_{first + place:04d}" if test else f"train_{first + place:05d}" for place in range(len(CODES))]


def _raf_subject(part: Part) -> None:
    top = part.root / "basic"
    for name, expression in zip(_raf_names(part.number), CODES.values(), strict=True):
        frame = wild(part, expression)
        save(top / "Image/original" / f"{name}.jpg", frame.image)
        save(top / "Image/aligned" / f"{name}_aligned.jpg", square(frame, 100))
        lines = [f"{x:.4f}\t{y:.4f}" for x, y in frame.landmarks]
        path = top / "Annotation/manual" / f"{name}_manu_attri.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join([*lines, "0", "0", "2"]) + "\n", encoding="ascii", newline="\n")


def _raf_last(root: Path, *, settings: DemoSettings, clean: bool) -> None:
    top = root / "basic"
    lines = [
        f"{name}.jpg {code}"
        for number in range(settings.subjects)
        for name, code in zip(_raf_names(number), CODES, strict=True)
    ]
    if not clean:
        black = np.zeros((100, 100, 3), np.uint8)
        save(top / "Image/original/train_09999.jpg", black)
        lines.append("train_09998.jpg 4")
        save(root / "compound/Image/original/train_00001.jpg", black)
        (root / "compound/EmoLabel").mkdir()
        (root / "compound/EmoLabel/list_patition_label.txt").write_text(
            "train_00001.jpg 11\n", encoding="ascii", newline="\n"
        )
    (top / "EmoLabel").mkdir()
    (top / "EmoLabel/list_patition_label.txt").write_text(
        "\n".join(sorted(lines)) + "\n", encoding="ascii", newline="\n"
    )
