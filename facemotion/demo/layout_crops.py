"""Writes in-the-wild renderings as the 48x48 gray crops of FER2013 and FERPlus."""

import numpy as np

from facemotion.datasets.fer2013.info import CODES
from facemotion.datasets.ferplus.info import COLUMNS
from facemotion.demo.layout import Layout, Part, Whole
from facemotion.demo.layout_wild import LATER
from facemotion.demo.pictures import save, square, wild

__all__ = ["render_fer2013", "render_ferplus"]

_SIDE = 48
_FOLDERS = {"anger": "angry", "disgust": "disgusted", "happiness": "happy", "sadness": "sad", "fear": "fearful"}
_PARTS = ("Training", "Training", "PrivateTest", "PublicTest")
"""The part of each subject, in turn."""
_TREES = {"Training": "FER2013Train", "PublicTest": "FER2013Valid", "PrivateTest": "FER2013Test"}
_CLASSES = COLUMNS[:-2]


def _fer2013_person(part: Part) -> None:
    usage = _PARTS[part.number % len(_PARTS)]
    for code, expression in CODES.items():
        number = part.number * len(CODES) + code
        folder = part.root / ("train" if usage == "Training" else "test") / _FOLDERS.get(expression, expression)
        save(folder / f"{usage}_{number}.jpg", square(wild(part, expression, later=LATER), _SIDE), gray=True)


def _fer2013_quirks(whole: Whole, results: list[None]) -> None:
    """Add what real copies have besides."""
    if whole.clean:
        return
    root = whole.root
    first = min((root / "train").rglob("*.jpg"))
    copy = root / "fer2013" / first.relative_to(root)
    copy.parent.mkdir(parents=True)
    copy.write_bytes(first.read_bytes())
    save(root / "misc" / "Training_99999.jpg", np.zeros((_SIDE, _SIDE, 3), np.uint8), gray=True)


render_fer2013 = Layout("fer2013", _fer2013_person, _fer2013_quirks)
"""FER2013: ``train/happy/Training_8.jpg`` and so on; each subject once with every class, as crops in class folders.

Size is that of the picture a crop is cut from. The quirks of real copies: a second copy of the training part, a picture
in no class folder."""


def _ferplus_person(part: Part) -> None:
    tree = _TREES[_PARTS[part.number % len(_PARTS)]]
    for place, expression in enumerate(_CLASSES):
        name = f"fer{part.number * len(_CLASSES) + place:07d}.png"
        save(part.root / tree / name, square(wild(part, expression, later=LATER), _SIDE), gray=True)


def _ferplus_last(whole: Whole, results: list[None]) -> None:
    root, settings, clean = whole
    lines = ["Usage,Image name," + ",".join(COLUMNS)]
    labels: dict[str, list[str]] = {}
    for number in range(settings.subjects):
        usage = _PARTS[number % len(_PARTS)]
        for place in range(len(_CLASSES)):
            votes = [0] * len(COLUMNS)
            votes[place], votes[(place + 1) % len(_CLASSES)] = 8, 2
            if not clean and number == 0 and place < 2:
                votes = [4, 3, 2, 1, 0, 0, 0, 0, 0, 0] if place else [7, 2, 0, 0, 0, 0, 0, 0, 0, 0]
            name, ballot = f"fer{number * len(_CLASSES) + place:07d}.png", ",".join(map(str, votes))
            lines.append(f"{usage},{name},{ballot}")
            labels.setdefault(_TREES[usage], []).append(f'{name},"(0, 0, 48, 48)",{ballot}')
    if not clean:
        lines.insert(3, "Training,,0,0,0,0,0,0,0,0,0,10")
    (root / "fer2013new.csv").write_text("\n".join(lines) + "\n", encoding="ascii", newline="\n")
    for tree, rows in labels.items():
        (root / tree / "label.csv").write_text("\n".join(rows) + "\n", encoding="ascii", newline="\n")


render_ferplus = Layout("ferplus", _ferplus_person, _ferplus_last)
"""FERPlus: ``FER2013Train/fer0000000.png`` and so on, ``label.csv`` beside them, ``fer2013new.csv``.

The quirks of the real table: a row without a name, a picture without a majority, a ballot of nine."""
