"""What real copies of CK+ have besides, for the demo's tree in its layout; `clean` trees have none of it.

Odd subject numbers, sessions with gaps, lengths that differ, mostly gray pictures; sequences without label, labels that
do not fit their frames, a broken picture, FACS files and what unpacking leaves. Nothing is rendered for it.
``Landmarks`` is left out: the renderer knows five points of a face, and 68 would be made up.
"""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from facemotion.expressions import EXPRESSIONS

__all__ = ["Plan", "add", "varied"]

_LEAST_FRAMES = 4
_GAPS = 6
"""A subject lacks one of the sessions 2 to 7, in turn."""
_ODD_NAMES = ("S501", "S999")
_STORE = b"\0\0\0\1Bud1"
_UNITS: Mapping[str, tuple[int, ...]] = dict(
    zip(
        EXPRESSIONS,
        (
            (4, 5, 7, 17, 23, 24),
            (12, 14),
            (9, 10, 15, 17),
            (1, 2, 4, 5, 7, 20, 26),
            (6, 12, 25),
            (1, 4, 15, 17),
            (1, 2, 5, 26, 27),
        ),
        strict=True,
    )
)
"""FACS action units of the prototypes that `facemotion.demo.expression` poses."""


@dataclass(frozen=True)
class Plan:
    """How a subject's sequences lie on disk.

    Attributes
    ----------
    name : str
        ``S005``.
    sessions : tuple of int
        The sessions' numbers, in the order in which they are filmed.
    frames : tuple of int
        How many frames each has.
    height : int
        Rows of a picture, cut off at the bottom.
    gray : bool
        Whether pictures have one channel.
    """

    name: str
    sessions: tuple[int, ...]
    frames: tuple[int, ...]
    height: int
    gray: bool = False

    def stem(self, place: int) -> str:
        """Return the name of the sequence at a place: ``S005_001``."""
        return f"{self.name}_{self.sessions[place]:03d}"

    def folder(self, place: int) -> str:
        """Return the folder of the sequence at a place: ``S005/001``."""
        return f"{self.name}/{self.sessions[place]:03d}"


def varied(plans: Sequence[Plan]) -> list[Plan]:
    """Return plans as they are in CK+: no two subjects need have the same sessions, lengths or kind of pictures.

    From four subjects on the last two are S501 and S999. One subject keeps colours, and 480 rows of 490: S501, or the
    last one where there are few.
    """
    odd = len(plans) >= len(_ODD_NAMES) + 2 and plans[-3].name < min(_ODD_NAMES)
    names = [plan.name for plan in plans]
    if odd:
        names[-2:] = _ODD_NAMES
    coloured = len(plans) - (2 if odd else 1)
    changed = []
    for number, (plan, name) in enumerate(zip(plans, names, strict=True)):
        gap = 2 + number % _GAPS
        changed.append(
            replace(
                plan,
                name=name,
                sessions=tuple(session + (session >= gap) for session in plan.sessions),
                frames=tuple(
                    max(_LEAST_FRAMES, frames - (number + place) % 3) for place, frames in enumerate(plan.frames)
                ),
                height=round(plan.height * 480 / 490) if number == coloured else plan.height,
                gray=number != coloured,
            )
        )
    return changed


def add(root: Path, plans: Sequence[Plan]) -> None:
    """Add the rest to a rendered tree.

    Parameters
    ----------
    root : Path
        A tree with the frames and labels of `plans`.
    plans : sequence of Plan
        At least two.
    """
    for number, plan in enumerate(plans):
        _unlabelled(root, plan, number % 6)
        _action_units(root, plan, misspelt=number == 0)
    first, second = plans[:2]
    _outlast_label(root, first, 1)
    _outlast_frames(root, second, 2)
    _truncate(_frame(root, first, 3, first.frames[3]))
    fork = root / "__MACOSX" / "cohn-kanade-images" / first.folder(0) / f"._{_frame(root, first, 0, 1).name}"
    fork.parent.mkdir(parents=True)
    fork.write_bytes(b"\0\5\26\7")
    (root / "cohn-kanade-images" / ".DS_Store").write_bytes(_STORE)


def _frame(root: Path, plan: Plan, place: int, number: int) -> Path:
    return root / "cohn-kanade-images" / plan.folder(place) / f"{plan.stem(place)}_{number:08d}.png"


def _label(root: Path, plan: Plan, place: int, number: int) -> Path:
    return root / "Emotion" / plan.folder(place) / f"{plan.stem(place)}_{number:08d}_emotion.txt"


def _unlabelled(root: Path, plan: Plan, way: int) -> None:
    """Give some subjects a sequence without label, in the three ways in which CK+ has them."""
    if way > 2:
        return
    session = max(plan.sessions) + 1
    images = root / "cohn-kanade-images" / plan.name / f"{session:03d}"
    images.mkdir(parents=True)
    for number in range(1, _LEAST_FRAMES + 1):
        shutil.copyfile(_frame(root, plan, 0, 1), images / f"{plan.name}_{session:03d}_{number:08d}.png")
    labels = root / "Emotion" / plan.name / f"{session:03d}"
    if way < 2:  # an empty label folder, or one that only looks empty; else none at all
        labels.mkdir(parents=True)
    if way == 1:
        (labels / ".DS_Store").write_bytes(_STORE)


def _action_units(root: Path, plan: Plan, *, misspelt: bool) -> None:
    """Write FACS files of a subject: a line a unit, intensity 0, which is present and not graded."""
    for place, frames in enumerate(plan.frames):
        code = int(float(_label(root, plan, place, frames).read_text(encoding="ascii")))
        stem = plan.stem(place)
        if misspelt and place == 0:  # four digits, as in an example of the distribution's ReadMe
            stem = f"S0{stem[1:]}"
        path = root / "FACS" / plan.folder(place) / f"{stem}_{frames:08d}_facs.txt"
        path.parent.mkdir(parents=True)
        lines = [f"   {unit:.7e}   {0:.7e}\n" for unit in _UNITS[EXPRESSIONS[code - 1]]]
        path.write_text("".join(lines), encoding="ascii", newline="\n")


def _outlast_label(root: Path, plan: Plan, place: int) -> None:
    """Let the frames of a sequence go on after the one that its label names."""
    last = plan.frames[place]
    shutil.copyfile(_frame(root, plan, place, last), _frame(root, plan, place, last + 1))


def _outlast_frames(root: Path, plan: Plan, place: int) -> None:
    """Let the label of a sequence name a frame that is not there."""
    last = plan.frames[place]
    _label(root, plan, place, last).rename(_label(root, plan, place, last + 1))


def _truncate(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
