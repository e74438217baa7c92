"""Writes in-the-wild renderings in the layout of RAF-DB."""

import numpy as np

from facemotion.datasets.raf_db.info import CODES
from facemotion.demo.layout import Layout, Part, Whole
from facemotion.demo.pictures import save, square, wild

__all__ = ["LATER", "render_raf_db"]

LATER = 6_000
"""Added to the seeds of people, so that nobody of the laboratory renderings appears here, nor in FER2013's crops."""
_TEST_SHARE = 3
"""Every third subject is in the test part."""


def _raf_names(number: int) -> list[str]:
    """Return the names of a subject's pictures, one a code: every third subject is in the test part."""
    test = number % _TEST_SHARE == _TEST_SHARE - 1
    before = number // _TEST_SHARE if test else number - number // _TEST_SHARE
    first = 1 + before * len(CODES)
    return [f"test_{first + place:04d}" if test else f"train_{first + place:05d}" for place in range(len(CODES))]


def _raf_person(part: Part) -> None:
    top = part.root / "basic"
    for name, expression in zip(_raf_names(part.number), CODES.values(), strict=True):
        frame = wild(part, expression, later=LATER)
        save(top / "Image/original" / f"{name}.jpg", frame.image)
        save(top / "Image/aligned" / f"{name}_aligned.jpg", square(frame, 100))
        lines = [f"{x:.4f}\t{y:.4f}" for x, y in frame.landmarks]
        path = top / "Annotation/manual" / f"{name}_manu_attri.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join([*lines, "0", "0", "2"]) + "\n", encoding="ascii", newline="\n")


def _raf_last(whole: Whole, results: list[None]) -> None:
    root, settings, clean = whole
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


render_raf_db = Layout("raf-db", _raf_person, _raf_last)
"""RAF-DB: ``basic/`` with ``Image/original``, ``Image/aligned`` (100x100), ``EmoLabel``, ``Annotation/manual`` with the
true points; each subject once with every class, in the wild. Frames play no part.

The quirks of real copies: a picture without label, a label without picture, another set beside it."""
