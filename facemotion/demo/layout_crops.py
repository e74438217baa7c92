"""Writes in-the-wild renderings as the 48x48 gray crops of FER2013 and FERPlus."""

from functools import partial
from pathlib import Path

import numpy as np

from facemotion.config import DemoSettings
from facemotion.datasets.fer2013.info import CODES
from facemotion.datasets.ferplus.info import COLUMNS
from facemotion.demo.layout_wild import wild
from facemotion.demo.tree import Part, Work, save, square, write_tree
from facemotion.progress import Progress, silent

__all__ = ["render_fer2013", "render_ferplus"]

_SIDE = 48
_FOLDERS = {"anger": "angry", "disgust": "disgusted", "happiness": "happy", "sadness": "sad", "fear": "fearful"}
_PARTS = ("Training", "Training", "PrivateTest", "PublicTest")
"""The part of each subject, in turn."""
_TREES = {"Training": "FER2013Train", "PublicTest": "FER2013Valid", "PrivateTest": "FER2013Test"}
_CLASSES = COLUMNS[:-2]


def render_fer2013(
    out: Path,
    settings: DemoSettings,
    *,
    workers: int | None = None,
    executor: str = "local",
    clean: bool = False,
    progress: Progress = silent,
) -> None:
    """Render each subject once with every class of FER2013, as crops in class folders.

    Parameters
    ----------
    out : Path
        The root to write: ``train/happy/Training_8.jpg`` and so on, and ``demo.json``.
    settings : DemoSettings
        Subjects, intensity, seed and the share who wear glasses; size is that of the picture a crop is cut from.
    workers : int, optional
        Processes, all processors by default. The bytes do not depend on it.
    executor : str
        A module of `facemotion.execution`.
    clean : bool
        Leave out the quirks of real copies: a second copy of the training part, pictures in no class folder.
    progress : Progress
        Shows the work.
    """
    write_tree(
        out,
        "fer2013",
        settings,
        subject=_fer2013_subject,
        last=(lambda root: None) if clean else _fer2013_quirks,
        work=Work(workers, executor, progress),
        clean=clean,
    )


def _fer2013_subject(part: Part) -> None:
    usage = _PARTS[part.number % len(_PARTS)]
    for code, expression in CODES.items():
        number = part.number * len(CODES) + code
        folder = part.root / ("train" if usage == "Training" else "test") / _FOLDERS.get(expression, expression)
        save(folder / f"{usage}_{number}.jpg", square(wild(part, expression), _SIDE), gray=True)


def _fer2013_quirks(root: Path) -> None:
    """Add what real copies have besides."""
    first = min((root / "train").rglob("*.jpg"))
    copy = root / "fer2013" / first.relative_to(root)
    copy.parent.mkdir(parents=True)
    copy.write_bytes(first.read_bytes())
    save(root / "misc" / "Training_99999.jpg", np.zeros((_SIDE, _SIDE, 3), np.uint8), gray=True)


def render_ferplus(
    out: Path,
    settings: DemoSettings,
    *,
    workers: int | None = None,
    executor: str = "local",
    clean: bool = False,
    progress: Progress = silent,
) -> None:
    """Render each subject once with every class of FERPlus, as crops with votes.

    Parameters
    ----------
    out : Path
        The root to write: ``FER2013Train/fer0000000.png`` and so on, ``label.csv`` beside them, ``fer2013new.csv``
        and ``demo.json``.
    settings, workers, executor, progress
        As for `render_fer2013`.
    clean : bool
        Leave out the quirks of the real table: rows without a name, pictures without a majority, a ballot of nine.
    """
    write_tree(
        out,
        "ferplus",
        settings,
        subject=_ferplus_subject,
        last=partial(_ferplus_last, settings=settings, clean=clean),
        work=Work(workers, executor, progress),
        clean=clean,
    )


def _ferplus_subject(part: Part) -> None:
    tree = _TREES[_PARTS[part.number % len(_PARTS)]]
    for place, expression in enumerate(_CLASSES):
        name = f"fer{part.number * len(_CLASSES) + place:07d}.png"
        save(part.root / tree / name, square(wild(part, expression), _SIDE), gray=True)


def _ferplus_last(root: Path, *, settings: DemoSettings, clean: bool) -> None:
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
